import Base
import Storage

/// What changes when this replica begins to lead its group, and when it ends (DESIGN 22.2, 22.3).
extension Tablet {
  /// Every entry of earlier terms has been applied: what is still prepared holds its locks, ranges
  /// and intents again.
  func beginLeading() throws(DecodingFault) {
    invariant(open.isEmpty && decisions.isEmpty, "\(id): a new leader has open transactions")
    for entry in try undecidedRecords() {
      hold(entry.record, entry.writes, index: entry.index)
    }
    for (transaction, image) in applied.decisions.sorted(by: { $0.key < $1.key }) {
      decisions[transaction] = DecisionState(
        stage: image.isCommitted ? .committed : .proposed,
        commitTimestamp: image.commitTimestamp, index: image.index,
        participants: image.participants)
    }
  }

  private func hold(_ record: PrepareRecord, _ writes: [WriteRecord], index: LogIndex) {
    shard.clock.observe(record.timestamp)
    let header = CallHeader(
      transaction: record.transaction, snapshot: nil, floor: .zero, isolation: .readCommitted,
      sequence: 0, commits: false, lockTimeoutMilliseconds: 0)
    let state = state(of: record.transaction)
    for lock in record.locks { acquire(lock, by: header) }
    for write in writes { self.write(write.space, write.key, write.value, by: header) }
    enterPrepared(state, record, index: index)
  }

  /// Another replica may lead by now: what has not committed here is taken back, and the memory shows
  /// the applied state again. Open transactions are gone; prepared ones are in `applied`.
  func endLeading() {
    let calls = waiting
    waiting = []
    for transaction in open.keys.sorted() { undo(transaction, downTo: 0) }
    open = [:]
    locks = LockTable()
    protectedRanges = []
    if shard.plantedBug != .effectsOfOldLeaderKept { store.undo(above: replication.commitIndex) }
    let unknown = decisions.sorted { $0.key < $1.key }.flatMap(\.value.waiters)
    decisions = [:]
    for call in calls {
      cancelTimer(call)
      call.fail(.leaderChanged)
    }
    for waiter in unknown { waiter(.failure(.unknownOutcome)) }
  }

  /// A new leader finds out how what is still prepared here ends, and tells participants what was
  /// decided here. `done` runs when nothing here is left in doubt.
  func settleDoubts(_ done: @escaping () -> Void) {
    let doubtful = open.values.compactMap(\.prepared).sorted { $0.transaction < $1.transaction }
    let gather = Gather<Bool>(count: doubtful.count) { _ in done() }
    for transaction in decisions.keys.sorted() where decisions[transaction]?.stage == .committed {
      publish(transaction)
    }
    for (position, record) in doubtful.enumerated() {
      if record.decider == id {
        settle(record.transaction) { _ in gather.add(true, at: position) }
      } else {
        askDecider(record) { gather.add($0, at: position) }
      }
    }
  }

  private func askDecider(_ record: PrepareRecord, _ done: @escaping (Bool) -> Void) {
    let transaction = record.transaction
    shard.ask([record.decider]) {
      (tablet: Tablet, answer: @escaping (Result<Timestamp?, KernelError>) -> Void) in
      tablet.outcome(of: transaction, reply: answer)
    } completion: { [self] answers in
      guard case .success(let decided) = answers[0] else { return done(false) }
      let timestamp = shard.plantedBug == .doubtsAborted ? nil : decided
      resolve(transaction, commitTimestamp: timestamp) { _ in }
      done(true)
    }
  }
}
