import Base
import Fuzzing
import Testing

@testable import CQL

/// Whole sessions of a simulated node: a statement and what it is answered with.
struct SessionTests {
  private func check(
    _ script: [(String, String)], pieceBytes: Int = 1 << 20, seed: UInt64 = 1
  ) {
    Script.check(script, pieceBytes: pieceBytes, seed: seed)
  }

  @Test(arguments: [1, 7, 1_000])
  func rowsComeBack(pieceBytes: Int) {
    check(
      [
        (
          "CREATE TABLE t (a int, b text, c int, PRIMARY KEY (a, b)) WITH CLUSTERING ORDER BY (b DESC)",
          "SCHEMA CREATED TABLE"
        ),
        ("INSERT INTO t (a, b, c) VALUES (1, 'x', 5)", "VOID"),
        ("INSERT INTO t (a, b) VALUES (1, 'y')", "VOID"),
        ("SELECT * FROM t", "a=1 b=\"y\" c=null; a=1 b=\"x\" c=5"),
        ("SELECT b FROM t WHERE a = 1 AND b < 'y'", "b=\"x\""),
        ("SELECT count(*), max(c) FROM t", "count=2 system.max(c)=5"),
        ("DELETE FROM t WHERE a = 1 AND b = 'y'", "VOID"),
        ("SELECT b FROM t", "b=\"x\""),
        ("SELECT * FROM nothing", "ERROR 2200"),
        ("SELECT", "ERROR 2000"),
        ("CREATE TABLE t (a int PRIMARY KEY)", "ERROR 2400"),
        ("DROP TABLE t", "SCHEMA DROPPED TABLE"),
      ], pieceBytes: pieceBytes)
  }

  /// The newest write time counts, whatever the order of arrival.
  @Test func writeTimes() {
    check([
      ("CREATE TABLE t (k int PRIMARY KEY, v int, w int)", "SCHEMA CREATED TABLE"),
      ("INSERT INTO t (k, v) VALUES (1, 1) USING TIMESTAMP 100", "VOID"),
      ("INSERT INTO t (k, v, w) VALUES (1, 2, 2) USING TIMESTAMP 50", "VOID"),
      ("SELECT * FROM t", "k=1 v=1 w=2"),
      ("UPDATE t USING TIMESTAMP 100 SET v = 0 WHERE k = 1", "VOID"),
      ("SELECT v, writetime(v), writetime(w) FROM t", "v=1 writetime(v)=100 writetime(w)=50"),
      ("DELETE v FROM t USING TIMESTAMP 100 WHERE k = 1", "VOID"),
      ("SELECT v FROM t", "v=null"),
      ("DELETE FROM t USING TIMESTAMP 75 WHERE k = 1", "VOID"),
      ("SELECT * FROM t", "k=1 v=null w=null"),
      ("DELETE FROM t USING TIMESTAMP 200 WHERE k = 1", "VOID"),
      ("INSERT INTO t (k, v) VALUES (1, 7) USING TIMESTAMP 200", "VOID"),
      ("SELECT * FROM t", "NOTHING"),
      ("INSERT INTO t (k, v) VALUES (1, 7) USING TIMESTAMP 201", "VOID"),
      ("SELECT * FROM t", "k=1 v=7 w=null"),
    ])
  }

  /// Of two writes at one time the one that expires counts more, then the one that expires later.
  @Test func writesAtOneTime() {
    check([
      ("CREATE TABLE t (k int PRIMARY KEY, v int)", "SCHEMA CREATED TABLE"),
      ("INSERT INTO t (k, v) VALUES (1, 2) USING TIMESTAMP 5", "VOID"),
      ("INSERT INTO t (k, v) VALUES (1, 1) USING TIMESTAMP 5", "VOID"),
      ("SELECT v FROM t", "v=2"),
      ("INSERT INTO t (k, v) VALUES (1, 1) USING TIMESTAMP 5 AND TTL 1000", "VOID"),
      ("INSERT INTO t (k, v) VALUES (1, 3) USING TIMESTAMP 5 AND TTL 10", "VOID"),
      ("INSERT INTO t (k, v) VALUES (1, 4) USING TIMESTAMP 5", "VOID"),
      ("SELECT v FROM t", "v=1"),
    ])
  }

  /// Deletions of ranges and partitions are remembered for writes that come late.
  @Test func lateWrites() {
    check([
      ("CREATE TABLE t (p int, c int, v int, PRIMARY KEY (p, c))", "SCHEMA CREATED TABLE"),
      ("DELETE FROM t USING TIMESTAMP 100 WHERE p = 1 AND c >= 2 AND c < 5", "VOID"),
      ("INSERT INTO t (p, c, v) VALUES (1, 1, 1) USING TIMESTAMP 50", "VOID"),
      ("INSERT INTO t (p, c, v) VALUES (1, 2, 1) USING TIMESTAMP 50", "VOID"),
      ("INSERT INTO t (p, c, v) VALUES (1, 4, 1) USING TIMESTAMP 101", "VOID"),
      ("INSERT INTO t (p, c, v) VALUES (1, 5, 1) USING TIMESTAMP 50", "VOID"),
      ("SELECT c FROM t", "c=1; c=4; c=5"),
      ("DELETE FROM t USING TIMESTAMP 200 WHERE p = 1", "VOID"),
      ("SELECT c FROM t", "NOTHING"),
      ("INSERT INTO t (p, c, v) VALUES (1, 9, 1) USING TIMESTAMP 199", "VOID"),
      ("SELECT c FROM t", "NOTHING"),
      ("UPDATE t USING TIMESTAMP 300 SET v = 1 WHERE p = 2 AND c = 1", "VOID"),
      ("DELETE v FROM t USING TIMESTAMP 400 WHERE p = 2 AND c = 1", "VOID"),
      ("UPDATE t USING TIMESTAMP 350 SET v = 2 WHERE p = 2 AND c = 1", "VOID"),
      ("SELECT c FROM t WHERE p = 2", "NOTHING"),
      ("TRUNCATE t", "VOID"),
      ("INSERT INTO t (p, c, v) VALUES (1, 9, 1) USING TIMESTAMP 10", "VOID"),
      ("SELECT c FROM t", "c=9"),
    ])
  }

  @Test func conditions() {
    check([
      ("CREATE TABLE t (k int PRIMARY KEY, v int)", "SCHEMA CREATED TABLE"),
      ("INSERT INTO t (k, v) VALUES (1, 1) IF NOT EXISTS", "[applied]=true"),
      ("INSERT INTO t (k, v) VALUES (1, 2) IF NOT EXISTS", "[applied]=false k=1 v=1"),
      ("UPDATE t SET v = 2 WHERE k = 1 IF v = 5", "[applied]=false v=1"),
      ("UPDATE t SET v = 2 WHERE k = 1 IF v = 1", "[applied]=true"),
      ("DELETE FROM t WHERE k = 2 IF EXISTS", "[applied]=false"),
      (
        "BEGIN BATCH UPDATE t SET v = 3 WHERE k = 1 IF v = 2; INSERT INTO t (k, v) VALUES (1, 9); APPLY BATCH",
        "[applied]=true"
      ),
      (
        "BEGIN BATCH UPDATE t SET v = 3 WHERE k = 1 IF v = 2; INSERT INTO t (k) VALUES (2); APPLY BATCH",
        "ERROR 2200"
      ),
    ])
  }

  @Test func collectionsAndCounters() {
    check([
      (
        "CREATE TABLE t (k int PRIMARY KEY, l list<int>, m map<text, int>, s set<int>)",
        "SCHEMA CREATED TABLE"
      ),
      ("UPDATE t SET l = [1], m = {'b': 1}, s = {2, 1} WHERE k = 1", "VOID"),
      ("UPDATE t SET l = l + [2], m['a'] = 2, s = s + {0} WHERE k = 1", "VOID"),
      ("SELECT l, m, s FROM t", "l=[1, 2] m={\"a\": 2, \"b\": 1} s=[0, 1, 2]"),
      ("UPDATE t SET l[7] = 1 WHERE k = 1", "ERROR 2200"),
      ("UPDATE t SET l = l - [1, 2], m = m - {'a', 'b'}, s = {} WHERE k = 1", "VOID"),
      ("SELECT * FROM t", "NOTHING"),
      ("CREATE TABLE n (k int PRIMARY KEY, c counter)", "SCHEMA CREATED TABLE"),
      ("UPDATE n SET c = c + 5 WHERE k = 1", "VOID"),
      ("UPDATE n SET c = c - 7 WHERE k = 1", "VOID"),
      ("SELECT c FROM n", "c=-2"),
      ("UPDATE n SET c = 5 WHERE k = 1", "ERROR 2200"),
    ])
  }

  @Test func expiryAndSweeps() {
    let server = SimulatedServer(seed: 3)
    defer { server.end() }
    let first = Dialogue(
      [Wire.startup]
        + [
          Script.keyspace, "CREATE TABLE k.t (k int PRIMARY KEY, v int, w int)",
          "CREATE INDEX i ON k.t (v)", "INSERT INTO k.t (k, v) VALUES (1, 1) USING TTL 5",
          "INSERT INTO k.t (k, w) VALUES (2, 1)", "UPDATE k.t USING TTL 5 SET v = 1 WHERE k = 2",
          "SELECT k FROM k.t WHERE v = 1",
        ].map { Wire.query($0) })
    #expect(server.serve([first]))
    #expect(
      first.replies.last.map(Wire.text) == "k=2; k=1"
        || first.replies.last.map(Wire.text) == "k=1; k=2")
    server.run(milliseconds: 10_000)
    let second = Dialogue(
      [Wire.startup]
        + ["SELECT * FROM k.t", "SELECT k FROM k.t WHERE v = 1"].map { Wire.query($0) })
    #expect(server.serve([second]))
    #expect(second.replies.dropFirst().map(Wire.text) == ["k=2 v=null w=1", "NOTHING"])
  }

  /// Bytes of any kind close the connection or are answered, and harm nobody else.
  @Test(arguments: 0..<4 as Range<UInt64>)
  func mutatedFrames(seed: UInt64) {
    let server = SimulatedServer(seed: seed)
    defer { server.end() }
    var random = Xoshiro256(seed: seed)
    var frames: [[UInt8]] = []
    for (opcode, body) in [
      Wire.startup, Wire.query("SELECT * FROM system.local"),
      Wire.query("SELECT * FROM system.peers"),
    ] {
      var bytes: [UInt8] = []
      FrameHeader(version: 4, flags: [], stream: 1, opcode: opcode.rawValue, length: body.count)
        .encode(into: &bytes)
      bytes[0] &= 0x7F
      frames.append(bytes + body)
    }
    let clients = (0..<60).map { _ in
      var bytes = frames.flatMap { $0 }
      for _ in 0...(random.next() % 4) {
        let place = Int(random.next() % UInt64(bytes.count))
        switch random.next() % 3 {
        case 0: bytes[place] = UInt8(truncatingIfNeeded: random.next())
        case 1: bytes.remove(at: place)
        default: bytes.insert(UInt8(truncatingIfNeeded: random.next()), at: place)
        }
      }
      return ScriptedStream(pieces: [bytes])
    }
    let witness = Dialogue([Wire.startup, Wire.query("SELECT key FROM system.local")])
    #expect(server.serve(clients + [witness]))
    #expect(witness.replies.last.map(Wire.text) == "key=\"local\"")
  }
}
