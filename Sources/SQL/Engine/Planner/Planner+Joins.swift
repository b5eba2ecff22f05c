import Base
import Catalog
import Functions
import Types

extension Planner {
  func join(
    _ kind: JoinKind, _ left: LogicalPlan, _ right: LogicalPlan, _ on: [TypedExpression],
    _ above: [TypedExpression]
  ) throws(SQLError) -> PlanNode {
    let leftIDs = Set(left.output.map(\.id))
    let rightIDs = Set(right.output.map(\.id))
    var leftOnly: [TypedExpression] = []
    var rightOnly: [TypedExpression] = []
    var both: [TypedExpression] = []
    var after: [TypedExpression] = []
    func sides(_ expression: TypedExpression) -> (left: Bool, right: Bool) {
      var used = Set(expression.variables)
      for id in expression.externals { used.formUnion(freeVariables(ofExternal: id)) }
      return (!used.isDisjoint(with: leftIDs), !used.isDisjoint(with: rightIDs))
    }
    for conjunct in on {
      switch (sides(conjunct), kind) {
      case ((_, false), .inner), ((_, false), .right), ((_, false), .semi):
        leftOnly.append(conjunct)
      case ((false, true), .inner), ((false, true), .left), ((false, true), .semi),
        ((false, true), .anti):
        rightOnly.append(conjunct)
      default: both.append(conjunct)
      }
    }
    for conjunct in above {
      switch (sides(conjunct), kind) {
      case ((_, false), .inner), ((_, false), .left), ((_, false), .semi), ((_, false), .anti):
        leftOnly.append(conjunct)
      case ((false, true), .inner), ((false, true), .right): rightOnly.append(conjunct)
      case ((true, true), .inner): both.append(conjunct)
      default: after.append(conjunct)
      }
    }
    let leftNode = try plan(left, leftOnly)
    let isLateral = !freeVariables(right).isDisjoint(with: leftIDs)
    let output =
      kind == .semi || kind == .anti
      ? leftNode.output : leftNode.output + right.output
    let made: PlanNode
    if isLateral {
      if kind == .right || kind == .full {
        throw SQLError(
          .invalidColumnReference, "invalid reference to FROM-clause entry",
          detail: "The combining JOIN type must be INNER or LEFT for a LATERAL reference.")
      }
      made = try nestedLoop(
        kind, leftNode, plan(right, rightOnly), both, freeVariables(right), output)
    } else if let lookup = try parameterised(kind, leftNode, right, rightOnly, both, output) {
      made = lookup
    } else {
      made = try hashOrLoop(kind, leftNode, plan(right, rightOnly), both, output)
    }
    return try filtered(made, after)
  }

  private func nestedLoop(
    _ kind: JoinKind, _ left: PlanNode, _ right: PlanNode, _ conjuncts: [TypedExpression],
    _ variables: Set<VariableID>, _ output: [PlanVariable]
  ) throws(SQLError) -> PlanNode {
    let leftLayout = left.layout
    let correlation = variables.sorted().compactMap { id in leftLayout[id].map { (id, $0) } }
    let condition = TypedExpression.conjunction(conjuncts)
    var layout = leftLayout
    for (position, variable) in right.output.enumerated() {
      layout[variable.id] = left.output.count + position
    }
    let node = NestedLoopNode(
      kind: kind, left: left, right: right, condition: condition?.resolved(layout),
      correlation: correlation.map { (variable: $0.0, slot: $0.1) }, output: output)
    node.externals = try plans(conjuncts, layout)
    return node
  }

  /// Point lookups of the right side by the left rows' keys: where the left side is small and the
  /// right one has a key for the condition.
  private func parameterised(
    _ kind: JoinKind, _ left: PlanNode, _ right: LogicalPlan, _ rightOnly: [TypedExpression],
    _ both: [TypedExpression], _ output: [PlanVariable]
  ) throws(SQLError) -> PlanNode? {
    guard kind != .right && kind != .full, case .scan(let scan) = right, !isReadEarly(scan),
      left.estimatedRows <= 100
    else { return nil }
    let simple = both.filter { $0.externals.isEmpty }
    guard !simple.isEmpty else { return nil }
    var layout: [VariableID: Int] = [:]
    for (position, column) in scan.columns.enumerated() { layout[column.id] = position }
    let choice = AccessChooser(scan.layout).choose(
      (rightOnly + simple).map { $0.resolved(layout) })
    guard !choice.plan.equalities.isEmpty, choice.rows <= 100 else { return nil }
    let variables = Set(simple.flatMap(\.variables))
    return try nestedLoop(
      kind, left, plan(right, rightOnly + simple), both.filter { !$0.externals.isEmpty },
      variables, output)
  }

  private func hashOrLoop(
    _ kind: JoinKind, _ left: PlanNode, _ right: PlanNode, _ both: [TypedExpression],
    _ output: [PlanVariable]
  ) throws(SQLError) -> PlanNode {
    let leftLayout = left.layout
    let rightLayout = right.layout
    var leftKeys: [TypedExpression] = []
    var rightKeys: [TypedExpression] = []
    var rest: [TypedExpression] = []
    for conjunct in both {
      guard case .call(let call) = conjunct, call.operatorName == "=", call.arguments.count == 2,
        isHashable(call.arguments[0].type, call.arguments[1].type),
        conjunct.externals.isEmpty
      else {
        rest.append(conjunct)
        continue
      }
      let a = Set(call.arguments[0].variables)
      let b = Set(call.arguments[1].variables)
      func within(_ ids: Set<VariableID>, _ layout: [VariableID: Int], _ other: [VariableID: Int])
        -> Bool
      {
        ids.contains { layout[$0] != nil } && !ids.contains { other[$0] != nil }
      }
      if within(a, leftLayout, rightLayout), within(b, rightLayout, leftLayout) {
        leftKeys.append(call.arguments[0].resolved(leftLayout))
        rightKeys.append(call.arguments[1].resolved(rightLayout))
      } else if within(b, leftLayout, rightLayout), within(a, rightLayout, leftLayout) {
        leftKeys.append(call.arguments[1].resolved(leftLayout))
        rightKeys.append(call.arguments[0].resolved(rightLayout))
      } else {
        rest.append(conjunct)
      }
    }
    if leftKeys.isEmpty { return try nestedLoop(kind, left, right, both, [], output) }
    var layout = leftLayout
    for (id, position) in rightLayout { layout[id] = left.output.count + position }
    let node = HashJoinNode(
      kind: kind, left: left, right: right, leftKeys: leftKeys, rightKeys: rightKeys,
      condition: TypedExpression.conjunction(rest)?.resolved(layout), output: output)
    node.externals = try plans(rest, layout)
    return node
  }

  /// Types whose equal values have equal hashes.
  private func isHashable(_ a: SQLType, _ b: SQLType) -> Bool {
    if a.oid == SQLType.bpchar.oid || b.oid == SQLType.bpchar.oid { return false }
    if a.oid == b.oid { return true }
    let integers = [SQLType.int2.oid, SQLType.int4.oid, SQLType.int8.oid, SQLType.oid.oid]
    if integers.contains(a.oid) && integers.contains(b.oid) { return true }
    let texts = [SQLType.text.oid, SQLType.varchar.oid, SQLType.name.oid]
    return texts.contains(a.oid) && texts.contains(b.oid)
  }

  // MARK: - Free variables

  /// Variables that the plan reads and does not make: what it needs from outside.
  func freeVariables(_ plan: LogicalPlan) -> Set<VariableID> {
    var used: Set<VariableID> = []
    var made: Set<VariableID> = []
    collect(plan, &used, &made)
    return used.subtracting(made)
  }

  func freeVariables(ofExternal id: ExternalID) -> Set<VariableID> {
    switch logicalExternal(id) {
    case .scalar(let plan), .exists(let plan), .rows(let plan), .array(let plan, _),
      .record(let plan):
      return freeVariables(plan)
    case .call(_, let arguments, _):
      var used: Set<VariableID> = []
      for argument in arguments { note(argument, &used) }
      return used
    case nil: return []
    }
  }

  private func note(_ expression: TypedExpression, _ used: inout Set<VariableID>) {
    used.formUnion(expression.variables)
    for id in expression.externals { used.formUnion(freeVariables(ofExternal: id)) }
  }

  private func collect(
    _ plan: LogicalPlan, _ used: inout Set<VariableID>, _ made: inout Set<VariableID>
  ) {
    made.formUnion(plan.output.map(\.id))
    func note(_ list: [TypedExpression]) { for item in list { self.note(item, &used) } }
    switch plan {
    case .values(let rows, _): for row in rows { note(row) }
    case .scan, .virtual, .work: break
    case .common(let binding, _):
      if let inner = binding.plan.logical, !binding.isRecursing { collect(inner, &used, &made) }
    case .functions(let functions, _, _, _): note(functions.map(\.expression))
    case .changes(let call, _): note(call.arguments)
    case .filter(let input, let predicate):
      note([predicate])
      collect(input, &used, &made)
    case .project(let input, let list, _), .projectSet(let input, let list, _):
      note(list)
      collect(input, &used, &made)
    case .join(_, let left, let right, let condition):
      if let condition { note([condition]) }
      collect(left, &used, &made)
      collect(right, &used, &made)
    case .aggregate(let input, let groups, let aggregates, _, _):
      note(groups + aggregates.map { .aggregate($0) })
      collect(input, &used, &made)
    case .window(let input, let calls, _):
      note(calls.map { .window($0) })
      collect(input, &used, &made)
    case .sort(let input, let keys):
      note(keys.map(\.expression))
      collect(input, &used, &made)
    case .limit(let input, let limit, let offset, _):
      note([limit, offset].compactMap { $0 })
      collect(input, &used, &made)
    case .distinct(let input, let keys):
      note(keys ?? [])
      collect(input, &used, &made)
    case .set(_, _, let left, let right, _), .recursive(_, _, let left, let right, _):
      collect(left, &used, &made)
      collect(right, &used, &made)
    case .lock(let input, _): collect(input, &used, &made)
    }
  }
}
