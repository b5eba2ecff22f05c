public import Base
public import Catalog
import Reactor
import Types

/// A sequence's value; `isCalled` false: it is the next one to be given, else the last given.
public struct SequenceState: Sendable, Equatable {
  public var value: Int64
  public var isCalled: Bool
  public init(value: Int64, isCalled: Bool) {
    self.value = value
    self.isCalled = isCalled
  }
}

/// Hands out numbers on the shard that hosts the sequence's tablet. The row in the store is ahead of
/// what was given out by up to `Sequences.reserved` numbers, so that most calls need no log entry; a
/// restart skips the rest, as PostgreSQL does after a crash. Never part of a transaction.
/// Lives on: the tablet's shard.
struct Sequences {
  static let reserved = 32
  static let space = KeyspaceID(rawValue: 4)

  struct Block {
    var next: Int64
    var left: Int
  }
  /// By the sequence's generation, which is new after each restart of the sequence.
  var blocks: [Int64: Block] = [:]
  /// Calls that wait for a reservation under way.
  var waiting: [Int64: [(Result<Block, KernelError>) -> Void]] = [:]
  private var terms: [TabletID: Term] = [:]

  /// Another leader may have given out numbers since this shard led last.
  mutating func begin(_ term: Term, _ tablet: TabletID) {
    if terms[tablet] == term { return }
    terms[tablet] = term
    blocks = [:]
  }
}

extension NodeShard {
  /// The sequence's next number. 2200H at its end.
  public func nextValue(of sequence: SequenceDescriptor) async throws(KernelError) -> Int64 {
    try await ask(sequence, .next).value
  }

  /// setval. The number must be within the sequence's bounds.
  public func setValue(of sequence: SequenceDescriptor, _ state: SequenceState)
    async throws(KernelError)
  {
    _ = try await ask(sequence, .set(state))
  }

  /// What was given out last.
  public func state(of sequence: SequenceDescriptor) async throws(KernelError) -> SequenceState {
    try await ask(sequence, .state)
  }

  /// Deletes the values of sequences that are gone. What a crash leaves is never read again.
  public func forget(_ sequences: [SequenceDescriptor]) async throws(KernelError) {
    for sequence in sequences {
      let step = ForgetSequence(key: sequence.key)
      let transaction = begin(isolation: .readCommitted)
      _ = try await transaction.callAndCommit(step, bucket: sequence.bucket)
    }
  }

  private func ask(_ sequence: SequenceDescriptor, _ step: SequenceCommand.Step)
    async throws(KernelError) -> SequenceState
  {
    let deadline = reactor.monotonicNanoseconds() + Routing.patienceNanoseconds
    while true {
      let reply = Reply<Result<SequenceState, KernelError>>()
      ask(tablet(of: sequence.bucket), SequenceCommand(sequence: sequence, step: step)) {
        reply.fulfill($0)
      }
      let result = await reply.get()
      guard case .failure(.tabletSplit) = result, reactor.monotonicNanoseconds() < deadline else {
        return try result.get()
      }
      await reactor.sleep(milliseconds: Routing.retryMilliseconds)
    }
  }

  fileprivate func carryOut(
    _ command: SequenceCommand, term: Term,
    _ done: @escaping (Result<SequenceState, KernelError>) -> Void
  ) {
    sequences.begin(term, tablet(of: command.sequence.bucket))
    let sequence = command.sequence
    switch command.step {
    case .next:
      takeNext(sequence) { done($0.map { SequenceState(value: $0, isCalled: true) }) }
    case .set(let state):
      sequences.blocks[sequence.generation] = nil
      run(SetSequence(key: sequence.key, state: state), sequence, done)
    case .state:
      if let block = sequences.blocks[sequence.generation] {
        return done(.success(SequenceState(value: block.next - sequence.increment, isCalled: true)))
      }
      run(ReadSequence(key: sequence.key), sequence) {
        done($0.map { $0 ?? SequenceState(value: sequence.start, isCalled: false) })
      }
    }
  }

  private func run<P: Procedure>(
    _ procedure: P, _ sequence: SequenceDescriptor,
    _ done: @escaping (Result<P.Output, KernelError>) -> Void
  ) {
    reactor.spawn { [self] in
      let transaction = begin(isolation: .readCommitted)
      do throws(KernelError) {
        done(.success(try await transaction.callAndCommit(procedure, bucket: sequence.bucket)))
      } catch {
        done(.failure(error))
      }
    }
  }

  private func takeNext(
    _ sequence: SequenceDescriptor, _ done: @escaping (Result<Int64, KernelError>) -> Void
  ) {
    if var block = sequences.blocks[sequence.generation], block.left > 0 {
      let value = block.next
      block.left -= 1
      block.next = value &+ sequence.increment
      sequences.blocks[sequence.generation] = block
      return done(.success(value))
    }
    let retry: (Result<Sequences.Block, KernelError>) -> Void = { [self] result in
      switch result {
      case .success: takeNext(sequence, done)
      case .failure(let error): done(.failure(error))
      }
    }
    if sequences.waiting[sequence.generation] != nil {
      sequences.waiting[sequence.generation]?.append(retry)
      return
    }
    sequences.waiting[sequence.generation] = [retry]
    run(ReserveSequence(sequence: sequence), sequence) { [self] result in
      if case .success(let block) = result { sequences.blocks[sequence.generation] = block }
      for waiter in sequences.waiting.removeValue(forKey: sequence.generation) ?? [] {
        waiter(result)
      }
    }
  }
}

/// One step with a sequence, at the leader of its tablet, which has the numbers at hand.
struct SequenceCommand: TabletCommand {
  typealias Answer = Result<SequenceState, KernelError>
  static let name = "sequence"
  enum Step: Sendable {
    case next, state
    case set(SequenceState)
  }
  let sequence: SequenceDescriptor
  let step: Step

  func run(on tablet: Tablet, reply: @escaping (Answer) -> Void) {
    tablet.whenServing { [self] refusal in
      if let refusal { return reply(.failure(refusal)) }
      // The numbers at hand are of whichever tablet has the row.
      guard
        tablet.shard.place(of: sequence.bucket)
          == TabletPlace(tablet: tablet.id, since: tablet.since)
      else { return reply(.failure(.tabletSplit)) }
      tablet.shard.carryOut(self, term: tablet.replication.term, reply)
    }
  }
  /// A number that was taken and not heard of is a gap, as after a rollback.
  var isIdempotent: Bool { true }

  init(sequence: SequenceDescriptor, step: Step) {
    self.sequence = sequence
    self.step = step
  }
  func encode(into out: inout WireEncoder) {
    sequence.encode(into: &out)
    switch step {
    case .next: UInt8(0).encode(into: &out)
    case .state: UInt8(1).encode(into: &out)
    case .set(let state):
      UInt8(2).encode(into: &out)
      state.encode(into: &out)
    }
  }
  init(from reader: inout WireDecoder) throws(DecodingFault) {
    sequence = try SequenceDescriptor(from: &reader)
    switch try UInt8(from: &reader) {
    case 0: step = .next
    case 1: step = .state
    case 2: step = .set(try SequenceState(from: &reader))
    case let other: throw .malformed("sequence step \(other)")
    }
  }
}

extension SequenceDescriptor {
  /// Where its value is.
  var bucket: Bucket { Bucket(slot: UInt16(id.rawValue % UInt32(Bucket.count))) }
  var key: [UInt8] { withUnsafeBytes(of: generation.bigEndian) { Array($0) } }
}

/// The stored form: the number, then whether it was given.
enum SequenceRow {
  static func encode(_ state: SequenceState) -> [UInt8] {
    withUnsafeBytes(of: state.value.bigEndian) { Array($0) } + [state.isCalled ? 1 : 0]
  }

  static func decode(_ bytes: [UInt8]) -> SequenceState {
    let raw = bytes.withUnsafeBytes { $0.loadUnaligned(as: Int64.self) }
    return SequenceState(value: Int64(bigEndian: raw), isCalled: bytes[8] != 0)
  }
}

/// Procedures whose only argument is a sequence's key.
protocol SequenceKeyed: WireCodable {
  var key: [UInt8] { get }
  init(key: [UInt8])
}

extension SequenceKeyed {
  func encode(into out: inout WireEncoder) { out.bytes.blob(key) }
  init(from reader: inout WireDecoder) throws(DecodingFault) {
    self.init(key: try reader.bytes.blob())
  }
}

extension SequenceState: WireCodable {
  public func encode(into out: inout WireEncoder) {
    value.encode(into: &out)
    isCalled.encode(into: &out)
  }
  public init(from reader: inout WireDecoder) throws(DecodingFault) {
    self.init(value: try Int64(from: &reader), isCalled: try reader.bool())
  }
}

extension Sequences.Block: WireCodable {
  func encode(into out: inout WireEncoder) {
    next.encode(into: &out)
    left.encode(into: &out)
  }
  init(from reader: inout WireDecoder) throws(DecodingFault) {
    next = try Int64(from: &reader)
    left = try Int(from: &reader)
  }
}

struct ReadSequence: Procedure, SequenceKeyed {
  static let name = "sequence.read"
  let key: [UInt8]

  func run(_ transaction: TabletTransaction) throws(ProcedureError) -> SequenceState? {
    try transaction.latest(Sequences.space, key).map(SequenceRow.decode)
  }
}

struct SetSequence: Procedure {
  static let name = "sequence.set"
  let key: [UInt8]
  let state: SequenceState

  init(key: [UInt8], state: SequenceState) {
    self.key = key
    self.state = state
  }
  func encode(into out: inout WireEncoder) {
    out.bytes.blob(key)
    state.encode(into: &out)
  }
  init(from reader: inout WireDecoder) throws(DecodingFault) {
    key = try reader.bytes.blob()
    state = try SequenceState(from: &reader)
  }

  func run(_ transaction: TabletTransaction) throws(ProcedureError) -> SequenceState {
    try transaction.putLatest(Sequences.space, key, SequenceRow.encode(state))
    return state
  }
}

struct ForgetSequence: Procedure, SequenceKeyed {
  static let name = "sequence.forget"
  let key: [UInt8]

  func run(_ transaction: TabletTransaction) throws(ProcedureError) -> Bool {
    try transaction.deleteLatest(Sequences.space, key)
    return true
  }
}

struct ReserveSequence: Procedure {
  static let name = "sequence.reserve"
  let sequence: SequenceDescriptor

  init(sequence: SequenceDescriptor) { self.sequence = sequence }
  func encode(into out: inout WireEncoder) { sequence.encode(into: &out) }
  init(from reader: inout WireDecoder) throws(DecodingFault) {
    sequence = try SequenceDescriptor(from: &reader)
  }

  func run(_ transaction: TabletTransaction) throws(ProcedureError) -> Sequences.Block {
    let stored =
      try transaction.latest(Sequences.space, sequence.key).map(SequenceRow.decode)
      ?? SequenceState(value: sequence.start, isCalled: false)
    var first = stored.value
    if stored.isCalled {
      guard let following = step(stored.value) else {
        if !sequence.cycles { throw .user(exhausted) }
        first = sequence.increment > 0 ? sequence.minimum : sequence.maximum
        return try keep(Sequences.Block(next: first, left: 1), last: first, transaction)
      }
      first = following
    }
    var last = first
    var count = 1
    while count < Sequences.reserved, let following = step(last) {
      last = following
      count += 1
    }
    return try keep(Sequences.Block(next: first, left: count), last: last, transaction)
  }

  private func keep(_ block: Sequences.Block, last: Int64, _ transaction: TabletTransaction)
    throws(ProcedureError) -> Sequences.Block
  {
    try transaction.putLatest(
      Sequences.space, sequence.key,
      SequenceRow.encode(SequenceState(value: last, isCalled: true)))
    return block
  }

  private func step(_ value: Int64) -> Int64? {
    let (next, overflows) = value.addingReportingOverflow(sequence.increment)
    if overflows || next > sequence.maximum || next < sequence.minimum { return nil }
    return next
  }

  private var exhausted: SQLError {
    let isUp = sequence.increment > 0
    return SQLError(
      "2200H",
      "nextval: reached \(isUp ? "maximum" : "minimum") value of sequence \"\(sequence.name)\" (\(isUp ? sequence.maximum : sequence.minimum))"
    )
  }
}
