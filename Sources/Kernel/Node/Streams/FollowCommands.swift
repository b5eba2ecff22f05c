import Base
import Catalog
import Raft
import Reactor
import Storage
import WAL

/// What is asked of the leader of a partition's tablet.
struct ReadStream: TabletCommand {
  typealias Answer = Result<StreamAnswer, KernelError>
  static let name = "stream.read"

  enum Wish: Sendable, Equatable {
    case position
    /// Records from the offset on; waits for one at the end.
    case records(from: Int64, maxBytes: Int, waitMilliseconds: Int)
    case time(Timestamp)
    case term(Term)
  }
  let table: ObjectID
  let partition: Int
  let wish: Wish
  /// Since when the tablet has its buckets, as the caller knows; nil: what it had before a split is asked.
  let since: Timestamp?
  /// Any replica answers, with what it has: records once made never change.
  var isOfAny = false

  /// Longer waits are asked for again.
  static let waitMillisecondsMax = 4_000
  static let bytesMax = 16 << 20

  func run(on tablet: Tablet, reply: @escaping (Answer) -> Void) {
    if isOfAny { return tablet.serve(self, reply) }
    tablet.whenServing { [self] refusal in
      if let refusal { return reply(.failure(refusal)) }
      if let since, since != tablet.since { return reply(.failure(.tabletSplit)) }
      guard case .position = wish else { return tablet.serve(self, reply) }
      tablet.whenAllApplied { tablet.serve(self, reply) }
    }
  }
  var isIdempotent: Bool { true }

  init(
    table: ObjectID, partition: Int, wish: Wish, since: Timestamp?, isOfAny: Bool = false
  ) {
    self.isOfAny = isOfAny
    self.table = table
    self.partition = partition
    self.wish = wish
    self.since = since
  }

  func encode(into out: inout WireEncoder) {
    table.encode(into: &out)
    partition.encode(into: &out)
    since.encode(into: &out)
    isOfAny.encode(into: &out)
    switch wish {
    case .position: out.bytes.integer(UInt8(1))
    case .records(let start, let maxBytes, let milliseconds):
      out.bytes.integer(UInt8(2))
      start.encode(into: &out)
      maxBytes.encode(into: &out)
      milliseconds.encode(into: &out)
    case .time(let timestamp):
      out.bytes.integer(UInt8(3))
      timestamp.encode(into: &out)
    case .term(let term):
      out.bytes.integer(UInt8(4))
      term.encode(into: &out)
    }
  }
  init(from reader: inout WireDecoder) throws(DecodingFault) {
    table = try ObjectID(from: &reader)
    partition = try Int(from: &reader)
    guard (0..<Bucket.count).contains(partition) else { throw .malformed("partition \(partition)") }
    since = try Optional(from: &reader)
    isOfAny = try reader.bool()
    let kind: UInt8 = try reader.bytes.integer()
    switch kind {
    case 1: wish = .position
    case 2:
      let start = try Int64(from: &reader)
      let maxBytes = try Int(from: &reader)
      let wait = try Int(from: &reader)
      guard maxBytes <= Self.bytesMax, wait <= Self.waitMillisecondsMax else {
        throw .malformed("\(maxBytes) bytes, \(wait) ms")
      }
      wish = .records(from: start, maxBytes: maxBytes, waitMilliseconds: wait)
    case 3: wish = .time(try Timestamp(from: &reader))
    case 4: wish = .term(try Term(from: &reader))
    default: throw .malformed("a wish of a stream \(kind)")
    }
  }
}

/// What the leader of a partition's tablet says.
struct StreamAnswer: Sendable, Equatable {
  var position: StreamPosition
  var records = ChangeRecords()
  /// Of `time` and `term`.
  var found: (Int64, UInt64)?
  /// What is before `earliest` another tablet has, from which this one came by a split.
  var parent: TabletID?
  /// This replica came by a snapshot: who may have what is before `earliest`, sorted.
  var elders: [NodeID] = []
  /// There are records where this one asked, but none of them is here.
  var isOutOfRange = false

  static func == (a: StreamAnswer, b: StreamAnswer) -> Bool {
    a.position == b.position && a.records == b.records && a.found?.0 == b.found?.0
      && a.found?.1 == b.found?.1 && a.parent == b.parent && a.elders == b.elders
      && a.isOutOfRange == b.isOutOfRange
  }
}

extension StreamAnswer: WireCodable {
  func encode(into out: inout WireEncoder) {
    position.earliest.encode(into: &out)
    position.next.encode(into: &out)
    position.term.encode(into: &out)
    records.encode(into: &out)
    out.optional(found) {
      $0.0.encode(into: &$1)
      $0.1.encode(into: &$1)
    }
    parent.encode(into: &out)
    out.list(elders) { $0.encode(into: &$1) }
    isOutOfRange.encode(into: &out)
  }
  init(from reader: inout WireDecoder) throws(DecodingFault) {
    position = StreamPosition(
      earliest: try Int64(from: &reader), next: try Int64(from: &reader),
      term: try Term(from: &reader))
    records = try ChangeRecords(from: &reader)
    found = try reader.optional { (reader) throws(DecodingFault) in
      (try Int64(from: &reader), try UInt64(from: &reader))
    }
    parent = try Optional(from: &reader)
    elders = try reader.list { (reader) throws(DecodingFault) in try NodeID(from: &reader) }
    isOutOfRange = try reader.bool()
  }
}

// MARK: - At the tablet

extension Tablet {
  private static let endMilliseconds = 2_000
  private static let endPollMilliseconds = 2

  /// Runs `body` when the records of all transactions that had been acknowledged before are there: one over
  /// several tablets is acknowledged when its decision counts, and ends on the others a little later. It
  /// does not wait long for one whose decision cannot be had.
  func whenAllApplied(_ body: @escaping () -> Void) {
    let prepared = open.values.filter { $0.prepared != nil }.map(\.id)
    let deadline =
      shard.reactor.monotonicNanoseconds() + UInt64(Self.endMilliseconds) * 1_000_000
    whenEnded(prepared, deadline, body)
  }

  private func whenEnded(
    _ prepared: [TransactionID], _ deadline: UInt64, _ body: @escaping () -> Void
  ) {
    let left = prepared.filter { open[$0]?.prepared != nil }
    if left.isEmpty || shard.reactor.monotonicNanoseconds() >= deadline {
      return replication.whenCommitted(replication.lastIndex) { _ in body() }
    }
    shard.reactor.after(milliseconds: Self.endPollMilliseconds) { [self] in
      whenEnded(left, deadline, body)
    }
  }

  /// This replica leads.
  func serve(_ request: ReadStream, _ reply: @escaping (ReadStream.Answer) -> Void) {
    let key = StreamKey(table: request.table, partition: UInt16(request.partition))
    // Of a partition that has had no record nothing is known.
    guard let stream = changes[key] else {
      guard case .records(let start, _, let wait) = request.wish else {
        return reply(.success(StreamAnswer(position: position(of: nil))))
      }
      if start == 0, wait > 0 {
        return follow(changes.stream(key), request, wait, reply)
      }
      return reply(
        .success(StreamAnswer(position: position(of: nil), isOutOfRange: start != 0)))
    }
    guard case .records(let start, _, let wait) = request.wish else {
      return read(stream, request, reply)
    }
    if start < stream.earliest || start > stream.next {
      return reply(.success(answer(stream, isOutOfRange: true)))
    }
    if start == stream.next && wait > 0 { return follow(stream, request, wait, reply) }
    read(stream, request, reply)
  }

  private func position(of stream: PartitionStream?) -> StreamPosition {
    StreamPosition(
      earliest: stream?.earliest ?? 0, next: stream?.next ?? 0, term: replication.term)
  }

  private func answer(_ stream: PartitionStream, isOutOfRange: Bool = false) -> StreamAnswer {
    var answer = StreamAnswer(position: position(of: stream), isOutOfRange: isOutOfRange)
    guard stream.hasAllSinceItBegan else { return answer }
    let origin = ChangeStreams.origin(of: stream.key, in: store)
    if let origin, origin.next == stream.base {
      answer.parent = origin.parent
    } else if !stream.isHistoryWhole {
      answer.elders = others
    }
    return answer
  }

  /// The other nodes of the group, sorted: those that are expelled never come again.
  var others: [NodeID] {
    let expelled = Set(shard.catalog.nodes.filter { $0.state == .expelled }.map(\.node))
    return Set(replication.core.configuration.everyone.map(\.node))
      .subtracting(expelled).subtracting([shard.nodeID]).sorted()
  }

  /// This replica came by a snapshot, and what was before that has not come after it.
  func isLate(_ stream: PartitionStream) -> Bool {
    stream.hasAllSinceItBegan
      && ChangeStreams.origin(of: stream.key, in: store)?.next != stream.base
  }

  /// Answers with records when there are some, or else when the time is up.
  private func follow(
    _ stream: PartitionStream, _ request: ReadStream, _ milliseconds: Int,
    _ reply: @escaping (ReadStream.Answer) -> Void
  ) {
    var timer: TimerToken?
    let token = stream.follow { [self] in
      timer.map { shard.reactor.cancel($0) }
      guard replication.isServing else { return reply(.failure(.leaderChanged)) }
      read(stream, request, reply)
    }
    timer = shard.reactor.after(milliseconds: milliseconds) { [self] in
      stream.leave(token)
      reply(.success(answer(stream)))
    }
  }

  private func read(
    _ stream: PartitionStream, _ request: ReadStream,
    _ reply: @escaping (ReadStream.Answer) -> Void
  ) {
    shard.reactor.spawn { [self] in
      var answer = answer(stream)
      do throws(WALError) {
        switch request.wish {
        case .position: break
        case .records(let start, let maxBytes, _):
          answer.records = try await stream.read(from: start, maxBytes: maxBytes)
        case .time(let timestamp):
          answer.found = try await stream.first(at: timestamp).map {
            ($0.offset, $0.timestamp.rawValue)
          }
        case .term(let term):
          answer.found = try await stream.end(upTo: term).map { ($0.end, $0.term.rawValue) }
        }
        answer.position = position(of: stream)
        if case .records(let start, _, _) = request.wish, start < stream.earliest,
          answer.records.firstOffset != start
        {
          // They have gone meanwhile.
          answer.records = ChangeRecords()
          answer.isOutOfRange = true
        }
        reply(.success(answer))
      } catch {
        reply(.failure(.storageFailed("a change stream of tablet \(id) cannot be read: \(error)")))
      }
    }
  }
}
