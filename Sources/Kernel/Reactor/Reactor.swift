public import Base

/// Names a timer of one reactor, to cancel it. A token of a timer that ran names nothing.
public struct TimerToken: Hashable, Sendable {
  let slot: UInt32
  let generation: UInt32
}

/// A shard's loop: time, tasks, connections and files. Lives on: its own thread (a real one) or the
/// simulator's; not Sendable, and every closure given to it runs on that thread. Other threads hold
/// its `handle`.
public protocol Reactor: AnyObject {
  /// Sendable: any thread may post through it.
  nonisolated var handle: ReactorHandle { get }
  /// The handles of this node's shards, by shard number, this one's included.
  var peers: [ReactorHandle] { get }
  var fileSystem: any FileSystem { get }
  /// Of a clock that never goes back; its zero means nothing.
  func monotonicNanoseconds() -> UInt64
  /// Since the Unix epoch; may jump either way.
  func wallNanoseconds() -> UInt64
  /// Seeded per shard. Not for secrets.
  var random: Xoshiro256 { get set }

  /// Runs `body` once, from the loop, not before the time has passed; equal times run in the order
  /// they were set. 0 runs in the next turn.
  @discardableResult
  func after(nanoseconds: UInt64, _ body: @escaping () -> Void) -> TimerToken
  func cancel(_ timer: TimerToken)
  /// Runs `body` as a task on this shard's thread, beginning in this turn or the next. Captures
  /// need not be Sendable: the task never leaves the thread.
  func spawn(_ body: @escaping () async -> Void)
  /// Runs `body` once per turn for as long as the reactor lives: after mailboxes, timers and ready
  /// tasks, before polling. The log writes its batch there.
  func onTurnEnd(_ body: @escaping () -> Void)
  func sleep(nanoseconds: UInt64) async
  /// Runs `body` on a thread of its own kind, for what takes many milliseconds of processor and touches
  /// nothing of the shard. A shard has two such threads; what comes while both are busy waits. The
  /// simulator runs it on the shard, in a later step.
  func apart(_ body: @escaping @Sendable () -> Void)

  /// Accepts connections until the listener is closed. Port 0 takes a free one. "" or "*" is every
  /// address. `reusePort` lets each shard listen on the same port, the kernel spreading connections.
  func listen(
    address: String, port: Int, reusePort: Bool, backlog: Int,
    onAccept: @escaping (Connection) -> Void
  ) throws(IOFault) -> Listener
  /// A numeric address or a name; a name is resolved off the shard's thread.
  func connect(address: String, port: Int) async throws(IOFault) -> Connection
}

extension Reactor {
  public var shard: ShardID { handle.shard }

  @discardableResult
  public func after(milliseconds: Int, _ body: @escaping () -> Void) -> TimerToken {
    after(nanoseconds: UInt64(max(0, milliseconds)) &* 1_000_000, body)
  }

  public func sleep(milliseconds: Int) async {
    await sleep(nanoseconds: UInt64(max(0, milliseconds)) &* 1_000_000)
  }

  public func sleep(nanoseconds: UInt64) async {
    await withUnsafeContinuation { (waiter: UnsafeContinuation<Void, Never>) in
      _ = after(nanoseconds: nanoseconds) { waiter.resume() }
    }
  }

  /// What `body` comes to, worked out by `apart`.
  public func compute<Output: Sendable>(_ body: @escaping @Sendable () -> Output) async -> Output {
    await withUnsafeContinuation { (waiter: UnsafeContinuation<Output, Never>) in
      apart { waiter.resume(returning: body()) }
    }
  }

  public func listen(
    address: String, port: Int, onAccept: @escaping (Connection) -> Void
  ) throws(IOFault) -> Listener {
    try listen(
      address: address, port: port, reusePort: true, backlog: 1024, onAccept: onAccept)
  }
}

/// An open port. Lives on: its shard. Stays open until closed, even when unreferenced.
public final class Listener {
  /// The port, also when 0 was asked for.
  public let port: Int
  private var onClose: (() -> Void)?

  init(port: Int, onClose: @escaping () -> Void) {
    self.port = port
    self.onClose = onClose
  }

  /// Refuses new connections; accepted ones live on. Closing twice does nothing.
  public func close() {
    onClose?()
    onClose = nil
  }
}
