import Base
import Catalog
import Functions
import Node
public import Types

/// What a statement gave that was its own transaction.
public struct AloneResult: Sendable {
  public var rows: [[Value]]
  public var rowsAffected: Int
}

extension PlannedStatement {
  /// Runs the statement and commits it with one call of one tablet, where that is all it needs: an
  /// UPDATE or DELETE by key, an INSERT of one row. Nil: nothing was done, run it as usual. The
  /// transaction must be new; it has ended when a result or an error comes back.
  public func executeAlone(parameters: [Value], in context: ExecutionContext)
    async throws(SQLError) -> AloneResult?
  {
    guard explain == nil else { return nil }
    let root = try renewed(in: context).root
    var environment = EvaluationEnvironment(parameters: parameters, context: context.evaluation)
    do throws(KernelError) {
      if let mutate = root as? MutateNode {
        return try await alone(mutate, &environment, context.transaction)
      }
      if let insert = root as? InsertNode {
        return try await alone(insert, &environment, context)
      }
      return nil
    } catch {
      throw sqlError(from: error)
    }
  }

  private func alone(
    _ node: MutateNode, _ environment: inout EvaluationEnvironment, _ transaction: Transaction
  ) async throws(KernelError) -> AloneResult? {
    guard node.externals.isEmpty, !node.target.layout.isGlobal else { return nil }
    let resolved = try asKernel { () throws(SQLError) in
      try node.access.resolve(node.target.layout, &environment)
    }
    guard resolved.ranges.count == 1, let bucket = resolved.ranges[0].bucket,
      resolved.ranges[0].ranges.allSatisfy(\.isPoint)
    else { return nil }
    let output = try await transaction.callAndCommit(
      node.fragment(node.access, resolved.ranges[0].ranges, environment, nil), bucket: bucket)
    return AloneResult(rows: output.rows, rowsAffected: output.count)
  }

  private func alone(
    _ node: InsertNode, _ environment: inout EvaluationEnvironment, _ context: ExecutionContext
  ) async throws(KernelError) -> AloneResult? {
    let layout = node.target.layout
    guard let values = node.input as? ValuesNode, values.rows.count == 1,
      values.externals.isEmpty, node.externals.isEmpty, node.target.isLocalInsert,
      !layout.isGlobal, node.conflict?.update == nil
    else { return nil }
    let row = try asKernel { () throws(SQLError) in
      var row = try TypedExpression.evaluate(values.rows[0], [], &environment)
      for (position, column) in layout.table.columns.enumerated()
      where column.isRowID && !column.isDropped {
        row[position] = .int(context.newRowID())
      }
      try node.target.constraints.complete(&row, &environment)
      return row
    }
    let outcomes = try await context.transaction.callAndCommit(
      WriteFragment(
        layout: layout, constraints: node.target.constraints, operations: [.insert(row)],
        conflict: node.conflict, environment: environment), bucket: layout.bucket(of: row))
    var result = AloneResult(rows: [], rowsAffected: 0)
    for case .inserted(let made) in outcomes {
      result.rowsAffected += 1
      guard let returning = node.returning else { continue }
      result.rows.append(
        try asKernel { () throws(SQLError) in
          try TypedExpression.evaluate(returning, made, &environment)
        })
    }
    return result
  }
}
