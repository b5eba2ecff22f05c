import Testing

@testable import CQL

/// What programs written for Cassandra count on in small things.
struct CassandraWaysTests {
  private let table = (
    "CREATE TABLE t (p int, q text, c int, d int, v int, PRIMARY KEY ((p, q), c, d))",
    "SCHEMA CREATED TABLE"
  )

  @Test func tokensAreValues() {
    Script.check([
      ("CREATE TABLE s (k int PRIMARY KEY, n bigint, b blob)", "SCHEMA CREATED TABLE"),
      ("INSERT INTO s (k, n, b) VALUES (1, token(1234), token(1234))", "VOID"),
      ("SELECT n FROM s WHERE b = 0x7a6ac0fab48e0f75 ALLOW FILTERING", "NOTHING"),
      (
        "SELECT token(1), token(k) FROM s",
        "system.token(1)=-4069959284402364209 system.token(k)=-4069959284402364209"
      ),
      ("SELECT k FROM s WHERE token(k) >= token(1)", "k=1"),
      ("SELECT k FROM s WHERE token(k) > token(1)", "NOTHING"),
      ("INSERT INTO s (k, n) VALUES (2, token(1, 2))", "ERROR 2200"),
      table, ("SELECT p FROM t WHERE token(p, p) = 0", "ERROR 2200"),
      ("SELECT p FROM t WHERE token(p, q) > token(1, 'x')", "NOTHING"),
    ])
  }

  @Test func notIn() {
    Script.check([
      table,
      ("INSERT INTO t (p, q, c, d, v) VALUES (1, 'a', 1, 1, 5)", "VOID"),
      ("INSERT INTO t (p, q, c, d, v) VALUES (2, 'a', 1, 1, 6)", "VOID"),
      ("SELECT p FROM t WHERE p NOT IN (1, 3) ALLOW FILTERING", "p=2"),
      ("SELECT p FROM t WHERE v NOT IN (6, 7) ALLOW FILTERING", "p=1"),
      ("SELECT p FROM t WHERE v NOT IN (6, NULL) ALLOW FILTERING", "NOTHING"),
      ("SELECT p FROM t WHERE v NOT IN (6)", "ERROR 2200"),
      ("DELETE FROM t WHERE p = 1 AND q = 'a' AND c NOT IN (1)", "ERROR 2200"),
      (
        "UPDATE t SET v = 1 WHERE p = 1 AND q = 'a' AND c = 1 AND d = 1 IF v NOT IN (1)",
        "ERROR 2200"
      ),
    ])
  }

  @Test func conditionsOnSeveralColumnsHaveOneBoundEach() {
    let key = "p = 1 AND q = 'a'"
    Script.check([
      table, ("INSERT INTO t (p, q, c, d) VALUES (1, 'a', 1, 2)", "VOID"),
      ("SELECT c FROM t WHERE \(key) AND (c) >= (1) AND (c, d) < (2, 0)", "c=1"),
      ("SELECT c FROM t WHERE \(key) AND (c) < (1) AND (c, d) < (2, 0)", "ERROR 2200"),
      ("SELECT c FROM t WHERE \(key) AND (c) > (0) AND (c, d) >= (1, 0)", "ERROR 2200"),
      ("SELECT c FROM t WHERE \(key) AND (c, d) = (1, 2) AND (c, d) = (3, 4)", "ERROR 2200"),
      ("SELECT c FROM t WHERE \(key) AND (c, d) > (0, 0) AND (c, d) IN ((3, 4))", "ERROR 2200"),
    ])
  }

  @Test func faultsInCassandrasOrder() {
    let server = SimulatedServer(seed: 1)
    defer { server.end() }
    let script = [
      ("SELECT p FROM t WHERE p = 1 AND q = 'a' AND v > NULL", "use ALLOW FILTERING"),
      ("SELECT p FROM t WHERE v > NULL ALLOW FILTERING", "Invalid null value"),
      (
        "DELETE v FROM t WHERE p = 1 AND q = 'a' AND d = 1",
        "PRIMARY KEY column \"d\" cannot be restricted as preceding column \"c\" is not restricted"
      ),
      ("DELETE v FROM t WHERE p = 1 AND q = 'a' AND v = 1", "Non PRIMARY KEY columns"),
      (
        "UPDATE t SET v = d + 1 WHERE p = 1 AND q = 'a' AND c = 1 AND d = 1",
        "Only expressions of the form X = X"
      ),
      ("CREATE MATERIALIZED VIEW m AS SELECT p, s FROM u PRIMARY KEY (p)", "static column 's'"),
      ("SELECT CAST(v AS blob) FROM t", "int cannot be cast to blob"),
      ("CREATE TABLE x (a int PRIMARY KEY) WITH id = 'no'", "Invalid table id"),
      (
        "CREATE KEYSPACE x WITH replication = {'class': 'NetworkTopologyStrategy', 'moon': 1}",
        "Unrecognized strategy option {moon}"
      ),
      (
        "CREATE KEYSPACE x WITH replication = {'class': 'SimpleStrategy'}",
        "requires a replication_factor"
      ),
    ]
    let tables = [
      Script.keyspace, "USE k", table.0,
      "CREATE TABLE u (p int, c int, s int static, PRIMARY KEY (p, c))",
    ]
    let client = Dialogue([Wire.startup] + (tables + script.map(\.0)).map { Wire.query($0) })
    #expect(server.serve([client]))
    for (reply, line) in zip(client.replies.dropFirst(1 + tables.count), script) {
      let text = String(decoding: reply.body, as: UTF8.self)
      #expect(text.contains(line.1), "\(line.0): \(text)")
    }
  }

  @Test func keysOfSeveralColumnsHave64KiB() {
    let half = String(repeating: "x", count: 0x8000)
    Script.check([
      ("CREATE TABLE l (p text, q text, PRIMARY KEY ((p, q)))", "SCHEMA CREATED TABLE"),
      ("INSERT INTO l (p, q) VALUES ('\(half)', '\(half)')", "ERROR 2200"),
      ("INSERT INTO l (p, q) VALUES ('\(half)', '\(half.dropLast(7))')", "VOID"),
      ("SELECT count(*) FROM l", "count=1"),
    ])
  }

  @Test func tablesHaveTheIDThatTheyAreGiven() {
    Script.check([
      (
        "CREATE TABLE t (a int PRIMARY KEY) WITH id = 12345678-1234-4321-8765-123456789012",
        "SCHEMA CREATED TABLE"
      ),
      (
        "CREATE MATERIALIZED VIEW m AS SELECT * FROM t WHERE a IS NOT NULL PRIMARY KEY (a)",
        "SCHEMA CREATED TABLE"
      ),
      (
        "SELECT table_name FROM system_schema.tables WHERE id = 12345678-1234-4321-8765-123456789012 ALLOW FILTERING",
        "table_name=\"t\""
      ),
      (
        "SELECT view_name FROM system_schema.views WHERE base_table_id = 12345678-1234-4321-8765-123456789012 ALLOW FILTERING",
        "view_name=\"m\""
      ),
      ("ALTER TABLE t WITH id = 12345678-1234-4321-8765-123456789013", "ERROR 2300"),
    ])
  }

  @Test func rolesGoWithWhatWasGrantedToThem() {
    Script.check([
      table, ("CREATE ROLE r WITH LOGIN = true", "VOID"),
      ("GRANT SELECT ON KEYSPACE k TO r", "VOID"), ("GRANT CREATE ON KEYSPACE k TO r", "VOID"),
      ("DROP ROLE r", "VOID"), ("LIST ALL PERMISSIONS", "NOTHING"),
      ("CREATE ROLE r", "VOID"), ("LIST ALL PERMISSIONS OF r", "NOTHING"),
    ])
  }

  @Test func namesInQuotes() {
    Script.check([
      ("CREATE TYPE \"a b\" (\"x y\" int)", "SCHEMA CREATED TYPE"),
      ("DESCRIBE TYPES", "keyspace_name=\"k\" type=\"type\" name=\"\\\"a b\\\"\""),
      ("CREATE TABLE \"\" (a int PRIMARY KEY)", "ERROR 2000"),
      ("CREATE TABLE t (a int, , b frozen<\"a b\">, PRIMARY KEY (a))", "SCHEMA CREATED TABLE"),
      ("INSERT INTO t (a, b) VALUES (1, {\"x y\": 2})", "VOID"),
      ("SELECT b.\"x y\" FROM t", "b.x y=2"),
      ("DROP TABLE t", "SCHEMA DROPPED TABLE"), ("DROP TYPE \"a b\"", "SCHEMA DROPPED TYPE"),
    ])
  }

  @Test func digitsAloneAreMilliseconds() {
    Script.check([
      ("CREATE TABLE t (a int PRIMARY KEY, b timestamp)", "SCHEMA CREATED TABLE"),
      ("INSERT INTO t (a, b) VALUES (1, -123)", "VOID"),
      ("INSERT INTO t (a, b) VALUES (2, '2011')", "VOID"),
      ("SELECT toUnixTimestamp(b) FROM t WHERE a = 1", "system.tounixtimestamp(b)=-123"),
      ("SELECT toUnixTimestamp(b) FROM t WHERE a = 2", "system.tounixtimestamp(b)=2011"),
    ])
  }

  @Test func durationsOfISO() {
    Script.check([
      ("CREATE TABLE t (a int PRIMARY KEY, d duration, p1d int)", "SCHEMA CREATED TABLE"),
      ("INSERT INTO t (a, d, p1d) VALUES (1, P0001-02-03T04:05:06, 7)", "VOID"),
      ("SELECT p1d FROM t WHERE d = P1Y2M3DT4H5M6S ALLOW FILTERING", "p1d=7"),
      ("SELECT p1d FROM t WHERE d = 1y2mo3d4h5m6s ALLOW FILTERING", "p1d=7"),
      ("INSERT INTO t (a, d) VALUES (2, -P0000-00-01T00:00:01)", "VOID"),
      ("SELECT a FROM t WHERE d = -1d1s ALLOW FILTERING", "a=2"),
      ("INSERT INTO t (a, d) VALUES (2, P2Y3W)", "ERROR 2000"),
      ("INSERT INTO t (a, d) VALUES (2, P1y2D)", "ERROR 2000"),
      ("INSERT INTO t (a, d) VALUES (2, P1D2Y)", "ERROR 2000"),
      ("INSERT INTO t (a, d) VALUES (2, 1y-2mo)", "ERROR 2000"),
    ])
  }

  @Test func typesThatWouldBeAPartOfThemselves() {
    Script.check([
      ("CREATE TYPE a (x int)", "SCHEMA CREATED TYPE"),
      ("CREATE TYPE b (x frozen<map<int, frozen<list<a>>>>)", "SCHEMA CREATED TYPE"),
      ("CREATE TYPE c (x frozen<b>)", "SCHEMA CREATED TYPE"),
      ("ALTER TYPE a ADD y frozen<a>", "ERROR 2200"),
      ("ALTER TYPE a ADD y frozen<set<frozen<c>>>", "ERROR 2200"),
      ("ALTER TYPE c ADD y frozen<a>", "SCHEMA UPDATED TYPE"),
      ("CREATE TABLE t (p int PRIMARY KEY, v frozen<c>)", "SCHEMA CREATED TABLE"),
    ])
  }

  @Test func countersInBatches() {
    Script.check([
      ("CREATE TABLE c (p int PRIMARY KEY, n counter)", "SCHEMA CREATED TABLE"),
      ("CREATE TABLE t (p int PRIMARY KEY, v int)", "SCHEMA CREATED TABLE"),
      (
        "BEGIN UNLOGGED BATCH UPDATE c SET n = n + 1 WHERE p = 1; UPDATE c SET n = n + 2 WHERE p = 2 APPLY BATCH",
        "VOID"
      ),
      (
        "BEGIN COUNTER BATCH UPDATE c SET n = n + 3 WHERE p = 1 APPLY BATCH", "VOID"
      ),
      ("SELECT n FROM c WHERE p = 1", "n=4"),
      ("BEGIN BATCH UPDATE c SET n = n + 1 WHERE p = 1 APPLY BATCH", "ERROR 2200"),
      (
        "BEGIN UNLOGGED BATCH UPDATE c SET n = n + 1 WHERE p = 1; INSERT INTO t (p, v) VALUES (1, 1) APPLY BATCH",
        "ERROR 2200"
      ),
      (
        "BEGIN COUNTER BATCH INSERT INTO t (p, v) VALUES (1, 1) APPLY BATCH", "ERROR 2200"
      ),
    ])
  }

  @Test func whatHasNoTimeOfItsOwn() {
    let server = SimulatedServer(seed: 1)
    defer { server.end() }
    let script = [
      ("SELECT WRITETIME(l[0]) FROM t", "only allowed on sets and maps, but l is a list"),
      ("SELECT TTL(v[0]) FROM t", "v is of type int is not a collection"),
      ("SELECT WRITETIME(v.a) FROM t", "v of type int is not a user type"),
      ("SELECT TTL(a[0]) FROM t", "on PRIMARY KEY part a"),
      ("SELECT WRITETIME(m[1]) FROM t", "parts have no times of their own"),
      ("SELECT v[1] FROM t", "not a map or set"),
    ]
    let tables = [
      Script.keyspace, "USE k",
      "CREATE TABLE t (a int PRIMARY KEY, v int, l list<int>, m map<int, int>)",
    ]
    let client = Dialogue([Wire.startup] + (tables + script.map(\.0)).map { Wire.query($0) })
    #expect(server.serve([client]))
    for (reply, line) in zip(client.replies.dropFirst(1 + tables.count), script) {
      let text = String(decoding: reply.body, as: UTF8.self)
      #expect(text.contains(line.1), "\(line.0): \(text)")
    }
  }

  /// Programs read pages until one is not full, also where the last full one has all there is.
  @Test func aFullPageMayHaveMoreBehindIt() {
    let server = SimulatedServer(seed: 3)
    defer { server.end() }
    func reply(_ text: String, _ size: Int?, _ state: [UInt8]? = nil) -> (
      opcode: UInt8, body: [UInt8]
    ) {
      let client = Dialogue([
        Wire.startup, Wire.query("USE k"), Wire.query(text, pageSize: size, pagingState: state),
      ])
      #expect(server.serve([client]))
      return client.replies[2]
    }
    let setup = Dialogue(
      ([Wire.startup, Wire.query(Script.keyspace), Wire.query("USE k")])
        + [
          "CREATE TABLE t (p int, c int, PRIMARY KEY (p, c))", "INSERT INTO t (p, c) VALUES (1, 1)",
          "INSERT INTO t (p, c) VALUES (1, 2)",
        ].map { Wire.query($0) })
    #expect(server.serve([setup]))
    let first = reply("SELECT c FROM t WHERE p = 1", 2)
    #expect(Wire.text(first) == "c=1; c=2")
    let state = Wire.pagingState(first)
    #expect(state != nil)
    let second = reply("SELECT c FROM t WHERE p = 1", 2, state)
    #expect(Wire.text(second) == "NOTHING")
    #expect(Wire.pagingState(second) == nil)
    #expect(Wire.pagingState(reply("SELECT c FROM t WHERE p = 1", 3)) == nil)
    #expect(Wire.pagingState(reply("SELECT c FROM t WHERE p = 1 LIMIT 2", 2)) == nil)
  }
}
