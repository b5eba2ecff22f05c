public import Base

/// What runs on the target shard: it gets that shard's reactor, and can capture no one else's.
public typealias ShardMessage = @Sendable (any Reactor) -> Void

/// Reaches a shard from any thread.
public struct ReactorHandle: Sendable {
  public let shard: ShardID
  let target: any MessageTarget

  /// Runs `body` on the target shard, in a later step of its loop, even when that is the caller's
  /// own. Messages from one shard to another arrive in order. From a shard they go through a ring
  /// of `Mailbox.capacity` messages; when it is full they wait in the sender's overflow queue, of
  /// at most `Mailbox.overflowMaximum`, beyond which the process ends: requests between shards are
  /// bounded by sessions, so more is a bug. From other threads they go through a locked queue
  /// with the same bound. Dropped when the target has stopped.
  public func post(_ body: @escaping ShardMessage) { target.post(body) }
}

/// The receiving end of a shard, as other threads see it.
protocol MessageTarget: AnyObject, Sendable {
  func post(_ body: @escaping ShardMessage)
}
