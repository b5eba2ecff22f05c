import Base
import Catalog
import Node
import SQL
import Types

/// CREATE, ALTER and DROP TABLE, TRUNCATE.
extension StatementRunner {
  func createTable(_ statement: CreateTableStatement) async throws(CQLError) -> StatementResult {
    let keyspace = try keyspace(of: statement.name)
    try checkWritable(keyspace)
    let name = statement.name.name
    try checkName(name, "Table")
    let schema = try catalog.schema(keyspace)
    if catalog.snapshot.isRelationNameTaken(schema: schema.id, name: name) {
      if statement.ifNotExists { return .void }
      throw CQLError(
        .alreadyExists, "Cannot add already existing table \"\(name)\" to keyspace \"\(keyspace)\"",
        .alreadyExists(keyspace: keyspace, table: name))
    }
    guard Privileges.has("C", role, owner: schema.owner, grants: schema.grants, catalog.snapshot)
    else {
      throw CQLError(
        .unauthorized,
        "User \(role.name) has no CREATE permission on <keyspace \(keyspace)> or any of its parents"
      )
    }
    let draft = try TableDraft(statement, catalog, keyspace)
    let owner = role.id
    try await sql([]) { (catalog) throws(SQLError) in
      guard let schema = catalog.schema(named: keyspace),
        !catalog.isRelationNameTaken(schema: schema.id, name: name)
      else { throw SQLError(.duplicateTable, "Cannot add already existing table \"\(name)\"") }
      draft.make(in: schema, owner: owner, &catalog)
    }
    return .schemaChange(
      SchemaChange(change: .created, target: .table, keyspace: keyspace, name: name))
  }

  func dropTable(_ object: ObjectName, ifExists: Bool) async throws(CQLError) -> StatementResult {
    let keyspace = try keyspace(of: object)
    try checkWritable(keyspace)
    guard let table = try existing(object, keyspace, ifExists: ifExists) else { return .void }
    if table.options[TableDescriptor.viewOfOption] != nil {
      throw .invalid("Cannot use DROP TABLE on Materialized View")
    }
    let views = catalog.viewDescriptors(of: table.id)
    guard views.isEmpty else {
      throw .invalid(
        "Cannot drop table when materialized views still depend on it (\(keyspace).{\(views.map(\.name).joined(separator: ", "))})"
      )
    }
    // The table of the static columns goes with it.
    try await sql(["DROP TABLE \(quoted(keyspace, table.name))"])
    return .schemaChange(
      SchemaChange(change: .dropped, target: .table, keyspace: keyspace, name: object.name))
  }

  /// The catalog's table; nil where there is none and none is needed.
  private func existing(_ object: ObjectName, _ keyspace: String, ifExists: Bool) throws(CQLError)
    -> TableDescriptor?
  {
    let schema = catalog.snapshot.schema(named: keyspace)
    if let schema,
      case .table(let table)? = catalog.snapshot.relation(schema: schema.id, name: object.name),
      table.options[CQLTable.staticsOfOption] == nil
    {
      return table
    }
    if ifExists { return nil }
    throw .invalid(
      schema == nil
        ? "Keyspace \(CQLName.quoted(keyspace)) does not exist"
        : "Table '\(keyspace).\(object.name)' doesn't exist")
  }

  func truncate(_ object: ObjectName) async throws(CQLError) -> StatementResult {
    let keyspace = try keyspace(of: object)
    try checkWritable(keyspace)
    let table = try catalog.table(keyspace, object.name)
    try require("d", table)
    if table.stored?.viewOf != nil {
      throw .invalid("Cannot TRUNCATE materialized view directly; must truncate base table instead")
    }
    var names = [quoted(keyspace, object.name)]
    if let statics = table.stored?.statics { names.append(quoted(keyspace, statics.table.name)) }
    try await sql(["TRUNCATE \(names.joined(separator: ", "))"])
    return .void
  }

  func alterTable(_ object: ObjectName, _ action: AlterTableAction, ifExists: Bool)
    async throws(CQLError) -> StatementResult
  {
    let keyspace = try keyspace(of: object)
    try checkWritable(keyspace)
    guard let descriptor = try existing(object, keyspace, ifExists: ifExists) else { return .void }
    let table = try catalog.table(keyspace, object.name)
    if table.stored?.viewOf != nil {
      throw .invalid("Cannot use ALTER TABLE on Materialized View")
    }
    let name = quoted(keyspace, object.name)
    switch action {
    case .add(let columns): try await add(columns, table, keyspace)
    case .drop(let names): try await drop(names, table, keyspace)
    case .rename(let renames):
      var statements: [String] = []
      for rename in renames {
        let column = table.columns[try table.column(rename.from)]
        guard column.kind == .clustering || column.kind == .partitionKey else {
          throw .invalid("Cannot rename non PRIMARY KEY column \(rename.from)")
        }
        guard table.index(of: rename.to) == nil else {
          throw .invalid(
            "Cannot rename column \(rename.from) to \(rename.to) in table '\(table.name)'; another column of that name already exist"
          )
        }
        statements.append(
          "ALTER TABLE \(name) RENAME COLUMN \(Self.quoted(rename.from)) TO \(Self.quoted(rename.to))"
        )
        for view in catalog.viewDescriptors(of: descriptor.id) {
          statements.append(
            "ALTER TABLE \(quoted(keyspace, view.name)) RENAME COLUMN \(Self.quoted(rename.from)) TO \(Self.quoted(rename.to))"
          )
        }
        if column.kind == .partitionKey, let statics = table.stored?.statics {
          statements.append(
            "ALTER TABLE \(quoted(keyspace, statics.table.name)) RENAME COLUMN \(Self.quoted(rename.from)) TO \(Self.quoted(rename.to))"
          )
        }
      }
      let views = catalog.viewDescriptors(of: descriptor.id).map(\.id)
      try await sql(statements) { (catalog) throws(SQLError) in
        for id in views {
          guard var view = catalog.table(id) else { continue }
          view.options[ViewOptions.whereClause] = ViewOptions.renamed(
            view.options[ViewOptions.whereClause] ?? "", renames)
          catalog.put(.table(view))
        }
      }
    case .with(let options):
      guard options.order.isEmpty, !options.isCompactStorage else {
        throw .invalid("The clustering order of a table cannot be changed")
      }
      guard
        Privileges.has(
          "C", role, owner: descriptor.owner, grants: [], catalog.snapshot)
      else {
        throw CQLError(
          .unauthorized,
          "User \(role.name) has no ALTER permission on <table \(keyspace).\(object.name)> or any of its parents"
        )
      }
      var settings = try TableOptions(descriptor)
      try settings.take(options, isNew: false)
      try await edit([descriptor.id]) { settings.apply(to: &$0) }
    case .changeType(let column):
      throw .invalid("Altering column types is no longer supported (\(column))")
    }
    return .schemaChange(
      SchemaChange(change: .updated, target: .table, keyspace: keyspace, name: object.name))
  }

  private func edit(_ tables: [ObjectID], _ body: @escaping (inout TableDescriptor) -> Void)
    async throws(CQLError)
  {
    try await sql([]) { (catalog) throws(SQLError) in
      for id in tables {
        guard var table = catalog.table(id) else { continue }
        body(&table)
        catalog.put(.table(table))
      }
    }
  }

  private func add(
    _ columns: [CreateTableStatement.Column], _ table: CQLTable, _ keyspace: String
  ) async throws(CQLError) {
    guard let stored = table.stored else { return }
    var statements: [String] = []
    var types: [(table: ObjectID, column: String, type: String)] = []
    for column in columns {
      guard table.index(of: column.name) == nil else {
        throw .invalid("Column with name '\(column.name)' already exists")
      }
      let type = try catalog.type(column.type, keyspace)
      if type.isCounter != table.isCounter {
        throw .invalid("Cannot mix counter and non counter columns in the same table")
      }
      var target = stored.rows.table
      if column.isStatic {
        guard table.clusteringCount > 0 else {
          throw .invalid(
            "Static columns are only useful (and thus allowed) if the table has at least one clustering column"
          )
        }
        guard let statics = stored.statics else {
          throw .invalid("A static column can be added to a table only that has been made with one")
        }
        target = statics.table
      }
      statements.append(
        "ALTER TABLE \(quoted(keyspace, target.name)) ADD COLUMN \(Self.quoted(column.name)) \(SQLTypeName.text(type.sqlType))"
      )
      types.append((target.id, column.name, type.name))
      guard !column.isStatic else { continue }
      for view in catalog.viewDescriptors(of: table.id)
      where view.options[ViewOptions.allColumns] != nil {
        statements.append(
          "ALTER TABLE \(quoted(keyspace, view.name)) ADD COLUMN \(Self.quoted(column.name)) \(SQLTypeName.text(type.sqlType))"
        )
        types.append((view.id, column.name, type.name))
      }
    }
    let named = types
    try await sql(statements) { (catalog) throws(SQLError) in
      for item in named {
        guard var table = catalog.table(item.table),
          let place = table.columns.firstIndex(where: { $0.name == item.column && !$0.isDropped })
        else { continue }
        table.columns[place].cqlType = item.type
        catalog.put(.table(table))
      }
    }
  }

  private func drop(_ names: [String], _ table: CQLTable, _ keyspace: String) async throws(CQLError)
  {
    guard let stored = table.stored else { return }
    let views = catalog.viewDescriptors(of: table.id)
    guard views.isEmpty else {
      throw .invalid(
        "Cannot drop column \(names.joined(separator: ", ")) on base table with materialized views \(views.map(\.name).joined(separator: ", "))"
      )
    }
    var statements: [String] = []
    for name in names {
      guard let place = table.index(of: name) else {
        throw .invalid("Column \(name) was not found in table '\(keyspace).\(table.name)'")
      }
      let column = table.columns[place]
      guard column.kind == .regular || column.kind == .static else {
        throw .invalid("Cannot drop PRIMARY KEY column \(name)")
      }
      let target = column.kind == .static ? stored.statics?.table : stored.rows.table
      statements.append(
        "ALTER TABLE \(quoted(keyspace, target?.name ?? table.name)) DROP COLUMN \(Self.quoted(name))"
      )
    }
    try await sql(statements)
  }
}
