import Base
import Catalog
import Foundation
import Reactor
import Synchronization
import Testing
import Types

@testable import Node

/// Writes a value of the wanted size that begins with a number.
struct PutLarge: Procedure, WireDescriptor {
  static let name = "test.putLarge"
  let key: Int
  let value: Int
  let bytes: Int
  func run(_ transaction: TabletTransaction) throws(ProcedureError) -> Bool {
    var content = withUnsafeBytes(of: value) { Array($0) }
    // Not compressible, so that checkpoints have their size.
    var random = Xoshiro256(seed: UInt64(key &* 31 &+ value))
    while content.count < bytes {
      withUnsafeBytes(of: random.next()) { content.append(contentsOf: $0) }
    }
    try transaction.put(space, keyBytes(key), content)
    return true
  }
}

struct Remove: Procedure, WireDescriptor {
  static let name = "test.remove"
  let key: Int
  func run(_ transaction: TabletTransaction) throws(ProcedureError) -> Bool {
    try transaction.deleteLatest(space, keyBytes(key))
    return true
  }
}

extension NodeShard {
  func put(_ key: Int, _ value: Int, bytes: Int = 8) async {
    let transaction = begin(isolation: .readCommitted)
    await #expect(throws: Never.self) {
      try await transaction.callAndCommit(
        PutLarge(key: key, value: value, bytes: bytes), bucket: bucket(key))
    }
  }

  func value(_ key: Int) async -> Int? {
    let transaction = begin(isolation: .readCommitted)
    do throws(KernelError) {
      let found = try await transaction.call(Get(key: key), bucket: bucket(key))
      await transaction.rollback()
      return found
    } catch {
      Issue.record("\(error)")
      return nil
    }
  }
}

@Suite struct CheckpointTests {
  @Test func `a checkpoint and the log behind it come back together`() async {
    let harness = NodeHarness(shards: 2)
    let first = harness.start()
    for shard in 0..<2 {
      await first.session(on: shard) { shard in
        for key in 0..<300 where key % 2 == Int(shard.id.rawValue) { await shard.put(key, key) }
      }
    }
    for shard in 0..<2 {
      await first.session(on: shard) { shard in
        let isTaken = await shard.checkpoint()
        #expect(isTaken)
      }
    }
    await first.session(on: 1) { shard in
      for key in 200..<400 { await shard.put(key, key + 1) }
      for key in 0..<10 {
        let transaction = shard.begin(isolation: .readCommitted)
        await #expect(throws: Never.self) {
          try await transaction.callAndCommit(Remove(key: key), bucket: bucket(key))
        }
      }
    }
    let afterwards = Shared<NodeStatus?>(nil)
    await first.session(on: 1) { shard in
      let status = await shard.nodeStatus()
      afterwards.withLock { $0 = status }
    }
    let shards = afterwards.withLock { $0?.shards ?? [] }
    #expect(shards.map(\.tablets) == [5, 4])
    #expect(shards.allSatisfy { $0.checkpoints == $0.tablets && $0.checkpointFailure == nil })
    #expect(shards.allSatisfy { $0.lastCheckpoint != nil && $0.logSegments >= 1 })
    #expect(shards.reduce(0) { $0 + $1.rows } >= 390)
    first.kill()
    // Twice: the second start has a checkpoint of the first one's.
    for round in 0..<3 {
      let next = harness.start()
      await next.session(on: 0) { shard in
        for key in 0..<400 {
          let found = await shard.value(key)
          let expected = key < 10 ? nil : key < 200 ? key : key + 1
          #expect(found == expected, "key \(key), round \(round)")
        }
        let isTaken = await shard.checkpoint()
        #expect(isTaken)
      }
      next.kill()
    }
  }

  @Test(arguments: [1, 2])
  func `the log stays short under a stream of updates`(shards: Int) async {
    let limit = 4 << 20
    let harness = NodeHarness(
      shards: shards, tablets: 4, segmentBytes: 512 << 10, checkpointLogBytes: limit)
    let node = harness.start()
    let longest = Shared(0)
    let total = Shared(0)
    // 8 KiB each, 20 times the limit on each shard.
    let rounds = limit * 20 / (8 << 10) / 16 * shards
    await withTaskGroup(of: Void.self) { group in
      for session in 0..<16 {
        group.addTask {
          await node.session(on: session % shards) { shard in
            for round in 0..<rounds {
              await shard.put(session * 10 + round % 10, round, bytes: 8 << 10)
              let bytes = shard.logBytes
              longest.withLock { $0 = max($0, bytes) }
              total.withLock { $0 += 8 << 10 }
            }
          }
        }
      }
    }
    #expect(total.withLock { $0 } >= limit * 19)
    // What is written while a round of checkpoints runs comes on top of the limit.
    #expect(longest.withLock { $0 } <= limit * 3, "a shard's log")
    node.kill()
    let next = harness.start()
    await next.session(on: 0) { shard in
      for session in 0..<16 {
        for number in 0..<10 {
          let found = await shard.value(session * 10 + number)
          let last = (rounds - 1 - number) / 10 * 10 + number
          #expect(found == last, "session \(session), number \(number)")
        }
      }
    }
    next.kill()
  }

  @Test func `a crash between any two steps loses nothing`() async throws {
    let harness = NodeHarness(
      shards: 1, tablets: 2, segmentBytes: 256 << 10, checkpointLogBytes: 512 << 10)
    let node = harness.start()
    let acknowledged = Shared([Int](repeating: -1, count: 40))
    struct Copy: Sendable {
      var directory: String
      var atLeast: [Int]
    }
    let copies = Shared<[Copy]>([])
    let directory = harness.directory
    await node.session(on: 0) { shard in
      let seen = Shared<[String: Int]>([:])
      shard.checkpointer?.onStep = { step in
        // A few of each, also while later checkpoints replace earlier ones.
        let count = seen.withLock { seen in
          seen["\(step)", default: 0] += 1
          return seen["\(step)", default: 0]
        }
        guard [1, 4, 9].contains(count) else { return }
        let target = "\(directory)-\(step)-\(count)"
        let values = acknowledged.withLock { $0 }
        do {
          try FileManager.default.copyItem(atPath: directory, toPath: target)
          copies.withLock { $0.append(Copy(directory: target, atLeast: values)) }
        } catch {
          Issue.record("\(error)")
        }
      }
      for round in 0..<40 {
        for key in 0..<40 {
          await shard.put(key, round, bytes: 2 << 10)
          acknowledged.withLock { $0[key] = round }
        }
      }
    }
    node.kill()
    let taken = copies.withLock { $0 }
    for step in ["blockWritten", "synced", "renamed", "released"] {
      #expect(taken.contains { $0.directory.contains(step) }, "no copy at \(step)")
    }
    for copy in taken {
      let next = NodeHarness(
        shards: 1, tablets: 2, directory: copy.directory, segmentBytes: 256 << 10
      ).start()
      await next.session(on: 0) { shard in
        for key in 0..<40 {
          let found = await shard.value(key) ?? -1
          // One write may be durable before it was acknowledged.
          #expect(
            found == copy.atLeast[key] || found == copy.atLeast[key] + 1,
            "\(copy.directory), key \(key)")
        }
      }
      next.kill()
      let names = try FileManager.default.contentsOfDirectory(
        atPath: copy.directory + "/shard-0/checkpoints")
      #expect(!names.contains { $0.hasSuffix(".new") })
    }
  }

  @Test func `a damaged checkpoint, or one that is gone, stops the node`() async throws {
    let harness = NodeHarness(
      shards: 1, tablets: 1, segmentBytes: 256 << 10, checkpointLogBytes: 512 << 10)
    let node = harness.start()
    await node.session(on: 0) { shard in
      for round in 0..<200 { await shard.put(round % 20, round, bytes: 8 << 10) }
      let isTaken = await shard.checkpoint()
      #expect(isTaken)
    }
    node.kill()
    let file = harness.directory + "/shard-0/checkpoints/0000000000000001.checkpoint"
    let whole = try Data(contentsOf: URL(fileURLWithPath: file))
    var damaged = whole
    damaged[damaged.startIndex + 60] ^= 1
    try damaged.write(to: URL(fileURLWithPath: file))
    let message = harness.startFailing()
    #expect(message.contains(file) && message.contains("52"), "\(message)")
    try FileManager.default.removeItem(atPath: file)
    #expect(harness.startFailing().contains("missingEntries"))
    try whole.write(to: URL(fileURLWithPath: file))
    let next = harness.start()
    await next.session(on: 0) { shard in
      for key in 0..<20 {
        let found = await shard.value(key)
        #expect(found == 180 + key)
      }
    }
    next.kill()
  }
}
