import Base
import Glibc

/// A shard of a simulated node. Lives on: the world's thread.
final class SimulatedReactor: Reactor {
  unowned let world: SimulatedWorld
  let node: SimulatedNode
  let ordinal: Int
  let executor: SimulatedExecutor
  private let port: SimulatedPort
  private let files: SimulatedFileSystem
  var random: Xoshiro256
  /// False after the node's crash; nothing of it runs any more.
  private(set) var isAlive = true
  var needsTurnEnd = false
  private(set) var turnEndHooks: [() -> Void] = []

  /// From one shard to another of the same node; constant, so that messages keep their order.
  private static let messageDelay: UInt64 = 1_000

  init(
    _ world: SimulatedWorld, _ node: SimulatedNode, _ shard: ShardID, ordinal: Int, seed: UInt64
  ) {
    self.world = world
    self.node = node
    self.ordinal = ordinal
    executor = SimulatedExecutor()
    port = SimulatedPort(shard)
    random = Xoshiro256(seed: seed)
    files = SimulatedFileSystem(node.disk)
    executor.reactor = self
    port.reactor = self
    files.reactor = self
  }

  nonisolated var handle: ReactorHandle { ReactorHandle(shard: port.shard, target: port) }
  var fileSystem: any FileSystem { files }
  var peers: [ReactorHandle] { node.reactors.map(\.handle) }
  func monotonicNanoseconds() -> UInt64 { world.now }

  func wallNanoseconds() -> UInt64 {
    let drift = Int64(clamping: world.now - node.clockSetAt) / 1_000_000 &* node.clockDrift
    let local = Int64(clamping: world.options.epochNanoseconds &+ world.now)
    return UInt64(max(0, local &+ node.clockAhead &+ drift))
  }

  /// The node has crashed.
  func end() {
    isAlive = false
    turnEndHooks = []
    files.letGo()
  }

  /// Something of this shard is about to run or has run: its turn-end hooks follow.
  func didSomething() {
    if needsTurnEnd || turnEndHooks.isEmpty { return }
    needsTurnEnd = true
    world.needsTurnEnd(self)
  }

  @discardableResult
  func after(nanoseconds: UInt64, _ body: @escaping () -> Void) -> TimerToken {
    let (deadline, isBeyond) = world.now.addingReportingOverflow(node.stretched(nanoseconds))
    return world.timers.set(deadline: isBeyond ? .max : deadline) { [self] in
      guard isAlive else { return }
      didSomething()
      body()
    }
  }

  func cancel(_ timer: TimerToken) { world.timers.cancel(timer) }

  func apart(_ body: @escaping @Sendable () -> Void) { after(nanoseconds: 0) { body() } }

  func onTurnEnd(_ body: @escaping () -> Void) {
    turnEndHooks.append(body)
    didSomething()
  }

  func spawn(_ body: @escaping () async -> Void) {
    let body = ShardBound(body)
    Task(executorPreference: executor) { await body.value() }
  }

  func receive(_ body: @escaping ShardMessage) {
    after(nanoseconds: SimulatedReactor.messageDelay) { [self] in body(self) }
  }

  func listen(
    address: String, port: Int, reusePort: Bool, backlog: Int,
    onAccept: @escaping (Connection) -> Void
  ) throws(IOFault) -> Listener {
    try world.network.listen(self, port: port, reusePort: reusePort, onAccept: onAccept)
  }

  func connect(address: String, port: Int) async throws(IOFault) -> Connection {
    let result = await withUnsafeContinuation {
      (waiter: UnsafeContinuation<Result<ShardBound<Connection>, IOFault>, Never>) in
      world.network.connect(self, address: address, port: port) { result in
        waiter.resume(returning: result.map { ShardBound($0) })
      }
    }
    return try result.get().value
  }
}

/// Puts the jobs of a simulated shard into the world's queue.
///
/// `@unchecked Sendable`: the world checks that jobs arrive on its own thread.
final class SimulatedExecutor: TaskExecutor, @unchecked Sendable {
  /// Set once; the world keeps both for ever.
  unowned var reactor: SimulatedReactor!

  func enqueue(_ job: consuming ExecutorJob) {
    reactor.world.enqueue(UnownedJob(job), reactor)
  }
}

/// The gate of a simulated shard.
///
/// `@unchecked Sendable`: all shards of a world share one thread.
final class SimulatedPort: MessageTarget, @unchecked Sendable {
  let shard: ShardID
  /// Set once; the world keeps both for ever.
  unowned var reactor: SimulatedReactor!

  init(_ shard: ShardID) { self.shard = shard }

  func post(_ body: @escaping ShardMessage) {
    if reactor.isAlive { reactor.receive(body) }
  }
}
