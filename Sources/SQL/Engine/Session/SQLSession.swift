public import Base
import Catalog
public import Node
import Syntax
public import Types

/// A statement with its parameters' types and result's columns known. Lives with its session.
public final class PreparedStatement {
  /// Nil: an empty query.
  let statement: Statement?
  let source: [UInt8]
  let requestedTypes: [SQLType]
  var bound: StatementBinder.Bound?
  /// The catalog that `bound` was made on.
  var catalogVersion: UInt64 = 0

  init(statement: Statement?, source: [UInt8], requestedTypes: [SQLType]) {
    self.statement = statement
    self.source = source
    self.requestedTypes = requestedTypes
  }

  public internal(set) var parameterTypes: [SQLType] = []
  /// Nil where the statement returns no rows.
  public internal(set) var columns: [ResultColumn]?
}

/// A bound statement that is being executed. Lives with its session.
public final class Portal {
  public let statement: PreparedStatement
  let parameters: [Value]
  /// Rows of an execution that have not been fetched, from `position` on.
  var rows: [[Value]] = []
  var position = 0
  var tag: String?

  init(statement: PreparedStatement, parameters: [Value]) {
    self.statement = statement
    self.parameters = parameters
  }
}

/// A session as a SQL front end sees it: statements in, rows out, PostgreSQL's rules for
/// transactions. Lives on: the shard that accepted the connection.
public final class SQLSession {
  public private(set) var status = TransactionStatus.idle
  public let user: String
  let shard: NodeShard
  /// WARNING and NOTICE; set by the front end.
  public var onNotice: ((_ severity: String, _ notice: SQLError) -> Void)?
  /// A setting that the client is told of has changed.
  public var onParameterStatus: ((_ name: String, _ value: String) -> Void)?
  var settings = SessionSettings()

  private var transaction: Transaction?
  private var isExplicit = false
  private var savepoints: [(name: String, point: Savepoint)] = []
  /// Tables whose rows go when the transaction commits.
  var droppedKeyspaces: [KeyspaceID] = []
  private var named: [String: PreparedStatement] = [:]

  public init(shard: NodeShard, user: String) {
    self.shard = shard
    self.user = user
  }

  /// What the client is told at the start, in PostgreSQL's order.
  public var reportedParameters: [(name: String, value: String)] { settings.reported(user: user) }
  public var formatSettings: FormatSettings { FormatSettings() }
}

// MARK: - Preparing

extension SQLSession {
  /// Splits the text into statements; none for an empty one.
  public func parse(_ sql: [UInt8]) throws(SQLError) -> [PreparedStatement] {
    try parse(sql, parameterTypes: [])
  }

  func parse(_ sql: [UInt8], parameterTypes: [SQLType]) throws(SQLError) -> [PreparedStatement] {
    do throws(ParseError) {
      return try Parser.parse(sql).map {
        PreparedStatement(statement: $0, source: sql, requestedTypes: parameterTypes)
      }
    } catch {
      fail()
      throw sqlError(error, in: sql)
    }
  }

  /// One statement of the extended protocol; type 0 is unknown.
  public func prepare(_ sql: [UInt8], parameterTypes: [ObjectID]) throws(SQLError)
    -> PreparedStatement
  {
    let types = parameterTypes.map { $0.rawValue == 0 ? SQLType.unknown : SQLType($0) }
    let statements = try parse(sql, parameterTypes: types)
    if statements.count > 1 {
      fail()
      throw SQLError(
        .syntaxError, "cannot insert multiple commands into a prepared statement")
    }
    let prepared =
      statements.first
      ?? PreparedStatement(statement: nil, source: sql, requestedTypes: types)
    try bindNames(prepared)
    return prepared
  }

  /// Resolves names against the newest catalog, again where it has changed since.
  private func bindNames(_ prepared: PreparedStatement) throws(SQLError) {
    let catalog = transaction?.catalog ?? shard.catalog
    let isPrivate = transaction?.hasCatalogChanges ?? false
    if prepared.bound != nil, prepared.catalogVersion == catalog.version, !isPrivate { return }
    guard let statement = prepared.statement else { return }
    try checkNotFailed(statement.body)
    var binder = StatementBinder(
      catalog: catalog, source: prepared.source, parameterTypes: prepared.requestedTypes)
    do throws(SQLError) {
      prepared.bound = try binder.bind(statement.body)
    } catch {
      fail()
      throw error
    }
    // A private catalog has its base's version: what was bound on it must not outlive it.
    prepared.catalogVersion = isPrivate ? .max : catalog.version
    prepared.parameterTypes = (prepared.bound?.parameterTypes ?? []).map {
      $0.oid == SQLType.unknown.oid ? .text : $0
    }
    prepared.columns = prepared.bound?.columns ?? commandColumns(statement.body)
  }

  private func commandColumns(_ body: StatementBody) -> [ResultColumn]? {
    guard case .show(let name) = body else { return nil }
    return [ResultColumn(name: name, type: .text)]
  }

  /// Values are decoded by `parameterTypes`.
  public func bind(_ statement: PreparedStatement, values: [Value]) throws(SQLError) -> Portal {
    try bindNames(statement)
    guard values.count == statement.parameterTypes.count else {
      fail()
      throw SQLError(
        .protocolViolation,
        "bind message supplies \(values.count) parameters, but prepared statement requires \(statement.parameterTypes.count)"
      )
    }
    return Portal(statement: statement, parameters: values)
  }

  public func named(_ name: String) -> PreparedStatement? { named[name] }
  public func setNamed(_ name: String, _ statement: PreparedStatement) throws(SQLError) {
    if !name.isEmpty && named[name] != nil {
      fail()
      throw SQLError(
        .duplicatePreparedStatement, "prepared statement \"\(name)\" already exists")
    }
    named[name] = statement
  }
  public func closeNamed(_ name: String) { named[name] = nil }
}

// MARK: - Executing

extension SQLSession {
  /// Runs the portal, or goes on with it: at most `maximumRows` rows (0: all). Without BEGIN the
  /// statement belongs to an implicit transaction that `sync` ends; `isAlone` says that nothing
  /// else will be in it.
  public func execute(_ portal: Portal, maximumRows: Int, isAlone: Bool) async throws(SQLError)
    -> ExecutionResult
  {
    guard let statement = portal.statement.statement else {
      return ExecutionResult(rows: [], ending: .emptyQuery)
    }
    if portal.tag == nil {
      do throws(SQLError) {
        try checkNotFailed(statement.body)
        try await start(portal, statement.body, isAlone: isAlone)
      } catch {
        fail()
        throw error
      }
    }
    let left = portal.rows.count - portal.position
    let count = maximumRows > 0 ? min(maximumRows, left) : left
    let rows = Array(portal.rows[portal.position..<portal.position + count])
    portal.position += count
    if portal.position < portal.rows.count {
      return ExecutionResult(rows: rows, ending: .suspended)
    }
    return ExecutionResult(rows: rows, ending: .completed(tag: portal.tag ?? ""))
  }

  private func start(_ portal: Portal, _ body: StatementBody, isAlone: Bool)
    async throws(SQLError)
  {
    try bindNames(portal.statement)
    if let bound = portal.statement.bound {
      return try await run(bound.plan, portal, isAlone: isAlone)
    }
    switch body {
    case .transaction(let command): portal.tag = try await run(command)
    case .set(let name, let values, _):
      try settings.set(name, values)
      if let shown = settings.reportedValue(name) {
        onParameterStatus?(shown.name, shown.value)
      }
      portal.tag = values == nil ? "RESET" : "SET"
    case .show(let name):
      portal.rows = [[.string(try settings.show(name, isolation: isolationName, user: user))]]
      portal.tag = "SHOW"
    case .createTable(let create):
      portal.tag = try await inTransaction { (transaction) async throws(SQLError) in
        try await self.createTable(create, transaction, portal.statement.source)
      }
    case .dropTable(let drop):
      portal.tag = try await inTransaction { (transaction) async throws(SQLError) in
        try await self.dropTables(drop, transaction)
      }
    case .unsupported(let name):
      throw SQLError(.featureNotSupported, "\(name) is not supported")
    case .select, .insert, .update, .delete:
      throw SQLError(.internalError, "the statement was not bound")
    }
  }

  private func inTransaction(_ body: (Transaction) async throws(SQLError) -> String)
    async throws(SQLError) -> String
  {
    let transaction = current()
    let tag = try await body(transaction)
    return tag
  }

  private func run(_ plan: Plan, _ portal: Portal, isAlone: Bool) async throws(SQLError) {
    let transaction = current()
    let executor = Executor(
      transaction: transaction, shard: shard, parameters: portal.parameters,
      isAlone: isAlone && !isExplicit && !transaction.hasCatalogChanges)
    if transaction.isReadOnly, case .select = plan {
    } else if transaction.isReadOnly {
      throw SQLError(
        .readOnlySQLTransaction,
        "cannot execute \(Self.verb(plan)) in a read-only transaction")
    }
    let outcome: Executor.Outcome
    do throws(KernelError) {
      outcome = try await transaction.statement { () async throws(KernelError) in
        try await executor.run(plan)
      }
    } catch {
      if transaction.isEnded { self.transaction = nil }
      throw sqlError(error)
    }
    if outcome.hasCommitted { self.transaction = nil }
    portal.rows = outcome.rows
    portal.tag =
      switch plan {
      case .select: "SELECT \(outcome.count)"
      case .insert: "INSERT 0 \(outcome.count)"
      case .update: "UPDATE \(outcome.count)"
      case .delete: "DELETE \(outcome.count)"
      }
  }

  private static func verb(_ plan: Plan) -> String {
    switch plan {
    case .select: "SELECT"
    case .insert: "INSERT"
    case .update: "UPDATE"
    case .delete: "DELETE"
    }
  }
}

// MARK: - Transactions

extension SQLSession {
  func current() -> Transaction {
    if let transaction, !transaction.isEnded { return transaction }
    let made = shard.begin(
      isolation: settings.defaultIsolation, isReadOnly: settings.defaultReadOnly)
    transaction = made
    return made
  }

  private var isolationName: String {
    switch transaction?.isolation ?? settings.defaultIsolation {
    case .readCommitted: "read committed"
    case .repeatableRead: "repeatable read"
    case .serializable: "serializable"
    }
  }

  /// A statement has failed: an explicit transaction only takes ROLLBACK from now on.
  private func fail() {
    if isExplicit { status = .failed }
  }

  private func checkNotFailed(_ body: StatementBody) throws(SQLError) {
    guard status == .failed else { return }
    switch body {
    case .transaction(.commit), .transaction(.rollback), .transaction(.rollbackTo): return
    default:
      throw SQLError(
        .inFailedSQLTransaction,
        "current transaction is aborted, commands ignored until end of transaction block")
    }
  }

  private func run(_ command: TransactionStatement) async throws(SQLError) -> String {
    switch command {
    case .begin(let options): return try await begin(options)
    case .commit:
      if !isExplicit {
        notice("WARNING", SQLError(.noActiveSQLTransaction, "there is no transaction in progress"))
        return "COMMIT"
      }
      if status == .failed {
        await rollback()
        return "ROLLBACK"
      }
      try await commit()
      return "COMMIT"
    case .rollback:
      if !isExplicit {
        notice("WARNING", SQLError(.noActiveSQLTransaction, "there is no transaction in progress"))
      }
      await rollback()
      return "ROLLBACK"
    case .savepoint(let name):
      try requireBlock("SAVEPOINT")
      savepoints.append((name, current().savepoint()))
      return "SAVEPOINT"
    case .release(let name):
      try requireBlock("RELEASE SAVEPOINT")
      let place = try savepoint(name)
      savepoints.removeSubrange(place...)
      return "RELEASE"
    case .rollbackTo(let name):
      try requireBlock("ROLLBACK TO SAVEPOINT")
      let place = try savepoint(name)
      do throws(KernelError) {
        try await current().rollback(to: savepoints[place].point)
      } catch {
        throw sqlError(error)
      }
      savepoints.removeSubrange((place + 1)...)
      status = .active
      return "ROLLBACK"
    }
  }

  private func requireBlock(_ command: String) throws(SQLError) {
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
      case .isolation(let name): isolation = try SessionSettings.isolation(name)
      case .readOnly(let flag): isReadOnly = flag
      case .deferrable: break
      }
    }
    // What came before BEGIN in the same message is committed with it, as PostgreSQL does when the
    // block begins inside an implicit one.
    if let open = transaction, !open.isEnded { try await commit() }
    transaction = shard.begin(isolation: isolation, isReadOnly: isReadOnly)
    isExplicit = true
    status = .active
    return "BEGIN"
  }

  private func commit() async throws(SQLError) {
    let ending = transaction
    let dropped = droppedKeyspaces
    reset()
    guard let ending, !ending.isEnded else { return }
    do throws(KernelError) {
      try await ending.commit()
    } catch {
      throw sqlError(error)
    }
    if !dropped.isEmpty { await shard.dropKeyspaces(dropped) }
  }

  private func rollback() async {
    let ending = transaction
    reset()
    await ending?.rollback()
  }

  private func reset() {
    transaction = nil
    isExplicit = false
    status = .idle
    savepoints = []
    droppedKeyspaces = []
  }

  /// The end of a message, or Sync: ends the implicit transaction, if there is one.
  public func sync(failed: Bool) async throws(SQLError) {
    if isExplicit { return }
    if failed { await rollback() } else { try await commit() }
  }

  /// Rolls back what is open; the session is unusable afterwards.
  public func close() async { await rollback() }

  /// Another connection asked to cancel what is running.
  public func cancel() { transaction?.cancel("canceling statement due to user request") }

  func notice(_ severity: String, _ notice: SQLError) { onNotice?(severity, notice) }
}
