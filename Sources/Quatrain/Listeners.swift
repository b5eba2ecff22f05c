import Admin
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
    var httpPort: Int?
    var nodePort: Int?
    var node: NodeHandle?
    /// Shards that wait for the first one to pick a free port.
    var waiting: [@Sendable () -> Void] = []
  }

  private let address: String
  private let settings: PgWireSettings
  private let shardCount: Int
  /// Nil: off.
  private let httpPort: Int?
  /// Where the node listens for others.
  private let nodeAddress: String
  private let facts: NodeFacts
  private let state: Mutex<State>

  init(
    address: String, port: Int, shardCount: Int, settings: PgWireSettings, httpPort: Int?,
    nodeAddress: String, facts: NodeFacts
  ) {
    self.settings = settings
    self.httpPort = httpPort
    self.facts = facts
    self.address = address
    self.nodeAddress = nodeAddress
    self.shardCount = shardCount
    state = Mutex(State(port: port))
  }

  /// The running node; nil before it is ready.
  var node: NodeHandle? { state.withLock { $0.node } }

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
      let http = try openHTTP(on: shard)
      let isLast = state.withLock { state in
        state.port = listener.port
        state.httpPort = http ?? state.httpPort
        state.nodePort = shard.nodePort
        state.node = NodeHandle(shard)
        state.opened += 1
        return state.opened == shardCount
      }
      if isLast { announce(listener.port) }
    } catch {
      Messages.exit(
        "cannot listen on \(address):\(port): \(String(cString: strerror(error.errno)))")
    }
  }

  /// Shard 0 alone serves it: it is asked seldom.
  private func openHTTP(on shard: NodeShard) throws(IOFault) -> Int? {
    guard let httpPort, shard.id.rawValue == 0 else { return nil }
    let server = StatusServer(shard: shard, facts: facts)
    return try shard.reactor.listen(address: address, port: httpPort) { connection in
      shard.reactor.spawn { await server.serve(connection) }
    }.port
  }

  private func announce(_ port: Int) {
    let http = state.withLock { $0.httpPort }.map { ",\"http\":\"\(address):\($0)\"" } ?? ""
    let rpc = state.withLock { $0.nodePort }.map { ",\"rpc\":\"\(nodeAddress):\($0)\"" } ?? ""
    FileHandle.standardOutput.write(
      Data("ready {\"pg\":\"\(address):\(port)\"\(http)\(rpc)}\n".utf8))
  }
}
