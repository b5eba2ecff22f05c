public import Base
import Raft
import Storage

/// Commits of transactions that ran one behind the other on a tablet, each to its end at once, with nothing in
/// between: they share an entry of the log, a timestamp and an id, as if they were one (decision 54). Lives on: the
/// tablet's shard.
///
/// Their writes are versions of that entry as soon as they are made: there is no intent, since nobody looks before the
/// transaction has ended, and the entry's index is known. So the group ends before anything else is appended,
/// and before anything is said of the log's end or happens to the leadership: `Replication` sees to it. A
/// timestamp is given again only while the clock has given no later one and no client has sent anything since.
final class CommitGroup {
  fileprivate(set) var transaction = TransactionID(rawValue: 0)
  fileprivate(set) var timestamp = Timestamp.zero
  fileprivate(set) var index = LogIndex.zero
  fileprivate(set) var count = 0
  /// As entries have them.
  fileprivate var writes = ByteWriter()

  /// An entry grows to about as much.
  fileprivate static let bytesMax = 1 << 16
}

/// What a reply has to wait for. Lives on: its shard.
public struct ReplyHold {
  let replication: Replication
  let index: LogIndex

  /// The reply may leave.
  public var isOver: Bool { replication.isReleased(index) }

  public func isSame(as other: ReplyHold) -> Bool {
    index == other.index && replication === other.replication
  }

  /// Runs `body` when the reply may leave; with the error that takes its place where what it tells of may be lost.
  public func whenOver(_ body: @escaping (KernelError?) -> Void) {
    replication.whenReleased(index) { outcome in
      if case .unknown(let error) = outcome { body(error) } else { body(nil) }
    }
  }

  /// Waits until the reply may leave; the error takes its place.
  public func error() async -> KernelError? {
    if isOver { return nil }
    let reply = Reply<KernelError?>()
    whenOver { reply.fulfill($0) }
    return await reply.get()
  }
}

extension NodeShard {
  /// Runs `body` as a transaction of its own on the tablet that owns the bucket, as `callAlone` does, where it can
  /// be done at once: the tablet is led here, and nothing is in the way. `arrival`: the monotonic clock when the
  /// request was read; what came in one piece may share an entry of the log.
  ///
  /// `version`: of the catalog that says what the tables are which `body` uses; nil: it uses none that change. While
  /// a schema changes, and where the tablet may know of a newer one, nothing is done at once.
  ///
  /// Nil: nothing has been done, though `body` may have run: `callAlone` is the way. Whatever `body` throws ends so.
  public func runAtOnce(
    bucket: Bucket, arrival: UInt64, knowing version: UInt64? = nil,
    _ body: (TabletTransaction) throws(ProcedureError) -> Void
  ) -> ReplyHold? {
    let place = place(of: bucket)
    guard !isClockWrong, !isRunningAtOnce, let tablet = hostedTablet(place.tablet),
      tablet.since == place.since,
      tablet.takesWritesAtOnce
    else { return nil }
    if let version {
      guard version == catalogVersion, gates.closed.isEmpty, tablet.fences.level <= version else {
        return nil
      }
    }
    let transaction = atOnce ?? TabletTransaction(atOnceOn: tablet)
    atOnce = transaction
    isRunningAtOnce = true
    defer { isRunningAtOnce = false }
    guard let index = tablet.runAtOnce(transaction, at: physicalTime(at: arrival), body) else {
      return nil
    }
    return ReplyHold(replication: tablet.replication, index: index)
  }

  /// Takes another timestamp for what runs at once, where the last one is not the newest of all any more, or from
  /// before the request.
  fileprivate func renewStamp(at physical: UInt64) {
    let last = atOnceStamp.timestamp
    if last == clock.latest, last.rawValue >= physical { return }
    atOnceStamp = (nextTransactionID(), clock.next(physical: physical))
    atOnceHorizon = horizonOfOne
  }

  /// A timestamp to read at what was asked for then: the newest one where it is late enough.
  func readTimestamp(arrival: UInt64) -> Timestamp {
    let physical = physicalTime(at: arrival)
    return clock.latest.rawValue >= physical ? clock.latest : clock.next(physical: physical)
  }
}

extension Tablet {
  fileprivate var takesWritesAtOnce: Bool {
    replication.isReadable && replication.takesEntries && !isHandingOver && waiting.isEmpty
      && onApply == nil
      && shard.outOfSpace == nil && shard.plantedBug == nil
  }

  fileprivate func runAtOnce(
    _ transaction: TabletTransaction, at physical: UInt64,
    _ body: (TabletTransaction) throws(ProcedureError) -> Void
  ) -> LogIndex? {
    shard.renewStamp(at: physical)
    if group.count == 0 || group.timestamp != shard.atOnceStamp.timestamp {
      group.index = replication.lastIndex.next
      group.transaction = shard.atOnceStamp.transaction
      group.timestamp = shard.atOnceStamp.timestamp
    }
    guard group.timestamp >= store.horizon else { return nil }
    let mark = (count: group.count, bytes: group.writes.count)
    store.raiseHorizon(to: shard.atOnceHorizon)
    transaction.begin(on: self)
    do throws(ProcedureError) {
      try body(transaction)
    } catch {
      takeBack(to: mark)
      return nil
    }
    guard group.count > mark.count else { return transaction.dependency }
    guard group.writes.count + 64 <= shard.entryBytesMax else {
      takeBack(to: mark)
      return nil
    }
    let index = group.index
    if mark.count == 0 { replication.noteGroup() }
    if !shard.commitObservers.isEmpty { tellCommitted(from: mark) }
    if group.writes.count > CommitGroup.bytesMax { closeGroup() }
    return index
  }

  /// Nobody holds or has prepared anything in the keyspace.
  func isFree(_ space: KeyspaceID) -> Bool {
    locks.isEmpty && protectedRanges.isEmpty && store.intentCount(space) == 0
  }

  /// False: something is in the way.
  func writeAtOnce(
    _ space: KeyspaceID, _ key: [UInt8], _ value: UnsafeRawBufferPointer?, _ expires: Timestamp?,
    _ transaction: TabletTransaction
  ) -> Bool {
    guard protectedRanges.isEmpty, shard.streams.isEmpty || shard.streams[space] == nil,
      value.map({ store.memory.hasRoom(for: key.count + $0.count) }) ?? true
    else { return false }
    if !locks.isEmpty {
      let request = LockRequest(space: space, key: key, mode: value == nil ? .update : .noKeyUpdate)
      if !locks.conflicts(request, by: transaction.id).isEmpty { return false }
    }
    return key.withUnsafeBytes { key in
      guard
        store.putAtOnce(
          space, key, value: value, at: group.timestamp, index: group.index, expires: expires)
      else { return false }
      group.count += 1
      group.writes.write(space, key, value, expires, nil)
      return true
    }
  }

  /// The last transaction of the group has not come to its end: what it wrote goes, and what those before it wrote
  /// is made again where it was written over.
  private func takeBack(to mark: (count: Int, bytes: Int)) {
    guard group.count > mark.count else { return }
    store.undo(above: group.index.previous)
    group.count = mark.count
    group.writes.bytes.removeSubrange(mark.bytes...)
    visitGroup(from: 0, count: mark.count) { space, key, value, expires in
      store.put(space, key, value: value, at: group.timestamp, index: group.index, expires: expires)
    }
  }

  private func visitGroup(
    from start: Int, count: Int,
    _ body: (KeyspaceID, UnsafeRawBufferPointer, UnsafeRawBufferPointer?, Timestamp?) -> Void
  ) {
    group.writes.bytes.withUnsafeBytes { bytes in
      var reader = ByteReader(UnsafeRawBufferPointer(rebasing: bytes[start...]))
      do throws(DecodingFault) {
        try reader.visitWrites(count) { space, key, value, expires, _ in
          body(space, key, value, expires)
        }
      } catch {
        fatalError("invariant: what was just written cannot be read: \(error)")
      }
    }
  }

  private func tellCommitted(from mark: (count: Int, bytes: Int)) {
    var keys: [CommittedKey] = []
    visitGroup(from: mark.bytes, count: group.count - mark.count) { space, key, _, _ in
      let committed = CommittedKey(transaction: group.transaction, space: space, key: Array(key))
      if !keys.contains(committed) { keys.append(committed) }
    }
    tellCommitted(keys, index: group.index)
  }

  /// Proposes the group's entry, if there is one.
  func closeGroup() {
    guard group.count > 0 else { return }
    let (count, index) = (group.count, group.index)
    group.count = 0
    let payload = TabletEntry.encoded(
      .commit(transaction: group.transaction, timestamp: group.timestamp),
      reserving: group.writes.count
    ) {
      $0.varint(UInt64(count))
      $0.raw(group.writes.bytes)
    }
    group.writes.bytes.removeAll(keepingCapacity: group.writes.bytes.capacity <= 1 << 18)
    replication.append(group: payload, at: index)
  }
}
