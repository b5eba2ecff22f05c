import Base
import Reactor
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
    restoreFences()
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
    let state = state(of: header)
    for lock in record.locks { acquire(lock, by: header) }
    for write in writes {
      self.write(
        write.space, write.key, write.value, expires: write.expires, mark: write.change?.mark,
        by: header)
    }
    state.uses = nil
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
    endHandOver()
    changes.wakeFollowers()
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
    shard.ask(record.decider, AskOutcome(id: transaction)) { [self] answer in
      guard case .success(let decided) = answer else {
        done(false)
        return askAgain(record)
      }
      let timestamp = shard.plantedBug == .doubtsAborted ? nil : decided
      resolve(transaction, commitTimestamp: timestamp) { _ in }
      done(true)
    }
  }

  /// The coordinator of something that is prepared here is gone.
  func settleOrphan(_ record: PrepareRecord) {
    if record.decider == id {
      settle(record.transaction) { _ in }
    } else {
      askDecider(record) { _ in }
    }
  }

  private static let askAgainMilliseconds = 500

  /// The decider could not be reached: what is prepared here holds its locks until it is.
  private func askAgain(_ record: PrepareRecord) {
    shard.reactor.after(milliseconds: Self.askAgainMilliseconds) { [weak self] in
      guard let self, replication.isServing, open[record.transaction]?.prepared != nil else {
        return
      }
      askDecider(record) { _ in }
    }
  }
}
