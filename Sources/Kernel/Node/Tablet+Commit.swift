public import Base
public import Catalog
import Storage

/// Ending a transaction that has effects on one tablet only, and what every commit is made of;
/// `Tablet+TwoPhase` has the commits over several tablets.
extension Tablet {
  /// The whole transaction is here: one entry commits it.
  func commitOnly(
    _ transaction: TransactionID, isolation: IsolationLevel, snapshot: Timestamp,
    reply: @escaping (Outcome) -> Void
  ) {
    guard let state = open[transaction] else {
      if shard.plantedBug == .termsNotChecked { return reply(.success(shard.nextTimestamp())) }
      return reply(.failure(.serializationFailure("the transaction is not known here any more")))
    }
    // A transaction that has only locked or read needs no room.
    let refusal = state.undo.isEmpty ? replication.failure : commitRefusal
    if let error = refusal ?? validate(state, isolation, snapshot) {
      abandon(transaction)
      return reply(.failure(error))
    }
    if state.undo.isEmpty {
      end(transaction)
      return reply(.success(shard.nextTimestamp()))
    }
    commitHere(state, reply: reply)
  }

  /// Appends the commit entry, makes the writes visible as speculative, and replies once committed.
  func commitHere(_ state: OpenTransaction, reply: @escaping (Outcome) -> Void) {
    let timestamp = shard.nextTimestamp()
    let index: LogIndex
    switch append(.commit(transaction: state.id, timestamp: timestamp), of: state) {
    case .success(let appended): index = appended
    case .failure(let error):
      abandon(state.id)
      return reply(.failure(error))
    }
    if shard.plantedBug == .changesAtProposal { makeRecordsNow(state, timestamp, index) }
    install(state, at: timestamp, index: index)
    end(state.id)
    replication.whenReleased(index) { reply($0.failed() ?? .success(timestamp)) }
  }

  /// Of a planted mistake: the records of what may not commit.
  private func makeRecordsNow(_ state: OpenTransaction, _ at: Timestamp, _ index: LogIndex) {
    var out = ByteWriter()
    encodeWrites(of: state, into: &out)
    let commit = AppliedCommit(
      transaction: state.id, timestamp: at, index: index, place: replication.lastPlace)
    out.bytes.withUnsafeBytes { bytes in
      var reader = ByteReader(bytes)
      do throws(DecodingFault) {
        try makeRecords(&reader, of: commit)
      } catch {
        fatalError("invariant: what was just written cannot be read: \(error)")
      }
    }
  }

  /// Gives up a transaction that has not prepared: nothing of it is in the log.
  func abandon(_ transaction: TransactionID) {
    guard let state = open[transaction], state.prepared == nil else { return }
    undo(transaction, downTo: 0)
    end(transaction)
  }
}

// MARK: - Parts

extension Tablet {
  func append(_ entry: TabletEntry) -> Result<LogIndex, KernelError> {
    replication.append(entry.encoded())
  }

  /// Appends an entry with the transaction's writes.
  func append(_ entry: TabletEntry.Writing, of state: OpenTransaction) -> Result<
    LogIndex, KernelError
  > {
    replication.append(
      TabletEntry.encoded(entry, reserving: state.writtenBytes, isMarked: state.isMarked) {
        encodeWrites(of: state, into: &$0)
      })
  }

  /// Each key that the transaction wrote, once, with its last value, straight from its intents.
  func encodeWrites(of state: OpenTransaction, into out: inout ByteWriter) {
    out.varint(UInt64(state.undo.count { $0.previous == .none }))
    for record in state.undo where record.previous == .none {
      record.key.withUnsafeBytes { key in
        let intent = store.intent(record.space, key, of: state.id)
        out.write(
          record.space, key, intent.value, intent.expires,
          record.mark.map { ChangeView(mark: $0, before: intent.before) })
      }
    }
  }

  func writeSet(of state: OpenTransaction) -> [WriteRecord] {
    state.undo.filter { $0.previous == .none }.map { record in
      record.key.withUnsafeBytes { key in
        let intent = store.intent(record.space, key, of: state.id)
        return WriteRecord(
          space: record.space, key: record.key, value: intent.value.map { Array($0) },
          expires: intent.expires)
      }
    }
  }

  /// Turns the transaction's intents into versions.
  func install(_ state: OpenTransaction, at timestamp: Timestamp, index: LogIndex) {
    let told = onApply.map { (hook: $0, writes: writeSet(of: state)) }
    for record in state.undo where record.previous == .none {
      record.key.withUnsafeBytes { key in
        _ = store.resolveIntent(
          record.space, key, transaction: state.id, commitAt: timestamp, index: index)
      }
    }
    tellCommitted(state, index: index)
    if let told { told.hook(told.writes, index) }
  }

  /// What a participant has to keep until the decision.
  func prepareRecord(
    of state: OpenTransaction, decider: TabletID, isolation: IsolationLevel
  ) -> PrepareRecord {
    PrepareRecord(
      transaction: state.id, timestamp: shard.nextTimestamp(), decider: decider,
      locks: locks.locks(of: state.id), ranges: isolation == .serializable ? state.reads : [])
  }

  func enterPrepared(_ state: OpenTransaction, _ record: PrepareRecord, index: LogIndex) {
    state.prepared = record
    state.preparedIndex = index
    for write in state.undo where write.previous == .none {
      write.key.withUnsafeBytes { key in
        _ = store.markPrepared(write.space, key, transaction: state.id, at: record.timestamp)
      }
    }
    for range in record.ranges { protectedRanges.append((record.transaction, range)) }
  }

  private func hasChanged(
    _ range: ReadRange, since snapshot: Timestamp, exceptBy transaction: TransactionID
  ) -> Bool {
    withBounds(range.lower, range.upper) { from, to in
      store.hasChanges(range.space, from: from, to: to, after: snapshot, exceptBy: transaction)
    }
  }

  /// Whether what a serializable transaction read still holds, and its writes spare what prepared
  /// ones read. Below SERIALIZABLE there is nothing to check.
  func validate(
    _ state: OpenTransaction, _ isolation: IsolationLevel, _ snapshot: Timestamp
  ) -> KernelError? {
    guard isolation == .serializable, shard.plantedBug != .readsNotValidated else { return nil }
    let failure = KernelError.serializationFailure(
      "could not serialize access due to read/write dependencies among transactions")
    for range in state.reads where hasChanged(range, since: snapshot, exceptBy: state.id) {
      return failure
    }
    for record in state.undo
    where protectedRanges.contains(where: {
      $0.transaction != state.id && $0.range.contains(record.space, record.key)
    }) {
      return failure
    }
    return nil
  }
}

extension NodeShard {
  /// Removes all rows of the keyspaces on every tablet of their table's tier (nil: of all): its drop has
  /// committed. What a transaction that began before may still write there belongs to no table.
  public func dropKeyspaces(_ spaces: [KeyspaceID], of tier: TierID? = nil) async {
    var told: Set<TabletID> = []
    // Behind a tablet that is being split comes its child: whatever the parent had before it was told
    // is there by then.
    while true {
      let rest = (map.tablets + map.childrenMade).filter {
        !told.contains($0) && (tier == nil || map.tier(of: $0) == tier)
      }
      let parents = rest.filter { !map.childrenMade.contains($0) }
      let next = parents.isEmpty ? rest : parents
      if next.isEmpty { return }
      told.formUnion(next)
      let reply = Reply<Void>()
      ask(each: next, DropKeyspaces(spaces: spaces)) { _ in reply.fulfill(()) }
      await reply.get()
    }
  }

  /// The same of each on its table's tier, by a catalog from before the drop. Costs a walk over the
  /// catalog where there are several tiers.
  public func dropKeyspaces(_ spaces: [KeyspaceID], knownBy catalog: CatalogSnapshot) async {
    if spaces.isEmpty { return }
    var rest = Set(spaces)
    for tier in catalog.tiers.isEmpty ? [] : [.standard] + catalog.tiers.map(\.tier) {
      let there = catalog.tables(of: tier).flatMap { $0.indexes.map(\.keyspace) }
        .filter { rest.remove($0) != nil }
      if !there.isEmpty { await dropKeyspaces(there, of: tier) }
    }
    if !rest.isEmpty { await dropKeyspaces(rest.sorted()) }
  }
}
