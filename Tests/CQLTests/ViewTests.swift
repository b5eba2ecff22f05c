import Testing

@testable import CQL

/// Materialized views: they follow every change of their table, and have what was there before.
struct ViewTests {
  private let table = (
    "CREATE TABLE t (p int, c int, v int, w text, PRIMARY KEY (p, c))", "SCHEMA CREATED TABLE"
  )
  private let view = (
    "CREATE MATERIALIZED VIEW m AS SELECT * FROM t WHERE v IS NOT NULL AND p IS NOT NULL AND c IS NOT NULL PRIMARY KEY (v, p, c)",
    "SCHEMA CREATED TABLE"
  )

  @Test func followsItsTable() {
    Script.check([
      table, ("INSERT INTO t (p, c, v, w) VALUES (1, 1, 5, 'old')", "VOID"), view,
      ("SELECT * FROM m", "v=5 p=1 c=1 w=\"old\""),
      ("INSERT INTO t (p, c, v, w) VALUES (1, 2, 6, 'b')", "VOID"),
      ("INSERT INTO t (p, c, w) VALUES (1, 3, 'no v')", "VOID"),
      ("SELECT w FROM m WHERE v = 6", "w=\"b\""),
      ("UPDATE t SET v = 7 WHERE p = 1 AND c = 2", "VOID"),
      ("SELECT w FROM m WHERE v = 6", "NOTHING"),
      ("SELECT w FROM m WHERE v = 7", "w=\"b\""),
      ("UPDATE t SET w = 'x' WHERE p = 1 AND c = 2", "VOID"),
      ("SELECT w FROM m WHERE v = 7", "w=\"x\""),
      ("UPDATE t SET v = 8 WHERE p = 1 AND c = 3", "VOID"),
      ("SELECT w FROM m WHERE v = 8", "w=\"no v\""),
      ("DELETE v FROM t WHERE p = 1 AND c = 3", "VOID"),
      ("SELECT w FROM m WHERE v = 8", "NOTHING"),
      ("UPDATE t SET v = 9 WHERE p = 1 AND c = 1 IF v = 4", "[applied]=false v=5"),
      ("UPDATE t SET v = 9 WHERE p = 1 AND c = 1 IF v = 5", "[applied]=true"),
      ("SELECT p, c FROM m WHERE v = 9", "p=1 c=1"),
      ("DELETE FROM t WHERE p = 1 AND c >= 2", "VOID"),
      ("SELECT v FROM m", "v=9"),
      (
        "BEGIN BATCH INSERT INTO t (p, c, v) VALUES (2, 1, 1); UPDATE t SET v = 2 WHERE p = 2 AND c = 1; APPLY BATCH",
        "VOID"
      ),
      ("TRUNCATE t", "VOID"), ("SELECT * FROM m", "NOTHING"),
    ])
  }

  /// Older writes lose in the view too, and cells expire with the table's.
  @Test func timesAreTheTables() {
    let server = SimulatedServer(seed: 2)
    defer { server.end() }
    func answers(_ script: [String]) -> [String] {
      let client = Dialogue([Wire.startup] + script.map { Wire.query($0) })
      #expect(server.serve([client]))
      return client.replies.dropFirst().map { Wire.text($0) }
    }
    _ = answers([
      Script.keyspace, "USE k", table.0, view.0,
      "INSERT INTO t (p, c, v, w) VALUES (1, 1, 5, 'a') USING TIMESTAMP 100",
      "UPDATE t USING TIMESTAMP 50 SET v = 6 WHERE p = 1 AND c = 1",
      "UPDATE t USING TTL 10 SET w = 'b' WHERE p = 1 AND c = 1",
      "INSERT INTO t (p, c, v) VALUES (2, 2, 7) USING TTL 10",
    ])
    let query = [
      "SELECT v, w FROM k.m WHERE v = 5", "SELECT v FROM k.m WHERE v = 7",
      "SELECT writetime(w) FROM k.m WHERE v = 6",
    ]
    #expect(answers(query) == ["v=5 w=\"b\"", "v=7", "NOTHING"])
    server.run(milliseconds: 20_000)
    #expect(answers(query) == ["v=5 w=null", "NOTHING", "NOTHING"])
  }

  @Test func conditionsAndDefinitions() {
    Script.check([
      table,
      (
        "CREATE MATERIALIZED VIEW m AS SELECT w FROM t WHERE p IS NOT NULL AND c > 1 AND c < 4 PRIMARY KEY (c, p)",
        "SCHEMA CREATED TABLE"
      ),
      ("INSERT INTO t (p, c, v, w) VALUES (1, 1, 1, 'a')", "VOID"),
      ("INSERT INTO t (p, c, v, w) VALUES (1, 2, 1, 'b')", "VOID"),
      ("INSERT INTO t (p, c, v) VALUES (1, 3, 1)", "VOID"),
      ("SELECT * FROM m WHERE c = 1", "NOTHING"),
      ("SELECT * FROM m WHERE c = 2", "c=2 p=1 w=\"b\""),
      ("SELECT * FROM m WHERE c = 3", "c=3 p=1 w=null"),
      (
        "SELECT view_name, base_table_name, include_all_columns, where_clause FROM system_schema.views WHERE keyspace_name = 'k'",
        "view_name=\"m\" base_table_name=\"t\" include_all_columns=false where_clause=\"p IS NOT NULL AND c > 1 AND c < 4\""
      ),
      ("INSERT INTO m (c, p) VALUES (1, 1)", "ERROR 2200"), ("TRUNCATE m", "ERROR 2200"),
      ("DROP TABLE m", "ERROR 2200"), ("DROP TABLE t", "ERROR 2200"),
      ("ALTER TABLE m ADD x int", "ERROR 2200"), ("ALTER TABLE t DROP w", "ERROR 2200"),
      ("ALTER TABLE t ADD x int", "SCHEMA UPDATED TABLE"),
      ("ALTER TABLE t RENAME c TO d", "SCHEMA UPDATED TABLE"),
      ("INSERT INTO t (p, d, v, w) VALUES (2, 2, 1, 'd')", "VOID"),
      ("SELECT * FROM m WHERE d = 2 AND p = 2", "d=2 p=2 w=\"d\""),
      (
        "SELECT where_clause FROM system_schema.views WHERE keyspace_name = 'k'",
        "where_clause=\"p IS NOT NULL AND d > 1 AND d < 4\""
      ),
      ("SELECT view_name FROM system.built_views", "view_name=\"m\""),
      ("CREATE INDEX ON m (w)", "ERROR 2200"),
      ("DROP MATERIALIZED VIEW m", "SCHEMA DROPPED TABLE"),
      ("DROP MATERIALIZED VIEW m", "ERROR 2200"), ("DROP MATERIALIZED VIEW IF EXISTS m", "VOID"),
      ("INSERT INTO t (p, d, v) VALUES (9, 9, 9)", "VOID"),
      ("DROP TABLE t", "SCHEMA DROPPED TABLE"),
    ])
  }

  @Test(arguments: [
    "SELECT * FROM t WHERE v IS NOT NULL AND p IS NOT NULL PRIMARY KEY (v, p)",
    "SELECT * FROM t WHERE p IS NOT NULL AND c IS NOT NULL PRIMARY KEY (v, p, c)",
    "SELECT * FROM t WHERE v IS NOT NULL AND w IS NOT NULL AND p IS NOT NULL AND c IS NOT NULL PRIMARY KEY (v, w, p, c)",
    "SELECT count(*) FROM t WHERE p IS NOT NULL AND c IS NOT NULL PRIMARY KEY (c, p)",
    "SELECT * FROM t WHERE p IS NOT NULL AND c IS NOT NULL AND v = 1 PRIMARY KEY (c, p)",
    "SELECT * FROM nothing WHERE p IS NOT NULL PRIMARY KEY (p)",
  ])
  func refused(text: String) {
    Script.check([table, ("CREATE MATERIALIZED VIEW m AS \(text)", "ERROR 2200")])
  }
}
