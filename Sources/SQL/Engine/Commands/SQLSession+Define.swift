import Base
public import Catalog
import Functions
import Node
import Syntax
public import Types

/// The commands that change the catalog: private to the transaction until COMMIT.
extension SQLSession {
  func define(_ definition: Definition, _ portal: Portal) async throws(SQLError) -> String {
    let transaction = current()
    if transaction.isReadOnly {
      throw SQLError(
        .readOnlySQLTransaction,
        "cannot execute \(Self.commandName(definition)) in a read-only transaction")
    }
    let isAlone = isAlone(portal)
    mayHaveEffects = true
    await shard.dropAbandonedIndexes()
    // From here on this transaction alone changes the catalog, and sees the newest one.
    try await change { (_) throws(SQLError) in }
    try await run(definition, isAlone: isAlone)
    return tag(definition, portal)
  }

  /// Whether nothing was done in the transaction before, and the message has nothing else in it.
  private func isAlone(_ portal: Portal) -> Bool {
    if isExplicit || mayHaveEffects || (transaction?.hasStarted ?? false) { return false }
    let statements = try? Parser.parse(portal.statement.source)
    return statements?.count == 1
  }

  private func run(_ definition: Definition, isAlone: Bool) async throws(SQLError) {
    switch definition {
    case .createTable(let create): try await createTable(create)
    case .createTableAs(
      let name, let columns, let query, let withData, let ifNotExists, let onCommit, let options):
      try await createTableAs(
        name, columns, query, withData: withData, ifNotExists: ifNotExists, onCommit: onCommit,
        options: options)
    case .createIndex(let create): try await createIndex(create, isAlone: isAlone)
    case .createView(let create): try await createView(create)
    case .createSequence(let name, let options, let ifNotExists):
      try await createSequence(name, options, ifNotExists: ifNotExists)
    case .alterSequence(let name, let options, let ifExists):
      try await alterSequence(name, options, ifExists: ifExists)
    case .createSchema(let name, let owner, let ifNotExists):
      try await createSchema(name, owner, ifNotExists: ifNotExists)
    case .createEnum(let names, let labels): try await createEnum(names, labels)
    case .createComposite(let name, let fields): try await createComposite(name, fields)
    case .createDomain(let names, let type, let constraints):
      try await createDomain(names, type, constraints)
    case .alterEnum(let alter): try await alterEnum(alter)
    case .drop(let drop): try await self.drop(drop)
    case .alterTable(let alter): try await alterTable(alter)
    case .rename(let rename): try await self.rename(rename)
    case .setSchema(let kind, let names, let schema, let ifExists):
      try await setSchema(kind, names, schema, ifExists: ifExists)
    case .setOwner(let kind, let names, let owner): try await setOwner(kind, names, owner)
    case .comment(let kind, let names, let text): try await comment(kind, names, text)
    case .createRole(let name, let isUser, let options):
      try await createRole(name: name, isUser: isUser, options)
    case .alterRole(let role, let options): try await alterRole(role, options)
    case .alterRoleSet(let role, let name, let values):
      try await alterRoleSet(role, name, values)
    case .dropRoles(let roles, let ifExists): try await dropRoles(roles, ifExists: ifExists)
    case .grant(let grant): try await self.grant(grant)
    case .grantRoles(let granted, let grantees, let isGrant, _):
      try await grantRoles(granted, grantees, isGrant: isGrant)
    case .createTopic(let name, let source, let options, let ifNotExists):
      try await createTopic(name, source, options, ifNotExists: ifNotExists)
    case .alterTopic(let name, let options): try await alterTopic(name, options)
    case .dropTopic(let name, let ifExists): try await dropTopic(name, ifExists: ifExists)
    case .createSource(let create): try await createSource(create)
    case .alterSource(let name, let action): try await alterSource(name, action)
    case .dropSource(let name, let ifExists): try await dropSource(name, ifExists: ifExists)
    }
  }

  /// Changes the transaction's private catalog.
  func change(_ body: (inout CatalogSnapshot) throws(SQLError) -> Void) async throws(SQLError) {
    do throws(KernelError) {
      try await current().changeCatalog { (catalog) throws(SQLError) in
        let before = catalog
        try body(&catalog)
        try FixedTables.check(before, catalog)
        try TopicSchemas.renew(before, &catalog)
      }
    } catch {
      throw sqlError(from: error)
    }
  }

  /// Changes the catalog as a part of the transaction that is open, or of the implicit one that `sync` ends:
  /// for definitions of other languages. What it needs of privileges is the caller's to ask.
  public func define(_ body: (inout CatalogSnapshot) throws(SQLError) -> Void)
    async throws(SQLError)
  {
    mayHaveEffects = true
    try await change(body)
  }

  var names: CatalogNames {
    CatalogNames(
      catalog: catalog, searchPath: visibleSearchPath, temporarySchema: temporarySchema?.name)
  }

  /// Takes the tables alone: their statements end before, and see the new schema after.
  func lock(_ tables: [ObjectID], isNoWait: Bool = false) async throws(SQLError) {
    do throws(KernelError) {
      try await current().lockTables(tables, isNoWait: isNoWait)
    } catch {
      throw sqlError(from: error)
    }
  }

  /// A notice that something is there already (with the code of that fault) or is not (a success).
  func skipping(_ message: String, _ code: SQLState) {
    let isSuccess = message.hasSuffix("does not exist")
    notice(
      "NOTICE", SQLError(isSuccess ? "00000" : code, message + ", skipping"))
  }

  private func tag(_ definition: Definition, _ portal: Portal) -> String {
    if case .createTableAs(_, _, _, let withData, _, _, _) = definition, withData {
      return "SELECT \(rowsOfCreation)"
    }
    return Self.commandName(definition)
  }

  static func commandName(_ definition: Definition) -> String {
    switch definition {
    case .createTable: "CREATE TABLE"
    case .createTableAs: "CREATE TABLE AS"
    case .createIndex: "CREATE INDEX"
    case .createView: "CREATE VIEW"
    case .createSequence: "CREATE SEQUENCE"
    case .alterSequence: "ALTER SEQUENCE"
    case .createSchema: "CREATE SCHEMA"
    case .createEnum, .createComposite: "CREATE TYPE"
    case .createDomain: "CREATE DOMAIN"
    case .alterEnum: "ALTER TYPE"
    case .drop(let drop): "DROP " + word(drop.kind).uppercased()
    case .alterTable(let alter): "ALTER " + word(alter.kind).uppercased()
    case .rename(let rename):
      "ALTER "
        + (rename.part == nil ? word(rename.kind).uppercased() : "TABLE")
    case .setSchema(let kind, _, _, _), .setOwner(let kind, _, _):
      "ALTER " + word(kind).uppercased()
    case .comment: "COMMENT"
    case .createRole: "CREATE ROLE"
    case .alterRole, .alterRoleSet: "ALTER ROLE"
    case .dropRoles: "DROP ROLE"
    case .grant(let grant): grant.isGrant ? "GRANT" : "REVOKE"
    case .grantRoles(_, _, let isGrant, _): isGrant ? "GRANT ROLE" : "REVOKE ROLE"
    case .createTopic: "CREATE TOPIC"
    case .alterTopic: "ALTER TOPIC"
    case .dropTopic: "DROP TOPIC"
    case .createSource: "CREATE SOURCE"
    case .alterSource: "ALTER SOURCE"
    case .dropSource: "DROP SOURCE"
    }
  }

  static func word(_ kind: ObjectKind) -> String {
    switch kind {
    case .table, .column, .tableConstraint: "table"
    case .index: "index"
    case .view: "view"
    case .materializedView: "materialized view"
    case .sequence: "sequence"
    case .schema: "schema"
    case .type: "type"
    case .domain, .constraint: "domain"
    case .role: "role"
    case .database: "database"
    case .function: "function"
    case .sqlExtension: "extension"
    case .other: "object"
    }
  }
}
