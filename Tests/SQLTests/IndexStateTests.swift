import Base
import Catalog
import Glibc
import Node
import Reactor
import Synchronization
import Testing
import Types

@testable import SQL

/// A node of one shard, for sessions of the whole language.
private final class SessionHarness: Sendable {
  private struct Member: @unchecked Sendable {
    let shard: NodeShard
    let handle: ReactorHandle
  }
  private let member = Mutex<Member?>(nil)

  init() {
    var random = SystemRandomNumberGenerator()
    var settings = NodeSettings(
      dataDirectory: "/tmp/quatrain-index-\(getpid())-\(random.next())", shardCount: 1,
      memoryLimitBytes: 1 << 30, randomSeed: 1)
    settings.tabletCount = 4
    settings.segmentBytes = 1 << 20
    settings.isPinned = false
    do throws(IOFault) {
      try Node.start(
        settings, onFailure: { fatalError("\($0)") },
        onReady: { [self] shard in
          let made = Member(shard: shard, handle: shard.reactor.handle)
          member.withLock { $0 = made }
        })
    } catch {
      fatalError("\(error)")
    }
    while member.withLock({ $0 == nil }) { usleep(1_000) }
  }

  func run(_ body: @escaping @Sendable (NodeShard) async -> Void) async {
    guard let member = member.withLock({ $0 }) else { fatalError("no shard") }
    await withCheckedContinuation { (done: CheckedContinuation<Void, Never>) in
      member.handle.post { reactor in
        reactor.spawn {
          await body(member.shard)
          done.resume()
        }
      }
    }
  }
}

/// The keys of a keyspace on one tablet, at the newest state.
private struct Keys: Procedure {
  static let name = "test.keys"
  let space: KeyspaceID

  init(space: KeyspaceID) { self.space = space }
  init(from reader: inout WireDecoder) throws(DecodingFault) {
    space = try KeyspaceID(from: &reader)
  }
  func encode(into out: inout WireEncoder) { space.encode(into: &out) }

  func run(_ transaction: TabletTransaction) throws(ProcedureError) -> Int {
    var count = 0
    try transaction.scan(space, lower: [], upper: nil, reverse: false) { _, _ in
      count += 1
      return true
    }
    return count
  }
}

extension SQLSession {
  fileprivate convenience init(_ shard: NodeShard) {
    self.init(shard: shard, user: "quatrain", database: "quatrain")
  }

  /// The statement's rows as text, or its error's code.
  fileprivate func run(_ sql: String) async -> [String] {
    do throws(SQLError) {
      var lines: [String] = []
      let statement = try prepare(Array(sql.utf8), parameterTypes: [])
      let portal = try bind(statement, values: [])
      _ = try await execute(portal, maximumRows: 0, isAlone: true) { rows in
        for row in rows {
          lines.append(
            zip(row, portal.columns ?? []).map { TypeIO.formatText($0, as: $1.type) }
              .joined(separator: ","))
        }
        return true
      }
      try await sync(failed: false)
      return lines
    } catch {
      try? await sync(failed: true)
      return [error.code.text]
    }
  }

  fileprivate func entries(_ name: String) async -> Int {
    guard let space = index(name)?.keyspace else { return -1 }
    let transaction = shard.begin(isolation: .readCommitted)
    defer { transaction.finishReading() }
    do throws(KernelError) {
      return try await transaction.callAll(Keys(space: space)).reduce(0, +)
    } catch {
      return -1
    }
  }

  fileprivate func index(_ name: String) -> IndexDescriptor? {
    shard.catalog.index(schema: CatalogSnapshot.publicSchema, name: name)?.1
  }

  fileprivate func set(_ name: String, _ state: IndexDescriptor.State, from: Timestamp? = nil) async
  {
    let transaction = shard.begin(isolation: .readCommitted)
    do throws(KernelError) {
      try await transaction.changeCatalog { (catalog) throws(SQLError) in
        guard
          var (table, index) = catalog.index(schema: CatalogSnapshot.publicSchema, name: name)
        else { return }
        index.state = state
        index.readableFrom = from
        table.indexes.removeAll { $0.id == index.id }
        table.indexes.append(index)
        table.version += 1
        catalog.put(.table(table))
      }
      try await transaction.commit()
    } catch {
      Issue.record("\(error)")
    }
  }
}

@Suite struct IndexStateTests {
  @Test(arguments: ["create index i on t (a, id)", "create unique index i on t (a)"])
  func `an index takes deletions first, then also additions, and is read when it is public`(
    _ create: String
  ) async {
    await SessionHarness().run { shard in
      let session = SQLSession(shard)
      #expect(await session.run("create table t (id int primary key, a int, b int)") == [])
      #expect(await session.run("insert into t values (1, 10, 0), (2, 20, 0)") == [])
      #expect(await session.run(create) == [])
      #expect(session.index("i")?.state == .public)
      #expect(session.index("i")?.readableFrom != nil)
      #expect(await session.entries("i") == 2)

      await session.set("i", .deleteOnly)
      #expect(await session.run("insert into t values (3, 30, 0)") == [])
      #expect(await session.run("update t set a = 11 where id = 1") == [])
      #expect(await session.entries("i") == 1)
      #expect(await session.run("delete from t where id = 2") == [])
      #expect(await session.entries("i") == 0)
      #expect(await session.run("select id from t where a = 11") == ["1"])

      await session.set("i", .writeOnly)
      #expect(await session.run("insert into t values (4, 40, 0)") == [])
      #expect(await session.run("update t set b = 1 where id = 1") == [])
      #expect(await session.entries("i") == 1)
      #expect(await session.run("update t set a = 12 where id = 1") == [])
      #expect(await session.run("delete from t where id = 3") == [])
      #expect(await session.entries("i") == 2)
      let plan = await session.run("explain select id from t where a = 12")
      #expect(!plan.contains { $0.contains("using i") })
    }
  }

  @Test(arguments: ["a", "a, id"])
  func `the entry of another row stays while the index is built`(_ columns: String) async {
    await SessionHarness().run { shard in
      let session = SQLSession(shard)
      _ = await session.run("create table t (id int primary key, a int)")
      _ = await session.run("create unique index i on t (\(columns))")
      await session.set("i", .deleteOnly)
      // Both have the same key, and neither an entry.
      _ = await session.run("insert into t values (1, 5), (2, 5)")
      await session.set("i", .writeOnly)
      _ = await session.run("insert into t values (3, 6)")
      _ = await session.run("update t set a = 5 where id = 3")
      #expect(await session.entries("i") == 1)
      _ = await session.run("delete from t where id = 1")
      _ = await session.run("update t set a = 7 where id = 2")
      #expect(await session.entries("i") == 2)
      _ = await session.run("delete from t where id = 3")
      #expect(await session.entries("i") == 1)
    }
  }

  @Test func `a unique index that is being built refuses what it knows of`() async {
    await SessionHarness().run { shard in
      let session = SQLSession(shard)
      _ = await session.run("create table t (id int primary key, a int)")
      _ = await session.run("create unique index i on t (a)")
      await session.set("i", .writeOnly)
      #expect(await session.run("insert into t values (1, 5)") == [])
      #expect(await session.run("insert into t values (2, 5)") == ["23505"])
      await session.set("i", .deleteOnly)
      #expect(await session.run("insert into t values (2, 5)") == [])
    }
  }

  @Test(arguments: ["create index i on t (a)", "create unique index i on t (a)"])
  func `a snapshot older than the index reads the table itself`(_ create: String) async {
    await SessionHarness().run { shard in
      let session = SQLSession(shard)
      _ = await session.run("create table t (id int primary key, a int)")
      _ = await session.run("insert into t values (1, 30), (2, 10), (3, 20), (4, null)")
      _ = await session.run(create)
      await session.set("i", .public, from: .distantFuture)
      let plan = await session.run("explain select id from t where a = 10")
      #expect(plan.contains { $0.contains("using i") })
      #expect(await session.run("select id from t where a = 10") == ["2"])
      #expect(await session.run("select id from t where a in (10, 30) order by id") == ["1", "2"])
      #expect(
        await session.run("select id from t where a > 5 order by a limit 2") == ["2", "3"])
      #expect(
        await session.run("select id from t where a > 5 order by a desc") == ["1", "3", "2"])
      #expect(await session.run("update t set a = 11 where a = 10 returning id") == ["2"])
      #expect(await session.run("delete from t where a = 20 returning id") == ["3"])
      #expect(await session.entries("i") == 3)
    }
  }

  @Test func `a build that fails or is refused leaves nothing`() async {
    await SessionHarness().run { shard in
      let session = SQLSession(shard)
      _ = await session.run("create table t (id int primary key, a int)")
      _ = await session.run("insert into t values (1, 5), (2, 5), (3, 0)")
      #expect(await session.run("create unique index i on t (a)") == ["23505"])
      #expect(session.index("i") == nil)
      #expect(await session.run("create index i on t ((10 / a))") == ["22012"])
      #expect(session.index("i") == nil)
      #expect(await session.run("insert into t values (4, 0)") == [])
      _ = await session.run("begin")
      #expect(await session.run("create index concurrently i on t (a)") == ["25001"])
      _ = await session.run("rollback")
      #expect(await session.run("create index i on t (a) where a > 0") == [])
      #expect(await session.entries("i") == 2)
    }
  }

  @Test func `a batch leaves rows out that somebody changes, and waits for one alone`() async {
    await SessionHarness().run { shard in
      let session = SQLSession(shard)
      _ = await session.run("create table t (id int primary key, a int) ")
      _ = await session.run("create index i on t (a)")
      await session.set("i", .deleteOnly)
      _ = await session.run("insert into t values (1, 5), (2, 6), (3, 7)")
      await session.set("i", .writeOnly)
      let writer = SQLSession(shard)
      _ = await writer.run("begin")
      _ = await writer.run("update t set a = 8 where id = 2")
      do {
        let made = try #require(session.index("i"))
        let table = try #require(shard.catalog.index(made.id)).0
        let layout = try Binder(session.statementContext(), parameterTypes: []).layout(table)
        let environment = EvaluationEnvironment(
          parameters: [], context: session.evaluationContext())
        let batch = shard.begin(isolation: .readCommitted)
        let outputs = try await batch.callAll(
          BackfillFragment(layout: layout, index: 0, environment: environment))
        let busy = outputs.flatMap(\.busy)
        #expect(busy.count == 1)
        try await batch.commit()
        #expect(await session.entries("i") == 2)
        let alone = shard.begin(isolation: .readCommitted)
        alone.lockTimeoutMilliseconds = 20
        let key = try #require(busy.first)
        let bucket = try KeyReader.bucket(ofPrimaryKey: key, layout)
        await #expect(throws: KernelError.self) {
          _ = try await alone.call(
            BackfillFragment(layout: layout, index: 0, only: key, environment: environment),
            bucket: bucket)
        }
        await alone.rollback()
        _ = await writer.run("rollback")
        let last = shard.begin(isolation: .readCommitted)
        let output = try await last.call(
          BackfillFragment(layout: layout, index: 0, only: key, environment: environment),
          bucket: bucket)
        #expect(output.busy.isEmpty)
        try await last.commit()
      } catch {
        Issue.record("\(error)")
      }
      #expect(await session.entries("i") == 3)
    }
  }

  @Test(arguments: [
    "create index i on t (a)", "create unique index i on t (a, id)",
    "create unique index i on t (u)",
    "create index i on t (a) where b > 50",
  ])
  func `after a build among writers each row has one entry, and each entry a row`(
    _ create: String
  ) async {
    await SessionHarness().run { shard in
      let session = SQLSession(shard)
      _ = await session.run("create table t (id int primary key, a int, b int, u int)")
      _ = await session.run(
        "insert into t select i, i % 7, i % 100, i from generate_series(0, 2999) i")
      var isStopped = false
      var ended = 0
      for number in 0..<6 {
        shard.reactor.spawn {
          let writer = SQLSession(shard)
          var random = Xoshiro256(seed: UInt64(number))
          var fresh = 10_000 + number
          while !isStopped {
            let isBlock = number % 2 == 0
            if isBlock {
              let level = number == 4 ? "repeatable read" : "read committed"
              _ = await writer.run("begin isolation level \(level)")
              _ = await writer.run("select 1")
            }
            for _ in 0..<(isBlock ? 3 : 1) {
              // Rows of one writer have its number as remainder.
              let key = Int(random.next() % 500) * 6 + number
              fresh += 6
              let sql =
                switch random.next() % 6 {
                case 0: "insert into t values (\(fresh), \(fresh % 5), \(fresh % 90), \(fresh))"
                case 1: "delete from t where id = \(key)"
                case 2: "update t set b = (b + 30) % 100 where id = \(key)"
                case 3: "update t set a = a + 1, u = \(fresh) where id = \(key)"
                case 4: "insert into t values (\(key), 3, 60, \(fresh)) on conflict do nothing"
                default: "update t set a = 4 where id = \(key)"
                }
              #expect(await writer.run(sql) == [])
            }
            if isBlock {
              _ = await writer.run(random.next() % 3 == 0 ? "rollback" : "commit")
            }
          }
          ended += 1
        }
      }
      #expect(await session.run(create) == [])
      let sleeper = shard.begin(isolation: .readCommitted)
      await #expect(throws: Never.self) { try await sleeper.sleep(nanoseconds: 100_000_000) }
      isStopped = true
      while ended < 6 {
        await #expect(throws: Never.self) { try await sleeper.sleep(nanoseconds: 10_000_000) }
      }
      sleeper.finishReading()
      let filter = create.hasSuffix("> 50") ? "where b > 50" : ""
      let rows = await session.run("select count(*) from t \(filter)")
      #expect(rows == ["\(await session.entries("i"))"])
    }
  }

  @Test func `a change of type that widens leaves the rows where they are`() async {
    await SessionHarness().run { shard in
      let session = SQLSession(shard)
      _ = await session.run(
        "create table t (id int primary key, a int, n numeric(6,2), u int unique, v varchar(3),"
          + " g int generated always as (a + 1) stored)")
      _ = await session.run("create table s (id int primary key, a int, n numeric(6,2))")
      func space(_ name: String) -> KeyspaceID? {
        guard
          case .table(let table)? = shard.catalog.relation(
            schema: CatalogSnapshot.publicSchema, name: name)
        else { return nil }
        return table.keyspace
      }
      let before = (space("t"), space("s"))
      for change in [
        "s alter a type bigint", "s alter n type numeric(8,2)", "s alter n type numeric",
        "t alter v type text", "s add column x int default 5", "s drop column x",
        "s alter a set default 4", "s alter a drop default", "s rename column a to b",
      ] {
        #expect(await session.run("alter table \(change)") == [])
      }
      #expect(before == (space("t"), space("s")))
      // The bucket of an entry goes by its type; g is computed anew.
      for change in ["t alter u type bigint", "t alter a type bigint", "s alter id type bigint"] {
        let old = (space("t"), space("s"))
        #expect(await session.run("alter table \(change)") == [])
        #expect(old != (space("t"), space("s")))
      }
    }
  }
}
