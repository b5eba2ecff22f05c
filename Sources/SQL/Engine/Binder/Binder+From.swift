import Base
import Catalog
import Functions
import Syntax
import Types

extension Binder {
  /// Adds the item's names to the scope and gives its plan.
  func from(_ item: QuerySyntax.FromItem, _ scope: NameScope) throws(SQLError) -> LogicalPlan {
    try deeper { () throws(SQLError) in
      switch item {
      case .relation(let name, let alias): return try relation(name, alias, scope)
      case .subquery(let query, let alias, let isLateral, _):
        let outer = isLateral ? scope : lateralFree(scope)
        let bound = try bind(query, outer)
        try add(
          alias, default: nil,
          columns: bound.columns.map { column in
            var copy = column
            copy.isVisible = true
            return copy
          }, to: scope)
        return bound.plan
      case .functions(let calls, let alias, let columns, let hasOrdinality, let position):
        return try functions(calls, alias, columns, hasOrdinality, position, scope)
      case .join(let type, let left, let right, let condition, let alias, let position):
        return try join(type, left, right, condition, alias, position, scope)
      }
    }
  }

  /// A subquery without LATERAL sees the outer queries, not its neighbours.
  private func lateralFree(_ scope: NameScope) -> NameScope {
    let outer = NameScope(parent: scope.parent)
    outer.commonTables = scope.commonTables
    return outer
  }

  private func add(
    _ alias: QuerySyntax.Alias?, default name: String?, schema: String? = nil,
    columns: [ScopeColumn], to scope: NameScope
  ) throws(SQLError) {
    var columns = columns
    let shown = alias?.name ?? name
    if let names = alias?.columns, !names.isEmpty {
      let visible = columns.indices.filter { columns[$0].isVisible }
      guard names.count <= visible.count else {
        throw SQLError(
          .invalidColumnReference,
          "table \"\(shown ?? "")\" has \(visible.count) columns available but \(names.count) columns specified"
        )
      }
      for (index, name) in zip(visible, names) { columns[index].name = name }
    }
    let ownSchema = alias == nil ? schema : nil
    if let shown, scope.entries.contains(where: { $0.alias == shown && $0.schema == ownSchema }) {
      throw SQLError(.duplicateAlias, "table name \"\(shown)\" specified more than once")
    }
    for column in columns {
      variableNames[column.variable.id] = "\(shown.map { $0 + "." } ?? "")\(column.name)"
    }
    scope.entries.append(
      ScopeEntry(alias: shown, schema: ownSchema, columns: columns))
  }

  private func relation(
    _ name: QuerySyntax.RelationName, _ alias: QuerySyntax.Alias?, _ scope: NameScope
  ) throws(SQLError) -> LogicalPlan {
    if name.schema == nil, let common = scope.commonTable(name.name) {
      if let error = common.selfReference { throw error }
      if let change = common.change, change.returning == nil {
        throw SQLError(
          .featureNotSupported,
          "WITH query \"\(name.name)\" does not have a RETURNING clause", position: name.position)
      }
      try noteReading(common)
      let output = common.columns.map { variable($0.name, $0.type) }
      try add(
        alias, default: name.name,
        columns: output.map { ScopeColumn(name: $0.name, variable: $0) }, to: scope)
      return common.isRecursing
        ? .work(common.number, name: name.name, output) : .common(common, output)
    }
    switch try relation(name) {
    case .table(let table):
      let scan = try scan(table, alias: alias?.name ?? name.name)
      try add(
        alias, default: name.name, schema: schemaName(table.schema),
        columns: scopeColumns(scan, needsOne: true), to: scope)
      return .scan(scan)
    case .virtual(let table, let schema):
      let output = (table.columns + table.hiddenColumns).map { variable($0.name, $0.type) }
      var columns: [ScopeColumn] = []
      for (index, item) in output.enumerated() {
        columns.append(
          ScopeColumn(
            name: item.name, variable: item, table: table.id, number: Int16(index + 1),
            isVisible: index < table.columns.count))
      }
      try add(alias, default: name.name, schema: schema, columns: columns, to: scope)
      return .virtual(table, alias: alias?.name ?? name.name, output)
    case .view(let view):
      // The view's names are looked up as they were when it was made.
      let reader = context.role
      let saved = context
      context.searchPath = view.searchPath
      // What the view reads, it reads with its owner's rights.
      context.role = context.catalog.role(view.owner) ?? context.role
      defer { context = saved }
      dependencies[view.id] = 0
      let bound = try bind(context.parseQuery(view.query), NameScope(parent: nil))
      var columns = bound.columns
      for (index, column) in view.columns.enumerated() where index < columns.count {
        columns[index].name = column.name
        columns[index].table = view.id
        columns[index].number = Int16(index + 1)
      }
      context.role = reader
      try hideUnreadable(
        &columns, owner: view.owner, grants: view.grants, "view", view.name, needsOne: true)
      try add(
        alias, default: name.name, schema: schemaName(view.schema), columns: columns, to: scope)
      return bound.plan
    }
  }

  func scan(_ table: TableDescriptor, alias: String) throws(SQLError) -> LogicalScan {
    let layout = try layout(table)
    let scan = LogicalScan(
      layout: layout, alias: alias, columns: table.columns.map { variable($0.name, $0.type) })
    scans.append(scan)
    return scan
  }

  /// `needsOne`: it is read from, so that one column at least must be readable.
  func scopeColumns(_ scan: LogicalScan, needsOne: Bool = false) throws(SQLError) -> [ScopeColumn] {
    var columns: [ScopeColumn] = []
    for (column, variable) in zip(scan.layout.table.columns, scan.columns)
    where !column.isDropped && !column.isHidden {
      columns.append(
        ScopeColumn(
          name: column.name, variable: variable, table: scan.layout.table.id,
          number: column.id.rawValue))
    }
    let table = scan.layout.table
    try hideUnreadable(
      &columns, owner: table.owner, grants: table.grants, "table", table.name, needsOne: needsOne)
    return columns
  }

  /// unnest(a, b) is ROWS FROM (unnest(a), unnest(b)).
  private static func unnested(
    _ item: (call: QuerySyntax.Expression, columns: [(name: String, type: QuerySyntax.TypeName)])
  ) -> [(call: QuerySyntax.Expression, columns: [(name: String, type: QuerySyntax.TypeName)])] {
    guard case .call(let call) = item.call, call.name == "unnest", call.arguments.count > 1,
      item.columns.isEmpty
    else { return [item] }
    return call.arguments.map { argument in
      var one = call
      one.arguments = [argument]
      return (.call(one), [])
    }
  }

  private func functions(
    _ calls: [(
      call: QuerySyntax.Expression, columns: [(name: String, type: QuerySyntax.TypeName)]
    )],
    _ alias: QuerySyntax.Alias?, _ definitions: [(name: String, type: QuerySyntax.TypeName)],
    _ hasOrdinality: Bool, _ position: Int?, _ scope: NameScope
  ) throws(SQLError) -> LogicalPlan {
    if calls.count == 1, case .call(let call) = calls[0].call, ChangesCall.isMeant(call) {
      let output = ChangesCall.columns.map { variable($0.name, $0.type) }
      let plan = LogicalPlan.changes(try changes(call, scope), output)
      try add(
        alias, default: call.name,
        columns: output.map { ScopeColumn(name: $0.name, variable: $0) }, to: scope)
      return plan
    }
    let calls = calls.flatMap(Self.unnested)
    var functions: [FunctionScanNode.Function] = []
    var output: [PlanVariable] = []
    var clause = ExpressionClause("functions in FROM")
    clause.allowsSets = true
    for item in calls {
      let given = item.columns.isEmpty ? definitions : item.columns
      var columns: [(name: String, type: SQLType)] = []
      for column in given { columns.append((column.name, try type(column.type))) }
      var isRow = false
      let bound: TypedExpression
      if case .call(let call) = item.call, let records = JSONRecordCall(call) {
        var arguments: [TypedExpression] = []
        for argument in call.arguments { arguments.append(try bind(argument, scope, clause)) }
        bound = try jsonRecords(records, call, arguments, columns: columns)
        isRow = true
      } else {
        bound = try settled(bind(item.call, scope, clause))
      }
      if columns.isEmpty, let row = rowType(bound.type) {
        columns = row.fields
        isRow = true
      }
      if columns.isEmpty, case .call(let call) = item.call {
        let signature = try? registry.resolveFunction(
          call.name,
          {
            if case .setReturning(let made) = bound { return made.arguments.map(\.type) }
            if case .call(let made) = bound { return made.arguments.map(\.type) }
            return []
          }())
        columns = (signature?.signature.columns ?? []).map { ($0.name, $0.type) }
      }
      if columns.isEmpty {
        let name = item.call.columnName
        columns = [(calls.count == 1 ? alias?.name ?? name : name, bound.type)]
      }
      functions.append(.init(expression: bound, width: columns.count, isRow: isRow))
      for column in columns { output.append(variable(column.name, column.type)) }
    }
    if hasOrdinality { output.append(variable("ordinality", .int8)) }
    let name = calls.first?.call.columnName ?? "function"
    try add(
      alias, default: name, columns: output.map { ScopeColumn(name: $0.name, variable: $0) },
      to: scope)
    return .functions(functions, hasOrdinality: hasOrdinality, name: alias?.name ?? name, output)
  }

  private func join(
    _ type: QuerySyntax.JoinType, _ leftItem: QuerySyntax.FromItem,
    _ rightItem: QuerySyntax.FromItem, _ condition: QuerySyntax.JoinCondition,
    _ alias: QuerySyntax.Alias?, _ position: Int?, _ scope: NameScope
  ) throws(SQLError) -> LogicalPlan {
    let mergedBefore = scope.merged
    scope.merged = []
    let start = scope.entries.count
    let left = try from(leftItem, scope)
    let middle = scope.entries.count
    let leftMerged = scope.merged
    scope.merged = []
    let right = try from(rightItem, scope)
    let rightMerged = scope.merged
    func columns(_ range: Range<Int>, _ merged: [ScopeColumn]) -> [ScopeColumn] {
      merged
        + scope.entries[range].flatMap { entry in
          entry.columns.filter { $0.isVisible && !entry.hidden.contains($0.name) }
        }
    }
    let leftColumns = columns(start..<middle, leftMerged)
    let rightColumns = columns(middle..<scope.entries.count, rightMerged)
    scope.merged = leftMerged + rightMerged
    let kind: JoinKind =
      switch type {
      case .inner, .cross: .inner
      case .left: .left
      case .right: .right
      case .full: .full
      }
    var plan: LogicalPlan
    var names: [String] = []
    var predicate: TypedExpression?
    switch condition {
    case .none: break
    case .on(let syntax):
      // ON sees what it joins, and the outer queries.
      let inner = NameScope(parent: scope.parent)
      inner.entries = Array(scope.entries[start...])
      inner.merged = scope.merged
      inner.commonTables = scope.commonTables
      predicate = try self.condition(syntax, inner, ExpressionClause("JOIN/ON"))
    case .using(let given, _): names = given
    case .natural:
      names = leftColumns.map(\.name).filter { name in
        rightColumns.contains { $0.name == name }
      }
    }
    var merged: [ScopeColumn] = []
    var tests: [TypedExpression] = []
    var computed: [(PlanVariable, TypedExpression)] = []
    for name in names {
      let a = try only(name, leftColumns, "left", position)
      let b = try only(name, rightColumns, "right", position)
      let x = TypedExpression.variable(a.variable.id, a.variable.type)
      let y = TypedExpression.variable(b.variable.id, b.variable.type)
      tests.append(try operation("=", x, y, position: position))
      var column = kind == .right ? b : a
      if kind == .full {
        let (type, both) = try common([x, y], "JOIN/USING", position)
        let made = variable(name, type)
        variableNames[made.id] = name
        computed.append((made, .coalesce(both, type)))
        column = ScopeColumn(name: name, variable: made)
      }
      merged.append(column)
    }
    if !names.isEmpty { predicate = tests.count == 1 ? tests[0] : .and(tests) }
    plan = .join(kind, left, right, predicate)
    if !computed.isEmpty {
      let passed = plan.output
      plan = .project(
        plan, passed.map { .variable($0.id, $0.type) } + computed.map(\.1),
        passed + computed.map(\.0))
    }
    for index in start..<scope.entries.count {
      scope.entries[index].hidden.formUnion(names)
    }
    scope.merged = merged + scope.merged.filter { column in !names.contains(column.name) }
    if let alias {
      let all =
        scope.merged
        + scope.entries[start...].flatMap { entry in
          entry.columns.filter { $0.isVisible && !entry.hidden.contains($0.name) }
        }
      scope.entries.removeLast(scope.entries.count - start)
      scope.merged = []
      try add(alias, default: nil, columns: all, to: scope)
    }
    scope.merged = mergedBefore + scope.merged
    return plan
  }

  private func only(_ name: String, _ columns: [ScopeColumn], _ side: String, _ position: Int?)
    throws(SQLError) -> ScopeColumn
  {
    let found = columns.filter { $0.name == name }
    if found.count > 1 {
      throw SQLError(
        .ambiguousColumn, "common column name \"\(name)\" appears more than once in \(side) table",
        position: position)
    }
    if let denial = found.first?.denial { throw denial }
    guard let column = found.first else {
      throw SQLError(
        .undefinedColumn,
        "column \"\(name)\" specified in USING clause does not exist in \(side) table",
        position: position)
    }
    return column
  }
}
