import Testing

@testable import CQL

/// Statements and what they are read as; texts that are none.
struct ParserTests {
  private func parse(_ text: String) throws -> Statement { try Parser.parse(text).0 }

  @Test func selects() throws {
    guard
      case .select(let select) = try parse(
        "SELECT a, \"B\" AS c, count(*), m['k'], u.f, cast(x AS text), ttl(v) FROM ks.t WHERE a = 1 AND b IN (?, 2) AND (c, d) >= (1, :x) AND token(a) > 5 AND e CONTAINS KEY 'z' GROUP BY a ORDER BY c DESC PER PARTITION LIMIT 2 LIMIT ? ALLOW FILTERING;"
      )
    else {
      Issue.record("no SELECT")
      return
    }
    #expect(select.table == ObjectName(keyspace: "ks", name: "t"))
    #expect(
      select.items.map(\.selector) == [
        .column("a"), .column("B"), .countAll, .element(.column("m"), .string("k")),
        .field(.column("u"), "f"), .cast(.column("x"), .named(keyspace: nil, "text")),
        .timeToLive("v"),
      ])
    #expect(select.items[1].alias == "c")
    #expect(
      select.relations.map(\.target) == [
        .column("a"), .column("b"), .columns(["c", "d"]), .token(["a"]), .column("e"),
      ])
    #expect(
      select.relations.map(\.comparison) == [
        .equal, .isIn, .greaterOrEqual, .greater, .containsKey,
      ])
    #expect(select.relations[2].values == [.tuple([.integer("1"), .marker(1)])])
    #expect(select.perPartitionLimit == .integer("2") && select.limit == .marker(2))
    #expect(select.allowsFiltering && select.groupBy == ["a"])
    #expect(select.order == [.init(column: "c", isDescending: true)])
  }

  @Test func markersKeepTheirNames() throws {
    let (_, markers) = try Parser.parse("UPDATE t SET a = :a, b = ? WHERE c = :\"C\"")
    #expect(markers == ["a", nil, "C"])
  }

  @Test func changes() throws {
    guard
      case .modify(let update) = try parse(
        "UPDATE t USING TTL 5 AND TIMESTAMP ? SET a = a + 1, l = ['x'] + l, s -= {1}, m['k'] = 2, u.f = null WHERE k = 1 IF a = 3 AND m['k'] IN (1)"
      )
    else {
      Issue.record("no UPDATE")
      return
    }
    #expect(
      update.body
        == .update([
          Assignment(target: .column("a"), kind: .add, value: .integer("1")),
          Assignment(target: .column("l"), kind: .prepend, value: .list([.string("x")])),
          Assignment(target: .column("s"), kind: .subtract, value: .set([.integer("1")])),
          Assignment(target: .element("m", .string("k")), kind: .set, value: .integer("2")),
          Assignment(target: .field("u", "f"), kind: .set, value: .null),
        ]))
    #expect(update.using.timeToLive == .integer("5") && update.using.timestamp == .marker(0))
    guard case .conditions(let conditions) = update.condition else {
      Issue.record("no conditions")
      return
    }
    #expect(conditions.map(\.target) == [.column("a"), .element("m", .string("k"))])
    guard
      case .batch(let batch) = try parse(
        "BEGIN UNLOGGED BATCH USING TIMESTAMP 7 INSERT INTO t (a) VALUES (1) IF NOT EXISTS; DELETE a, m['x'] FROM t WHERE k = 2 APPLY BATCH"
      )
    else {
      Issue.record("no BATCH")
      return
    }
    #expect(batch.kind == .unlogged && batch.statements.count == 2)
    #expect(batch.statements[0].condition == .ifNotExists)
    #expect(
      batch.statements[1].body == .delete([.column("a"), .element("m", .string("x"))]))
  }

  @Test(arguments: [
    ("1", Term.integer("1")), ("-1.5e3", .decimal("-1.5e3")), ("'it''s'", .string("it's")),
    ("$$a'b$$", .string("a'b")), ("0xCAfe", .blob([0xCA, 0xFE])), ("true", .bool(true)),
    ("NULL", .null), ("1h30m", .duration("1h30m")), ("P1Y2M", .duration("P1Y2M")),
    ("123e4567-e89b-12d3-a456-426614174000", .uuid("123e4567-e89b-12d3-a456-426614174000")),
    ("[1, 'a']", .list([.integer("1"), .string("a")])), ("{}", .set([])),
    ("{1}", .set([.integer("1")])),
    ("{'a': 1}", .map([.init(key: .string("a"), value: .integer("1"))])),
    ("{a: 1}", .userType([.init(name: "a", value: .integer("1"))])),
    ("(1, 2)", .tuple([.integer("1"), .integer("2")])),
    ("(int) 5", .cast(.named(keyspace: nil, "int"), .integer("5"))),
    ("now()", .call(name: "now", [])),
    ("NaN", .decimal("NaN")),
  ])
  func terms(_ text: String, _ expected: Term) throws {
    var parser = try Parser(text)
    #expect(try parser.term() == expected)
    #expect(parser.current == .end)
  }

  @Test(arguments: [
    "", "SELECT", "SELECT FROM t", "SELECT * FROM t WHERE", "SELECT * FROM t LIMIT", "SELECT * t",
    "INSERT INTO t VALUES (1)", "INSERT INTO t (a) VALUES (1", "UPDATE t SET WHERE a = 1",
    "UPDATE t SET a = 1", "DELETE FROM t", "SELECT * FROM t; SELECT * FROM t", "SELECT 'abc FROM t",
    "SELECT * FROM \"t", "SELECT * FROM t /* ", "SELECT * FROM t WHERE a ! 1", "CREATE TABLE t",
    "CREATE TABLE t (a map<int>)", "BEGIN BATCH", "SELECT * FROM select",
    "INSERT INTO t (a) VALUES (0xABC)",
    "DROP", "ALTER TABLE t", "GRANT SELECT ON t", "\u{0}", "SELECT * FROM t WHERE a = #",
  ])
  func whatIsNoStatement(_ text: String) {
    #expect(throws: CQLError.self) { try Parser.parse(text) }
  }

  /// Also the reading of a statement that is cut must end with an error or another statement.
  @Test func cutAtEachByte() {
    let text =
      "SELECT a, cast(b AS map<int, text>)[1] FROM ks.t WHERE (a, b) IN ((1, {'x': 2}), ?) AND c = 0xff"
    for count in 0...text.utf8.count {
      _ = Result { try Parser.parse(String(decoding: text.utf8.prefix(count), as: UTF8.self)) }
    }
  }

  @Test func deepNestingIsRefused() {
    for (open, close) in [("[", "]"), ("(", ")"), ("{", "}"), ("f(", ")")] {
      let depth = 10_000
      let term =
        String(repeating: open, count: depth) + "1" + String(repeating: close, count: depth)
      #expect(throws: CQLError.self) { try Parser.parse("INSERT INTO t (a) VALUES (\(term))") }
    }
    let type = String(repeating: "frozen<", count: 10_000)
    #expect(throws: CQLError.self) { try Parser.parse("CREATE TABLE t (a \(type)") }
  }

  @Test func longChainsAreRefused() {
    for part in ["+ 1 ", "- - 1 ", "* 2 "] {
      let chain = String(repeating: part, count: 200_000)
      #expect(throws: CQLError.self) { try Parser.parse("INSERT INTO t (a) VALUES (1 \(chain))") }
    }
    let minuses = String(repeating: "- ", count: 200_000)
    #expect(throws: CQLError.self) { try Parser.parse("INSERT INTO t (a) VALUES (\(minuses)1)") }
    let fields = String(repeating: ".f", count: 200_000)
    #expect(throws: CQLError.self) { try Parser.parse("SELECT a\(fields) FROM t") }
  }

  @Test(arguments: ["p1", "p", "pt", "p1x", "p12", "P2"])
  func namesThatLookLikeDurations(_ name: String) throws {
    guard case .select(let select) = try parse("SELECT \(name) FROM t") else {
      Issue.record("no SELECT")
      return
    }
    #expect(select.items.map(\.selector) == [.column(name.lowercased())])
  }

  @Test func definitions() throws {
    guard
      case .createTable(let table) = try parse(
        "CREATE TABLE IF NOT EXISTS ks.t (a int, b text STATIC, c frozen<list<ks.u>>, d timeuuid, PRIMARY KEY ((a, c), d)) WITH CLUSTERING ORDER BY (d DESC) AND comment = 'x' AND compaction = {'class': 'y'}"
      )
    else {
      Issue.record("no CREATE TABLE")
      return
    }
    #expect(table.ifNotExists && table.partitionKey == ["a", "c"] && table.clustering == ["d"])
    #expect(table.columns[1].isStatic)
    #expect(table.columns[2].type == .frozen(.list(.named(keyspace: "ks", "u"))))
    #expect(table.options.order == [.init(column: "d", isDescending: true)])
    #expect(table.options.entries.map(\.name) == ["comment", "compaction"])
    for text in [
      "CREATE TRIGGER a ON t USING 'x'", "DROP TRIGGER a ON t",
    ] {
      guard case .unsupported = try parse(text) else {
        Issue.record("\(text) is taken for something else")
        continue
      }
    }
  }
}
