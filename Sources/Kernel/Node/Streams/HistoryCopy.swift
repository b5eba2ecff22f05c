import Base
import Catalog
import Raft
import Reactor
import WAL

/// Brings a replica that came by a snapshot the records from before it, from the replica that has the oldest
/// ones: records once made never change (decision 70). Page by page into files that do not count yet; then
/// they count one by one, the newest first, so that a crash leaves no gap. Lives on: the stream's shard.
final class HistoryCopy {
  private let stream: PartitionStream
  private let shard: NodeShard
  private let node: NodeID
  private var place: Int64
  private let end: Int64
  private let epoch: Int
  private var writers: [SegmentWriter] = []

  private static let pageBytes = 1 << 20

  private enum Failure: Error {
    /// What is copied has changed, here or there: the next look begins anew.
    case overtaken
    case fault(WALError)
  }

  /// - Parameter first: the oldest record that the node has.
  init(_ stream: PartitionStream, from node: NodeID, first: Int64) {
    self.stream = stream
    self.node = node
    shard = stream.shard
    place = first
    end = stream.base
    epoch = stream.epoch
  }

  func run() async {
    do throws(Failure) {
      while place < end { try await copyPage() }
      do throws(WALError) {
        try await writers.last?.finish()
        try publish()
      } catch {
        throw .fault(error)
      }
    } catch {
      if case .fault(let fault) = error { shard.changeWriter.fault = fault }
    }
    // What counts by now is not among them.
    for writer in writers { writer.abandon() }
  }

  private var isOvertaken: Bool {
    stream.epoch != epoch || stream.base != end || !stream.hasAllSinceItBegan
  }

  private func copyPage() async throws(Failure) {
    let command = ReadStream(
      table: stream.key.table, partition: Int(stream.key.partition),
      wish: .records(from: place, maxBytes: Self.pageBytes, waitMilliseconds: 0), since: nil,
      isOfAny: true)
    guard case .success(let answer) = await shard.ask(node, stream.tablet, command),
      !isOvertaken, !answer.isOutOfRange, answer.position.next >= end
    else { throw .overtaken }
    let records = answer.records.filter { $0.offset < end }
    // Where nothing is between here and the end, it has been compacted away.
    let next =
      records.count == answer.records.count ? records.last.map { $0.offset + 1 } ?? end : end
    guard next > place, records.allSatisfy({ $0.offset >= place }) else { throw .overtaken }
    let last = writers.last?.segment
    var batch = ChangeBatch(
      first: place, newestBefore: last?.newest ?? .zero, termBefore: last?.term ?? .zero)
    for record in records { batch.add(record) }
    batch.cover(upTo: next)
    do throws(WALError) {
      try await write(batch)
    } catch {
      throw .fault(error)
    }
    place = next
  }

  private func write(_ batch: ChangeBatch) async throws(WALError) {
    if let last = writers.last, last.segment.bytes > 0,
      last.segment.bytes + batch.bytes <= shard.changeWriter.segmentBytes
    {
      return try await last.append(batch)
    }
    try await writers.last?.finish()
    let header = SegmentHeader(
      tablet: stream.tablet, key: stream.key, first: batch.first,
      newestBefore: batch.newestBefore, termBefore: batch.termBefore)
    let writer = try SegmentWriter(header, on: shard)
    writers.append(writer)
    try await writer.append(batch)
  }

  private func publish() throws(WALError) {
    while let writer = writers.last {
      guard stream.epoch == epoch, stream.hasAllSinceItBegan, writer.segment.end == stream.earliest
      else { return }
      try writer.publish()
      stream.prepend(writer.segment)
      writers.removeLast()
    }
  }
}

// MARK: - Who needs it

extension NodeShard {
  /// Looks for streams that began with a snapshot, and copies what others have of them, one after the other.
  func copyHistories() {
    guard !changeWriter.isCopying, !isAlone else { return }
    var late: [PartitionStream] = []
    for id in tabletIDs {
      let tablet = hosted(id)
      late += tablet.changes.partitions.filter { !$0.isHistoryWhole && tablet.isLate($0) }
    }
    guard !late.isEmpty else { return }
    changeWriter.isCopying = true
    reactor.spawn { [self] in
      for stream in late { await copyHistory(of: stream) }
      changeWriter.isCopying = false
    }
  }

  private func copyHistory(of stream: PartitionStream) async {
    guard let others = tablets[stream.tablet]?.others else { return }
    let command = ReadStream(
      table: stream.key.table, partition: Int(stream.key.partition), wish: .position, since: nil,
      isOfAny: true)
    let epoch = stream.epoch
    var oldest: (node: NodeID, offset: Int64)?
    var answers = 0
    for node in others {
      // Who has not come as far as this replica cannot tell.
      guard case .success(let answer) = await ask(node, stream.tablet, command),
        answer.position.next >= stream.base
      else { continue }
      answers += 1
      let offset = answer.position.earliest
      if offset < oldest?.offset ?? stream.base { oldest = (node, offset) }
    }
    // A snapshot has come meanwhile: what others have said was of another beginning.
    guard stream.epoch == epoch else { return }
    if let oldest {
      await HistoryCopy(stream, from: oldest.node, first: oldest.offset).run()
    } else if answers == others.count {
      // Others can only lose what they have.
      stream.isHistoryWhole = true
    }
  }
}
