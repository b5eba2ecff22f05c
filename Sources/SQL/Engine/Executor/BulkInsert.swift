public import Catalog
import Functions
import Node
public import Types

/// Rows for one table from outside a query: COPY FROM. Defaults, checks, uniqueness and foreign
/// keys as INSERT has them. Lives on: the session's shard.
public final class BulkInsert {
  private let target: WriteTarget
  private let positions: [Int]
  /// What the other columns get, by position.
  private let defaults: [(position: Int, expression: TypedExpression)]
  private let hidden: [Int]
  private let externals: [ExternalPlan]
  /// The types of the columns, in the order given.
  public let types: [SQLType]

  /// `columns`: in the order of the rows' values; nil: all visible ones.
  public convenience init(table: TableDescriptor, columns: [String]?, context: StatementContext)
    throws(SQLError)
  {
    try self.init(table: table, columns: columns, context: context, isRewrite: false)
  }

  /// `isRewrite`: the rows are the table's own, so their parents are there.
  init(table: TableDescriptor, columns: [String]?, context: StatementContext, isRewrite: Bool)
    throws(SQLError)
  {
    let binder = Binder(context, parameterTypes: [])
    target = try binder.writeTarget(table, withReferences: false)
    if isRewrite { target.foreignKeys = [] }
    var positions: [Int] = []
    if let columns {
      for name in columns {
        let place = try binder.position(of: name, in: table, nil)
        if table.columns[place].generatedExpression != nil {
          throw SQLError(
            .invalidColumnReference, "column \"\(name)\" is a generated column",
            detail: "Generated columns cannot be used in COPY.")
        }
        if positions.contains(place) {
          throw SQLError(.duplicateColumn, "column \"\(name)\" specified more than once")
        }
        positions.append(place)
      }
    } else {
      positions = table.visibleColumns.filter { $0.generatedExpression == nil }.map {
        Int($0.id.rawValue) - 1
      }
    }
    var defaults: [(position: Int, expression: TypedExpression)] = []
    var hidden: [Int] = []
    for (position, column) in table.columns.enumerated()
    where !column.isDropped && !positions.contains(position) {
      if column.isRowID {
        hidden.append(position)
      } else if !column.isHidden, column.generatedExpression == nil {
        defaults.append((position, try binder.defaultValue(column, table)))
      }
    }
    self.positions = positions
    self.defaults = defaults
    self.hidden = hidden
    types = positions.map { table.columns[$0].type }
    externals = try Planner(binder).plans(defaults.map(\.expression), [:])
  }

  /// Inserts the rows with few calls, a thousand or so at a time; their count. Values have `types`.
  public func insert(_ rows: [[Value]], in context: ExecutionContext) async throws(SQLError) -> Int
  {
    var failure: Failure?
    return try await insert(rows, in: context, failure: &failure)
  }

  /// Which row an error is about, as far as that is known.
  struct Failure {
    var row: Int
    /// The row was refused by itself, not for what the table holds.
    var isOfRow: Bool
  }

  /// What `insert` finds wrong with the rows by themselves; nothing is written.
  func check(_ rows: [[Value]], in context: ExecutionContext, failure: inout Failure?)
    async throws(SQLError)
  {
    let execution = context.execution
    let evaluator = RowEvaluator(
      externals, execution, EvaluationEnvironment(parameters: [], context: context.evaluation))
    do throws(KernelError) {
      _ = try await whole(rows, execution, evaluator, &failure)
    } catch {
      throw sqlError(from: error)
    }
  }

  private func whole(
    _ rows: [[Value]], _ execution: Execution, _ evaluator: RowEvaluator,
    _ failure: inout Failure?
  ) async throws(KernelError) -> [[Value]] {
    var whole: [[Value]] = []
    whole.reserveCapacity(rows.count)
    for (place, values) in rows.enumerated() {
      failure = Failure(row: place, isOfRow: true)
      var row = [Value](repeating: .null, count: target.layout.types.count)
      for (position, value) in zip(positions, values) { row[position] = value }
      try await evaluator.prepare([])
      for item in defaults {
        row[item.position] = try evaluator.evaluate(item.expression, [])
      }
      for position in hidden { row[position] = .int(execution.newRowID()) }
      try asKernel { () throws(SQLError) in
        try target.constraints.complete(&row, &evaluator.environment)
      }
      whole.append(row)
    }
    failure = nil
    return whole
  }

  /// The row that a key's error is about: of equal ones the second.
  private func row(of error: SQLError, _ rows: [[Value]], _ environment: EvaluationEnvironment)
    -> Failure?
  {
    guard error.code == .uniqueViolation else { return nil }
    var environment = environment
    let layout = target.layout
    let places: [Int?] =
      [nil]
      + layout.indexes.indices.filter {
        layout.indexes[$0].descriptor.isUnique
      }
    for index in places {
      var first: Int?
      for (place, row) in rows.enumerated() {
        let own = layout.duplicate(index, row, &environment)
        guard own.constraint == error.constraint, own.detail == error.detail else { continue }
        if first != nil { return Failure(row: place, isOfRow: false) }
        first = place
      }
      if let first { return Failure(row: first, isOfRow: false) }
    }
    return nil
  }

  func insert(_ rows: [[Value]], in context: ExecutionContext, failure: inout Failure?)
    async throws(SQLError) -> Int
  {
    let execution = context.execution
    let evaluator = RowEvaluator(
      externals, execution, EvaluationEnvironment(parameters: [], context: context.evaluation))
    var complete: [[Value]] = []
    do throws(KernelError) {
      complete = try await whole(rows, execution, evaluator, &failure)
      let writer = TableWriter(target, execution, evaluator.environment)
      let written = complete
      try await execution.transaction.statement { () async throws(KernelError) in
        _ = try await writer.insert(written, conflict: nil)
      }
      return rows.count
    } catch {
      let error = sqlError(from: error)
      if failure == nil { failure = row(of: error, complete, evaluator.environment) }
      throw error
    }
  }
}
