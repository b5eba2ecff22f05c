import Base
import Catalog
import Syntax
import Testing
import Types

@testable import SQL

/// A catalog with `items(id int4 PK, name text, price int4, owner int4)`, an index on owner, and
/// `pairs(a int4, b int4, c text, PK (a, b))` distributed by a.
enum PlanFixture {
  static let catalog: CatalogSnapshot = {
    var catalog = CatalogSnapshot()
    catalog.apply(CatalogSnapshot.bootstrap())
    catalog.put(.table(items))
    catalog.put(.table(pairs))
    catalog.put(.table(users))
    catalog.put(.table(notes))
    return catalog
  }()

  private static func column(_ id: Int16, _ name: String, _ type: SQLType, notNull: Bool = false)
    -> ColumnDescriptor
  {
    var column = ColumnDescriptor(id: ColumnID(rawValue: id), name: name, type: type)
    column.isNotNull = notNull
    return column
  }

  private static func index(_ id: UInt32, _ name: String, _ columns: [Int16]) -> IndexDescriptor {
    IndexDescriptor(
      id: ObjectID(rawValue: id), name: name, keyspace: KeyspaceID(rawValue: id),
      columns: columns.map { IndexColumn(column: ColumnID(rawValue: $0)) })
  }

  static let items: TableDescriptor = {
    var primary = index(20_001, "items_pkey", [1])
    primary.isPrimary = true
    primary.isUnique = true
    return TableDescriptor(
      id: ObjectID(rawValue: 20_000), schema: CatalogSnapshot.publicSchema, name: "items",
      owner: CatalogSnapshot.bootstrapRole, rowType: ObjectID(rawValue: 20_009),
      columns: [
        column(1, "id", .int4, notNull: true), column(2, "name", .text),
        column(3, "price", .int4), column(4, "owner", .int4),
      ],
      indexes: [primary, index(20_002, "items_owner", [4])],
      distribution: .murmur3([ColumnID(rawValue: 1)]))
  }()

  static let pairs: TableDescriptor = {
    var primary = index(21_001, "pairs_pkey", [1, 2])
    primary.isPrimary = true
    primary.isUnique = true
    return TableDescriptor(
      id: ObjectID(rawValue: 21_000), schema: CatalogSnapshot.publicSchema, name: "pairs",
      owner: CatalogSnapshot.bootstrapRole, rowType: ObjectID(rawValue: 21_009),
      columns: [
        column(1, "a", .int4, notNull: true), column(2, "b", .int4, notNull: true),
        column(3, "c", .text),
      ], indexes: [primary], distribution: .murmur3([ColumnID(rawValue: 1)]))
  }()

  /// users(id PK, email UNIQUE by a global index).
  static let users: TableDescriptor = {
    var primary = index(22_001, "users_pkey", [1])
    primary.isPrimary = true
    primary.isUnique = true
    var email = index(22_002, "users_email_key", [2])
    email.isUnique = true
    email.placement = .global
    return TableDescriptor(
      id: ObjectID(rawValue: 22_000), schema: CatalogSnapshot.publicSchema, name: "users",
      owner: CatalogSnapshot.bootstrapRole, rowType: ObjectID(rawValue: 22_009),
      columns: [column(1, "id", .int4, notNull: true), column(2, "email", .text)],
      indexes: [primary, email], distribution: .murmur3([ColumnID(rawValue: 1)]))
  }()

  /// notes(id PK, author REFERENCES users ON DELETE CASCADE).
  static let notes: TableDescriptor = {
    var primary = index(23_001, "notes_pkey", [1])
    primary.isPrimary = true
    primary.isUnique = true
    var table = TableDescriptor(
      id: ObjectID(rawValue: 23_000), schema: CatalogSnapshot.publicSchema, name: "notes",
      owner: CatalogSnapshot.bootstrapRole, rowType: ObjectID(rawValue: 23_009),
      columns: [column(1, "id", .int4, notNull: true), column(2, "author", .int4)],
      indexes: [primary, index(23_002, "notes_author", [2])],
      distribution: .murmur3([ColumnID(rawValue: 1)]))
    var key = ForeignKey(
      id: ObjectID(rawValue: 23_005), name: "notes_author_fkey",
      columns: [ColumnID(rawValue: 2)], referencedTable: ObjectID(rawValue: 22_000),
      referencedColumns: [ColumnID(rawValue: 1)])
    key.onDelete = .cascade
    table.foreignKeys = [key]
    return table
  }()

  static var context: StatementContext {
    StatementContext(
      catalog: catalog, searchPath: ["public"],
      role: RoleDescriptor(id: CatalogSnapshot.bootstrapRole, name: "quatrain"),
      parseExpression: CatalogText.expression,
      parseQuery: CatalogText.query)
  }

  static func plan(_ sql: String) throws -> PlannedStatement {
    guard case .query(let statement) = try Parser.parse(Array(sql.utf8))[0].body else {
      throw SQLError(.internalError, "no query")
    }
    return try SQL.plan(statement, context: context, parameterTypes: [])
  }

  static func explain(_ sql: String) throws -> [String] {
    ExplainText(try plan(sql).root, nil).lines.map {
      $0.split(separator: "  (rows=")[0].trimmingPrefix(while: { $0 == " " }).description
    }
  }

  /// The values of a SELECT without FROM.
  static func evaluate(_ sql: String, parameters: [Value] = []) throws -> [Value] {
    let statement = try plan(sql)
    let project = try #require(statement.root as? ProjectNode)
    var environment = EvaluationEnvironment(parameters: parameters)
    return try TypedExpression.evaluate(project.expressions, [], &environment)
  }

  static func error(_ sql: String) -> SQLError? {
    do {
      _ = try plan(sql)
      return nil
    } catch {
      return error as? SQLError
    }
  }
}

@Suite struct QueryPlanTests {
  @Test func `a whole primary key is one lookup in one bucket`() throws {
    let lines = try PlanFixture.explain("SELECT name FROM items WHERE id = $1")
    #expect(lines.contains("->  Index Scan using items_pkey on items"))
    #expect(lines.contains("Index Cond: (id = $1)"))
    #expect(lines.contains("Buckets: pruned by distribution key"))
  }

  @Test func `a secondary index is asked on all tablets`() throws {
    let lines = try PlanFixture.explain("SELECT * FROM items WHERE owner = 7")
    #expect(lines.contains("->  Index Scan using items_owner on items"))
    #expect(lines.contains("Buckets: all"))
  }

  @Test func `a prefix of the key prunes and orders`() throws {
    let lines = try PlanFixture.explain(
      "SELECT c FROM pairs WHERE a = 1 AND b > 5 ORDER BY b DESC LIMIT 3")
    #expect(!lines.contains { $0.contains("Sort") })
    #expect(lines.contains { $0.contains("Index Scan Backward using pairs_pkey on pairs") })
    #expect(lines.contains("Index Cond: (a = 1) AND (b > 5)"))
  }

  @Test func `a join becomes lookups or a hash table`() throws {
    let node = try PlanFixture.plan("SELECT count(1 + 1) FROM items WHERE id IN (1, 2, 3)")
    #expect(node.columns?.map(\.name) == ["count"])
  }

  @Test func `a change by key is done by the tablet`() throws {
    let update = try PlanFixture.plan("UPDATE items SET price = price + 1 WHERE id = 5")
    #expect(update.root is MutateNode)
    let delete = try PlanFixture.plan("DELETE FROM items WHERE id = $1 RETURNING name")
    #expect(delete.root is MutateNode)
    #expect(delete.columns?.map(\.name) == ["name"])
    let moved = try PlanFixture.plan("UPDATE items SET id = 6 WHERE id = 5")
    #expect(moved.root is ChangeNode)
  }

  @Test func `parameters take their types from where they stand`() throws {
    let insert = try PlanFixture.plan("INSERT INTO items (id, name) VALUES ($1, $2)")
    #expect(insert.parameterTypes == [.int4, .text])
    let select = try PlanFixture.plan("SELECT * FROM items WHERE name = $2 AND id < $1")
    #expect(select.parameterTypes == [.int4, .text])
  }

  @Test(arguments: [
    ("SELECT nope FROM items", "42703", "column \"nope\" does not exist", 8),
    ("SELECT i.nope FROM items i", "42703", "column i.nope does not exist", 8),
    ("SELECT * FROM nowhere", "42P01", "relation \"nowhere\" does not exist", 15),
    ("SELECT x.id FROM items", "42P01", "missing FROM-clause entry for table \"x\"", 8),
    (
      "INSERT INTO items (idd) VALUES (1)", "42703",
      "column \"idd\" of relation \"items\" does not exist", 20
    ),
    ("SELECT 1 ORDER BY 3", "42P10", "ORDER BY position 3 is not in select list", 19),
    (
      "SELECT id FROM items WHERE name", "42804",
      "argument of WHERE must be type boolean, not type text", 28
    ),
    (
      "INSERT INTO items VALUES (1, 'a', 2, 3, 4)", "42601",
      "INSERT has more expressions than target columns", 41
    ),
  ])
  func `errors have PostgreSQL's text and position`(
    sql: String, code: String, message: String, position: Int
  ) throws {
    let error = try #require(PlanFixture.error(sql))
    #expect(error.code.text == code)
    #expect(error.message == message)
    #expect(error.position == position)
  }
}

@Suite struct QueryEvaluationTests {
  @Test(arguments: [
    ("SELECT 1 + 2 * 3", Value.int(7)),
    ("SELECT CASE WHEN 1 < 2 THEN 'a' ELSE 'b' END", .string("a")),
    ("SELECT coalesce(NULL, 5)", .int(5)),
    ("SELECT nullif(3, 3)", .null),
    ("SELECT 3 IN (1, NULL)", .null),
    ("SELECT 1 IN (1, NULL)", .bool(true)),
    ("SELECT NULL AND false", .bool(false)),
    ("SELECT NOT (NULL OR true)", .bool(false)),
    ("SELECT 2 BETWEEN 1 AND 3", .bool(true)),
    ("SELECT NULL IS DISTINCT FROM 1", .bool(true)),
    ("SELECT '12'::int4 + 1", .int(13)),
    ("SELECT 1 IS NOT NULL", .bool(true)),
  ])
  func `expressions`(sql: String, expected: Value) throws {
    #expect(try PlanFixture.evaluate(sql) == [expected])
  }

  @Test func `a parameter's value`() throws {
    #expect(try PlanFixture.evaluate("SELECT $1 + 1", parameters: [.int(41)]) == [.int(42)])
  }
}

@Suite struct StoredTableTests {
  @Test func `access to an IN list is one range for each key and its own bucket`() throws {
    let statement = try PlanFixture.plan("SELECT name FROM items WHERE id IN (3, 1, 2, 1)")
    let scan = try #require((statement.root as? ProjectNode)?.input as? ScanNode)
    var environment = EvaluationEnvironment(parameters: [])
    let resolved = try scan.access.resolve(scan.table, &environment)
    #expect(resolved.ranges.flatMap(\.ranges).count == 3)
    #expect(resolved.ranges.allSatisfy { $0.bucket != nil })
    let row: [Value] = [.int(2), .null, .null, .null]
    #expect(resolved.ranges.contains { $0.bucket == scan.table.bucket(of: row) })
    let key = scan.table.key(of: row)
    #expect(try KeyReader.bucket(ofPrimaryKey: key, scan.table) == scan.table.bucket(of: row))
  }

  @Test func `a null in a key finds nothing`() throws {
    let statement = try PlanFixture.plan("SELECT name FROM items WHERE id = $1")
    let scan = try #require((statement.root as? ProjectNode)?.input as? ScanNode)
    var environment = EvaluationEnvironment(parameters: [.null])
    #expect(try scan.access.resolve(scan.table, &environment).ranges.isEmpty)
  }

  @Test func `a row that fails NOT NULL is shown`() throws {
    let statement = try PlanFixture.plan("INSERT INTO items (name) VALUES ('x')")
    let insert = try #require(statement.root as? InsertNode)
    var row: [Value] = [.null, .string("x"), .null, .int(1)]
    var environment = EvaluationEnvironment(parameters: [])
    do throws(SQLError) {
      try insert.target.constraints.complete(&row, &environment)
      Issue.record("no error")
    } catch {
      #expect(error.code == .notNullViolation)
      #expect(error.detail == "Failing row contains (null, x, null, 1).")
      #expect(error.column == "id")
    }
  }
}
