import Base
import Catalog
import Functions
import Node
import Syntax
import Types

extension TypedExpression {
  /// Whether the other is this one, read as text.
  fileprivate func isLabel(_ other: TypedExpression) -> Bool {
    switch (self, other) {
    case (.variable(let a, _), .variable(let b, _)): return a == b
    case (_, .call(let call)) where call.name.hasPrefix("cast:") && call.arguments.count == 1:
      return matches(call.arguments[0])
    default: return matches(other)
    }
  }
}

extension Binder {
  /// SELECT with its ORDER BY (which may look below the target list).
  func bind(
    _ select: QuerySyntax.Select, _ query: QuerySyntax.Query, _ scope: NameScope,
    keepsUnknown keeps: Bool = false
  ) throws(SQLError) -> BoundQuery {
    let savedWindows = windows
    let savedMask = groupingMask
    defer {
      windows = savedWindows
      groupingMask = savedMask
    }
    windows = select.windows
    groupingMask = nil
    // Each item is one more join on top of those before it.
    guard select.from.count <= Self.depthMax - depth else { throw Self.tooDeep }
    deepest = max(deepest, depth + select.from.count)
    var plan: LogicalPlan?
    for item in select.from {
      let next = try from(item, scope)
      plan = plan.map { .join(.inner, $0, next, nil) } ?? next
    }
    var input = plan ?? .values([[]], [])
    if !query.locking.isEmpty { input = try locked(input, query.locking) }
    if let filter = select.filter {
      input = .filter(input, try condition(filter, scope, ExpressionClause("WHERE")))
    }
    let (groups, sets) = try grouping(select, scope)
    if sets != nil { groupingMask = (variable("grouping", .int8), groups) }
    var targets: [(name: String, expression: TypedExpression, origin: ScopeColumn?)] = []
    keepsTargets =
      keeps && !select.isDistinct && select.distinctOn.isEmpty && query.order.isEmpty
      && select.groups.isEmpty
    defer { keepsTargets = false }
    for target in select.targets {
      targets.append(contentsOf: try expand(target, scope))
    }
    keepsTargets = false
    var having: TypedExpression?
    if let syntax = select.having {
      var clause = ExpressionClause("HAVING")
      clause.allowsAggregates = true
      having = try condition(syntax, scope, clause)
    }
    var sort = try sortKeys(query.order, targets, scope)
    var distinctOn: [TypedExpression] = []
    for item in select.distinctOn {
      distinctOn.append(try target(item, "DISTINCT ON", targets, scope))
    }

    // Below the target list: grouping, then windows, then sets.
    var all = targets.map(\.expression) + sort.map(\.expression) + distinctOn
    let isGrouped =
      !groups.isEmpty || sets != nil || having != nil || all.contains(where: \.hasAggregate)
    if isGrouped {
      if let having { all.append(having) }
      input = try aggregate(input, groups, sets, &all, select, scope)
      if having != nil, let rewritten = all.popLast() { input = .filter(input, rewritten) }
    }
    input = window(input, &all)
    input = try setReturning(input, &all)

    let output = zip(targets, all).map { variable($0.0.name, $0.1.type) }
    for (made, expression) in zip(output, all) {
      if case .variable(let id, _) = expression { recordColumns[made.id] = recordColumns[id] }
    }
    var columns: [ScopeColumn] = []
    for (item, made) in zip(targets, output) {
      var column = ScopeColumn(name: item.name, variable: made)
      column.table = item.origin?.table ?? ObjectID(rawValue: 0)
      column.number = item.origin?.number ?? 0
      columns.append(column)
    }
    // Sort keys and DISTINCT ON that are not targets travel as extra columns.
    var expressions = Array(all[..<targets.count])
    var projected = output
    func place(_ expression: TypedExpression) -> TypedExpression {
      if let index = expressions.firstIndex(where: { $0.matches(expression) }) {
        return .variable(projected[index].id, projected[index].type)
      }
      let made = variable("sort", expression.type)
      expressions.append(expression)
      projected.append(made)
      return .variable(made.id, made.type)
    }
    for index in sort.indices {
      let key = all[targets.count + index]
      // The order of an enum's labels is computed from the target behind DISTINCT.
      if select.isDistinct, case .call(let call) = key, call.name == "enum_order",
        let place = expressions.firstIndex(where: { $0.isLabel(call.arguments[0]) })
      {
        sort[index].expression = .call(
          call.with(arguments: [.variable(projected[place].id, .text)]))
      } else {
        sort[index].expression = place(key)
      }
    }
    let on = all[(targets.count + sort.count)...].map { place($0) }
    if select.isDistinct && projected.count > output.count {
      throw SQLError(
        .invalidColumnReference,
        "for SELECT DISTINCT, ORDER BY expressions must appear in select list",
        position: query.order.first?.expression.position)
    }
    var result = LogicalPlan.project(input, expressions, projected)
    if select.isDistinct && on.isEmpty { result = .distinct(result, nil) }
    if !on.isEmpty {
      for (index, key) in sort.prefix(on.count).enumerated()
      where !on.contains(where: { $0.matches(key.expression) }) {
        throw SQLError(
          .invalidColumnReference,
          "SELECT DISTINCT ON expressions must match initial ORDER BY expressions",
          position: query.order[index].expression.position)
      }
      let missing = on.filter { item in !sort.contains { $0.expression.matches(item) } }
      result = .sort(result, sort + missing.map { BoundSortKey(expression: $0) })
      result = .distinct(result, on)
    } else if !sort.isEmpty {
      result = .sort(result, sort)
    }
    if projected.count > output.count {
      // The extra columns stay below LIMIT's input: dropping them keeps the order.
      result = .project(result, output.map { .variable($0.id, $0.type) }, output)
    }
    return BoundQuery(plan: result, columns: columns)
  }

  /// `*` and its kin, or one expression.
  func expand(_ target: QuerySyntax.Target, _ scope: NameScope) throws(SQLError)
    -> [(name: String, expression: TypedExpression, origin: ScopeColumn?)]
  {
    if case .column(let names, let position) = target.expression, names.last == "*" {
      let columns: [ScopeColumn]
      if names.count == 1 {
        columns = scope.star
        if columns.isEmpty && scope.entries.isEmpty {
          throw SQLError(
            .syntaxError, "SELECT * with no tables specified is not valid", position: position)
        }
      } else {
        guard
          let entry = scope.entry(
            names[names.count - 2], schema: names.count == 3 ? names[0] : nil)
        else {
          throw SQLError(
            .undefinedTable,
            "missing FROM-clause entry for table \"\(names[names.count - 2])\"",
            position: position)
        }
        columns = entry.columns.filter(\.isVisible)
      }
      if let denial = columns.lazy.compactMap(\.denial).first { throw denial }
      return columns.map { ($0.name, .variable($0.variable.id, $0.variable.type), $0) }
    }
    if case .field(let inner, "*", let position) = target.expression {
      let base = try bind(inner, scope, .targets)
      guard let row = rowType(base.type) else {
        throw SQLError(
          .wrongObjectType, "type \(formatType(base.type)) is not composite", position: position)
      }
      return row.fields.enumerated().map { place, field in
        (field.name, .field(base, place, field.type), nil)
      }
    }
    let keeps = keepsTargets
    keepsTargets = false
    defer { keepsTargets = keeps }
    var bound = try bind(target.expression, scope, .targets)
    if !keeps || !bound.isLiteral { bound = try settled(bound) }
    var origin: ScopeColumn?
    if case .variable(let id, _) = bound {
      origin = (scope.merged + scope.entries.flatMap(\.columns)).first { $0.variable.id == id }
    }
    return [(target.alias ?? target.expression.columnName, bound, origin)]
  }

  /// An ORDER BY, GROUP BY or DISTINCT ON item: ordinal, output name, or expression.
  private func target(
    _ syntax: QuerySyntax.Expression, _ word: String,
    _ targets: [(name: String, expression: TypedExpression, origin: ScopeColumn?)],
    _ scope: NameScope
  ) throws(SQLError) -> TypedExpression {
    if case .literal(.integer(let number), let position) = syntax {
      guard number >= 1 && number <= targets.count else {
        throw SQLError(
          .invalidColumnReference, "\(word) position \(number) is not in select list",
          position: position)
      }
      return targets[Int(number) - 1].expression
    }
    if case .literal(_, let position) = syntax {
      throw SQLError(.syntaxError, "non-integer constant in \(word)", position: position)
    }
    if case .column(let names, let position) = syntax, names.count == 1 {
      let found = targets.filter { $0.name == names[0] }
      if let first = found.first {
        if found.contains(where: { !$0.expression.matches(first.expression) }) {
          throw SQLError(
            .ambiguousColumn, "\(word) \"\(names[0])\" is ambiguous", position: position)
        }
        return first.expression
      }
    }
    return try settled(bind(syntax, scope, .targets))
  }

  private func sortKeys(
    _ keys: [QuerySyntax.SortKey],
    _ targets: [(name: String, expression: TypedExpression, origin: ScopeColumn?)],
    _ scope: NameScope
  ) throws(SQLError) -> [BoundSortKey] {
    var result: [BoundSortKey] = []
    for key in keys {
      result.append(
        BoundSortKey(
          expression: ordered(try target(key.expression, "ORDER BY", targets, scope)),
          isDescending: key.isDescending, nullsFirst: key.nullsFirst ?? key.isDescending))
    }
    return result
  }

  private func locked(_ input: LogicalPlan, _ locking: [QuerySyntax.Locking]) throws(SQLError)
    -> LogicalPlan
  {
    var found: [LogicalScan] = []
    func collect(_ plan: LogicalPlan) {
      switch plan {
      case .scan(let scan): found.append(scan)
      case .join(_, let left, let right, _):
        collect(left)
        collect(right)
      case .filter(let inner, _), .project(let inner, _, _): collect(inner)
      default: break
      }
    }
    collect(input)
    var targets: [(scan: LogicalScan, lock: RowLock)] = []
    for item in locking {
      for name in item.tables where !found.contains(where: { $0.alias == name }) {
        throw SQLError(
          .undefinedTable, "relation \"\(name)\" in FOR UPDATE clause not found in FROM clause")
      }
      let mode: LockMode =
        switch item.strength {
        case .keyShare: .keyShare
        case .share: .share
        case .noKeyUpdate: .noKeyUpdate
        case .update: .update
        }
      let wait: LockWait =
        switch item.waiting {
        case .wait: .wait
        case .noWait: .noWait
        case .skipLocked: .skipLocked
        }
      for scan in found where item.tables.isEmpty || item.tables.contains(scan.alias) {
        targets.append((scan, RowLock(mode: mode, wait: wait)))
      }
    }
    return .lock(input, targets)
  }
}
