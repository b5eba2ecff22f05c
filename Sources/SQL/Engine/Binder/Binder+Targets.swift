import Base
import Catalog
import Functions
import Syntax
import Types

extension Binder {
  /// The table that a statement changes. 42809 for what is no table.
  /// `privileges`: letters that the role needs on it, all of them.
  func target(_ name: QuerySyntax.RelationName, _ verb: String, privileges: String)
    throws(SQLError) -> TableDescriptor
  {
    switch try relation(name) {
    case .table(let table):
      try require(privileges, owner: table.owner, grants: table.grants, "table", table.name)
      return table
    case .view(let view):
      throw SQLError(
        .objectNotInPrerequisiteState, "cannot \(verb) view \"\(view.name)\"",
        detail: "Views are not automatically updatable.", position: name.position)
    case .virtual:
      throw SQLError(
        .insufficientPrivilege, "permission denied for table \(name.name)",
        position: name.position)
    }
  }

  /// The columns of the list that the role may not read, with the error for that; 42501 at once
  /// where it may read none.
  func hideUnreadable(
    _ columns: inout [ScopeColumn], owner: ObjectID, grants: [Catalog.Grant], _ kind: String,
    _ name: String, needsOne: Bool
  ) throws(SQLError) {
    let catalog = context.catalog
    let role = context.role
    if role.isSuperuser || Privileges.has("r", role, owner: owner, grants: grants, catalog) {
      return
    }
    let denial = Privileges.denied(kind, name)
    var canRead = false
    for place in columns.indices {
      let id = ColumnID(rawValue: columns[place].number)
      if Privileges.has("r", on: id, role, owner: owner, grants: grants, catalog) {
        canRead = true
      } else {
        columns[place].denial = denial
      }
    }
    if needsOne && !canRead { throw denial }
  }

  /// 42501 where the role has the right neither on the table nor on each of the columns.
  func require(_ letter: Character, on columns: [ColumnDescriptor], of table: TableDescriptor)
    throws(SQLError)
  {
    if context.role.isSuperuser { return }
    for column in columns
    where !Privileges.has(
      letter, on: column.id, context.role, owner: table.owner, grants: table.grants,
      context.catalog)
    {
      throw Privileges.denied("table", table.name)
    }
  }

  /// 42501 where the role lacks one of the letters.
  func require(
    _ privileges: String, owner: ObjectID, grants: [Catalog.Grant], _ kind: String, _ name: String
  ) throws(SQLError) {
    if context.role.isSuperuser { return }
    for letter in privileges
    where !Privileges.has(
      letter, context.role, owner: owner, grants: grants, context.catalog)
    {
      throw Privileges.denied(kind, name)
    }
  }

  /// Constraints, foreign keys of both sides, and defaults of a table. `withReferences`: what
  /// refers to it is needed too (UPDATE, DELETE).
  /// `keepsViews`: whoever writes keeps the materialized views of CQL too.
  func writeTarget(
    _ table: TableDescriptor, withReferences: Bool, keepsViews: Bool = false
  ) throws(SQLError) -> WriteTarget {
    if !keepsViews { try table.checkHasNoViews() }
    var known: [ObjectID: WriteTarget] = [:]
    return try writeTarget(table, withReferences, &known)
  }

  private func writeTarget(
    _ table: TableDescriptor, _ withReferences: Bool, _ known: inout [ObjectID: WriteTarget]
  ) throws(SQLError) -> WriteTarget {
    if let target = known[table.id] { return target }
    let layout = try layout(table)
    var checks: [RowConstraints.Check] = []
    for check in table.checks {
      checks.append(
        .init(name: check.name, expression: try bindRowExpression(check.expression, table)))
    }
    var generated: [(position: Int, expression: TypedExpression)] = []
    for (position, column) in table.columns.enumerated() where !column.isDropped {
      if let text = column.generatedExpression {
        generated.append((position, try bindRowExpression(text, table, as: column.type)))
      }
    }
    let target = WriteTarget(
      layout: layout,
      constraints: RowConstraints(layout: layout, checks: checks, generated: generated))
    known[table.id] = target
    for (position, column) in table.columns.enumerated() where !column.isDropped {
      if let text = column.defaultExpression {
        let bound = try bindRowExpression(text, table, as: column.type)
        if bound.externals.isEmpty { target.defaults[position] = bound }
      }
    }
    for key in table.foreignKeys {
      guard let parent = context.catalog.table(key.referencedTable) else { continue }
      target.foreignKeys.append(try foreignKey(key, layout, try self.layout(parent)))
    }
    guard withReferences else { return target }
    for object in context.catalog.sortedObjects {
      guard case .table(let child) = object else { continue }
      for key in child.foreignKeys where key.referencedTable == table.id {
        let childTarget = try writeTarget(child, true, &known)
        target.referencing.append(
          (try foreignKey(key, childTarget.layout, layout), childTarget))
      }
    }
    return target
  }

  private func foreignKey(_ key: ForeignKey, _ child: StoredTable, _ parent: StoredTable)
    throws(SQLError) -> ForeignKeyPlan
  {
    let wanted = Set(key.referencedColumns.map { Int($0.rawValue) - 1 })
    var parentIndex: Int?
    if Set(parent.primaryKey.compactMap(\.column)) != wanted {
      parentIndex = parent.indexes.firstIndex {
        $0.descriptor.isUnique && $0.descriptor.state == .public && $0.predicate == nil
          && Set($0.parts.compactMap(\.column)) == wanted
      }
      guard parentIndex != nil else {
        throw SQLError(
          .invalidForeignKey,
          "there is no unique constraint matching given keys for referenced table \"\(parent.table.name)\""
        )
      }
    }
    var tests: [TypedExpression] = []
    for (place, column) in key.columns.enumerated() {
      let position = Int(column.rawValue) - 1
      let type = child.types[position]
      tests.append(
        try operation("=", .slot(position, type), .variable(-1 - place, type), position: nil))
    }
    let scan = ScanNode(
      table: child, alias: child.table.name, access: AccessChooser(child).choose(tests).plan,
      filter: TypedExpression.conjunction(tests), projection: Array(child.types.indices),
      output: child.table.columns.map { PlanVariable(id: 0, name: $0.name, type: $0.type) })
    let pairs = zip(key.columns, key.referencedColumns).map {
      (child: Int($0.rawValue) - 1, parent: Int($1.rawValue) - 1)
    }
    return ForeignKeyPlan(
      key: key, child: child, parent: parent, parentIndex: parentIndex, pairs: pairs,
      childScan: scan)
  }

  /// What a column gets that is not named: its default, the next number, or null.
  func defaultValue(_ column: ColumnDescriptor, _ table: TableDescriptor) throws(SQLError)
    -> TypedExpression
  {
    // A serial column's sequence is known by its id, whatever it is called now.
    let isSerial = column.defaultExpression?.hasPrefix("nextval(") ?? false
    if column.identity != .none || isSerial, let sequence = column.ownedSequence {
      let id = external(
        .call(
          "nextval", [.constant(.int(Int64(sequence.rawValue)), .regclass)], isStrict: true))
      return try coerce(.external(id, .int8), to: column.type, .assignment)
    }
    guard let text = column.defaultExpression else { return .constant(.null, column.type) }
    return try bindRowExpression(text, table, as: column.type)
  }

  func position(of name: String, in table: TableDescriptor, _ position: Int?) throws(SQLError)
    -> Int
  {
    guard let column = table.column(named: name), !column.isHidden else {
      throw SQLError(
        .undefinedColumn,
        "column \"\(name)\" of relation \"\(table.name)\" does not exist", position: position)
    }
    return Int(column.id.rawValue) - 1
  }
}
