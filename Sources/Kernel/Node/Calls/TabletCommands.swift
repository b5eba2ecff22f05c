import Base
import Types

/// What transactions and tablets ask of tablets besides procedures.

/// Undoes what the transaction did there since a savepoint.
struct RollbackToSavepoint: TabletCommand {
  typealias Answer = Result<Bool, KernelError>
  static let name = "rollback to savepoint"
  let id: TransactionID
  let sequence: UInt32

  func run(on tablet: Tablet, reply: @escaping (Answer) -> Void) {
    tablet.rollback(id, to: sequence)
    reply(.success(true))
  }
  /// Another leader knows nothing of the transaction, which fails at its end.
  var isPersistent: Bool { false }
  var transaction: TransactionID? { id }

  init(id: TransactionID, sequence: UInt32) {
    self.id = id
    self.sequence = sequence
  }
  func encode(into out: inout WireEncoder) {
    id.encode(into: &out)
    out.bytes.varint(UInt64(sequence))
  }
  init(from reader: inout WireDecoder) throws(DecodingFault) {
    id = try TransactionID(from: &reader)
    sequence = UInt32(truncatingIfNeeded: try reader.bytes.varint())
  }
}

/// Ends the transaction's waiting there with an error; `endsIt`: and gives it up, unless it has prepared.
struct StopTransaction: TabletCommand {
  typealias Answer = Result<Bool, KernelError>
  static let name = "stop"
  let id: TransactionID
  let error: KernelError
  let endsIt: Bool

  func run(on tablet: Tablet, reply: @escaping (Answer) -> Void) {
    tablet.failWaiting(id, error)
    guard endsIt else { return reply(.success(true)) }
    tablet.resolve(id, commitTimestamp: nil) { _ in reply(.success(true)) }
  }
  /// What a lost leader had of the transaction is lost as well; of one that is out of reach for a
  /// while it is given up later (`OrphanedTransactions`).
  var isPersistent: Bool { false }

  init(id: TransactionID, error: KernelError, endsIt: Bool) {
    self.id = id
    self.error = error
    self.endsIt = endsIt
  }
  func encode(into out: inout WireEncoder) {
    id.encode(into: &out)
    error.encode(into: &out)
    endsIt.encode(into: &out)
  }
  init(from reader: inout WireDecoder) throws(DecodingFault) {
    id = try TransactionID(from: &reader)
    error = try KernelError(from: &reader)
    endsIt = try reader.bool()
  }
}

/// What the steps of a commit have in common.
struct CommitHeader: WireCodable {
  var id: TransactionID
  var isolation: IsolationLevel
  var snapshot: Timestamp
  var terms: [LeaderTerm]

  init(id: TransactionID, isolation: IsolationLevel, snapshot: Timestamp, terms: [LeaderTerm]) {
    self.id = id
    self.isolation = isolation
    self.snapshot = snapshot
    self.terms = terms
  }
  func encode(into out: inout WireEncoder) {
    id.encode(into: &out)
    isolation.encode(into: &out)
    snapshot.encode(into: &out)
    terms.encode(into: &out)
  }
  init(from reader: inout WireDecoder) throws(DecodingFault) {
    id = try TransactionID(from: &reader)
    isolation = try IsolationLevel(from: &reader)
    snapshot = try Timestamp(from: &reader)
    terms = try [LeaderTerm](from: &reader)
  }
}

/// Commits a transaction that has touched this tablet alone.
struct CommitAlone: TabletCommand {
  typealias Answer = Tablet.Outcome
  static let name = "commit"
  let header: CommitHeader

  func run(on tablet: Tablet, reply: @escaping (Answer) -> Void) {
    if let error = tablet.checkTerm(header.terms) { return reply(.failure(error)) }
    tablet.commitOnly(
      header.id, isolation: header.isolation, snapshot: header.snapshot, reply: reply)
  }
  var errorWhenLost: KernelError { .unknownOutcome }
  var transaction: TransactionID? { header.id }

  init(header: CommitHeader) { self.header = header }
  func encode(into out: inout WireEncoder) { header.encode(into: &out) }
  init(from reader: inout WireDecoder) throws(DecodingFault) {
    header = try CommitHeader(from: &reader)
  }
}

/// Asks for the promise to commit when told so.
struct Prepare: TabletCommand {
  typealias Answer = Result<Promise, KernelError>
  static let name = "prepare"
  let header: CommitHeader
  let decider: TabletID

  func run(on tablet: Tablet, reply: @escaping (Answer) -> Void) {
    if let error = tablet.checkTerm(header.terms) { return reply(.failure(error)) }
    reply(
      tablet.prepare(
        header.id, decider: decider, isolation: header.isolation, snapshot: header.snapshot))
  }
  var transaction: TransactionID? { header.id }

  init(header: CommitHeader, decider: TabletID) {
    self.header = header
    self.decider = decider
  }
  func encode(into out: inout WireEncoder) {
    header.encode(into: &out)
    decider.encode(into: &out)
  }
  init(from reader: inout WireDecoder) throws(DecodingFault) {
    header = try CommitHeader(from: &reader)
    decider = try TabletID(from: &reader)
  }
}

/// Decides to commit; all others have promised.
struct Decide: TabletCommand {
  typealias Answer = Tablet.Outcome
  static let name = "decide"
  let header: CommitHeader
  let participants: [Participant]
  let floor: Timestamp

  func run(on tablet: Tablet, reply: @escaping (Answer) -> Void) {
    if let error = tablet.checkTerm(header.terms) { return reply(.failure(error)) }
    tablet.decide(
      header.id, participants: participants, floor: floor, isolation: header.isolation,
      snapshot: header.snapshot, reply: reply)
  }
  var errorWhenLost: KernelError { .unknownOutcome }
  var transaction: TransactionID? { header.id }

  init(header: CommitHeader, participants: [Participant], floor: Timestamp) {
    self.header = header
    self.participants = participants
    self.floor = floor
  }
  func encode(into out: inout WireEncoder) {
    header.encode(into: &out)
    participants.encode(into: &out)
    floor.encode(into: &out)
  }
  init(from reader: inout WireDecoder) throws(DecodingFault) {
    header = try CommitHeader(from: &reader)
    participants = try [Participant](from: &reader)
    floor = try Timestamp(from: &reader)
  }
}

/// Whether a prepare record is in the tablet's log for good.
struct Confirm: TabletCommand {
  typealias Answer = Result<Bool, KernelError>
  static let name = "confirm"
  let place: LogPlace

  func run(on tablet: Tablet, reply: @escaping (Answer) -> Void) {
    tablet.confirm(place, reply: reply)
  }
  var isIdempotent: Bool { true }

  init(place: LogPlace) { self.place = place }
  func encode(into out: inout WireEncoder) { place.encode(into: &out) }
  init(from reader: inout WireDecoder) throws(DecodingFault) {
    place = try LogPlace(from: &reader)
  }
}

/// Tells a participant of the commit.
struct ResolveCommitted: TabletCommand {
  typealias Answer = Tablet.Outcome
  static let name = "resolve"
  let id: TransactionID
  let timestamp: Timestamp

  func run(on tablet: Tablet, reply: @escaping (Answer) -> Void) {
    tablet.whenServing { [self] refusal in
      if let refusal { return reply(.failure(refusal)) }
      tablet.resolve(id, commitTimestamp: timestamp, reply: reply)
    }
  }
  var isIdempotent: Bool { true }

  init(id: TransactionID, timestamp: Timestamp) {
    self.id = id
    self.timestamp = timestamp
  }
  func encode(into out: inout WireEncoder) {
    id.encode(into: &out)
    timestamp.encode(into: &out)
  }
  init(from reader: inout WireDecoder) throws(DecodingFault) {
    id = try TransactionID(from: &reader)
    timestamp = try Timestamp(from: &reader)
  }
}

/// Asks the decider how a transaction ended.
struct AskOutcome: TabletCommand {
  typealias Answer = Result<Timestamp?, KernelError>
  static let name = "outcome"
  let id: TransactionID

  func run(on tablet: Tablet, reply: @escaping (Answer) -> Void) {
    tablet.outcome(of: id, reply: reply)
  }
  var isIdempotent: Bool { true }

  init(id: TransactionID) { self.id = id }
  func encode(into out: inout WireEncoder) { id.encode(into: &out) }
  init(from reader: inout WireDecoder) throws(DecodingFault) {
    id = try TransactionID(from: &reader)
  }
}

/// Removes all rows of keyspaces.
struct DropKeyspaces: TabletCommand {
  typealias Answer = Result<Bool, KernelError>
  static let name = "drop keyspaces"
  let spaces: [KeyspaceID]

  func run(on tablet: Tablet, reply: @escaping (Answer) -> Void) {
    tablet.whenServing { [self] refusal in
      if let refusal { return reply(.failure(refusal)) }
      switch tablet.append(.dropSpaces(spaces)) {
      case .failure(let error): reply(.failure(error))
      case .success(let index):
        tablet.replication.whenCommitted(index) { reply($0.failed() ?? .success(true)) }
      }
    }
  }
  var isIdempotent: Bool { true }

  init(spaces: [KeyspaceID]) { self.spaces = spaces }
  func encode(into out: inout WireEncoder) { spaces.encode(into: &out) }
  init(from reader: inout WireDecoder) throws(DecodingFault) {
    spaces = try [KeyspaceID](from: &reader)
  }
}

extension Tablet {
  /// Runs `body` when this replica serves, or with why it does not: another one leads, or its log has
  /// failed.
  func whenServing(_ body: @escaping (_ refusal: KernelError?) -> Void) {
    if let failure = replication.failure { return body(failure) }
    if replication.isReadable { return body(nil) }
    replication.whenReadable { body($0 ? nil : .leaderChanged) }
  }
}
