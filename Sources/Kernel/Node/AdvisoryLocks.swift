import Base
import Reactor
import Types

/// Locks on numbers that applications choose: row locks on keys of a keyspace without rows.
struct LockAdvisory: Procedure {
  static let name = "advisory.lock"
  static let space = KeyspaceID(rawValue: 3)
  let key: [UInt8]
  let isShared: Bool
  let wait: LockWait

  init(key: [UInt8], isShared: Bool, wait: LockWait) {
    self.key = key
    self.isShared = isShared
    self.wait = wait
  }
  func encode(into out: inout WireEncoder) {
    out.bytes.blob(key)
    isShared.encode(into: &out)
    wait.encode(into: &out)
  }
  init(from reader: inout WireDecoder) throws(DecodingFault) {
    key = try reader.bytes.blob()
    isShared = try reader.bool()
    wait = try LockWait(from: &reader)
  }

  func run(_ transaction: TabletTransaction) throws(ProcedureError) -> Bool {
    try transaction.lock(
      LockRequest(space: Self.space, key: key, mode: isShared ? .share : .update), wait: wait)
  }
}

extension Transaction {
  /// Locks the number until the transaction ends. False: it was skipped.
  public func lockAdvisory(_ key: [UInt8], isShared: Bool, wait: LockWait) async throws(KernelError)
    -> Bool
  {
    let bucket = DistributionHash.bucket(slot: DistributionHash.slot(key))
    return try await call(
      LockAdvisory(key: key, isShared: isShared, wait: wait), bucket: bucket)
  }

  /// Gives the shard's other work a turn; afterwards a cancellation is noticed.
  public func yieldTurn() async throws(KernelError) {
    try checkCancelled()
    let reply = Reply<Void>()
    _ = shard.reactor.after(nanoseconds: 0) { reply.fulfill(()) }
    await reply.get()
    try checkCancelled()
  }

  /// Waits; a cancellation ends it with its error.
  public func sleep(nanoseconds: UInt64) async throws(KernelError) {
    try await wait(for: Reply<Void>(), nanoseconds: nanoseconds)
  }

  /// Waits until the signal is given, at most so long; a cancellation ends it with its error.
  public func wait(for signal: Reply<Void>, nanoseconds: UInt64) async throws(KernelError) {
    try checkCancelled()
    let finish = { signal.fulfill(()) }
    let timer = shard.reactor.after(nanoseconds: nanoseconds, finish)
    onCancel = finish
    await signal.get()
    onCancel = nil
    shard.reactor.cancel(timer)
    try checkCancelled()
  }
}
