import Testing

@testable import CQL

/// Prepared changes of one row go a shorter way: what they do is what the same statements do with values in them.
struct PreparedChangeTests {
  private enum Given {
    case value([UInt8])
    case null
    case unset
  }

  private static let columns =
    "CREATE TABLE t (p int, q text, v int, w text, s set<int>, PRIMARY KEY (p, q)) WITH default_time_to_live = 1000"

  private func execute(_ id: [UInt8], _ values: [Given], timestamp: Int64? = nil) -> (
    Opcode, [UInt8]
  ) {
    var out = BodyWriter()
    out.short(id.count)
    out.bytes += id
    out.consistency(.one)
    out.byte(timestamp == nil ? 0x01 : 0x21)
    out.short(values.count)
    for value in values {
      switch value {
      case .value(let bytes): out.bytes(bytes)
      case .null: out.int(-1)
      case .unset: out.int(-2)
      }
    }
    if let timestamp { out.long(timestamp) }
    return (.execute, out.bytes)
  }

  private func int(_ number: UInt8) -> Given { .value([0, 0, 0, number]) }
  private func text(_ text: String) -> Given { .value(Array(text.utf8)) }

  /// What each of the requests is answered with, where `made` makes them of the statement's id.
  private func run(
    _ server: SimulatedServer, _ statement: String, _ made: ([UInt8]) -> [(Opcode, [UInt8])]
  ) throws -> [String] {
    var body = BodyWriter()
    body.int(statement.utf8.count)
    body.bytes += Array(statement.utf8)
    let first = Dialogue([Wire.startup, Wire.query("USE k"), (.prepare, body.bytes)])
    #expect(server.serve([first]))
    var reader = BodyReader(first.replies[2].body)
    #expect(try reader.int() == 4)
    let count = try reader.short()
    let id = Array(first.replies[2].body[6..<6 + count])
    let client = Dialogue([Wire.startup, Wire.query("USE k")] + made(id))
    #expect(server.serve([client]))
    return client.replies.dropFirst(2).map { Wire.text($0) }
  }

  @Test func doesWhatTheStatementDoes() throws {
    let server = SimulatedServer(seed: 5)
    defer { server.end() }
    let setup = Dialogue(
      [Wire.startup] + [Script.keyspace, "USE k", Self.columns].map { Wire.query($0) })
    #expect(server.serve([setup]))
    let read = "SELECT v, w, s FROM t WHERE p = 1 AND q = 'a'"
    let set: Given = .value([0, 0, 0, 2, 0, 0, 0, 4, 0, 0, 0, 9, 0, 0, 0, 4, 0, 0, 0, 3])
    let answers = try run(server, "INSERT INTO t (q, v, p, s, w) VALUES (?, ?, ?, ?, ?)") { id in
      [
        execute(id, [text("a"), int(5), int(1), set, text("x")], timestamp: 100),
        Wire.query(read),
        // What is unset stays, null deletes, an older write loses.
        execute(id, [text("a"), .unset, int(1), .null, .value([])], timestamp: 101),
        Wire.query(read),
        execute(id, [text("a"), int(6), int(1), set, text("old")], timestamp: 99),
        Wire.query(read),
        Wire.query("SELECT writetime(v), writetime(w) FROM t"),
        Wire.query("SELECT p FROM t WHERE v = 5 AND p = 1 AND q = 'a' ALLOW FILTERING"),
        // Values that are wrong.
        execute(id, [text("a"), .value([1]), int(1), .null, .null]),
        execute(id, [.null, int(1), int(1), .null, .null]),
        execute(id, [text("a"), int(1), .unset, .null, .null]),
        execute(id, [text("a"), int(1), .value([]), .null, .null]),
        execute(id, [text("a"), int(1), int(1), .null]),
        execute(id, [text("a"), .value([]), int(1), .unset, .unset]),
        Wire.query(read),
      ]
    }
    #expect(
      answers == [
        "VOID", "v=5 w=\"x\" s=[3, 9]", "VOID", "v=5 w=\"\" s=null", "VOID", "v=5 w=\"\" s=null",
        "writetime(v)=100 writetime(w)=101", "p=1", "ERROR 2200", "ERROR 2200", "ERROR 2200",
        "ERROR 2200", "ERROR 2200", "VOID", "v=null w=\"\" s=null",
      ])
    // The table's time to live is the rows'.
    server.run(milliseconds: 1_001_000)
    let late = Dialogue([Wire.startup, Wire.query("USE k"), Wire.query(read)])
    #expect(server.serve([late]))
    #expect(Wire.text(late.replies[2]) == "NOTHING")
  }

  /// Of rows that other shards have, with a change of the schema in between.
  @Test func elsewhere() throws {
    let server = SimulatedServer(seed: 9, shards: 2)
    defer { server.end() }
    let setup = [
      Script.keyspace, "USE k", Self.columns,
      "CREATE TABLE c (p int PRIMARY KEY, n counter)",
    ]
    #expect(server.serve([Dialogue([Wire.startup] + setup.map { Wire.query($0) })]))
    let keys = UInt8(1)...24
    let inserted = try run(server, "INSERT INTO t (p, q, v) VALUES (?, ?, ?)") { id in
      keys.map { execute(id, [int($0), text("a"), int($0 + 1)]) }
        + keys.map { execute(id, [int($0), text("a"), int(0)], timestamp: 1) }
    }
    #expect(inserted == Array(repeating: "VOID", count: 48))
    let counted = try run(server, "UPDATE c SET n = n + ? WHERE p = ?") { id in
      keys.map { execute(id, [.value([0, 0, 0, 0, 0, 0, 0, $0]), int($0)]) }
        + keys.map { execute(id, [.value([0, 0, 0, 0, 0, 0, 0, 1]), int($0)]) }
    }
    #expect(counted == Array(repeating: "VOID", count: 48))
    let read = try run(server, "SELECT v FROM t WHERE p = ? AND q = ?") { id in
      keys.map { execute(id, [int($0), text("a")]) } + [execute(id, [int(99), text("a")])]
        + [
          Wire.query("ALTER TABLE t ADD x int"),
          Wire.query("UPDATE t SET v = 7 WHERE p = 3 AND q = 'a'"),
        ]
        + keys.map { execute(id, [int($0), text("a")]) }
    }
    let values = keys.map { "v=\($0 + 1)" }
    let changed = keys.map { $0 == 3 ? "v=7" : "v=\($0 + 1)" }
    #expect(read == values + ["NOTHING", "SCHEMA UPDATED TABLE", "VOID"] + changed)
    let totals = try run(server, "SELECT n FROM c WHERE p = ?") { id in
      keys.map { execute(id, [int($0)]) }
    }
    #expect(totals == keys.map { "n=\($0 + 1)" })
    // The rows are spread over both shards.
    #expect((40..<120).contains(server.callsElsewhere), "\(server.callsElsewhere)")
  }

  @Test func updatesAndDeletes() throws {
    let server = SimulatedServer(seed: 7)
    defer { server.end() }
    let setup = Dialogue(
      [Wire.startup] + [Script.keyspace, "USE k", Self.columns].map { Wire.query($0) })
    #expect(server.serve([setup]))
    let read = "SELECT v, w, writetime(v), ttl(w) FROM t WHERE p = 1 AND q = 'a'"
    let long: (UInt8) -> Given = { .value([0, 0, 0, 0, 0, 0, 0, $0]) }
    let before = server.changesAtOnce
    let updates = try run(
      server, "UPDATE t USING TTL ? AND TIMESTAMP ? SET v = ?, w = 'fixed' WHERE q = ? AND p = 1"
    ) { id in
      [
        execute(id, [int(100), long(50), int(5), text("a")]), Wire.query(read),
        // What USING is not given is the client's and the table's; null and 0 end the time to live.
        execute(id, [int(0), .unset, .unset, text("a")], timestamp: 60), Wire.query(read),
        execute(id, [.null, long(70), .null, text("a")], timestamp: 60), Wire.query(read),
        // Older.
        execute(id, [.unset, long(69), int(9), text("a")], timestamp: 100), Wire.query(read),
        // Wrong ones.
        execute(id, [.value([0xFF, 0xFF, 0xFF, 0xFF]), long(80), int(1), text("a")]),
        execute(id, [.unset, .null, int(1), text("a")]),
        execute(id, [.unset, long(80), int(1), .null]),
        execute(id, [.unset, long(80), int(1), .value([])]),
      ]
    }
    #expect(
      updates == [
        "VOID", "v=5 w=\"fixed\" writetime(v)=50 ttl(w)=100", "VOID",
        "v=5 w=\"fixed\" writetime(v)=50 ttl(w)=null", "VOID",
        "v=null w=\"fixed\" writetime(v)=null ttl(w)=null", "VOID",
        "v=null w=\"fixed\" writetime(v)=null ttl(w)=null", "ERROR 2200", "ERROR 2200",
        "ERROR 2200", "VOID",
      ])
    let cells = try run(server, "DELETE w FROM t USING TIMESTAMP ? WHERE p = ? AND q = ?") { id in
      [
        execute(id, [long(10), int(1), text("a")]), Wire.query("SELECT w FROM t WHERE p = 1"),
        execute(id, [long(71), int(1), text("a")]), Wire.query("SELECT w FROM t WHERE p = 1"),
      ]
    }
    #expect(cells[0] == "VOID" && cells[1].contains("w=\"fixed\"") && cells[2] == "VOID")
    #expect(cells[3] == "w=\"fixed\"")
    let rows = try run(server, "DELETE FROM t WHERE p = ? AND q = ?") { id in
      [
        execute(id, [int(1), .value([])], timestamp: 90), Wire.query("SELECT q FROM t WHERE p = 1"),
        Wire.query("INSERT INTO t (p, q, v) VALUES (1, 'a', 3) USING TIMESTAMP 80"),
        execute(id, [int(1), text("a")], timestamp: 79), Wire.query("SELECT v FROM t WHERE p = 1"),
        execute(id, [int(1), text("a")], timestamp: 81), Wire.query("SELECT v FROM t WHERE p = 1"),
        Wire.query("INSERT INTO t (p, q, v) VALUES (1, 'a', 3) USING TIMESTAMP 81"),
        Wire.query("SELECT v FROM t WHERE p = 1"),
      ]
    }
    #expect(
      rows == [
        "VOID", "NOTHING", "VOID", "VOID", "v=3", "VOID", "NOTHING", "VOID", "NOTHING",
      ])
    #expect(server.changesAtOnce - before == 12)
  }

  @Test func counters() throws {
    let server = SimulatedServer(seed: 8)
    defer { server.end() }
    let setup = Dialogue(
      [Wire.startup]
        + [Script.keyspace, "USE k", "CREATE TABLE c (p int PRIMARY KEY, n counter, m counter)"]
        .map { Wire.query($0) })
    #expect(server.serve([setup]))
    let long: (UInt8) -> Given = { .value([0, 0, 0, 0, 0, 0, 0, $0]) }
    let answers = try run(server, "UPDATE c SET n = n + ?, m = m - 2 WHERE p = ?") { id in
      [
        execute(id, [long(5), int(1)]), execute(id, [long(7), int(1)]),
        Wire.query("SELECT n, m FROM c"), execute(id, [.null, int(1)]),
        execute(id, [.unset, int(1)]), Wire.query("SELECT n, m FROM c"),
      ]
    }
    #expect(answers == ["VOID", "VOID", "n=12 m=-4", "ERROR 2200", "VOID", "n=12 m=-6"])
  }

  /// The way is that of one version of the table.
  @Test func seesThatTheTableChanges() throws {
    let server = SimulatedServer(seed: 6)
    defer { server.end() }
    let setup = Dialogue(
      [Wire.startup] + [Script.keyspace, "USE k", Self.columns].map { Wire.query($0) })
    #expect(server.serve([setup]))
    let answers = try run(server, "INSERT INTO t (p, q, v) VALUES (?, ?, ?)") { id in
      [
        execute(id, [int(1), text("a"), int(1)]),
        Wire.query(
          "CREATE MATERIALIZED VIEW m AS SELECT * FROM t WHERE v IS NOT NULL AND p IS NOT NULL AND q IS NOT NULL PRIMARY KEY (v, p, q)"
        ),
        execute(id, [int(1), text("a"), int(2)]), Wire.query("SELECT v FROM m"),
        Wire.query("DROP MATERIALIZED VIEW m"), Wire.query("ALTER TABLE t DROP v"),
        execute(id, [int(1), text("a"), int(3)]), Wire.query("DROP TABLE t"),
        execute(id, [int(1), text("a"), int(4)]),
      ]
    }
    #expect(
      answers == [
        "VOID", "SCHEMA CREATED TABLE", "VOID", "v=2", "SCHEMA DROPPED TABLE",
        "SCHEMA UPDATED TABLE", "ERROR 2200", "SCHEMA DROPPED TABLE", "ERROR 2200",
      ])
  }
}
