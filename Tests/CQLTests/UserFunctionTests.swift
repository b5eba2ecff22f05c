import Testing

@testable import CQL

/// Functions and aggregates of users, in Lua and in SQL.
struct UserFunctionTests {
  private let table = (
    "CREATE TABLE t (k int, c int, v int, s text, PRIMARY KEY (k, c))", "SCHEMA CREATED TABLE"
  )
  private let function = "SCHEMA CREATED FUNCTION"

  @Test func lua() {
    Script.check([
      table,
      (
        "CREATE FUNCTION twice(x int) RETURNS NULL ON NULL INPUT RETURNS int LANGUAGE lua AS 'return x * 2'",
        function
      ),
      (
        "CREATE FUNCTION shown(x int, y text) CALLED ON NULL INPUT RETURNS text LANGUAGE lua AS $$if x == nil then return 'nothing' end return y .. x$$",
        function
      ),
      ("INSERT INTO t (k, c, v, s) VALUES (1, 1, 20, 'a')", "VOID"),
      ("INSERT INTO t (k, c) VALUES (1, 2)", "VOID"),
      (
        "SELECT twice(v), k.shown(v, s) FROM t",
        "k.twice(v)=40 k.shown(v, s)=\"a20\"; k.twice(v)=null k.shown(v, s)=\"nothing\""
      ),
      ("INSERT INTO t (k, c, v) VALUES (1, 3, twice(4))", "VOID"),
      ("SELECT v FROM t WHERE k = 1 AND c = 3", "v=8"),
      (
        "CREATE FUNCTION twice(x int) RETURNS NULL ON NULL INPUT RETURNS int LANGUAGE lua AS 'return 1'",
        "ERROR 2200"
      ),
      (
        "CREATE OR REPLACE FUNCTION twice(x int) RETURNS NULL ON NULL INPUT RETURNS int LANGUAGE lua AS 'return x + 1'",
        "SCHEMA UPDATED FUNCTION"
      ),
      ("SELECT twice(v) FROM t WHERE k = 1 AND c = 3", "k.twice(v)=9"),
      ("SELECT twice(s) FROM t", "ERROR 2200"),
      ("DROP FUNCTION twice(int)", "SCHEMA DROPPED FUNCTION"),
      ("SELECT twice(v) FROM t", "ERROR 2200"),
    ])
  }

  /// Nothing of the host, no commands, no end without one.
  @Test(arguments: [
    "return (", "return redis.call('GET', 'x')", "return os.time()", "while true do end",
    "return error('no')", "return {}",
  ])
  func whatFails(body: String) {
    let text =
      "CREATE FUNCTION f(x int) CALLED ON NULL INPUT RETURNS int LANGUAGE lua AS $$\(body)$$"
    Script.check([
      table,
      (text, body == "return (" ? "ERROR 2200" : function),
      ("INSERT INTO t (k, c, v) VALUES (1, 1, 1)", "VOID"),
      ("SELECT f(v) FROM t", body == "return (" ? "ERROR 2200" : "ERROR 1400"),
      ("SELECT v FROM t", "v=1"),
    ])
  }

  @Test func sql() {
    Script.check([
      table,
      (
        "CREATE FUNCTION sum3(x int, y int) RETURNS NULL ON NULL INPUT RETURNS int LANGUAGE sql AS 'x + y * 3'",
        function
      ),
      (
        "CREATE FUNCTION wrong(x int) RETURNS NULL ON NULL INPUT RETURNS int LANGUAGE sql AS 'x + z'",
        "ERROR 2200"
      ),
      (
        "CREATE FUNCTION ratio(x int) RETURNS NULL ON NULL INPUT RETURNS int LANGUAGE sql AS '10 / x'",
        function
      ),
      ("INSERT INTO t (k, c, v) VALUES (1, 0, 5)", "VOID"),
      ("SELECT sum3(k, v) FROM t", "k.sum3(k, v)=16"),
      ("SELECT ratio(c) FROM t", "ERROR 1400"),
    ])
  }

  @Test func aggregates() {
    Script.check([
      table,
      (
        "CREATE FUNCTION step(state int, x int) RETURNS NULL ON NULL INPUT RETURNS int LANGUAGE lua AS 'return state + x * x'",
        function
      ),
      (
        "CREATE FUNCTION final(state int) CALLED ON NULL INPUT RETURNS text LANGUAGE lua AS $$return 'sum ' .. state$$",
        function
      ),
      ("CREATE AGGREGATE squares(int) SFUNC step STYPE int FINALFUNC final", "ERROR 2200"),
      (
        "CREATE AGGREGATE squares(int) SFUNC step STYPE int FINALFUNC final INITCOND 0",
        "SCHEMA CREATED AGGREGATE"
      ),
      ("SELECT squares(v) FROM t", "k.squares(v)=\"sum 0\""),
      ("INSERT INTO t (k, c, v) VALUES (1, 1, 2)", "VOID"),
      ("INSERT INTO t (k, c, v) VALUES (1, 2, 3)", "VOID"),
      ("INSERT INTO t (k, c) VALUES (1, 3)", "VOID"),
      ("INSERT INTO t (k, c, v) VALUES (2, 1, 5)", "VOID"),
      ("SELECT squares(v) FROM t WHERE k = 1", "k.squares(v)=\"sum 13\""),
      ("SELECT count(*), squares(v) FROM t", "count=4 k.squares(v)=\"sum 38\""),
      ("DROP FUNCTION step", "ERROR 2200"),
      ("DROP AGGREGATE squares", "SCHEMA DROPPED AGGREGATE"),
      ("DROP FUNCTION step", "SCHEMA DROPPED FUNCTION"),
      ("SELECT squares(v) FROM t", "ERROR 2200"),
    ])
  }

  @Test func descriptions() {
    Script.check([
      (
        "CREATE FUNCTION f(x int) CALLED ON NULL INPUT RETURNS int LANGUAGE sql AS 'x'", function
      ),
      (
        "SELECT function_name, language, return_type FROM system_schema.functions WHERE keyspace_name = 'k'",
        "function_name=\"f\" language=\"sql\" return_type=\"int\""
      ),
      (
        "SELECT argument_types FROM system_schema.functions WHERE keyspace_name = 'k'",
        "argument_types=[\"int\"]"
      ),
    ])
  }
}
