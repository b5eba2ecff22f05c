import Base
import Storage

/// Rebuilding a tablet from its log. With one voter every entry in the log is committed, so each is
/// applied as it is read: straight from the entry's bytes, since this decides how long a start takes.
///
/// A prepare is only kept until its end is read: nobody reads or locks meanwhile, so that its locks
/// and intents are made for those that are left at the end.
extension Tablet {
  /// Applies one entry of the log, in order; passes over what the checkpoint has.
  func replay(index: LogIndex, term: Term, payload: [UInt8]) throws(DecodingFault) {
    if index <= checkpointIndex { return }
    replication.recovered(index: index, term: term)
    store.settle(upTo: index)
    guard !payload.isEmpty else { return }
    let result: Result<Void, DecodingFault> = payload.withUnsafeBytes { bytes in
      do throws(DecodingFault) {
        return .success(try replay(bytes, payload, index: index))
      } catch {
        return .failure(error)
      }
    }
    try result.get()
  }

  private func replay(_ bytes: UnsafeRawBufferPointer, _ payload: [UInt8], index: LogIndex)
    throws(DecodingFault)
  {
    var reader = ByteReader(bytes)
    switch try TabletEntry.kind(&reader) {
    case .commit:
      _ = try reader.transaction()
      try replayWrites(&reader, at: Timestamp(rawValue: try reader.integer()), index: index)
    case .prepare:
      let transaction = try reader.transaction()
      shard.clock.observe(Timestamp(rawValue: try reader.integer()))
      undecided[transaction] = (index, payload)
    case .decision:
      let transaction = try reader.transaction()
      let timestamp = try reader.optionalTimestamp()
      decisions[transaction] = DecisionState(
        commitTimestamp: timestamp, unresolved: try reader.participants(), index: index,
        isPublished: false)
      if let timestamp { try replayWrites(&reader, at: timestamp, index: index) }
    case .resolve:
      let transaction = try reader.transaction()
      let timestamp = try reader.optionalTimestamp()
      if let prepared = undecided.removeValue(forKey: transaction), let timestamp {
        try replayPrepared(prepared.payload, at: timestamp, index: prepared.index)
      }
    case .forget: decisions[try reader.transaction()] = nil
    case .dropSpaces:
      guard case .dropSpaces(let spaces) = try TabletEntry(decoding: bytes) else { return }
      for space in spaces { store.drop(space) }
    }
  }

  private func replayWrites(
    _ reader: inout ByteReader, at timestamp: Timestamp, index: LogIndex
  ) throws(DecodingFault) {
    shard.clock.observe(timestamp)
    store.raiseHorizon(to: timestamp)
    try reader.visitWrites { space, key, value in
      store.put(space, key, value: value, at: timestamp, index: index)
    }
  }

  /// The versions get the prepare's index, as when it happened first, so that those which a
  /// checkpoint has caught already are replaced by themselves.
  private func replayPrepared(_ payload: [UInt8], at timestamp: Timestamp, index: LogIndex)
    throws(DecodingFault)
  {
    let result: Result<Void, DecodingFault> = payload.withUnsafeBytes { bytes in
      var reader = ByteReader(bytes)
      do throws(DecodingFault) {
        _ = try TabletEntry.kind(&reader)
        _ = try reader.transaction()
        let _: UInt64 = try reader.integer()
        let _: UInt64 = try reader.integer()
        return .success(try replayWrites(&reader, at: timestamp, index: index))
      } catch {
        return .failure(error)
      }
    }
    try result.get()
  }

  /// The log has been read: what is still prepared holds its locks, ranges and intents again.
  func endReplay() throws(DecodingFault) {
    for entry in undecided.values.sorted(by: { $0.index < $1.index }) {
      guard case .prepare(let record) = try TabletEntry(decoding: entry.payload) else {
        throw .malformed("not a prepare entry")
      }
      replayPrepare(record, index: entry.index)
    }
    undecided = [:]
  }

  private func replayPrepare(_ record: PrepareRecord, index: LogIndex) {
    shard.clock.observe(record.timestamp)
    let header = CallHeader(
      transaction: record.transaction, snapshot: nil, floor: .zero, isolation: .readCommitted,
      sequence: 0,
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
        guard case .success(let decided) = answers[0] else {
          return gather.add(false, at: position)
        }
        let timestamp = shard.plantedBug == .doubtsAborted ? nil : decided
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
    if shard.plantedBug == .decisionForgottenEarly {
      _ = append(.forget(transaction: transaction))
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
