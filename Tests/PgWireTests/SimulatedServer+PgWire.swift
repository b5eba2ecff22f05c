import Fuzzing
import Node
import SimulatedServer

@testable import PgWire

extension SimulatedServer {
  convenience init(seed: UInt64) { self.init(seed: seed, tabletCount: 2) }

  /// Runs a session for each client until all have ended.
  func serve(_ clients: [ScriptedStream]) -> Bool {
    var settings = PgWireSettings()
    settings.mockSecret = [1, 2, 3]
    return serve(clients) { stream, shard in
      let session = PgWireSession(stream: stream, shard: shard, settings: settings)
      return { await session.run() }
    }
  }
}
