import Testing

@testable import CQL

/// A session of a simulated node, in a keyspace of its own.
enum Script {
  static let keyspace =
    "CREATE KEYSPACE k WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}"

  /// Statements and what they are answered with, as `Wire.text` has it.
  static func check(
    _ script: [(String, String)], pieceBytes: Int = 1 << 20, seed: UInt64 = 1
  ) {
    let server = SimulatedServer(seed: seed)
    defer { server.end() }
    let all = [(keyspace, "SCHEMA CREATED KEYSPACE"), ("USE k", "USE k")] + script
    let client = Dialogue([Wire.startup] + all.map { Wire.query($0.0) }, pieceBytes: pieceBytes)
    #expect(server.serve([client]))
    #expect(client.replies.count == all.count + 1)
    for (reply, line) in zip(client.replies.dropFirst(), all) {
      #expect(Wire.text(reply) == line.1, "\(line.0)")
    }
  }
}
