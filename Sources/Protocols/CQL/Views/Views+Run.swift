import Base
import Catalog
import Node
import SQL
import Types

/// CREATE, ALTER and DROP MATERIALIZED VIEW.
extension StatementRunner {
  func createView(_ statement: CreateViewStatement) async throws(CQLError) -> StatementResult {
    let keyspace = try keyspace(of: statement.name)
    try checkWritable(keyspace)
    let name = statement.name.name
    try checkName(name, "Materialized view")
    let schema = try catalog.schema(keyspace)
    if catalog.snapshot.isRelationNameTaken(schema: schema.id, name: name) {
      if statement.ifNotExists { return .void }
      throw CQLError(
        .alreadyExists, "Cannot add already existing table \"\(name)\" to keyspace \"\(keyspace)\"",
        .alreadyExists(keyspace: keyspace, table: name))
    }
    guard try self.keyspace(of: statement.base) == keyspace else {
      throw .invalid("Cannot create a materialized view on a table in a separate keyspace")
    }
    let base = try catalog.table(keyspace, statement.base.name)
    let draft = try ViewDraft(statement, base, catalog, arguments([]))
    guard
      let descriptor = base.stored?.descriptor,
      Privileges.has("C", role, owner: descriptor.owner, grants: [], catalog.snapshot)
    else {
      throw CQLError(
        .unauthorized,
        "User \(role.name) has no ALTER permission on <table \(keyspace).\(base.name)> or any of its parents"
      )
    }
    let owner = role.id
    let state = state
    state.fills.begin(keyspace, name)
    defer { state.fills.end(keyspace, name) }
    // Nobody writes the table meanwhile who does not know of the view yet.
    try await sql(locking: quoted(keyspace, base.name)) { (catalog) throws(SQLError) in
      guard let schema = catalog.schema(named: keyspace), var table = catalog.table(base.id) else {
        throw SQLError(.undefinedTable, "table \(base.name) does not exist")
      }
      table.options[TableDescriptor.hasViewsOption] = "1"
      table.version += 1
      catalog.put(.table(table))
      try draft.make(in: schema, owner: owner, of: base.id, &catalog)
    }
    do throws(CQLError) {
      try await fillView(keyspace, base.name, name)
    } catch {
      try await sql(["DROP TABLE \(quoted(keyspace, name))"])
      throw error
    }
    return .schemaChange(
      SchemaChange(change: .created, target: .table, keyspace: keyspace, name: name))
  }

  func alterView(_ object: ObjectName, _ options: Options) async throws(CQLError) -> StatementResult
  {
    let keyspace = try keyspace(of: object)
    try checkWritable(keyspace)
    let view = try existingView(object, keyspace)
    guard Privileges.has("C", role, owner: view.owner, grants: [], catalog.snapshot) else {
      throw CQLError(
        .unauthorized,
        "User \(role.name) has no ALTER permission on <table \(keyspace).\(object.name)> or any of its parents"
      )
    }
    guard options.order.isEmpty, !options.isCompactStorage, !options.entries.isEmpty else {
      throw .invalid("Only the properties of a materialized view can be altered")
    }
    if options.entries.contains(where: { $0.name == "default_time_to_live" }) {
      throw .invalid(
        "Cannot set default_time_to_live in alter materialized view statement. Data in a materialized view always expire at the same time than the corresponding data in the parent table."
      )
    }
    var settings = try TableOptions(view)
    try settings.take(options, isNew: false)
    let taken = settings
    try await sql([]) { (catalog) throws(SQLError) in
      guard var table = catalog.table(view.id) else { return }
      taken.apply(to: &table)
      catalog.put(.table(table))
    }
    return .schemaChange(
      SchemaChange(change: .updated, target: .table, keyspace: keyspace, name: object.name))
  }

  func dropView(_ object: ObjectName, ifExists: Bool) async throws(CQLError) -> StatementResult {
    let keyspace = try keyspace(of: object)
    try checkWritable(keyspace)
    let schema = catalog.snapshot.schema(named: keyspace)
    let isThere =
      schema.flatMap { catalog.snapshot.relation(schema: $0.id, name: object.name) } != nil
    if ifExists, !isThere { return .void }
    let view = try existingView(object, keyspace)
    try await sql(["DROP TABLE \(quoted(keyspace, view.name))"])
    return .schemaChange(
      SchemaChange(change: .dropped, target: .table, keyspace: keyspace, name: object.name))
  }

  private func existingView(_ object: ObjectName, _ keyspace: String) throws(CQLError)
    -> TableDescriptor
  {
    let schema = try catalog.schema(keyspace)
    guard case .table(let view)? = catalog.snapshot.relation(schema: schema.id, name: object.name)
    else {
      throw .invalid("Materialized view '\(keyspace).\(object.name)' doesn't exist")
    }
    guard view.options[TableDescriptor.viewOfOption] != nil else {
      throw .invalid("'\(keyspace).\(object.name)' is not a materialized view")
    }
    return view
  }
}
