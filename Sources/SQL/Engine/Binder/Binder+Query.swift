import Base
import Catalog
import Functions
import Syntax
import Types

/// A bound query: its plan and what its columns are called.
struct BoundQuery {
  var plan: LogicalPlan
  var columns: [ScopeColumn]
}

extension Binder {
  func bind(_ query: QuerySyntax.Query, _ parent: NameScope?) throws(SQLError) -> BoundQuery {
    try deeper { () throws(SQLError) in
      let scope = NameScope(parent: parent)
      let keeps = keepsUnknown
      keepsUnknown = false
      try commonTables(query.with, isRecursive: query.isRecursive, scope)
      var bound: BoundQuery
      switch query.body {
      case .select(let select):
        bound = try bind(select, query, scope, keepsUnknown: keeps)
        return try finish(query, &bound, scope)
      case .values(let rows): bound = try values(rows, scope)
      case .set(let kind, let isAll, let left, let right):
        bound = try setOperation(kind, isAll, side(left, scope), side(right, scope))
      }
      if !query.order.isEmpty { try order(query.order, &bound, scope) }
      if !query.locking.isEmpty {
        throw SQLError(
          .featureNotSupported, "FOR UPDATE is not allowed with UNION/INTERSECT/EXCEPT or VALUES")
      }
      return try finish(query, &bound, scope)
    }
  }

  /// LIMIT and OFFSET.
  private func finish(_ query: QuerySyntax.Query, _ bound: inout BoundQuery, _ scope: NameScope)
    throws(SQLError) -> BoundQuery
  {
    if query.limit == nil && query.offset == nil { return bound }
    func count(_ syntax: QuerySyntax.Expression?, _ word: String) throws(SQLError)
      -> TypedExpression?
    {
      guard let syntax else { return nil }
      let inner = NameScope(parent: scope.parent)
      let value = try bind(syntax, inner, ExpressionClause(word))
      return try coerce(value, to: .int8, .assignment, position: syntax.position)
    }
    var ties: [BoundSortKey] = []
    if query.withTies, case .sort(_, let keys) = bound.plan { ties = keys }
    bound.plan = .limit(
      bound.plan, limit: try count(query.limit, "LIMIT"),
      offset: try count(query.offset, "OFFSET"), ties: ties)
    return bound
  }

  /// ORDER BY over results: ordinals and names.
  private func order(
    _ keys: [QuerySyntax.SortKey], _ bound: inout BoundQuery, _ scope: NameScope
  ) throws(SQLError) {
    let results = NameScope(parent: nil)
    results.entries = [ScopeEntry(alias: nil, columns: bound.columns)]
    var made: [BoundSortKey] = []
    for key in keys {
      var expression: TypedExpression
      if case .literal(.integer(let number), let position) = key.expression {
        guard number >= 1 && number <= bound.columns.count else {
          throw SQLError(
            .invalidColumnReference, "ORDER BY position \(number) is not in select list",
            position: position)
        }
        let column = bound.columns[Int(number) - 1].variable
        expression = .variable(column.id, column.type)
      } else {
        expression = try bind(key.expression, results, ExpressionClause("ORDER BY"))
        guard case .variable = expression else {
          throw SQLError(
            .featureNotSupported, "invalid UNION/INTERSECT/EXCEPT ORDER BY clause",
            detail: "Only result column names can be used, not expressions or functions.",
            hint:
              "Add the expression/function to every SELECT, or move the UNION into a FROM clause.",
            position: key.expression.position)
        }
      }
      made.append(
        BoundSortKey(
          expression: expression, isDescending: key.isDescending,
          nullsFirst: key.nullsFirst ?? key.isDescending))
    }
    bound.plan = .sort(bound.plan, made)
  }

  func values(_ rows: [[QuerySyntax.Expression]], _ scope: NameScope, types: [SQLType]? = nil)
    throws(SQLError) -> BoundQuery
  {
    var bound: [[TypedExpression]] = []
    let width = rows.first?.count ?? 0
    for row in rows {
      guard row.count == width else {
        throw SQLError(
          .syntaxError, "VALUES lists must all be the same length",
          position: row.first?.position)
      }
      var values: [TypedExpression] = []
      for item in row { values.append(try bind(item, scope, ExpressionClause("VALUES"))) }
      bound.append(values)
    }
    var output: [PlanVariable] = []
    for column in 0..<width {
      var list: [TypedExpression] = []
      for row in bound { list.append(row[column]) }
      var (type, coerced) = try common(list, "VALUES", rows.first?[column].position)
      if type == .unknown {
        type = .text
        var settledList: [TypedExpression] = []
        for item in coerced { settledList.append(try settled(item)) }
        coerced = settledList
      }
      for row in bound.indices { bound[row][column] = coerced[row] }
      output.append(variable("column\(column + 1)", type))
    }
    return BoundQuery(
      plan: .values(bound, output),
      columns: output.map { ScopeColumn(name: $0.name, variable: $0) })
  }

  private func side(_ query: QuerySyntax.Query, _ scope: NameScope) throws(SQLError) -> BoundQuery {
    keepsUnknown = true
    defer { keepsUnknown = false }
    return try bind(query, scope)
  }

  private func setOperation(
    _ kind: QuerySyntax.SetKind, _ isAll: Bool, _ left: BoundQuery, _ right: BoundQuery
  ) throws(SQLError) -> BoundQuery {
    var (left, right) = (left, right)
    let word =
      switch kind {
      case .union: "UNION"
      case .intersect: "INTERSECT"
      case .except: "EXCEPT"
      }
    guard left.columns.count == right.columns.count else {
      throw SQLError(.syntaxError, "each \(word) query must have the same number of columns")
    }
    var leftList: [TypedExpression] = []
    var rightList: [TypedExpression] = []
    var output: [PlanVariable] = []
    for (place, (a, b)) in zip(left.columns, right.columns).enumerated() {
      var (type, both) = try common(
        [left.plan.expression(of: a.variable), right.plan.expression(of: b.variable)], word, nil)
      if type == .unknown {
        type = .text
        both = [try settled(both[0]), try settled(both[1])]
      }
      leftList.append(left.give(both[0], to: place))
      rightList.append(right.give(both[1], to: place))
      output.append(variable(a.name, type))
    }
    func side(_ query: BoundQuery, _ list: [TypedExpression]) -> LogicalPlan {
      .project(query.plan, list, list.map { variable("column", $0.type) })
    }
    let operation: SetOperation =
      switch kind {
      case .union: .union
      case .intersect: .intersect
      case .except: .except
      }
    return BoundQuery(
      plan: .set(operation, isAll: isAll, side(left, leftList), side(right, rightList), output),
      columns: output.map { ScopeColumn(name: $0.name, variable: $0) })
  }

  func commonTables(
    _ items: [QuerySyntax.CommonTable], isRecursive: Bool, _ scope: NameScope
  ) throws(SQLError) {
    let allowsChanges = self.allowsChanges
    self.allowsChanges = false
    for item in items {
      if scope.commonTables[item.name] != nil {
        throw SQLError(
          .duplicateAlias, "WITH query name \"\(item.name)\" specified more than once",
          position: item.position)
      }
      let number = commonTableNumber()
      if let change = item.change {
        guard allowsChanges else {
          throw SQLError(
            .featureNotSupported,
            "WITH clause containing a data-modifying statement must be at the top level",
            position: item.position)
        }
        if isRecursive {
          let own = CommonTableBinding(number: number, name: item.name, columns: [])
          own.selfReference = SQLError(
            "42P19",
            "recursive query \"\(item.name)\" must not contain data-modifying statements",
            position: item.position)
          scope.commonTables[item.name] = own
        }
        scope.commonTables[item.name] = try binding(change, item, number, scope)
        continue
      }
      if isRecursive, case .set(.union, let isAll, let first, let second) = item.query.body,
        item.query.order.isEmpty
      {
        let (base, baseHeight) = try measuringHeight { () throws(SQLError) in
          try bind(first, scope)
        }
        let binding = CommonTableBinding(
          number: number, name: item.name, columns: try named(base, item))
        binding.isRecursing = true
        scope.commonTables[item.name] = binding
        let (step, stepHeight) = try measuringHeight { () throws(SQLError) in
          try bind(second, scope)
        }
        binding.isRecursing = false
        binding.height = max(baseHeight, stepHeight)
        guard step.columns.count == binding.columns.count else {
          throw SQLError(
            .syntaxError, "each UNION query must have the same number of columns")
        }
        var list: [TypedExpression] = []
        for (column, wanted) in zip(step.columns, binding.columns) {
          list.append(
            try coerce(
              .variable(column.variable.id, column.variable.type), to: wanted.type, .implicit))
        }
        let output = binding.columns.map { variable($0.name, $0.type) }
        binding.plan.logical = .recursive(
          number, isAll: isAll,
          .project(
            base.plan, base.columns.map { .variable($0.variable.id, $0.variable.type) },
            binding.columns.map { variable($0.name, $0.type) }),
          .project(step.plan, list, binding.columns.map { variable($0.name, $0.type) }), output)
        continue
      }
      let (bound, height) = try measuringHeight { () throws(SQLError) in
        try bind(item.query, scope)
      }
      let binding = CommonTableBinding(
        number: number, name: item.name, columns: try named(bound, item))
      binding.height = height
      binding.plan.logical = .project(
        bound.plan, bound.columns.map { .variable($0.variable.id, $0.variable.type) },
        binding.columns.map { variable($0.name, $0.type) })
      scope.commonTables[item.name] = binding
    }
  }

  private func binding(
    _ statement: QuerySyntax.Statement, _ item: QuerySyntax.CommonTable, _ number: Int,
    _ scope: NameScope
  ) throws(SQLError) -> CommonTableBinding {
    var change: BoundChange
    switch statement {
    case .insert(let insert): change = try bind(insert, in: scope)
    case .update(let update): change = try bind(update, in: scope)
    case .delete(let delete): change = try bind(delete, in: scope)
    case .query, .explain: throw SQLError(.internalError, "a WITH item that is no change")
    }
    // What a literal is of is settled before others read it.
    for (place, expression) in (change.returning ?? []).enumerated() {
      let settled = try settled(expression)
      change.returning?[place] = settled
      change.columns?[place].type = settled.type
    }
    let binding = CommonTableBinding(
      number: number, name: item.name,
      columns: try named((change.columns ?? []).map { ($0.name, $0.type) }, item))
    binding.change = change
    changes.append(binding)
    return binding
  }

  private func named(_ query: BoundQuery, _ item: QuerySyntax.CommonTable) throws(SQLError)
    -> [(name: String, type: SQLType)]
  {
    try named(query.columns.map { ($0.name, $0.variable.type) }, item)
  }

  private func named(
    _ columns: [(name: String, type: SQLType)], _ item: QuerySyntax.CommonTable
  ) throws(SQLError) -> [(name: String, type: SQLType)] {
    guard item.columns.count <= columns.count else {
      throw SQLError(
        .invalidColumnReference,
        "WITH query \"\(item.name)\" has \(columns.count) columns available but \(item.columns.count) columns specified",
        position: item.position)
    }
    return columns.enumerated().map { index, column in
      (index < item.columns.count ? item.columns[index] : column.name, column.type)
    }
  }
}
