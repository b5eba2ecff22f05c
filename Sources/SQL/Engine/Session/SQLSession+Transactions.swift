import Base
import Catalog
import Functions
import Node
import Syntax
public import Types

extension SQLSession {
  /// The open transaction, or a new implicit one.
  func current() -> Transaction {
    if let transaction, !transaction.isEnded {
      // SET lock_timeout holds for the transaction that is open as well.
      if transaction.lockTimeoutMilliseconds != settings.lockTimeoutMilliseconds {
        transaction.lockTimeoutMilliseconds = settings.lockTimeoutMilliseconds
      }
      return transaction
    }
    return begin(
      isolation: settings.defaultIsolation, isReadOnly: settings.defaultReadOnly)
  }

  @discardableResult
  private func begin(isolation: IsolationLevel, isReadOnly: Bool) -> Transaction {
    let made = shard.begin(isolation: isolation, isReadOnly: isReadOnly)
    made.lockTimeoutMilliseconds = settings.lockTimeoutMilliseconds
    made.stalenessMilliseconds = settings.stalenessMilliseconds
    transaction = made
    transactionTimestamp = now()
    settings.beginTransaction(isolation: isolation, isReadOnly: isReadOnly)
    return made
  }

  var isolationName: String {
    SessionSettings.name(of: transaction?.isolation ?? settings.defaultIsolation)
  }

  func checkNotFailed(_ body: StatementBody) throws(SQLError) {
    guard status == .failed else { return }
    switch body {
    case .transaction(.commit), .transaction(.rollback), .transaction(.rollbackTo): return
    default:
      throw SQLError(
        .inFailedSQLTransaction,
        "current transaction is aborted, commands ignored until end of transaction block")
    }
  }

  func run(_ command: TransactionStatement) async throws(SQLError) -> String {
    switch command {
    case .begin(let options): return try await begin(options)
    case .commit(let andChain):
      if !isExplicit {
        try refuseChain(andChain, "COMMIT")
        notice("WARNING", SQLError(.noActiveSQLTransaction, "there is no transaction in progress"))
        return "COMMIT"
      }
      let (isolation, isReadOnly) = characteristics
      let hasFailed = status == .failed
      if hasFailed { await rollback() } else { try await commit() }
      if andChain { chain(isolation, isReadOnly) }
      return hasFailed ? "ROLLBACK" : "COMMIT"
    case .rollback(let andChain):
      if !isExplicit {
        try refuseChain(andChain, "ROLLBACK")
        notice("WARNING", SQLError(.noActiveSQLTransaction, "there is no transaction in progress"))
      }
      let (isolation, isReadOnly) = characteristics
      await rollback()
      if andChain { chain(isolation, isReadOnly) }
      return "ROLLBACK"
    case .savepoint(let name):
      try requireBlock("SAVEPOINT")
      savepoints.append(
        SessionSavepoint(
          name: name, point: current().savepoint(), settings: settings,
          deferredMark: deferred.mark, droppedCount: droppedKeyspaces.count,
          droppedSequenceCount: droppedSequences.count))
      return "SAVEPOINT"
    case .release(let name):
      try requireBlock("RELEASE SAVEPOINT")
      let place = try savepoint(name)
      savepoints.removeSubrange(place...)
      return "RELEASE"
    case .rollbackTo(let name):
      try requireBlock("ROLLBACK TO SAVEPOINT")
      try await rollback(to: savepoint(name))
      return "ROLLBACK"
    }
  }

  private var characteristics: (IsolationLevel, Bool) {
    (
      transaction?.isolation ?? settings.defaultIsolation,
      transaction?.isReadOnly ?? settings.defaultReadOnly
    )
  }

  private func refuseChain(_ andChain: Bool, _ command: String) throws(SQLError) {
    if andChain {
      throw SQLError(
        .noActiveSQLTransaction, "\(command) AND CHAIN can only be used in transaction blocks")
    }
  }

  private func chain(_ isolation: IsolationLevel, _ isReadOnly: Bool) {
    begin(isolation: isolation, isReadOnly: isReadOnly)
    isExplicit = true
    status = .active
  }

  private func rollback(to place: Int) async throws(SQLError) {
    let target = savepoints[place]
    let open = current()
    open.clearCancellation()
    do throws(KernelError) {
      try await open.rollback(to: target.point)
    } catch {
      throw sqlError(from: error)
    }
    restore(target.settings)
    deferred.truncate(to: target.deferredMark)
    droppedKeyspaces.removeLast(droppedKeyspaces.count - target.droppedCount)
    droppedSequences.removeLast(droppedSequences.count - target.droppedSequenceCount)
    savepoints.removeSubrange((place + 1)...)
    status = .active
  }

  func requireBlock(_ command: String) throws(SQLError) {
    if !isExplicit {
      throw SQLError(
        .noActiveSQLTransaction, "\(command) can only be used in transaction blocks")
    }
  }

  private func savepoint(_ name: String) throws(SQLError) -> Int {
    guard let place = savepoints.lastIndex(where: { $0.name == name }) else {
      throw SQLError(
        .invalidSavepointSpecification, "savepoint \"\(name)\" does not exist")
    }
    return place
  }

  private func begin(_ options: [TransactionOption]) async throws(SQLError) -> String {
    if isExplicit {
      notice(
        "WARNING",
        SQLError(.activeSQLTransaction, "there is already a transaction in progress"))
      return "BEGIN"
    }
    var isolation = settings.defaultIsolation
    var isReadOnly = settings.defaultReadOnly
    for option in options {
      switch option {
      case .isolation(let name):
        isolation = try SessionSettings.isolation(name, "transaction_isolation")
      case .readOnly(let flag): isReadOnly = flag
      case .deferrable: break
      }
    }
    // What came before BEGIN in the same message is committed with it, as PostgreSQL does when the
    // block begins inside an implicit one.
    if let open = transaction, !open.isEnded { try await commit() }
    begin(isolation: isolation, isReadOnly: isReadOnly)
    isExplicit = true
    status = .active
    return "BEGIN"
  }

  /// SET TRANSACTION: possible before the transaction's first query.
  func setCharacteristics(_ options: [TransactionOption]) throws(SQLError) {
    var (isolation, isReadOnly) = characteristics
    for option in options {
      switch option {
      case .isolation(let name):
        isolation = try SessionSettings.isolation(name, "transaction_isolation")
      case .readOnly(let flag): isReadOnly = flag
      case .deferrable: break
      }
    }
    guard let open = transaction, isExplicit else {
      notice(
        "WARNING",
        SQLError(
          .noActiveSQLTransaction, "SET TRANSACTION can only be used in transaction blocks"))
      return
    }
    if isolation != open.isolation && open.hasStarted {
      throw SQLError(
        .activeSQLTransaction, "SET TRANSACTION ISOLATION LEVEL must be called before any query")
    }
    if !isReadOnly && open.isReadOnly && open.hasStarted {
      throw SQLError(
        .activeSQLTransaction, "transaction read-write mode must be set before any query")
    }
    open.change(isolation: isolation, isReadOnly: isReadOnly)
    settings.beginTransaction(isolation: isolation, isReadOnly: isReadOnly)
  }

  func commit() async throws(SQLError) {
    guard let ending = transaction, !ending.isEnded else { return reset() }
    do throws(SQLError) {
      if !deferred.isEmpty { try await deferred.run() }
      try await materializeHeldCursors()
      try await runOnCommitActions()
    } catch {
      await rollback()
      throw error
    }
    let dropped = droppedKeyspaces
    let before = dropped.isEmpty ? nil : shard.catalog
    let sequences = droppedSequences
    let needsCommit = mayHaveEffects
    let notifications = pendingNotifications
    let listens = listenChanges
    reset()
    if needsCommit {
      do throws(KernelError) {
        try await ending.commit()
      } catch {
        throw sqlError(from: error)
      }
    } else if ending.isolation == .serializable {
      // It read one consistent snapshot, and writers are serialized by their commit times: its place
      // is at the snapshot, whatever was changed since. Only its read ranges must go.
      await ending.rollback()
    } else {
      ending.finishReading()
    }
    if let before { await shard.dropKeyspaces(dropped, knownBy: before) }
    // The transaction has committed whatever becomes of this: what stays is never read again.
    _ = try? await shard.forget(sequences)
    apply(listens)
    publish(notifications)
  }

  func rollback() async {
    let ending = transaction
    restore(settings.rolledBack())
    reset()
    await ending?.rollback()
  }

  func reset() {
    settings.endTransaction()
    transaction = nil
    isExplicit = false
    mayHaveEffects = false
    status = .idle
    if !savepoints.isEmpty { savepoints = [] }
    if !droppedKeyspaces.isEmpty { droppedKeyspaces = [] }
    if !droppedSequences.isEmpty { droppedSequences = [] }
    if deferred.isUsed { deferred = DeferredChecks() }
    if !pendingNotifications.isEmpty { pendingNotifications = [] }
    if !listenChanges.isEmpty { listenChanges = [] }
    if portals.hasDeclared {
      portals.keep { $0.declared?.isHeld ?? false }
    } else {
      portals.removeAll()
    }
  }

  /// The end of a message, or Sync: ends the implicit transaction, if there is one.
  public func sync(failed: Bool) async throws(SQLError) {
    if isExplicit { return }
    if failed { await rollback() } else { try await commit() }
  }

  /// Rolls back what is open; the session is unusable afterwards.
  public func close() async {
    await rollback()
    await removeTemporarySchema()
    await engineCalls.releaseAdvisoryLocks()
    stopListening()
  }

  /// Another connection asked to cancel what is running.
  public func cancel() { cancel("canceling statement due to user request") }

  func cancel(_ message: String) {
    transaction?.cancel(message)
    engineCalls.cancelWaiting(message)
  }

  /// A cancellation that came too late for its statement is not for the next one.
  public func clearCancellation() { transaction?.clearCancellation() }
}
