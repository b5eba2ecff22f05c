import Base
import Testing

@testable import Syntax

private func parse(_ sql: String) throws(ParseError) -> [Statement] {
  try Parser.parse(Array(sql.utf8))
}

@Suite struct ParserTests {
  @Test func `a point SELECT`() throws {
    let statements = try parse("select a, t.b from t where id = $1")
    guard case .select(let select) = statements[0].body else {
      Issue.record("not a SELECT")
      return
    }
    #expect(
      select.targets.map(\.expression) == [
        .column(["a"], location: 7), .column(["t", "b"], location: 10),
      ])
    #expect(select.from?.name == "t")
    #expect(
      select.filter
        == .operation(
          "=", left: .column(["id"], location: 27), right: .parameter(1, location: 32),
          location: 30))
  }

  @Test(arguments: [
    ("select 0", 0), ("select 5", 5), ("select -5", -5), ("select -  5", -5),
    ("select -2147483647", -2_147_483_647),
  ])
  func `integers keep their sign`(sql: String, value: Int) throws {
    guard case .select(let select) = try parse(sql)[0].body,
      case .constant(.integer(let found), _) = select.targets[0].expression
    else {
      Issue.record("not a constant")
      return
    }
    #expect(found == value)
  }

  @Test func `several statements say where each begins`() throws {
    let statements = try parse("select 1; begin;")
    #expect(statements.count == 2)
    #expect(statements[1].body == .transaction(.begin(options: [])))
    #expect(statements[1].location > 8)
  }

  @Test func `a syntax error has the parser's message and place`() {
    #expect(throws: ParseError.syntax(message: "syntax error at or near \"from\"", position: 13)) {
      try parse("select from from")
    }
  }

  @Test(arguments: [
    "select * from a join b on true", "select (select 1)", "select 1 union select 2",
    "with x as (select 1) select 1", "select * from (select 1) x", "select a from t for update",
    "insert into t select 1", "insert into t values (1) on conflict do nothing",
    "update t set a = 1 from u", "delete from t using u", "create temp table t (a int)",
    "create table t (a int unique)", "create table t (a int references u)",
    "create table t (a int) partition by list (a)", "select row_number() over () from t",
    "select count(*) filter (where a) from t", "select distinct on (a) a from t",
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
