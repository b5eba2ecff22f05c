import Base
import Catalog
import Reactor
import WAL

/// `change_cleanup = compact`: of the records of one key only the newest stays, as Kafka's log compaction has
/// it. Each replica by itself, from the oldest segment to the last but one; offsets stay what they are, and
/// some have no record any more. Lives on: the stream's shard.
///
/// First the newest offset of each key of the segments that have not been compacted is gathered, as far as
/// memory goes; then every segment up to there is written anew without what a later record replaces, and takes
/// the place of the old one. Whoever reads the old one goes on with it.
final class StreamCompaction {
  private let stream: PartitionStream
  private let shard: NodeShard
  private let epoch: Int
  /// Deletions that committed before have been there for long enough.
  private let deletionsUntil: Timestamp
  private var newest: [[UInt8]: Int64] = [:]
  private var keyBytes = 0
  /// Everything before is gone.
  private var truncation: Int64 = -1

  /// Of keys and what a table of them costs; a segment more may come on top.
  private static let memoryMax = 16 << 20
  private static let bytesPerKey = 64

  init(_ stream: PartitionStream, deletionsUntil: Timestamp) {
    self.stream = stream
    self.deletionsUntil = deletionsUntil
    shard = stream.shard
    epoch = stream.epoch
  }

  /// Whether what has come since the last time is worth it: as much as what has been compacted.
  static func isDue(_ stream: PartitionStream) -> Bool {
    let closed = stream.segments.dropLast()
    let dirty = closed.reduce(0) { $0 + ($1.header.isCompacted ? 0 : $1.bytes) }
    return dirty > 0 && dirty >= closed.reduce(0) { $0 + $1.bytes } - dirty
  }

  func run() async throws(WALError) {
    let closed = stream.segments.dropLast().prefix { $0.isSynced }
    guard var end = closed.firstIndex(where: { !$0.header.isCompacted }) else { return }
    while end < closed.endIndex, keyBytes < Self.memoryMax {
      try await gather(closed[end])
      end += 1
    }
    for segment in closed[..<end] {
      guard stream.epoch == epoch else { return }
      try await rewrite(segment)
    }
  }

  private func gather(_ segment: ChangeSegment) async throws(WALError) {
    let walk = try SegmentWalk(segment, shard.reactor.fileSystem, from: segment.first)
    while try await walk.next() != nil {
      for record in try await walk.records() {
        if record.operation == .truncate {
          truncation = record.offset
        } else if newest.updateValue(record.offset, forKey: record.key) == nil {
          keyBytes += record.key.count + Self.bytesPerKey
        }
      }
    }
  }

  private func isKept(_ record: ChangeRecord) -> Bool {
    if record.offset < truncation { return false }
    switch record.operation {
    case .truncate: return true
    case .delete where record.timestamp < deletionsUntil: return false
    default: return newest[record.key] ?? -1 <= record.offset
    }
  }

  private func rewrite(_ segment: ChangeSegment) async throws(WALError) {
    var header = segment.header
    header.isCompacted = true
    let writer = try SegmentWriter(header, on: shard)
    do throws(WALError) {
      let dropped = try await copy(segment, to: writer)
      guard dropped > 0 || !segment.header.isCompacted, stream.epoch == epoch else {
        return writer.abandon()
      }
      try await writer.finish()
      guard stream.epoch == epoch, stream.has(segment) else { return writer.abandon() }
      try writer.publish()
      stream.replace(segment, with: writer.segment)
    } catch {
      writer.abandon()
      throw error
    }
  }

  /// How many records have not been taken over.
  private func copy(_ segment: ChangeSegment, to writer: SegmentWriter) async throws(WALError)
    -> Int
  {
    let walk = try SegmentWalk(segment, shard.reactor.fileSystem, from: segment.first)
    var dropped = 0
    var batch = ChangeBatch(
      first: segment.first, newestBefore: segment.header.newestBefore,
      termBefore: segment.header.termBefore)
    while let found = try await walk.next() {
      for record in try await walk.records() {
        if isKept(record) { batch.add(record) } else { dropped += 1 }
      }
      batch.cover(upTo: found.last + 1)
      if batch.bytes < ChangeWriter.batchBytes { continue }
      try await writer.append(batch)
      batch = ChangeBatch(
        first: found.last + 1, newestBefore: max(batch.newestBefore, batch.newest),
        termBefore: batch.term)
    }
    // The last one says how far the segment goes, also where it has no records.
    if batch.first < segment.end {
      batch.cover(upTo: segment.end)
      try await writer.append(batch)
    }
    return dropped
  }
}

// MARK: - Which and when

extension NodeShard {
  /// Compacts one of the streams here that it is worth for. Called now and then.
  func compactStreams() {
    guard !changeWriter.isCompacting else { return }
    for id in tabletIDs {
      for stream in hosted(id).changes.partitions {
        guard let settings = streamSettings(of: stream.key.table), settings.isCompacted,
          StreamCompaction.isDue(stream)
        else { continue }
        return compact(stream, settings)
      }
    }
  }

  private func compact(_ stream: PartitionStream, _ settings: ChangeStreamDescriptor) {
    let now = wallNanoseconds()
    let age = UInt64(clamping: settings.deletionSeconds)
      .multipliedReportingOverflow(by: 1_000_000_000)
    let until = age.overflow ? 0 : now - min(now, age.partialValue)
    changeWriter.isCompacting = true
    reactor.spawn { [self] in
      do throws(WALError) {
        try await StreamCompaction(stream, deletionsUntil: Timestamp(rawValue: until)).run()
      } catch {
        changeWriter.fault = error
      }
      changeWriter.isCompacting = false
    }
  }
}
