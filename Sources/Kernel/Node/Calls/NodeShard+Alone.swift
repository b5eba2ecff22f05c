public import Base
import Reactor
import Types

extension NodeShard {
  /// Runs the procedure on the tablet that owns the bucket as a transaction of its own: one entry of the
  /// log, and no coordinator. `done` runs on this shard, before this returns where the tablet is here
  /// and nothing has to be waited for.
  ///
  /// True: it has run already, though its reply may have to wait for the log; what is called next comes
  /// after it. False: it is on its way to another shard, or waits for a lock or a leader.
  ///
  /// `tables`: those whose schema `procedure` was made by, as this shard's catalog has it. Where a tablet knows of a
  /// later one the call ends with 40001, and nothing has been done.
  @discardableResult
  public func callAlone<P: Procedure>(
    _ procedure: P, bucket: Bucket, using tables: [ObjectID] = [],
    _ done: @escaping (Result<P.Output, KernelError>) -> Void
  ) -> Bool {
    do throws(KernelError) {
      try checkClock()
    } catch {
      done(.failure(error))
      return true
    }
    var header = CallHeader(
      transaction: nextTransactionID(), snapshot: nil, floor: nextTimestamp(),
      isolation: .readCommitted, sequence: 1, commits: true, lockTimeoutMilliseconds: 0)
    for table in tables { header.uses.append(TableUse(table: table, version: catalogVersion)) }
    return callAlone(
      procedure, bucket, header,
      deadline: reactor.monotonicNanoseconds() + Routing.patienceNanoseconds, done)
  }

  /// Another shard, of this node or another, has to carry out what concerns the bucket; false also where that is not
  /// certain, or a schema changes.
  public func isElsewhere(_ bucket: Bucket) -> Bool {
    guard gates.closed.isEmpty else { return false }
    guard let here = hostedTablet(place(of: bucket).tablet) else { return true }
    return !here.replication.isServing
  }

  /// Where the tablet has been split, which it knows a little earlier than everybody else, the call goes
  /// on its way again: nothing of it has been done.
  private func callAlone<P: Procedure>(
    _ procedure: P, _ bucket: Bucket, _ header: CallHeader, deadline: UInt64,
    _ done: @escaping (Result<P.Output, KernelError>) -> Void
  ) -> Bool {
    let place = place(of: bucket)
    let here = tablets[place.tablet]
    let runsNow =
      here.map {
        $0.replication.isReadable && !$0.isHandingOver && $0.since == place.since
      } ?? false
    dispatch(procedure, header.to(place), to: place.tablet) { [self] reply in
      guard case .failure(.tabletSplit) = reply.result else { return done(reply.result) }
      guard reactor.monotonicNanoseconds() < deadline else {
        return done(
          .failure(
            .unavailable("where the buckets of a tablet that was split are is not known yet")))
      }
      reactor.after(milliseconds: Routing.retryMilliseconds) { [self] in
        _ = callAlone(procedure, bucket, header, deadline: deadline, done)
      }
    }
    guard runsNow, let here else { return false }
    return here.waiting.isEmpty
      || !here.waiting.contains { $0.transaction == header.transaction }
  }
}
