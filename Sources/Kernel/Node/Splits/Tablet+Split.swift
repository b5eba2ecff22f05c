import Base
import Catalog
import Raft
import Reactor
import Storage
import Types

/// Giving a part of the buckets to another tablet, without an error to clients (decision 18):
///
///     parent's leader                                     child's leader
///     transactions that begin wait, those under way end
///     rows as of the newest entry ──── fill, in parts ───▶ entries of the child's log
///     its next entry says: given away ◀──── all of them have committed
///     calls that waited are refused: where the buckets are now says the catalog
///
/// The parent's entry decides. It follows the entry that the rows were read at without one in
/// between, so that the child has all there was; where anything else came in between, the attempt is
/// void, and the next one begins from nothing.
extension Tablet {
  /// Replies with the time since when the tablet has what is left to it; at once where that has been done.
  func split(
    _ command: SplitTablet, reply: @escaping (Result<Timestamp, KernelError>) -> Void
  ) {
    if since != command.known { return reply(.success(since)) }
    guard !isHandingOver else { return reply(.failure(.unavailable("tablet \(id) is changing"))) }
    isHandingOver = shard.plantedBug != .splitUnguarded
    isHandOverUrgent = false
    let deadline = shard.reactor.monotonicNanoseconds() + SplitRun.quietNanoseconds
    awaitSplit(command, replication.term, deadline, reply)
  }

  /// Nothing is under way, and nothing that was is left in doubt.
  var isSettled: Bool {
    (open.isEmpty && waiting.isEmpty && !replication.isWaitedFor && decisions.isEmpty)
      || shard.plantedBug == .splitUnguarded
  }

  private func awaitSplit(
    _ command: SplitTablet, _ term: Term, _ deadline: UInt64,
    _ reply: @escaping (Result<Timestamp, KernelError>) -> Void
  ) {
    guard replication.isServing, replication.term == term else {
      return reply(.failure(.leaderChanged))
    }
    if isSettled && shard.catalogVersion >= command.catalog {
      // From here on nothing may begin, whatever it has elsewhere.
      isHandOverUrgent = true
      return SplitRun(self, command, reply).begin()
    }
    let now = shard.reactor.monotonicNanoseconds()
    guard now < deadline else {
      endHandOver()
      return reply(.failure(.unavailable("transactions on tablet \(id) do not end")))
    }
    if now + SplitRun.quietNanoseconds / 2 > deadline { isHandOverUrgent = true }
    shard.reactor.after(milliseconds: SplitRun.pollMilliseconds) { [self] in
      awaitSplit(command, term, deadline, reply)
    }
  }
}

// MARK: - What the entries do

extension Tablet {
  /// Of every replica: the keys are gone, and who asks for what was before the split is refused.
  func applySplit(_ since: Timestamp, _ keys: [MovedKey], _ index: LogIndex) {
    shard.clock.observe(since)
    for moved in keys {
      moved.key.withUnsafeBytes {
        store.put(moved.space, $0, value: nil, at: since, index: index)
      }
    }
    self.since = since
    store.raiseHorizon(to: since)
    // Who waits for records of what is given away asks there.
    changes.wakeFollowers()
  }

  /// Parts of an attempt that is not the newest, and those that have come before, change nothing.
  func applyFill(_ part: FillPart, _ index: LogIndex) {
    if part.number == 0, filling.map({ $0.attempt < part.attempt }) ?? true {
      for space in store.spaces { store.drop(space) }
      since = .zero
      filling = TabletFilling(attempt: part.attempt, next: 0)
    }
    guard let filling, filling.attempt == part.attempt, filling.next == part.number else { return }
    for row in part.rows {
      row.key.withUnsafeBytes { key in
        row.value.withUnsafeBytes { value in
          if row.space == ChangeStreams.space { beginStream(key, value) }
          store.put(
            row.space, key, value: value, at: row.timestamp, index: index, expires: row.expires)
        }
      }
    }
    self.filling?.next += 1
    guard part.isLast else { return }
    shard.clock.observe(part.attempt.since)
    since = part.attempt.since
    store.raiseHorizon(to: since)
    restoreFences()
  }
}

// MARK: - One attempt

/// One attempt to split a tablet, from the moment when nothing is under way there. Lives on: the shard of
/// the parent's leader.
final class SplitRun {
  /// How long transactions under way may take to end.
  static let quietNanoseconds: UInt64 = 1_000_000_000
  static let pollMilliseconds = 2
  /// Without a part that arrives for so long the attempt is given up: the tablet's clients wait.
  private static let silenceMilliseconds = 2_000
  private static let keysPerTurn = 512
  private static let bytesPerTurn = 64 << 10
  private static let bytesPerPart = 256 << 10

  private let tablet: Tablet
  private let command: SplitTablet
  private let reply: (Result<Timestamp, KernelError>) -> Void
  /// What the rows are read at.
  private let index: LogIndex
  private let attempt: FillAttempt
  private let cursor: SnapshotCursor
  /// Where the change streams are that go with the buckets.
  private var origins: [ChangeStreams.Origin] = []
  private var buckets: StoredBuckets?
  private var moved: [MovedKey] = []
  private var rows: [FillPart.Row] = []
  private var rowBytes = 0
  private var number: UInt64 = 0
  /// Slices that have been read and parts that have arrived.
  private var steps = 0
  private var isEnded = false

  init(
    _ tablet: Tablet, _ command: SplitTablet,
    _ reply: @escaping (Result<Timestamp, KernelError>) -> Void
  ) {
    self.tablet = tablet
    self.command = command
    self.reply = reply
    index = tablet.replication.lastIndex
    attempt = FillAttempt(term: tablet.replication.term, since: tablet.shard.nextTimestamp())
    cursor = tablet.store.snapshotCursor(
      at: index, horizon: max(attempt.since, tablet.store.horizon))
  }

  private var shard: NodeShard { tablet.shard }

  func begin() {
    guard let reader = shard.bucketReader?(shard.catalog) else {
      return end(.failure(.unavailable("the node does not know where keys belong")))
    }
    buckets = StoredBuckets(shard.catalog, tables: reader)
    origins = tablet.origins(of: shard.catalog, from: command.at)
    for origin in origins {
      let row = ChangeStreams.row(of: origin)
      rows.append(
        FillPart.Row(
          space: ChangeStreams.space, key: row.key, value: row.value, timestamp: attempt.since))
    }
    watch(-1)
    gather()
  }

  /// The tablet is as it was when the attempt began.
  private var isUndisturbed: Bool {
    let replication = tablet.replication
    return replication.isServing && replication.term == attempt.term
      && (replication.lastIndex == index || shard.plantedBug == .splitUnguarded)
      && tablet.isSettled
  }

  /// One slice of the rows.
  private func gather() {
    if isEnded { return }
    guard isUndisturbed else {
      return end(.failure(.unavailable("tablet \(tablet.id) has changed")))
    }
    steps += 1
    var hasMore = false
    do throws(SQLError) {
      hasMore = try readSlice()
    } catch {
      return end(.failure(.user(error)))
    }
    let partMax = min(Self.bytesPerPart, shard.entryBytesMax / 2)
    if hasMore && rowBytes < partMax {
      shard.reactor.after(nanoseconds: 0) { [self] in gather() }
    } else {
      send(isLast: !hasMore)
    }
  }

  private func readSlice() throws(SQLError) -> Bool {
    var fault: SQLError?
    let partMax = min(Self.bytesPerTurn, shard.entryBytesMax / 2)
    let hasMore = cursor.next(budget: Self.keysPerTurn, bytes: partMax) { version in
      guard fault == nil, let value = version.value else { return }
      do throws(SQLError) {
        try take(version, value)
      } catch {
        fault = error
      }
    }
    if let fault { throw fault }
    return hasMore
  }

  private func take(_ version: SnapshotVersion, _ value: UnsafeRawBufferPointer) throws(SQLError) {
    let place =
      try buckets?.bucket(
        ofKey: version.key, value: value, in: version.space, on: tablet.id) ?? .nowhere
    switch place {
    case .nowhere: return
    case .bucket(let bucket):
      if bucket < command.at { return }
      moved.append(MovedKey(space: version.space, key: Array(version.key)))
    case .anywhere: break
    }
    rows.append(
      FillPart.Row(
        space: version.space, key: Array(version.key), value: Array(value),
        timestamp: version.timestamp, expires: version.expires))
    rowBytes += version.key.count + value.count + 32
  }

  private func send(isLast: Bool) {
    let part = FillPart(attempt: attempt, number: number, isLast: isLast, rows: rows)
    rows = []
    rowBytes = 0
    shard.ask(command.child, FillTablet(part: part)) { [self] answer in
      if isEnded { return }
      if case .failure(let error) = answer { return end(.failure(error)) }
      number += 1
      steps += 1
      if isLast { decide() } else { gather() }
    }
  }

  /// The child has everything, durably.
  private func decide() {
    guard isUndisturbed else {
      return end(.failure(.unavailable("tablet \(tablet.id) has changed")))
    }
    switch tablet.append(.split(since: attempt.since, keys: moved)) {
    case .failure(let error): end(.failure(error))
    case .success(let place):
      tablet.rangeIndex = place
      // From here on it may be done, whatever is heard of it.
      isEnded = true
      cursor.close()
      tablet.replication.whenCommitted(place) { [self] outcome in
        tablet.endHandOver()
        reply(outcome.failed() ?? .success(attempt.since))
      }
    }
  }

  private func watch(_ before: Int) {
    shard.reactor.after(milliseconds: Self.silenceMilliseconds) { [weak self] in
      guard let self, !isEnded else { return }
      if steps == before {
        return end(.failure(.unavailable("tablet \(command.child) does not answer")))
      }
      watch(steps)
    }
  }

  private func end(_ failure: Result<Timestamp, KernelError>) {
    guard !isEnded else { return }
    isEnded = true
    cursor.close()
    // Another leader's calls are no more of this attempt's.
    if tablet.replication.term == attempt.term { tablet.endHandOver() }
    reply(failure)
  }
}
