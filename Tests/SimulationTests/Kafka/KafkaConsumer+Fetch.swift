import Base
import Reactor
import Types

@testable import KafkaRead

/// Records, by sessions of fetches: by name in the classic protocol, by the topic's id in the new one. Half of the
/// consumers read only what is committed, which is all that there is.
extension KafkaConsumer {
  private struct Page {
    var partition: Int32
    var error: KafkaError
    var highWatermark: Int64
    var lastStable: Int64
    var records: [KafkaSighting]
  }
  private struct Answer {
    var error: KafkaError
    var session: Int32
    var pages: [Page]
  }

  private var version: Int16 { isNew ? 16 : 11 }

  /// The leader has changed, or is not known yet where the client asked: it looks again. False: it is another
  /// error.
  func isStale(_ error: KafkaError) -> Bool {
    switch error {
    case .notLeaderOrFollower, .leaderNotAvailable, .fencedLeaderEpoch, .unknownLeaderEpoch,
      .unknownTopicOrPartition, .unknownTopicID:
      client.forgetLeaders()
      return true
    // A node whose disk fails to read, or is full.
    case .unknownServerError: return work.hasBrokenDisks
    default: return false
    }
  }

  func poll() async {
    guard let metadata = await client.metadata() else { return }
    var wanted: [Int32: [Int32: KafkaFetches.Wish]] = [:]
    for (partition, position) in positions {
      guard let position else { continue }
      guard let leader = metadata.leaders[partition] else {
        client.forgetLeaders()
        continue
      }
      wanted[leader.node, default: [:]][partition] = KafkaFetches.Wish(
        epoch: leader.epoch, offset: position)
    }
    for node in wanted.keys.sorted() {
      if ends || !isMember { return }
      guard let place = metadata.nodes[node],
        let connection = await client.connection(to: place, for: .records)
      else {
        client.forgetLeaders()
        continue
      }
      await fetch(wanted[node] ?? [:], metadata.topic, connection)
    }
  }

  private func fetch(
    _ wanted: [Int32: KafkaFetches.Wish], _ topic: UUIDValue, _ connection: KafkaConnection
  ) async {
    guard let answer = await ask(wanted, topic, connection) else { return client.forgetLeaders() }
    switch answer.error {
    case .none: connection.fetches.answered(answer.session, wanted)
    case .fetchSessionIDNotFound, .invalidFetchSessionEpoch: return connection.fetches.reset()
    default: return fault("Fetch: \(answer.error)")
    }
    for page in answer.pages {
      guard let wish = wanted[page.partition] else {
        fault("Fetch: nobody asked for partition \(page.partition)")
        continue
      }
      take(page, wish)
    }
  }

  private func take(_ page: Page, _ wish: KafkaFetches.Wish) {
    guard page.error == .none else {
      if !isStale(page.error) {
        fault("Fetch of \(page.partition)/\(wish.offset): \(page.error), \(page.highWatermark)")
      }
      return
    }
    if page.lastStable != page.highWatermark {
      fault("Fetch of \(page.partition): \(page.lastStable) of \(page.highWatermark) is stable")
    }
    guard case .some(.some(wish.offset)) = positions[page.partition] else { return }
    var position = wish.offset
    for record in page.records {
      if record.offset != position {
        return fault("Fetch of \(page.partition)/\(wish.offset): \(record.offset) for \(position)")
      }
      if record.offset >= page.highWatermark {
        return fault("Fetch of \(page.partition): \(record.offset) of \(page.highWatermark)")
      }
      work.history.see(group, page.partition, record)
      position += 1
    }
    positions[page.partition] = .some(position)
  }

  // MARK: The request

  private func ask(
    _ wanted: [Int32: KafkaFetches.Wish], _ topic: UUIDValue, _ connection: KafkaConnection
  ) async -> Answer? {
    let news = connection.fetches.news(wanted)
    let wait = [0, 20, 100][draw(0...2)]
    let bytesMax = [100, 1_000, 1 << 20][draw(0...2)]
    let version = version
    func named<Item>(
      _ items: [Item], _ out: inout MessageWriter, _ write: (Item, inout MessageWriter) -> Void
    ) {
      out.array(items.isEmpty ? [] : [items]) { items, out in
        if version >= 13 { out.uuid(topic) } else { out.string(KafkaWork.topic) }
        out.array(items, write)
        out.tags()
      }
    }
    return await connection.ask(.fetch, version) { out in
      if version <= 14 { out.int32(-1) }
      out.int32(Int32(wait))
      out.int32(1)
      out.int32(1 << 20)
      out.int8(Int8(number % 2))
      out.int32(connection.fetches.id)
      out.int32(connection.fetches.epoch)
      named(news.changed, &out) { partition, out in
        out.int32(partition)
        out.int32(wanted[partition]?.epoch ?? -1)
        out.int64(wanted[partition]?.offset ?? 0)
        if version >= 12 { out.int32(-1) }
        out.int64(-1)
        out.int32(Int32(bytesMax))
        out.tags()
      }
      named(news.forgotten, &out) { $1.int32($0) }
      out.string("")
    } _: { (reader) throws(MessageFault) in
      _ = try reader.int32()
      let error = try reader.error()
      let session = try reader.int32()
      let topics = try reader.array { (reader) throws(MessageFault) in
        if version >= 13 { _ = try reader.uuid() } else { _ = try reader.string() }
        let pages = try reader.array { (reader) throws(MessageFault) in try Self.page(&reader) }
        try reader.tags()
        return pages
      }
      return Answer(error: error, session: session, pages: topics.flatMap { $0 })
    }
  }

  private static func page(_ reader: inout MessageReader) throws(MessageFault) -> Page {
    let partition = try reader.int32()
    let error = try reader.error()
    let ends = (try reader.int64(), try reader.int64(), try reader.int64())
    guard try reader.int32s().isEmpty else { throw .malformed("aborted transactions") }
    _ = try reader.int32()
    let records = try KafkaBatches.records(try reader.data())
    try reader.tags()
    return Page(
      partition: partition, error: error, highWatermark: ends.0, lastStable: ends.1,
      records: records)
  }
}
