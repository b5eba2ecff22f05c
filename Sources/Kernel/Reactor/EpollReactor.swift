public import Base
import CLinux
import Glibc

/// Told that its descriptor is ready. Lives on: its shard.
protocol ReadinessWatcher: AnyObject {
  func becameReady(readable: Bool, writable: Bool)
}

/// The loop on epoll, edge-triggered, for hosts that forbid io_uring.
///
/// The order of a turn, by name: mailbox → timers → ready tasks → turn-end hooks (the log's batch)
/// → poll → sockets. Messages come first, so that their tasks run in the same turn; the log's batch
/// comes after everything that may add to it.
public final class EpollReactor: Reactor {
  public let shard: ShardID
  public let handle: ReactorHandle
  public private(set) lazy var fileSystem: any FileSystem = PosixFileSystem(
    handle: handle, workers: workers)
  public var random: Xoshiro256

  private let inbox: Inbox
  private let executor: ShardExecutor
  private let workers: FileWorkers
  private let epoll: Int32
  private var timers = TimerHeap()
  private var turnEndHooks: [() -> Void] = []
  private var watchers: [Int32: any ReadinessWatcher] = [:]
  private var taken: [Inbox.Item] = []
  private var isStopping = false
  private let events = UnsafeMutableBufferPointer<ql_ready_t>.allocate(capacity: 128)
  /// Reused by every read of a socket.
  let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: 65_536, alignment: 16)

  public init(shard: ShardID, seed: UInt64) throws(IOFault) {
    self.shard = shard
    inbox = try Inbox()
    handle = ReactorHandle(shard: shard, inbox: inbox)
    executor = ShardExecutor(inbox: inbox)
    workers = FileWorkers(count: 2)
    random = Xoshiro256(seed: seed)
    epoll = ql_epoll_create()
    if epoll < 0 { throw IOFault(errno: errno, operation: "epoll_create1") }
    if ql_epoll_add(epoll, inbox.wakeDescriptor, 1) != 0 {
      throw IOFault(errno: errno, operation: "epoll_ctl")
    }
  }

  deinit {
    scratch.deallocate()
    events.deallocate()
    Glibc.close(epoll)
  }

  public func monotonicNanoseconds() -> UInt64 { Self.read(CLOCK_MONOTONIC) }
  public func wallNanoseconds() -> UInt64 { Self.read(CLOCK_REALTIME) }

  private static func read(_ clock: clockid_t) -> UInt64 {
    var time = timespec()
    clock_gettime(clock, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }

  public func after(nanoseconds: UInt64, _ body: @escaping () -> Void) -> TimerToken {
    timers.add(deadline: monotonicNanoseconds() + nanoseconds, body)
  }

  public func cancel(_ timer: TimerToken) { timers.cancel(timer) }

  public func spawn(_ body: @escaping () async -> Void) {
    let task = ShardTask(body: body)
    Task(executorPreference: executor) { await task.body() }
  }

  public func onTurnEnd(_ body: @escaping () -> Void) { turnEndHooks.append(body) }
}

// MARK: - The loop

extension EpollReactor {
  /// Runs until `stop`, on the calling thread, which becomes the shard's.
  public func run() {
    executor.adoptCurrentThread()
    while !isStopping {
      runMailbox()
      runTimers()
      executor.runReady()
      for hook in turnEndHooks { hook() }
      poll()
    }
  }

  public func stop() { isStopping = true }

  private func runMailbox() {
    inbox.takeAll(&taken)
    for item in taken {
      switch item {
      case .message(let body): body(self)
      case .job(let job): executor.addReady(job)
      }
    }
    taken.removeAll(keepingCapacity: true)
  }

  private func runTimers() {
    guard timers.next != nil else { return }
    let now = monotonicNanoseconds()
    while let body = timers.popDue(now: now) { body() }
  }

  private func poll() {
    let timeout = pollTimeoutNanoseconds()
    let count = ql_epoll_wait(epoll, events.baseAddress, Int32(events.count), timeout)
    if timeout != 0 { inbox.awake() }
    guard count > 0 else { return }
    for event in events[..<Int(count)] {
      watchers[event.descriptor]?.becameReady(
        readable: event.ready & 1 != 0, writable: event.ready & 2 != 0)
    }
  }

  private func pollTimeoutNanoseconds() -> Int64 {
    if isStopping || executor.hasReady || !inbox.prepareToSleep() { return 0 }
    guard let next = timers.next else { return -1 }
    let now = monotonicNanoseconds()
    return next <= now ? 0 : Int64(clamping: next - now)
  }

  func watch(_ descriptor: Int32, _ watcher: any ReadinessWatcher) throws(IOFault) {
    if ql_epoll_add(epoll, descriptor, 0) != 0 {
      throw IOFault(errno: errno, operation: "epoll_ctl")
    }
    watchers[descriptor] = watcher
  }

  func unwatch(_ descriptor: Int32) {
    watchers[descriptor] = nil
    ql_epoll_remove(epoll, descriptor)
  }
}
