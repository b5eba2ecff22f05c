public import Base
import Types

extension NodeShard {
  /// Runs the procedure on the tablet that owns the bucket as a transaction of its own: one entry of the
  /// log, and no coordinator. `done` runs on this shard, before this returns where the tablet is here
  /// and nothing has to be waited for.
  ///
  /// True: it has run already, though its reply may have to wait for the log; what is called next comes
  /// after it. False: it is on its way to another shard, or waits for a lock or a leader.
  @discardableResult
  public func callAlone<P: Procedure>(
    _ procedure: P, bucket: Bucket, _ done: @escaping (Result<P.Output, KernelError>) -> Void
  ) -> Bool {
    do throws(KernelError) {
      try checkClock()
    } catch {
      done(.failure(error))
      return true
    }
    let header = CallHeader(
      transaction: nextTransactionID(), snapshot: nil, floor: nextTimestamp(),
      isolation: .readCommitted,
      sequence: 1, commits: true, lockTimeoutMilliseconds: 0)
    let id = tablet(of: bucket)
    let here = tablets[id]
    let runsNow = here.map { $0.replication.isReadable && !$0.isHandingOver } ?? false
    dispatch(procedure, header, to: id) { done($0.result) }
    guard runsNow, let here else { return false }
    return here.waiting.isEmpty
      || !here.waiting.contains { $0.transaction == header.transaction }
  }
}
