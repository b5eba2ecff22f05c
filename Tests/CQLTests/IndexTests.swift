import Testing

@testable import CQL

/// Indexes on collections' elements and on static columns: found, kept when rows change, and dropped.
struct IndexTests {
  private let made = "SCHEMA UPDATED TABLE"
  private let filtering = "ERROR 2200"

  @Test func elementsOfCollections() {
    Script.check([
      (
        "CREATE TABLE t (k int PRIMARY KEY, l list<int>, s set<text>, m map<text, int>)",
        "SCHEMA CREATED TABLE"
      ),
      ("INSERT INTO t (k, l, s, m) VALUES (1, [1, 2, 2], {'a', 'b'}, {'x': 1, 'y': 2})", "VOID"),
      ("SELECT k FROM t WHERE l CONTAINS 2", filtering),
      ("CREATE INDEX ON t (l)", made), ("CREATE INDEX ON t (s)", made),
      ("CREATE INDEX ON t (values(m))", made), ("CREATE INDEX ON t (keys(m))", made),
      ("CREATE INDEX ON t (entries(m))", made),
      ("CREATE INDEX ON t (keys(m))", "ERROR 2200"), ("CREATE INDEX ON t (keys(l))", "ERROR 2200"),
      ("CREATE INDEX ON t (full(m))", "ERROR 2200"),
      ("INSERT INTO t (k, l, s, m) VALUES (2, [2, 3], {'b'}, {'y': 1})", "VOID"),
      ("SELECT k FROM t WHERE l CONTAINS 1", "k=1"),
      ("SELECT k FROM t WHERE s CONTAINS 'a'", "k=1"),
      ("SELECT k FROM t WHERE m CONTAINS 2", "k=1"),
      ("SELECT k FROM t WHERE m CONTAINS KEY 'x'", "k=1"),
      ("SELECT k FROM t WHERE m['y'] = 1", "k=2"),
      ("UPDATE t SET l = l + [1], s = s - {'b'}, m['x'] = 9 WHERE k = 2", "VOID"),
      ("DELETE FROM t WHERE k = 1", "VOID"),
      ("SELECT k FROM t WHERE l CONTAINS 1", "k=2"),
      ("SELECT k FROM t WHERE s CONTAINS 'b'", "NOTHING"),
      ("SELECT k FROM t WHERE m CONTAINS 9", "k=2"),
      ("SELECT k FROM t WHERE m['x'] = 9", "k=2"),
      ("SELECT k FROM t WHERE m CONTAINS 9 AND l CONTAINS 3", filtering),
      ("SELECT k FROM t WHERE m CONTAINS 9 AND l CONTAINS 3 ALLOW FILTERING", "k=2"),
      ("DROP INDEX t_l_idx", made),
      ("SELECT k FROM t WHERE l CONTAINS 1", filtering),
    ])
  }

  @Test func wholeFrozenCollections() {
    Script.check([
      (
        "CREATE TABLE t (k int PRIMARY KEY, l frozen<list<int>>, m frozen<map<int, int>>)",
        "SCHEMA CREATED TABLE"
      ),
      ("CREATE INDEX ON t (l)", "ERROR 2200"),
      ("CREATE INDEX ON t (full(l))", made), ("CREATE INDEX ON t (full(m))", made),
      ("INSERT INTO t (k, l, m) VALUES (1, [1, 2], {1: 2, 3: 4})", "VOID"),
      ("INSERT INTO t (k, l, m) VALUES (2, [1], {1: 2})", "VOID"),
      ("SELECT k FROM t WHERE l = [1, 2]", "k=1"),
      ("SELECT k FROM t WHERE m = {3: 4, 1: 2}", "k=1"),
      ("SELECT k FROM t WHERE l CONTAINS 1", filtering),
    ])
  }

  @Test func staticColumns() {
    Script.check([
      (
        "CREATE TABLE t (p int, c int, s int static, v int, PRIMARY KEY (p, c))",
        "SCHEMA CREATED TABLE"
      ),
      ("INSERT INTO t (p, s) VALUES (1, 7)", "VOID"),
      ("CREATE INDEX ON t (s)", made),
      ("INSERT INTO t (p, c, s, v) VALUES (2, 1, 7, 1)", "VOID"),
      ("INSERT INTO t (p, c, v) VALUES (2, 2, 2)", "VOID"),
      ("INSERT INTO t (p, c, s) VALUES (3, 1, 8)", "VOID"),
      ("SELECT p, c FROM t WHERE s = 8", "p=3 c=1"),
      ("SELECT count(*) FROM t WHERE s = 7", "count=3"),
      ("UPDATE t SET s = 8 WHERE p = 2", "VOID"),
      ("SELECT p, c FROM t WHERE s = 7", "p=1 c=null"),
      ("SELECT count(*) FROM t WHERE s = 8", "count=3"),
      ("SELECT p, c FROM t WHERE s = 8 AND v = 2 ALLOW FILTERING", "p=2 c=2"),
      ("DROP INDEX t_s_idx", made),
      ("SELECT p FROM t WHERE s = 8", filtering),
    ])
  }

  /// Pages of one row each end within partitions and go on there.
  @Test func pagesOfStaticColumns() {
    let server = SimulatedServer(seed: 4)
    defer { server.end() }
    var script = [
      Script.keyspace,
      "CREATE TABLE k.t (p int, c int, s int static, PRIMARY KEY (p, c))",
      "CREATE INDEX ON k.t (s)", "INSERT INTO k.t (p, s) VALUES (9, 1)",
    ]
    for p in 1...3 {
      for c in 1...3 { script.append("INSERT INTO k.t (p, c, s) VALUES (\(p), \(c), 1)") }
    }
    let setUp = Dialogue([Wire.startup] + script.map { Wire.query($0) })
    #expect(server.serve([setUp]))
    var found: [String] = []
    var state: [UInt8]?
    repeat {
      let client = Dialogue([
        Wire.startup,
        Wire.query("SELECT p, c FROM k.t WHERE s = 1", pageSize: 1, pagingState: state),
      ])
      #expect(server.serve([client]))
      guard let reply = client.replies.last else { break }
      let text = Wire.text(reply)
      if text != "NOTHING" { found.append(text) }
      state = Wire.pagingState(reply)
    } while state != nil && found.count < 50
    let wanted = (1...3).flatMap { p in (1...3).map { "p=\(p) c=\($0)" } } + ["p=9 c=null"]
    #expect(found.sorted() == wanted.sorted())
  }
}
