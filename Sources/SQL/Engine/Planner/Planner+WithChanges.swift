import Base
import Catalog
import Functions
import Types

/// Statements whose WITH items change rows. All parts of such a statement read the tables as they
/// were before it, whatever of it has run: tables that it changes are read whole beforehand.
extension Planner {
  /// To be called before anything is planned. `main`: the statement itself, where it changes rows.
  func prepare(_ changes: [CommonTableBinding], main: BoundChange?) {
    if changes.isEmpty { return }
    let all = changes.compactMap(\.change) + (main.map { [$0] } ?? [])
    var writers: [ObjectID: Int] = [:]
    for change in all {
      for table in tables(changedBy: change.target) { writers[table, default: 0] += 1 }
    }
    changedTables = Set(writers.keys)
    for change in all where writers[change.target.layout.table.id] == 1 {
      if case .insert = change.kind { continue }
      if let scan = change.scan { ownScans.insert(ObjectIdentifier(scan)) }
    }
  }

  /// The target, and what referential actions may reach from it.
  private func tables(changedBy target: WriteTarget) -> Set<ObjectID> {
    var found: Set<ObjectID> = []
    var pending = [target]
    while let next = pending.popLast() {
      if found.insert(next.layout.table.id).inserted { pending += next.referencing.map(\.child) }
    }
    return found
  }

  func isReadEarly(_ scan: LogicalScan) -> Bool {
    changedTables.contains(scan.layout.table.id) && !ownScans.contains(ObjectIdentifier(scan))
  }

  func earlyScan(_ scan: LogicalScan, _ conjuncts: [TypedExpression]) throws(SQLError) -> PlanNode {
    let columns = Set(scan.columns.map(\.id))
    var inside: [TypedExpression] = []
    var outside: [TypedExpression] = []
    for conjunct in conjuncts {
      let isFixed =
        conjunct.externals.isEmpty && !conjunct.isVolatile
        && conjunct.variables.allSatisfy { columns.contains($0) }
      if isFixed { inside.append(conjunct) } else { outside.append(conjunct) }
    }
    let node = EarlyScanNode(scanNode(scan, inside))
    earlyScans.append(node)
    return try filtered(node, outside)
  }

  func planChange(of binding: CommonTableBinding, _ change: BoundChange) throws(SQLError) {
    if binding.plan.physical.node == nil { binding.plan.physical.node = try plan(change) }
  }

  /// The whole statement, around the plan of its main part.
  func whole(_ main: PlanNode, _ changes: [CommonTableBinding]) throws(SQLError) -> PlanNode {
    if changes.isEmpty { return main }
    for binding in changes {
      if let change = binding.change { try planChange(of: binding, change) }
    }
    return WithChangesNode(
      main,
      changes: changes.map {
        CommonTableNode(
          number: $0.number, name: $0.name, plan: $0.plan.physical, output: [])
      }, earlyScans: earlyScans)
  }
}
