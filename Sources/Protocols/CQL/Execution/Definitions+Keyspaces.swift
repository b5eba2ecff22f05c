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
    let settings = try keyspaceSettings(options, isNew: true)
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
    let settings = try keyspaceSettings(options, isNew: false)
    try await sql([]) { (catalog) throws(SQLError) in
      guard var schema = catalog.schema(named: name) else { return }
      schema.options = (schema.options ?? [:]).merging(settings) { _, new in new }
      catalog.put(.schema(schema))
    }
    return .schemaChange(SchemaChange(change: .updated, target: .keyspace, keyspace: name))
  }

  private func keyspaceSettings(_ options: Options, isNew: Bool) throws(CQLError) -> [String:
    String]
  {
    var settings: [String: String] = [:]
    for entry in options.entries {
      switch (entry.name, entry.value) {
      case ("replication", .map(let pairs)):
        guard pairs.contains(where: { TermText.plain($0.key) == "class" }) else {
          throw CQLError(.configuration, "Missing replication strategy class")
        }
        for pair in pairs {
          let value = TermText.plain(pair.value)
          if TermText.plain(pair.key) == "class" {
            let name = value.split(separator: ".").last.map(String.init) ?? value
            guard
              ["SimpleStrategy", "NetworkTopologyStrategy", "EverywhereStrategy", "LocalStrategy"]
                .contains(name)
            else {
              throw CQLError(
                .configuration, "Unable to find replication strategy class '\(value)'")
            }
          } else if Int(value) == nil {
            throw CQLError(.configuration, "Replication factor must be numeric; found \(value)")
          }
        }
        settings[Self.replicationOption] = TermText.text(entry.value)
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
