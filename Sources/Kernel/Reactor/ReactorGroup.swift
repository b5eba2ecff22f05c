public import Base
import CLinux
import Synchronization

/// The shards of a process: a thread and a reactor each. Lives on: any thread.
public final class ReactorGroup: Sendable {
  public enum Backend: String, Sendable, CaseIterable {
    /// io_uring, or epoll where the host forbids it.
    case auto
    case uring
    case epoll

    /// As the system calls it.
    public var systemName: String {
      switch self {
      case .auto: "auto"
      case .uring: "io_uring"
      case .epoll: "epoll"
      }
    }
  }

  /// By shard number.
  public let handles: [ReactorHandle]
  /// What runs: never `.auto`.
  public let backend: Backend
  private let ports: [ShardPort]
  private let threads: Mutex<[UInt64]>

  /// Processors this process may use: the usual number of shards.
  public static var processorCount: Int { Int(ql_processor_count()) }

  /// Starts `count` shards and runs `body` on each before its first turn. `pinned`: each thread to
  /// a processor, where the system allows. `seed`: of the shards' random sources, nil for the
  /// system's randomness. Throws when a backend cannot be had; then nothing runs. The shards run on
  /// when the group is let go.
  @discardableResult
  public static func start(
    count: Int, backend: Backend = .auto, pinned: Bool = true, seed: UInt64? = nil,
    body: @escaping @Sendable (any Reactor, ShardID) -> Void
  ) throws(IOFault) -> ReactorGroup {
    invariant(count > 0 && count <= 1024, "\(count) shards")
    ql_ignore_sigpipe()
    let chosen: Backend
    switch backend {
    case .epoll: chosen = .epoll
    case .uring:
      try URingBackend.probe()
      chosen = .uring
    case .auto:
      chosen = (try? URingBackend.probe()) == nil ? .epoll : .uring
    }
    var ports: [ShardPort] = []
    for index in 0..<count {
      ports.append(
        try ShardPort(shard: ShardID(rawValue: UInt16(index)), shardCount: count))
    }
    let group = ReactorGroup(ports: ports, backend: chosen)
    try group.startThreads(pinned: pinned, seed: seed ?? ql_entropy(), body: body)
    return group
  }

  private init(ports: [ShardPort], backend: Backend) {
    self.ports = ports
    self.backend = backend
    handles = ports.map { ReactorHandle(shard: $0.shard, target: $0) }
    threads = Mutex([])
  }

  private func startThreads(
    pinned: Bool, seed: UInt64, body: @escaping @Sendable (any Reactor, ShardID) -> Void
  ) throws(IOFault) {
    let start = StartGate(count: ports.count)
    for port in ports {
      let thread = startThread { [ports, backend] in
        if pinned { _ = ql_pin_thread(UInt32(port.shard.rawValue)) }
        ql_name_thread("shard-\(port.shard)")
        let reactor: ShardReactor
        do throws(IOFault) {
          reactor = try ReactorGroup.makeReactor(port, ports, backend, seed)
        } catch {
          start.report(error)
          return
        }
        start.report(nil)
        guard start.waitForAll() == nil else { return }
        reactor.run { body(reactor, port.shard) }
      }
      if let thread {
        threads.withLock { $0.append(thread) }
      } else {
        start.report(IOFault(errno: 11, operation: "pthread_create"))
      }
    }
    if let fault = start.waitForAll() {
      join()
      throw fault
    }
  }

  private static func makeReactor(
    _ port: ShardPort, _ ports: [ShardPort], _ backend: Backend, _ seed: UInt64
  ) throws(IOFault) -> ShardReactor {
    let pool = WorkerPool(threadCount: 2)
    let io: any IOBackend =
      backend == .uring
      ? try URingBackend(port: port) : try EpollBackend(port: port, pool: pool)
    return ShardReactor(
      port: port, ports: ports, backend: io, pool: pool, seed: seed &+ UInt64(port.shard.rawValue))
  }

  /// Asks every shard to end after its present turn. From any thread, more than once. Connections
  /// end without a farewell and tasks stay where they are, so close what should end well before.
  public func stop() {
    for port in ports { port.deliver(.stop) }
  }

  /// Waits until every shard has ended. Not from a shard.
  public func join() {
    let ending = threads.withLock { threads in
      defer { threads = [] }
      return threads
    }
    for thread in ending { _ = ql_thread_join(thread) }
  }
}

/// Lets the starting thread and the shards wait until every shard has its backend or one failed.
///
/// `@unchecked Sendable`: the state is touched under the monitor's lock only.
private final class StartGate: @unchecked Sendable {
  private let monitor = Monitor()
  private var missing: Int
  private var fault: IOFault?

  init(count: Int) { missing = count }

  func report(_ fault: IOFault?) {
    monitor.locked {
      missing -= 1
      if self.fault == nil { self.fault = fault }
      monitor.signal()
    }
  }

  func waitForAll() -> IOFault? {
    monitor.locked {
      while missing > 0 { monitor.wait() }
      return fault
    }
  }
}
