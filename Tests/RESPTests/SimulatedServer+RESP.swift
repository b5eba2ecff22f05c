import Fuzzing
import Node
import SimulatedServer

@testable import RESP

extension SimulatedServer {
  convenience init(seed: UInt64) { self.init(seed: seed, tabletCount: 4) }

  /// Runs a session for each client until all have ended.
  func serve(_ clients: [ScriptedStream]) -> Bool {
    serve(clients) { stream, shard in
      let session = RESPSession(stream: stream, shard: shard, settings: RESPSettings())
      return { await session.run() }
    }
  }

  /// Has keys that expire removed from now on; `onEvents` hears of them.
  func removeExpired(_ onEvents: @escaping ([KeyEvent]) -> Void) {
    guard let shard else { return }
    ExpiredKeys.remove(on: shard, onEvents)
  }
}
