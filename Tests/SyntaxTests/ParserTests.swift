import Base
import Testing

@testable import Syntax

private func parse(_ sql: String) throws(ParseError) -> [Statement] {
  try Parser.parse(Array(sql.utf8))
}

@Suite struct ParserTests {
  private func query(_ sql: String) throws -> QuerySyntax.Query {
    guard case .query(.query(let query)) = try parse(sql)[0].body else {
      throw ParseError.unexpectedTree
    }
    return query
  }

  @Test func `a point SELECT`() throws {
    guard case .select(let select) = try query("select a, t.b from t where id = $1").body,
      case .relation(let name, nil) = select.from[0]
    else {
      Issue.record("not a SELECT")
      return
    }
    #expect(select.targets.map(\.expression.position) == [8, 11])
    #expect(name.name == "t" && name.position == 20)
    #expect(select.filter.map { SyntaxPrinter.text($0) } == "(id = $1)")
  }

  /// What is printed reads back as the same, and this is the form that the catalog keeps.
  @Test(arguments: [
    ("a + 1 > b and not c", "(((a + 1) > b) AND (NOT c))"),
    ("a in (1, 2) or b not between 1 and 2", "((a IN (1, 2)) OR (b NOT BETWEEN 1 AND 2))"),
    ("case when a then 'x' else \"B\" end", "CASE WHEN a THEN 'x' ELSE \"B\" END"),
    ("lower(b) like 'a%'", "(lower(b) ~~ 'a%')"), ("a::int[]", "(a)::integer[]"),
    ("'2020-01-01'::timestamptz(3)", "'2020-01-01'::timestamp(3) with time zone"),
    (
      "count(distinct a order by b desc) filter (where c)",
      "count(DISTINCT a ORDER BY b DESC) FILTER (WHERE c)"
    ),
    ("exists (select 1 from t)", "(EXISTS (SELECT 1 FROM t))"),
    ("a = any (array[1,2])", "(a = ANY (ARRAY[1, 2]))"),
    (
      "(select max(x) from u where u.id = t.id)",
      "(SELECT max(x) FROM u WHERE (u.id = t.id))"
    ),
    (
      "sum(a) over (partition by b order by c rows between 1 preceding and current row)",
      "sum(a) OVER (PARTITION BY b ORDER BY c ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)"
    ),
    ("extract(year from d)", "pg_catalog.\"extract\"('year', d)"),
    ("a is distinct from null", "(a IS DISTINCT FROM NULL)"), ("x[1:2]", "(x)[1:2]"),
    ("'it''s \\'", " E'it''s \\\\'"), ("-5", "'-5'::integer"),
  ])
  func `expressions are printed as they are kept`(sql: String, printed: String) throws {
    guard case .select(let select) = try query("select \(sql)").body else { return }
    let text = SyntaxPrinter.text(select.targets[0].expression)
    #expect(text == printed)
    guard case .select(let again) = try query("select \(text)").body else { return }
    #expect(SyntaxPrinter.text(again.targets[0].expression) == text)
  }

  @Test(arguments: [
    "SELECT * FROM (a JOIN b ON (a.x = b.x)) LEFT JOIN c USING (y)",
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n LIMIT 3",
    "SELECT DISTINCT ON (a) a, b AS c FROM t ORDER BY a, b DESC NULLS LAST",
    "SELECT a FROM t GROUP BY ROLLUP (a, b) HAVING count(*) > 1",
    "VALUES (1, 'a'), (2, 'b') ORDER BY 1 OFFSET 1",
    "SELECT * FROM unnest(a, b) WITH ORDINALITY AS x(p, q, r), LATERAL (SELECT x.p) AS y",
    "SELECT a FROM t FOR UPDATE OF t SKIP LOCKED",
  ])
  func `queries are printed so that they read the same`(sql: String) throws {
    let text = SyntaxPrinter().text(try query(sql))
    #expect(SyntaxPrinter().text(try query(text)) == text)
  }

  @Test(arguments: [
    ("select 0", 0), ("select 5", 5), ("select -5", -5), ("select -  5", -5),
    ("select -2147483647", -2_147_483_647),
  ])
  func `integers keep their sign`(sql: String, value: Int64) throws {
    guard case .select(let select) = try query(sql).body,
      case .literal(.integer(let found), _) = select.targets[0].expression
    else {
      Issue.record("not a constant")
      return
    }
    #expect(found == value)
  }

  @Test func `several statements say where each begins`() throws {
    let statements = try parse("select 1; begin;")
    #expect(statements.count == 2)
    guard case .transaction(.begin(let options)) = statements[1].body else {
      Issue.record("not BEGIN")
      return
    }
    #expect(options.isEmpty)
    #expect(statements[1].location > 8)
  }

  @Test func `a syntax error has the parser's message and place`() {
    #expect(throws: ParseError.syntax(message: "syntax error at or near \"from\"", position: 13)) {
      try parse("select from from")
    }
  }

  @Test(arguments: [
    "create table t (a int) partition by list (a)",
    "create table t (a int, exclude using gist (a with =))",
    "select * from a tablesample system (1)",
    "with x as (merge into t using u on true when matched then delete) select * from x",
    "select a collate \"de_DE\" from t", "explain (format json) select 1",
    "create view v as select 1 with check option", "alter table t enable row level security",
    "select * from other.public.t", "update t set a[1] = 2",
  ])
  func `what is not supported is refused by name, never ignored`(sql: String) {
    do throws(ParseError) {
      _ = try parse(sql)
      Issue.record("accepted: \(sql)")
    } catch {
      guard case .unsupported = error else {
        Issue.record("\(error)")
        return
      }
    }
  }

  @Test(arguments: [
    String(repeating: "(", count: 100_000) + "1" + String(repeating: ")", count: 100_000),
    "1" + String(repeating: "+1", count: 100_000),
    String(repeating: "not ", count: 100_000) + "true",
    String(repeating: "case when true then ", count: 50_000) + "1"
      + String(repeating: " end", count: 50_000),
  ])
  func `nesting without end is refused`(expression: String) {
    #expect(throws: ParseError.tooDeep) { try parse("select " + expression) }
  }

  @Test func `long lists are not nesting`() throws {
    let items = (0..<50_000).map { "(-\($0))" }.joined(separator: ",")
    #expect(try parse("insert into t values \(items)").count == 1)
  }

  @Test func `bytes that are no text are refused`() {
    #expect(throws: ParseError.notUTF8) { try Parser.parse([0x73, 0xFF]) }
    #expect(throws: ParseError.notUTF8) { try Parser.parse(Array("select 1\0".utf8)) }
  }

  @Test func `seeded mutations of statements never trap`() {
    let seeds = [
      "select a, -1, 'x' from t where b in (1, 2) group by a having count(*) > 1 order by 1 limit 2",
      "insert into t (a, b) values (1, default), (2, 'y') returning *",
      "create table t (a int primary key, b varchar(10) not null default 'x', primary key (a, b))",
      "update t set a = case when b then 1 else 2 end where c between 1 and 2 and d like 'a%'",
    ].map { Array($0.utf8) }
    var random = Xoshiro256(seed: 7)
    for _ in 0..<3_000 {
      var text = seeds[Int.random(in: 0..<seeds.count, using: &random)]
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        let place = Int.random(in: 0..<text.count, using: &random)
        switch Int.random(in: 0..<3, using: &random) {
        case 0: text[place] = UInt8.random(in: 1...126, using: &random)
        case 1: text.remove(at: place)
        default: text.insert(contentsOf: text[place..<min(place + 5, text.count)], at: place)
        }
      }
      do throws(ParseError) { _ = try Parser.parse(text) } catch { continue }
    }
  }
}
