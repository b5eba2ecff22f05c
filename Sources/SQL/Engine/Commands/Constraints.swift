import Base
import Catalog
import Functions
import Node
import Syntax
import Types

/// UNIQUE, CHECK and FOREIGN KEY, for CREATE TABLE and ALTER TABLE … ADD.
extension SQLSession {
  /// The tables that the constraints refer to, besides the table itself.
  func referencedTables(
    _ constraints: [ConstraintDefinition], self own: QuerySyntax.RelationName
  ) throws(SQLError) -> [ObjectID] {
    var found: [ObjectID] = []
    for constraint in constraints {
      guard case .reference(let reference) = constraint.kind else { continue }
      if reference.table.name == own.name, reference.table.schema == own.schema { continue }
      let parent = try names.table(reference.table)
      if !found.contains(parent.id) { found.append(parent.id) }
    }
    return found
  }

  /// The table as the transaction has it now.
  func table(_ name: String, in schema: SchemaDescriptor) throws(SQLError) -> TableDescriptor {
    guard case .table(let table) = catalog.relation(schema: schema.id, name: name) else {
      throw CatalogNames.undefined(QuerySyntax.RelationName(name))
    }
    return table
  }

  /// Adds one constraint to a table that this transaction has alone. `isNew`: it has no rows yet.
  func add(
    _ constraint: ConstraintDefinition, to name: String, in schema: SchemaDescriptor, isNew: Bool
  ) async throws(SQLError) {
    let table = try table(name, in: schema)
    switch constraint.kind {
    case .check(let expression):
      try await addCheck(expression, constraint, table, isNew: isNew)
    case .unique(let nullsNotDistinct):
      try await addUnique(constraint, nullsNotDistinct, table, schema, isNew: isNew)
    case .reference(let reference):
      try await addForeignKey(reference, constraint, table, schema, isNew: isNew)
    case .primaryKey: try await addPrimaryKey(constraint, table, schema)
    default:
      throw SQLError(.featureNotSupported, "this constraint is not supported here")
    }
  }

  private func requireFree(_ name: String, _ table: TableDescriptor) throws(SQLError) {
    let isTaken =
      table.checks.contains { $0.name == name } || table.foreignKeys.contains { $0.name == name }
      || table.indexes.contains { $0.name == name && $0.constraint != nil }
    if isTaken {
      throw SQLError(
        .duplicateObject, "constraint \"\(name)\" for relation \"\(table.name)\" already exists")
    }
  }

  // MARK: CHECK

  private func addCheck(
    _ expression: QuerySyntax.Expression, _ constraint: ConstraintDefinition,
    _ table: TableDescriptor, isNew: Bool
  ) async throws(SQLError) {
    let binder = Binder(statementContext(), parameterTypes: [])
    let columns = try binder.checkRowExpression(expression, table, "check constraints")
    let used = columns.map { table.columns[$0].name }
    var name = constraint.name ?? ""
    if name.isEmpty {
      let taken = Set(table.checks.map(\.name) + table.foreignKeys.map(\.name))
      name = names.freeName(
        [table.name] + (used.count == 1 ? used : []), "check", schema: table.schema, besides: taken)
    }
    try requireFree(name, table)
    let text = SyntaxPrinter.text(expression)
    if !isNew && !constraint.isNotValid {
      try await verify("NOT (\(text))", table) {
        SQLError(
          .checkViolation,
          "check constraint \"\(name)\" of relation \"\(table.name)\" is violated by some row")
      }
    }
    let checkName = name
    try await change { (catalog) throws(SQLError) in
      guard var changed = catalog.table(table.id) else { return }
      var check = CheckConstraint(
        id: catalog.allocateObjectID(), name: checkName, expression: text)
      check.isValidated = !constraint.isNotValid
      changed.checks.append(check)
      changed.version += 1
      catalog.put(.table(changed))
    }
  }

  /// Fails with `error` where a row fulfils the condition.
  func verify(_ condition: String, _ table: TableDescriptor, _ error: () -> SQLError)
    async throws(SQLError)
  {
    let path = SyntaxPrinter.quoted(catalog.objects[table.schema]?.name ?? "public")
    let rows = try await query(
      "SELECT 1 FROM \(path).\(SyntaxPrinter.quoted(table.name)) WHERE \(condition) LIMIT 1")
    if !rows.isEmpty {
      var found = error()
      found.schema = catalog.objects[table.schema]?.name
      found.table = table.name
      throw found
    }
  }

  /// Runs a query of the commands' own in the transaction.
  func query(_ sql: String) async throws(SQLError) -> [[Value]] {
    let syntax = try CatalogText.query(sql)
    let plan = try SQL.plan(.query(syntax), context: statementContext(), parameterTypes: [])
    let cursor = SQL.execute(plan, parameters: [], in: executionContext(current()))
    var rows: [[Value]] = []
    while let batch = try await cursor.next() { rows += batch }
    return rows
  }

  // MARK: UNIQUE

  private func addUnique(
    _ constraint: ConstraintDefinition, _ nullsNotDistinct: Bool, _ table: TableDescriptor,
    _ schema: SchemaDescriptor, isNew: Bool
  ) async throws(SQLError) {
    if let existing = constraint.usingIndex {
      return try await adopt(existing, as: constraint, table)
    }
    var ids: [ColumnID] = []
    for column in constraint.columns {
      guard let found = table.column(named: column), !found.isHidden else {
        throw SQLError(
          .undefinedColumn, "column \"\(column)\" named in key does not exist",
          position: constraint.position)
      }
      if ids.contains(found.id) {
        throw SQLError(
          .duplicateColumn, "column \"\(column)\" appears twice in unique constraint",
          position: constraint.position)
      }
      try refuseRows(found)
      ids.append(found.id)
    }
    var included: [ColumnID] = []
    for column in constraint.included {
      guard let found = table.column(named: column) else {
        throw SQLError(.undefinedColumn, "column \"\(column)\" does not exist")
      }
      included.append(found.id)
    }
    let name =
      constraint.name
      ?? names.freeName([table.name] + constraint.columns, "key", schema: schema.id)
    if catalog.isRelationNameTaken(schema: schema.id, name: name) { throw Self.taken(name) }
    try requireFree(name, table)
    try await addIndex(to: table, isNew: isNew) { (catalog) in
      var index = IndexDescriptor(
        id: catalog.allocateObjectID(), name: name, keyspace: catalog.allocateKeyspaceID(),
        columns: ids.map { IndexColumn(column: $0) })
      index.included = included
      index.isUnique = true
      index.nullsNotDistinct = nullsNotDistinct
      index.isDeferrable = constraint.isDeferrable
      index.constraint = catalog.allocateObjectID()
      return index
    }
  }

  /// ADD CONSTRAINT … UNIQUE USING INDEX.
  private func adopt(
    _ index: String, as constraint: ConstraintDefinition, _ table: TableDescriptor
  ) async throws(SQLError) {
    guard let place = table.indexes.firstIndex(where: { $0.name == index }) else {
      throw SQLError(.undefinedObject, "index \"\(index)\" does not exist")
    }
    guard table.indexes[place].isUnique, table.indexes[place].predicate == nil else {
      throw SQLError(.wrongObjectType, "\"\(index)\" is not a unique index")
    }
    guard table.indexes[place].state == .public else { throw Self.notValid(index) }
    try await change { (catalog) throws(SQLError) in
      guard var changed = catalog.table(table.id) else { return }
      changed.indexes[place].constraint = catalog.allocateObjectID()
      if let name = constraint.name { changed.indexes[place].name = name }
      changed.version += 1
      catalog.put(.table(changed))
    }
  }

  private static func notValid(_ index: String) -> SQLError {
    SQLError(.objectNotInPrerequisiteState, "index \"\(index)\" is not valid")
  }

  // MARK: PRIMARY KEY

  /// ADD PRIMARY KEY: the rows move to a new keyspace, ordered and distributed by the new key.
  private func addPrimaryKey(
    _ constraint: ConstraintDefinition, _ table: TableDescriptor, _ schema: SchemaDescriptor
  ) async throws(SQLError) {
    guard
      table.primaryKey.columns.allSatisfy({ $0.column.map { table.column($0).isHidden } ?? false })
    else {
      throw SQLError(
        .invalidTableDefinition,
        "multiple primary keys for table \"\(table.name)\" are not allowed",
        position: constraint.position)
    }
    var wanted = constraint.columns
    if let index = constraint.usingIndex {
      guard let found = table.indexes.first(where: { $0.name == index }) else {
        throw SQLError(.undefinedObject, "index \"\(index)\" does not exist")
      }
      guard found.state == .public else { throw Self.notValid(index) }
      wanted = found.columns.compactMap { $0.column.map { table.column($0).name } }
    }
    var ids: [ColumnID] = []
    for column in wanted {
      guard let found = table.column(named: column), !found.isHidden else {
        throw SQLError(
          .undefinedColumn, "column \"\(column)\" named in key does not exist",
          position: constraint.position)
      }
      ids.append(found.id)
      if !found.isNotNull {
        try await verify("\(SyntaxPrinter.quoted(column)) IS NULL", table) {
          SQLError(
            .notNullViolation,
            "column \"\(column)\" of relation \"\(table.name)\" contains null values")
        }
      }
    }
    let name =
      constraint.name ?? names.freeName([table.name], "pkey", schema: schema.id)
    if catalog.isRelationNameTaken(schema: schema.id, name: name) { throw Self.taken(name) }
    try await rewrite(table) { (changed, catalog) throws(SQLError) in
      for id in ids { changed.columns[Int(id.rawValue) - 1].isNotNull = true }
      changed.indexes[0].columns = ids.map { IndexColumn(column: $0) }
      changed.indexes[0].name = name
      changed.indexes[0].id = catalog.allocateObjectID()
      changed.indexes[0].constraint = catalog.allocateObjectID()
      changed.distribution = .murmur3(ids)
      for place in changed.columns.indices where changed.columns[place].isRowID {
        changed.columns[place].isHidden = false
        changed.columns[place].isDropped = true
        changed.columns[place].isNotNull = false
        changed.columns[place].name = "........pg.dropped.\(place + 1)........"
      }
    }
  }

  // MARK: FOREIGN KEY

  private func addForeignKey(
    _ reference: ForeignKeyDefinition, _ constraint: ConstraintDefinition,
    _ table: TableDescriptor, _ schema: SchemaDescriptor, isNew: Bool
  ) async throws(SQLError) {
    let parent =
      reference.table.name == table.name && reference.table.schema == nil
      ? table : try names.table(reference.table)
    let own = temporarySchema?.id
    if (parent.schema == own) != (table.schema == own) {
      let kind = table.schema == own ? "temporary" : "permanent"
      throw SQLError(
        .invalidTableDefinition,
        "constraints on \(kind) tables may reference only \(kind) tables")
    }
    var columns: [ColumnID] = []
    for name in constraint.columns {
      guard let found = table.column(named: name) else {
        throw SQLError(
          .undefinedColumn,
          "column \"\(name)\" referenced in foreign key constraint does not exist",
          position: constraint.position)
      }
      columns.append(found.id)
    }
    let referenced = try referencedColumns(reference, parent, constraint)
    guard columns.count == referenced.count else {
      throw SQLError(
        .invalidForeignKey,
        "number of referencing and referenced columns for foreign key disagree",
        position: constraint.position)
    }
    let taken = Set(
      table.foreignKeys.map(\.name) + table.checks.map(\.name) + table.indexes.map(\.name))
    let name =
      constraint.name
      ?? names.freeName(
        [table.name] + constraint.columns, "fkey", schema: schema.id, besides: taken)
    try requireFree(name, table)
    for (own, other) in zip(columns, referenced) {
      try checkComparable(table.column(own), parent.column(other), name)
    }
    var key = ForeignKey(
      id: ObjectID(rawValue: 0), name: name, columns: columns, referencedTable: parent.id,
      referencedColumns: referenced)
    key.onUpdate = Self.action(reference.onUpdate)
    key.onDelete = Self.action(reference.onDelete)
    key.isMatchFull = reference.isMatchFull
    key.isDeferrable = constraint.isDeferrable
    key.isInitiallyDeferred = constraint.isInitiallyDeferred
    key.isValidated = !constraint.isNotValid
    if !isNew && !constraint.isNotValid { try await verify(key, table, parent) }
    let made = key
    try await change { (catalog) throws(SQLError) in
      guard var changed = catalog.table(table.id) else { return }
      var key = made
      key.id = catalog.allocateObjectID()
      changed.foreignKeys.append(key)
      changed.version += 1
      catalog.put(.table(changed))
      // Plans that change the parent must check its children from now on.
      if parent.id != table.id, var other = catalog.table(parent.id) {
        other.version += 1
        catalog.put(.table(other))
      }
    }
  }

  private static func action(_ action: ForeignKeyDefinition.Action) -> ForeignKey.Action {
    switch action {
    case .noAction: .noAction
    case .restrict: .restrict
    case .cascade: .cascade
    case .setNull: .setNull
    case .setDefault: .setDefault
    }
  }

  private func referencedColumns(
    _ reference: ForeignKeyDefinition, _ parent: TableDescriptor,
    _ constraint: ConstraintDefinition
  ) throws(SQLError) -> [ColumnID] {
    if reference.columns.isEmpty {
      let key = parent.primaryKey.columns.compactMap(\.column)
      if key.contains(where: { parent.column($0).isHidden }) {
        throw SQLError(
          .undefinedObject, "there is no primary key for referenced table \"\(parent.name)\"")
      }
      return key
    }
    var ids: [ColumnID] = []
    for name in reference.columns {
      guard let found = parent.column(named: name), !found.isHidden else {
        throw SQLError(
          .undefinedColumn,
          "column \"\(name)\" referenced in foreign key constraint does not exist",
          position: constraint.position)
      }
      ids.append(found.id)
    }
    let isKey = parent.indexes.contains { index in
      index.isUnique && index.predicate == nil && index.state == .public
        && Set(index.columns.map(\.column)) == Set(ids.map { $0 })
    }
    if !isKey {
      throw SQLError(
        .invalidForeignKey,
        "there is no unique constraint matching given keys for referenced table \"\(parent.name)\""
      )
    }
    return ids
  }

  private func checkComparable(
    _ own: ColumnDescriptor, _ other: ColumnDescriptor, _ name: String
  ) throws(SQLError) {
    let binder = Binder(statementContext(), parameterTypes: [])
    do throws(SQLError) {
      _ = try binder.operation(
        "=", .slot(0, other.type), .slot(1, own.type), position: nil)
    } catch {
      throw SQLError(
        .datatypeMismatch, "foreign key constraint \"\(name)\" cannot be implemented",
        detail:
          "Key columns \"\(own.name)\" and \"\(other.name)\" are of incompatible types: \(formatType(own.type)) and \(formatType(other.type))."
      )
    }
  }

  /// Existing rows must have their parents.
  func verify(_ key: ForeignKey, _ table: TableDescriptor, _ parent: TableDescriptor)
    async throws(SQLError)
  {
    func path(_ table: TableDescriptor) -> String {
      SyntaxPrinter.quoted(catalog.objects[table.schema]?.name ?? "public") + "."
        + SyntaxPrinter.quoted(table.name)
    }
    let own = key.columns.map { SyntaxPrinter.quoted(table.column($0).name) }
    let other = key.referencedColumns.map { SyntaxPrinter.quoted(parent.column($0).name) }
    let joined = zip(own, other).map { "c.\($0) = p.\($1)" }.joined(separator: " AND ")
    let present = own.map { "c.\($0) IS NOT NULL" }.joined(separator: " AND ")
    let rows = try await query(
      "SELECT \(own.map { "c.\($0)::text" }.joined(separator: ", ")) FROM \(path(table)) AS c LEFT JOIN \(path(parent)) AS p ON \(joined) WHERE p.\(other[0]) IS NULL AND \(present) LIMIT 1"
    )
    guard let row = rows.first else { return }
    let values = row.map { value in
      if case .text(let bytes) = value { String(decoding: bytes, as: UTF8.self) } else { "null" }
    }
    var error = SQLError(
      .foreignKeyViolation,
      "insert or update on table \"\(table.name)\" violates foreign key constraint \"\(key.name)\"",
      detail:
        "Key (\(own.joined(separator: ", ")))=(\(values.joined(separator: ", "))) is not present in table \"\(parent.name)\"."
    )
    error.schema = catalog.objects[table.schema]?.name
    error.table = table.name
    error.constraint = key.name
    throw error
  }
}
