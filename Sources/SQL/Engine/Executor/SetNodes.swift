import Base
import Catalog
import Functions
import Node
import Types

enum SetOperation: Sendable { case union, intersect, except }

/// UNION ALL keeps the order of its inputs; the others hash rows.
final class SetOperationNode: PlanNode {
  let operation: SetOperation
  let isAll: Bool
  let left: PlanNode
  let right: PlanNode
  init(
    _ operation: SetOperation, isAll: Bool, left: PlanNode, right: PlanNode, output: [PlanVariable]
  ) {
    self.operation = operation
    self.isAll = isAll
    self.left = left
    self.right = right
    super.init(output: output)
    estimatedRows = left.estimatedRows + (operation == .union ? right.estimatedRows : 0)
  }
  override var children: [PlanNode] { [left, right] }
  override var title: String {
    switch operation {
    case .union: isAll ? "Append" : "HashAggregate Append"
    case .intersect: "HashSetOp Intersect" + (isAll ? " All" : "")
    case .except: "HashSetOp Except" + (isAll ? " All" : "")
    }
  }

  override func open(_ execution: Execution, _ environment: EvaluationEnvironment) -> RowSource {
    operation == .union ? union(execution, environment) : hashed(execution, environment)
  }

  private func union(_ execution: Execution, _ environment: EvaluationEnvironment) -> RowSource {
    var sources = [left.start(execution, environment), right.start(execution, environment)]
    var seen: Set<[Value]> = []
    return GeneratedSource { [isAll] () async throws(KernelError) in
      while let source = sources.first {
        guard let batch = try await source.next() else {
          sources.removeFirst()
          continue
        }
        if isAll { return batch }
        var bytes = 0
        var rows: [[Value]] = []
        for row in batch where seen.insert(row).inserted {
          rows.append(row)
          bytes += Execution.size(of: row)
        }
        try execution.charge(bytes)
        return rows
      }
      return nil
    }
  }

  private func hashed(_ execution: Execution, _ environment: EvaluationEnvironment) -> RowSource {
    var counts: [[Value]: Int]?
    let source = left.start(execution, environment)
    var emitted: Set<[Value]> = []
    return GeneratedSource { [self] () async throws(KernelError) in
      if counts == nil {
        var made: [[Value]: Int] = [:]
        for row in try await right.start(execution, environment).collect(execution) {
          made[row, default: 0] += 1
        }
        counts = made
      }
      guard let batch = try await source.next() else { return nil }
      var rows: [[Value]] = []
      for row in batch {
        let count = counts?[row] ?? 0
        let wanted = operation == .intersect ? count > 0 : count == 0
        if isAll {
          if count > 0 { counts?[row] = count - 1 }
          if wanted { rows.append(row) }
        } else if wanted && emitted.insert(row).inserted {
          rows.append(row)
        }
      }
      return rows
    }
  }
}

/// A common table expression: computed once per execution and row of the outer queries that it
/// depends on, read by each reference.
final class CommonTableNode: PlanNode {
  let number: Int
  let name: String
  /// Shared by all references of one WITH item.
  let plan: SharedPlan
  init(number: Int, name: String, plan: SharedPlan, output: [PlanVariable]) {
    self.number = number
    self.name = name
    self.plan = plan
    super.init(output: output)
  }
  override var title: String { "CTE Scan on \(name)" }

  override func open(_ execution: Execution, _ environment: EvaluationEnvironment) -> RowSource {
    var isDone = false
    return GeneratedSource { [number, plan] () async throws(KernelError) in
      if isDone { return nil }
      isDone = true
      let outer = plan.correlation.map { environment.variables[$0] ?? .null }
      if let known = execution.commonTables[number], known.outer == outer { return known.rows }
      guard let node = plan.node else { return nil }
      // The count of the statement is its main part's.
      let affected = execution.rowsAffected
      let rows = try await node.start(execution, environment).collect(execution)
      execution.rowsAffected = affected
      execution.commonTables[number] = (outer, rows)
      return rows
    }
  }
}

/// A plan that is made after its references.
final class SharedPlan {
  var node: PlanNode?
  /// The outer queries' values in it.
  var correlation: [VariableID] = []
}

/// The rows of the last round, inside a recursive term.
final class WorkTableNode: PlanNode {
  let number: Int
  let name: String
  init(number: Int, name: String, output: [PlanVariable]) {
    self.number = number
    self.name = name
    super.init(output: output)
  }
  override var title: String { "WorkTable Scan on \(name)" }
  override func open(_ execution: Execution, _ environment: EvaluationEnvironment) -> RowSource {
    var isDone = false
    return GeneratedSource { [number] () async throws(KernelError) in
      if isDone { return nil }
      isDone = true
      return execution.workTables[number]
    }
  }
}

/// WITH RECURSIVE: the first term, then the second over what the round before gave, until nothing
/// new comes. The statement's memory bounds it.
final class RecursiveUnionNode: PlanNode {
  let number: Int
  let isAll: Bool
  let first: PlanNode
  let second: PlanNode
  init(number: Int, isAll: Bool, first: PlanNode, second: PlanNode, output: [PlanVariable]) {
    self.number = number
    self.isAll = isAll
    self.first = first
    self.second = second
    super.init(output: output)
  }
  override var children: [PlanNode] { [first, second] }
  override var title: String { "Recursive Union" }

  override func open(_ execution: Execution, _ environment: EvaluationEnvironment) -> RowSource {
    var seen: Set<[Value]> = []
    var work: [[Value]]?
    return GeneratedSource { [self] () async throws(KernelError) in
      let source: RowSource
      if let last = work {
        if last.isEmpty { return nil }
        execution.workTables[number] = last
        source = second.start(execution, environment)
      } else {
        source = first.start(execution, environment)
      }
      var rows = try await source.collect(execution)
      if !isAll { rows = rows.filter { seen.insert($0).inserted } }
      work = rows
      return rows.isEmpty ? nil : rows
    }
  }
}

/// FOR UPDATE and its kin over a plan that is more than one scan: locks each row's tables by key.
final class LockRowsNode: PlanNode {
  struct Target {
    var table: StoredTable
    /// Where the columns of the primary key are in the input's rows.
    var keySlots: [Int]
    var lock: RowLock
  }
  let input: PlanNode
  let targets: [Target]
  init(_ input: PlanNode, targets: [Target]) {
    self.input = input
    self.targets = targets
    super.init(output: input.output)
  }
  override var children: [PlanNode] { [input] }
  override var title: String { "LockRows" }

  override func open(_ execution: Execution, _ environment: EvaluationEnvironment) -> RowSource {
    let source = input.start(execution, environment)
    return GeneratedSource { [targets] () async throws(KernelError) in
      guard var batch = try await source.next() else { return nil }
      for target in targets {
        var kept: [[Value]] = []
        for row in batch {
          let values = target.keySlots.map { row[$0] }
          // The missing side of an outer join has nothing to lock.
          if values.contains(where: \.isNull) {
            kept.append(row)
            continue
          }
          var whole = [Value](repeating: .null, count: target.table.types.count)
          for (part, value) in zip(target.table.primaryKey, values) {
            if let column = part.column { whole[column] = value }
          }
          let call = LockFragment(
            request: LockRequest(
              space: target.table.keyspace, key: target.table.key(of: whole),
              mode: target.lock.mode),
            wait: target.lock.wait)
          let isLocked =
            target.table.isGlobal
            ? try await execution.transaction.callGlobal(call)
            : try await execution.transaction.call(call, bucket: target.table.bucket(of: whole))
          if isLocked { kept.append(row) }
        }
        batch = kept
      }
      return batch
    }
  }
}

struct LockFragment: Procedure {
  static let name = "lock"
  var request: LockRequest
  var wait: LockWait
  func run(_ transaction: TabletTransaction) throws(ProcedureError) -> Bool {
    try transaction.lock(request, wait: wait)
  }
}
