public import Base
import Catalog
import Reactor

/// `follow` of the kernel's four verbs: reading change streams, from any shard of any node. Whoever asks
/// checks privileges first (SELECT on the table).
extension NodeShard {
  /// The number of the table's partitions, 0 to this one less; nil where it has no change stream.
  public func streamPartitions(of table: ObjectID) -> Int? {
    catalog.table(table)?.changeStream?.partitions
  }

  /// Who leads the partition's tablet now, as far as this shard has heard: whom clients should ask. Nil
  /// where it has heard of none, or the table has no such partition.
  public func streamLeader(of table: ObjectID, partition: Int) -> NodeID? {
    guard let place = streamPlace(table, partition) else { return nil }
    return isAlone ? nodeID : leaders[place.tablet]?.node
  }

  /// Where the partition's stream begins and ends. Unavailable while a replica is away that may have records from
  /// before the leader's.
  public func streamPosition(of table: ObjectID, partition: Int) async throws(FollowError)
    -> StreamPosition
  {
    try await answer(table, partition, .position, history: { _ in true }).position
  }

  /// As `streamPosition`, for those who ask where it ends: it may begin before what this says.
  public func streamHead(of table: ObjectID, partition: Int) async throws(FollowError)
    -> StreamPosition
  {
    try await answer(table, partition, .position, history: { _ in false }).position
  }

  /// Records of the partition from `offset` on, at least one where there is one, else as many as fit
  /// `maxBytes` (of keys and images). At the stream's end it waits up to `waitMilliseconds` for the next
  /// record and answers without any when none has come.
  public func follow(
    _ table: ObjectID, partition: Int, from offset: Int64, maxBytes: Int, waitMilliseconds: Int
  ) async throws(FollowError) -> ChangePage {
    let deadline =
      reactor.monotonicNanoseconds() + UInt64(max(0, waitMilliseconds)) * 1_000_000
    while true {
      let now = reactor.monotonicNanoseconds()
      let left = now < deadline ? Int((deadline - now + 999_999) / 1_000_000) : 0
      let answer = try await answer(
        table, partition,
        .records(
          from: offset, maxBytes: max(1, min(maxBytes, ReadStream.bytesMax)),
          waitMilliseconds: min(left, ReadStream.waitMillisecondsMax)),
        history: { $0.isOutOfRange && offset < $0.position.earliest })
      if answer.isOutOfRange { throw .outOfRange(answer.position) }
      if !answer.records.isEmpty || reactor.monotonicNanoseconds() >= deadline {
        return ChangePage(records: answer.records, position: answer.position)
      }
    }
  }

  /// The first kept offset whose record committed at `timestamp` or later; nil where there is none.
  public func streamOffset(of table: ObjectID, partition: Int, at timestamp: Timestamp)
    async throws(FollowError) -> (offset: Int64, timestamp: Timestamp)?
  {
    // A tablet that the partition came from has what is older.
    let answer = try await answer(
      table, partition, .time(timestamp), history: { _ in true }, isNewestBest: false)
    return answer.found.map { ($0.0, Timestamp(rawValue: $0.1)) }
  }

  /// For clients that check whether they have read what a lost leader took back (none ever does): the
  /// newest term at or below `term` that has kept records, and the offset behind its last one. Nil where
  /// all kept records are of later terms.
  public func streamEnd(of table: ObjectID, partition: Int, upTo term: Term)
    async throws(FollowError) -> (term: Term, end: Int64)?
  {
    let answer = try await answer(
      table, partition, .term(term), history: { $0.found == nil })
    return answer.found.map { (Term(rawValue: $0.1), $0.0) }
  }
}

extension NodeShard {
  /// The tablet that has the partition's buckets; nil: there is no such stream or partition.
  fileprivate func streamPlace(_ table: ObjectID, _ partition: Int) -> TabletPlace? {
    guard let found = catalog.table(table), let stream = found.changeStream,
      (0..<stream.partitions).contains(partition)
    else { return nil }
    if found.distribution == .globally { return .catalog }
    return map.place(of: stream.firstBucket(of: partition, in: found.tier))
  }

  /// Asks the partition's tablet, and, where `history` says so of its answer, who has what was before: other
  /// replicas, where its leader came by a snapshot, and the tablets that the partition came from by splits.
  /// Ends are the newest one's, beginnings the oldest one's. `isNewestBest`: what the newest one found
  /// counts, else what the oldest one did. Unavailable where somebody who may have what is asked does not answer.
  private func answer(
    _ table: ObjectID, _ partition: Int, _ wish: ReadStream.Wish,
    history: (StreamAnswer) -> Bool, isNewestBest: Bool = true
  ) async throws(FollowError) -> StreamAnswer {
    var (answer, tablet) = try await newest(table, partition, wish)
    let command = ReadStream(table: table, partition: partition, wish: wish.atOnce, since: nil)
    while history(answer) {
      var older: StreamAnswer
      if !answer.elders.isEmpty {
        guard let found = try await oldest(of: tablet, command, before: answer) else {
          return answer
        }
        older = found
      } else if let parent = answer.parent {
        tablet = parent
        older = try await ask(parent, command)
      } else {
        return answer
      }
      // What is between the two nobody has any more.
      if case .records = wish, older.records.isEmpty { older.isOutOfRange = true }
      older.position.next = answer.position.next
      older.position.term = answer.position.term
      older.position.earliest = min(answer.position.earliest, older.position.earliest)
      if older.found == nil || (isNewestBest && answer.found != nil) { older.found = answer.found }
      answer = older
    }
    return answer
  }

  /// What the tablet's other replicas have from before the leader's answer; nil: nothing.
  private func oldest(of tablet: TabletID, _ command: ReadStream, before answer: StreamAnswer)
    async throws(FollowError) -> StreamAnswer?
  {
    var command = command
    command.isOfAny = true
    var search = HistorySearch(before: answer.position.earliest)
    for node in answer.elders { search.add(await ask(node, tablet, command)) }
    return try search.result(for: command.wish)
  }

  /// Asks one replica, which need not lead.
  func ask(_ node: NodeID, _ tablet: TabletID, _ command: ReadStream) async -> ReadStream.Answer {
    let reply = Reply<ReadStream.Answer>()
    if node == nodeID {
      askHere(tablet, command) { reply.fulfill($0) }
    } else if let cluster {
      cluster.request(node, tablet, command) { outcome in
        if case .answer(let answer) = outcome {
          reply.fulfill(answer)
        } else {
          reply.fulfill(.failure(.leaderChanged))
        }
      }
    } else {
      return .failure(.leaderChanged)
    }
    return await reply.get()
  }

  private func newest(_ table: ObjectID, _ partition: Int, _ wish: ReadStream.Wish)
    async throws(FollowError) -> (StreamAnswer, TabletID)
  {
    let deadline = reactor.monotonicNanoseconds() + Routing.patienceNanoseconds
    while true {
      guard catalog.table(table)?.changeStream != nil else { throw .noStream }
      guard let place = streamPlace(table, partition) else { throw .noPartition }
      do throws(FollowError) {
        let answer = try await ask(
          place.tablet,
          ReadStream(table: table, partition: partition, wish: wish, since: place.since))
        return (answer, place.tablet)
      } catch {
        // Where the buckets are now is known a little later.
        guard case .kernel(.tabletSplit) = error, reactor.monotonicNanoseconds() < deadline else {
          throw error
        }
        await reactor.sleep(milliseconds: Routing.retryMilliseconds)
      }
    }
  }

  private func ask(_ tablet: TabletID, _ command: ReadStream) async throws(FollowError)
    -> StreamAnswer
  {
    let reply = Reply<ReadStream.Answer>()
    ask(tablet, command) { reply.fulfill($0) }
    switch await reply.get() {
    case .success(let answer): return answer
    case .failure(let error): throw .kernel(error)
    }
  }
}

extension ReadStream.Wish {
  /// What belongs to the past has nothing to wait for.
  fileprivate var atOnce: Self {
    guard case .records(let start, let maxBytes, _) = self else { return self }
    return .records(from: start, maxBytes: maxBytes, waitMilliseconds: 0)
  }
}
