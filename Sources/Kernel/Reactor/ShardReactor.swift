import Base
import CLinux
import Glibc

/// The real reactor. Lives on: its own thread.
final class ShardReactor: Reactor {
  let port: ShardPort
  private let ports: [ShardPort]
  let backend: any IOBackend
  private let pool: WorkerPool
  /// For `apart`; others than those of files, which must not wait behind it.
  private let computing = WorkerPool(threadCount: 2)
  let fileSystem: any FileSystem
  var random: Xoshiro256
  let scratch = AlignedBuffer(capacity: 1 << 16)

  private var ready = Queue<UnownedJob>()
  private var timers = Timers()
  private var turnEnd: [() -> Void] = []
  /// Messages to this shard from itself.
  private var ownMessages = Queue<ShardMessage>()
  /// Messages that found the ring full, by target.
  private var overflow: [Queue<ShardMessage>]
  private var isStopping = false

  /// Jobs run in one turn at most, so that input, messages and timers get their share.
  private static let jobsPerTurnMaximum = 1024

  init(
    port: ShardPort, ports: [ShardPort], backend: any IOBackend, pool: WorkerPool, seed: UInt64
  ) {
    self.port = port
    self.ports = ports
    self.backend = backend
    self.pool = pool
    fileSystem = PosixFileSystem(backend: backend)
    random = Xoshiro256(seed: seed)
    overflow = Array(repeating: Queue(), count: ports.count)
  }

  /// The calling thread's reactor, nil on threads that are no shard's.
  static var current: ShardReactor? {
    guard let context = ql_thread_context() else { return nil }
    return Unmanaged<ShardReactor>.fromOpaque(context).takeUnretainedValue()
  }

  nonisolated var handle: ReactorHandle { ReactorHandle(shard: port.shard, target: port) }
  var peers: [ReactorHandle] { ports.map { ReactorHandle(shard: $0.shard, target: $0) } }
  func monotonicNanoseconds() -> UInt64 { ql_monotonic() }
  func wallNanoseconds() -> UInt64 { ql_wall_clock() }

  func apart(_ body: @escaping @Sendable () -> Void) { computing.run(body) }

  // MARK: The loop

  /// Runs `body`, then turns until stopped. Each turn, in this order:
  /// - mailboxes: the inbox of other threads, then each shard's ring, then own messages;
  /// - timers that are due;
  /// - ready tasks;
  /// - turn-end hooks: the log writes what the turn appended as one batch;
  /// - overflow: messages that wait for room in another shard's ring;
  /// - poll: submit I/O, sleep unless something is ready, reap I/O.
  ///
  /// Replies made by tasks are sent inside the turn; a batch starts when everything that could join
  /// it has run; input is reaped right before the messages it may answer.
  func run(_ body: () -> Void) {
    let context = Unmanaged.passUnretained(self).toOpaque()
    ql_set_thread_context(context)
    body()
    while !isStopping {
      runMailboxes()
      runTimers()
      runReadyTasks()
      for hook in turnEnd { hook() }
      sendOverflow()
      poll()
    }
    backend.shutDown()
    pool.shutDown()
    computing.abandon()
    ql_set_thread_context(nil)
  }

  private func runMailboxes() {
    for item in port.takeInbox() {
      switch item {
      case .job(let job): ready.append(job)
      case .message(let body): body(self)
      case .completed(let operation): operation.finish()
      case .stop: isStopping = true
      }
    }
    for (sender, ring) in port.incoming.enumerated() {
      var budget = Mailbox.capacity
      while budget > 0, let body = ring.pop() {
        body(self)
        budget -= 1
      }
      if ring.takeProducerWaiting() { ports[sender].wakeIfSleeping() }
    }
    // Those that own messages post wait for the next turn.
    for _ in 0..<ownMessages.count {
      if let body = ownMessages.popFirst() { body(self) }
    }
  }

  private func runTimers() {
    if timers.count == 0 { return }
    let now = monotonicNanoseconds()
    let limit = timers.latest
    while let body = timers.takeDue(now, upTo: limit) { body() }
  }

  private func runReadyTasks() {
    var budget = ShardReactor.jobsPerTurnMaximum
    while budget > 0, let job = ready.popFirst() {
      job.runSynchronously(on: port.asUnownedTaskExecutor())
      budget -= 1
    }
  }

  private func sendOverflow() {
    for index in overflow.indices where !overflow[index].isEmpty {
      let ring = ports[index].incoming[Int(port.shard.rawValue)]
      var hasSent = false
      while let body = overflow[index].peek(), ring.push(body) {
        _ = overflow[index].popFirst()
        hasSent = true
      }
      if hasSent { ports[index].wakeIfSleeping() }
    }
  }

  private func poll() {
    var timeout = timeUntilWork()
    if timeout != 0 && !(port.prepareToSleep() && overflowMustWait()) { timeout = 0 }
    backend.poll(timeout: timeout)
    port.wokeUp()
  }

  /// Whether no ring has room for what waits. After sleep was announced: a target that makes room from now on finds that
  /// it is asked to wake this shard, and that there is somebody to wake.
  private func overflowMustWait() -> Bool {
    for index in overflow.indices where !overflow[index].isEmpty {
      if !ports[index].incoming[Int(port.shard.rawValue)].waitForRoom() { return false }
    }
    return true
  }

  /// Nanoseconds the poll may sleep; negative for ever.
  private func timeUntilWork() -> Int64 {
    if isStopping || !ready.isEmpty || !ownMessages.isEmpty { return 0 }
    guard let deadline = timers.nextDeadline() else { return -1 }
    let now = monotonicNanoseconds()
    return deadline <= now ? 0 : Int64(clamping: deadline - now)
  }

  // MARK: What the loop runs

  /// A job enqueued by this thread.
  func makeReady(_ job: UnownedJob) { ready.append(job) }

  func isPeer(_ target: ShardPort) -> Bool {
    let index = Int(target.shard.rawValue)
    return index < ports.count && ports[index] === target
  }

  /// To a shard of the same group, this one included.
  func send(_ body: @escaping ShardMessage, to target: ShardPort) {
    if target === port {
      ownMessages.append(body)
      return
    }
    let index = Int(target.shard.rawValue)
    if overflow[index].isEmpty && target.incoming[Int(port.shard.rawValue)].push(body) {
      target.wakeIfSleeping()
      return
    }
    overflow[index].append(body)
    invariant(
      overflow[index].count <= Mailbox.overflowMaximum,
      "\(overflow[index].count) messages wait for shard \(index)")
  }

  func after(nanoseconds: UInt64, _ body: @escaping () -> Void) -> TimerToken {
    let (deadline, isBeyond) = monotonicNanoseconds().addingReportingOverflow(nanoseconds)
    return timers.set(deadline: isBeyond ? .max : deadline, body)
  }

  func cancel(_ timer: TimerToken) { timers.cancel(timer) }

  func onTurnEnd(_ body: @escaping () -> Void) { turnEnd.append(body) }

  func spawn(_ body: @escaping () async -> Void) {
    let body = ShardBound(body)
    Task(executorPreference: port) { await body.value() }
  }

  // MARK: Connections

  func listen(
    address: String, port: Int, reusePort: Bool, backlog: Int,
    onAccept: @escaping (Connection) -> Void
  ) throws(IOFault) -> Listener {
    guard let number = UInt16(exactly: port) else {
      throw IOFault(errno: EINVAL, operation: "listen on port \(port)")
    }
    var actual: UInt16 = 0
    let descriptor = ql_socket_listen(
      address, number, reusePort ? 1 : 0, Int32(clamping: backlog), &actual)
    if descriptor < 0 {
      throw IOFault(errno: -descriptor, operation: "listen on \(address):\(port)")
    }
    let socket: ListeningSocket
    do {
      socket = try ListeningSocket(descriptor: descriptor, reactor: self, onAccept: onAccept)
    } catch {
      ql_socket_close(descriptor)
      throw error
    }
    return Listener(port: Int(actual)) { socket.close() }
  }

  func connect(address: String, port: Int) async throws(IOFault) -> Connection {
    let operation = "connect to \(address):\(port)"
    guard let number = UInt16(exactly: port) else {
      throw IOFault(errno: EINVAL, operation: operation)
    }
    var descriptor = ql_socket_connect(address, number)
    if descriptor == -EINVAL {
      guard let numeric = await resolve(address) else {
        throw IOFault(errno: EHOSTUNREACH, operation: "resolve \(address)")
      }
      descriptor = ql_socket_connect(numeric, number)
    }
    if descriptor < 0 { throw IOFault(errno: -descriptor, operation: operation) }
    let watcher: ConnectWatcher
    do {
      watcher = try ConnectWatcher(descriptor: descriptor, backend: backend)
    } catch {
      ql_socket_close(descriptor)
      throw error
    }
    let error = await watcher.result()
    if error != 0 {
      ql_socket_close(descriptor)
      throw IOFault(errno: error, operation: operation)
    }
    let transport = try SocketTransport(
      descriptor: descriptor, peerAddress: "\(address):\(port)", backend: backend)
    return Connection(transport, self, scratch)
  }

  private func resolve(_ name: String) async -> String? {
    await withUnsafeContinuation { (waiter: UnsafeContinuation<String?, Never>) in
      pool.run {
        var text = [CChar](repeating: 0, count: Int(QL_ADDRESS_LENGTH))
        let result = ql_resolve(name, &text)
        let address = text.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
        waiter.resume(returning: result == 0 ? address : nil)
      }
    }
  }
}

/// Carries a value into a task of the shard it was made on.
///
/// `@unchecked Sendable`: the task's executor is the shard that made the value, so it never leaves
/// the thread, although the compiler sees it cross into a task.
struct ShardBound<Value>: @unchecked Sendable {
  let value: Value
  init(_ value: Value) { self.value = value }
}
