public import Base

/// A timer that has not run yet; used to cancel it.
public struct TimerToken: Hashable, Sendable {
  let sequence: UInt64
}

/// A shard's loop: time, tasks, sockets, files and messages. Lives on: its own thread, or the
/// simulator's. Not Sendable: whoever has one is on its shard.
public protocol Reactor: AnyObject {
  var shard: ShardID { get }
  /// How any other thread reaches this shard.
  var handle: ReactorHandle { get }
  var fileSystem: any FileSystem { get }
  /// The shard's only random source for the kernel.
  var random: Xoshiro256 { get set }

  /// Nanoseconds that never go back; only differences mean something.
  func monotonicNanoseconds() -> UInt64
  /// Nanoseconds since the Unix epoch; may jump.
  func wallNanoseconds() -> UInt64

  /// Runs `body` once after the delay, in a later turn. Cost: O(log timers).
  @discardableResult
  func after(nanoseconds: UInt64, _ body: @escaping () -> Void) -> TimerToken
  /// A timer that has run or was cancelled is ignored.
  func cancel(_ timer: TimerToken)

  /// Runs `body` as a task that never leaves this shard's thread, so that it may capture what is not
  /// Sendable.
  func spawn(_ body: @escaping () async -> Void)
  /// Runs `body` at the end of each turn, before polling: the log writes its batch there.
  func onTurnEnd(_ body: @escaping () -> Void)

  /// Accepts connections on this shard; several shards may listen on one port. Port 0 picks one.
  func listen(address: String, port: Int, onAccept: @escaping (Connection) -> Void)
    throws(IOFault) -> any Listener
}

extension Reactor {
  @discardableResult
  public func after(milliseconds: Int, _ body: @escaping () -> Void) -> TimerToken {
    after(nanoseconds: UInt64(max(milliseconds, 0)) * 1_000_000, body)
  }

  /// Suspends the task for the time.
  public func sleep(nanoseconds: UInt64) async {
    await withUnsafeContinuation { (continuation: UnsafeContinuation<Void, Never>) in
      after(nanoseconds: nanoseconds) { continuation.resume() }
    }
  }
}

/// A listening socket. Lives on: its shard.
public protocol Listener: AnyObject {
  /// The port in use, also where 0 was asked for.
  var port: Int { get }
  func close()
}

/// Reaches a shard from any thread.
public struct ReactorHandle: Sendable {
  public let shard: ShardID
  let inbox: Inbox

  /// Runs `body` on the shard, after what this thread posted before. Never blocks for long; the
  /// inbox is as long as its callers' own bounds allow: one message per call under way.
  public func post(_ body: @escaping @Sendable (any Reactor) -> Void) {
    inbox.post(.message(body))
  }
}
