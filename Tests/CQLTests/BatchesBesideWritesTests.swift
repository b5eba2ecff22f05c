import Base
import Testing

@testable import CQL

/// Batches of several tablets with deletions, beside writes that are older: whichever is first, what is older than the
/// deletion is gone in the end.
struct BatchesBesideWritesTests {
  private static let keys = 1...30

  private enum Deletion: CaseIterable {
    case row, range, partition

    func statement(_ key: Int) -> String {
      switch self {
      case .row: "DELETE FROM t WHERE p = \(key) AND q = 1"
      case .range: "DELETE FROM t WHERE p = \(key) AND q > 0"
      case .partition: "DELETE FROM t WHERE p = \(key)"
      }
    }
  }

  /// With rows of a table on all tablets.
  private static func batch(_ change: String, _ table: String, at time: Int) -> String {
    let others = (1...6).map { "INSERT INTO \(table) (p, v) VALUES (\($0), 1)" }
    return "BEGIN BATCH USING TIMESTAMP \(time) "
      + ([change] + others).joined(separator: "; ") + " APPLY BATCH"
  }

  private static func alone(_ change: String, at time: Int) -> String {
    "BEGIN BATCH USING TIMESTAMP \(time) \(change) APPLY BATCH"
  }

  @Test(arguments: 1...8 as ClosedRange<UInt64>) func theDeletionCounts(seed: UInt64) {
    for deletion in Deletion.allCases {
      for (isBatch, isOlderBatch) in [(true, false), (true, true), (false, true)] {
        check(seed, deletion, isBatch: isBatch, isOlderBatch: isOlderBatch)
      }
    }
  }

  private func check(_ seed: UInt64, _ deletion: Deletion, isBatch: Bool, isOlderBatch: Bool) {
    let server = SimulatedServer(seed: seed, shards: 2)
    defer { server.end() }
    let setup = [
      Script.keyspace, "USE k", "CREATE TABLE t (p int, q int, v int, PRIMARY KEY (p, q))",
      "CREATE TABLE u (p int PRIMARY KEY, v int)", "CREATE TABLE w (p int PRIMARY KEY, v int)",
    ]
    #expect(server.serve([Dialogue([Wire.startup] + setup.map { Wire.query($0) })]))
    var random = Xoshiro256(seed: seed)
    var deleting = [Wire.startup, Wire.query("USE k")]
    var writing = deleting
    for key in Self.keys {
      // Sometimes this one is earlier, sometimes the other.
      for _ in 0..<Int.random(in: 0...2, using: &random) {
        let pause = Wire.query("SELECT v FROM u WHERE p = 1")
        if Bool.random(using: &random) { deleting.append(pause) } else { writing.append(pause) }
      }
      let gone = deletion.statement(key)
      deleting.append(
        Wire.query(isBatch ? Self.batch(gone, "u", at: 100) : Self.alone(gone, at: 100)))
      let older = "INSERT INTO t (p, q, v) VALUES (\(key), 1, 1)"
      writing.append(
        Wire.query(isOlderBatch ? Self.batch(older, "w", at: 50) : Self.alone(older, at: 50)))
    }
    let clients = [Dialogue(deleting), Dialogue(writing)]
    #expect(server.serve(clients))
    for client in clients {
      let replies = client.replies.map { Wire.text($0) }
      #expect(!replies.contains { $0.hasPrefix("ERROR") }, "\(replies)")
    }
    let reader = Dialogue(
      [Wire.startup, Wire.query("USE k"), Wire.query("SELECT p, q, v FROM t")])
    #expect(server.serve([reader]))
    #expect(
      Wire.text(reader.replies[2]) == "NOTHING",
      "\(deletion), batch \(isBatch), older batch \(isOlderBatch)")
  }
}
