import Base
import CLinux
import Synchronization

/// The bounds of the queues between shards.
enum Mailbox {
  /// Messages in one ring, a power of two.
  static let capacity = 256
  static let overflowMaximum = 1 << 20
}

/// A bounded ring from one shard to another. One thread pushes, one pops.
///
/// `@unchecked Sendable`: the slots are plain memory. A slot belongs to the producer until its store
/// of `tail` is seen and to the consumer until its store of `head` is seen.
final class MessageRing: @unchecked Sendable {
  private let slots: UnsafeMutablePointer<ShardMessage>
  // Each on a cache line of its own: the two threads write them all the time.
  private let padding0: (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0, 0, 0)
  /// Next to pop; stored by the consumer with release, loaded by the producer with acquire.
  private let head = Atomic<Int>(0)
  private let padding1: (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64) =
    (0, 0, 0, 0, 0, 0, 0)
  /// Next to push; stored by the producer, loaded by the consumer. Sequentially consistent, because
  /// the producer then reads `sleeping` of the target, which stored that before reading `tail`.
  private let tail = Atomic<Int>(0)
  private let padding2: (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64) =
    (0, 0, 0, 0, 0, 0, 0)
  /// The producer has overflow to send: set by it before it looks for room once more, taken by the
  /// consumer after it made room. Both sequentially consistent.
  private let isProducerWaiting = Atomic<Bool>(false)

  init() {
    slots = UnsafeMutablePointer<ShardMessage>.allocate(capacity: Mailbox.capacity)
  }

  deinit {
    var index = head.load(ordering: .acquiring)
    let end = tail.load(ordering: .acquiring)
    while index < end {
      (slots + (index & (Mailbox.capacity - 1))).deinitialize(count: 1)
      index += 1
    }
    slots.deallocate()
  }

  /// Producer only. False when the ring is full.
  func push(_ message: @escaping ShardMessage) -> Bool {
    let end = tail.load(ordering: .relaxed)
    if end - head.load(ordering: .acquiring) == Mailbox.capacity { return false }
    (slots + (end & (Mailbox.capacity - 1))).initialize(to: message)
    // The optimiser takes an atomic store for something that releases nothing, and moves the
    // message's retain behind it: the consumer would meet a message that is not its own yet.
    ql_publish()
    tail.store(end + 1, ordering: .sequentiallyConsistent)
    return true
  }

  /// Consumer only.
  func pop() -> ShardMessage? {
    let index = head.load(ordering: .relaxed)
    if index == tail.load(ordering: .acquiring) { return nil }
    let message = (slots + (index & (Mailbox.capacity - 1))).move()
    head.store(index + 1, ordering: .sequentiallyConsistent)
    return message
  }

  /// Consumer only.
  var isEmpty: Bool {
    head.load(ordering: .relaxed) == tail.load(ordering: .sequentiallyConsistent)
  }

  /// Producer only: asks to be woken once there is room. False when there is room already.
  func waitForRoom() -> Bool {
    isProducerWaiting.store(true, ordering: .sequentiallyConsistent)
    let used = tail.load(ordering: .relaxed) - head.load(ordering: .sequentiallyConsistent)
    return used == Mailbox.capacity
  }

  /// Consumer only: whether the producer asked to be woken, once per asking.
  func takeProducerWaiting() -> Bool {
    isProducerWaiting.load(ordering: .sequentiallyConsistent)
      && isProducerWaiting.exchange(false, ordering: .sequentiallyConsistent)
  }
}
