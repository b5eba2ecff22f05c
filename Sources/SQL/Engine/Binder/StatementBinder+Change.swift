import Base
import Catalog
import Syntax
import Types

/// INSERT, UPDATE and DELETE.
extension StatementBinder {
  mutating func bind(_ insert: InsertStatement) throws(SQLError) -> Bound {
    let table = try resolve(insert.table)
    let layout = layout(table)
    var binder = binder(Scope())
    let columns = try targetColumns(insert, table, binder)
    var plan = InsertPlan(table: layout, rows: [], returning: [])
    let rows = insert.rows.isEmpty ? [[]] : insert.rows
    for row in rows {
      if row.count > columns.count {
        throw binder.fault(
          .syntaxError, "INSERT has more expressions than target columns",
          row[columns.count].location)
      }
      if row.count < columns.count && !insert.columns.isEmpty {
        throw binder.fault(
          .syntaxError, "INSERT has more target columns than expressions",
          insert.columns[row.count].location)
      }
      plan.rows.append(try insertRow(row, columns, table, &binder))
    }
    return try finish(.insert(plan), insert.returning, table, insert.table, binder) {
      (plan, returning) in
      if case .insert(var changed) = plan {
        changed.returning = returning
        return .insert(changed)
      }
      return plan
    }
  }

  private func targetColumns(
    _ insert: InsertStatement, _ table: TableDescriptor, _ binder: ExpressionBinder
  ) throws(SQLError) -> [ColumnDescriptor] {
    if insert.columns.isEmpty { return table.visibleColumns }
    var columns: [ColumnDescriptor] = []
    for target in insert.columns {
      columns.append(try column(target.name, target.location, table, binder))
      if columns.dropLast().contains(where: { $0.name == target.name }) {
        throw binder.fault(
          .duplicateColumn, "column \"\(target.name)\" specified more than once",
          target.location)
      }
    }
    return columns
  }

  private func column(
    _ name: String, _ location: Int, _ table: TableDescriptor, _ binder: ExpressionBinder
  ) throws(SQLError) -> ColumnDescriptor {
    guard let found = table.column(named: name), !found.isHidden else {
      throw binder.fault(
        .undefinedColumn, "column \"\(name)\" of relation \"\(table.name)\" does not exist",
        location)
    }
    return found
  }

  private func insertRow(
    _ row: [Expression], _ columns: [ColumnDescriptor], _ table: TableDescriptor,
    _ binder: inout ExpressionBinder
  ) throws(SQLError) -> [BoundExpression?] {
    var values: [BoundExpression?] = []
    for column in table.columns { values.append(try defaultValue(column, &binder)) }
    for (column, expression) in zip(columns, row) {
      if case .defaultValue = expression { continue }
      values[Int(column.id.rawValue) - 1] = try assigned(expression, column, &binder)
    }
    return values
  }

  private func defaultValue(_ column: ColumnDescriptor, _ binder: inout ExpressionBinder)
    throws(SQLError) -> BoundExpression?
  {
    if column.isHidden { return nil }
    guard let text = column.defaultExpression else { return .constant(.null) }
    return .constant(try TypeIO.parseText(text, as: column.type, settings: FormatSettings()))
  }

  private func assigned(
    _ expression: Expression, _ column: ColumnDescriptor, _ binder: inout ExpressionBinder
  ) throws(SQLError) -> BoundExpression {
    let typed = try binder.bind(expression)
    do throws(SQLError) {
      return try binder.coerce(typed, to: column.type, expression.location)
    } catch {
      guard error.code == .datatypeMismatch else { throw error }
      var shown = binder.fault(
        .datatypeMismatch,
        "column \"\(column.name)\" is of type \(formatType(SQLType(column.type.oid))) but expression is of type \(formatType(typed.type))",
        expression.location)
      shown.hint = "You will need to rewrite or cast the expression."
      throw shown
    }
  }

  mutating func bind(_ update: UpdateStatement) throws(SQLError) -> Bound {
    let table = try resolve(update.table)
    var binder = binder(scope(table, update.table))
    let layout = layout(table)
    var assignments: [(column: Int, value: BoundExpression)] = []
    for assignment in update.assignments {
      let column = try column(assignment.column, assignment.location, table, binder)
      let position = Int(column.id.rawValue) - 1
      if layout.key.contains(position) {
        throw binder.fault(
          .featureNotSupported, "updating a column of the primary key is not supported",
          assignment.location)
      }
      if assignments.contains(where: { $0.column == position }) {
        throw binder.fault(
          .syntaxError, "multiple assignments to same column \"\(column.name)\"",
          assignment.location)
      }
      if case .defaultValue = assignment.value {
        let value = try defaultValue(column, &binder)
        assignments.append((position, value ?? .constant(.null)))
      } else {
        assignments.append((position, try assigned(assignment.value, column, &binder)))
      }
    }
    let change = try change(layout, update.filter, &binder)
    return try finish(
      .update(change, assignments: assignments), update.returning, table, update.table, binder
    ) { (plan, returning) in
      if case .update(var changed, let assignments) = plan {
        changed.returning = returning
        return .update(changed, assignments: assignments)
      }
      return plan
    }
  }

  mutating func bind(_ delete: DeleteStatement) throws(SQLError) -> Bound {
    let table = try resolve(delete.table)
    var binder = binder(scope(table, delete.table))
    let change = try change(layout(table), delete.filter, &binder)
    return try finish(.delete(change), delete.returning, table, delete.table, binder) {
      (plan, returning) in
      if case .delete(var changed) = plan {
        changed.returning = returning
        return .delete(changed)
      }
      return plan
    }
  }

  private func change(
    _ table: TableLayout, _ filter: Expression?, _ binder: inout ExpressionBinder
  ) throws(SQLError) -> ChangePlan {
    var plan = ChangePlan(table: table, filter: nil, key: nil, returning: [])
    if let filter {
      plan.filter = try condition(filter, "WHERE", &binder)
      plan.key = fixedKey(plan.filter, table)
    }
    return plan
  }

  private func finish(
    _ plan: Plan, _ returning: [Target], _ table: TableDescriptor, _ name: RelationName,
    _ binder: ExpressionBinder, _ place: (Plan, [BoundExpression]) -> Plan
  ) throws(SQLError) -> Bound {
    if returning.isEmpty {
      return Bound(plan: plan, columns: nil, parameterTypes: binder.parameterTypes)
    }
    let scope = scope(table, name)
    var results = self.binder(scope)
    results.parameterTypes = binder.parameterTypes
    let (expressions, columns) = try outputs(returning, scope, table, &results)
    return Bound(
      plan: place(plan, expressions), columns: columns, parameterTypes: results.parameterTypes)
  }
}
