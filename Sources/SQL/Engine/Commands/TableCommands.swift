import Base
import Catalog
import Node
import Syntax
import Types

/// CREATE TABLE and DROP TABLE: changes of the transaction's private catalog.
extension SQLSession {
  func createTable(
    _ create: CreateTableStatement, _ transaction: Transaction, _ source: [UInt8]
  ) async throws(SQLError) -> String {
    let binder = ExpressionBinder(scope: Scope(), parameterTypes: [], source: source)
    var exists = false
    try await change(transaction) { (catalog) throws(SQLError) in
      let schema = try Self.schema(create.table, catalog)
      if catalog.isRelationNameTaken(schema: schema.id, name: create.table.name) {
        exists = true
        if create.ifNotExists { return }
        throw SQLError(
          .duplicateTable, "relation \"\(create.table.name)\" already exists")
      }
      let table = try Self.descriptor(create, schema, binder, &catalog)
      catalog.put(.table(table))
    }
    if exists {
      notice(
        "NOTICE",
        SQLError(
          .duplicateTable, "relation \"\(create.table.name)\" already exists, skipping"))
    }
    return "CREATE TABLE"
  }

  private func change(
    _ transaction: Transaction, _ body: (inout CatalogSnapshot) throws(SQLError) -> Void
  ) async throws(SQLError) {
    do throws(KernelError) {
      try await transaction.changeCatalog(body)
    } catch {
      throw sqlError(error)
    }
  }

  private static func schema(_ name: RelationName, _ catalog: CatalogSnapshot) throws(SQLError)
    -> SchemaDescriptor
  {
    let wanted = name.schema ?? "public"
    guard let found = catalog.schema(named: wanted) else {
      throw SQLError(.invalidSchemaName, "schema \"\(wanted)\" does not exist")
    }
    if found.id == CatalogSnapshot.pgCatalogSchema || found.id == CatalogSnapshot.informationSchema
    {
      throw SQLError(
        .insufficientPrivilege, "permission denied to create \"\(wanted).\(name.name)\"",
        detail: "System catalog modifications are currently disallowed.")
    }
    return found
  }

  private static func descriptor(
    _ create: CreateTableStatement, _ schema: SchemaDescriptor, _ binder: ExpressionBinder,
    _ catalog: inout CatalogSnapshot
  ) throws(SQLError) -> TableDescriptor {
    var columns: [ColumnDescriptor] = []
    for definition in create.columns {
      if columns.contains(where: { $0.name == definition.name }) {
        throw binder.fault(
          .duplicateColumn, "column \"\(definition.name)\" specified more than once",
          definition.location)
      }
      let id = ColumnID(rawValue: Int16(columns.count + 1))
      var column = ColumnDescriptor(
        id: id, name: definition.name, type: try binder.resolveType(definition.type))
      column.isNotNull = definition.isNotNull
      column.defaultExpression = try constantDefault(definition, column.type, binder)
      columns.append(column)
      if columns.count > 1_600 {
        throw SQLError("54011", "tables can have at most 1600 columns")
      }
    }
    let key = try primaryKey(create, &columns, binder)
    let indexID = catalog.allocateObjectID()
    var primary = IndexDescriptor(
      id: indexID, name: "\(create.table.name)_pkey", keyspace: catalog.allocateKeyspaceID(),
      columns: key.map { IndexColumn(column: $0) })
    primary.isUnique = true
    primary.isPrimary = true
    return TableDescriptor(
      id: catalog.allocateObjectID(), schema: schema.id, name: create.table.name,
      owner: CatalogSnapshot.bootstrapRole, rowType: catalog.allocateObjectID(),
      columns: columns, indexes: [primary], distribution: .murmur3(key))
  }

  /// A default is kept as its value's text; only constants are supported.
  private static func constantDefault(
    _ definition: ColumnDefinition, _ type: SQLType, _ binder: ExpressionBinder
  ) throws(SQLError) -> String? {
    guard let expression = definition.defaultValue else { return nil }
    var binder = binder
    let bound = try binder.coerce(binder.bind(expression), to: type, expression.location)
    let value = try bound.evaluate([], [])
    return value.isNull ? nil : TypeIO.formatText(value, as: type)
  }

  private static func primaryKey(
    _ create: CreateTableStatement, _ columns: inout [ColumnDescriptor],
    _ binder: ExpressionBinder
  ) throws(SQLError) -> [ColumnID] {
    let marked = create.columns.filter(\.isPrimaryKey).map(\.name)
    if marked.count > 1 || (!marked.isEmpty && !create.primaryKey.isEmpty) {
      throw SQLError(
        .invalidTableDefinition,
        "multiple primary keys for table \"\(create.table.name)\" are not allowed")
    }
    let names = marked.isEmpty ? create.primaryKey : marked
    if names.isEmpty {
      let id = ColumnID(rawValue: Int16(columns.count + 1))
      var hidden = ColumnDescriptor(id: id, name: "quatrain_rowid", type: .int8)
      hidden.isHidden = true
      hidden.isNotNull = true
      columns.append(hidden)
      return [id]
    }
    var key: [ColumnID] = []
    for name in names {
      guard let place = columns.firstIndex(where: { $0.name == name }) else {
        throw SQLError(
          .undefinedColumn, "column \"\(name)\" named in key does not exist")
      }
      columns[place].isNotNull = true
      key.append(columns[place].id)
    }
    return key
  }

  func dropTables(_ drop: DropTableStatement, _ transaction: Transaction)
    async throws(SQLError) -> String
  {
    var skipped: [String] = []
    var dropped: [KeyspaceID] = []
    try await change(transaction) { (catalog) throws(SQLError) in
      for name in drop.tables {
        guard let schema = catalog.schema(named: name.schema ?? "public"),
          case .table(let table) = catalog.relation(schema: schema.id, name: name.name)
        else {
          if drop.ifExists {
            skipped.append(name.name)
            continue
          }
          throw SQLError(.undefinedTable, "table \"\(name.name)\" does not exist")
        }
        dropped += table.indexes.map(\.keyspace)
        catalog.remove(table.id)
      }
    }
    droppedKeyspaces += dropped
    for name in skipped {
      notice(
        "NOTICE",
        SQLError(.undefinedTable, "table \"\(name)\" does not exist, skipping"))
    }
    return "DROP TABLE"
  }
}
