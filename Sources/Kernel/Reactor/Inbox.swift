import CLinux
import Glibc
import Synchronization

/// What other threads have for a shard: messages and task jobs, in order. Any thread posts, the
/// shard takes all at once; a shard that sleeps in its poll is woken through an eventfd, one that
/// does not costs its senders no system call.
final class Inbox: Sendable {
  enum Item {
    case message(@Sendable (any Reactor) -> Void)
    case job(UnownedJob)
  }

  private struct State {
    var items: [Item] = []
    var isSleeping = false
  }

  private let state = Mutex(State())
  /// Readable when the shard is to wake.
  let wakeDescriptor: Int32

  init() throws(IOFault) {
    wakeDescriptor = ql_eventfd()
    if wakeDescriptor < 0 { throw IOFault(errno: errno, operation: "eventfd") }
  }

  deinit { Glibc.close(wakeDescriptor) }

  func post(_ item: Item) {
    let mustWake = state.withLock { state in
      state.items.append(item)
      defer { state.isSleeping = false }
      return state.isSleeping
    }
    if mustWake { wake() }
  }

  func wake() {
    var one: UInt64 = 1
    // A full counter means that it is awake already.
    _ = Glibc.write(wakeDescriptor, &one, 8)
  }

  /// Takes everything; `reused` is the emptied array of the last time.
  func takeAll(_ reused: inout [Item]) {
    state.withLock { state in swap(&state.items, &reused) }
  }

  /// Whether the shard may sleep; from then on a post wakes it.
  func prepareToSleep() -> Bool {
    state.withLock { state in
      if !state.items.isEmpty { return false }
      state.isSleeping = true
      return true
    }
  }

  func awake() {
    state.withLock { $0.isSleeping = false }
    var count: UInt64 = 0
    _ = Glibc.read(wakeDescriptor, &count, 8)
  }
}
