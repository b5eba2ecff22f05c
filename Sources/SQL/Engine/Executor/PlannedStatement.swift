public import Base
public import Catalog
public import Functions
public import Node
public import Syntax
public import Types

/// One column of a result, as RowDescription tells it.
public struct OutputColumn: Sendable, Hashable {
  public var name: String
  public var type: SQLType
  /// The table and column that it comes from, 0 where it is computed.
  public var table: ObjectID
  public var column: Int16
  public init(
    name: String, type: SQLType, table: ObjectID = ObjectID(rawValue: 0), column: Int16 = 0
  ) {
    self.name = name
    self.type = type
    self.table = table
    self.column = column
  }
}

/// A statement that was bound and planned: it can run many times, until a table that it depends on
/// changes. Lives on: the session's shard.
public final class PlannedStatement {
  public let parameterTypes: [SQLType]
  /// Nil: no rows come back.
  public let columns: [OutputColumn]?
  public let isReadOnly: Bool
  /// "SELECT", "INSERT 0", "UPDATE", "DELETE", "EXPLAIN"; the count follows but for EXPLAIN.
  public let commandTagBase: String
  /// Tables and types with the versions that the plan was made for; views have 0.
  public let dependencies: [ObjectID: UInt64]
  let root: PlanNode
  let explain: Explain?
  /// The rows are computed whole before the first is given out.
  let isBuffered: Bool
  /// A front end's: how it has told of the columns.
  var describedColumns: (formats: [Int16], message: [UInt8])?
  /// Set where the statement only reads one row by its key.
  let pointRead: PointRead?
  /// Whether other sessions with the same settings would get the same plan now and later: nothing
  /// in it belongs to this session or to this moment.
  let isShareable: Bool
  private var origin: Origin

  struct Explain {
    var isAnalyze: Bool
  }

  /// What the plan was made of.
  struct Origin {
    var statement: QuerySyntax.Statement
    /// Without the catalog.
    var context: StatementContext
    var parameterTypes: [ObjectID]
    /// The newest that the plan is known to fit.
    var catalogVersion: UInt64

    init(
      _ statement: QuerySyntax.Statement, _ context: StatementContext, _ parameterTypes: [ObjectID]
    ) {
      self.statement = statement
      self.context = context
      self.parameterTypes = parameterTypes
      catalogVersion = context.catalog.version
      // An old catalog is not kept for as long as the plan.
      self.context.catalog = CatalogSnapshot()
      self.context.evaluation.catalog = nil
    }
  }

  init(
    parameterTypes: [SQLType], columns: [OutputColumn]?, isReadOnly: Bool, commandTagBase: String,
    dependencies: [ObjectID: UInt64], root: PlanNode, explain: Explain?, isBuffered: Bool,
    isShareable: Bool, origin: Origin
  ) {
    self.parameterTypes = parameterTypes
    self.columns = columns
    self.isReadOnly = isReadOnly
    self.commandTagBase = commandTagBase
    self.dependencies = dependencies
    self.root = root
    self.explain = explain
    self.isBuffered = isBuffered
    self.isShareable = isShareable
    pointRead = isReadOnly && explain == nil ? PointRead(root) : nil
    self.origin = origin
  }

  /// The plan as the transaction's catalog wants it: a statement that waited while another changed
  /// one of its tables is planned again. 0A000 where its columns are others now.
  func renewed(in context: ExecutionContext) throws(SQLError) -> PlannedStatement {
    let version = context.transaction.catalogVersion
    if version == origin.catalogVersion { return self }
    let catalog = context.transaction.catalog
    if isValid(in: catalog) {
      if !context.transaction.hasCatalogChanges { origin.catalogVersion = version }
      return self
    }
    var planned = origin.context
    planned.catalog = catalog
    planned.evaluation = context.evaluation
    let made = try plan(
      origin.statement, context: planned, parameterTypes: origin.parameterTypes)
    guard made.columns?.map(\.type) == columns?.map(\.type),
      made.parameterTypes == parameterTypes
    else { throw SQLError.resultTypeChanged }
    return made
  }

  /// Whether the plan still fits the catalog.
  public func isValid(in catalog: CatalogSnapshot) -> Bool {
    dependencies.allSatisfy { id, version in
      switch catalog.objects[id] {
      case .table(let table): table.version == version
      case .view: version == 0
      case .type(let type): version == type.planVersion
      default: false
      }
    }
  }
}

/// Binds and plans. Errors are PostgreSQL's, with positions.
public func plan(
  _ statement: QuerySyntax.Statement, context: StatementContext, parameterTypes: [ObjectID]
) throws(SQLError) -> PlannedStatement {
  let origin = PlannedStatement.Origin(statement, context, parameterTypes)
  var statement = statement
  var explain: PlannedStatement.Explain?
  if case .explain(let inner, let isAnalyze) = statement {
    statement = inner
    explain = .init(isAnalyze: isAnalyze)
  }
  let binder = Binder(context, parameterTypes: parameterTypes)
  binder.allowsChanges = true
  var root: PlanNode
  var columns: [OutputColumn]?
  var tag: String
  var isReadOnly = true
  func changed(_ change: BoundChange, _ word: String) throws(SQLError) {
    let planner = Planner(binder)
    planner.prepare(binder.changes, main: change)
    root = try planner.whole(planner.plan(change), binder.changes)
    columns = change.columns
    tag = word
    isReadOnly = false
  }
  root = ValuesNode(rows: [], output: [])
  tag = "SELECT"
  switch statement {
  case .query(let query):
    let bound = try binder.bind(query, nil)
    columns = bound.columns.map {
      OutputColumn(
        name: $0.name, type: $0.variable.type, table: $0.table, column: $0.number)
    }
    // Columns that only DISTINCT or ORDER BY needed are cut off here.
    let wanted = bound.columns.map(\.variable)
    var logical = bound.plan
    if logical.output.map(\.id) != wanted.map(\.id) {
      logical = .project(logical, wanted.map { .variable($0.id, $0.type) }, wanted)
    }
    let planner = Planner(binder)
    planner.prepare(binder.changes, main: nil)
    root = try planner.whole(planner.plan(logical), binder.changes)
    isReadOnly = query.locking.isEmpty && binder.changes.isEmpty && !root.callsOut
  case .insert(let insert): try changed(binder.bind(insert), "INSERT 0")
  case .update(let update): try changed(binder.bind(update), "UPDATE")
  case .delete(let delete): try changed(binder.bind(delete), "DELETE")
  case .explain:
    throw SQLError(.syntaxError, "EXPLAIN of EXPLAIN")
  }
  for (index, type) in binder.parameterTypes.enumerated() where type == .unknown {
    if index < parameterTypes.count, parameterTypes[index].rawValue == SQLType.unknown.oid.rawValue
    {
      continue
    }
    throw SQLError(
      .indeterminateDatatype, "could not determine data type of parameter $\(index + 1)")
  }
  let isBuffered = !isReadOnly
  if explain != nil {
    columns = [OutputColumn(name: "QUERY PLAN", type: .text)]
    tag = "EXPLAIN"
    if explain?.isAnalyze == false { isReadOnly = true }
  }
  return PlannedStatement(
    parameterTypes: binder.parameterTypes, columns: columns, isReadOnly: isReadOnly,
    commandTagBase: tag, dependencies: binder.dependencies, root: root, explain: explain,
    isBuffered: isBuffered, isShareable: binder.isShareable, origin: origin)
}

extension PlanNode {
  /// Whether a call that waits (nextval, …) is in the plan.
  var callsOut: Bool {
    for external in externals {
      if case .call = external.kind { return true }
      if external.plan?.callsOut ?? false { return true }
    }
    return children.contains(where: \.callsOut)
  }
}

/// What an execution needs of its session.
public struct ExecutionContext {
  public var transaction: Transaction
  public var evaluation: EvaluationContext
  public var sequences: any SequenceAccess
  public var deferred: DeferredChecks
  /// `NodeShard.uniqueRowID`.
  public var newRowID: () -> Int64
  /// `NodeShard.place(of:)`.
  public var placeOf: (Bucket) -> TabletPlace
  /// Bytes that one statement may hold.
  public var workMemoryMax = 512 << 20
  /// Microseconds, for EXPLAIN ANALYZE.
  public var clock: () -> Int64 = { 0 }

  public init(
    transaction: Transaction, evaluation: EvaluationContext, sequences: any SequenceAccess,
    deferred: DeferredChecks, newRowID: @escaping () -> Int64,
    placeOf: @escaping (Bucket) -> TabletPlace
  ) {
    self.transaction = transaction
    self.evaluation = evaluation
    self.sequences = sequences
    self.deferred = deferred
    self.newRowID = newRowID
    self.placeOf = placeOf
  }

  var execution: Execution {
    Execution(
      transaction: transaction, memoryMax: workMemoryMax, newRowID: newRowID, placeOf: placeOf,
      sequences: sequences, deferred: deferred, clock: clock)
  }
}

/// Starts an execution; nothing happens before the first `next`. Parameters have the statement's
/// parameter types.
public func execute(
  _ statement: PlannedStatement, parameters: [Value], in context: ExecutionContext
) -> RowCursor {
  RowCursor(statement, parameters, context)
}

/// The rows of one execution, in batches. Changes are made whole by the first `next` (or `finish`),
/// and run again by themselves when READ COMMITTED meets a newer version; reads go on as rows are
/// asked for. Lives on: the session's shard.
public final class RowCursor {
  private let statement: PlannedStatement
  /// The statement cannot be planned any more.
  private let fault: SQLError?
  private let environment: EvaluationEnvironment
  private let execution: Execution
  private var source: RowSource?
  private var isEnded = false
  /// A batch has left: the statement cannot start again.
  private var hasGiven = false

  init(_ statement: PlannedStatement, _ parameters: [Value], _ context: ExecutionContext) {
    do throws(SQLError) {
      self.statement = try statement.renewed(in: context)
      fault = nil
    } catch {
      self.statement = statement
      fault = error
    }
    environment = EvaluationEnvironment(parameters: parameters, context: context.evaluation)
    execution = context.execution
    execution.isMeasured = self.statement.explain?.isAnalyze ?? false
  }

  /// Rows inserted, updated or deleted so far.
  public var rowsAffected: Int { execution.rowsAffected }

  /// It reads a change stream, which never ends: `next` may give nothing and later something again.
  func followsChanges() -> Bool {
    execution.mayPause = ChangesNode.isSource(of: statement.root)
    return execution.mayPause
  }

  /// `next` has given nothing for now.
  var isPaused: Bool { execution.isPaused }

  /// Nil at the end; batches are never empty.
  public func next() async throws(SQLError) -> [[Value]]? {
    if isEnded { return nil }
    do throws(KernelError) {
      if source == nil { source = try await start() }
      if execution.isPauseDue() { try await execution.pause() }
      execution.isPaused = false
      let batch = try await nextBatch()
      if batch == nil && !execution.isPaused { isEnded = true }
      hasGiven = true
      return batch
    } catch {
      isEnded = true
      throw sqlError(from: error)
    }
  }

  /// What has given nothing yet starts again where its snapshot turns out to be too old by a little.
  private func nextBatch() async throws(KernelError) -> [[Value]]? {
    while true {
      do throws(KernelError) {
        return try await source?.next()
      } catch {
        guard case .restartStatement = error, !hasGiven, !statement.isBuffered,
          execution.transaction.restart()
        else { throw error }
        execution.reset()
        source = statement.root.start(execution, environment)
      }
    }
  }

  /// For statements whose rows nobody reads.
  public func finish() async throws(SQLError) {
    while try await next() != nil {}
  }

  public func close() {
    isEnded = true
    source = nil
  }

  private func start() async throws(KernelError) -> RowSource {
    if let fault { throw .user(fault) }
    if let explain = statement.explain {
      if explain.isAnalyze { _ = try await buffered() }
      let lines = ExplainText(statement.root, explain.isAnalyze ? execution : nil).lines
      return BufferedSource(lines.map { [.string($0)] })
    }
    if statement.isBuffered { return BufferedSource(try await buffered()) }
    // A snapshot of its own; reads never conflict.
    try await execution.transaction.statement { () async throws(KernelError) in }
    return statement.root.start(execution, environment)
  }

  private func buffered() async throws(KernelError) -> [[Value]] {
    try await execution.transaction.statement { () async throws(KernelError) in
      execution.reset()
      return try await statement.root.start(execution, environment).collect(execution)
    }
  }
}

/// Rows that are there already.
final class BufferedSource: RowSource {
  private let rows: [[Value]]
  private var place = 0
  init(_ rows: [[Value]]) { self.rows = rows }

  override func next() async throws(KernelError) -> [[Value]]? {
    guard place < rows.count else { return nil }
    let end = min(rows.count, place + ScanNode.batchRows)
    defer { place = end }
    return Array(rows[place..<end])
  }
}
