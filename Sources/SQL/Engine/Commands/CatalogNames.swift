import Base
import Catalog
import Syntax
import Types

/// Looks names up in a catalog by a search path, with PostgreSQL's errors. Used by the commands
/// that change the catalog.
struct CatalogNames {
  let catalog: CatalogSnapshot
  let searchPath: [String]
  /// The session's own, where it has one.
  var temporarySchema: String?

  /// Where a new object goes: the named schema or the first of the path.
  func schemaForCreation(_ name: String?) throws(SQLError) -> SchemaDescriptor {
    if let name {
      guard let found = catalog.schema(named: name) else { throw Self.missingSchema(name) }
      return try checked(found)
    }
    for candidate in searchPath where !TemporarySchema.isName(candidate) {
      if let found = catalog.schema(named: candidate) { return try checked(found) }
    }
    throw SQLError(.invalidSchemaName, "no schema has been selected to create in")
  }

  static func missingSchema(_ name: String) -> SQLError {
    SQLError(.invalidSchemaName, "schema \"\(name)\" does not exist")
  }

  private func checked(_ schema: SchemaDescriptor) throws(SQLError) -> SchemaDescriptor {
    if schema.id == CatalogSnapshot.pgCatalogSchema
      || schema.id == CatalogSnapshot.informationSchema
    {
      throw SQLError(
        .insufficientPrivilege, "permission denied for schema \(schema.name)",
        detail: "System catalog modifications are currently disallowed.")
    }
    return schema
  }

  private func schemas(_ name: String?) throws(SQLError) -> [SchemaDescriptor] {
    if let name {
      let wanted = try TemporarySchema.resolved(name, own: temporarySchema, catalog)
      guard let found = catalog.schema(named: wanted) else { throw Self.missingSchema(name) }
      return [found]
    }
    return searchPath.compactMap { catalog.schema(named: $0) }
  }

  /// A table, view or sequence; nil where there is none.
  func relation(_ name: QuerySyntax.RelationName) throws(SQLError) -> CatalogObject? {
    for schema in try schemas(name.schema) {
      if let found = catalog.relation(schema: schema.id, name: name.name) { return found }
    }
    return nil
  }

  func index(_ name: QuerySyntax.RelationName) throws(SQLError)
    -> (TableDescriptor, IndexDescriptor)?
  {
    for schema in try schemas(name.schema) {
      if let found = catalog.index(schema: schema.id, name: name.name) { return found }
    }
    return nil
  }

  func type(_ names: [String]) throws(SQLError) -> TypeDescriptor? {
    for schema in try schemas(names.count > 1 ? names[names.count - 2] : nil) {
      if let found = catalog.type(schema: schema.id, name: names.last ?? "") { return found }
    }
    return nil
  }

  static func undefined(_ name: QuerySyntax.RelationName, _ kind: String = "relation") -> SQLError {
    let shown = (name.schema.map { $0 + "." } ?? "") + name.name
    return SQLError(.undefinedTable, "\(kind) \"\(shown)\" does not exist")
  }

  /// 42P01 where there is none, 42809 for what is no table.
  func table(_ name: QuerySyntax.RelationName) throws(SQLError) -> TableDescriptor {
    switch try relation(name) {
    case .table(let table): return table
    case nil:
      if name.schema == "pg_catalog" || name.schema == "information_schema" {
        throw SQLError(
          .insufficientPrivilege, "permission denied: \"\(name.name)\" is a system catalog",
          position: name.position)
      }
      throw Self.undefined(name)
    default:
      throw SQLError(
        .wrongObjectType, "\"\(name.name)\" is not a table", position: name.position)
    }
  }

  /// A name that no relation of the schema has: `base`, then with numbers behind it.
  func freeName(_ parts: [String], _ suffix: String, schema: ObjectID, besides: Set<String> = [])
    -> String
  {
    var number = 0
    while true {
      let ending = "_" + suffix + (number == 0 ? "" : String(number))
      var base = parts.joined(separator: "_")
      // 63 bytes are PostgreSQL's limit of a name.
      while base.utf8.count + ending.utf8.count > 63 { base.removeLast() }
      let name = base + ending
      if !catalog.isRelationNameTaken(schema: schema, name: name) && !besides.contains(name) {
        return name
      }
      number += 1
    }
  }

  /// Objects that would be broken without this one.
  func views(on id: ObjectID) -> [ViewDescriptor] {
    catalog.sortedObjects.compactMap { object in
      if case .view(let view) = object, view.dependencies.contains(id) { view } else { nil }
    }
  }

  /// Foreign keys of other tables that refer to the table.
  func references(to id: ObjectID) -> [(table: TableDescriptor, key: ForeignKey)] {
    catalog.sortedObjects.flatMap { object -> [(table: TableDescriptor, key: ForeignKey)] in
      guard case .table(let table) = object, table.id != id else { return [] }
      return table.foreignKeys.filter { $0.referencedTable == id }.map { (table, $0) }
    }
  }
}
