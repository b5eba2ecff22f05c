import Base
import CLinux

/// Readiness by multishot polls and files by the ring's own reads, writes and syncs: one system
/// call per turn of the loop hands over and reaps everything. Lives on: its shard, whose thread is
/// the ring's only issuer.
final class URingBackend: IOBackend {
  private let ring: OpaquePointer
  private let port: ShardPort
  private var watches = WatchTable()
  private var operations: [FileOperation?] = []
  private var freeOperations: [Int] = []
  private var inFlight = 0
  private let completions: UnsafeMutablePointer<ql_completion>

  private static let entries: UInt32 = 1024
  private static let batch = 256
  /// One request moves at most this much; the rest follows.
  private static let transferMaximum = 1 << 30

  /// What a completion belongs to: the upper byte of its tag.
  private enum Kind: UInt8 {
    case watch = 1
    case file = 2
    case wake = 3
    case ignored = 4
  }

  /// Whether this host lets us have a ring.
  static func probe() throws(IOFault) { ql_ring_destroy(try makeRing()) }

  private static func makeRing() throws(IOFault) -> OpaquePointer {
    var ring: OpaquePointer?
    let result = ql_ring_create(entries, &ring)
    guard let ring else { throw IOFault(errno: -result, operation: "io_uring_setup") }
    return ring
  }

  /// On the shard's thread.
  init(port: ShardPort) throws(IOFault) {
    ring = try URingBackend.makeRing()
    self.port = port
    completions = .allocate(capacity: URingBackend.batch)
    watchWake()
  }

  deinit {
    ql_ring_destroy(ring)
    completions.deallocate()
  }

  // MARK: Requests

  private func queued(_ result: Int32) {
    invariant(result == 0, "the ring takes no more requests: errno \(-result)")
  }

  private static func tag(_ kind: Kind, generation: UInt32 = 0, _ slot: UInt32 = 0) -> UInt64 {
    UInt64(kind.rawValue) << 56 | UInt64(generation) << 32 | UInt64(slot)
  }

  private func watchWake() {
    queued(ql_ring_watch(ring, port.wakeDescriptor, 0, URingBackend.tag(.wake)))
  }

  func watch(_ descriptor: Int32, _ watcher: any Watcher) throws(IOFault) -> WatchToken {
    let token = watches.insert(watcher, descriptor)
    let tag = URingBackend.tag(.watch, generation: token.generation, token.slot)
    queued(ql_ring_watch(ring, descriptor, 1, tag))
    return token
  }

  func unwatch(_ descriptor: Int32, _ token: WatchToken) {
    watches.remove(token)
    let tag = URingBackend.tag(.watch, generation: token.generation, token.slot)
    queued(ql_ring_unwatch(ring, tag, URingBackend.tag(.ignored)))
  }

  func submit(_ operation: FileOperation) {
    let slot: Int
    if let free = freeOperations.popLast() {
      slot = free
    } else {
      slot = operations.count
      operations.append(nil)
    }
    operations[slot] = operation
    inFlight += 1
    send(operation, slot)
  }

  private func send(_ operation: FileOperation, _ slot: Int) {
    let rest = operation.rest
    let length = UInt32(min(rest.count, URingBackend.transferMaximum))
    let position = UInt64(operation.position)
    let descriptor = operation.descriptor
    let tag = URingBackend.tag(.file, UInt32(slot))
    switch operation.kind {
    case .write:
      queued(ql_ring_write(ring, descriptor, rest.baseAddress, length, position, tag))
    case .read:
      queued(ql_ring_read(ring, descriptor, rest.baseAddress, length, position, tag))
    case .sync:
      queued(ql_ring_sync(ring, descriptor, tag))
    }
  }

  // MARK: Completions

  func poll(timeout: Int64) {
    let result = ql_ring_wait(ring, timeout)
    invariant(result == 0, "io_uring_enter fails with errno \(-result)")
    // At most the queue's size, so that endless input does not hold the loop. The batch leaves the
    // ring before anything is reported: a hearer may queue requests, whose room needs this.
    for _ in 0..<(Int(URingBackend.entries) * 8 / URingBackend.batch) {
      let count = ql_ring_reap(ring, completions, Int32(URingBackend.batch))
      for index in 0..<Int(count) {
        let completion = completions[index]
        report(completion.tag, completion.result, completion.has_more != 0)
      }
      if count < Int32(URingBackend.batch) { return }
    }
  }

  private func report(_ tag: UInt64, _ result: Int32, _ hasMore: Bool) {
    switch Kind(rawValue: UInt8(tag >> 56)) {
    case .wake:
      if !hasMore { watchWake() }
    case .watch:
      let token = WatchToken(
        slot: UInt32(truncatingIfNeeded: tag),
        generation: UInt32(truncatingIfNeeded: tag >> 32) & 0xFF_FFFF)
      reportReadiness(token, tag, result, hasMore)
    case .file:
      reportFile(Int(UInt32(truncatingIfNeeded: tag)), result)
    case .ignored, nil:
      break
    }
  }

  private func reportReadiness(
    _ token: WatchToken, _ tag: UInt64, _ result: Int32, _ hasMore: Bool
  ) {
    guard let (watcher, descriptor) = watches.find(token) else { return }
    // Armed before the hearer acts, so that nothing is missed in between. A poll that failed says
    // "ready": the hearer's own call then meets the fault.
    if !hasMore && result >= 0 { queued(ql_ring_watch(ring, descriptor, 1, tag)) }
    let ready = ql_ring_readiness(result)
    watcher.becameReady(
      readable: ready & UInt32(QL_READABLE) != 0,
      writable: ready & UInt32(QL_WRITABLE) != 0,
      isHungUp: ready & UInt32(QL_HANGUP) != 0)
  }

  private func reportFile(_ slot: Int, _ result: Int32) {
    guard let operation = operations[slot] else { return }
    if !operation.advance(Int(result)) {
      send(operation, slot)
      return
    }
    operations[slot] = nil
    freeOperations.append(slot)
    inFlight -= 1
    if !isShutDown { operation.finish() }
  }

  private var isShutDown = false

  /// Waits for the file operations under way: the kernel uses their memory.
  func shutDown() {
    isShutDown = true
    while inFlight > 0 { poll(timeout: 10_000_000) }
  }
}
