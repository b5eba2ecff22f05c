import Base
import CLinux
import Glibc

/// Readiness by epoll, files by a small thread pool: for hosts that forbid io_uring. Lives on: its
/// shard.
final class EpollBackend: IOBackend {
  private let epoll: Int32
  private let port: ShardPort
  private let pool: WorkerPool
  private var watches = WatchTable()
  private let events: UnsafeMutablePointer<ql_event>
  private static let eventsMaximum = 256
  private static let wakeTag = UInt64.max

  init(port: ShardPort, pool: WorkerPool) throws(IOFault) {
    let descriptor = ql_epoll_create()
    if descriptor < 0 { throw IOFault(errno: -descriptor, operation: "epoll_create") }
    epoll = descriptor
    self.port = port
    self.pool = pool
    events = UnsafeMutablePointer<ql_event>.allocate(capacity: EpollBackend.eventsMaximum)
    let result = ql_epoll_add(epoll, port.wakeDescriptor, 0, EpollBackend.wakeTag)
    if result < 0 { throw IOFault(errno: -result, operation: "epoll_ctl") }
  }

  deinit {
    events.deallocate()
    close(epoll)
  }

  func watch(_ descriptor: Int32, _ watcher: any Watcher) throws(IOFault) -> WatchToken {
    let token = watches.insert(watcher, descriptor)
    let tag = UInt64(token.generation) << 32 | UInt64(token.slot)
    let result = ql_epoll_add(epoll, descriptor, 1, tag)
    if result < 0 {
      watches.remove(token)
      throw IOFault(errno: -result, operation: "epoll_ctl")
    }
    return token
  }

  func unwatch(_ descriptor: Int32, _ token: WatchToken) {
    _ = ql_epoll_remove(epoll, descriptor)
    watches.remove(token)
  }

  func submit(_ operation: FileOperation) {
    let port = port
    pool.run {
      operation.performBlocking()
      port.deliver(.completed(operation))
    }
  }

  func poll(timeout: Int64) {
    let count = ql_epoll_wait(epoll, events, Int32(EpollBackend.eventsMaximum), timeout)
    invariant(count >= 0, "epoll_wait fails with errno \(-count)")
    for index in 0..<Int(count) {
      let event = events[index]
      if event.data == EpollBackend.wakeTag { continue }
      let token = WatchToken(
        slot: UInt32(truncatingIfNeeded: event.data),
        generation: UInt32(truncatingIfNeeded: event.data >> 32))
      guard let found = watches.find(token) else { continue }
      found.watcher.becameReady(
        readable: event.ready & UInt32(QL_READABLE) != 0,
        writable: event.ready & UInt32(QL_WRITABLE) != 0,
        isHungUp: event.ready & UInt32(QL_HANGUP) != 0)
    }
  }

  func shutDown() { pool.shutDown() }
}
