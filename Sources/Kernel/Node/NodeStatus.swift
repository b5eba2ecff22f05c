public import Base
import Reactor
import Storage

/// What one shard reports of itself.
public struct ShardStatus: Sendable, Equatable {
  public var shard: ShardID
  public var memoryUsedBytes: Int
  public var memoryLimitBytes: Int
  public var tablets: Int
  /// Keys of all keyspaces, those that are deleted but not collected included.
  public var rows: Int
  /// What a start would read of the log.
  public var logBytes: Int
  public var logSegments: Int
  /// Why the log cannot be written any more; nil while it can.
  public var logFailure: String?
  public var activeTransactions: Int
  /// Checkpoints of tablets taken since the start.
  public var checkpoints: Int
  public var isCheckpointRunning: Bool
  /// Nanoseconds since the Unix epoch; nil where none has been taken since the start.
  public var lastCheckpoint: UInt64?
  /// Why the last attempt failed; nil after a success.
  public var checkpointFailure: String?
}

public struct NodeStatus: Sendable, Equatable {
  /// By shard number.
  public var shards: [ShardStatus]
}

extension NodeShard {
  /// Asks every shard of the node. From any shard, as soon as the node is ready.
  public func nodeStatus() async -> NodeStatus {
    let reply = Reply<[ShardStatus]>()
    let gather = Gather<ShardStatus>(count: layout.shardCount) { reply.fulfill($0) }
    let back = ShardBound(gather)
    let home = peers[id]
    for number in 0..<layout.shardCount {
      peers[ShardID(rawValue: UInt16(number))].post { there in
        let status = there.status
        home.post { _ in back.value.add(status, at: number) }
      }
    }
    return NodeStatus(shards: await reply.get())
  }

  /// This shard's part. Costs a look at each tablet's keyspaces.
  public var status: ShardStatus {
    let rows = tablets.values.reduce(0) { sum, tablet in
      tablet.store.spaces.reduce(sum) { $0 + tablet.store.count($1) }
    }
    return ShardStatus(
      shard: id, memoryUsedBytes: memory.usedBytes, memoryLimitBytes: memory.limitBytes,
      tablets: tablets.count, rows: rows, logBytes: logBytes, logSegments: logSegmentCount,
      logFailure: logFailure, activeTransactions: activeTransactionCount,
      checkpoints: checkpointer?.takenCount ?? 0,
      isCheckpointRunning: checkpointer?.isRunning ?? false,
      lastCheckpoint: checkpointer?.lastTakenAt,
      checkpointFailure: checkpointer?.lastFault.map { "\($0)" })
  }
}

extension NodeShard {
  /// Takes checkpoints on every shard of the node; true when all succeeded.
  public func checkpointNode() async -> Bool {
    let reply = Reply<[Bool]>()
    let gather = Gather<Bool>(count: layout.shardCount) { reply.fulfill($0) }
    let back = ShardBound(gather)
    let home = peers[id]
    for number in 0..<layout.shardCount {
      peers[ShardID(rawValue: UInt16(number))].post { there in
        there.reactor.spawn {
          let isTaken = await there.checkpoint()
          home.post { _ in back.value.add(isTaken, at: number) }
        }
      }
    }
    return await reply.get().allSatisfy { $0 }
  }
}
