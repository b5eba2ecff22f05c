import Base
import Functions
import Node
import Types

/// A statement whose WITH items change rows: what is read of the changed tables, then the main part
/// with the items that it reads, then the other items, then the foreign keys of all.
final class WithChangesNode: PlanNode {
  let main: PlanNode
  let changes: [CommonTableNode]
  let earlyScans: [EarlyScanNode]

  init(_ main: PlanNode, changes: [CommonTableNode], earlyScans: [EarlyScanNode]) {
    self.main = main
    self.changes = changes
    self.earlyScans = earlyScans
    super.init(output: main.output)
    estimatedRows = main.estimatedRows
  }
  override var children: [PlanNode] { [main] + changes.compactMap(\.plan.node) }
  override var title: String { "With Changes" }

  override func open(_ execution: Execution, _ environment: EvaluationEnvironment) -> RowSource {
    var isDone = false
    return GeneratedSource { [self] () async throws(KernelError) in
      if isDone { return nil }
      isDone = true
      execution.beginChanges()
      for scan in earlyScans { try await scan.read(execution, environment) }
      let rows = try await main.start(execution, environment).collect(execution)
      // As PostgreSQL does: the last first, since it may be the reader of those before.
      for change in changes.reversed() {
        _ = try await change.open(execution, environment).collect(execution)
      }
      try await execution.endChanges()
      return rows
    }
  }
}

/// A scan that is read before the statement changes anything.
final class EarlyScanNode: PlanNode {
  let scan: PlanNode
  init(_ scan: PlanNode) {
    self.scan = scan
    super.init(output: scan.output)
    estimatedRows = scan.estimatedRows
  }
  override var children: [PlanNode] { [scan] }
  override var title: String { "Materialize" }

  func read(_ execution: Execution, _ environment: EvaluationEnvironment)
    async throws(KernelError)
  {
    execution.earlyRows[ObjectIdentifier(self)] = try await scan.start(execution, environment)
      .collect(execution)
  }

  override func open(_ execution: Execution, _ environment: EvaluationEnvironment) -> RowSource {
    BufferedSource(execution.earlyRows[ObjectIdentifier(self)] ?? [])
  }
}
