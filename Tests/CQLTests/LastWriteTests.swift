import Base
import Testing

@testable import CQL

/// Changes with times of their own from several sessions at once, one by one and in batches over several partitions:
/// whatever the order they come in, of each row the newest is there at the end (DESIGN 22.15).
struct LastWriteTests {
  private static let sessions = 8
  private static let changesOfSession = 30

  @Test(arguments: 1...10 as ClosedRange<UInt64>) func newestStays(seed: UInt64) {
    let server = SimulatedServer(seed: seed)
    defer { server.end() }
    let setup = [
      Script.keyspace, "USE k", "CREATE TABLE t (p int, q int, v int, PRIMARY KEY (p, q))",
    ]
    #expect(server.serve([Dialogue([Wire.startup] + setup.map { Wire.query($0) })]))
    var maker = TimedChanges(seed: seed)
    let clients = (0..<Self.sessions).map { _ in
      let changes = (0..<Self.changesOfSession).map { _ in Wire.query(maker.next()) }
      return Dialogue([Wire.startup, Wire.query("USE k")] + changes)
    }
    #expect(server.serve(clients))
    for client in clients {
      #expect(client.replies.dropFirst(2).map { Wire.text($0) }.filter { $0 != "VOID" } == [])
    }
    let reader = Dialogue([Wire.startup, Wire.query("SELECT p, q, v FROM k.t")])
    #expect(server.serve([reader]))
    let rows = Wire.text(reader.replies[1])
    let found = rows == "NOTHING" ? [] : rows.split(separator: "; ").map { String($0) }
    #expect(found.sorted() == maker.expected)
  }
}

/// Changes of few rows, each with a time that no other has, and what they must come to.
private struct TimedChanges {
  private struct Row: Hashable {
    var p: Int
    var q: Int
  }
  private static let partitions = 1...4
  private static let rows = 1...3

  private var random: Xoshiro256
  private var times: [Int]
  /// Of each row the newest change: its time, and the value, nil where it deletes.
  private var newest: [Row: (time: Int, value: Int?)] = [:]

  init(seed: UInt64) {
    random = Xoshiro256(seed: seed)
    times = (1...1_000).shuffled(using: &random)
  }

  mutating func next() -> String {
    let time = times.removeLast()
    if draw(0...1) == 0 { return change(time, suffix: " USING TIMESTAMP \(time)") }
    let parts = (0..<draw(2...3)).map { _ in change(time, suffix: "") }
    return "BEGIN BATCH USING TIMESTAMP \(time) \(parts.joined(separator: "; ")) APPLY BATCH"
  }

  /// The rows that are left, as replies have them.
  var expected: [String] {
    newest.compactMap { row, change in
      change.value.map { "p=\(row.p) q=\(row.q) v=\($0)" }
    }.sorted()
  }

  private mutating func draw(_ range: ClosedRange<Int>) -> Int {
    .random(in: range, using: &random)
  }

  /// `suffix`: what gives a statement outside of a batch its time. At equal times a deletion counts more, then the
  /// greater value.
  private mutating func change(_ time: Int, suffix: String) -> String {
    let p = draw(Self.partitions)
    let q = draw(Self.rows)
    switch draw(0...5) {
    case 0, 1:
      note(Row(p: p, q: q), time, value: time)
      return "INSERT INTO t (p, q, v) VALUES (\(p), \(q), \(time))\(suffix)"
    case 2, 3, 4:
      note(Row(p: p, q: q), time, value: nil)
      return "DELETE FROM t\(suffix) WHERE p = \(p) AND q = \(q)"
    default:
      for q in Self.rows { note(Row(p: p, q: q), time, value: nil) }
      return "DELETE FROM t\(suffix) WHERE p = \(p)"
    }
  }

  private mutating func note(_ row: Row, _ time: Int, value: Int?) {
    if let known = newest[row], time < known.time || time == known.time && value != nil { return }
    newest[row] = (time, value)
  }
}
