import Base
import CLinux
import Glibc
import Synchronization

/// The gate of a real shard: what any thread may touch. Lives on: any thread.
/// It is also the executor of the shard's tasks: a job made ready on the shard's own thread goes to
/// its ready queue, from elsewhere through the inbox.
final class ShardPort: MessageTarget, TaskExecutor {
  /// What arrives from threads that have no ring to this shard.
  enum Item {
    case job(UnownedJob)
    case message(ShardMessage)
    /// A file operation that the pool has carried out.
    case completed(FileOperation)
    case stop
  }

  let shard: ShardID
  /// Wakes the shard from its poll.
  let wakeDescriptor: Int32
  /// Rings into this shard, by the sender's number.
  let incoming: [MessageRing]
  /// True while the shard polls. Stored by the shard before it looks at its queues for the last
  /// time, read by senders after they have filled one; sequentially consistent on both sides, so
  /// that one of the two sees the other.
  private let sleeping = Atomic<Bool>(false)
  private let inbox = Mutex<[Item]>([])
  /// Whether `inbox` may have items, to look without locking; paired as `sleeping` is.
  private let hasInbox = Atomic<Bool>(false)

  init(shard: ShardID, shardCount: Int) throws(IOFault) {
    let descriptor = ql_eventfd()
    if descriptor < 0 { throw IOFault(errno: -descriptor, operation: "eventfd") }
    self.shard = shard
    wakeDescriptor = descriptor
    incoming = (0..<shardCount).map { _ in MessageRing() }
  }

  deinit { close(wakeDescriptor) }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    if let reactor = ShardReactor.current, reactor.port === self {
      reactor.makeReady(job)
    } else {
      deliver(.job(job))
    }
  }

  /// On a shard of the same group this is a ring push; elsewhere a locked append.
  func post(_ body: @escaping ShardMessage) {
    if let sender = ShardReactor.current, sender.isPeer(self) {
      sender.send(body, to: self)
    } else {
      deliver(.message(body))
    }
  }

  /// From any thread.
  func deliver(_ item: Item) {
    let count = inbox.withLock { items in
      items.append(item)
      return items.count
    }
    invariant(count <= Mailbox.overflowMaximum, "\(count) items wait for shard \(shard)")
    hasInbox.store(true, ordering: .sequentiallyConsistent)
    wakeIfSleeping()
  }

  /// Shard's thread only. What has arrived, in order.
  func takeInbox() -> [Item] {
    guard hasInbox.load(ordering: .sequentiallyConsistent) else { return [] }
    hasInbox.store(false, ordering: .sequentiallyConsistent)
    return inbox.withLock { items in
      let taken = items
      items = []
      return taken
    }
  }

  /// After filling one of the shard's queues: a system call only when it sleeps.
  func wakeIfSleeping() {
    if sleeping.load(ordering: .sequentiallyConsistent),
      sleeping.exchange(false, ordering: .sequentiallyConsistent)
    {
      ql_eventfd_signal(wakeDescriptor)
    }
  }

  /// Shard's thread only: announces sleep. False when something has arrived meanwhile.
  func prepareToSleep() -> Bool {
    sleeping.store(true, ordering: .sequentiallyConsistent)
    if hasInbox.load(ordering: .sequentiallyConsistent) { return false }
    for ring in incoming where !ring.isEmpty { return false }
    return true
  }

  func wokeUp() { sleeping.store(false, ordering: .sequentiallyConsistent) }
}
