import Base
import Catalog
import Functions
import Node
import Reactor
import Syntax
public import Types

/// Takes a batch of rows; false when the client is gone and nobody reads the rest.
public typealias RowSink = (_ rows: [[Value]]) async -> Bool

extension SQLSession {
  /// Runs the portal, or goes on with it: at most `maximumRows` rows (0: all), in batches. Without
  /// BEGIN the statement belongs to an implicit transaction that `sync` ends; `isAlone` says that
  /// nothing else will be in it.
  public func execute(
    _ portal: Portal, maximumRows: Int, isAlone: Bool, onRows: RowSink
  ) async throws(SQLError) -> ExecutionEnding {
    guard let statement = portal.statement.statement else { return .emptyQuery }
    let timer = startStatementTimer()
    defer { if let timer { shard.reactor.cancel(timer) } }
    do throws(SQLError) {
      if !portal.isStarted {
        try checkNotFailed(statement.body)
        try await start(portal, statement.body, isAlone: isAlone)
        portal.isStarted = true
      }
      return try await rows(of: portal, maximumRows, onRows)
    } catch {
      fail()
      portal.isExhausted = true
      portal.cursor?.close()
      throw error
    }
  }

  private func start(_ portal: Portal, _ body: StatementBody, isAlone: Bool)
    async throws(SQLError)
  {
    statementTimestamp = now()
    try bindNames(portal.statement)
    do throws(SQLError) {
      if case .query = body, let plan = portal.statement.plan {
        return try await run(plan, portal, isAlone: isAlone)
      }
      try await run(body, portal)
    } catch {
      throw error.placed(in: portal.statement.source)
    }
  }

  /// For what a front end does with the client in the middle of a statement: COPY.
  public func limitingTime(_ body: () async throws(SQLError) -> Void) async throws(SQLError) {
    let timer = startStatementTimer()
    defer { if let timer { shard.reactor.cancel(timer) } }
    try await body()
  }

  private func startStatementTimer() -> TimerToken? {
    let limit = settings.statementTimeoutMilliseconds
    guard limit > 0 else { return nil }
    return shard.reactor.after(milliseconds: limit) { [weak self] in
      self?.cancel("canceling statement due to statement timeout")
    }
  }

  private func run(_ plan: PlannedStatement, _ portal: Portal, isAlone: Bool)
    async throws(SQLError)
  {
    let isFresh = transaction == nil
    let transaction = current()
    if transaction.isReadOnly && !plan.isReadOnly {
      let verb = plan.commandTagBase.split(separator: " ").first.map(String.init) ?? ""
      throw SQLError(
        .readOnlySQLTransaction, "cannot execute \(verb) in a read-only transaction")
    }
    var plan = plan
    while try await useTables(plan.dependencies.keys, transaction) {
      try bindNames(portal.statement)
      guard let newer = portal.statement.plan else { break }
      plan = newer
    }
    portal.tagBase = plan.commandTagBase
    portal.tagHasCount = plan.explain == nil
    if let read = plan.pointRead { return try await self.read(read, portal, transaction) }
    let context = executionContext(transaction)
    if !plan.isReadOnly {
      mayHaveEffects = true
      if isAlone && isFresh && !isExplicit && !transaction.hasCatalogChanges
        && onCommitActions.isEmpty,
        let result = try await alone(plan, portal, context)
      {
        portal.rows = result.rows
        portal.rowsGiven = plan.columns == nil ? result.rowsAffected : 0
        portal.isExhausted = true
        return
      }
    }
    portal.cursor = SQL.execute(plan, parameters: portal.parameters, in: context)
  }

  /// A planned statement as a part of the one that is being executed. The count of its rows.
  func runInside(_ text: String, _ values: [Value]) async throws(SQLError) -> Int {
    let statement = try prepare(Array(text.utf8), parameterTypes: [])
    guard let plan = statement.plan else {
      throw SQLError(.internalError, "the statement was not planned")
    }
    let portal = Portal(statement: statement, parameters: values)
    try await run(plan, portal, isAlone: false)
    while try await refill(portal, nil) { portal.rowsGiven += portal.rows.count }
    return portal.tagParts.count ?? 0
  }

  /// The statement as one call that commits; nil where it needs more than that.
  private func alone(_ plan: PlannedStatement, _ portal: Portal, _ context: ExecutionContext)
    async throws(SQLError) -> AloneResult?
  {
    defer {
      if context.transaction.isEnded { reset() }
    }
    return try await plan.executeAlone(parameters: portal.parameters, in: context)
  }

  /// Gives out rows until the limit; the tag counts them all.
  private func rows(of portal: Portal, _ maximumRows: Int, _ onRows: RowSink)
    async throws(SQLError) -> ExecutionEnding
  {
    var left = maximumRows > 0 ? maximumRows : Int.max
    if portal.snapshot != nil { portal.rowsGiven = 0 }
    let held = portal.snapshot
    while left > 0 {
      if portal.position == portal.rows.count {
        guard try await refill(portal, held) else {
          return .completed(tag: portal.tag)
        }
      }
      let count = min(left, portal.rows.count - portal.position)
      let isAll = portal.position == 0 && count == portal.rows.count
      let batch =
        isAll ? portal.rows : Array(portal.rows[portal.position..<portal.position + count])
      portal.position += count
      portal.rowsGiven += count
      left -= count
      guard await onRows(batch) else {
        portal.isExhausted = true
        return .completed(tag: portal.tag)
      }
      try checkCancelled()
    }
    // PostgreSQL tells of the end only when asked for more than there was.
    if !portal.isExhausted && portal.snapshot == nil {
      portal.snapshot = transaction?.holdSnapshot()
    }
    return .suspended
  }

  private func checkCancelled() throws(SQLError) {
    do throws(KernelError) {
      try transaction?.checkCancelled()
    } catch {
      throw sqlError(from: error)
    }
  }

  /// The next batch into the portal; false at the end.
  func refill(_ portal: Portal, _ held: Timestamp?) async throws(SQLError) -> Bool {
    guard !portal.isExhausted, let cursor = portal.cursor else { return false }
    let batch: [[Value]]?
    if let held, let transaction {
      let before = transaction.enter(held)
      defer { transaction.leave(before) }
      batch = try await cursor.next()
    } else {
      batch = try await cursor.next()
    }
    guard let batch else {
      portal.isExhausted = !cursor.isPaused
      return false
    }
    portal.rows = batch
    portal.position = 0
    return true
  }

  /// Statements that are not planned.
  private func run(_ body: StatementBody, _ portal: Portal) async throws(SQLError) {
    portal.isExhausted = true
    switch body {
    case .transaction(let command): portal.tagBase = try await run(command)
    case .session(let command): try await run(command, portal)
    case .definition(let definition): portal.tagBase = try await define(definition, portal)
    case .cursor(let command): try await run(command, portal)
    case .prepare(let name, let types, let statement):
      try prepare(name, types, statement, portal.statement.source)
      portal.tagBase = "PREPARE"
    case .execute(let name, let parameters): try await run(prepared: name, parameters, portal)
    case .deallocate(let name):
      if let name {
        guard prepared.removeValue(forKey: name) != nil else { throw Self.unknownStatement(name) }
      } else {
        prepared = prepared.filter { $0.key.isEmpty }
      }
      portal.tagBase = name == nil ? "DEALLOCATE ALL" : "DEALLOCATE"
    case .truncate(let truncate): portal.tagBase = try await self.truncate(truncate)
    case .lockTables(let tables, let mode, let isNoWait):
      try await lockTables(tables, mode: mode, isNoWait: isNoWait)
      portal.tagBase = "LOCK TABLE"
    case .maintenance(let tag, let tables): portal.tagBase = try await maintain(tag, tables)
    case .copy:
      throw SQLError(.featureNotSupported, "COPY is not supported in this protocol")
    case .unsupported(let name):
      throw SQLError(.featureNotSupported, "\(name) is not supported")
    case .query: throw SQLError(.internalError, "the statement was not planned")
    }
  }
}

// MARK: - PREPARE and EXECUTE

extension SQLSession {
  private func prepare(
    _ name: String, _ types: [QuerySyntax.TypeName], _ statement: Statement, _ source: [UInt8]
  ) throws(SQLError) {
    let binder = Binder(statementContext(), parameterTypes: [])
    var oids: [ObjectID] = []
    for type in types { oids.append(try binder.type(type).oid) }
    let made = PreparedStatement(
      statement: statement, source: source, requestedTypes: oids, isFromSQL: true)
    try bindNames(made)
    try setNamed(name, made)
  }

  private func run(
    prepared name: String, _ parameters: [QuerySyntax.Expression], _ portal: Portal
  ) async throws(SQLError) {
    guard let statement = prepared[name], let body = statement.statement?.body else {
      throw Self.unknownStatement(name)
    }
    try bindNames(statement)
    guard parameters.count == statement.parameterTypes.count else {
      throw SQLError(
        .syntaxError, "wrong number of parameters for prepared statement \"\(name)\"",
        detail: "Expected \(statement.parameterTypes.count) parameters but got \(parameters.count)."
      )
    }
    var values: [Value] = []
    for (syntax, type) in zip(parameters, statement.parameterTypes) {
      values.append(try constant(syntax, as: type, "EXECUTE"))
    }
    let inner = Portal(statement: statement, parameters: values)
    if case .query = body, let plan = statement.plan {
      try await run(plan, inner, isAlone: false)
    } else {
      try await run(body, inner)
    }
    portal.cursor = inner.cursor
    portal.rows = inner.rows
    portal.rowsGiven = inner.rowsGiven
    portal.isExhausted = inner.isExhausted
    portal.tagBase = inner.tagBase
    portal.tagHasCount = inner.tagHasCount
  }

  /// An expression without columns, evaluated now.
  func constant(_ syntax: QuerySyntax.Expression, as type: SQLType, _ clause: String)
    throws(SQLError) -> Value
  {
    let binder = Binder(statementContext(), parameterTypes: [])
    let bound = try binder.bind(syntax, NameScope(parent: nil), ExpressionClause(clause))
    let assigned = try binder.assign(bound, to: type, column: clause, position: syntax.position)
    var environment = EvaluationEnvironment(parameters: [], context: evaluationContext())
    guard assigned.externals.isEmpty else {
      throw SQLError(.featureNotSupported, "cannot use subquery in \(clause) parameter")
    }
    return try assigned.evaluate([], &environment)
  }
}
