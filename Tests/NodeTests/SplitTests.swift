import Base
import Catalog
import Reactor
import Storage
import Testing
import Types

@testable import Node

/// Every key of one tablet.
private struct AllKeys: Procedure, WireDescriptor {
  static let name = "test.keys"
  func run(_ transaction: TabletTransaction) throws(ProcedureError) -> [Int] {
    var found: [Int] = []
    try transaction.scan(space, lower: [], upper: nil, reverse: false) { key, _ in
      found.append(Int(UInt64(bigEndian: key.loadUnaligned(as: UInt64.self))))
      return true
    }
    return found
  }
}

extension NodeShard {
  fileprivate func put(_ keys: Range<Int>) async {
    for key in keys {
      do throws(KernelError) {
        _ = try await begin(isolation: .readCommitted)
          .callAndCommit(Put(key: key, value: key * 10), bucket: bucket(key))
      } catch {
        Issue.record("put \(key): \(error)")
      }
    }
  }

  /// Splits the tablet and waits for the end of that.
  fileprivate func split(_ tablet: UInt64) async {
    do throws(KernelError) {
      try await change(.split(TabletID(rawValue: tablet)))
    } catch {
      Issue.record("split \(tablet): \(error)")
      return
    }
    await awaitSplits()
  }

  fileprivate func awaitSplits() async {
    for _ in 0..<2_000 where !map.descriptor.splits.isEmpty {
      await reactor.sleep(milliseconds: 5)
    }
    #expect(map.descriptor.splits.isEmpty, "a split does not end")
  }

  /// Each key is there once, on the tablet that the map names, with its value.
  fileprivate func check(_ keys: Range<Int>) async {
    let transaction = begin(isolation: .repeatableRead)
    do throws(KernelError) {
      let found = try await transaction.callAll(AllKeys())
      for (place, keys) in zip(map.places, found) {
        for key in keys { #expect(self.place(of: bucket(key)) == place, "key \(key)") }
      }
      #expect(found.flatMap { $0 }.sorted() == Array(keys))
      for key in keys {
        let value = try await transaction.call(Get(key: key), bucket: bucket(key))
        #expect(value == key * 10, "key \(key)")
      }
      try await transaction.commit()
    } catch {
      Issue.record("\(error)")
      await transaction.rollback()
    }
  }
}

@Suite struct SplitTests {
  @Test func `a tablet becomes two with every row once, over restarts and checkpoints`() async {
    let harness = NodeHarness(shards: 2, tablets: 4)
    var running = harness.start()
    await running.session(on: 1) { shard in
      await shard.put(0..<400)
      await shard.split(1)
      #expect(shard.map.places.map(\.tablet.rawValue) == [1, 5, 2, 3, 4])
      #expect(shard.map.descriptor.buckets(of: TabletID(rawValue: 1)) == 0..<2_048)
      #expect(shard.map.descriptor.buckets(of: TabletID(rawValue: 5)) == 2_048..<4_096)
      await shard.check(0..<400)
      await shard.put(400..<500)
    }
    running.kill()
    running = harness.start()
    await running.session(on: 0) { shard in
      await shard.check(0..<500)
      // A child is a tablet like any other.
      await shard.split(5)
      await shard.split(4)
      await shard.check(0..<500)
      #expect(await shard.checkpoint())
    }
    await running.session(on: 1) { shard in
      #expect(await shard.checkpoint())
      await shard.put(500..<600)
    }
    running.kill()
    running = harness.start()
    await running.session(on: 1) { shard in
      #expect(shard.map.places.map(\.tablet.rawValue) == [1, 5, 6, 2, 3, 4, 7])
      await shard.check(0..<600)
    }
    running.kill()
  }

  @Test func `clients work on while tablets are split`() async {
    let harness = NodeHarness(shards: 2, tablets: 4)
    let running = harness.start()
    let added = Shared(0)
    let isOver = Shared(false)
    await withTaskGroup(of: Void.self) { group in
      for number in 0..<6 {
        group.addTask {
          await running.session(on: number % 2) { shard in
            var key = number
            while !isOver.withLock({ $0 }) {
              key = (key * 31 + 7) % 97
              let other = (key + 13) % 97
              do throws(KernelError) {
                if key % 3 == 0 {
                  _ = try await shard.begin(isolation: .readCommitted)
                    .callAndCommit(Add(key: key, amount: 2), bucket: bucket(key))
                } else {
                  let transaction = shard.begin(isolation: .readCommitted)
                  transaction.lockTimeoutMilliseconds = 500
                  do throws(KernelError) {
                    for one in [min(key, other), max(key, other)] {
                      _ = try await transaction.statement { () async throws(KernelError) in
                        try await transaction.callNewest(
                          Add(key: one, amount: 1), bucket: bucket(one))
                      }
                    }
                    try await transaction.commit()
                  } catch {
                    await transaction.rollback()
                    throw error
                  }
                }
                added.withLock { $0 += 2 }
              } catch {
                Issue.record("\(error)")
              }
            }
          }
        }
      }
      group.addTask {
        await running.session(on: 0) { shard in
          for tablet: UInt64 in 1...6 { await shard.split(tablet) }
          isOver.withLock { $0 = true }
        }
      }
    }
    await running.session(on: 1) { shard in
      #expect(shard.map.places.count == 10)
      let transaction = shard.begin(isolation: .readCommitted)
      do throws(KernelError) {
        var sum = 0
        for key in 0..<97 {
          sum += try await transaction.call(Get(key: key), bucket: bucket(key)) ?? 0
        }
        #expect(sum == added.withLock { $0 })
        try await transaction.commit()
      } catch {
        Issue.record("\(error)")
      }
    }
    running.kill()
  }

  @Test func `a call that knows an older range is refused, and an older snapshot too`() async {
    let running = NodeHarness(shards: 1, tablets: 2).start()
    await running.session(on: 0) { shard in
      await shard.put(0..<50)
      let old = shard.begin(isolation: .repeatableRead)
      let before = shard.map
      await shard.split(1)
      let fresh = shard.begin(isolation: .readCommitted)
      do throws(KernelError) {
        _ = try await fresh.callEach([(before.places[0], AllKeys())])
        Issue.record("the tablet took a call that does not know of its split")
      } catch {
        if case .restartStatement = error {} else { Issue.record("\(error)") }
      }
      await fresh.rollback()
      do throws(KernelError) {
        _ = try await old.callAll(AllKeys())
        Issue.record("a snapshot from before the split was read")
      } catch {
        if case .serializationFailure = error {} else { Issue.record("\(error)") }
      }
      await old.rollback()
    }
    running.kill()
  }

  @Test func `a transaction that stays open puts the split off, and loses nothing`() async {
    let running = NodeHarness(shards: 1, tablets: 2).start()
    await running.session(on: 0) { shard in
      await shard.put(0..<20)
      let open = shard.begin(isolation: .readCommitted)
      do throws(KernelError) {
        let key = (0..<20).first { shard.tablet(of: bucket($0)).rawValue == 1 } ?? 0
        _ = try await open.call(Put(key: key, value: key * 10), bucket: bucket(key))
        try await shard.change(.split(TabletID(rawValue: 1)))
        await shard.reactor.sleep(milliseconds: 1_500)
        #expect(!shard.map.descriptor.splits.isEmpty)
        try await open.commit()
      } catch {
        Issue.record("\(error)")
      }
      await shard.awaitSplits()
      await shard.check(0..<20)
    }
    running.kill()
  }

  @Test func `parts of an older attempt, and parts that come again, change nothing`() async {
    let running = NodeHarness(shards: 1, tablets: 2).start()
    await running.session(on: 0) { shard in
      let tablet = shard.makeTablet(TabletID(rawValue: 9), .alone)
      func part(_ term: UInt64, _ number: UInt64, _ key: Int, isLast: Bool = false) -> FillPart {
        FillPart(
          attempt: FillAttempt(
            term: Term(rawValue: term), since: Timestamp(rawValue: 1_000 + term)),
          number: number, isLast: isLast,
          rows: [
            FillPart.Row(
              space: space, key: keyBytes(key), value: [1], timestamp: Timestamp(rawValue: 7))
          ])
      }
      var index = LogIndex.zero
      func apply(_ part: FillPart) {
        index = index.next
        tablet.store.settle(upTo: index)
        tablet.applyFill(part, index)
      }
      apply(part(1, 0, 1))
      apply(part(2, 0, 2))
      apply(part(1, 1, 3, isLast: true))
      #expect(tablet.store.count(space) == 1)
      #expect(tablet.since == .zero)
      apply(part(2, 0, 4))
      apply(part(2, 2, 5))
      #expect(tablet.store.count(space) == 1)
      apply(part(2, 1, 6, isLast: true))
      #expect(tablet.store.count(space) == 2)
      #expect(tablet.since == Timestamp(rawValue: 1_002))
      #expect(tablet.store.horizon == Timestamp(rawValue: 1_002))
      // The next attempt begins from nothing.
      apply(part(3, 0, 7))
      #expect(tablet.store.count(space) == 1)
      #expect(tablet.since == .zero)
    }
    running.kill()
  }
}
