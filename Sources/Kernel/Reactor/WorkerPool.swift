import Base
import CLinux
import Glibc
import Synchronization

/// A few threads for system calls that block (files under epoll, name resolution), and others for long
/// computations. They start with the first work. Lives on: any thread.
///
/// `@unchecked Sendable`: the state is touched under the monitor's lock only.
final class WorkerPool: @unchecked Sendable {
  private let monitor = Monitor()
  private let threadCount: Int
  private var work = Queue<@Sendable () -> Void>()
  private var threads: [UInt64] = []
  private var isShutDown = false

  init(threadCount: Int) { self.threadCount = threadCount }

  /// Runs `body` on one of the threads. The queue is bounded by its callers: operations in flight of
  /// one shard. After `shutDown` the work is dropped.
  func run(_ body: @escaping @Sendable () -> Void) {
    monitor.locked {
      if isShutDown { return }
      work.append(body)
      if threads.count < threadCount {
        let thread = startThread { [self] in serve() }
        if let thread { threads.append(thread) }
        invariant(!threads.isEmpty, "cannot start a worker thread")
      }
      monitor.signalOne()
    }
  }

  /// Ends the threads after their present work, and waits for them.
  func shutDown() {
    let ending = monitor.locked {
      isShutDown = true
      monitor.signal()
      defer { threads = [] }
      return threads
    }
    for thread in ending { _ = ql_thread_join(thread) }
  }

  /// Ends the threads after their present work, without waiting: nobody needs its result any more.
  func abandon() {
    monitor.locked {
      isShutDown = true
      monitor.signal()
    }
  }

  private func serve() {
    ql_name_thread("worker")
    while let body = take() { body() }
  }

  private func take() -> (@Sendable () -> Void)? {
    monitor.locked {
      while true {
        if isShutDown { return nil }
        if let body = work.popFirst() { return body }
        monitor.wait()
      }
    }
  }
}

/// Starts a joinable thread; nil when the system has no more.
func startThread(_ body: @escaping @Sendable () -> Void) -> UInt64? {
  let argument = Unmanaged.passRetained(ThreadBody(body))
  var thread: UInt64 = 0
  let result = ql_thread_start(
    &thread,
    { argument in
      guard let argument else { return nil }
      Unmanaged<ThreadBody>.fromOpaque(argument).takeRetainedValue().body()
      return nil
    }, argument.toOpaque())
  if result < 0 {
    argument.release()
    return nil
  }
  return thread
}

private final class ThreadBody: Sendable {
  let body: @Sendable () -> Void
  init(_ body: @escaping @Sendable () -> Void) { self.body = body }
}

/// A lock with a condition. Lives on: any thread.
///
/// `@unchecked Sendable`: the two objects are made to be shared, and never move.
final class Monitor: @unchecked Sendable {
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

  init() {
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(condition, nil)
  }

  deinit {
    pthread_mutex_destroy(mutex)
    pthread_cond_destroy(condition)
    mutex.deallocate()
    condition.deallocate()
  }

  func locked<Result>(_ body: () -> Result) -> Result {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return body()
  }

  /// Inside `locked`; may return without a signal.
  func wait() { pthread_cond_wait(condition, mutex) }
  /// Wakes one who waits: enough where any of them does what is to be done.
  func signalOne() { pthread_cond_signal(condition) }
  /// Wakes all who wait.
  func signal() { pthread_cond_broadcast(condition) }
}
