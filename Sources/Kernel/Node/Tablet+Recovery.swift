import Base
import Storage

/// Rebuilding a tablet from its log. With one voter every entry in the log is committed, so each is
/// applied as it is read.
extension Tablet {
  /// Applies one entry of the log, in order; passes over what the checkpoint has.
  func replay(index: LogIndex, term: Term, payload: [UInt8]) throws(DecodingFault) {
    if index <= checkpointIndex { return }
    replication.recovered(index: index, term: term)
    store.settle(upTo: index)
    guard !payload.isEmpty else { return }
    let entry = try TabletEntry(decoding: payload)
    switch entry {
    case .commit(_, let timestamp, let writes):
      apply(writes, at: timestamp, index: index)
    case .prepare(let record):
      replayPrepare(record, index: index)
    case .decision(let record):
      decisions[record.transaction] = DecisionState(
        commitTimestamp: record.commitTimestamp, unresolved: record.participants, index: index,
        isPublished: false)
      if let timestamp = record.commitTimestamp {
        apply(record.writes, at: timestamp, index: index)
      }
    case .resolve(let transaction, let timestamp):
      guard let state = open[transaction], let record = state.prepared else { return }
      if let timestamp {
        // As when it happened first; a checkpoint may have caught the versions already.
        install(record.writes, of: transaction, at: timestamp, index: state.preparedIndex)
        shard.clock.observe(timestamp)
      } else {
        undo(transaction, downTo: 0)
      }
      end(transaction)
    case .forget(let transaction): decisions[transaction] = nil
    case .dropSpaces(let spaces): for space in spaces { store.drop(space) }
    }
  }

  private func apply(_ writes: [WriteRecord], at timestamp: Timestamp, index: LogIndex) {
    shard.clock.observe(timestamp)
    for write in writes {
      write.key.withUnsafeBytes { key in
        guard let value = write.value else {
          return store.put(write.space, key, value: nil, at: timestamp, index: index)
        }
        value.withUnsafeBytes {
          store.put(write.space, key, value: $0, at: timestamp, index: index)
        }
      }
    }
  }

  func replayPrepare(_ record: PrepareRecord, index: LogIndex) {
    shard.clock.observe(record.timestamp)
    let header = CallHeader(
      transaction: record.transaction, snapshot: nil, isolation: .readCommitted, sequence: 0,
      commits: false, lockTimeoutMilliseconds: 0)
    for lock in record.locks { acquire(lock, by: header) }
    for write in record.writes { self.write(write.space, write.key, write.value, by: header) }
    if open[record.transaction] == nil {
      open[record.transaction] = OpenTransaction(id: record.transaction)
    }
    if let state = open[record.transaction] { enterPrepared(state, record, index: index) }
  }

  /// After start: asks the deciders of what is still prepared here, and tells participants what was
  /// decided here. `done` runs when nothing is left in doubt.
  func settleDoubts(_ done: @escaping () -> Void) {
    let doubtful = open.values.compactMap(\.prepared).sorted { $0.transaction < $1.transaction }
    let decided = decisions.keys.sorted()
    let gather = Gather<Bool>(count: doubtful.count + decided.count) { _ in done() }
    for (position, record) in doubtful.enumerated() {
      let transaction = record.transaction
      shard.ask([record.decider]) {
        (tablet: Tablet, answer: @escaping (Result<Timestamp?, KernelError>) -> Void) in
        tablet.outcome(of: transaction, reply: answer)
      } completion: { [self] answers in
        guard case .success(let timestamp) = answers[0] else {
          return gather.add(false, at: position)
        }
        resolve(transaction, commitTimestamp: timestamp) { _ in gather.add(true, at: position) }
      }
    }
    for (offset, transaction) in decided.enumerated() {
      publish(transaction) { gather.add(true, at: doubtful.count + offset) }
    }
  }

  /// Tells the participants of a decision; when all have it durably, it may be forgotten.
  func publish(_ transaction: TransactionID, _ done: (() -> Void)? = nil) {
    guard let decision = decisions[transaction], let timestamp = decision.commitTimestamp else {
      done?()
      return
    }
    shard.ask(decision.unresolved) { (tablet: Tablet, answer: @escaping (Outcome) -> Void) in
      tablet.resolve(transaction, commitTimestamp: timestamp, reply: answer)
    } completion: { [self] outcomes in
      let isDone = outcomes.allSatisfy { if case .success = $0 { true } else { false } }
      if isDone, case .success(let index) = append(.forget(transaction: transaction)) {
        decisions[transaction] = nil
        replication.whenCommitted(index) { _ in }
      }
      done?()
    }
  }

  func append(_ entry: TabletEntry) -> Result<LogIndex, KernelError> { replication.append(entry) }
}
