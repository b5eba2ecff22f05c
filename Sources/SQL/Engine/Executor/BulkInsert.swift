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
      if column.isHidden {
        hidden.append(position)
      } else if column.generatedExpression == nil {
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
    let execution = context.execution
    let evaluator = RowEvaluator(
      externals, execution, EvaluationEnvironment(parameters: [], context: context.evaluation))
    do throws(KernelError) {
      var whole: [[Value]] = []
      whole.reserveCapacity(rows.count)
      for values in rows {
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
      let writer = TableWriter(target, execution, evaluator.environment)
      let complete = whole
      try await execution.transaction.statement { () async throws(KernelError) in
        _ = try await writer.insert(complete, conflict: nil)
      }
      return rows.count
    } catch {
      throw sqlError(from: error)
    }
  }
}
