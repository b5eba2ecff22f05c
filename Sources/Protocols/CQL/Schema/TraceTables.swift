import Base
import Catalog
import Node
import Types

/// `system_traces`: tables like others, so that a trace can be read at every node; rows live for an hour.
enum TraceTables {
  static let keyspace = "system_traces"
  /// In the options of the tables' descriptors: they are these, and not somebody's.
  private static let option = "cql_system"
  static let secondsToLive = 3_600

  private static let definitions = [
    """
    CREATE TABLE system_traces.sessions (session_id uuid PRIMARY KEY, client inet, command text,
      coordinator inet, coordinator_port int, duration int, parameters map<text, text>, request text,
      started_at timestamp)
    """,
    """
    CREATE TABLE system_traces.events (session_id uuid, event_id timeuuid, activity text, source inet,
      source_elapsed int, source_port int, thread text, PRIMARY KEY (session_id, event_id))
    """,
  ]

  static func areThere(_ catalog: CatalogSnapshot) -> Bool {
    catalog.schema(named: keyspace) != nil
  }

  /// Makes them in a catalog without a schema of that name.
  static func make(_ catalog: inout CatalogSnapshot) {
    if areThere(catalog) { return }
    let owner = CatalogSnapshot.bootstrapRole
    var schema = SchemaDescriptor(
      id: catalog.allocateObjectID(), name: keyspace, owner: owner)
    schema.comment = "traces of CQL clients"
    catalog.put(.schema(schema))
    for text in definitions {
      guard let draft = draft(text, catalog) else { continue }
      draft.make(in: schema, owner: owner, &catalog)
      guard case .table(var table)? = catalog.relation(schema: schema.id, name: draft.name) else {
        continue
      }
      table.options[option] = "1"
      catalog.put(.table(table))
    }
  }

  private static func draft(_ text: String, _ catalog: CatalogSnapshot) -> TableDraft? {
    let made = Result<TableDraft?, CQLError> { () throws(CQLError) in
      guard case .createTable(let statement) = try Parser.parse(text).0 else { return nil }
      return try TableDraft(statement, CQLCatalog(catalog), keyspace)
    }
    switch made {
    case .success(let draft): return draft
    case .failure(let error): fatalError("the definition of a table of traces: \(error.message)")
    }
  }

  /// Nil: there is none, or it is somebody's own.
  static func descriptor(_ name: String, _ catalog: CatalogSnapshot) -> TableDescriptor? {
    guard let schema = catalog.schema(named: keyspace),
      case .table(let table)? = catalog.relation(schema: schema.id, name: name),
      table.options[option] != nil
    else { return nil }
    return table
  }
}
