import Base
import Reactor
import Testing
import Types

@testable import Node

@Suite struct DurabilityTests {
  @Test func `sync replies when the disk has it, relaxed before, and the disk follows`() async {
    for durability in Durability.allCases {
      let harness = NodeHarness(shards: 1, tablets: 2, durability: durability)
      let node = harness.start()
      await node.session(on: 0) { shard in
        let replication = shard.hosted(shard.tablet(of: bucket(1))).replication
        var early = 0
        for value in 0..<20 {
          await shard.put(1, value)
          if replication.commitIndex < replication.lastIndex { early += 1 }
        }
        #expect(durability == .sync ? early == 0 : early > 0)
        await shard.reactor.sleep(milliseconds: 300)
        #expect(replication.commitIndex == replication.lastIndex)
      }
      node.kill()
      let next = harness.start()
      await next.session(on: 0) { shard in
        let found = await shard.value(1)
        #expect(found == 19)
      }
      next.kill()
    }
  }

  @Test func `a crash under relaxed leaves a prefix, and whole transactions`() async {
    let harness = NodeHarness(shards: 1, tablets: 8, durability: .relaxed)
    let node = harness.start()
    await node.session(on: 0) { shard in
      for round in 1...200 {
        await shard.put(round, round)
        if round % 10 == 0 {
          let transaction = shard.begin(isolation: .readCommitted)
          await #expect(throws: Never.self) {
            for key in [1_000, 1_030, 1_060] {
              _ = try await transaction.call(Put(key: key, value: round), bucket: bucket(key))
            }
            try await transaction.commit()
          }
        }
      }
    }
    node.kill()
    let next = harness.start()
    await next.session(on: 0) { shard in
      var isEnded = false
      for key in 1...200 {
        let found = await shard.value(key)
        #expect(found == nil || (found == key && !isEnded), "key \(key) behind a lost one")
        if found == nil { isEnded = true }
      }
      let first = await shard.value(1_000)
      let second = await shard.value(1_030)
      let third = await shard.value(1_060)
      #expect(first == second && second == third)
    }
    next.kill()
  }
}
