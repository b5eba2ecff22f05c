public import Base
import Catalog
import Reactor

/// Who uses which tables on this shard, and who wants one alone: PostgreSQL's table locks, reduced
/// to "in use" and "exclusive". A change of a table's schema closes its gate on every shard, waits
/// for the transactions that use it, and opens the gate when every shard has the new catalog; so
/// statements wait in order instead of failing. Nodes that cannot be reached have no part in it: what
/// they ask meets the tablets' fences (`TableFences`, DESIGN 22.11). Lives on: its shard.
struct TableGates {
  struct Waiter {
    let transaction: TransactionID
    let tables: [ObjectID]
    /// Nil: go on.
    let resume: (KernelError?) -> Void
  }
  struct Closing {
    let transaction: TransactionID
    let tables: [ObjectID]
    /// Transactions whose end it waits for.
    var users: [TransactionID]
    let resume: (KernelError?) -> Void
  }
  /// By table: who has it alone, or is about to.
  var closed: [ObjectID: TransactionID] = [:]
  /// Statements at a closed gate, in order.
  var passing: [Waiter] = []
  /// Closers that another one keeps, in order.
  var queued: [Waiter] = []
  var closing: [Closing] = []
  /// The keyspaces of abandoned indexes have been dropped since the start.
  var hasDroppedAbandoned = false

  func isClosed(_ tables: [ObjectID], to transaction: TransactionID) -> Bool {
    !closed.isEmpty && tables.contains { closed[$0].map { $0 != transaction } ?? false }
  }

  var isWaitedFor: Bool { !(passing.isEmpty && queued.isEmpty && closing.isEmpty) }

  /// Who waits for whom here.
  var edges: [WaitEdge] {
    var edges: [WaitEdge] = []
    for waiter in passing + queued {
      for table in waiter.tables {
        if let holder = closed[table], holder != waiter.transaction {
          edges.append(WaitEdge(waiter: waiter.transaction, blocker: holder))
        }
      }
    }
    for entry in closing {
      edges += entry.users.map { WaitEdge(waiter: entry.transaction, blocker: $0) }
    }
    return edges
  }
}

extension NodeShard {
  /// Waits until the tables' gates are open to the transaction.
  func passGate(
    _ tables: [ObjectID], _ transaction: TransactionID, _ resume: @escaping (KernelError?) -> Void
  ) {
    guard gates.isClosed(tables, to: transaction) else { return resume(nil) }
    gates.passing.append(
      TableGates.Waiter(transaction: transaction, tables: tables, resume: resume))
    noteWaiting()
  }

  /// Closes the gates here; `resume` runs when nobody else uses the tables.
  func closeGate(
    _ tables: [ObjectID], _ transaction: TransactionID, _ resume: @escaping (KernelError?) -> Void
  ) {
    if gates.isClosed(tables, to: transaction) {
      gates.queued.append(
        TableGates.Waiter(transaction: transaction, tables: tables, resume: resume))
      return noteWaiting()
    }
    for table in tables { gates.closed[table] = transaction }
    let users = users(of: tables, besides: transaction)
    if users.isEmpty { return resume(nil) }
    gates.closing.append(
      TableGates.Closing(
        transaction: transaction, tables: tables, users: users, resume: resume))
    noteWaiting()
  }

  /// `resume` runs when the transactions that use the tables now have ended; others may come.
  func awaitUsers(
    of tables: [ObjectID], _ transaction: TransactionID,
    _ resume: @escaping (KernelError?) -> Void
  ) {
    let users = users(of: tables, besides: transaction)
    if users.isEmpty { return resume(nil) }
    gates.closing.append(
      TableGates.Closing(
        transaction: transaction, tables: tables, users: users, resume: resume))
    noteWaiting()
  }

  /// Frees the entries of indexes whose building ended with the process; once after a start.
  public func dropAbandonedIndexes() async {
    if gates.hasDroppedAbandoned { return }
    gates.hasDroppedAbandoned = true
    let spaces = catalog.abandonedKeyspaces
    if !spaces.isEmpty { await dropKeyspaces(spaces) }
  }

  /// A transaction of this shard has ended: closers may have waited for it.
  func leftTables(_ transaction: TransactionID) {
    if gates.closing.isEmpty { return }
    var ready: [(KernelError?) -> Void] = []
    for place in gates.closing.indices {
      gates.closing[place].users.removeAll { $0 == transaction }
      if gates.closing[place].users.isEmpty { ready.append(gates.closing[place].resume) }
    }
    gates.closing.removeAll { $0.users.isEmpty }
    for resume in ready { resume(nil) }
  }

  /// The transaction's gates open, and whoever waited goes on.
  func openGates(of transaction: TransactionID) {
    gates.closed = gates.closed.filter { $0.value != transaction }
    gates.closing.removeAll { $0.transaction == transaction }
    let queued = gates.queued
    gates.queued = []
    for waiter in queued { closeGate(waiter.tables, waiter.transaction, waiter.resume) }
    let passing = gates.passing
    gates.passing = []
    for waiter in passing { passGate(waiter.tables, waiter.transaction, waiter.resume) }
  }

  /// Ends the waiting of a transaction at any gate here.
  func failGate(_ transaction: TransactionID, _ error: KernelError) {
    let waiters = (gates.passing + gates.queued).filter { $0.transaction == transaction }
    let closers = gates.closing.filter { $0.transaction == transaction }
    if waiters.isEmpty && closers.isEmpty { return }
    gates.passing.removeAll { $0.transaction == transaction }
    gates.queued.removeAll { $0.transaction == transaction }
    gates.closing.removeAll { $0.transaction == transaction }
    for waiter in waiters { waiter.resume(error) }
    for closer in closers { closer.resume(error) }
  }
}

// MARK: - A transaction's side

extension Transaction {
  /// Notes that the transaction uses the tables; waits while somebody has one of them alone. True:
  /// it waited, so the catalog may have changed.
  public func use(_ tables: [ObjectID]) async throws(KernelError) -> Bool {
    // Who uses a table already is inside: whoever closes its gate waits for it.
    let new = tables.filter { table in !usedTables.contains { $0.table == table } }
    if new.isEmpty { return false }
    var hasWaited = false
    while shard.gates.isClosed(new, to: id) {
      hasWaited = true
      try await atGate { (shard, done) in shard.passGate(new, self.id, done) }
    }
    let version = catalogVersion
    usedTables += new.map { TableUse(table: $0, version: version) }
    return hasWaited
  }

  /// Of `catalog`, without copying it; private changes have the version that they began from.
  public var catalogVersion: UInt64 { hasCatalogChanges ? catalog.version : shard.catalogVersion }

  /// Takes the tables alone until the transaction ends: first on shard 0, where closers meet in
  /// order, then on the others, node by node. `isNoWait`: 55P03 where somebody uses one.
  public func lockTables(_ tables: [ObjectID], isNoWait: Bool = false) async throws(KernelError) {
    let wanted = tables.filter { !lockedTables.contains($0) }
    if wanted.isEmpty { return }
    lockedTables += wanted
    try await atEachPlace(
      CloseGate(tables: wanted, transaction: id, isNoWait: isNoWait))
    try await closeFences(wanted, isNoWait: isNoWait)
  }

  /// Waits for the transactions that use the tables now, on every shard, and keeps nobody out: after
  /// a step of an online schema change was published, for those of the version before.
  public func awaitUsers(of tables: [ObjectID]) async throws(KernelError) {
    try await atEachPlace(AwaitUsers(tables: tables, transaction: id))
    try await raiseFences(tables)
  }

  /// One place after the other. Users on a node that is lost meet the tablets' fences.
  private func atEachPlace<C: ShardCommand>(_ command: C) async throws(KernelError)
  where C.Answer == KernelError? {
    for place in shard.places {
      try await atGate { (shard, done) in shard.ask(place, command) { done($0 ?? nil) } }
    }
  }

  private func atGate(
    _ body: (NodeShard, @escaping (KernelError?) -> Void) -> Void
  ) async throws(KernelError) {
    try checkCancelled()
    let reply = Reply<KernelError?>()
    var isDone = false
    body(shard) { error in
      guard !isDone else { return }
      isDone = true
      reply.fulfill(error)
    }
    if lockTimeoutMilliseconds > 0 && !isDone {
      let token = shard.reactor.after(milliseconds: lockTimeoutMilliseconds) { [self] in
        failGates(.lockNotAvailable("canceling statement due to lock timeout"))
      }
      defer { shard.reactor.cancel(token) }
      if let error = await reply.get() { throw error }
      return
    }
    if let error = await reply.get() { throw error }
  }

  /// Ends a waiting at a gate on any shard.
  func failGates(_ error: KernelError) {
    shard.tell(shard.places, FailGate(transaction: id, error: error))
  }

  func openGates() async {
    if lockedTables.isEmpty { return }
    lockedTables = []
    shard.tell(shard.places, OpenGates(transaction: id))
  }
}
