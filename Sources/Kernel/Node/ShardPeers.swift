import Base
import Reactor

/// Reaches one shard of the node from any other.
struct ShardPeer: Sendable {
  let handle: ReactorHandle
  private let shard: ShardBound<NodeShard>

  init(_ shard: NodeShard) {
    handle = shard.reactor.handle
    self.shard = ShardBound(shard)
  }

  /// Runs `body` on the shard's thread, in the order of posting.
  func post(_ body: @escaping @Sendable (NodeShard) -> Void) {
    handle.post { [shard] _ in body(shard.value) }
  }
}

/// All shards of the node, by number.
struct ShardPeers: Sendable {
  private var peers: [ShardPeer] = []

  init() {}
  init(_ peers: [ShardPeer]) { self.peers = peers }

  subscript(id: ShardID) -> ShardPeer { peers[Int(id.rawValue)] }
}
