import Base
import Catalog
import Reactor
import Testing
import Types

@testable import Node

@Suite struct TableFenceTests {
  private static let table = ObjectID(rawValue: 700)
  private static let other = ObjectID(rawValue: 701)

  /// What became of a call whose transaction uses the table by that version of the catalog.
  private static func call(
    _ shard: NodeShard, _ table: ObjectID, _ version: UInt64, key: Int = 1
  ) async -> Ending {
    let transaction = shard.begin(isolation: .readCommitted)
    transaction.usedTables = [TableUse(table: table, version: version)]
    do throws(KernelError) {
      _ = try await transaction.callAndCommit(
        Add(key: key, amount: 1), bucket: bucket(key))
      return .committed
    } catch {
      return Ending(error)
    }
  }

  /// Versions that calls name must be there: a tablet waits for them.
  private static func reach(_ version: UInt64, _ shard: NodeShard) async {
    for number in shard.catalogVersion..<version {
      let change = shard.begin(isolation: .readCommitted)
      await #expect(throws: Never.self) {
        try await change.changeCatalog { (catalog) throws(SQLError) in
          var role = catalog.role(named: "quatrain")
          role?.comment = "\(number)"
          if let role { catalog.put(.role(role)) }
        }
        try await change.commit()
      }
    }
    #expect(shard.catalogVersion >= version)
  }

  private static func raise(_ shard: NodeShard, to version: UInt64) async {
    let change = shard.begin(isolation: .readCommitted)
    await #expect(throws: Never.self) {
      try await change.callEverywhere(FenceTables(.raise, [Self.table], version: version))
      try await change.commit()
    }
  }

  @Test func `a call that knows less of its table is refused, any other passes`() async {
    await NodeHarness().start().session(on: 0) { shard in
      await Self.reach(6, shard)
      #expect(await Self.call(shard, Self.table, 1) == .committed)
      await Self.raise(shard, to: 5)
      #expect(await Self.call(shard, Self.table, 4) == .serialization)
      #expect(await Self.call(shard, Self.table, 5) == .committed)
      #expect(await Self.call(shard, Self.other, 1) == .committed)
      // It never falls.
      await Self.raise(shard, to: 3)
      #expect(await Self.call(shard, Self.table, 4) == .serialization)
      let drop = shard.begin(isolation: .readCommitted)
      await #expect(throws: Never.self) {
        try await drop.callEverywhere(FenceTables(.remove, [Self.table]))
        try await drop.commit()
      }
      #expect(await Self.call(shard, Self.table, 1) == .committed)
    }
  }

  @Test func `a change waits for those under way, and they for its end`() async {
    await NodeHarness().start().session(on: 0) { shard in
      let user = shard.begin(isolation: .readCommitted)
      user.usedTables = [TableUse(table: Self.table, version: 1)]
      await #expect(throws: Never.self) {
        _ = try await user.call(Put(key: 1, value: 1), bucket: bucket(1))
      }
      let change = shard.begin(isolation: .readCommitted)
      var isClosed = false
      shard.reactor.spawn {
        await #expect(throws: Never.self) {
          try await change.callEverywhere(FenceTables(.close, [Self.table]))
        }
        isClosed = true
      }
      await shard.reactor.sleep(milliseconds: 50)
      #expect(!isClosed)
      await #expect(throws: Never.self) { try await user.commit() }
      await shard.reactor.sleep(milliseconds: 50)
      #expect(isClosed)
      var late: Ending?
      shard.reactor.spawn { late = await Self.call(shard, Self.table, 1) }
      #expect(await Self.call(shard, Self.other, 1) == .committed)
      await shard.reactor.sleep(milliseconds: 50)
      #expect(late == nil)
      await #expect(throws: Never.self) {
        try await change.callEverywhere(FenceTables(.raise, [Self.table], version: 2))
        try await change.commit()
      }
      await shard.reactor.sleep(milliseconds: 50)
      #expect(late == .serialization)
    }
  }

  @Test func `a change that is rolled back leaves nothing`() async {
    await NodeHarness().start().session(on: 0) { shard in
      let change = shard.begin(isolation: .readCommitted)
      await #expect(throws: Never.self) {
        try await change.callEverywhere(FenceTables(.close, [Self.table]))
        try await change.callEverywhere(FenceTables(.raise, [Self.table], version: 2))
      }
      await change.rollback()
      #expect(await Self.call(shard, Self.table, 1) == .committed)
    }
  }

  @Test func `after a split both tablets have the fences`() async {
    await NodeHarness(tablets: 1).start().session(on: 0) { shard in
      await Self.reach(6, shard)
      await Self.raise(shard, to: 5)
      await #expect(throws: Never.self) { try await shard.change(.split(TabletID(rawValue: 1))) }
      for _ in 0..<2_000 where shard.map.places.count < 2 {
        await shard.reactor.sleep(milliseconds: 5)
      }
      var places: Set<TabletPlace> = []
      for key in 0..<40 {
        places.insert(shard.place(of: bucket(key)))
        #expect(await Self.call(shard, Self.table, 4, key: key) == .serialization)
        #expect(await Self.call(shard, Self.table, 5, key: key) == .committed)
      }
      #expect(places.count == 2)
      // A later change reaches both.
      await Self.raise(shard, to: 6)
      for key in 0..<40 {
        #expect(await Self.call(shard, Self.table, 5, key: key) == .serialization)
      }
    }
  }
}
