import Base
import Node
import Types

/// Runs a plan inside a transaction. Lives on: the session's shard.
struct Executor {
  let transaction: Transaction
  let shard: NodeShard
  let parameters: [Value]
  /// The plan is the whole transaction: a plan of one tablet commits with its only call.
  let isAlone: Bool

  struct Outcome {
    var rows: [[Value]] = []
    var count = 0
    /// The transaction was committed by the call itself.
    var hasCommitted = false
  }

  func run(_ plan: Plan) async throws(KernelError) -> Outcome {
    switch plan {
    case .select(let select): return try await run(select)
    case .insert(let insert): return try await run(insert)
    case .update(let change, let assignments):
      return try await alter(change) { selection in
        UpdateRows(
          table: change.table, selection: selection, filter: change.filter,
          assignments: assignments, parameters: parameters)
      }
    case .delete(let change):
      return try await alter(change) { selection in
        DeleteRows(
          table: change.table, selection: selection, filter: change.filter,
          parameters: parameters)
      }
    }
  }

  /// One tablet's call, committing with it where nothing else is to be done.
  private func call<P: Procedure>(_ procedure: P, _ bucket: Bucket) async throws(KernelError)
    -> (P.Output, Bool)
  {
    if isAlone {
      return (try await transaction.callAndCommit(procedure, bucket: bucket), true)
    }
    return (try await transaction.call(procedure, bucket: bucket), false)
  }

  private func point(_ table: TableLayout, _ key: [BoundExpression]?) throws(KernelError)
    -> (bytes: [UInt8], bucket: Bucket)?
  {
    guard let key else { return nil }
    var row = [Value](repeating: .null, count: table.types.count)
    for (position, expression) in zip(table.key, key) {
      row[position] = try asKernel { () throws(SQLError) in
        try expression.evaluate([], parameters)
      }
    }
    return (table.keyBytes(row), table.bucket(row))
  }

  // MARK: Reading

  private func run(_ plan: SelectPlan) async throws(KernelError) -> Outcome {
    var outcome = Outcome()
    var rows: [[Value]] = [[]]
    if let table = plan.table {
      (rows, outcome.hasCommitted) = try await scan(table, plan)
    } else if !plan.values.isEmpty {
      rows = try asKernel { () throws(SQLError) in
        var all: [[Value]] = []
        for row in plan.values { all.append(try evaluateAll(row, [])) }
        return all
      }
    }
    outcome.rows = try asKernel { () throws(SQLError) in try finish(plan, rows) }
    outcome.count = outcome.rows.count
    return outcome
  }

  private func scan(_ table: TableLayout, _ plan: SelectPlan) async throws(KernelError)
    -> ([[Value]], Bool)
  {
    let isBounded = !plan.isGrouped && plan.orderBy.isEmpty && !plan.isDistinct
    let needed = try asKernel { () throws(SQLError) in
      isBounded ? try plan.limitCount(parameters) : nil
    }
    func procedure(_ selection: RowSelection) -> ScanRows {
      ScanRows(
        table: table, selection: selection, filter: plan.filter, parameters: parameters,
        limit: needed ?? .max)
    }
    if needed == 0 { return ([], false) }
    if let point = try point(table, plan.key) {
      return try await call(procedure(.key(point.bytes)), point.bucket)
    }
    let parts = try await transaction.callAll(procedure(.all))
    return (parts.flatMap { $0 }, false)
  }

  // MARK: Writing

  private func run(_ plan: InsertPlan) async throws(KernelError) -> Outcome {
    let rows = try asKernel { () throws(SQLError) in try insertedRows(plan) }
    let groups = grouped(rows, plan.table)
    var outcome = Outcome()
    if groups.count == 1 {
      let insert = InsertRows(table: plan.table, rows: groups[0].rows)
      outcome.hasCommitted = try await call(insert, groups[0].bucket).1
    } else {
      _ = try await transaction.callEach(
        groups.map { ($0.bucket, InsertRows(table: plan.table, rows: $0.rows)) })
    }
    outcome.count = rows.count
    outcome.rows = try returning(plan.returning, rows)
    return outcome
  }

  private func insertedRows(_ plan: InsertPlan) throws(SQLError) -> [[Value]] {
    var rows: [[Value]] = []
    rows.reserveCapacity(plan.rows.count)
    for expressions in plan.rows {
      var row: [Value] = []
      for expression in expressions {
        row.append(
          try expression.map { (e) throws(SQLError) in try e.evaluate([], parameters) }
            ?? .int(shard.uniqueRowID()))
      }
      try plan.table.checkNotNull(row)
      rows.append(row)
    }
    return rows
  }

  /// Rows by tablet, each with a bucket of its tablet, in the order of their first rows.
  private func grouped(_ rows: [[Value]], _ table: TableLayout) -> [(
    bucket: Bucket, rows: [[Value]]
  )] {
    var groups: [(bucket: Bucket, rows: [[Value]])] = []
    var places: [TabletID: Int] = [:]
    for row in rows {
      let bucket = table.bucket(row)
      let tablet = shard.tablet(of: bucket)
      if let place = places[tablet] {
        groups[place].rows.append(row)
      } else {
        places[tablet] = groups.count
        groups.append((bucket, [row]))
      }
    }
    return groups
  }

  private func alter<P: Procedure>(
    _ plan: ChangePlan, _ make: (RowSelection) -> P
  ) async throws(KernelError) -> Outcome where P.Output == [[Value]] {
    var outcome = Outcome()
    let rows: [[Value]]
    if let point = try point(plan.table, plan.key) {
      (rows, outcome.hasCommitted) = try await call(make(.key(point.bytes)), point.bucket)
    } else {
      rows = try await transaction.callAll(make(.all)).flatMap { $0 }
    }
    outcome.count = rows.count
    outcome.rows = try returning(plan.returning, rows)
    return outcome
  }

  private func returning(_ expressions: [BoundExpression], _ rows: [[Value]])
    throws(KernelError) -> [[Value]]
  {
    if expressions.isEmpty { return [] }
    return try asKernel { () throws(SQLError) in
      var output: [[Value]] = []
      for row in rows { output.append(try evaluateAll(expressions, row)) }
      return output
    }
  }
}

/// A statement's error on its way out of the kernel's calls.
func asKernel<R>(_ body: () throws(SQLError) -> R) throws(KernelError) -> R {
  do throws(SQLError) {
    return try body()
  } catch {
    throw .user(error)
  }
}
