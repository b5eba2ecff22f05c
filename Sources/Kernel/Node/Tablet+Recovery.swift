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
      let participants = try reader.participants()
      let transaction = try reader.transaction()
      let timestamp = Timestamp(rawValue: try reader.integer())
      shard.clock.observe(timestamp)
      undecided[transaction] = (index, payload)
      decisions[transaction] = DecisionState(
        stage: .proposed, commitTimestamp: timestamp, index: index, participants: participants)
    case .resolve:
      let transaction = try reader.transaction()
      let timestamp = try reader.optionalTimestamp()
      decisions[transaction]?.stage = .committed
      if timestamp == nil { decisions[transaction] = nil }
      if let prepared = undecided.removeValue(forKey: transaction), let timestamp {
        try replayPrepared(prepared.payload, at: timestamp, index: prepared.index)
      }
    case .abort: _ = try reader.transaction()
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
        if try TabletEntry.kind(&reader) == .decision { _ = try reader.participants() }
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
      switch try TabletEntry(decoding: entry.payload) {
      case .prepare(let record, let writes): replayPrepare(record, writes, index: entry.index)
      case .decision(let record, let writes):
        replayPrepare(record.prepare, writes, index: entry.index)
      default: throw .malformed("not a prepare entry")
      }
    }
    undecided = [:]
  }

  private func replayPrepare(
    _ record: PrepareRecord, _ writes: [WriteRecord], index: LogIndex
  ) {
    shard.clock.observe(record.timestamp)
    let header = CallHeader(
      transaction: record.transaction, snapshot: nil, floor: .zero, isolation: .readCommitted,
      sequence: 0,
      commits: false, lockTimeoutMilliseconds: 0)
    for lock in record.locks { acquire(lock, by: header) }
    for write in writes { self.write(write.space, write.key, write.value, by: header) }
    if open[record.transaction] == nil {
      open[record.transaction] = OpenTransaction(id: record.transaction)
    }
    if let state = open[record.transaction] { enterPrepared(state, record, index: index) }
  }

  /// After start: finds out how what is still prepared here ends, and tells participants what was
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

  func append(_ entry: TabletEntry) -> Result<LogIndex, KernelError> {
    replication.append(entry.encoded())
  }
}
