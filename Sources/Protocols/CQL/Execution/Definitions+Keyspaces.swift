import Base
import Catalog
import Node
import SQL
import Types

/// CREATE, ALTER and DROP KEYSPACE.
extension StatementRunner {
  static let replicationOption = "cql_replication"
  static let durableOption = "cql_durable_writes"

  func createKeyspace(_ name: String, _ options: Options, ifNotExists: Bool) async throws(CQLError)
    -> StatementResult
  {
    try checkName(name, "Keyspace")
    try checkWritable(name)
    if catalog.hasKeyspace(name) {
      if ifNotExists { return .void }
      throw CQLError(
        .alreadyExists, "Cannot add existing keyspace \"\(name)\"",
        .alreadyExists(keyspace: name, table: ""))
    }
    let settings = try keyspaceSettings(options, of: name, isNew: true)
    try await sql(["CREATE SCHEMA \(Self.quoted(name))"]) { (catalog) throws(SQLError) in
      guard var schema = catalog.schema(named: name) else { return }
      schema.options = settings
      catalog.put(.schema(schema))
    }
    return .schemaChange(SchemaChange(change: .created, target: .keyspace, keyspace: name))
  }

  func alterKeyspace(_ name: String, _ options: Options, ifExists: Bool) async throws(CQLError)
    -> StatementResult
  {
    try checkWritable(name)
    guard let schema = catalog.snapshot.schema(named: name) else {
      if ifExists { return .void }
      throw .invalid("Keyspace '\(name)' doesn't exist")
    }
    guard Privileges.has("C", role, owner: schema.owner, grants: schema.grants, catalog.snapshot)
    else {
      throw CQLError(
        .unauthorized,
        "User \(role.name) has no ALTER permission on <keyspace \(name)> or any of its parents")
    }
    let settings = try keyspaceSettings(options, of: name, isNew: false)
    try await sql([]) { (catalog) throws(SQLError) in
      guard var schema = catalog.schema(named: name) else { return }
      schema.options = (schema.options ?? [:]).merging(settings) { _, new in new }
      catalog.put(.schema(schema))
    }
    return .schemaChange(SchemaChange(change: .updated, target: .keyspace, keyspace: name))
  }

  /// The strategy is one of Cassandra's, and what it is given is what it takes.
  private func checkReplication(_ pairs: [Term.Pair], _ keyspace: String) throws(CQLError) {
    func fault(_ text: String) -> CQLError { CQLError(.configuration, text) }
    guard let given = pairs.first(where: { TermText.plain($0.key) == "class" }) else {
      throw fault("Missing replication strategy class")
    }
    let value = TermText.plain(given.value)
    let strategy = value.split(separator: ".").last.map(String.init) ?? value
    let known: Set<String>
    switch strategy {
    case "SimpleStrategy":
      known = ["replication_factor"]
      guard pairs.contains(where: { TermText.plain($0.key) == "replication_factor" }) else {
        throw fault("SimpleStrategy requires a replication_factor strategy option.")
      }
    case "NetworkTopologyStrategy": known = ["replication_factor", SystemTables.dataCenter]
    case "EverywhereStrategy", "LocalStrategy": known = ["replication_factor"]
    default: throw fault("Unable to find replication strategy class '\(value)'")
    }
    for pair in pairs {
      let name = TermText.plain(pair.key)
      if name == "class" { continue }
      guard known.contains(name) else {
        throw fault(
          "Unrecognized strategy option {\(name)} passed to \(strategy) for keyspace \(keyspace)")
      }
      guard Int(TermText.plain(pair.value)) != nil else {
        throw fault("Replication factor must be numeric; found \(TermText.plain(pair.value))")
      }
    }
  }

  private func keyspaceSettings(_ options: Options, of keyspace: String, isNew: Bool)
    throws(CQLError) -> [String: String]
  {
    var settings: [String: String] = [:]
    for entry in options.entries {
      switch (entry.name, entry.value) {
      case ("replication", .map(let pairs)):
        try checkReplication(pairs, keyspace)
        settings[Self.replicationOption] = TermText.text(entry.value)
      case ("replication", .set([])): try checkReplication([], keyspace)
      case ("durable_writes", .bool(let flag)):
        settings[Self.durableOption] = flag ? "true" : "false"
      default: throw CQLError(.syntax, "Unknown property '\(entry.name)'")
      }
    }
    if isNew, settings[Self.replicationOption] == nil {
      throw CQLError(.configuration, "Missing mandatory replication strategy class")
    }
    return settings
  }

  func dropKeyspace(_ name: String, ifExists: Bool) async throws(CQLError) -> StatementResult {
    try checkWritable(name)
    guard catalog.hasKeyspace(name) else {
      if ifExists { return .void }
      throw CQLError(.configuration, "Keyspace '\(name)' doesn't exist")
    }
    try await sql(["DROP SCHEMA \(Self.quoted(name)) CASCADE"])
    return .schemaChange(SchemaChange(change: .dropped, target: .keyspace, keyspace: name))
  }
}
