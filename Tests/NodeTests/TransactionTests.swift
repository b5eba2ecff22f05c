import Base
import Catalog
import Reactor
import Testing
import Types

@testable import Node

/// How a transaction ended, for comparing.
enum Ending: Equatable, Sendable {
  case committed
  case serialization
  case deadlock
  case cancelled
  case lockTimeout
  case other(String)

  init(_ error: KernelError) {
    switch error {
    case .serializationFailure: self = .serialization
    case .deadlock: self = .deadlock
    case .cancelled: self = .cancelled
    case .lockNotAvailable: self = .lockTimeout
    default: self = .other("\(error)")
    }
  }
}

@Suite struct TransactionTests {
  @Test func `what one call commits, another session reads, and a restart keeps`() async {
    let harness = NodeHarness()
    await harness.start().session(on: 0) { shard in
      for key in 0..<50 {
        let transaction = shard.begin(isolation: .readCommitted)
        await #expect(throws: Never.self) {
          try await transaction.callAndCommit(Put(key: key, value: key * 10), bucket: bucket(key))
        }
      }
    }
    await harness.start().session(on: 1) { shard in
      let transaction = shard.begin(isolation: .readCommitted)
      for key in 0..<50 {
        await #expect(throws: Never.self) {
          let value = try await transaction.call(Get(key: key), bucket: bucket(key))
          #expect(value == key * 10)
        }
      }
      await transaction.rollback()
    }
  }

  @Test func `a transaction over several tablets is all or nothing, and survives a restart`() async
  {
    let harness = NodeHarness()
    await harness.start().session(on: 0) { shard in
      let kept = shard.begin(isolation: .readCommitted)
      let dropped = shard.begin(isolation: .readCommitted)
      await #expect(throws: Never.self) {
        for key in 0..<20 {
          _ = try await kept.call(Put(key: key, value: 1), bucket: bucket(key))
          _ = try await dropped.call(Put(key: 100 + key, value: 1), bucket: bucket(100 + key))
        }
        try await kept.commit()
      }
      await dropped.rollback()
    }
    await harness.start().session(on: 1) { shard in
      let transaction = shard.begin(isolation: .readCommitted)
      await #expect(throws: Never.self) {
        for key in 0..<20 {
          let found1 = try await transaction.call(Get(key: key), bucket: bucket(key))
          #expect(found1 == 1)
          let found2 = try await transaction.call(Get(key: 100 + key), bucket: bucket(100 + key))
          #expect(found2 == nil)
        }
      }
      await transaction.rollback()
    }
  }

  @Test func `a savepoint takes back what came after it`() async {
    await NodeHarness().start().session(on: 0) { shard in
      let transaction = shard.begin(isolation: .readCommitted)
      await #expect(throws: Never.self) {
        _ = try await transaction.call(Put(key: 1, value: 1), bucket: bucket(1))
        let savepoint = transaction.savepoint()
        _ = try await transaction.call(Put(key: 1, value: 2), bucket: bucket(1))
        _ = try await transaction.call(Put(key: 2, value: 2), bucket: bucket(2))
        try await transaction.rollback(to: savepoint)
        let found3 = try await transaction.call(Get(key: 1), bucket: bucket(1))
        #expect(found3 == 1)
        let found4 = try await transaction.call(Get(key: 2), bucket: bucket(2))
        #expect(found4 == nil)
        try await transaction.commit()
      }
    }
  }

  @Test(arguments: [IsolationLevel.readCommitted, .repeatableRead, .serializable])
  func `concurrent increments: none is lost`(level: IsolationLevel) async {
    let node = NodeHarness().start()
    let committed = Shared(0)
    await withTaskGroup(of: Void.self) { group in
      for session in 0..<4 {
        group.addTask {
          await node.session(on: session % 2) { shard in
            for _ in 0..<50 {
              let transaction = shard.begin(isolation: level)
              do throws(KernelError) {
                _ = try await transaction.statement { () async throws(KernelError) in
                  try await transaction.call(Add(key: 1, amount: 1), bucket: bucket(1))
                }
                try await transaction.commit()
                committed.withLock { $0 += 1 }
              } catch {
                await transaction.rollback()
                #expect(Ending(error) == .serialization && level != .readCommitted)
              }
            }
          }
        }
      }
    }
    await node.session(on: 0) { shard in
      let transaction = shard.begin(isolation: .readCommitted)
      await #expect(throws: Never.self) {
        let value = try await transaction.call(Get(key: 1), bucket: bucket(1))
        #expect(value == committed.withLock { $0 })
      }
      await transaction.rollback()
    }
    if level == .readCommitted { #expect(committed.withLock { $0 } == 200) }
  }

  @Test(arguments: [IsolationLevel.repeatableRead, .serializable])
  func `write skew: allowed by snapshots, refused when serializable`(level: IsolationLevel) async {
    await NodeHarness().start().session(on: 0) { shard in
      let first = shard.begin(isolation: level)
      let second = shard.begin(isolation: level)
      var endings: [Ending] = []
      for (transaction, read, written) in [(first, 1, 2), (second, 2, 1)] {
        await #expect(throws: Never.self) {
          _ = try await transaction.call(Get(key: read), bucket: bucket(read))
          _ = try await transaction.call(Put(key: written, value: 9), bucket: bucket(written))
        }
      }
      for transaction in [first, second] {
        do throws(KernelError) {
          try await transaction.commit()
          endings.append(.committed)
        } catch {
          endings.append(Ending(error))
        }
      }
      #expect(
        endings
          == (level == .serializable ? [.committed, .serialization] : [.committed, .committed]))
    }
  }

  @Test func `a circle of waits is broken, and one of the two goes on`() async {
    let node = NodeHarness().start()
    let endings = Shared<[Ending]>([])
    await withTaskGroup(of: Void.self) { group in
      for (session, keys) in [[1, 2], [2, 1]].enumerated() {
        group.addTask {
          await node.session(on: session) { shard in
            let transaction = shard.begin(isolation: .readCommitted)
            do throws(KernelError) {
              for key in keys {
                _ = try await transaction.statement { () async throws(KernelError) in
                  try await transaction.call(Add(key: key, amount: 1), bucket: bucket(key))
                }
                await shard.reactor.sleep(nanoseconds: 30_000_000)
              }
              try await transaction.commit()
              endings.withLock { $0.append(.committed) }
            } catch {
              await transaction.rollback()
              endings.withLock { $0.append(Ending(error)) }
            }
          }
        }
      }
    }
    let seen = endings.withLock { $0 }
    #expect(seen.contains(.committed) && seen.contains(.deadlock))
  }

  @Test func `waiting for a lock ends at its time limit`() async {
    await NodeHarness().start().session(on: 0) { shard in
      let holder = shard.begin(isolation: .readCommitted)
      let waiter = shard.begin(isolation: .readCommitted)
      waiter.lockTimeoutMilliseconds = 20
      await #expect(throws: Never.self) {
        _ = try await holder.call(Put(key: 1, value: 1), bucket: bucket(1))
      }
      do throws(KernelError) {
        _ = try await waiter.call(Put(key: 1, value: 2), bucket: bucket(1))
        Issue.record("the lock was not waited for")
      } catch {
        #expect(Ending(error) == .lockTimeout)
      }
      await waiter.rollback()
      await holder.rollback()
    }
  }

  @Test func `the sum of all accounts stays while transfers and readers run on every shard`() async
  {
    let node = NodeHarness().start()
    let accounts = 10
    await node.session(on: 0) { shard in
      let transaction = shard.begin(isolation: .readCommitted)
      await #expect(throws: Never.self) {
        for key in 0..<accounts {
          _ = try await transaction.call(Put(key: key, value: 100), bucket: bucket(key))
        }
        try await transaction.commit()
      }
    }
    await withTaskGroup(of: Void.self) { group in
      for session in 0..<4 {
        group.addTask {
          await node.session(on: session % 2) { shard in
            var random = Xoshiro256(seed: UInt64(session))
            for _ in 0..<40 {
              let from = Int.random(in: 0..<accounts, using: &random)
              let to = Int.random(in: 0..<accounts, using: &random)
              let transaction = shard.begin(isolation: .readCommitted)
              do throws(KernelError) {
                for (key, amount) in [(from, -7), (to, 7)] {
                  _ = try await transaction.statement { () async throws(KernelError) in
                    try await transaction.call(Add(key: key, amount: amount), bucket: bucket(key))
                  }
                }
                try await transaction.commit()
              } catch {
                await transaction.rollback()
                #expect(Ending(error) == .deadlock)
              }
              let reader = shard.begin(isolation: .repeatableRead)
              await #expect(throws: Never.self) {
                let values = try await reader.callEach(
                  (0..<accounts).map { (bucket($0), Get(key: $0)) })
                #expect(values.compactMap { $0 }.reduce(0, +) == 100 * accounts)
              }
              await reader.rollback()
            }
          }
        }
      }
    }
  }

  @Test func `a catalog change is private until commit and survives a restart`() async {
    let harness = NodeHarness()
    let node = harness.start()
    await node.session(on: 1) { shard in
      let transaction = shard.begin(isolation: .readCommitted)
      await #expect(throws: Never.self) {
        try await transaction.changeCatalog { (catalog) throws(SQLError) in
          var role = catalog.role(named: "quatrain")
          role?.comment = "changed"
          if let role { catalog.put(.role(role)) }
        }
        #expect(shard.catalog.role(named: "quatrain")?.comment == nil)
        try await transaction.commit()
        #expect(shard.catalog.role(named: "quatrain")?.comment == "changed")
      }
    }
    await node.session(on: 0) { shard in
      #expect(shard.catalog.role(named: "quatrain")?.comment == "changed")
    }
    await harness.start().session(on: 1) { shard in
      #expect(shard.catalog.role(named: "quatrain")?.comment == "changed")
    }
  }
}
