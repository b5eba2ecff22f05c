import Admin
import Base
import Foundation
import Glibc
import Node
import PgWire
import RESP
import Reactor
import Synchronization

/// Opens the port on every shard and says when all accept.
final class Listeners: Sendable {
  private struct State {
    /// By front end, in the order of the line.
    var ports: [String: Int]
    var opened = 0
    var httpPort: Int?
    var nodePort: Int?
    var node: NodeHandle?
    /// Shards that wait for the first one to pick a free port.
    var waiting: [@Sendable () -> Void] = []
  }

  private let address: String
  private let settings: PgWireSettings
  private let resp: RESPSettings
  private let shardCount: Int
  /// Nil: off.
  private let httpPort: Int?
  private let facts: NodeFacts
  private let state: Mutex<State>

  /// `respPort` nil: that front end is off.
  init(
    address: String, port: Int, respPort: Int?, shardCount: Int, settings: PgWireSettings,
    resp: RESPSettings, httpPort: Int?, facts: NodeFacts
  ) {
    self.settings = settings
    self.resp = resp
    self.httpPort = httpPort
    self.facts = facts
    self.address = address
    self.shardCount = shardCount
    var ports = ["pg": port]
    ports["resp"] = respPort
    state = Mutex(State(ports: ports))
  }

  /// The running node; nil before it is ready.
  var node: NodeHandle? { state.withLock { $0.node } }

  /// Runs on each shard's thread.
  func open(on shard: NodeShard) {
    let ports = state.withLock { $0.ports }
    // With port 0 shard 0 picks one and the others follow.
    if shard.id.rawValue != 0, ports.values.contains(0) {
      shard.reactor.after(milliseconds: 1) { [self] in open(on: shard) }
      return
    }
    guard shard.id.rawValue == 0, ports["resp"] != nil else { return openPorts(shard, ports) }
    shard.reactor.spawn { [self] in
      do throws(KernelError) {
        try await RESPSchema.ensure(on: shard)
      } catch {
        Messages.write("the schema redis cannot be made yet: \(error)")
      }
      openPorts(shard, ports)
    }
  }

  private func openPorts(_ shard: NodeShard, _ ports: [String: Int]) {
    var opened: [String: Int] = [:]
    opened["pg"] = listen(shard, ports["pg"]) { [settings] connection in
      let session = PgWireSession(stream: connection, shard: shard, settings: settings)
      shard.reactor.spawn { await session.run() }
    }
    opened["resp"] = listen(shard, ports["resp"]) { [resp] connection in
      let session = RESPSession(stream: connection, shard: shard, settings: resp)
      shard.reactor.spawn { await session.run() }
    }
    RESPScripts.open(on: shard)
    let http = shard.id.rawValue == 0 ? openHTTP(on: shard) : nil
    let isLast = state.withLock { state in
      state.ports = opened
      state.httpPort = http ?? state.httpPort
      state.nodePort = shard.nodePort
      state.node = NodeHandle(shard)
      state.opened += 1
      return state.opened == shardCount
    }
    if isLast { announce() }
  }

  /// The port, where one is wanted.
  private func listen(
    _ shard: NodeShard, _ port: Int?, onAccept: @escaping (Connection) -> Void
  ) -> Int? {
    guard let port else { return nil }
    do throws(IOFault) {
      return try shard.reactor.listen(address: address, port: port, onAccept: onAccept).port
    } catch {
      Messages.exit(
        "cannot listen on \(address):\(port): \(String(cString: strerror(error.errno)))")
    }
  }

  /// Shard 0 alone serves it: it is asked seldom.
  private func openHTTP(on shard: NodeShard) -> Int? {
    let server = StatusServer(shard: shard, facts: facts)
    return listen(shard, httpPort) { connection in
      shard.reactor.spawn { await server.serve(connection) }
    }
  }

  private func announce() {
    let state = state.withLock { $0 }
    let places = [
      ("pg", state.ports["pg"]), ("resp", state.ports["resp"]), ("http", state.httpPort),
      ("rpc", state.nodePort),
    ]
    let parts = places.compactMap { name, port in
      port.map { "\"\(name)\":\"\(address):\($0)\"" }
    }
    FileHandle.standardOutput.write(Data("ready {\(parts.joined(separator: ","))}\n".utf8))
  }
}
