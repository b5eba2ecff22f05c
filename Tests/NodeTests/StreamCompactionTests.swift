import Base
import Catalog
import Reactor
import Testing
import Types
import WAL

@testable import Node

private let table = ObjectID(rawValue: 900_001)
private let settings = ChangeStreamDescriptor(
  partitions: 8, retentionSeconds: nil, isCompacted: true)
private let streams = [space: StreamedTable(table: table, version: 1, stream: settings)]

private struct RemoveCompacted: Procedure, WireDescriptor {
  static let name = "test.removecompacted"
  let key: Int
  func run(_ transaction: TabletTransaction) throws(ProcedureError) -> Bool {
    try transaction.delete(space, keyBytes(key))
    return true
  }
}

/// Small segments, so that there are many.
private func harness(_ directory: String? = nil) -> NodeHarness {
  NodeHarness(shards: 1, directory: directory, streams: streams, streamSegmentBytes: 2 << 10)
}

private func write(_ shard: NodeShard, _ count: Int, keys: Int = 30) async {
  // The shard's own turn must not come meanwhile: one compacts at a time.
  shard.changeWriter.isCompacting = true
  for number in 0..<count {
    let transaction = shard.begin(isolation: .readCommitted)
    await #expect(throws: Never.self) {
      let key = number % keys
      if number % 7 == 6 {
        _ = try await transaction.callAndCommit(
          RemoveCompacted(key: key), bucket: bucket(key))
      } else {
        _ = try await transaction.callAndCommit(Put(key: key, value: number), bucket: bucket(key))
      }
    }
    // Records of one flush share a file.
    if number % 50 == 49 { await flush(shard) }
  }
  await flush(shard)
}

private func flush(_ shard: NodeShard) async {
  for stream in partitions(shard) {
    let done = Reply<Void>()
    stream.sync { result in
      if case .failure(let fault) = result { Issue.record("\(fault)") }
      done.fulfill(())
    }
    await done.get()
  }
}

private func partitions(_ shard: NodeShard) -> [PartitionStream] {
  shard.tabletIDs.flatMap { shard.hosted($0).changes.partitions }
}

private func records(_ shard: NodeShard, maxBytes: Int = 100) async -> [StreamKey: [ChangeRecord]] {
  var found: [StreamKey: [ChangeRecord]] = [:]
  for stream in partitions(shard) {
    var all: [ChangeRecord] = []
    await #expect(throws: Never.self) {
      while true {
        let start = all.last.map { $0.offset + 1 } ?? stream.earliest
        let page = try await stream.read(from: start, maxBytes: maxBytes)
        if page.isEmpty { break }
        all += page
      }
    }
    found[stream.key] = all
  }
  return found
}

private func compact(_ shard: NodeShard, deletionsUntil: Timestamp = .zero) async {
  for stream in partitions(shard) where StreamCompaction.isDue(stream) {
    await #expect(throws: Never.self) {
      try await StreamCompaction(stream, deletionsUntil: deletionsUntil).run()
    }
  }
}

/// What must hold of what compaction has left of `whole`.
private func check(
  _ left: [StreamKey: [ChangeRecord]], of whole: [StreamKey: [ChangeRecord]],
  _ shard: NodeShard, dropsDeletions: Bool = false
) {
  for stream in partitions(shard) {
    let all = whole[stream.key] ?? []
    let kept = left[stream.key] ?? []
    let closed = stream.segments.dropLast().last?.end ?? 0
    var newest: [[UInt8]: Int64] = [:]
    for record in all where record.offset < closed { newest[record.key] = record.offset }
    let expected = all.filter { record in
      record.offset >= closed
        || newest[record.key] == record.offset && !(dropsDeletions && record.operation == .delete)
    }
    #expect(kept == expected, "\(stream.key)")
  }
}

@Suite struct StreamCompactionTests {
  @Test("compaction: of each key the newest record stays, with its offset; also after a restart")
  func newestStay() async {
    let harness = harness()
    let node = harness.start()
    let whole = Shared<[StreamKey: [ChangeRecord]]>([:])
    await node.session(on: 0) { shard in
      await write(shard, 1_500)
      let before = await records(shard)
      let bytes = partitions(shard).reduce(0) { $0 + $1.bytes }
      await compact(shard)
      let after = await records(shard)
      check(after, of: before, shard)
      #expect(partitions(shard).reduce(0) { $0 + $1.bytes } * 2 < bytes)
      // Read in one piece it is the same.
      #expect(await records(shard, maxBytes: 1 << 20) == after)
      // It is not worth it again until as much has come.
      #expect(!partitions(shard).contains { StreamCompaction.isDue($0) })
      await write(shard, 1_500)
      let more = await records(shard)
      await compact(shard)
      let last = await records(shard)
      check(last, of: more, shard)
      whole.withLock { $0 = last }
    }
    node.kill()
    await harness.start().session(on: 0) { shard in
      #expect(await records(shard) == whole.withLock { $0 })
      // Offsets go on, and nothing is compacted for a second time.
      #expect(!partitions(shard).contains { StreamCompaction.isDue($0) })
      await write(shard, 100)
      for (key, all) in await records(shard) {
        let old = whole.withLock { $0[key] } ?? []
        #expect(Array(all.prefix(old.count)) == old)
        #expect(zip(all, all.dropFirst()).allSatisfy { $0.offset < $1.offset })
      }
    }
  }

  @Test("compaction: deletions go when they have been there for long enough")
  func deletionsGo() async {
    await harness().start().session(on: 0) { shard in
      await write(shard, 1_500)
      let before = await records(shard)
      await compact(shard, deletionsUntil: .distantFuture)
      check(await records(shard), of: before, shard, dropsDeletions: true)
    }
  }

  @Test("compaction: who reads goes on with what it has begun, times and terms are found")
  func readersGoOn() async {
    await harness().start().session(on: 0) { shard in
      await write(shard, 1_500)
      guard let stream = partitions(shard).max(by: { $0.next < $1.next }),
        let segment = stream.segments.first
      else {
        Issue.record("there is no stream")
        return
      }
      await #expect(throws: Never.self) {
        let walk = try SegmentWalk(segment, shard.reactor.fileSystem, from: segment.first)
        let before = try await stream.read(from: 0, maxBytes: .max)
        try await StreamCompaction(stream, deletionsUntil: .zero).run()
        var walked: [ChangeRecord] = []
        while try await walk.next() != nil { walked += try await walk.records() }
        #expect(walked == before.filter { $0.offset < segment.end })
        let after = try await stream.read(from: 0, maxBytes: .max)
        for record in after {
          #expect(try await stream.first(at: record.timestamp) == record)
        }
        let end = try await stream.end(upTo: stream.term)
        #expect(end?.end == stream.next)
      }
    }
  }
}
