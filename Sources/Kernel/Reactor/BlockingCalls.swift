/// Threads for calls of foreign libraries that wait: each owner has its own, so that one that waits for
/// seconds holds up nobody else. Lives on: any thread. They end when the owner is let go.
public final class BlockingCalls: Sendable {
  private let pool: WorkerPool

  /// The threads start with the first calls.
  public init(threads: Int) { pool = WorkerPool(threadCount: threads) }

  deinit { pool.abandon() }

  /// Runs `body` on one of the threads, and goes on where the caller was.
  public func run<Output: Sendable>(_ body: @escaping @Sendable () -> Output) async -> Output {
    await withUnsafeContinuation { (waiter: UnsafeContinuation<Output, Never>) in
      pool.run { waiter.resume(returning: body()) }
    }
  }

  /// Runs `body` there, and waits for nothing.
  public func start(_ body: @escaping @Sendable () -> Void) { pool.run(body) }
}
