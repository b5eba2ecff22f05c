import Testing
import Types

@testable import CQL

/// A traced request's id comes with its reply, and its steps are rows for a while.
struct TraceTests {
  @Test func stepsAreRows() throws {
    let server = SimulatedServer(seed: 1)
    defer { server.end() }
    let setUp = Dialogue(
      [Wire.startup]
        + [Script.keyspace, "CREATE TABLE k.t (a int PRIMARY KEY, v int)"].map { Wire.query($0) })
    #expect(server.serve([setUp]))
    let traced = Dialogue(
      [
        Wire.startup, Wire.query("INSERT INTO k.t (a, v) VALUES (1, 2)"),
        Wire.query("SELECT v FROM k.t WHERE a = 1"), Wire.query("SELECT nothing FROM k.t"),
      ], flags: .tracing)
    #expect(server.serve([traced]))
    #expect(traced.flags.dropFirst().allSatisfy { $0.contains(.tracing) })
    server.run(milliseconds: 1_000)
    let ids = traced.replies.dropFirst().map { reply in
      UUIDValue(
        high: reply.body[..<8].reduce(0) { $0 << 8 | UInt64($1) },
        low: reply.body[8..<16].reduce(0) { $0 << 8 | UInt64($1) })
    }
    let names = ids.map { TextForm.text(.uuid($0), .uuid) }
    let reader = Dialogue(
      [Wire.startup]
        + names.flatMap { name in
          [
            Wire.query("SELECT request FROM system_traces.sessions WHERE session_id = \(name)"),
            Wire.query("SELECT activity FROM system_traces.events WHERE session_id = \(name)"),
          ]
        })
    #expect(server.serve([reader]))
    let texts = reader.replies.dropFirst().map { Wire.text($0) }
    try #require(texts.count == 6)
    #expect([texts[0], texts[2], texts[4]].allSatisfy { $0 == "request=\"Execute CQL3 query\"" })
    #expect(texts[1].contains("1 changes go to tablet") && texts[1].contains("Committed"))
    #expect(texts[3].contains("1 rows came from tablet"))
    #expect(texts[5].contains("Refused"))
  }

  @Test func nobodyElseWritesThem() {
    Script.check([
      ("TRUNCATE system_traces.events", "ERROR 2100"),
      ("INSERT INTO system_traces.sessions (session_id) VALUES (uuid())", "ERROR 2100"),
      ("DROP TABLE system_traces.sessions", "ERROR 2100"),
      ("SELECT request FROM system_traces.sessions", "NOTHING"),
    ])
  }
}
