import Base
import Storage
import Types

/// One replica of one Raft group: the rows of a range of buckets, and all that happens to them.
/// Lives on: one shard.
///
/// The leader executes a procedure at once against its memory, appends the effect to the log, and
/// holds every reply until the index that it depends on has committed (DESIGN 7, 22.2).
///
/// Order within a call: run the procedure → append its effect → apply it to the store as
/// speculative → release locks and run the calls that waited → reply when committed.
final class Tablet {
  let id: TabletID
  /// Another one when a leader's snapshot has taken the place of what was here.
  var store: Store
  unowned let shard: NodeShard
  let replication: Replication

  /// Transactions with effects or locks here that have not ended.
  var open: [TransactionID: OpenTransaction] = [:]
  var locks = LockTable()
  var fences = FenceLevel()
  /// Calls that a lock or a prepared intent keeps, in the order they came.
  var waiting: [WaitingCall] = []
  /// Decisions that this tablet holds, until every participant has acknowledged.
  var decisions: [TransactionID: DecisionState] = [:]
  /// Ranges that prepared serializable transactions read, until their decision (DESIGN 22.5).
  var protectedRanges: [(transaction: TransactionID, range: ReadRange)] = []
  /// Where the newest checkpoint ends; the log may begin behind it.
  var checkpointIndex = LogIndex.zero
  var applied = AppliedTransactions()
  /// When it got its buckets; zero: it was made with them. Part of the applied state.
  var since = Timestamp.zero
  /// What has come of a child's rows; part of the applied state.
  var filling: TabletFilling?
  /// The newest entry proposed here that changes the two: no checkpoint while it has not been applied.
  var rangeIndex = LogIndex.zero
  /// Recovery found this entry where an earlier one is missing.
  var gapIndex = LogIndex.zero
  /// Calls that begin a transaction wait: another replica is about to lead, or the tablet is being split.
  var isHandingOver = false
  /// The calls of all transactions that have nothing here wait, too.
  var isHandOverUrgent = false
  var heldBack: [() -> Void] = []
  /// Told of each write set when it enters the memory, with the index that it depends on; the catalog
  /// tablet builds snapshots.
  var onApply: (([WriteRecord], LogIndex) -> Void)?
  /// The change streams of its buckets.
  let changes: ChangeLog
  /// What has been committed here and is not proposed yet.
  let group = CommitGroup()

  init(id: TabletID, shard: NodeShard, store: Store, replication: Replication) {
    self.id = id
    self.shard = shard
    self.store = store
    self.replication = replication
    changes = ChangeLog(tablet: id, shard: shard)
    replication.member = self
  }
}

/// A transaction that has touched this tablet. Lives with its tablet, in the leader's memory.
final class OpenTransaction {
  let id: TransactionID
  /// The tables that it uses, as its last call here that left something said; nil: not known.
  var uses: [TableUse]?
  /// Effects in order, newest last; undone from the end.
  var undo: [UndoRecord] = []
  /// About what an entry with the writes takes.
  var writtenBytes = 0
  var reads: [ReadRange] = []
  /// Some of the effects go into change streams.
  var isMarked = false
  /// There was a write to a table with a change stream whose place in it was not known yet.
  var hasUnmarked = false
  /// Set from prepare to resolve: only the decision ends it now.
  var prepared: PrepareRecord?
  /// Where the prepare record is: what is read of it later depends on nothing newer.
  var preparedIndex = LogIndex.zero

  init(id: TransactionID) { self.id = id }
}

struct UndoRecord {
  var sequence: UInt32
  var space: KeyspaceID
  var key: [UInt8]
  var previous: PreviousIntent
  /// Where the change goes in the table's change stream; that of a key's first record counts.
  var mark: ChangeMark?
}

struct WaitingCall {
  var transaction: TransactionID
  var blockers: [TransactionID]
  var retry: () -> Void
  var fail: (KernelError) -> Void
  var timer: ShardTimer?
}

/// What the decider knows of a transaction over several tablets.
struct DecisionState {
  enum Stage: UInt8 {
    /// The record is in the log; it counts if every promise that it names is in its log too.
    case proposed = 1
    /// It counts.
    case committed = 2
    /// A promise was lost.
    case aborted = 3
  }
  var stage: Stage
  var commitTimestamp: Timestamp
  /// Of the decision record.
  var index: LogIndex
  var participants: [Participant]
  /// Who wants to hear while it is found out whether it counts.
  var waiters: [(Tablet.Outcome) -> Void] = []
}

/// A tablet of a transaction and where its prepare record is.
struct Participant: Equatable, Sendable {
  var tablet: TabletID
  var place: LogPlace
}

/// A participant's answer to prepare: it will commit at `timestamp` or later if the record at `place`
/// stays in its log.
struct Promise: Sendable {
  var timestamp: Timestamp
  var place: LogPlace
}

// MARK: - Calls

extension Tablet {
  /// Runs the procedure now, or when what blocks it is gone; replies on this shard.
  func submit<P: Procedure>(
    _ procedure: P, _ header: CallHeader,
    reply: @escaping (Result<P.Output, KernelError>) -> Void
  ) {
    if replication.isReadable && replication.failure == nil {
      return carryOut(procedure, header, reply: reply)
    }
    if header.isNearby {
      return canServeNearby(header)
        ? carryOut(procedure, header, reply: reply) : reply(.failure(.leaderChanged))
    }
    whenServing { [self] refusal in
      if let refusal { return reply(.failure(refusal)) }
      carryOut(procedure, header, reply: reply)
    }
  }

  /// This replica leads, as of a moment after the call came.
  private func carryOut<P: Procedure>(
    _ procedure: P, _ header: CallHeader,
    reply: @escaping (Result<P.Output, KernelError>) -> Void
  ) {
    if header.since != since, shard.plantedBug != .rangeUnchecked {
      return reply(.failure(.tabletSplit))
    }
    if let error = checkTerm(header.terms) { return reply(.failure(error)) }
    if let use = header.uses.last, use.version > shard.catalogVersion {
      // Which writes go into change streams is looked up in this shard's catalog: it must not be older
      // than the one that the call was planned with.
      return shard.whenCatalog(
        use.version, withinMilliseconds: NodeShard.catalogWaitMilliseconds
      ) { [self] in
        $0 ? submit(procedure, header, reply: reply) : reply(.failure(.leaderChanged))
      }
    }
    if isHandingOver, holdsBack(header) {
      return heldBack.append { [self] in submit(procedure, header, reply: reply) }
    }
    if let verdict = fenceVerdict(header) {
      return refuse(
        header, verdict, fail: { reply(.failure($0)) },
        retry: { [self] in submit(procedure, header, reply: reply) })
    }
    shard.clock.observe(header.floor)
    let snapshot = header.snapshot ?? shard.nextTimestamp()
    if snapshot < store.horizon {
      return reply(.failure(header.mayRestart ? .restartStatement : conflictError(header)))
    }
    let transaction = TabletTransaction(owner: self, header: header, snapshot: snapshot)
    let mark = open[header.transaction]?.undo.count ?? 0
    do throws(ProcedureError) {
      let output = try procedure.run(transaction)
      finish(output, transaction, reply: reply)
    } catch {
      undo(header.transaction, downTo: mark, keepsLocks: !header.commits)
      if header.commits { end(header.transaction) }
      switch error {
      case .blocked:
        wait(
          for: transaction.blockers, header, fail: { reply(.failure($0)) },
          retry: { [self] in submit(procedure, header, reply: reply) })
      case .conflict: reply(.failure(conflictError(header)))
      case .uncertain: reply(.failure(uncertainError(header)))
      case .lockNotAvailable:
        reply(.failure(.lockNotAvailable("could not obtain lock on row")))
      case .user(let fault):
        // An error tells what was read, so it waits like a result.
        replication.whenReleased(transaction.dependency) {
          reply($0.failed() ?? .failure(.user(fault)))
        }
      }
    }
  }

  /// Whether this is still the leader that holds what the transaction did here.
  func checkTerm(_ terms: [LeaderTerm]) -> KernelError? {
    guard let term = terms[id], term != replication.term || !replication.isServing,
      shard.plantedBug != .termsNotChecked
    else { return nil }
    return .serializationFailure("could not go on: the leader of a tablet has changed")
  }

  private func finish<Output>(
    _ output: Output, _ transaction: TabletTransaction,
    reply: @escaping (Result<Output, KernelError>) -> Void
  ) {
    let header = transaction.header
    guard header.commits, let state = open[header.transaction], !state.undo.isEmpty else {
      if header.commits { end(header.transaction) }
      replication.whenReleased(transaction.dependency) { reply($0.failed() ?? .success(output)) }
      return
    }
    commitHere(state) { outcome in
      switch outcome {
      case .success: reply(.success(output))
      case .failure(let error): reply(.failure(error))
      }
    }
  }

  private func uncertainError(_ header: CallHeader) -> KernelError {
    header.mayRestart
      ? .restartStatement
      : .serializationFailure("could not serialize access: a row may be newer than the snapshot")
  }

  private func conflictError(_ header: CallHeader) -> KernelError {
    header.isolation == .readCommitted
      ? .restartStatement
      : .serializationFailure("could not serialize access due to concurrent update")
  }
}

// MARK: - Effects of a running procedure

extension Tablet {
  func newestVersion(_ space: KeyspaceID, _ key: [UInt8]) -> NewestVersion? {
    key.withUnsafeBytes { store.newestVersion(space, $0) }
  }

  /// The transactions in the way of a lock or write on the key. A write holds its key by its intent:
  /// like a lock with mode `noKeyUpdate`, or `update` where it deletes.
  func conflicts(
    _ request: LockRequest, _ newest: NewestVersion?, by header: CallHeader
  ) -> [TransactionID] {
    var found = locks.conflicts(request, by: header.transaction)
    if let intent = newest?.intent, intent.transaction != header.transaction,
      request.mode.conflicts(with: intent.isDeletion ? .update : .noKeyUpdate)
    {
      found.append(intent.transaction)
    }
    for entry in protectedRanges
    where entry.transaction != header.transaction && request.mode > .share
      && entry.range.contains(request.space, request.key)
    {
      found.append(entry.transaction)
    }
    return found
  }

  func acquire(_ request: LockRequest, by header: CallHeader) {
    _ = state(of: header)
    locks.acquire(request, by: header.transaction)
  }

  func write(
    _ space: KeyspaceID, _ key: [UInt8], _ value: [UInt8]?, expires: Timestamp? = nil,
    by header: CallHeader
  ) throws(ProcedureError) {
    guard let table = streamedTable(space, header) else {
      return write(space, key, value, expires: expires, mark: nil, by: header)
    }
    if let error = shard.changeWriter.refusal { throw .user(error) }
    let mark = try mark(table, space, key, value, header)
    write(space, key, value, expires: expires, mark: mark, by: header)
    let state = state(of: header)
    if mark == nil { state.hasUnmarked = true }
    guard let mark, state.undo.last?.previous != PreviousIntent.none,
      state.hasUnmarked || header.tables != nil,
      let first = state.undo.firstIndex(where: {
        $0.previous == .none && $0.space == space && $0.key == key
      })
    else { return }
    state.undo[first].mark = mark
  }

  /// With the change's place in its stream.
  func write(
    _ space: KeyspaceID, _ key: [UInt8], _ value: [UInt8]?, expires: Timestamp?,
    mark: ChangeMark?, by header: CallHeader
  ) {
    let transaction = header.transaction
    let previous = key.withUnsafeBytes { bytes in
      guard let value else {
        return store.setIntent(space, bytes, value: nil, transaction: header.transaction)
      }
      return value.withUnsafeBytes {
        store.setIntent(
          space, bytes, value: $0, transaction: header.transaction, expires: expires)
      }
    }
    // Written again, a deletion keeps its strength.
    if case .value(nil, _) = previous, value != nil {
      locks.acquire(LockRequest(space: space, key: key, mode: .update), by: transaction)
    }
    let state = state(of: header)
    state.writtenBytes += key.count + (value?.count ?? 0) + 16
    if mark != nil { state.isMarked = true }
    state.undo.append(
      UndoRecord(
        sequence: header.sequence, space: space, key: key, previous: previous, mark: mark))
  }

  func noteRead(_ range: ReadRange, by header: CallHeader) {
    state(of: header).reads.append(range)
  }

  /// Refuses a write, before it is executed, when the disk has no room for it.
  func admitEntry() throws(ProcedureError) {
    if let error = shard.outOfSpace { throw .user(error) }
  }

  /// Why nothing can be promised or committed here now: what is under way would wait for the disk.
  var commitRefusal: KernelError? { replication.failure ?? shard.outOfSpace.map { .user($0) } }

  /// Refuses a write also when the shard's memory is used up (DESIGN 22.12).
  func admitWrite(bytes: Int) throws(ProcedureError) {
    try admitEntry()
    if !store.memory.hasRoom(for: bytes) {
      throw .user(
        SQLError(
          .outOfMemory, "out of memory",
          detail: "The shard's limit of \(store.memory.limitBytes) bytes is reached.",
          hint: "Delete rows, or raise --memory-limit."))
    }
  }

  func state(of header: CallHeader) -> OpenTransaction {
    let found = open[header.transaction] ?? OpenTransaction(id: header.transaction)
    if found.uses?.count != header.uses.count {
      if found.uses == nil { open[header.transaction] = found }
      found.uses = header.uses
    }
    return found
  }
}

// MARK: - Ranges

extension Tablet {
  /// Visits `lower ..< upper` (nil: to the end).
  func scan(
    _ space: KeyspaceID, _ lower: [UInt8], _ upper: [UInt8]?, reverse: Bool, at time: Timestamp,
    reader: TransactionID, includeNewer: Bool = false,
    _ body: (UnsafeRawBufferPointer, Found) -> ScanStep
  ) {
    withBounds(lower, upper) { from, to in
      store.scan(
        space, from: from, to: to, reverse: reverse, at: time, reader: reader,
        includeNewer: includeNewer, body)
    }
  }

  func withBounds<R>(_ lower: [UInt8], _ upper: [UInt8]?, _ body: (KeyBound, KeyBound) -> R) -> R {
    lower.withUnsafeBytes { from in
      guard let upper else { return body(.inclusive(from), .unbounded) }
      return upper.withUnsafeBytes { to in body(.inclusive(from), .exclusive(to)) }
    }
  }
}

// MARK: - Undoing

extension Tablet {
  /// Undoes the effects after the first `count`, newest first. `keepsLocks`: what their intents held
  /// stays locked (DESIGN 22.6).
  func undo(_ transaction: TransactionID, downTo count: Int, keepsLocks: Bool = false) {
    guard let state = open[transaction] else { return }
    while state.undo.count > count {
      let record = state.undo.removeLast()
      record.key.withUnsafeBytes { bytes in
        if keepsLocks && record.previous == .none { keepLock(record, bytes, transaction) }
        store.restoreIntent(
          record.space, bytes, transaction: transaction, to: record.previous)
      }
    }
  }

  private func keepLock(
    _ record: UndoRecord, _ key: UnsafeRawBufferPointer, _ transaction: TransactionID
  ) {
    let isDeletion = store.intent(record.space, key, of: transaction).value == nil
    locks.acquire(
      LockRequest(
        space: record.space, key: record.key, mode: isDeletion ? .update : .noKeyUpdate),
      by: transaction)
  }

  /// ROLLBACK TO SAVEPOINT and the restart of a statement: undoes what has `sequence` or more.
  func rollback(_ transaction: TransactionID, to sequence: UInt32) {
    guard let state = open[transaction], shard.plantedBug != .undoSkipped else { return }
    let kept = state.undo.firstIndex { $0.sequence >= sequence } ?? state.undo.count
    undo(transaction, downTo: kept, keepsLocks: true)
  }

  /// Forgets the transaction here: its locks go, and the calls that it kept run.
  func end(_ transaction: TransactionID) {
    guard open.removeValue(forKey: transaction) != nil else { return }
    locks.releaseAll(of: transaction)
    protectedRanges.removeAll { $0.transaction == transaction }
    wake(after: transaction)
  }
}
