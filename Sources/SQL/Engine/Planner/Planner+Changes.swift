import Base
import Catalog
import Functions
import Types

extension Planner {
  func plan(_ change: BoundChange) throws(SQLError) -> PlanNode {
    let output = (change.columns ?? []).map { PlanVariable(id: 0, name: $0.name, type: $0.type) }
    var layout: [VariableID: Int] = [:]
    for (position, column) in (change.scan?.columns ?? []).enumerated() {
      layout[column.id] = position
    }
    switch change.kind {
    case .insert(let conflict):
      let node = InsertNode(
        try plan(change.input), target: change.target, conflict: conflict,
        returning: change.returning?.map { $0.resolved(layout) }, output: output)
      node.externals = try plans(change.returning ?? [], layout)
      return node
    case .update(let positions): return try self.change(change, positions, layout, output)
    case .delete: return try self.change(change, nil, layout, output)
    }
  }

  private func change(
    _ change: BoundChange, _ positions: [Int]?, _ layout: [VariableID: Int],
    _ output: [PlanVariable]
  ) throws(SQLError) -> PlanNode {
    let input = try plan(change.input)
    let returning = change.returning ?? []
    // One scan below a projection, nothing to ask elsewhere: the tablets do it all.
    if let project = input as? ProjectNode, let scan = project.input as? ScanNode,
      change.target.isLocalChange(positions), project.externals.isEmpty,
      scan.externals.isEmpty, returning.allSatisfy({ $0.externals.isEmpty }),
      !(scan.access.index.map { scan.table.indexes[$0].isGlobal } ?? false),
      project.expressions.allSatisfy({ !$0.isVolatileCall })
    {
      var assignments: [ColumnAssignment]?
      if let positions {
        let values = project.expressions.suffix(positions.count)
        assignments = zip(positions, values).map { ColumnAssignment(position: $0, expression: $1) }
      }
      return MutateNode(
        target: change.target, access: scan.access, filter: scan.filter,
        assignments: assignments, returning: change.returning?.map { $0.resolved(layout) },
        output: output)
    }
    var wide = layout
    for (position, item) in input.output.enumerated() where wide[item.id] == nil {
      wide[item.id] = position
    }
    let node = ChangeNode(
      input, target: change.target, assigned: positions,
      returning: change.returning?.map { $0.resolved(wide) }, output: output)
    node.externals = try plans(returning, wide)
    return node
  }
}
