import Base
import Raft

extension NodeID {
  /// Node numbers are parts of transaction, row and process numbers.
  static let maximum = NodeID(rawValue: 255)
}

extension ReplicaID {
  /// Of a node, which may have several replicas of a tablet one after the other: each has forgotten
  /// the votes of the one before, so that it is another member of its group.
  init(node: NodeID, generation: UInt64) {
    self.init(rawValue: generation << 8 | UInt64(node.rawValue))
  }
  var node: NodeID { NodeID(rawValue: UInt32(rawValue & 0xFF)) }
  var generation: UInt64 { rawValue >> 8 }
}

extension RaftConfiguration {
  func contains(node: NodeID) -> Bool {
    (voters + votersOutgoing + learners).contains { $0.node == node }
  }
}

extension TransactionID {
  /// Unique in the cluster, and younger ones are larger where clocks agree: 48 bits of time in units of
  /// 8 µs, 10 of the node, 6 of the shard.
  init(node: NodeID, shard: ShardID, number: UInt64) {
    self.init(
      rawValue: number << 16 | UInt64(node.rawValue & 0x3FF) << 6 | UInt64(shard.rawValue & 0x3F))
  }
  /// Where its coordinator is.
  var node: NodeID { NodeID(rawValue: UInt32(rawValue >> 6 & 0x3FF)) }
  var shard: ShardID { ShardID(rawValue: UInt16(rawValue & 0x3F)) }
}
