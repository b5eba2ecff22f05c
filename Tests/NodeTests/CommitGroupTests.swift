import Base
import Reactor
import Testing
import Types

@testable import Node

/// Transactions that run at once and share entries of the log.
@Suite struct CommitGroupTests {
  @Test(arguments: [1, 2, 3, 4] as [UInt64], Durability.allCases)
  func `like one behind the other, also those that are taken back, and after a restart`(
    seed: UInt64, durability: Durability
  ) async {
    let harness = NodeHarness(shards: 1, tablets: 2, durability: durability)
    let node = harness.start()
    let expected = Shared<[Int: Int]>([:])
    await node.session(on: 0) { shard in
      var run = ModelRun(shard, seed: seed)
      for _ in 0..<40 { await run.round() }
      let model = run.model
      expected.withLock { $0 = model }
      #expect(run.sharedCount > 0)
      #expect(run.takenBackCount > 0)
      // A write that waits for the disk: with it all before it are there.
      _ = await shard.awaitDisk()
    }
    node.kill()
    let next = harness.start()
    await next.session(on: 0) { shard in
      for (key, value) in expected.withLock({ $0 }) {
        let found = await shard.value(key)
        #expect(found == value, "key \(key)")
      }
    }
    next.kill()
  }

  @Test func `what others hold is not written over`() async {
    let harness = NodeHarness(shards: 1, tablets: 2)
    let node = harness.start()
    await node.session(on: 0) { shard in
      let other = shard.begin(isolation: .readCommitted)
      await #expect(throws: Never.self) {
        _ = try await other.call(Put(key: 1, value: 5), bucket: bucket(1))
      }
      #expect(shard.putAtOnce([(1, 6)]) == nil)
      await other.rollback()
      let hold = shard.putAtOnce([(1, 7)])
      #expect(hold != nil)
      #expect(hold?.isOver == false)
      let reply = Reply<Bool>()
      hold?.whenOver { reply.fulfill($0 == nil) }
      let isCommitted = await reply.get()
      #expect(isCommitted)
      let found = await shard.value(1)
      #expect(found == 7)
    }
    node.kill()
  }

  @Test func `a snapshot from between two of them does not see the second`() async {
    let harness = NodeHarness(shards: 1, tablets: 2, durability: .relaxed)
    let node = harness.start()
    await node.session(on: 0) { shard in
      let arrival = shard.reactor.monotonicNanoseconds()
      #expect(shard.putAtOnce([(1, 1)], arrival: arrival) != nil)
      let reader = shard.begin(isolation: .repeatableRead)
      await #expect(throws: Never.self) {
        let first = try await reader.call(Get(key: 1), bucket: bucket(1))
        #expect(first == 1)
        #expect(shard.putAtOnce([(1, 2)], arrival: arrival) != nil)
        let again = try await reader.call(Get(key: 1), bucket: bucket(1))
        #expect(again == 1)
      }
      await reader.rollback()
      let found = await shard.value(1)
      #expect(found == 2)
    }
    node.kill()
  }

  @Test func `who observes commits hears of each`() async {
    let harness = NodeHarness(shards: 1, tablets: 2, durability: .relaxed)
    let node = harness.start()
    await node.session(on: 0) { shard in
      let heard = Shared<[[Int]]>([])
      let observer = shard.observeCommits(.visible) { _, keys in
        let numbers = keys.map { key in
          Int(UInt64(bigEndian: key.key.withUnsafeBytes { $0.load(as: UInt64.self) }))
        }
        heard.withLock { $0.append(numbers) }
      }
      let arrival = shard.reactor.monotonicNanoseconds()
      _ = shard.putAtOnce([(1, 1), (1, 2)], arrival: arrival)
      _ = shard.putAtOnce([(1, 3)], arrival: arrival)
      #expect(shard.putAtOnce([(1, 4)], arrival: arrival, fails: true) == nil)
      shard.remove(observer)
      _ = shard.putAtOnce([(1, 5)], arrival: arrival)
      #expect(heard.withLock { $0 } == [[1], [1]])
    }
    node.kill()
  }
}

extension NodeShard {
  /// All keys are of one tablet, that of the first.
  fileprivate func putAtOnce(
    _ writes: [(key: Int, value: Int)], arrival: UInt64? = nil, fails: Bool = false
  ) -> ReplyHold? {
    runAtOnce(
      bucket: bucket(writes[0].key), arrival: arrival ?? reactor.monotonicNanoseconds()
    ) { (transaction) throws(ProcedureError) in
      for (key, value) in writes { _ = try Put(key: key, value: value).run(transaction) }
      if fails { throw .conflict }
    }
  }

  /// Returns when everything that has been appended so far is on disk.
  fileprivate func awaitDisk() async -> Bool {
    for tablet in tabletIDs {
      let replication = hosted(tablet).replication
      let reply = Reply<Bool>()
      replication.whenCommitted(replication.lastIndex) { _ in reply.fulfill(true) }
      _ = await reply.get()
    }
    return true
  }
}

/// Random transactions at once, in groups, among others.
private struct ModelRun {
  let shard: NodeShard
  var random: Xoshiro256
  var model: [Int: Int] = [:]
  var sharedCount = 0
  var takenBackCount = 0
  private var value = 0

  init(_ shard: NodeShard, seed: UInt64) {
    self.shard = shard
    random = Xoshiro256(seed: seed)
  }

  /// Keys of the same tablet.
  private func keys(of tablet: TabletID) -> [Int] {
    (0..<20).filter { shard.tablet(of: bucket($0)) == tablet }
  }

  mutating func round() async {
    let arrival = shard.reactor.monotonicNanoseconds()
    var last: ReplyHold?
    for _ in 0..<Int.random(in: 1...12, using: &random) {
      let tablet = shard.tablet(of: bucket(Int.random(in: 0..<20, using: &random)))
      let keys = keys(of: tablet)
      var writes: [(key: Int, value: Int)] = []
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        value += 1
        writes.append((keys.randomElement(using: &random) ?? 0, value))
      }
      let fails = Int.random(in: 0..<4, using: &random) == 0
      let hold = shard.putAtOnce(writes, arrival: arrival, fails: fails)
      #expect((hold == nil) == fails)
      if fails {
        takenBackCount += 1
      } else {
        for (key, value) in writes { model[key] = value }
        if let hold, let last, hold.isSame(as: last) { sharedCount += 1 }
        last = hold
      }
      check(keys, arrival)
    }
    if Bool.random(using: &random) {
      let key = Int.random(in: 0..<20, using: &random)
      value += 1
      await shard.put(key, value)
      model[key] = value
    }
  }

  /// What a read at once finds.
  private func check(_ keys: [Int], _ arrival: UInt64) {
    for key in keys {
      let found = shard.readAtOnce(
        space, keyBytes(key), in: bucket(key), arrival: arrival
      ) { bytes in
        bytes.map { $0.loadUnaligned(as: Int.self) }
      }
      // Under sync what has not committed is read another way.
      if let found { #expect(found == model[key], "key \(key)") }
    }
  }
}
