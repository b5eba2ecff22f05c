import Base
import Catalog
import Glibc
import Reactor
import Testing
import Types

@testable import Node

private let table = ObjectID(rawValue: 900_001)

private func streams(partitions: Int = 8) -> [KeyspaceID: StreamedTable] {
  [
    space: StreamedTable(
      table: table, version: 1,
      stream: ChangeStreamDescriptor(partitions: partitions, retentionSeconds: nil))
  ]
}

private struct RemoveKey: Procedure, WireDescriptor {
  static let name = "test.removekey"
  let key: Int
  func run(_ transaction: TabletTransaction) throws(ProcedureError) -> Bool {
    try transaction.delete(space, keyBytes(key))
    return true
  }
}

/// All records of all partitions that are on the node's shards.
private func records(_ node: RunningNode, shards: Int = 2) async -> [StreamKey: [ChangeRecord]] {
  let found = Shared<[StreamKey: [ChangeRecord]]>([:])
  for number in 0..<shards {
    await node.session(on: number) { shard in
      for id in shard.tabletIDs {
        let isApplied = Reply<Void>()
        shard.hosted(id).whenAllApplied { isApplied.fulfill(()) }
        await isApplied.get()
        for stream in shard.hosted(id).changes.partitions {
          var all: [ChangeRecord] = []
          while true {
            let start = all.last.map { $0.offset + 1 } ?? stream.earliest
            do {
              let page = try await stream.read(from: start, maxBytes: 100)
              if page.isEmpty { break }
              all += page
            } catch {
              Issue.record("\(stream.key): \(error)")
              break
            }
          }
          let (key, result) = (stream.key, all)
          found.withLock { $0[key] = result }
        }
      }
    }
  }
  return found.withLock { $0 }
}

private func write(_ node: RunningNode, _ count: Int, from first: Int = 0) async {
  await node.session(on: 0) { shard in
    for key in first..<first + count {
      let transaction = shard.begin(isolation: .readCommitted)
      do {
        _ = try await transaction.callAndCommit(
          Put(key: key % 40, value: key), bucket: bucket(key % 40))
      } catch {
        Issue.record("\(error)")
      }
    }
  }
}

private func expectDense(_ found: [StreamKey: [ChangeRecord]]) {
  for (key, all) in found {
    #expect(all.map(\.offset) == (0..<Int64(all.count)).map { $0 }, "\(key)")
    var last: [[UInt8]: [UInt8]?] = [:]
    for record in all {
      #expect(record.before == last[record.key].flatMap { $0 }, "\(key) at \(record.offset)")
      last[record.key] = record.after
    }
  }
}

@Suite struct ChangeStreamTests {
  @Test("streams: inserts, updates and deletions of one and of several tablets, whole and in order")
  func operations() async {
    let harness = NodeHarness(streams: streams())
    let node = harness.start()
    await write(node, 100)
    await node.session(on: 1) { shard in
      let transaction = shard.begin(isolation: .readCommitted)
      do {
        for key in 0..<10 {
          _ = try await transaction.call(RemoveKey(key: key), bucket: bucket(key))
          // Made and deleted by the same transaction: no record.
          _ = try await transaction.call(
            Put(key: 1_000 + key, value: 1), bucket: bucket(1_000 + key))
          _ = try await transaction.call(RemoveKey(key: 1_000 + key), bucket: bucket(1_000 + key))
        }
        try await transaction.commit()
        let rolledBack = shard.begin(isolation: .readCommitted)
        _ = try await rolledBack.call(Put(key: 5, value: 5), bucket: bucket(5))
        await rolledBack.rollback()
      } catch {
        Issue.record("\(error)")
      }
    }
    let found = await records(node)
    expectDense(found)
    let all = found.values.joined()
    #expect(all.count { $0.operation == .insert } == 40)
    #expect(all.count { $0.operation == .update } == 60)
    #expect(all.count { $0.operation == .delete } == 10)
    #expect(Set(all.filter { $0.operation == .delete }.map(\.timestamp)).count == 1)
    node.kill()
  }

  @Test("streams: after kills and checkpoints the same records, and offsets go on")
  func restarts() async {
    let harness = NodeHarness(segmentBytes: 256 << 10, streams: streams())
    var expected: [StreamKey: [ChangeRecord]] = [:]
    for round in 0..<5 {
      let node = harness.start()
      let found = await records(node)
      #expect(found == expected, "round \(round)")
      await write(node, 200, from: round * 200)
      if round % 2 == 1 {
        await node.session(on: 0) { shard in #expect(await shard.checkpointNode()) }
        await write(node, 50, from: round * 500)
      }
      expected = await records(node)
      expectDense(expected)
      node.kill()
    }
    #expect(expected.values.joined().count == 5 * 200 + 2 * 50)
  }

  @Test("streams: a file that ends anywhere loses nothing that the log has")
  func cutFiles() async {
    let harness = NodeHarness(shards: 1, tablets: 1, streams: streams(partitions: 1))
    var node = harness.start()
    await write(node, 30)
    // Batches are written 200 ms later.
    usleep(400_000)
    await write(node, 30, from: 30)
    usleep(400_000)
    let expected = await records(node, shards: 1)
    node.kill()
    let directory = harness.directory + "/shard-0/streams"
    let name = ChangeFiles.name(
      TabletID(rawValue: 1), StreamKey(table: table, partition: 0), first: 0)
    let whole = contents(directory + "/" + name)
    #expect(whole.count > 1_000)
    for size in stride(from: 0, through: whole.count, by: 97) {
      for other in files(directory) { unlink(directory + "/" + other) }
      replace(directory + "/" + name, Array(whole[..<size]))
      node = harness.start()
      let found = await records(node, shards: 1)
      #expect(found == expected, "cut at \(size)")
      node.kill()
    }
    // A byte that has changed in the middle ends the file there.
    var damaged = whole
    damaged[damaged.count / 2] ^= 1
    // A node that lived long enough has begun another one, and damage before the last is no torn end.
    for other in files(directory) { unlink(directory + "/" + other) }
    replace(directory + "/" + name, damaged)
    node = harness.start()
    #expect(await records(node, shards: 1) == expected)
    // Once a checkpoint counts on the records, it is damage.
    await node.session(on: 0) { shard in #expect(await shard.checkpointNode()) }
    node.kill()
    for other in files(directory) { replace(directory + "/" + other, []) }
    #expect(harness.startFailing().contains(".changes"))
  }

  @Test("streams: followers wait for records, and are refused what is not there")
  func followers() async {
    let harness = NodeHarness(shards: 1, tablets: 1, streams: streams(partitions: 1))
    let node = harness.start()
    let seen = Shared<[Int64]>([])
    await write(node, 3)
    await node.session(on: 0) { shard in
      let key = StreamKey(table: table, partition: 0)
      let tablet = shard.hosted(TabletID(rawValue: 1))
      func ask(_ from: Int64, wait: Int) async -> ReadStream.Answer {
        let reply = Reply<ReadStream.Answer>()
        shard.ask(
          tablet.id,
          ReadStream(
            table: table, partition: 0,
            wish: .records(from: from, maxBytes: 1_000, waitMilliseconds: wait), since: .zero)
        ) { reply.fulfill($0) }
        return await reply.get()
      }
      guard case .success(let first) = await ask(0, wait: 0) else { return failed("refused") }
      #expect(first.records.count == 3)
      #expect(first.position.next == 3)
      guard case .success(let over) = await ask(4, wait: 0) else { return failed("refused") }
      #expect(over.isOutOfRange)
      guard case .success(let none) = await ask(3, wait: 20) else { return failed("refused") }
      #expect(none.records.isEmpty && !none.isOutOfRange)
      // One that waits is woken by the next commit.
      shard.reactor.after(milliseconds: 20) {
        shard.reactor.spawn {
          let transaction = shard.begin(isolation: .readCommitted)
          _ = try? await transaction.callAndCommit(Put(key: 7, value: 7), bucket: bucket(7))
        }
      }
      guard case .success(let woken) = await ask(3, wait: 4_000) else {
        return failed("refused")
      }
      let offsets = woken.records.map(\.offset)
      seen.withLock { $0 = offsets }
      // By time, and by term.
      let time = Array(first.records)[1].timestamp
      let stream = tablet.changes.stream(key)
      await #expect(throws: Never.self) {
        let atTime = try await stream.first(at: time)
        let later = try await stream.first(at: .distantFuture)
        let ofTerm = try await stream.end(upTo: Array(first.records)[0].term)
        let before = try await stream.end(upTo: .zero)
        #expect(atTime?.offset == 1 && later == nil)
        #expect(ofTerm?.end == 4 && before == nil)
      }
    }
    #expect(seen.withLock { $0 } == [3])
    node.kill()
  }

  @Test("streams: what is too old or too much goes, whole segments at a time")
  func retention() async {
    let harness = NodeHarness(
      shards: 1, tablets: 1, streams: streams(partitions: 1), streamSegmentBytes: 4 << 10)
    let node = harness.start()
    for round in 0..<10 {
      await write(node, 100, from: round * 100)
      await node.session(on: 0) { shard in #expect(await shard.checkpointNode()) }
    }
    await node.session(on: 0) { shard in
      let stream = shard.hosted(TabletID(rawValue: 1)).changes.stream(
        StreamKey(table: table, partition: 0))
      let before = stream.segments.count
      #expect(before > 4)
      let limit = ChangeStreamDescriptor(
        partitions: 1, retentionSeconds: nil, retentionBytes: 20 << 10)
      #expect(throws: Never.self) { try stream.retain(limit, now: shard.wallNanoseconds()) }
      #expect(stream.segments.count < before)
      #expect(stream.bytes >= 20 << 10)
      #expect(stream.earliest > 0 && stream.earliest == stream.segments[0].first)
      await #expect(throws: Never.self) {
        let kept = try await stream.read(from: stream.earliest, maxBytes: .max)
        #expect(kept.map(\.offset) == (stream.earliest..<1_000).map { $0 })
      }
      let brief = ChangeStreamDescriptor(partitions: 1, retentionSeconds: 1)
      #expect(throws: Never.self) {
        try stream.retain(brief, now: shard.wallNanoseconds() + 10_000_000_000)
      }
      #expect(stream.segments.count == 1)
      #expect(stream.next == 1_000)
    }
    node.kill()
    // Where it goes on is known.
    let again = harness.start()
    await write(again, 1, from: 1_000)
    let found = await records(again, shards: 1)
    #expect(found.values.first?.last?.offset == 1_000)
    again.kill()
  }

  @Test("streams: a stream that is turned off leaves an empty segment, and the offsets go on")
  func retired() async {
    let harness = NodeHarness(shards: 1, tablets: 1, streams: streams(partitions: 1))
    let node = harness.start()
    await write(node, 50)
    await node.session(on: 0) { shard in
      let stream = shard.hosted(TabletID(rawValue: 1)).changes.stream(
        StreamKey(table: table, partition: 0))
      #expect(await shard.checkpointNode())
      stream.retire()
      await shard.reactor.sleep(milliseconds: 200)
      #expect(stream.segments.map(\.bytes) == [ChangeFormat.segmentHeaderBytes])
      #expect(stream.earliest == 50 && stream.next == 50)
    }
    node.kill()
    let again = harness.start()
    await write(again, 1, from: 50)
    let found = await records(again, shards: 1)
    #expect(found.values.first?.map(\.offset) == [50])
    again.kill()
  }
}

private func failed(_ text: String) { Issue.record("\(text)") }

private func contents(_ path: String) -> [UInt8] {
  guard let file = fopen(path, "r") else { return [] }
  defer { fclose(file) }
  var bytes = [UInt8](repeating: 0, count: 1 << 20)
  let count = fread(&bytes, 1, bytes.count, file)
  return Array(bytes[..<count])
}

private func replace(_ path: String, _ bytes: [UInt8]) {
  guard let file = fopen(path, "w") else { return failed("\(path) cannot be written") }
  defer { fclose(file) }
  #expect(fwrite(bytes, 1, bytes.count, file) == bytes.count)
}

private func files(_ directory: String) -> [String] {
  guard let stream = opendir(directory) else { return [] }
  defer { closedir(stream) }
  var names: [String] = []
  while let entry = readdir(stream) {
    let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
      String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
    if name.hasSuffix(ChangeFiles.suffix) { names.append(name) }
  }
  return names
}
