import Base
import Catalog
import Functions
import Glibc
import Node
import Reactor
import Synchronization
import Syntax
import Testing
import Types

@testable import SQL

/// One node in a directory of its own, and statements on the fixture's tables.
private final class QueryHarness: Sendable {
  private struct Member: @unchecked Sendable {
    let shard: NodeShard
    let handle: ReactorHandle
  }
  private let members = Mutex<[Member]>([])

  init() {
    var random = SystemRandomNumberGenerator()
    var settings = NodeSettings(
      dataDirectory: "/tmp/quatrain-query-\(getpid())-\(random.next())", shardCount: 2,
      memoryLimitBytes: 1 << 30, randomSeed: 1)
    settings.tabletCount = 8
    settings.segmentBytes = 1 << 20
    settings.isPinned = false
    do throws(IOFault) {
      try Node.start(
        settings, onFailure: { fatalError("\($0)") },
        onReady: { [self] shard in
          let member = Member(shard: shard, handle: shard.reactor.handle)
          members.withLock { $0.append(member) }
        })
    } catch {
      fatalError("\(error)")
    }
    while members.withLock({ $0.count }) < 2 { usleep(1_000) }
  }

  func session(_ body: @escaping @Sendable (QuerySession) async -> Void) async {
    guard let member = members.withLock({ $0.first }) else { fatalError("no shard") }
    await withCheckedContinuation { (done: CheckedContinuation<Void, Never>) in
      member.handle.post { reactor in
        reactor.spawn {
          await body(QuerySession(member.shard))
          done.resume()
        }
      }
    }
  }
}

private final class NoSequences: SequenceAccess {
  func call(
    _ name: String, _ arguments: [Value], context: EvaluationContext, transaction: Transaction
  ) async throws(SQLError) -> Value { .int(1) }
}

private final class QuerySession {
  let shard: NodeShard
  init(_ shard: NodeShard) { self.shard = shard }

  /// Runs one statement as its own transaction: its rows, or its error's code and detail.
  func run(_ sql: String, _ parameters: [Value] = []) async -> [[Value]] {
    do {
      return try await attempt(sql, parameters)
    } catch let error as SQLError {
      return [[.string(error.code.text), .string(error.detail ?? error.message)]]
    } catch {
      return [[.string("\(error)")]]
    }
  }

  private func attempt(_ sql: String, _ parameters: [Value]) async throws -> [[Value]] {
    try await attempt(PlanFixture.plan(sql), parameters)
  }

  func run(_ syntax: QuerySyntax.Statement) async -> [[Value]] {
    do {
      return try await attempt(
        SQL.plan(syntax, context: PlanFixture.context, parameterTypes: []), [])
    } catch let error as SQLError {
      return [[.string(error.code.text), .string(error.detail ?? error.message)]]
    } catch {
      return [[.string("\(error)")]]
    }
  }

  private func attempt(_ statement: PlannedStatement, _ parameters: [Value]) async throws
    -> [[Value]]
  {
    let transaction = shard.begin(isolation: .readCommitted)
    let context = ExecutionContext(
      transaction: transaction, evaluation: PlanFixture.context.evaluation,
      sequences: NoSequences(), deferred: DeferredChecks(),
      newRowID: { [shard] in shard.uniqueRowID() },
      placeOf: { [shard] in shard.place(of: $0) })
    if let alone = try await statement.executeAlone(parameters: parameters, in: context) {
      return statement.columns == nil ? [[.int(Int64(alone.rowsAffected))]] : alone.rows
    }
    let cursor = execute(statement, parameters: parameters, in: context)
    var rows: [[Value]] = []
    do {
      while let batch = try await cursor.next() { rows.append(contentsOf: batch) }
      try await transaction.commit()
    } catch {
      await transaction.rollback()
      throw error
    }
    return statement.columns == nil ? [[.int(Int64(cursor.rowsAffected))]] : rows
  }
}

@Suite struct QueryExecutionTests {
  @Test func `rows are written, found, ordered, changed and deleted`() async {
    let harness = QueryHarness()
    await harness.session { session in
      #expect(
        await session.run("INSERT INTO items VALUES ($1, $2, 10, 1)", [.int(1), .string("a")])
          == [[.int(1)]])
      #expect(
        await session.run(
          "INSERT INTO items VALUES (2, 'b', 30, 1), (3, 'c', 20, 2) RETURNING id")
          == [[.int(2)], [.int(3)]])
      #expect(
        await session.run("INSERT INTO items VALUES (2, 'x')")
          == [[.string("23505"), .string("Key (id)=(2) already exists.")]])
      #expect(
        await session.run("SELECT name FROM items WHERE id = $1", [.int(2)]) == [[.string("b")]])
      #expect(
        await session.run("SELECT id FROM items ORDER BY price DESC LIMIT 2")
          == [[.int(2)], [.int(3)]])
      #expect(
        await session.run("SELECT id FROM items ORDER BY id") == [[.int(1)], [.int(2)], [.int(3)]])
      #expect(
        await session.run("SELECT id FROM items WHERE owner = 1 AND price > 10") == [[.int(2)]])
      #expect(await session.run("UPDATE items SET owner = 2 WHERE id = 1") == [[.int(1)]])
      #expect(
        await session.run("SELECT id FROM items WHERE owner = 2 ORDER BY id DESC")
          == [[.int(3)], [.int(1)]])
      #expect(
        await session.run("UPDATE items SET id = 9 WHERE id = 3 RETURNING id, name")
          == [[.int(9), .string("c")]])
      #expect(await session.run("UPDATE items SET price = price + 1") == [[.int(3)]])
      #expect(await session.run("SELECT price FROM items WHERE id = 9") == [[.int(21)]])
      #expect(await session.run("DELETE FROM items WHERE owner = 2") == [[.int(2)]])
      #expect(await session.run("SELECT id, price FROM items") == [[.int(2), .int(31)]])
    }
  }

  @Test func `many rows come in batches from all tablets, merged in order`() async {
    let harness = QueryHarness()
    await harness.session { session in
      for start in stride(from: 0, to: 3_000, by: 500) {
        let rows = (start..<start + 500).map { "(\($0), \($0 % 7), 'r')" }.joined(separator: ", ")
        #expect(await session.run("INSERT INTO pairs VALUES \(rows)") == [[.int(500)]])
      }
      let all = await session.run("SELECT a FROM pairs ORDER BY a")
      #expect(all == (0..<3_000).map { [.int($0)] })
      let some = await session.run("SELECT a FROM pairs ORDER BY a DESC LIMIT 3 OFFSET 2")
      #expect(some == [[.int(2_997)], [.int(2_996)], [.int(2_995)]])
    }
  }

  @Test func `a global index keeps its key unique and finds the row`() async {
    let harness = QueryHarness()
    await harness.session { session in
      #expect(
        await session.run("INSERT INTO users VALUES (1, 'a'), (2, 'b'), (3, NULL), (4, NULL)")
          == [[.int(4)]])
      #expect(
        await session.run("INSERT INTO users VALUES (5, 'b')")
          == [[.string("23505"), .string("Key (email)=(b) already exists.")]])
      #expect(await session.run("SELECT id FROM users WHERE email = 'b'") == [[.int(2)]])
      #expect(await session.run("UPDATE users SET email = 'c' WHERE id = 2") == [[.int(1)]])
      #expect(await session.run("SELECT id FROM users WHERE email = 'b'") == [])
      #expect(await session.run("INSERT INTO users VALUES (5, 'b')") == [[.int(1)]])
      #expect(await session.run("DELETE FROM users WHERE email = 'c'") == [[.int(1)]])
      #expect(await session.run("SELECT id FROM users WHERE email = 'c'") == [])
    }
  }

  @Test func `a foreign key is checked on both sides and cascades`() async {
    let harness = QueryHarness()
    await harness.session { session in
      #expect(await session.run("INSERT INTO users VALUES (1, 'a'), (2, 'b')") == [[.int(2)]])
      #expect(
        await session.run("INSERT INTO notes VALUES (10, 1), (11, 1), (12, NULL), (13, 2)")
          == [[.int(4)]])
      #expect(
        await session.run("INSERT INTO notes VALUES (14, 7)")
          == [[.string("23503"), .string("Key (author)=(7) is not present in table \"users\".")]])
      #expect(
        await session.run("UPDATE users SET id = 9 WHERE id = 2")
          == [
            [
              .string("23503"),
              .string("Key (id)=(2) is still referenced from table \"notes\"."),
            ]
          ])
      #expect(await session.run("DELETE FROM users WHERE id = 1") == [[.int(1)]])
      #expect(await session.run("SELECT id FROM notes ORDER BY id") == [[.int(12)], [.int(13)]])
    }
  }

  @Test func `aggregates are computed next to the data and combined`() async {
    let harness = QueryHarness()
    await harness.session { session in
      let rows = (0..<100).map { "(\($0), 'n', \($0), \($0 % 3))" }.joined(separator: ", ")
      #expect(await session.run("INSERT INTO items VALUES \(rows)") == [[.int(100)]])
      #expect(
        await session.run("SELECT count(*), max(price) FROM items") == [[.int(100), .int(99)]])
      #expect(
        await session.run("SELECT owner, count(*) FROM items GROUP BY owner ORDER BY owner")
          == [[.int(0), .int(34)], [.int(1), .int(33)], [.int(2), .int(33)]])
      #expect(
        await session.run(
          "SELECT owner FROM items GROUP BY owner HAVING count(*) > 33") == [[.int(0)]])
    }
  }

  private typealias Q = QuerySyntax
  private static func name(_ names: String...) -> Q.Expression { .column(names, position: nil) }
  private static func number(_ value: Int64) -> Q.Expression {
    .literal(.integer(value), position: nil)
  }
  private static func equal(_ a: Q.Expression, _ b: Q.Expression) -> Q.Expression {
    .binary("=", a, b, position: nil)
  }
  private static func select(
    _ targets: [Q.Expression], from: [Q.FromItem], where filter: Q.Expression? = nil
  ) -> Q.Query {
    var block = Q.Select()
    block.targets = targets.map { Q.Target($0) }
    block.from = from
    block.filter = filter
    return Q.Query(.select(block))
  }

  @Test func `joins, correlated subqueries and recursion`() async {
    let harness = QueryHarness()
    await harness.session { session in
      _ = await session.run("INSERT INTO users VALUES (1, 'a'), (2, 'b'), (3, 'c')")
      _ = await session.run("INSERT INTO notes VALUES (10, 1), (11, 1), (13, 2)")
      var joined = Self.select(
        [Self.name("u", "email"), Self.name("n", "id")],
        from: [
          .join(
            .left, .relation(Q.RelationName("users"), Q.Alias("u")),
            .relation(Q.RelationName("notes"), Q.Alias("n")),
            .on(Self.equal(Self.name("n", "author"), Self.name("u", "id"))), nil, position: nil)
        ])
      joined.order = [Q.SortKey(Self.number(1)), Q.SortKey(Self.number(2))]
      #expect(
        await session.run(.query(joined)) == [
          [.string("a"), .int(10)], [.string("a"), .int(11)], [.string("b"), .int(13)],
          [.string("c"), .null],
        ])
      let inner = Self.select(
        [Self.number(1)], from: [.relation(Q.RelationName("notes"), nil)],
        where: Self.equal(Self.name("author"), Self.name("users", "id")))
      let outer = Self.select(
        [Self.name("id")], from: [.relation(Q.RelationName("users"), nil)],
        where: .not(.subquery(.exists, left: nil, inner, position: nil)))
      #expect(await session.run(.query(outer)) == [[.int(3)]])
      let base = Q.Query(.values([[Self.number(1)]]))
      let step = Self.select(
        [.binary("+", Self.name("n"), Self.number(1), position: nil)],
        from: [.relation(Q.RelationName("t"), nil)],
        where: .binary("<", Self.name("n"), Self.number(5), position: nil))
      var counted = Self.select([Self.name("n")], from: [.relation(Q.RelationName("t"), nil)])
      counted.with = [
        Q.CommonTable("t", columns: ["n"], query: Q.Query(.set(.union, isAll: true, base, step)))
      ]
      counted.isRecursive = true
      #expect(await session.run(.query(counted)) == (1...5).map { [.int($0)] })
    }
  }

  @Test func `ON CONFLICT updates the row that is there`() async {
    let harness = QueryHarness()
    await harness.session { session in
      _ = await session.run("INSERT INTO items VALUES (1, 'a', 10, 1)")
      var insert = Q.Insert(Q.RelationName("items"))
      insert.source = Q.Query(
        .values([
          [Self.number(1), .literal(.string("b"), position: nil), Self.number(5)],
          [Self.number(2), .literal(.string("c"), position: nil), Self.number(6)],
        ]))
      var conflict = Q.OnConflict()
      conflict.columns = ["id"]
      conflict.assignments = [
        Q.Assignment(
          ["price"],
          .binary(
            "+", Self.name("items", "price"), Self.name("excluded", "price"), position: nil))
      ]
      insert.onConflict = conflict
      insert.returning = [Q.Target(Self.name("id")), Q.Target(Self.name("price"))]
      #expect(
        await session.run(.insert(insert)) == [[.int(1), .int(15)], [.int(2), .int(6)]])
      conflict.assignments = nil
      insert.onConflict = conflict
      #expect(await session.run(.insert(insert)) == [])
    }
  }
}
