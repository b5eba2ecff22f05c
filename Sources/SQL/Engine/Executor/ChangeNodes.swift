import Base
import Catalog
import Functions
import Node
import Types

/// INSERT: the input gives whole rows; the output is RETURNING's, or nothing.
final class InsertNode: PlanNode {
  let input: PlanNode
  let target: WriteTarget
  let conflict: ConflictRule?
  /// Over the table's row.
  let returning: [TypedExpression]?
  static let batchRows = 1_000

  init(
    _ input: PlanNode, target: WriteTarget, conflict: ConflictRule?,
    returning: [TypedExpression]?, output: [PlanVariable]
  ) {
    self.input = input
    self.target = target
    self.conflict = conflict
    self.returning = returning
    super.init(output: output)
  }
  override var children: [PlanNode] { [input] }
  override var title: String { "Insert on \(target.layout.table.name)" }
  override var properties: [String] {
    guard let conflict else { return [] }
    return ["Conflict Resolution: \(conflict.update == nil ? "NOTHING" : "UPDATE")"]
  }

  override func open(_ execution: Execution, _ environment: EvaluationEnvironment) -> RowSource {
    let evaluator = RowEvaluator(externals, execution, environment)
    let source = input.start(execution, environment)
    let hidden = target.layout.table.columns.indices.filter {
      let column = target.layout.table.columns[$0]
      return column.isRowID && !column.isDropped
    }
    return GeneratedSource { [self] () async throws(KernelError) in
      guard var rows = try await source.next() else { return nil }
      for index in rows.indices {
        for position in hidden { rows[index][position] = .int(execution.newRowID()) }
        try asKernel { () throws(SQLError) in
          try target.constraints.complete(&rows[index], &evaluator.environment)
        }
      }
      let writer = TableWriter(target, execution, evaluator.environment)
      var results: [[Value]] = []
      for outcome in try await writer.insert(rows, conflict: conflict) {
        var row: [Value]
        switch outcome {
        case .inserted(let made): row = made
        case .updated(_, let new): row = new
        case .deleted, .skipped: continue
        }
        execution.rowsAffected += 1
        guard let returning else { continue }
        try await evaluator.prepare(row)
        row = try evaluator.evaluate(returning, row)
        results.append(row)
      }
      return results
    }
  }
}

/// UPDATE and DELETE through the coordinator: the input's rows begin with the old row; of an UPDATE
/// they end with the new values.
final class ChangeNode: PlanNode {
  let input: PlanNode
  let target: WriteTarget
  /// Nil: DELETE.
  let assigned: [Int]?
  /// Over the new (or deleted) row, followed by the input's other columns.
  let returning: [TypedExpression]?

  init(
    _ input: PlanNode, target: WriteTarget, assigned: [Int]?, returning: [TypedExpression]?,
    output: [PlanVariable]
  ) {
    self.input = input
    self.target = target
    self.assigned = assigned
    self.returning = returning
    super.init(output: output)
  }
  override var children: [PlanNode] { [input] }
  override var title: String {
    "\(assigned == nil ? "Delete" : "Update") on \(target.layout.table.name)"
  }

  override func open(_ execution: Execution, _ environment: EvaluationEnvironment) -> RowSource {
    let evaluator = RowEvaluator(externals, execution, environment)
    var isDone = false
    let width = target.layout.types.count
    return GeneratedSource { [self] () async throws(KernelError) in
      if isDone { return nil }
      isDone = true
      // Everything is read before anything is written.
      let rows = try await input.start(execution, environment).collect(execution)
      var seen: Set<[UInt8]> = []
      var pairs: [(old: [Value], new: [Value])] = []
      var rest: [[Value]] = []
      for row in rows {
        let old = Array(row[..<width])
        let key = target.layout.key(of: old)
        guard seen.insert(key).inserted, execution.mayChange(target.layout.table.id, key) else {
          continue
        }
        var new = old
        if let assigned {
          for (place, position) in assigned.enumerated() {
            new[position] = row[row.count - assigned.count + place]
          }
          try asKernel { () throws(SQLError) in
            try target.constraints.complete(&new, &evaluator.environment)
          }
        }
        pairs.append((old, new))
        rest.append(Array(row[width..<row.count - (assigned?.count ?? 0)]))
      }
      let writer = TableWriter(target, execution, evaluator.environment)
      if assigned == nil {
        try await writer.delete(pairs.map(\.old))
      } else {
        try await writer.update(pairs)
      }
      execution.rowsAffected += pairs.count
      guard let returning else { return nil }
      var results: [[Value]] = []
      for (pair, other) in zip(pairs, rest) {
        let row = pair.new + other
        try await evaluator.prepare(row)
        results.append(try evaluator.evaluate(returning, row))
      }
      return results
    }
  }
}

/// UPDATE and DELETE that need nothing but each row: done by the tablets.
final class MutateNode: PlanNode {
  /// What a call is about: one bucket, or a whole tablet as it was when the statement came there first.
  private enum Target {
    case bucket(Bucket)
    case tablet(TabletPlace)

    func place(_ execution: Execution) -> TabletPlace {
      switch self {
      case .bucket(let bucket): execution.placeOf(bucket)
      case .tablet(let place): place
      }
    }
  }

  let target: WriteTarget
  let access: AccessPlan
  let filter: TypedExpression?
  let assignments: [ColumnAssignment]?
  let returning: [TypedExpression]?

  init(
    target: WriteTarget, access: AccessPlan, filter: TypedExpression?,
    assignments: [ColumnAssignment]?,
    returning: [TypedExpression]?, output: [PlanVariable]
  ) {
    self.target = target
    self.access = access
    self.filter = filter
    self.assignments = assignments
    self.returning = returning
    super.init(output: output)
  }
  override var title: String {
    "\(assignments == nil ? "Delete" : "Update") on \(target.layout.table.name)"
  }
  override var properties: [String] {
    let scan = ScanNode(
      table: target.layout, alias: target.layout.table.name, access: access, filter: filter,
      projection: [], output: [])
    return ["Access: \(scan.title)"] + scan.properties + ["Motion: None (runs on the tablets)"]
  }

  /// `access`: as it can be used at the transaction's snapshot.
  func fragment(
    _ access: AccessPlan, _ ranges: [KeyRange], _ environment: EvaluationEnvironment,
    _ resume: ScanResume?
  ) -> MutateFragment {
    MutateFragment(
      layout: target.layout, constraints: target.constraints,
      access: ScanAccess(index: access.index, ranges: ranges, isReverse: access.isReverse),
      filter: filter, assignments: assignments, returning: returning, environment: environment,
      resume: resume)
  }

  override func open(_ execution: Execution, _ environment: EvaluationEnvironment) -> RowSource {
    let evaluator = RowEvaluator(externals, execution, environment)
    var isDone = false
    return GeneratedSource { [self] () async throws(KernelError) in
      if isDone { return nil }
      isDone = true
      try await evaluator.prepare([])
      let access = access.readable(target.layout, at: execution.transaction.snapshot)
      let resolved = try asKernel { () throws(SQLError) in
        try access.resolve(target.layout, &evaluator.environment)
      }
      var rows: [[Value]] = []
      var pending: [(target: Target, ranges: [KeyRange], resume: ScanResume?)] = []
      func take(_ output: MutateOutput, _ target: Target, _ ranges: [KeyRange]) {
        execution.rowsAffected += output.count
        rows.append(contentsOf: output.rows)
        if let resume = output.resume { pending.append((target, ranges, resume)) }
      }
      for item in resolved.ranges {
        if target.layout.isGlobal {
          var resume: ScanResume?
          repeat {
            let output = try await execution.transaction.callGlobal(
              fragment(access, item.ranges, evaluator.environment, resume))
            execution.rowsAffected += output.count
            rows.append(contentsOf: output.rows)
            resume = output.resume
          } while resume != nil
        } else if let bucket = item.bucket {
          pending.append((.bucket(bucket), item.ranges, nil))
        } else {
          let places = execution.transaction.places(of: target.layout.tier)
          let call = fragment(access, item.ranges, evaluator.environment, nil)
          let outputs = try await execution.transaction.callEach(places.map { ($0, call) })
          for (place, output) in zip(places, outputs) { take(output, .tablet(place), item.ranges) }
        }
      }
      // By key on one tablet, with nothing read elsewhere: the statement is one call.
      if externals.isEmpty, rows.isEmpty, pending.count == 1, resolved.ranges.count == 1,
        pending[0].ranges.allSatisfy(\.isPoint), case .bucket(let bucket) = pending[0].target
      {
        let only = pending.removeLast()
        let output = try await execution.transaction.callNewest(
          fragment(access, only.ranges, evaluator.environment, nil), bucket: bucket)
        take(output, only.target, only.ranges)
      }
      while !pending.isEmpty {
        let round = pending
        pending = []
        let calls = round.map {
          (
            $0.target.place(execution),
            fragment(access, $0.ranges, evaluator.environment, $0.resume)
          )
        }
        let outputs =
          if calls.count == 1, case .bucket(let bucket) = round[0].target {
            [try await execution.transaction.call(calls[0].1, bucket: bucket)]
          } else {
            try await execution.transaction.callEach(calls)
          }
        for (item, output) in zip(round, outputs) { take(output, item.target, item.ranges) }
      }
      return rows
    }
  }
}
