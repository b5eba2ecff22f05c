import Catalog
import Syntax
import Types

extension StatementBinder {
  mutating func bind(_ select: SelectStatement) throws(SQLError) -> Bound {
    if !select.values.isEmpty { return try bindValues(select) }
    var plan = SelectPlan()
    var table: TableDescriptor?
    var scope = Scope()
    if let from = select.from {
      let found = try resolve(from)
      table = found
      plan.table = layout(found)
      scope = self.scope(found, from)
    }
    var binder = binder(scope)
    if let filter = select.filter {
      plan.filter = try condition(filter, "WHERE", &binder)
      plan.key = plan.table.flatMap { fixedKey(plan.filter, $0) }
      if let key = plan.key, key.isEmpty { plan.key = nil }
    }
    let aliases = Grouping.targets(select)
    var grouping = Grouping()
    for expression in select.groupBy {
      try grouping.addKey(Grouping.meant(expression, aliases), &binder)
    }
    plan.isGrouped =
      !select.groupBy.isEmpty || select.having != nil || Grouping.hasAggregate(select)
    let columns: [ResultColumn]
    if plan.isGrouped {
      let bound = try bindGrouped(select, scope, table, &grouping, &binder)
      plan.groupBy = grouping.keys.map(\.bound.expression)
      plan.aggregates = grouping.aggregates
      (plan.outputs, plan.having, plan.orderBy, columns) = bound
    } else {
      (plan.outputs, columns) = try outputs(select.targets, scope, table, &binder)
      for key in select.orderBy {
        let meant = Grouping.meant(key.expression, aliases)
        plan.orderBy.append(
          try orderKey(key, binder.decided(binder.bind(meant), .text)))
      }
    }
    plan.isDistinct = select.isDistinct
    (plan.limit, plan.offset) = try limits(select, &binder)
    return Bound(
      plan: .select(plan), columns: columns, parameterTypes: binder.parameterTypes)
  }

  func condition(_ expression: Expression, _ clause: String, _ binder: inout ExpressionBinder)
    throws(SQLError) -> BoundExpression
  {
    let typed = try binder.bind(expression)
    if typed.type.oid != SQLType.bool.oid && typed.type.oid != SQLType.unknown.oid {
      throw binder.fault(
        .datatypeMismatch,
        "argument of \(clause) must be type boolean, not type \(formatType(typed.type))",
        expression.location)
    }
    return try binder.coerce(typed, to: .bool, expression.location)
  }

  private func orderKey(_ key: SortKey, _ typed: Typed) -> OrderKey {
    OrderKey(
      expression: typed.expression, type: typed.type, isDescending: key.isDescending,
      nullsFirst: key.nullsFirst)
  }

  private func limits(_ select: SelectStatement, _ binder: inout ExpressionBinder)
    throws(SQLError) -> (BoundExpression?, BoundExpression?)
  {
    var constant = self.binder(Scope())
    constant.parameterTypes = binder.parameterTypes
    var bounds: [BoundExpression?] = []
    for expression in [select.limit, select.offset] {
      guard let expression else {
        bounds.append(nil)
        continue
      }
      bounds.append(
        try constant.coerce(constant.bind(expression), to: .int8, expression.location))
    }
    binder.parameterTypes = constant.parameterTypes
    return (bounds[0], bounds[1])
  }

  private mutating func bindValues(_ select: SelectStatement) throws(SQLError) -> Bound {
    var binder = binder(Scope())
    var plan = SelectPlan()
    var rows: [[Typed]] = []
    for row in select.values {
      var typed: [Typed] = []
      for expression in row { typed.append(try binder.bind(expression)) }
      if let first = rows.first, first.count != typed.count {
        throw SQLError(.syntaxError, "VALUES lists must all be the same length")
      }
      rows.append(typed)
    }
    plan.values = Array(repeating: [], count: rows.count)
    var columns: [ResultColumn] = []
    for column in rows[0].indices {
      let (parts, type) = try binder.common(rows.map { $0[column] }, "VALUES", -1)
      for (row, part) in parts.enumerated() { plan.values[row].append(part) }
      columns.append(ResultColumn(name: "column\(column + 1)", type: type))
      plan.outputs.append(.column(column))
    }
    if !select.orderBy.isEmpty {
      throw SQLError(.featureNotSupported, "ORDER BY on VALUES is not supported")
    }
    (plan.limit, plan.offset) = try limits(select, &binder)
    return Bound(
      plan: .select(plan), columns: columns, parameterTypes: binder.parameterTypes)
  }

  private func bindGrouped(
    _ select: SelectStatement, _ scope: Scope, _ table: TableDescriptor?,
    _ grouping: inout Grouping, _ binder: inout ExpressionBinder
  ) throws(SQLError) -> (
    [BoundExpression], BoundExpression?, [OrderKey], [ResultColumn]
  ) {
    var expressions: [BoundExpression] = []
    var columns: [ResultColumn] = []
    // Names come from the ungrouped form, values from the groups.
    for target in try expand(select.targets, scope) {
      let typed = try grouping.bind(target.expression, &binder)
      expressions.append(typed.expression)
      columns.append(
        ResultColumn(name: target.alias ?? Grouping.name(target.expression), type: typed.type))
    }
    var having: BoundExpression?
    if let filter = select.having {
      let typed = try grouping.bind(filter, &binder)
      guard typed.type.oid == SQLType.bool.oid else {
        throw binder.fault(
          .datatypeMismatch,
          "argument of HAVING must be type boolean, not type \(formatType(typed.type))",
          filter.location)
      }
      having = typed.expression
    }
    var order: [OrderKey] = []
    let aliases = Grouping.targets(select)
    for key in select.orderBy {
      let typed = try grouping.bind(Grouping.meant(key.expression, aliases), &binder)
      order.append(orderKey(key, typed))
    }
    return (expressions, having, order, columns)
  }
}
