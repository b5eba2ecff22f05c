import Base
import Foundation
import Glibc
import Node
import PgWire
import Reactor
import Synchronization

/// Opens the port on every shard and says when all accept.
final class Listeners: Sendable {
  private struct State {
    var port: Int
    var isPicked = false
    var opened = 0
    /// Shards that wait for the first one to pick a free port.
    var waiting: [@Sendable () -> Void] = []
  }

  private let address: String
  private let settings: PgWireSettings
  private let shardCount: Int
  private let state: Mutex<State>

  init(address: String, port: Int, shardCount: Int, settings: PgWireSettings) {
    self.settings = settings
    self.address = address
    self.shardCount = shardCount
    state = Mutex(State(port: port))
  }

  /// Runs on each shard's thread.
  func open(on shard: NodeShard) {
    let port = state.withLock { $0.port }
    // With port 0 shard 0 picks one and the others follow.
    if port == 0 && shard.id.rawValue != 0 {
      shard.reactor.after(milliseconds: 1) { [self] in open(on: shard) }
      return
    }
    do throws(IOFault) {
      let listener = try shard.reactor.listen(address: address, port: port) { [self] connection in
        let session = PgWireSession(stream: connection, shard: shard, settings: settings)
        shard.reactor.spawn { await session.run() }
      }
      let isLast = state.withLock { state in
        state.port = listener.port
        state.opened += 1
        return state.opened == shardCount
      }
      if isLast { announce(listener.port) }
    } catch {
      Messages.exit(
        "cannot listen on \(address):\(port): \(String(cString: strerror(error.errno)))")
    }
  }

  private func announce(_ port: Int) {
    FileHandle.standardOutput.write(Data("ready {\"pg\":\"\(address):\(port)\"}\n".utf8))
  }
}
