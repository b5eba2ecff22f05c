import Base
import Catalog
import Functions
import Syntax
import Types

/// A bound statement that changes rows.
struct BoundChange {
  enum Kind {
    case insert(ConflictRule?)
    /// Positions that are assigned; the input's rows end with their new values.
    case update([Int])
    case delete
  }
  var kind: Kind
  var target: WriteTarget
  /// INSERT: whole rows. Else: the old row, what else RETURNING reads, and the new values.
  var input: LogicalPlan
  var returning: [TypedExpression]?
  var columns: [OutputColumn]?
  /// The target's scan; nil for INSERT.
  var scan: LogicalScan?
}

extension Binder {
  func bind(_ insert: QuerySyntax.Insert, in outer: NameScope? = nil) throws(SQLError)
    -> BoundChange
  {
    let table = try target(insert.table, "insert into", privileges: "")
    let layout = try layout(table)
    let scope = try withScope(insert.with, insert.isRecursive, outer)
    var positions: [Int] = []
    if insert.columns.isEmpty {
      positions = table.visibleColumns.map { Int($0.id.rawValue) - 1 }
    } else {
      for column in insert.columns {
        let found = try position(of: column.name, in: table, column.position)
        if positions.contains(found) {
          throw SQLError(
            .duplicateColumn, "column \"\(column.name)\" specified more than once",
            position: column.position)
        }
        positions.append(found)
      }
    }
    let input = try source(insert, table, &positions, scope)
    try require("a", on: positions.map { table.columns[$0] }, of: table)
    let scan = LogicalScan(
      layout: layout, alias: insert.alias ?? table.name,
      columns: table.columns.map { variable($0.name, $0.type) })
    var change = BoundChange(
      kind: .insert(try conflict(insert, table, layout, scan)),
      target: try writeTarget(table, withReferences: insert.onConflict?.assignments != nil),
      input: input)
    let returned = NameScope(parent: nil)
    returned.entries = [
      ScopeEntry(
        alias: scan.alias, schema: insert.alias == nil ? schemaName(table.schema) : nil,
        columns: try scopeColumns(scan))
    ]
    try returning(insert.returning, scan, returned, &change)
    return change
  }

  /// The source as whole rows of the table.
  private func source(
    _ insert: QuerySyntax.Insert, _ table: TableDescriptor, _ positions: inout [Int],
    _ scope: NameScope
  ) throws(SQLError) -> LogicalPlan {
    func whole(_ given: [(position: Int, expression: TypedExpression)]) throws(SQLError)
      -> [TypedExpression]
    {
      var row: [TypedExpression] = []
      for (position, column) in table.columns.enumerated() {
        if let found = given.first(where: { $0.position == position }) {
          row.append(found.expression)
        } else if column.isDropped || column.isHidden || column.generatedExpression != nil {
          row.append(.constant(.null, column.type))
        } else {
          row.append(try defaultValue(column, table))
        }
      }
      return row
    }
    let output = table.columns.map { variable($0.name, $0.type) }
    guard let query = insert.source else { return .values([try whole([])], output) }
    func checkWidth(_ width: Int, _ position: Int?) throws(SQLError) {
      if width > positions.count {
        throw SQLError(
          .syntaxError, "INSERT has more expressions than target columns", position: position)
      }
      if width < positions.count {
        guard insert.columns.isEmpty else {
          throw SQLError(
            .syntaxError, "INSERT has more target columns than expressions",
            position: insert.columns[width].position)
        }
        positions.removeLast(positions.count - width)
      }
    }
    if case .values(let rows) = query.body, query.order.isEmpty, query.limit == nil,
      query.offset == nil
    {
      let valuesScope = NameScope(parent: scope)
      try commonTables(query.with, isRecursive: query.isRecursive, valuesScope)
      var made: [[TypedExpression]] = []
      let width = rows.first?.count ?? 0
      try checkWidth(width, rows.first?.last?.position)
      for row in rows {
        guard row.count == width else {
          throw SQLError(
            .syntaxError, "VALUES lists must all be the same length",
            position: row.first?.position)
        }
        var given: [(position: Int, expression: TypedExpression)] = []
        for (position, syntax) in zip(positions, row) {
          let column = table.columns[position]
          if case .defaultValue = syntax { continue }
          if try isIgnored(column, insert.overriding) { continue }
          let bound = try bind(syntax, valuesScope, ExpressionClause("VALUES"))
          given.append(
            (
              position,
              try assign(bound, to: column.type, column: column.name, position: syntax.position)
            ))
        }
        made.append(try whole(given))
      }
      return .values(made, output)
    }
    keepsUnknown = true
    let bound = try bind(query, scope)
    keepsUnknown = false
    try checkWidth(bound.columns.count, nil)
    var given: [(position: Int, expression: TypedExpression)] = []
    let places = query.targetPositions
    for (index, (position, column)) in zip(positions, bound.columns).enumerated() {
      let wanted = table.columns[position]
      if try isIgnored(wanted, insert.overriding) { continue }
      given.append(
        (
          position,
          try assign(
            bound.plan.expression(of: column.variable), to: wanted.type,
            column: wanted.name, position: index < places.count ? places[index] : nil)
        ))
    }
    return .project(bound.plan, try whole(given), output)
  }

  /// 428C9 for values that may not be given; true when OVERRIDING USER VALUE drops them.
  private func isIgnored(
    _ column: ColumnDescriptor, _ overriding: QuerySyntax.Insert.Overriding
  ) throws(SQLError) -> Bool {
    if column.generatedExpression != nil {
      throw SQLError(
        .generatedAlways, "cannot insert a non-DEFAULT value into column \"\(column.name)\"",
        detail: "Column \"\(column.name)\" is a generated column.")
    }
    if column.identity != .none && overriding == .user { return true }
    if column.identity == .always && overriding == .none {
      throw SQLError(
        .generatedAlways, "cannot insert a non-DEFAULT value into column \"\(column.name)\"",
        detail: "Column \"\(column.name)\" is an identity column defined as GENERATED ALWAYS.",
        hint: "Use OVERRIDING SYSTEM VALUE to override.")
    }
    return false
  }

  private func conflict(
    _ insert: QuerySyntax.Insert, _ table: TableDescriptor, _ layout: StoredTable,
    _ scan: LogicalScan
  ) throws(SQLError) -> ConflictRule? {
    guard let syntax = insert.onConflict else { return nil }
    var arbiters: [Int?] = []
    if let name = syntax.constraint {
      if table.primaryKey.name == name {
        arbiters = [nil]
      } else if let found = layout.indexes.firstIndex(where: {
        $0.descriptor.name == name && $0.descriptor.isUnique && $0.descriptor.state == .public
      }) {
        arbiters = [found]
      } else {
        throw SQLError(
          .undefinedObject,
          "constraint \"\(name)\" for table \"\(table.name)\" does not exist",
          position: syntax.position)
      }
    } else if !syntax.columns.isEmpty {
      var wanted: Set<Int> = []
      for name in syntax.columns {
        wanted.insert(try position(of: name, in: table, syntax.position))
      }
      if Set(layout.primaryKey.compactMap(\.column)) == wanted { arbiters.append(nil) }
      for (place, index) in layout.indexes.enumerated()
      where index.descriptor.isUnique && index.descriptor.state == .public
        && Set(index.parts.map(\.column)) == Set(wanted.map { $0 })
      {
        if index.predicate == nil || syntax.filter != nil { arbiters.append(place) }
      }
      if arbiters.isEmpty {
        throw SQLError(
          .invalidColumnReference,
          "there is no unique or exclusion constraint matching the ON CONFLICT specification")
      }
    }
    try require(
      "r",
      on: try syntax.columns.map { (name) throws(SQLError) in
        table.columns[try position(of: name, in: table, syntax.position)]
      }, of: table)
    guard let assignments = syntax.assignments else {
      return ConflictRule(arbiters: arbiters, update: nil)
    }
    if arbiters.isEmpty {
      throw SQLError(
        .syntaxError,
        "ON CONFLICT DO UPDATE requires inference specification or constraint name",
        hint: "For example, ON CONFLICT (column_name).", position: syntax.position)
    }
    // The existing row, then the proposed one.
    let excluded = LogicalScan(
      layout: layout, alias: "excluded",
      columns: table.columns.map { variable($0.name, $0.type) })
    let scope = NameScope(parent: nil)
    scope.entries = [
      ScopeEntry(
        alias: scan.alias, schema: insert.alias == nil ? schemaName(table.schema) : nil,
        columns: try scopeColumns(scan)),
      ScopeEntry(alias: "excluded", columns: try scopeColumns(excluded)),
    ]
    // Bare names mean the existing row.
    scope.entries[1].hidden = Set(table.columns.map(\.name))
    var slots: [VariableID: Int] = [:]
    for (position, column) in (scan.columns + excluded.columns).enumerated() {
      slots[column.id] = position
    }
    let bound = try self.assignments(assignments, table, scope)
    try require("w", on: bound.map { table.columns[$0.position] }, of: table)
    var rule = ConflictRule(arbiters: arbiters, update: [])
    for item in bound {
      guard item.expression.externals.isEmpty else {
        throw SQLError(
          .featureNotSupported, "subqueries in ON CONFLICT DO UPDATE are not supported")
      }
      rule.update?.append(
        ColumnAssignment(position: item.position, expression: item.expression.resolved(slots)))
    }
    if let filter = syntax.updateFilter {
      rule.filter = try condition(filter, scope, ExpressionClause("WHERE")).resolved(slots)
    }
    return rule
  }

  /// SET clauses: positions and expressions of the columns' types.
  func assignments(
    _ list: [QuerySyntax.Assignment], _ table: TableDescriptor, _ scope: NameScope
  ) throws(SQLError) -> [(position: Int, expression: TypedExpression)] {
    var result: [(position: Int, expression: TypedExpression)] = []
    func add(_ name: String, _ syntax: QuerySyntax.Assignment, _ bound: TypedExpression?)
      throws(SQLError)
    {
      let place = try position(of: name, in: table, syntax.position)
      if result.contains(where: { $0.position == place }) {
        throw SQLError(
          .syntaxError, "multiple assignments to same column \"\(name)\"",
          position: syntax.position)
      }
      let column = table.columns[place]
      if bound != nil, column.generatedExpression != nil || column.identity == .always {
        let kind =
          column.generatedExpression != nil
          ? "a generated column" : "an identity column defined as GENERATED ALWAYS"
        throw SQLError(
          .generatedAlways, "column \"\(name)\" can only be updated to DEFAULT",
          detail: "Column \"\(name)\" is \(kind).")
      }
      let value: TypedExpression
      if let bound {
        value = try assign(
          bound, to: column.type, column: name, position: syntax.value.position)
      } else {
        value = try defaultValue(column, table)
      }
      result.append((place, value))
    }
    for syntax in list {
      if syntax.columns.count == 1 {
        if case .defaultValue = syntax.value {
          try add(syntax.columns[0], syntax, nil)
        } else {
          try add(
            syntax.columns[0], syntax, bind(syntax.value, scope, ExpressionClause("UPDATE")))
        }
        continue
      }
      switch syntax.value {
      case .row(let items, let position):
        guard items.count == syntax.columns.count else {
          throw SQLError(
            .syntaxError, "number of columns does not match number of values", position: position)
        }
        for (name, item) in zip(syntax.columns, items) {
          if case .defaultValue = item {
            try add(name, syntax, nil)
          } else {
            try add(name, syntax, bind(item, scope, ExpressionClause("UPDATE")))
          }
        }
      case .subquery(.scalar, nil, let query, let position):
        let bound = try bind(query, scope)
        guard bound.columns.count == syntax.columns.count else {
          throw SQLError(
            .syntaxError, "number of columns does not match number of values", position: position)
        }
        let id = external(.record(bound.plan))
        for (place, name) in syntax.columns.enumerated() {
          try add(
            name, syntax,
            .field(.external(id, .record), place, bound.columns[place].variable.type))
        }
      default:
        throw SQLError(
          .featureNotSupported,
          "source for a multiple-column UPDATE item must be a sub-SELECT or ROW() expression",
          position: syntax.value.position)
      }
    }
    return result
  }

  /// RETURNING over the target's columns and what else is in scope.
  func returning(
    _ targets: [QuerySyntax.Target]?, _ scan: LogicalScan, _ scope: NameScope,
    _ change: inout BoundChange
  ) throws(SQLError) {
    guard let targets else { return }
    if !scope.entries.contains(where: { $0.alias == scan.alias }) {
      scope.entries.insert(ScopeEntry(alias: scan.alias, columns: try scopeColumns(scan)), at: 0)
    }
    var list: [TypedExpression] = []
    var columns: [OutputColumn] = []
    for target in targets {
      for item in try expand(target, scope) {
        list.append(item.expression)
        columns.append(
          OutputColumn(
            name: item.name, type: item.expression.type,
            table: item.origin?.table ?? ObjectID(rawValue: 0), column: item.origin?.number ?? 0))
      }
    }
    if list.contains(where: { $0.hasAggregate || $0.hasWindow || $0.hasSetReturning }) {
      throw SQLError(.groupingError, "aggregate functions are not allowed in RETURNING")
    }
    change.returning = list
    change.columns = columns
    change.scan = scan
  }
}
