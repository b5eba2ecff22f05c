public import Base
public import Catalog
import Reactor
public import Types

/// A point of a transaction to return to.
public struct Savepoint: Sendable, Equatable {
  let sequence: UInt32
  let catalog: CatalogSnapshot?

  public static func == (a: Savepoint, b: Savepoint) -> Bool { a.sequence == b.sequence }
}

/// The coordinator's side of a transaction: `transact` of the kernel's verbs. Lives on: the
/// session's shard. Must be ended by `commit` or `rollback`.
public final class Transaction {
  public let id: TransactionID
  public private(set) var isolation: IsolationLevel
  public private(set) var isReadOnly: Bool
  /// What the current statement reads; a fresh one for each statement in READ COMMITTED, else the
  /// first statement's.
  public private(set) var snapshot: Timestamp
  /// Waiting longer for a lock ends the statement with 55P03; 0 waits on.
  public var lockTimeoutMilliseconds = 0
  /// Where not 0 and the transaction is read-only, it may read what is so old, near to its client.
  public var stalenessMilliseconds = 0
  public private(set) var isEnded = false

  let shard: NodeShard
  /// Where it is coordinated: its session's shard.
  public var home: NodeShard { shard }
  /// Tables that statements have used and that this transaction has alone (`TableGates`).
  var usedTables: [TableUse] = []
  var lockedTables: [ObjectID] = []
  /// Ends a sleep.
  var onCancel: (() -> Void)?
  /// Under way for this one, which hears of cancellations.
  var fenceSteps: [Transaction] = []
  /// What cursors go on reading; garbage collection keeps it.
  private var heldSnapshots: [Timestamp] = []
  private var sequence: UInt32 = 1
  private var hasStatement = false
  /// Tablets that hold locks, intents or read ranges of ours, in the order they were first called.
  private var participants: [TabletID] = []
  /// The leaders of those of them that keep something of ours, when they first did.
  private(set) var terms: [LeaderTerm] = []
  /// Their clocks when the statement under way came to them first; of the first statement where all
  /// share one snapshot.
  private var observed: [ObservedClock] = []
  /// The snapshot is one that this node's replicas have.
  private(set) var isNearby = false
  /// No earlier statement has used the snapshot.
  private var mayRestart = false
  /// Of the participants those that keep something of ours: effects, locks, or what was read.
  private var touched: Set<TabletID> = []
  private var privateCatalog: CatalogSnapshot? {
    didSet {
      sentCatalog = nil
      changedTables = nil
    }
  }
  /// `privateCatalog` as calls on this node carry it.
  private var changedTables: TablesOfCall?
  /// `privateCatalog` as calls to other nodes carry it.
  private var sentCatalog: PrivateCatalog?
  private var baseCatalog: CatalogSnapshot?
  private var publishedVersion: UInt64?
  /// The decision was appended where the log then failed: only recovery knows what became of it.
  private var isDecisionUnknown = false
  private var cancellation: KernelError?
  /// Tablets with a call under way: who to tell of a cancellation.
  private var calledTablets: [TabletID] = []

  init(shard: NodeShard, id: TransactionID, isolation: IsolationLevel, isReadOnly: Bool) {
    self.shard = shard
    self.id = id
    self.isolation = isolation
    self.isReadOnly = isReadOnly
    snapshot = shard.nextTimestamp()
  }

  /// The committed catalog, or this transaction's changed copy.
  public var catalog: CatalogSnapshot { privateCatalog ?? shard.catalog }
  public var hasCatalogChanges: Bool { privateCatalog != nil }
}

// MARK: - Calls

extension Transaction {
  /// Runs the procedure on the tablet that owns the bucket.
  public func call<P: Procedure>(_ procedure: P, bucket: Bucket) async throws(KernelError)
    -> P.Output
  {
    try await call(procedure, in: bucket, readsNewest: false)
  }

  /// Like `call`, for the only call of a statement. READ COMMITTED: the tablet reads what is newest
  /// when the call runs, so that after waiting for a lock it need not restart the statement.
  public func callNewest<P: Procedure>(_ procedure: P, bucket: Bucket) async throws(KernelError)
    -> P.Output
  {
    try await call(procedure, in: bucket, readsNewest: isolation == .readCommitted)
  }

  /// Runs the procedure in group 0, where globally distributed tables are.
  public func callGlobal<P: Procedure>(_ procedure: P) async throws(KernelError) -> P.Output {
    try await call(procedure, on: .catalog)
  }

  /// Runs the procedures side by side, each on the tablet of its bucket, about which alone it is; the
  /// results are in the order of the calls.
  public func callEach<P: Procedure>(_ calls: [(Bucket, P)]) async throws(KernelError)
    -> [P.Output]
  {
    try await callEach(calls.map { (shard.place(of: $0.0), $0.1) })
  }

  /// Runs the procedure on every tablet of the tier's buckets, in their order.
  public func callAll<P: Procedure>(_ procedure: P, of tier: TierID = .standard)
    async throws(KernelError) -> [P.Output]
  {
    try await callEach(places(of: tier).map { ($0, procedure) })
  }

  /// Every tablet of the tier's buckets once, in their order.
  public func places(of tier: TierID) -> ArraySlice<TabletPlace> { shard.map.places(of: tier) }

  /// Runs the procedure on every tablet of the tiers, and in group 0; on all again where one has been
  /// split meanwhile, so that done twice it is to be as if done once. Nil: all tiers.
  func callEverywhere<P: Procedure>(_ procedure: P, of tiers: [TierID]? = nil)
    async throws(KernelError)
  {
    while true {
      let calls = (shard.places(ofTiers: tiers) + [.catalog]).map { ($0, procedure) }
      let results = try await answers(to: calls, readNewest: true)
      guard let split = try splitAmong(calls, results) else {
        for result in results { _ = try result.get() }
        return
      }
      try await awaitMap(without: split)
    }
  }

  /// Runs the procedure as the transaction's only call and commits with it: one log entry.
  public func callAndCommit<P: Procedure>(_ procedure: P, bucket: Bucket)
    async throws(KernelError) -> P.Output
  {
    while true {
      let place = shard.place(of: bucket)
      do throws(KernelError) {
        return try await callAndCommit(procedure, on: place)
      } catch {
        guard case .tabletSplit = error else { throw error }
        try await awaitMap(without: place)
      }
    }
  }

  /// On a tablet as the caller knows it. Where it has been split meanwhile, the transaction goes on.
  func callAndCommit<P: Procedure>(_ procedure: P, on place: TabletPlace)
    async throws(KernelError) -> P.Output
  {
    invariant(participants.isEmpty && !hasCatalogChanges, "callAndCommit is not the first call")
    try checkCancelled()
    try shard.checkClock()
    let header = CallHeader(
      transaction: id, snapshot: nil, floor: snapshot, isolation: isolation, sequence: sequence,
      commits: true,
      lockTimeoutMilliseconds: lockTimeoutMilliseconds, uses: usedTables,
      privateCatalog: catalogToSend(), tables: tablesOfCalls()
    ).to(place)
    let reply = Reply<Result<P.Output, KernelError>>()
    calledTablets = [place.tablet]
    shard.dispatch(procedure, header, to: place.tablet) { reply.fulfill($0.result) }
    let result = await reply.get()
    calledTablets = []
    if case .failure(.tabletSplit) = result { throw .tabletSplit }
    if case .failure(.restartStatement) = result {
      // Cannot be: without a snapshot of its own there is nothing newer.
      fatalError("a committing call met a newer version than now")
    }
    shard.forget(self)
    isEnded = true
    return try result.get()
  }

  /// A bucket's call goes on its way again where its tablet has been split meanwhile.
  private func call<P: Procedure>(_ procedure: P, in bucket: Bucket, readsNewest: Bool)
    async throws(KernelError) -> P.Output
  {
    while true {
      let place = shard.place(of: bucket)
      do throws(KernelError) {
        return try await call(procedure, on: place, readsNewest: readsNewest)
      } catch {
        guard case .tabletSplit = error else { throw error }
        try await awaitMap(without: place)
      }
    }
  }

  private func call<P: Procedure>(
    _ procedure: P, on place: TabletPlace, readsNewest: Bool = false
  ) async throws(KernelError) -> P.Output {
    let tablet = place.tablet
    try begin(on: [tablet])
    let reply = Reply<CallReply<P.Output>>()
    var header = header()
    header.since = place.since
    if readsNewest { header.snapshot = nil }
    if header.isNearby {
      shard.dispatchNearby(procedure, header, to: tablet) { reply.fulfill($0) }
    } else {
      shard.dispatch(procedure, header, to: tablet) { reply.fulfill($0) }
    }
    let answer = await reply.get()
    calledTablets = []
    note(answer, of: tablet)
    try checkCancelled()
    return try answer.result.get()
  }

  /// Runs the procedures side by side on tablets as the caller knows them; the results are in the order
  /// of the calls. Where one of them has been split meanwhile, the statement starts again.
  public func callEach<P: Procedure>(_ calls: [(TabletPlace, P)]) async throws(KernelError)
    -> [P.Output]
  {
    if calls.isEmpty { return [] }
    let results = try await answers(to: calls)
    if let split = try splitAmong(calls, results) {
      try await awaitMap(without: split)
      throw isolation == .readCommitted || mayRestart
        ? .restartStatement
        : .serializationFailure("could not go on: a tablet has been split")
    }
    var outputs: [P.Output] = []
    outputs.reserveCapacity(results.count)
    for result in results { outputs.append(try result.get()) }
    return outputs
  }

  private func answers<P: Procedure>(to calls: [(TabletPlace, P)], readNewest: Bool = false)
    async throws(KernelError) -> [Result<P.Output, KernelError>]
  {
    try begin(on: calls.map(\.0.tablet))
    let reply = Reply<[CallReply<P.Output>]>()
    var header = header()
    if readNewest { header.snapshot = nil }
    if header.isNearby {
      shard.dispatchNearby(calls, header) { reply.fulfill($0) }
    } else {
      shard.dispatch(calls, header) { reply.fulfill($0) }
    }
    let answers = await reply.get()
    calledTablets = []
    for (call, answer) in zip(calls, answers) { note(answer, of: call.0.tablet) }
    try checkCancelled()
    return answers.map(\.result)
  }

  /// Any other failure outweighs a split and a restart.
  private func splitAmong<P: Procedure>(
    _ calls: [(TabletPlace, P)], _ results: [Result<P.Output, KernelError>]
  ) throws(KernelError) -> TabletPlace? {
    var split: TabletPlace?
    for (call, result) in zip(calls, results) {
      if case .failure(let error) = result {
        if case .restartStatement = error { continue }
        if case .tabletSplit = error {
          split = call.0
          continue
        }
        throw error
      }
    }
    return split
  }

  /// A tablet knows of its split a little earlier than everybody else.
  func awaitMap(without old: TabletPlace) async throws(KernelError) {
    let deadline = shard.reactor.monotonicNanoseconds() + Routing.patienceNanoseconds
    while shard.map.places.contains(old) {
      guard shard.reactor.monotonicNanoseconds() < deadline else {
        throw .unavailable("where the buckets of a tablet that was split are is not known yet")
      }
      try await sleep(nanoseconds: UInt64(Routing.retryMilliseconds) * 1_000_000)
    }
  }

  private func begin(on tablets: [TabletID]) throws(KernelError) {
    invariant(!isEnded, "a call in an ended transaction")
    try checkCancelled()
    try shard.checkClock()
    for tablet in tablets where !participants.contains(tablet) { participants.append(tablet) }
    calledTablets = tablets
  }

  private func header() -> CallHeader {
    CallHeader(
      transaction: id, snapshot: snapshot, floor: snapshot,
      // A consistent snapshot of the past needs no validation.
      isolation: isNearby ? .repeatableRead : isolation, sequence: sequence,
      commits: false, lockTimeoutMilliseconds: lockTimeoutMilliseconds, terms: terms,
      clockBound: clockBound, observed: observed,
      mayRestart: mayRestart, isNearby: isNearby, uses: usedTables, privateCatalog: catalogToSend(),
      tables: tablesOfCalls())
  }

  private func tablesOfCalls() -> TablesOfCall? {
    guard let privateCatalog else { return nil }
    if changedTables == nil { changedTables = TablesOfCall(privateCatalog) }
    return changedTables
  }

  private var clockBound: UInt64 {
    shard.isAlone || isNearby || shard.plantedBug == .clocksTrusted ? 0 : shard.clockBound
  }

  private func catalogToSend() -> PrivateCatalog? {
    guard let privateCatalog, let baseCatalog, !shard.isAlone else { return nil }
    if sentCatalog == nil { sentCatalog = PrivateCatalog(privateCatalog, from: baseCatalog) }
    return sentCatalog
  }

  private func note<Output>(_ reply: CallReply<Output>, of tablet: TabletID) {
    if reply.touches { touched.insert(tablet) }
    if reply.observed > .zero {
      shard.clock.observe(reply.observed)
      if !observed.contains(where: { $0.tablet == tablet }) {
        observed.append(ObservedClock(tablet: tablet, timestamp: reply.observed))
      }
    }
    if reply.term == .zero {
      // The answer was lost: a rollback must reach what may have been done there.
      switch reply.result {
      case .failure(.leaderChanged), .failure(.unavailable), .failure(.cancelled): break
      default: touched.insert(tablet)
      }
      return
    }
    // Of a leader that keeps nothing of the transaction any other can take the place.
    if touched.contains(tablet), terms[tablet] == nil {
      terms.append(LeaderTerm(tablet: tablet, term: reply.term))
    }
  }
}

// MARK: - Statements, savepoints, cancellation

extension Transaction {
  /// Runs one statement. READ COMMITTED gives it a fresh snapshot and runs it again when it met a
  /// newer version: effects undone, locks kept, output discarded by the caller (DESIGN 22.6).
  public func statement<R>(_ body: () async throws(KernelError) -> R) async throws(KernelError)
    -> R
  {
    refreshSnapshot()
    let start = savepoint()
    while true {
      do throws(KernelError) {
        return try await body()
      } catch {
        guard case .restartStatement = error else { throw error }
        try await rollback(to: start)
        renewSnapshot()
      }
    }
  }

  /// Whether a statement has run: the isolation level cannot change any more.
  public var hasStarted: Bool { hasStatement }

  /// SET TRANSACTION. Only before the first statement, but for a change to read-only.
  public func change(isolation: IsolationLevel, isReadOnly: Bool) {
    invariant(isolation == self.isolation || !hasStatement, "a started transaction's isolation")
    self.isolation = isolation
    self.isReadOnly = isReadOnly
  }

  /// A fresh snapshot, as a statement of READ COMMITTED gets; else the transaction's own.
  public func refreshSnapshot() {
    mayRestart = isolation == .readCommitted || !hasStatement
    if mayRestart {
      if !takeNearbySnapshot() { renewSnapshot() }
      observed = []
    }
    hasStatement = true
  }

  /// A later statement reads nothing older than an earlier one has.
  private func takeNearbySnapshot() -> Bool {
    guard isReadOnly, stalenessMilliseconds > 0, !hasCatalogChanges,
      participants.isEmpty || isNearby,
      let found = shard.nearbySnapshot(milliseconds: stalenessMilliseconds)
    else { return false }
    snapshot = hasStatement ? max(snapshot, found) : found
    isNearby = true
    return true
  }

  /// A statement that has given nothing yet starts again: its reads met what may be older than the
  /// snapshot. False: it may not.
  public func restart() -> Bool {
    guard mayRestart else { return false }
    renewSnapshot()
    return true
  }

  private func renewSnapshot() {
    snapshot = shard.nextTimestamp()
    isNearby = false
  }

  /// Keeps the current snapshot readable until the transaction ends.
  public func holdSnapshot() -> Timestamp {
    heldSnapshots.append(snapshot)
    return snapshot
  }

  /// Reads at a held snapshot until `leave` gets what this returns.
  public func enter(_ held: Timestamp) -> Timestamp {
    defer { snapshot = held }
    return snapshot
  }

  public func leave(_ earlier: Timestamp) { snapshot = earlier }

  var oldestSnapshot: Timestamp { heldSnapshots.reduce(snapshot, min) }

  /// Marks the place that `rollback(to:)` returns to.
  public func savepoint() -> Savepoint {
    sequence += 1
    return Savepoint(sequence: sequence, catalog: privateCatalog)
  }

  /// Undoes what was done since the savepoint, on every tablet. Locks taken since stay.
  public func rollback(to savepoint: Savepoint) async throws(KernelError) {
    privateCatalog = savepoint.catalog
    let reply = Reply<[Result<Bool, KernelError>]>()
    shard.ask(
      each: participants.filter { touched.contains($0) },
      RollbackToSavepoint(id: id, sequence: savepoint.sequence)
    ) { reply.fulfill($0) }
    for answer in await reply.get() {
      if case .failure = answer {
        throw .serializationFailure("the connection to a tablet's leader was lost")
      }
    }
    sequence += 1
  }

  /// The savepoint is gone; its effects stay.
  public func release(_ savepoint: Savepoint) {}

  /// Ends the waiting of the statement under way with 57014; the next call fails likewise.
  public func cancel(_ message: String) {
    guard !isEnded else { return }
    cancellation = .cancelled(message)
    failGates(.cancelled(message))
    onCancel?()
    for step in fenceSteps { step.cancel(message) }
    shard.ask(
      each: calledTablets,
      StopTransaction(id: id, error: .cancelled(message), endsIt: false)
    ) { _ in }
  }

  var isCancelled: Bool { cancellation != nil }
  var cancellationError: KernelError? { cancellation }

  /// The statement that was cancelled has ended; the next may run (ROLLBACK TO SAVEPOINT).
  public func clearCancellation() { cancellation = nil }

  /// Throws when the statement under way has been cancelled; for work between calls.
  public func checkCancelled() throws(KernelError) {
    if let cancellation { throw cancellation }
  }
}

// MARK: - Catalog

extension Transaction {
  /// Changes this transaction's private copy of the catalog, published at COMMIT. The first change
  /// waits for other transactions that change the catalog and starts from the newest one.
  public func changeCatalog(_ body: (inout CatalogSnapshot) throws(SQLError) -> Void)
    async throws(KernelError)
  {
    if privateCatalog == nil {
      try await lockCatalog()
      baseCatalog = shard.catalog
      privateCatalog = shard.catalog
    }
    guard var copy = privateCatalog else { return }
    do throws(SQLError) {
      try body(&copy)
    } catch {
      throw .user(error)
    }
    privateCatalog = copy
  }

  /// Returns when this shard has the newest catalog. A node that does not get it, being cut off,
  /// gives the lock back: others are not to wait for it.
  private func lockCatalog() async throws(KernelError) {
    let isFirst = !participants.contains(.catalog)
    let version = try await call(LockCatalog(), on: .catalog)
    let deadline = shard.reactor.monotonicNanoseconds() + Routing.patienceNanoseconds
    while shard.catalogVersion < version {
      guard shard.reactor.monotonicNanoseconds() < deadline else {
        if isFirst { await leaveCatalog() }
        throw .unavailable("this node does not hear of schema changes: it is cut off")
      }
      try await sleep(nanoseconds: UInt64(Routing.retryMilliseconds) * 1_000_000)
    }
  }

  /// Nothing but the lock is there.
  private func leaveCatalog() async {
    let reply = Reply<Void>()
    shard.ask(
      each: [.catalog],
      StopTransaction(id: id, error: .cancelled("the catalog was given up"), endsIt: true)
    ) { _ in reply.fulfill(()) }
    await reply.get()
    participants.removeAll { $0 == .catalog }
    touched.remove(.catalog)
    terms.removeAll { $0.tablet == .catalog }
  }
}

// MARK: - Ending

extension Transaction {
  /// Commits; when it returns, everything is durable (or received, with durability `relaxed`).
  public func commit() async throws(KernelError) {
    invariant(!isEnded, "commit of an ended transaction")
    do throws(KernelError) {
      try checkCancelled()
      try await stageCatalogChange()
      try await commitParticipants()
    } catch {
      if isDecisionUnknown {
        await leaveInDoubt()
      } else {
        await rollback()
      }
      throw error
    }
    isEnded = true
    shard.forget(self)
    if let published = publishedVersion { await shard.catalogIsEverywhere(published) }
    await openGates()
  }

  /// Ends a transaction that has only read, below SERIALIZABLE: no tablet knows of it.
  public func finishReading() {
    guard !isEnded else { return }
    isEnded = true
    shard.forget(self)
  }

  /// Undoes everything. Never fails: what no tablet remembers is gone.
  public func rollback() async {
    guard !isEnded else { return }
    isEnded = true
    shard.forget(self)
    let reply = Reply<Void>()
    shard.ask(
      each: participants,
      StopTransaction(
        id: id, error: .cancelled("the transaction was rolled back"), endsIt: true)
    ) { _ in reply.fulfill(()) }
    await reply.get()
    await openGates()
  }

  /// Ends it here alone: an abort at the participants could contradict a decision that is on disk.
  /// They stay prepared until a restart of the node finds out.
  private func leaveInDoubt() async {
    isEnded = true
    shard.forget(self)
    await openGates()
  }

  private func stageCatalogChange() async throws(KernelError) {
    guard let changed = privateCatalog, let base = baseCatalog else { return }
    let change = changed.change(from: base)
    // A table that was made and dropped leaves no other trace, and its rows still wait to be removed:
    // its keyspaces' numbers must not be given out again.
    let usesNumbers = change.nextKeyspaceID != base.nextKeyspaceID
    if change.put.isEmpty && change.removed.isEmpty && !usesNumbers { return }
    _ = try await call(WriteCatalogChange(change: change), on: .catalog)
    try await publishFences(change)
    publishedVersion = change.version
  }

  private func commitParticipants() async throws(KernelError) {
    // Reads leave nothing behind below SERIALIZABLE.
    let active = participants.filter { touched.contains($0) }
    switch active.count {
    case 0: return
    case 1: try await commitOnly(active[0])
    default: try await commitTwoPhase(active)
    }
  }

  private var commitHeader: CommitHeader {
    CommitHeader(id: id, isolation: isolation, snapshot: snapshot, terms: terms)
  }

  private func commitOnly(_ tablet: TabletID) async throws(KernelError) {
    let outcome = await ask(tablet, CommitAlone(header: commitHeader))
    shard.clock.observe(try outcome.get())
  }

  /// The first participant decides: its own prepare record is part of the decision.
  private func commitTwoPhase(_ active: [TabletID]) async throws(KernelError) {
    let decider = active[0]
    let others = Array(active.dropFirst())
    let promised = Reply<[Result<Promise, KernelError>]>()
    shard.ask(each: others, Prepare(header: commitHeader, decider: decider)) {
      promised.fulfill($0)
    }
    var floor = snapshot
    var participants: [Participant] = []
    for (tablet, outcome) in zip(others, await promised.get()) {
      let promise = try outcome.get()
      floor = max(floor, promise.timestamp)
      participants.append(Participant(tablet: tablet, place: promise.place))
    }
    let decision = await ask(
      decider, Decide(header: commitHeader, participants: participants, floor: floor))
    if case .failure(.unknownOutcome) = decision, shard.plantedBug != .unknownDecisionAborted {
      isDecisionUnknown = true
    }
    shard.clock.observe(try decision.get())
  }

  private func ask<C: TabletCommand>(_ tablet: TabletID, _ command: C) async -> C.Answer {
    let reply = Reply<C.Answer>()
    shard.ask(tablet, command) { reply.fulfill($0) }
    return await reply.get()
  }
}
