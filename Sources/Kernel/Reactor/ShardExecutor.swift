import Base
import Glibc

/// Runs Swift tasks on one shard's thread.
///
/// `@unchecked Sendable`: `ready` and `thread` are touched only by the shard's own thread; other
/// threads go through the inbox. `thread` is set before the first job.
final class ShardExecutor: TaskExecutor, @unchecked Sendable {
  private let inbox: Inbox
  private var ready: [UnownedJob] = []
  private var running: [UnownedJob] = []
  private var thread: pthread_t?

  init(inbox: Inbox) { self.inbox = inbox }

  /// Called once, on the shard's thread.
  func adoptCurrentThread() { thread = pthread_self() }

  var hasReady: Bool { !ready.isEmpty }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    if let thread, pthread_equal(thread, pthread_self()) != 0 {
      ready.append(job)
    } else {
      inbox.post(.job(job))
    }
  }

  func addReady(_ job: UnownedJob) { ready.append(job) }

  /// Runs what is ready now; what becomes ready meanwhile runs in the next turn.
  func runReady() {
    swap(&ready, &running)
    let executor = asUnownedTaskExecutor()
    for job in running { job.runSynchronously(on: executor) }
    running.removeAll(keepingCapacity: true)
  }
}

/// Carries a task's body to its own shard.
///
/// `@unchecked Sendable`: made on the shard's thread and run on it only.
struct ShardTask: @unchecked Sendable {
  let body: () async -> Void
}
