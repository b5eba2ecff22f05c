public import Base
public import Catalog
import Storage
import Types

/// What a call carries to its tablet. Travels between shards.
struct CallHeader: Sendable {
  var transaction: TransactionID
  /// Nil: the tablet takes one when the call runs (the transaction's or the statement's only call).
  var snapshot: Timestamp?
  /// What the session has seen: the tablet's clock goes past it, so that what is done later never has
  /// an earlier timestamp, whichever shard's clock gives it.
  var floor: Timestamp
  var isolation: IsolationLevel
  /// Effects are tagged with it; a rollback undoes all from a sequence on.
  var sequence: UInt32
  /// The call is the whole transaction: its writes are committed with it.
  var commits: Bool
  /// Waiting longer than this for a lock ends the call with 55P03; 0 waits on.
  var lockTimeoutMilliseconds: Int
  /// The terms of the leaders that hold something of the transaction: another leader knows nothing
  /// of it (DESIGN 22.3).
  var terms: [LeaderTerm] = []
  /// How far clocks of nodes may be apart, in nanoseconds: what was committed so shortly after the
  /// snapshot may have been acknowledged before it was taken. 0: one clock for all.
  var clockBound: UInt64 = 0
  /// What the clocks of leaders said when the statement came to them first: what they commit later is
  /// later for certain.
  var observed: [ObservedClock] = []
  /// Nothing of the statement has left: it may start again with a newer snapshot.
  var mayRestart = false
  /// Any replica may answer that has everything up to the snapshot. Not sent to other nodes.
  var isNearby = false
  /// The tables that the transaction uses so far, the earliest first (`TableFences`).
  var uses: [TableUse] = []
  /// The transaction's changed catalog, where it has one: other nodes need it to read the call.
  var privateCatalog: PrivateCatalog?
  /// The tables as the transaction has changed them; nil: as they are committed.
  var tables: TablesOfCall?
  /// Since when the tablet has the buckets that the caller takes it to have.
  var since = Timestamp.zero
}

/// A leader's clock when a statement first came to it.
struct ObservedClock: Sendable {
  var tablet: TabletID
  var timestamp: Timestamp
}

/// Which leader of the tablet a transaction has to do with.
struct LeaderTerm: Sendable {
  var tablet: TabletID
  var term: Term
}

extension [LeaderTerm] {
  /// Nil before the transaction's first call there.
  subscript(tablet: TabletID) -> Term? { first { $0.tablet == tablet }?.term }
}

/// A tablet as one procedure sees it: a snapshot with the transaction's own writes on top.
/// Lives on: the tablet's shard, valid only while `Procedure.run` runs.
public final class TabletTransaction {
  private(set) var owner: Tablet
  private(set) var header: CallHeader
  /// Reads see what was committed at or before it, and the transaction's own writes.
  public private(set) var snapshot: Timestamp
  /// What was committed above the snapshot and up to here may be older than the statement
  /// (DESIGN 22.4).
  private(set) var uncertainUntil: Timestamp
  /// It commits what it writes as it writes it: see `CommitGroup`.
  private var isAtOnce = false
  /// Who was in the way when `.blocked` was thrown.
  private(set) var blockers: [TransactionID] = []
  /// The reply must wait until this index has committed (DESIGN 22.2).
  private(set) var dependency = LogIndex.zero

  init(owner: Tablet, header: CallHeader, snapshot: Timestamp) {
    self.owner = owner
    self.header = header
    self.snapshot = snapshot
    uncertainUntil = header.uncertainUntil(owner.id, snapshot)
  }

  /// The transaction of a shard that runs everything there that is done at once, one behind the other.
  init(atOnceOn tablet: Tablet) {
    owner = tablet
    header = CallHeader(
      transaction: TransactionID(rawValue: 0), snapshot: nil, floor: .zero,
      isolation: .readCommitted, sequence: 1,
      commits: true, lockTimeoutMilliseconds: 0)
    snapshot = .zero
    uncertainUntil = .zero
    isAtOnce = true
  }

  /// Begins anew: as the transaction that the tablet's group says.
  func begin(on tablet: Tablet) {
    if owner !== tablet { owner = tablet }
    header.transaction = tablet.group.transaction
    snapshot = tablet.group.timestamp
    uncertainUntil = snapshot
    dependency = .zero
  }

  public var tablet: TabletID { owner.id }
  /// The catalog that the tablet's shard has: for what is no part of the transaction.
  public var catalog: CatalogSnapshot { shard.catalog }
  public var catalogVersion: UInt64 { shard.catalogVersion }
  public var isolation: IsolationLevel { header.isolation }
  /// The call is all of the transaction: it reads what is newest, and holds nothing when it has run.
  public var isWhole: Bool { header.commits }
  /// Whether the bucket's rows are here.
  public func owns(_ bucket: Bucket) -> Bool { owner.shard.tablet(of: bucket) == owner.id }
  public var id: TransactionID { header.transaction }
}

// MARK: - Reading

extension TabletTransaction {
  /// The value visible at the snapshot, own writes included; nil where there is none.
  public func get(_ space: KeyspaceID, _ key: [UInt8]) throws(ProcedureError) -> [UInt8]? {
    try withValue(space, key) { value in value.map { Array($0) } }
  }

  /// Like `get` without copying; the bytes are valid inside `body` only.
  public func withValue<R>(
    _ space: KeyspaceID, _ key: [UInt8], _ body: (UnsafeRawBufferPointer?) -> R
  ) throws(ProcedureError) -> R {
    var blocker: TransactionID?
    var isUncertain = false
    let result: R? = key.withUnsafeBytes { bytes in
      owner.store.get(space, bytes, at: snapshot, reader: id) { found -> R? in
        blocker = mustWait(found)
        isUncertain = found.isUncertain(uncertainUntil)
        if blocker != nil || isUncertain { return nil }
        dependency = max(dependency, found.logIndex)
        return body(found.value)
      }
    }
    noteRead(ReadRange(space: space, lower: key, upper: key + [0]))
    if let blocker {
      throw blocked(LockRequest(space: space, key: key, mode: .keyShare), [blocker])
    }
    if isUncertain { throw .uncertain }
    invariant(result != nil, "a read neither waits nor answers")
    return result.unsafelyUnwrapped
  }

  /// True: there is not a key in the keyspace here, not even one that somebody is about to commit, so that nobody need ask
  /// for one. False also in a transaction that goes on: what it has asked for may have to stay as it is.
  public func isEmpty(_ space: KeyspaceID) -> Bool {
    header.commits && owner.store.count(space) == 0
  }

  /// The same at this moment: somebody may be about to commit one. False also where reads are noted.
  public func isEmptyNow(_ space: KeyspaceID) -> Bool {
    owner.store.count(space) == 0 && (header.isolation != .serializable || header.commits)
  }

  /// Visits the visible keys of `lower ..< upper` (nil: to the end) in order, or from the end.
  /// `body` returns false to stop. Costs O(log n) and the visited keys.
  public func scan(
    _ space: KeyspaceID, lower: [UInt8], upper: [UInt8]?, reverse: Bool,
    _ body: (_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) throws(ProcedureError)
      -> Bool
  ) throws(ProcedureError) {
    var failure: ProcedureError?
    noteRead(ReadRange(space: space, lower: lower, upper: upper))
    let isWary = uncertainUntil > snapshot
    owner.scan(
      space, lower, upper, reverse: reverse, at: snapshot, reader: id, includeNewer: isWary
    ) { key, found in
      if isWary && found.isUncertain(uncertainUntil) {
        failure = .uncertain
        return .stop
      }
      if let blocker = mustWait(found) {
        failure = blocked(LockRequest(space: space, key: Array(key), mode: .keyShare), [blocker])
        return .stop
      }
      dependency = max(dependency, found.logIndex)
      guard let value = found.value else { return .next }
      do throws(ProcedureError) {
        return try body(key, value) ? .next : .stop
      } catch {
        failure = error
        return .stop
      }
    }
    if let failure { throw failure }
  }

  /// The newest committed or own value whatever the snapshot; waits for another transaction's
  /// write. For UNIQUE and foreign keys (DESIGN 22.7).
  public func latest(_ space: KeyspaceID, _ key: [UInt8]) throws(ProcedureError) -> [UInt8]? {
    let result = key.withUnsafeBytes { bytes in
      owner.store.get(space, bytes, at: .distantFuture, reader: id, expiredAt: snapshot) { found in
        dependency = max(dependency, found.logIndex)
        return (value: found.value.map { Array($0) }, intent: found.intent)
      }
    }
    if let intent = result.intent {
      throw blocked(
        LockRequest(space: space, key: key, mode: .keyShare), [intent.transaction])
    }
    return result.value
  }

  /// Whether another transaction has written in `lower ..< upper` since `time`, or has prepared to.
  public func hasChanged(
    _ space: KeyspaceID, lower: [UInt8], upper: [UInt8]?, since time: Timestamp
  ) -> Bool {
    owner.withBounds(lower, upper) { from, to in
      owner.store.hasChanges(space, from: from, to: to, after: time, exceptBy: id)
    }
  }

  /// The value that has expired and is not removed yet; nil where the key has another value or none.
  public func expired(_ space: KeyspaceID, _ key: [UInt8]) -> [UInt8]? {
    guard owner.store.hasExpiring(space) else { return nil }
    return key.withUnsafeBytes { bytes in
      owner.store.get(space, bytes, at: snapshot, reader: id, expiredAt: .zero) { found in
        guard let expires = found.expires, expires <= snapshot else { return nil }
        dependency = max(dependency, found.logIndex)
        return found.value.map { Array($0) }
      }
    }
  }

  var shard: NodeShard { owner.shard }

  private func mustWait(_ found: Found) -> TransactionID? {
    owner.shard.plantedBug == .preparedIntentsPassed ? nil : found.blocker(at: uncertainUntil)
  }

  private func noteRead(_ range: @autoclosure () -> ReadRange) {
    guard header.isolation == .serializable, !header.commits else { return }
    owner.noteRead(range(), by: header)
  }

  func blocked(_ request: LockRequest, _ by: [TransactionID]) -> ProcedureError {
    blockers = by
    return .blocked(request)
  }
}

// MARK: - Locking and writing

extension TabletTransaction {
  /// Takes a row lock until the transaction ends. False: skipped. The key need not exist.
  public func lock(_ request: LockRequest, wait: LockWait) throws(ProcedureError) -> Bool {
    if isAtOnce, owner.isFree(request.space) { return true }
    let newest = owner.newestVersion(request.space, request.key)
    let others = owner.conflicts(request, newest, by: header)
    if !others.isEmpty {
      switch wait {
      case .wait: throw blocked(request, others)
      case .noWait: throw .lockNotAvailable
      case .skipLocked: return false
      }
    }
    if isNewerThanSnapshot(newest) {
      if wait == .skipLocked && header.isolation == .readCommitted { return false }
      throw .conflict
    }
    if !header.commits { owner.acquire(request, by: header) }
    return true
  }

  /// Writes the key provisionally until the transaction commits. From `expires` on it is not seen.
  public func put(
    _ space: KeyspaceID, _ key: [UInt8], _ value: [UInt8], expires: Timestamp? = nil
  ) throws(ProcedureError) {
    if isAtOnce {
      let isWritten = value.withUnsafeBytes { owner.writeAtOnce(space, key, $0, expires, self) }
      if !isWritten { throw .conflict }
      return
    }
    try owner.admitWrite(bytes: key.count + value.count)
    let request = LockRequest(space: space, key: key, mode: .noKeyUpdate)
    try claim(request, owner.newestVersion(space, key))
    try owner.write(space, key, value, expires: expires, by: header)
  }

  /// The same with borrowed bytes.
  public func put(
    _ space: KeyspaceID, _ key: [UInt8], bytes value: UnsafeRawBufferPointer,
    expires: Timestamp? = nil
  ) throws(ProcedureError) {
    guard isAtOnce else { return try put(space, key, Array(value), expires: expires) }
    if !owner.writeAtOnce(space, key, value, expires, self) { throw .conflict }
  }

  /// Like `put`, where the key has no value by the newest state, whatever the snapshot: for UNIQUE
  /// (DESIGN 22.7). False: it has one, and nothing is written. Waits for another transaction's write.
  public func insert(
    _ space: KeyspaceID, _ key: [UInt8], _ value: [UInt8], expires: Timestamp? = nil
  ) throws(ProcedureError) -> Bool {
    if isAtOnce { throw .conflict }
    try owner.admitWrite(bytes: key.count + value.count)
    let request = LockRequest(space: space, key: key, mode: .noKeyUpdate)
    let newest = owner.newestVersion(space, key)
    if let intent = newest?.intent {
      if intent.transaction != id { throw blocked(request, [intent.transaction]) }
      if !intent.isDeletion { return false }
    } else if let newest, newest.hasValue(at: snapshot) {
      dependency = max(dependency, newest.index)
      return false
    }
    try claim(request, newest)
    try owner.write(space, key, value, expires: expires, by: header)
    return true
  }

  /// Deletes the key provisionally until the transaction commits.
  public func delete(_ space: KeyspaceID, _ key: [UInt8]) throws(ProcedureError) {
    if isAtOnce {
      if !owner.writeAtOnce(space, key, nil, nil, self) { throw .conflict }
      return
    }
    try owner.admitEntry()
    let request = LockRequest(space: space, key: key, mode: .update)
    try claim(request, owner.newestVersion(space, key))
    try owner.write(space, key, nil, by: header)
  }

  /// Makes sure that the key may be written; the write's intent then holds it.
  private func claim(_ request: LockRequest, _ newest: NewestVersion?) throws(ProcedureError) {
    let others = owner.conflicts(request, newest, by: header)
    if !others.isEmpty { throw blocked(request, others) }
    if isNewerThanSnapshot(newest) { throw .conflict }
  }

  /// Like `lock`, on the newest state whatever the snapshot: for the catalog and sequences.
  func lockLatest(_ request: LockRequest) throws(ProcedureError) {
    if isAtOnce { throw .conflict }
    let newest = owner.newestVersion(request.space, request.key)
    let others = owner.conflicts(request, newest, by: header)
    if !others.isEmpty { throw blocked(request, others) }
    if !header.commits { owner.acquire(request, by: header) }
  }

  /// Like `put`, over the newest state whatever the snapshot.
  func putLatest(_ space: KeyspaceID, _ key: [UInt8], _ value: [UInt8]) throws(ProcedureError) {
    try owner.admitEntry()
    try lockLatest(LockRequest(space: space, key: key, mode: .update))
    try owner.write(space, key, value, by: header)
  }

  func deleteLatest(_ space: KeyspaceID, _ key: [UInt8]) throws(ProcedureError) {
    try owner.admitEntry()
    try lockLatest(LockRequest(space: space, key: key, mode: .update))
    try owner.write(space, key, nil, by: header)
  }

  private func isNewerThanSnapshot(_ newest: NewestVersion?) -> Bool {
    guard let newest else { return false }
    dependency = max(dependency, newest.index)
    return newest.timestamp > snapshot && owner.shard.plantedBug != .newerVersionOverwritten
  }
}

extension TabletTransaction {
  /// Deletes an index entry that holds `value`, by the newest state: the entry may have been added
  /// after the snapshot, for a row that is older. The caller has written the row that it belongs to,
  /// and so knows that the row has not changed since the snapshot. Another's entry stays.
  public func deleteEntry(_ space: KeyspaceID, _ key: [UInt8], holding value: [UInt8])
    throws(ProcedureError)
  {
    guard try latest(space, key) == value else { return }
    try deleteLatest(space, key)
  }
}

extension CallHeader {
  /// The same for a tablet as the caller knows it.
  func to(_ place: TabletPlace) -> CallHeader {
    var header = self
    header.since = place.since
    return header
  }

  fileprivate func uncertainUntil(_ tablet: TabletID, _ snapshot: Timestamp) -> Timestamp {
    guard clockBound > 0, let seen = observed.first(where: { $0.tablet == tablet }) else {
      return snapshot
    }
    return max(snapshot, min(seen.timestamp, Timestamp(rawValue: snapshot.rawValue + clockBound)))
  }
}

extension Found {
  /// A version that the snapshot does not show may be older than the statement.
  func isUncertain(_ limit: Timestamp) -> Bool { nextTimestamp.map { $0 <= limit } ?? false }
}
