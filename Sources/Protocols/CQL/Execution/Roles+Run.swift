import Base
import Catalog
import SQL
import Types

/// Roles and privileges: the catalog's, by SQL's statements.
extension StatementRunner {
  func run(create role: RoleStatement, isUser: Bool, ifNotExists: Bool) async throws(CQLError)
    -> StatementResult
  {
    if catalog.snapshot.role(named: role.name) != nil {
      if ifNotExists { return .void }
      throw .invalid("\(role.name) already exists")
    }
    try await sql(["CREATE ROLE \(Self.quoted(role.name))\(options(role, isUser: isUser))"])
    return .void
  }

  private func options(_ role: RoleStatement, isUser: Bool) -> String {
    var text = ""
    if let flag = role.isSuperuser { text += flag ? " SUPERUSER" : " NOSUPERUSER" }
    if let flag = isUser ? true : role.canLogin { text += flag ? " LOGIN" : " NOLOGIN" }
    if let password = role.password { text += " PASSWORD \(CQLName.literal(password))" }
    return text
  }

  func run(alter role: RoleStatement, isUser: Bool) async throws(CQLError) -> StatementResult {
    guard let known = catalog.snapshot.role(named: role.name) else {
      throw .invalid("\(role.name) doesn't exist")
    }
    let options = options(role, isUser: isUser && known.canLogin)
    if options.isEmpty { return .void }
    try await sql(["ALTER ROLE \(Self.quoted(role.name))\(options)"])
    return .void
  }

  func run(drop name: String, ifExists: Bool) async throws(CQLError) -> StatementResult {
    guard catalog.snapshot.role(named: name) != nil else {
      if ifExists { return .void }
      throw .invalid("\(name) doesn't exist")
    }
    let heir = role.id
    try await sql(
      after: { (catalog) throws(SQLError) in
        if let dropped = catalog.role(named: name) { Self.release(dropped.id, to: heir, &catalog) }
      }, ["DROP ROLE \(Self.quoted(name))"])
    return .void
  }

  /// In CQL a role goes with all that was granted to it, and what it made stays: it is the dropper's then.
  private static func release(
    _ role: ObjectID, to heir: ObjectID, _ catalog: inout CatalogSnapshot
  ) {
    func released<Item>(
      _ item: Item, _ owner: WritableKeyPath<Item, ObjectID>,
      _ grants: WritableKeyPath<Item, [Grant]>
    ) -> Item {
      var item = item
      if item[keyPath: owner] == role { item[keyPath: owner] = heir }
      item[keyPath: grants].removeAll { $0.grantee == role || $0.grantor == role }
      return item
    }
    for object in catalog.sortedObjects {
      let left: CatalogObject
      switch object {
      case .schema(let item): left = .schema(released(item, \.owner, \.grants))
      case .table(let item): left = .table(released(item, \.owner, \.grants))
      case .view(let item): left = .view(released(item, \.owner, \.grants))
      case .sequence(let item): left = .sequence(released(item, \.owner, \.grants))
      case .type(var item):
        if item.owner == role { item.owner = heir }
        left = .type(item)
      case .role, .node, .cluster, .tabletMap, .tier: continue
      }
      if left != object { catalog.put(left) }
    }
  }

  func run(grantRole granted: String, to name: String, isGrant: Bool) async throws(CQLError)
    -> StatementResult
  {
    for name in [granted, name] where catalog.snapshot.role(named: name) == nil {
      throw .invalid("\(name) doesn't exist")
    }
    try await sql([
      "\(isGrant ? "GRANT" : "REVOKE") \(Self.quoted(granted)) \(isGrant ? "TO" : "FROM") \(Self.quoted(name))"
    ])
    return .void
  }

  /// Rights on a keyspace are those on its tables as they are now, and to make more.
  func run(
    grant permission: String, on resource: ResourceName, to name: String, isGrant: Bool
  ) async throws(CQLError) -> StatementResult {
    guard catalog.snapshot.role(named: name) != nil else { throw .invalid("\(name) doesn't exist") }
    let (verb, word) = isGrant ? ("GRANT", "TO") : ("REVOKE", "FROM")
    let role = Self.quoted(name)
    var statements: [String] = []
    func tables(_ keyspace: String, _ tables: [CQLTable]) {
      for privileges in tablePrivileges(permission) {
        for table in tables {
          for name in [table.name] + [table.stored?.statics?.table.name].compactMap({ $0 }) {
            statements.append(
              "\(verb) \(privileges) ON \(Self.quoted(keyspace)).\(Self.quoted(name)) \(word) \(role)"
            )
          }
        }
      }
    }
    func keyspace(_ name: String) {
      if permission == "create" || permission == "all" {
        statements.append("\(verb) CREATE ON SCHEMA \(Self.quoted(name)) \(word) \(role)")
      }
      if permission != "create" {
        statements.append("\(verb) USAGE ON SCHEMA \(Self.quoted(name)) \(word) \(role)")
      }
      tables(name, catalog.tables(in: name))
    }
    guard ["all", "create", "select", "modify"].contains(permission) else {
      throw .invalid(
        "The permission \(permission.uppercased()) cannot be granted here: it goes with ownership")
    }
    switch resource {
    case .allKeyspaces: for schema in catalog.keyspaces { keyspace(schema.name) }
    case .keyspace(let name):
      _ = try catalog.schema(name)
      keyspace(name)
    case .table(let object):
      let table = try table(object)
      if isGrant {
        statements.append("GRANT USAGE ON SCHEMA \(Self.quoted(table.keyspace)) TO \(role)")
      }
      tables(table.keyspace, [table])
    case .allRoles, .role: throw .invalid("Permissions on roles are not supported")
    }
    if !statements.isEmpty { try await sql(statements) }
    return .void
  }

  private func tablePrivileges(_ permission: String) -> [String] {
    switch permission {
    case "select": ["SELECT"]
    case "modify": ["INSERT, UPDATE, DELETE, TRUNCATE"]
    case "all": ["SELECT, INSERT, UPDATE, DELETE, TRUNCATE"]
    default: []
    }
  }

  // MARK: LIST

  func listRoles(of name: String?, isUsers: Bool) throws(CQLError) -> StatementResult {
    var roles: [RoleDescriptor] = []
    for case .role(let role) in catalog.snapshot.sortedObjects
    where !role.name.hasPrefix("pg_") && (!isUsers || role.canLogin) {
      roles.append(role)
    }
    if let name {
      guard let asked = catalog.snapshot.role(named: name) else {
        throw .invalid("\(name) doesn't exist")
      }
      roles = roles.filter { Privileges.isMember(asked, of: $0.id, catalog.snapshot) }
    }
    roles.sort { $0.name < $1.name }
    func column(_ name: String, _ type: CQLType) -> ResultColumn {
      ResultColumn(
        keyspace: "system_auth", table: isUsers ? "users" : "roles", name: name, type: type)
    }
    if isUsers {
      return .rows(
        ResultRows(
          [column("name", .text), column("super", .boolean)],
          roles.map { [.text($0.name), .bool($0.isSuperuser)] }))
    }
    return .rows(
      ResultRows(
        [
          column("role", .text), column("super", .boolean), column("login", .boolean),
          column("options", .map(.text, .text)),
        ], roles.map { [.text($0.name), .bool($0.isSuperuser), .bool($0.canLogin), .map([])] }))
  }

  func listPermissions(of name: String?) throws(CQLError) -> StatementResult {
    let wanted = try name.map { (name) throws(CQLError) in
      guard let role = catalog.snapshot.role(named: name) else {
        throw .invalid("\(name) doesn't exist")
      }
      return role
    }
    var rows: [[Datum]] = []
    for schema in catalog.keyspaces {
      for table in catalog.tables(in: schema.name) {
        for grant in table.stored?.descriptor.grants ?? [] where grant.column == nil {
          guard let role = catalog.snapshot.role(grant.grantee),
            wanted.map({ Privileges.isMember($0, of: role.id, catalog.snapshot) }) ?? true
          else { continue }
          var permissions: [String] = []
          if grant.privileges.contains("r") { permissions.append("SELECT") }
          if grant.privileges.contains(where: { "awd".contains($0) }) {
            permissions.append("MODIFY")
          }
          for permission in permissions {
            rows.append([
              .text(role.name), .text(role.name), .text("<table \(schema.name).\(table.name)>"),
              .text(permission),
            ])
          }
        }
      }
    }
    let columns = ["role", "username", "resource", "permission"].map {
      ResultColumn(keyspace: "system_auth", table: "permissions", name: $0, type: .text)
    }
    return .rows(ResultRows(columns, rows))
  }
}
