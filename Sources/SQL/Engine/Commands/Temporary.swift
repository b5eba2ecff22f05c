public import Base
public import Catalog
import Node
import Syntax
import Types

/// Temporary objects are ordinary ones in a schema `pg_temp_<process>` of their session, which goes
/// when the session ends; see docs/decisions/0013-temporary-tables.md.
enum TemporarySchema {
  static let prefix = "pg_temp_"

  static func isName(_ name: String) -> Bool { name == "pg_temp" || name.hasPrefix(prefix) }

  /// A schema as a statement names it: `pg_temp` is the session's own, others' are closed.
  static func resolved(_ name: String, own: String?, _ catalog: CatalogSnapshot)
    throws(SQLError) -> String
  {
    guard isName(name), name != own else { return name }
    if name == "pg_temp" { return own ?? name }
    if catalog.schema(named: name) == nil { return name }
    throw SQLError(
      .featureNotSupported, "cannot access temporary tables of other sessions")
  }
}

extension SQLSession {
  private var temporarySchemaName: String { TemporarySchema.prefix + String(processID) }

  /// The schema as the open transaction has it; nil before the first temporary object.
  var temporarySchema: SchemaDescriptor? { temporarySchema(in: catalog) }

  /// The id of the schema that holds the session's temporary objects.
  public var ownTemporarySchema: ObjectID? { temporarySchema?.id }

  /// What a rolled back transaction made is not there, and its id may be another object's.
  private func temporarySchema(in catalog: CatalogSnapshot) -> SchemaDescriptor? {
    guard let id = temporarySchemaID, case .schema(let found) = catalog.objects[id],
      found.name == temporarySchemaName
    else { return nil }
    return found
  }

  /// Where a new relation or type goes, with the right to make it there.
  func creationSchema(_ name: QuerySyntax.RelationName) async throws(SQLError)
    -> SchemaDescriptor
  {
    let isOwn = name.schema == "pg_temp" || name.schema == temporarySchemaName
    if name.isTemporary && name.schema != nil && !isOwn {
      throw SQLError(
        .invalidTableDefinition, "cannot create temporary relation in non-temporary schema",
        position: name.position)
    }
    let isFirst = name.schema == nil && settings.searchPath.first == "pg_temp"
    guard name.isTemporary || isOwn || isFirst else {
      let schema = try names.schemaForCreation(name.schema)
      if TemporarySchema.isName(schema.name) {
        throw SQLError(
          .invalidTableDefinition, "cannot create relations in temporary schemas of other sessions",
          position: name.position)
      }
      try Privileges.requireCreate(role, schema, catalog, position: name.position)
      return schema
    }
    shadowVersion += 1
    if let schema = temporarySchema { return schema }
    // One of this name was left by an earlier process of the node.
    if let left = catalog.schema(named: temporarySchemaName) {
      try await removeTemporary(left.id, schemaToo: true)
    }
    var made: SchemaDescriptor?
    try await change { (catalog) throws(SQLError) in
      var schema = SchemaDescriptor(
        id: catalog.allocateObjectID(), name: temporarySchemaName,
        owner: CatalogSnapshot.bootstrapRole)
      schema.grants = [
        Grant(
          grantee: ObjectID(rawValue: 0), grantor: CatalogSnapshot.bootstrapRole, privileges: "UC")
      ]
      catalog.put(.schema(schema))
      made = schema
    }
    guard let made else { throw SQLError(.internalError, "the temporary schema was not made") }
    temporarySchemaID = made.id
    return made
  }

  func dependsOnTemporary(_ ids: some Sequence<ObjectID>) -> Bool {
    guard let own = temporarySchema?.id else { return false }
    return ids.contains { catalog.objects[$0]?.schema == own }
  }

  func noteTemporary(_ table: ObjectID, _ action: OnCommit) {
    onCommitActions.removeAll { $0.table == table }
    if action != .preserveRows { onCommitActions.append((table, action)) }
  }

  /// ON COMMIT DROP and DELETE ROWS, as the last of a transaction's effects.
  func runOnCommitActions() async throws(SQLError) {
    guard !onCommitActions.isEmpty, mayHaveEffects else { return }
    guard let schema = temporarySchema else {
      onCommitActions = []
      return
    }
    var dropped: [TableDescriptor] = []
    // Children are made after their parents.
    for (id, action) in onCommitActions.reversed() {
      guard let table = catalog.table(id), table.schema == schema.id else { continue }
      if action == .drop {
        dropped.append(table)
        continue
      }
      let name = QuerySyntax.RelationName(table.name, schema: schema.name)
      var context = statementContext()
      context.role.isSuperuser = true
      let plan = try SQL.plan(
        .delete(QuerySyntax.Delete(name)), context: context, parameterTypes: [])
      try await SQL.execute(plan, parameters: [], in: executionContext(current())).finish()
    }
    if !dropped.isEmpty {
      try await change { (_) throws(SQLError) in }
      try await dropTables(dropped, isCascade: true)
    }
    let catalog = catalog
    onCommitActions.removeAll { catalog.table($0.table)?.schema != schema.id }
  }

  /// DISCARD TEMP.
  func discardTemporary() async throws(SQLError) {
    guard let schema = temporarySchema else { return }
    _ = current()
    mayHaveEffects = true
    try await removeTemporary(schema.id, schemaToo: false)
  }

  /// At the session's end. What cannot be removed now is removed by the next start of the node.
  func removeTemporarySchema() async {
    guard let schema = temporarySchema(in: shard.catalog) else { return }
    await removeTemporarySchemas([schema.id])
  }

  private func removeTemporarySchemas(_ ids: [ObjectID]) async {
    _ = current()
    mayHaveEffects = true
    do throws(SQLError) {
      for id in ids { try await removeTemporary(id, schemaToo: true) }
      try await commit()
    } catch {
      await rollback()
    }
  }

  /// Everything in the schema goes when the transaction commits.
  private func removeTemporary(_ id: ObjectID, schemaToo: Bool) async throws(SQLError) {
    try await change { (_) throws(SQLError) in }
    var tables: [TableDescriptor] = []
    var sequences: [SequenceDescriptor] = []
    for object in catalog.sortedObjects where object.schema == id {
      switch object {
      case .table(let table): tables.append(table)
      case .sequence(let sequence) where sequence.ownedByTable == nil: sequences.append(sequence)
      default: break
      }
    }
    if !tables.isEmpty { try await dropTables(tables, isCascade: true) }
    droppedSequences += sequences
    try await change { (catalog) throws(SQLError) in
      for object in catalog.sortedObjects where object.schema == id { catalog.remove(object.id) }
      if schemaToo { catalog.remove(id) }
    }
  }

  /// The temporary schemas that are in the catalog: before the node's first session, those that
  /// sessions of an earlier process have left.
  public static func temporarySchemas(_ catalog: CatalogSnapshot) -> [ObjectID] {
    catalog.sortedObjects.compactMap { object in
      if case .schema(let schema) = object, schema.name.hasPrefix(TemporarySchema.prefix) {
        schema.id
      } else {
        nil
      }
    }
  }

  /// Removes what `temporarySchemas` found; the session must be a new one.
  public func removeLeftovers(_ schemas: [ObjectID]) async {
    await removeTemporarySchemas(schemas.filter { catalog.objects[$0] != nil })
  }
}
