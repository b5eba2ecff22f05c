import Base
import Syntax
import Testing

@testable import SQL

@Suite struct PlanCacheTests {
  private static func lift(_ text: String) throws -> (shape: StatementShape, values: [Int64])? {
    let source = Array(text.utf8)
    let shape = StatementShape(source)
    guard case .query(let query)? = try Parser.parse(source).first?.body,
      let (_, literals) = LiteralLifting.lift(query, source, shape)
    else { return nil }
    return (
      shape,
      literals.compactMap { literal in
        StatementShape.int4(source[shape.runs[literal.run]]).map { literal.isNegative ? -$0 : $0 }
      }
    )
  }

  @Test(arguments: [
    ("select a from t where b = 12", [12]),
    ("select a from t where b = -12 and 3 < c", [-12, 3]),
    ("select a from t where b = - 7", [-7]),
    ("select a + 5 from t where b between 1 and 2 order by 1 limit 4", [1, 2]),
    ("select 1 from t where a in (1, 2, x, 3) or b <> 4", [1, 2, 3, 4]),
    ("update t set a = 1, b = b - 2, c = d * 3 where e = 4", [1, 2, 4]),
    ("insert into t values (1, 'x 2', 3.5, 4), (5, now(), -6, 99999999999)", [1, 4, 5, -6]),
    ("/* 1 */ delete from t1 where \"c 2\" = 3 -- 4", [3]),
    ("select a from t where b = 007", [7]),
  ])
  func `constants that decide nothing are lifted, in the text's order`(
    _ text: String, _ values: [Int64]
  ) throws {
    #expect(try Self.lift(text)?.values == values)
  }

  @Test(arguments: [
    "select 1", "select a from t order by 1 limit 2 offset 3", "select a from t group by a + 1",
    "select a from t where b = 99999999999", "select a from t where b = 1.5",
    "select a from t where b = '1'", "select a from t where b::char(3) = c",
    "select a from t where f(1) = 2 + 3", "explain select a from t where b = 1",
    "select a from t where b = 1e5",
  ])
  func `others stay as they are`(_ text: String) throws {
    #expect(try Self.lift(text) == nil)
  }

  @Test func `names, parameters and fractions have no runs`() {
    let shape = StatementShape(Array("t1 $2 x.3 1.4 ab5c 6x é7 '8'".utf8))
    #expect(shape.runs.count == 3)
    #expect(String(decoding: shape.text, as: UTF8.self) == "t1 $2 x.3 \0.4 ab5c \0x é7 '\0'")
  }

  @Test func `int4 is what the grammar takes for it`() {
    #expect(StatementShape.int4(Array("2147483647".utf8)[...]) == 2_147_483_647)
    #expect(StatementShape.int4(Array("2147483648".utf8)[...]) == nil)
    #expect(StatementShape.int4(Array("00000000001".utf8)[...]) == nil)
  }

  @Test func `what is used stays, what is not goes`() {
    var cache = GenerationalCache<Int, Int>(capacity: 4)
    for key in 0..<100 {
      cache.keep(key, key)
      #expect(cache.find(0) == 0)
    }
    #expect(cache.find(1) == nil)
    #expect(cache.find(99) == 99)
  }
}
