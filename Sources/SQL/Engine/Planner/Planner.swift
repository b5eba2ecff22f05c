import Base
import Catalog
import Functions
import Types

/// Logical plan → physical plan, by rules: predicates move to the scans, equalities on keys choose
/// access paths and buckets, joins become lookups or hash joins. Used once per statement.
final class Planner {
  private let externals: [ExternalID: LogicalExternal]
  private let role: RoleDescriptor
  private let catalog: CatalogSnapshot
  /// Where WITH items change rows: tables that must be read before the first change, and the scans
  /// of them that need not.
  var changedTables: Set<ObjectID> = []
  var ownScans: Set<ObjectIdentifier> = []
  var earlyScans: [EarlyScanNode] = []

  init(_ binder: Binder) {
    externals = binder.externals
    role = binder.context.role
    catalog = binder.context.catalog
  }

  /// `conjuncts` hold above the node; the plan applies them as deep as it can.
  func plan(_ logical: LogicalPlan, _ conjuncts: [TypedExpression] = []) throws(SQLError)
    -> PlanNode
  {
    switch logical {
    case .filter(let input, let predicate):
      return try plan(input, conjuncts + predicate.conjuncts)
    case .scan(let scan):
      return isReadEarly(scan) ? try earlyScan(scan, conjuncts) : scanNode(scan, conjuncts)
    case .join(let kind, let left, let right, let condition):
      return try join(kind, left, right, condition?.conjuncts ?? [], conjuncts)
    case .project(let input, let expressions, let output):
      return try project(input, expressions, output, conjuncts)
    case .values(let rows, let output):
      let node = ValuesNode(
        rows: rows, output: output)
      node.externals = try plans(rows.flatMap { $0 }, [:])
      return try filtered(node, conjuncts)
    case .virtual(let table, let alias, let output):
      let (role, catalog) = (role, catalog)
      return try filtered(
        VirtualScanNode(
          table: table, alias: alias, projection: Array(output.indices), output: output
        ) { (catalog, role) }, conjuncts)
    case .changes(let call, let output):
      let node = ChangesNode(call: call, output: output)
      node.externals = try plans(call.arguments, [:])
      return try filtered(node, conjuncts)
    case .functions(let functions, let hasOrdinality, let name, let output):
      let node = FunctionScanNode(
        functions: functions, hasOrdinality: hasOrdinality, name: name, output: output)
      node.externals = try plans(functions.map(\.expression), [:])
      return try filtered(node, conjuncts)
    case .projectSet(let input, let expressions, let output):
      let child = try plan(input)
      let layout = child.layout
      let node = ProjectSetNode(
        child,
        items: expressions.map { expression in
          if case .setReturning(let call) = expression {
            return .set(call.with(arguments: call.arguments.map { $0.resolved(layout) }))
          }
          return .scalar(expression.resolved(layout))
        }, output: output)
      node.externals = try plans(expressions, layout)
      return try filtered(node, conjuncts)
    case .aggregate(let input, let groups, let aggregates, let sets, let output):
      return try filtered(aggregate(input, groups, aggregates, sets, output), conjuncts)
    case .window(let input, let calls, let added):
      let child = try plan(input)
      var resolved: [BoundWindowCall] = []
      var layout = child.layout
      var used: [TypedExpression] = []
      for (call, made) in zip(calls, added) {
        used.append(.window(call))
        if case .window(let copy) = TypedExpression.window(call).resolved(layout) {
          resolved.append(copy)
        }
        layout[made.id] = layout.count
      }
      let node = WindowNode(child, calls: resolved, output: child.output + added)
      node.externals = try plans(used, child.layout)
      return try filtered(node, conjuncts)
    case .sort(let input, let keys):
      return try sort(plan(input, conjuncts), keys, limit: nil)
    case .limit(let input, let limit, let offset, let ties):
      return try filtered(self.limit(input, limit, offset, ties), conjuncts)
    case .distinct(let input, let keys):
      let child = try plan(input)
      let layout = child.layout
      return try filtered(
        DistinctNode(child, keys: keys?.map { $0.resolved(layout) }), conjuncts)
    case .set(let operation, let isAll, let left, let right, let output):
      return try filtered(
        SetOperationNode(
          operation, isAll: isAll, left: plan(left), right: plan(right), output: output),
        conjuncts)
    case .common(let binding, let output):
      if let change = binding.change {
        try planChange(of: binding, change)
      } else if binding.plan.physical.node == nil, let inner = binding.plan.logical {
        binding.plan.physical.node = try plan(inner)
        binding.plan.physical.correlation = freeVariables(inner).sorted()
      }
      return try filtered(
        CommonTableNode(
          number: binding.number, name: binding.name, plan: binding.plan.physical, output: output),
        conjuncts)
    case .work(let number, let name, let output):
      return try filtered(WorkTableNode(number: number, name: name, output: output), conjuncts)
    case .recursive(let number, let isAll, let first, let second, let output):
      return try filtered(
        RecursiveUnionNode(
          number: number, isAll: isAll, first: plan(first), second: plan(second), output: output),
        conjuncts)
    case .lock(let input, let targets): return try lock(input, targets, conjuncts)
    }
  }

  func logicalExternal(_ id: ExternalID) -> LogicalExternal? { externals[id] }

  // MARK: - Expressions

  /// The plans of the externals that the expressions use, over rows of this layout.
  func plans(_ expressions: [TypedExpression], _ layout: [VariableID: Int]) throws(SQLError)
    -> [ExternalPlan]
  {
    var result: [ExternalPlan] = []
    var seen: Set<ExternalID> = []
    for expression in expressions {
      for id in expression.externals where seen.insert(id).inserted {
        guard let external = externals[id] else { continue }
        result.append(try self.external(id, external, layout))
      }
    }
    return result
  }

  private func external(
    _ id: ExternalID, _ external: LogicalExternal, _ layout: [VariableID: Int]
  ) throws(SQLError) -> ExternalPlan {
    func correlation(_ plan: LogicalPlan) -> [(variable: VariableID, slot: Int)] {
      freeVariables(plan).sorted().compactMap { id in layout[id].map { (id, $0) } }
    }
    switch external {
    case .scalar(let inner):
      return ExternalPlan(id: id, kind: .scalar(try plan(inner)), correlation: correlation(inner))
    case .exists(let inner):
      return ExternalPlan(id: id, kind: .exists(try plan(inner)), correlation: correlation(inner))
    case .rows(let inner):
      return ExternalPlan(id: id, kind: .rows(try plan(inner)), correlation: correlation(inner))
    case .array(let inner, let element):
      return ExternalPlan(
        id: id, kind: .array(try plan(inner), element: element), correlation: correlation(inner))
    case .record(let inner):
      return ExternalPlan(id: id, kind: .record(try plan(inner)), correlation: correlation(inner))
    case .call(let name, let arguments, let isStrict):
      return ExternalPlan(
        id: id,
        kind: .call(name, arguments.map { $0.resolved(layout) }, isStrict: isStrict),
        correlation: [], inner: try plans(arguments, layout))
    }
  }

  /// Whether the expression can be evaluated without the row: parameters, constants, outer values.
  private func isRowFree(_ expression: TypedExpression, _ layout: [VariableID: Int]) -> Bool {
    !expression.variables.contains { layout[$0] != nil }
      && expression.externals.allSatisfy { id in
        switch externals[id] {
        case .call, nil: false
        case .scalar(let plan), .exists(let plan), .rows(let plan), .array(let plan, _),
          .record(let plan):
          freeVariables(plan).allSatisfy { layout[$0] == nil }
        }
      }
  }

  func filtered(_ node: PlanNode, _ conjuncts: [TypedExpression]) throws(SQLError) -> PlanNode {
    guard let predicate = TypedExpression.conjunction(conjuncts) else { return node }
    let layout = node.layout
    let made = FilterNode(node, predicate: predicate.resolved(layout))
    made.externals = try plans([predicate], layout)
    return made
  }

  // MARK: - Scans

  func scanNode(_ scan: LogicalScan, _ conjuncts: [TypedExpression]) -> PlanNode {
    var layout: [VariableID: Int] = [:]
    for (position, column) in scan.columns.enumerated() { layout[column.id] = position }
    // What depends on subqueries over this row stays above the scan.
    let inside = conjuncts.filter { conjunct in
      conjunct.externals.allSatisfy { id in
        isRowFree(.external(id, .bool), layout)
      }
    }
    let outside = conjuncts.filter { conjunct in
      !inside.contains { $0.matches(conjunct) }
    }
    let resolved = inside.map { $0.resolved(layout) }
    let access = AccessChooser(scan.layout).choose(resolved)
    let node = ScanNode(
      table: scan.layout, alias: scan.alias, access: access.plan,
      filter: TypedExpression.conjunction(resolved), projection: Array(scan.columns.indices),
      output: scan.columns)
    node.estimatedRows = access.rows
    node.externals = (try? plans(inside, [:])) ?? []
    return outside.isEmpty ? node : ((try? filtered(node, outside)) ?? node)
  }

  // MARK: - Project, sort, limit

  private func project(
    _ input: LogicalPlan, _ expressions: [TypedExpression], _ output: [PlanVariable],
    _ conjuncts: [TypedExpression]
  ) throws(SQLError) -> PlanNode {
    var inner: [TypedExpression] = []
    var above: [TypedExpression] = []
    var definitions: [VariableID: TypedExpression] = [:]
    for (variable, expression) in zip(output, expressions) {
      definitions[variable.id] = expression
    }
    for conjunct in conjuncts {
      let isMovable = conjunct.variables.allSatisfy { id in
        definitions[id].map { !$0.isVolatile && $0.externals.isEmpty } ?? true
      }
      guard isMovable && conjunct.externals.isEmpty else {
        above.append(conjunct)
        continue
      }
      inner.append(
        conjunct.rewritten { node in
          if case .variable(let id, let type) = node, let definition = definitions[id] {
            if case .variable(let other, _) = definition { return .variable(other, type) }
            return definition
          }
          return node
        })
    }
    let child = try plan(input, inner)
    let layout = child.layout
    let node = ProjectNode(
      child, expressions: expressions.map { $0.resolved(layout) }, output: output)
    node.externals = try plans(expressions, layout)
    return try filtered(node, above)
  }

  private func sort(_ child: PlanNode, _ keys: [BoundSortKey], limit: TypedExpression?)
    throws(SQLError) -> PlanNode
  {
    let layout = child.layout
    let resolved = keys.map { $0.with($0.expression.resolved(layout)) }
    if useOrder(child, resolved) { return child }
    let node = SortNode(child, keys: resolved, limit: limit)
    node.externals = try plans(keys.map(\.expression) + (limit.map { [$0] } ?? []), layout)
    return node
  }

  /// Makes the scan below give the order, where its access path has it.
  private func useOrder(_ node: PlanNode, _ keys: [BoundSortKey]) -> Bool {
    var keys = keys
    var scan = node
    while let project = scan as? ProjectNode {
      for index in keys.indices {
        guard case .slot(let slot, _) = keys[index].expression else { return false }
        keys[index].expression = project.expressions[slot]
      }
      scan = project.input
    }
    guard let scan = scan as? ScanNode, scan.aggregation == nil else { return false }
    let parts =
      scan.access.index.map { scan.table.indexes[$0].parts } ?? scan.table.primaryKey
    if let index = scan.access.index, scan.table.indexes[index].isGlobal { return false }
    if scan.access.equalities.contains(where: { $0.count != 1 || $0[0].type.isArray }) {
      return false
    }
    let free = parts.dropFirst(scan.access.equalities.count)
    guard !keys.isEmpty, keys.count <= free.count else { return false }
    var isReverse: Bool?
    for (key, part) in zip(keys, free) {
      guard case .slot(let slot, _) = key.expression, let column = part.column,
        scan.projection[slot] == column
      else { return false }
      let reversed = key.isDescending != part.isDescending
      let nullsMatch =
        scan.table.table.columns[column].isNotNull
        || (key.nullsFirst != part.nullsFirst) == reversed
      guard nullsMatch, isReverse == nil || isReverse == reversed else { return false }
      isReverse = reversed
    }
    scan.access.isReverse = isReverse ?? false
    scan.order = keys
    return true
  }

  private func limit(
    _ input: LogicalPlan, _ limit: TypedExpression?, _ offset: TypedExpression?,
    _ ties: [BoundSortKey]
  ) throws(SQLError) -> PlanNode {
    // So many rows are needed from below: with constants, the sum.
    var needed: TypedExpression?
    if ties.isEmpty, let limit {
      if offset == nil, limit.externals.isEmpty {
        needed = limit
      } else if case .constant(.int(let a), _) = limit, case .constant(.int(let b), _)? = offset,
        a >= 0, b >= 0, a < Int64.max / 2, b < Int64.max / 2
      {
        needed = .constant(.int(a + b), .int8)
      }
    }
    let child = try bounded(input, needed)
    let layout = child.layout
    let node = LimitNode(
      child, limit: limit?.resolved([:]), offset: offset?.resolved([:]),
      ties: ties.map { $0.with($0.expression.resolved(layout)) })
    node.externals = try plans([limit, offset].compactMap { $0 }, [:])
    return node
  }

  /// The plan of a LIMIT's input, told how many rows are needed.
  private func bounded(_ input: LogicalPlan, _ needed: TypedExpression?) throws(SQLError)
    -> PlanNode
  {
    switch input {
    case .sort(let inner, let keys):
      let child = try sort(plan(inner), keys, limit: needed)
      if !(child is SortNode) { pushLimit(child, needed) }
      return child
    case .project(let inner, let expressions, let output):
      if case .sort = inner {
        let child = try bounded(inner, needed)
        let layout = child.layout
        let node = ProjectNode(
          child, expressions: expressions.map { $0.resolved(layout) }, output: output)
        node.externals = try plans(expressions, layout)
        return node
      }
    default: break
    }
    let child = try plan(input)
    pushLimit(child, needed)
    return child
  }

  private func pushLimit(_ node: PlanNode, _ needed: TypedExpression?) {
    guard let needed else { return }
    var node = node
    while let project = node as? ProjectNode { node = project.input }
    if let scan = node as? ScanNode, scan.aggregation == nil { scan.limit = needed }
  }

  private func lock(
    _ input: LogicalPlan, _ targets: [(scan: LogicalScan, lock: RowLock)],
    _ conjuncts: [TypedExpression]
  ) throws(SQLError) -> PlanNode {
    let child = try plan(input, conjuncts)
    if let scan = child as? ScanNode, targets.count == 1 {
      scan.lock = targets[0].lock
      return scan
    }
    let layout = child.layout
    return LockRowsNode(
      child,
      targets: targets.map { target in
        LockRowsNode.Target(
          table: target.scan.layout,
          keySlots: target.scan.layout.primaryKey.compactMap { part in
            part.column.flatMap { layout[target.scan.columns[$0].id] }
          }, lock: target.lock)
      })
  }

  // MARK: - Aggregates

  private func aggregate(
    _ input: LogicalPlan, _ groups: [TypedExpression], _ aggregates: [BoundAggregate],
    _ sets: [[Int]]?, _ output: [PlanVariable]
  ) throws(SQLError) -> PlanNode {
    let child = try plan(input)
    let layout = child.layout
    var resolved: [BoundAggregate] = []
    for call in aggregates {
      if case .aggregate(let copy) = TypedExpression.aggregate(call).resolved(layout) {
        resolved.append(copy)
      }
    }
    let aggregation = PartialAggregation(
      groups: groups.map { $0.resolved(layout) }, aggregates: resolved)
    let used = groups + aggregates.map { TypedExpression.aggregate($0) }
    let needsCoordinator = resolved.contains {
      $0.isDistinct || !$0.order.isEmpty || $0.descriptor.isOrderSensitive
        || $0.descriptor.partialTypes.isEmpty
    }
    if sets == nil, !needsCoordinator, let scan = child as? ScanNode, scan.lock == nil,
      scan.limit == nil, used.allSatisfy({ $0.externals.isEmpty && !$0.isVolatile })
    {
      // Partial aggregates next to the data: rows are groups, then partial values.
      var partialOutput = Array(output.prefix(groups.count))
      var types: [SQLType] = []
      for call in resolved { types.append(contentsOf: call.descriptor.partialTypes) }
      for (place, type) in types.enumerated() {
        partialOutput.append(PlanVariable(id: -1_000 - place, name: "partial", type: type))
      }
      let partial = ScanNode(
        table: scan.table, alias: scan.alias, access: scan.access, filter: scan.filter,
        projection: scan.projection, output: partialOutput)
      partial.externals = scan.externals
      partial.estimatedRows = max(1, scan.estimatedRows / 10)
      partial.aggregation = aggregation
      var final = aggregation
      final.groups = output.prefix(groups.count).enumerated().map {
        .slot($0.offset, $0.element.type)
      }
      return AggregateNode(
        partial, aggregation: final, groupingSets: nil, combinesPartials: true, output: output)
    }
    let node = AggregateNode(
      child, aggregation: aggregation, groupingSets: sets, combinesPartials: false, output: output)
    node.externals = try plans(used, layout)
    return node
  }
}
