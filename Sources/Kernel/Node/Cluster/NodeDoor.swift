import Base
import Reactor

/// Where one shard takes connections of other nodes: the port is open before the shard can serve, since
/// others must be told of it; who comes too early is sent away and comes again. Lives on: its shard.
final class NodeDoor {
  private var listener: Listener?
  var onConnection: ((Connection) -> Void)?

  /// Opens the port unless it is open; returns its number. `isFirst`: no other process may have it, which
  /// the system would allow, since the shards share it.
  func open(
    on reactor: any Reactor, _ address: NodeAddress, isFirst: Bool = false
  ) throws(IOFault) -> Int {
    if let listener { return listener.port }
    if isFirst && address.port != 0 {
      try reactor.listen(
        address: address.host, port: address.port, reusePort: false, backlog: 1
      ) { $0.abort() }.close()
    }
    let opened = try reactor.listen(address: address.host, port: address.port) { connection in
      if let onConnection = self.onConnection {
        onConnection(connection)
      } else {
        connection.abort()
      }
    }
    listener = opened
    return opened.port
  }
}
