import Base
import Catalog
import Node
import SQL
import Types

/// CREATE, ALTER and DROP TYPE.
extension StatementRunner {
  func createType(_ object: ObjectName, _ fields: [TypedName], ifNotExists: Bool)
    async throws(CQLError) -> StatementResult
  {
    let keyspace = try keyspace(of: object)
    try checkWritable(keyspace)
    // Any characters, as in Cassandra; more bytes SQL's names do not have.
    guard object.name.utf8.count <= 63 else {
      throw .invalid("The name of a type has 63 bytes at most (got \"\(object.name)\")")
    }
    let schema = try catalog.schema(keyspace)
    if catalog.snapshot.type(schema: schema.id, name: object.name) != nil {
      if ifNotExists { return .void }
      throw .invalid("A user type with name '\(object.name)' already exists")
    }
    let made = try typed(fields, keyspace)
    try await sql([
      "CREATE TYPE \(quoted(keyspace, object.name)) AS ("
        + made.map { "\(Self.quoted($0.name)) \(SQLTypeName.text($0.type.sqlType))" }
        .joined(separator: ", ") + ")"
    ]) { (catalog) throws(SQLError) in
      try Self.name(made, of: object.name, in: keyspace, &catalog)
    }
    return .schemaChange(
      SchemaChange(change: .created, target: .type, keyspace: keyspace, name: object.name))
  }

  private func typed(_ fields: [TypedName], _ keyspace: String) throws(CQLError) -> [CQLType.Field]
  {
    var made: [CQLType.Field] = []
    for field in fields {
      guard !made.contains(where: { $0.name == field.name }) else {
        throw .invalid("Duplicate field name '\(field.name)' in type")
      }
      let type = try catalog.type(field.type, keyspace)
      if type.isCounter { throw .invalid("A user type cannot contain counters") }
      made.append(CQLType.Field(name: field.name, type: type))
    }
    return made
  }

  /// Keeps what CQL calls the fields' types.
  private static func name(
    _ fields: [CQLType.Field], of name: String, in keyspace: String,
    _ catalog: inout CatalogSnapshot
  ) throws(SQLError) {
    guard let schema = catalog.schema(named: keyspace),
      var type = catalog.type(schema: schema.id, name: name),
      case .composite(var columns) = type.kind
    else { throw SQLError(.undefinedObject, "type \(name) does not exist") }
    for place in columns.indices {
      if let field = fields.first(where: { $0.name == columns[place].name }) {
        columns[place].cqlType = field.type.name
      }
    }
    type.kind = .composite(fields: columns)
    catalog.put(.type(type))
  }

  func alterType(_ object: ObjectName, _ action: AlterTypeAction) async throws(CQLError)
    -> StatementResult
  {
    let keyspace = try keyspace(of: object)
    try checkWritable(keyspace)
    guard case .user(_, _, let known) = try catalog.userType(keyspace, object.name) else {
      return .void
    }
    guard case .add(let fields) = action else {
      throw .invalid(
        "Fields of types that are in use by rows cannot be renamed: their names are stored")
    }
    let made = try typed(fields, keyspace)
    for field in made where known.contains(where: { $0.name == field.name }) {
      throw .invalid(
        "Cannot add field \(field.name) to type \(object.name): a field with name \(field.name) already exists"
      )
    }
    let schema = try catalog.schema(keyspace)
    guard let type = catalog.snapshot.type(schema: schema.id, name: object.name),
      Privileges.has("C", role, owner: type.owner, grants: [], catalog.snapshot)
    else {
      throw CQLError(
        .unauthorized,
        "User \(role.name) has no ALTER permission on <keyspace \(keyspace)> or any of its parents")
    }
    try Self.refuseCircle(fields, in: object.name, keyspace, catalog)
    try await sql([]) { (catalog) throws(SQLError) in
      // Another type may have got a field of this one since.
      do throws(CQLError) {
        try Self.refuseCircle(fields, in: object.name, keyspace, CQLCatalog(catalog))
      } catch {
        throw SQLError(.invalidParameterValue, error.message)
      }
      guard let schema = catalog.schema(named: keyspace),
        var type = catalog.type(schema: schema.id, name: object.name),
        case .composite(var columns) = type.kind
      else { throw SQLError(.undefinedObject, "type \(object.name) does not exist") }
      for field in made {
        var column = ColumnDescriptor(
          id: ColumnID(rawValue: Int16(columns.count + 1)), name: field.name,
          type: field.type.sqlType)
        column.cqlType = field.type.name
        columns.append(column)
      }
      type.kind = .composite(fields: columns)
      catalog.put(.type(type))
    }
    return .schemaChange(
      SchemaChange(change: .updated, target: .type, keyspace: keyspace, name: object.name))
  }

  /// A type that is a part of itself would have no end.
  private static func refuseCircle(
    _ fields: [TypedName], in name: String, _ keyspace: String, _ catalog: CQLCatalog
  ) throws(CQLError) {
    for field in fields {
      let type = try catalog.type(field.type, keyspace)
      guard type.uses(name) else { continue }
      throw .invalid(
        "Cannot add new field \(field.name) of type \(type.name) to user type \(keyspace).\(name) as it would "
          + "create a circular reference")
    }
  }

  func dropType(_ object: ObjectName, ifExists: Bool) async throws(CQLError) -> StatementResult {
    let keyspace = try keyspace(of: object)
    try checkWritable(keyspace)
    let schema = try catalog.schema(keyspace)
    guard catalog.snapshot.type(schema: schema.id, name: object.name) != nil else {
      if ifExists { return .void }
      throw .invalid("No user type named \(object.name) exists.")
    }
    for table in catalog.tables(in: keyspace) {
      for column in table.columns where column.type.uses(object.name) {
        throw .invalid(
          "Cannot drop user type '\(keyspace).\(object.name)' as it is still used by table \(keyspace).\(table.name)"
        )
      }
    }
    for type in catalog.userTypes(in: keyspace)
    where type.name != object.name && type.fields.contains(where: { $0.type.uses(object.name) }) {
      throw .invalid(
        "Cannot drop user type '\(keyspace).\(object.name)' as it is still used by user type \(type.name)"
      )
    }
    try await sql(["DROP TYPE \(quoted(keyspace, object.name))"])
    return .schemaChange(
      SchemaChange(change: .dropped, target: .type, keyspace: keyspace, name: object.name))
  }
}

extension CQLType {
  /// Whether the user type is a part of it.
  func uses(_ name: String) -> Bool {
    switch self {
    case .native: false
    case .list(let inner), .set(let inner), .frozen(let inner): inner.uses(name)
    case .map(let key, let value): key.uses(name) || value.uses(name)
    case .tuple(let parts): parts.contains { $0.uses(name) }
    case .user(_, let own, let fields): own == name || fields.contains { $0.type.uses(name) }
    }
  }
}
