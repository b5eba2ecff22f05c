import Base
import Storage

/// What the applied entries say of transactions over several tablets that have not been forgotten: a
/// part of the tablet's state like its rows, the same on every replica at the same index. A leader
/// works with `Tablet.open` and `Tablet.decisions`, which it makes from this when it begins.
struct AppliedTransactions {
  /// Prepare and decision entries whose end has not been applied, encoded.
  var undecided: [TransactionID: (index: LogIndex, payload: [UInt8])] = [:]
  /// Decisions that not every participant has acknowledged.
  var decisions: [TransactionID: DecisionImage] = [:]
}

/// Applying committed entries, straight from their bytes: that decides how long a start takes and
/// how fast a follower is.
///
/// A prepare is only kept until its end is applied: nobody reads or locks on a follower, so that locks
/// and intents are made by a new leader for those that are left.
extension Tablet {
  enum ApplyMode {
    /// At start: nobody reads, so no older versions are kept.
    case recovery
    case follower
    /// The rows are in memory since the leader has executed the call.
    case leader
  }

  /// Applies one committed entry; they come in order, without gaps.
  func apply(
    _ index: LogIndex, _ term: Term, _ payload: [UInt8], _ mode: ApplyMode
  ) throws(DecodingFault) {
    guard !payload.isEmpty else { return }
    let result: Result<Void, DecodingFault> = payload.withUnsafeBytes { bytes in
      do throws(DecodingFault) {
        return .success(try apply(bytes, payload, LogPlace(index: index, term: term), mode))
      } catch {
        return .failure(error)
      }
    }
    try result.get()
  }

  private func apply(
    _ bytes: UnsafeRawBufferPointer, _ payload: [UInt8], _ place: LogPlace, _ mode: ApplyMode
  ) throws(DecodingFault) {
    var reader = ByteReader(bytes)
    let (kind, isMarked) = try TabletEntry.head(&reader)
    let index = place.index
    switch kind {
    case .commit:
      if mode == .leader && !isMarked { return }
      let commit = AppliedCommit(
        transaction: try reader.transaction(), timestamp: Timestamp(rawValue: try reader.integer()),
        index: index, place: place)
      try applyWrites(
        &reader, of: commit, mode,
        makesRecords: mode != .leader || shard.plantedBug != .changesAtProposal)
    case .prepare:
      let transaction = try reader.transaction()
      let timestamp = Timestamp(rawValue: try reader.integer())
      shard.clock.observe(timestamp)
      applied.undecided[transaction] = (index, payload)
      if shard.plantedBug == .changesAtPrepare, isMarked {
        let _: UInt64 = try reader.integer()
        let commit = AppliedCommit(
          transaction: transaction, timestamp: timestamp, index: index, place: place)
        try makeRecords(&reader, of: commit)
      }
    case .decision:
      let participants = try reader.participants()
      let transaction = try reader.transaction()
      let timestamp = Timestamp(rawValue: try reader.integer())
      shard.clock.observe(timestamp)
      applied.undecided[transaction] = (index, payload)
      applied.decisions[transaction] = DecisionImage(
        transaction: transaction, isCommitted: false, commitTimestamp: timestamp, index: index,
        participants: participants)
    case .resolve:
      let transaction = try reader.transaction()
      try applyEnd(of: transaction, at: try reader.optionalTimestamp(), place, mode)
    case .abort: _ = try reader.transaction()
    case .forget: applied.decisions[try reader.transaction()] = nil
    case .dropSpaces:
      guard case .dropSpaces(let spaces) = try TabletEntry(decoding: bytes) else { return }
      for space in spaces { store.drop(space) }
    case .split:
      guard case .split(let since, let keys) = try TabletEntry(decoding: bytes) else { return }
      applySplit(since, keys, index)
    case .fill:
      guard case .fill(let part) = try TabletEntry(decoding: bytes) else { return }
      applyFill(part, index)
    }
  }

  /// The versions get the prepare's index, as when it happened first, so that those which a
  /// checkpoint has caught already are replaced by themselves.
  private func applyEnd(
    of transaction: TransactionID, at timestamp: Timestamp?, _ place: LogPlace, _ mode: ApplyMode
  ) throws(DecodingFault) {
    applied.decisions[transaction]?.isCommitted = true
    if timestamp == nil { applied.decisions[transaction] = nil }
    guard let prepared = applied.undecided.removeValue(forKey: transaction), let timestamp else {
      return
    }
    let commit = AppliedCommit(
      transaction: transaction, timestamp: timestamp, index: prepared.index, place: place)
    let result: Result<Void, DecodingFault> = prepared.payload.withUnsafeBytes { bytes in
      var reader = ByteReader(bytes)
      do throws(DecodingFault) {
        let (kind, isMarked) = try TabletEntry.head(&reader)
        if mode == .leader && !isMarked { return .success(()) }
        if kind == .decision { _ = try reader.participants() }
        _ = try reader.transaction()
        let _: UInt64 = try reader.integer()
        let _: UInt64 = try reader.integer()
        return .success(
          try applyWrites(
            &reader, of: commit, mode,
            makesRecords: shard.plantedBug != .changesAtPrepare || kind == .decision))
      } catch {
        return .failure(error)
      }
    }
    try result.get()
  }

  private func applyWrites(
    _ reader: inout ByteReader, of commit: AppliedCommit, _ mode: ApplyMode, makesRecords: Bool
  ) throws(DecodingFault) {
    let (timestamp, index) = (commit.timestamp, commit.index)
    shard.clock.observe(timestamp)
    if mode == .recovery { store.raiseHorizon(to: timestamp) }
    var writes: [WriteRecord] = []
    try reader.visitWrites { space, key, value, expires, change in
      if let change, makesRecords { changes.add(change, key: key, after: value, of: commit) }
      if mode == .leader { return }
      store.put(space, key, value: value, at: timestamp, index: index, expires: expires)
      if onApply != nil {
        writes.append(
          WriteRecord(
            space: space, key: Array(key), value: value.map { Array($0) }, expires: expires))
      }
    }
    if mode != .leader { onApply?(writes, index) }
  }

  /// Of a planted mistake: only the change records.
  func makeRecords(_ reader: inout ByteReader, of commit: AppliedCommit) throws(DecodingFault) {
    try reader.visitWrites { _, key, value, _, change in
      if let change { changes.add(change, key: key, after: value, of: commit) }
    }
  }
}

/// A transaction's part on one tablet, as it is applied.
struct AppliedCommit {
  var transaction: TransactionID
  var timestamp: Timestamp
  /// What its versions get: the prepare's, where there was one.
  var index: LogIndex
  /// The entry that has committed it here.
  var place: LogPlace
}
