public import Base
import Storage

/// Ending a transaction on one tablet, and the participant's and decider's parts of two-phase
/// commit (DESIGN 9, 22.3).
extension Tablet {
  typealias Outcome = Result<Timestamp, KernelError>

  /// The whole transaction is here: one entry commits it.
  func commitOnly(
    _ transaction: TransactionID, isolation: IsolationLevel, snapshot: Timestamp,
    reply: @escaping (Outcome) -> Void
  ) {
    guard let state = open[transaction] else { return reply(.success(shard.nextTimestamp())) }
    if let error = validate(state, isolation, snapshot) {
      abandon(transaction)
      return reply(.failure(error))
    }
    // Who has only read or locked needs no log: it may have failed.
    if state.undo.isEmpty {
      end(transaction)
      return reply(.success(shard.nextTimestamp()))
    }
    commitHere(state, reply: reply)
  }

  /// Appends the commit entry, makes the writes visible as speculative, and replies once committed.
  func commitHere(_ state: OpenTransaction, reply: @escaping (Outcome) -> Void) {
    let timestamp = shard.nextTimestamp()
    let writes = writeSet(of: state)
    let index: LogIndex
    switch append(.commit(transaction: state.id, timestamp: timestamp, writes: writes)) {
    case .success(let appended): index = appended
    case .failure(let error):
      abandon(state.id)
      return reply(.failure(error))
    }
    install(writes, of: state.id, at: timestamp, index: index)
    end(state.id)
    replication.whenReleased(index) { reply($0.failed() ?? .success(timestamp)) }
  }

  /// Promises to commit when told so. Replies with the earliest time it may commit at.
  func prepare(
    _ transaction: TransactionID, decider: TabletID, isolation: IsolationLevel,
    snapshot: Timestamp, reply: @escaping (Outcome) -> Void
  ) {
    guard let state = open[transaction] else {
      return reply(.failure(.serializationFailure("the transaction is not known here any more")))
    }
    if let error = replication.failure ?? validate(state, isolation, snapshot) {
      abandon(transaction)
      return reply(.failure(error))
    }
    let record = PrepareRecord(
      transaction: transaction, timestamp: shard.nextTimestamp(), decider: decider,
      writes: writeSet(of: state), locks: locks.locks(of: transaction),
      ranges: isolation == .serializable ? state.reads : [])
    switch append(.prepare(record)) {
    case .failure(let error):
      abandon(transaction)
      reply(.failure(error))
    case .success(let index):
      enterPrepared(state, record, index: index)
      replication.whenCommitted(index) { reply($0.failed() ?? .success(record.timestamp)) }
    }
  }

  /// Decides to commit, with its own writes in the same entry; all others have prepared, none later
  /// than `floor`. Replies with the commit time once the decision is durable, or appended, with
  /// durability `relaxed`; the participants hear of it once it is durable.
  func decide(
    _ transaction: TransactionID, participants: [TabletID], floor: Timestamp,
    isolation: IsolationLevel, snapshot: Timestamp, reply: @escaping (Outcome) -> Void
  ) {
    guard decisions[transaction] == nil, let state = open[transaction] else {
      return reply(.failure(.serializationFailure("the transaction was aborted meanwhile")))
    }
    shard.clock.observe(floor)
    if let error = replication.failure ?? validate(state, isolation, snapshot) {
      abandon(transaction)
      return reply(.failure(error))
    }
    let timestamp = shard.nextTimestamp()
    let record = DecisionRecord(
      transaction: transaction, commitTimestamp: timestamp, participants: participants,
      writes: writeSet(of: state))
    let isUnlogged = shard.plantedBug == .decisionNotLogged
    switch isUnlogged ? .success(replication.commitIndex) : append(.decision(record)) {
    case .failure(let error):
      abandon(transaction)
      reply(.failure(error))
    case .success(let index):
      decisions[transaction] = DecisionState(
        commitTimestamp: timestamp, unresolved: participants, index: index)
      install(record.writes, of: transaction, at: timestamp, index: index)
      end(transaction)
      replication.whenCommitted(index) { [self] result in
        if case .yes = result { publish(transaction) }
      }
      replication.whenReleased(index) { reply($0.failed() ?? .success(timestamp)) }
    }
  }

  /// Carries out the decision for a transaction that has prepared here. Told twice, it does nothing
  /// the second time. Replies once that is durable.
  func resolve(
    _ transaction: TransactionID, commitTimestamp: Timestamp?, reply: @escaping (Outcome) -> Void
  ) {
    guard let state = open[transaction], let record = state.prepared else {
      guard let commitTimestamp else {
        abandon(transaction)
        return reply(.success(.zero))
      }
      // The first telling's entry may not be on disk yet, and with this answer the decider forgets.
      let isTrusted = shard.plantedBug == .repeatedResolveTrusted
      return replication.whenCommitted(isTrusted ? .zero : replication.lastIndex) {
        reply($0.failed() ?? .success(commitTimestamp))
      }
    }
    if let commitTimestamp { shard.clock.observe(commitTimestamp) }
    switch append(.resolve(transaction: transaction, commitTimestamp: commitTimestamp)) {
    case .failure(let error): reply(.failure(error))
    case .success(let index):
      if let commitTimestamp {
        // The decision is durable, so readers need not wait for this entry as well.
        install(
          record.writes, of: transaction, at: commitTimestamp, index: state.preparedIndex)
      } else {
        undo(transaction, downTo: 0)
      }
      end(transaction)
      replication.whenCommitted(index) { reply($0.failed() ?? .success(commitTimestamp ?? .zero)) }
    }
  }

  /// A participant asks how its prepared transaction ended. Where no decision is found, ABORT is
  /// written first: the first record wins.
  func outcome(
    of transaction: TransactionID, reply: @escaping (Result<Timestamp?, KernelError>) -> Void
  ) {
    if let known = decisions[transaction] {
      replication.whenCommitted(known.index) {
        reply($0.failed() ?? .success(known.commitTimestamp))
      }
      return
    }
    let record = DecisionRecord(
      transaction: transaction, commitTimestamp: nil, participants: [], writes: [])
    switch append(.decision(record)) {
    case .failure(let error): reply(.failure(error))
    case .success(let index):
      abandon(transaction)
      decisions[transaction] = DecisionState(commitTimestamp: nil, unresolved: [], index: index)
      replication.whenCommitted(index) { reply($0.failed() ?? .success(nil)) }
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
  /// Each key that the transaction wrote, once, with its last value.
  func writeSet(of state: OpenTransaction) -> [WriteRecord] {
    var writes: [WriteRecord] = []
    writes.reserveCapacity(state.undo.count)
    for record in state.undo where record.previous == .none {
      let value = record.key.withUnsafeBytes { bytes in
        store.get(record.space, bytes, at: .zero, reader: state.id) { found in
          found.value.map { Array($0) }
        }
      }
      writes.append(WriteRecord(space: record.space, key: record.key, value: value))
    }
    return writes
  }

  /// Turns the transaction's intents into versions.
  func install(
    _ writes: [WriteRecord], of transaction: TransactionID, at timestamp: Timestamp,
    index: LogIndex
  ) {
    for write in writes {
      _ = write.key.withUnsafeBytes { bytes in
        store.resolveIntent(
          write.space, bytes, transaction: transaction, commitAt: timestamp, index: index)
      }
    }
    onApply?(writes, index)
  }

  func enterPrepared(_ state: OpenTransaction, _ record: PrepareRecord, index: LogIndex) {
    state.prepared = record
    state.preparedIndex = index
    for write in record.writes {
      _ = write.key.withUnsafeBytes { bytes in
        store.markPrepared(
          write.space, bytes, transaction: record.transaction, at: record.timestamp)
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
  private func validate(
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
  /// Removes all rows of the keyspaces on every tablet: their table's drop has committed. What a
  /// transaction that began before may still write there belongs to no table.
  public func dropKeyspaces(_ spaces: [KeyspaceID]) async {
    let reply = Reply<Void>()
    onTablets(bucketTablets) { tablet, done in
      guard case .success(let index) = tablet.append(.dropSpaces(spaces)) else { return done() }
      tablet.replication.whenCommitted(index) { result in
        if case .yes = result { for space in spaces { tablet.store.drop(space) } }
        done()
      }
    } completion: {
      reply.fulfill(())
    }
    await reply.get()
  }
}
