import Base
import Catalog
import Syntax
import Types

/// Roles and their memberships.
extension SQLSession {
  static func missingRole(_ name: String) -> SQLError {
    SQLError(.undefinedObject, "role \"\(name)\" does not exist")
  }

  func roleDescriptor(_ name: RoleName) throws(SQLError) -> RoleDescriptor {
    switch name {
    case .current: return role
    case .session:
      guard let found = catalog.role(named: sessionUser) else {
        throw Self.missingRole(sessionUser)
      }
      return found
    case .public: throw Self.missingRole("public")
    case .named(let text):
      guard let found = catalog.role(named: text) else { throw Self.missingRole(text) }
      return found
    }
  }

  func requireRoleAdministrator() throws(SQLError) {
    if !role.isSuperuser && !role.canCreateRole {
      throw SQLError(.insufficientPrivilege, "permission denied to create role")
    }
  }

  func createRole(name: String, isUser: Bool, _ options: [DefinitionOption])
    async throws(SQLError)
  {
    try requireRoleAdministrator()
    if catalog.role(named: name) != nil {
      throw SQLError(.duplicateObject, "role \"\(name)\" already exists")
    }
    if name.hasPrefix("pg_") || name == "public" || name == "none" {
      throw SQLError(
        "42939", "role name \"\(name)\" is reserved",
        detail: "Role names starting with \"pg_\" are reserved.")
    }
    try await change { (catalog) throws(SQLError) in
      var made = RoleDescriptor(id: catalog.allocateObjectID(), name: name)
      made.canLogin = isUser
      try self.apply(options, to: &made, &catalog)
      catalog.put(.role(made))
    }
  }

  func alterRole(_ name: RoleName, _ options: [DefinitionOption]) async throws(SQLError) {
    let old = try roleDescriptor(name)
    let isOwnPassword =
      old.name == user && options.allSatisfy { $0.name == "password" }
    if !isOwnPassword { try requireRoleAdministrator() }
    if old.isSuperuser && !role.isSuperuser {
      throw SQLError(
        .insufficientPrivilege,
        "must be superuser to alter superuser roles or change superuser attribute"
      )
    }
    try await change { (catalog) throws(SQLError) in
      var changed = old
      try self.apply(options, to: &changed, &catalog)
      catalog.put(.role(changed))
    }
  }

  private func apply(
    _ options: [DefinitionOption], to made: inout RoleDescriptor,
    _ catalog: inout CatalogSnapshot
  ) throws(SQLError) {
    for option in options {
      var isOn = true
      if case .bool(let flag) = option.value { isOn = flag }
      switch option.name {
      case "superuser":
        if isOn && !role.isSuperuser {
          throw SQLError(.insufficientPrivilege, "must be superuser to create superusers")
        }
        made.isSuperuser = isOn
      case "canlogin": made.canLogin = isOn
      case "createrole": made.canCreateRole = isOn
      case "createdb": made.canCreateDatabase = isOn
      case "inherit": made.inherits = isOn
      case "isreplication": made.canReplicate = isOn
      case "bypassrls": made.bypassesRowSecurity = isOn
      case "connectionlimit":
        if case .number(let text) = option.value { made.connectionLimit = Int32(text) ?? -1 }
      case "password":
        if case .string("") = option.value {
          notice(
            "NOTICE", SQLError("00000", "empty string is not a valid password, clearing password"))
          made.password = nil
        } else if case .string(let text) = option.value {
          made.password = try environment.verifier(text)
        } else {
          made.password = nil
        }
      case "validUntil":
        if case .string(let text) = option.value {
          guard
            case .int(let time) = try TypeIO.parseText(
              Array(text.utf8), as: .timestamptz, settings: settings.formats)
          else { break }
          made.validUntil = time
        }
      case "addroleto":
        for name in Self.names(option) {
          guard let group = catalog.role(named: name) else { throw Self.missingRole(name) }
          made.memberOf.append(group.id)
        }
      case "rolemembers", "adminmembers":
        for name in Self.names(option) {
          guard var member = catalog.role(named: name) else { throw Self.missingRole(name) }
          member.memberOf.append(made.id)
          catalog.put(.role(member))
        }
      case "sysid": break
      default:
        throw SQLError(.featureNotSupported, "role option \"\(option.name)\" is not supported")
      }
    }
  }

  private static func names(_ option: DefinitionOption) -> [String] {
    if case .names(let names) = option.value { names } else { [] }
  }

  func alterRoleSet(_ name: RoleName?, _ setting: String?, _ values: [SettingValue]?)
    async throws(SQLError)
  {
    guard let name else {
      throw SQLError(.featureNotSupported, "ALTER ROLE ALL is not supported")
    }
    var changed = try roleDescriptor(name)
    if changed.name != user { try requireRoleAdministrator() }
    if let setting {
      let parts = values.map { list in
        list.map { value in
          switch value {
          case .string(let text), .number(let text): text
          }
        }
      }
      // The value must be one that a session can have.
      var probe = settings
      try probe.set(setting, parts, isLocal: false)
      changed.settings[setting.lowercased()] = parts?.joined(separator: ", ")
    } else {
      changed.settings = [:]
    }
    try await put(.role(changed))
  }

  func dropRoles(_ list: [RoleName], ifExists: Bool) async throws(SQLError) {
    try requireRoleAdministrator()
    for name in list {
      if case .named(let text) = name, catalog.role(named: text) == nil, ifExists {
        skipping("role \"\(text)\" does not exist", .undefinedObject)
        continue
      }
      let found = try roleDescriptor(name)
      if found.name == user || found.name == sessionUser {
        throw SQLError(.objectInUse, "current user cannot be dropped")
      }
      if found.id == CatalogSnapshot.bootstrapRole {
        throw SQLError(
          .dependentObjectsStillExist,
          "cannot drop role \(found.name) because it is required by the database system")
      }
      let lines = catalog.sortedObjects.compactMap { Self.dependency($0, on: found.id) }
      if !lines.isEmpty {
        throw SQLError(
          .dependentObjectsStillExist,
          "role \"\(found.name)\" cannot be dropped because some objects depend on it",
          detail: lines.joined(separator: "\n"))
      }
      try await change { (catalog) throws(SQLError) in
        for case .role(var member) in catalog.sortedObjects
        where member.memberOf.contains(found.id) {
          member.memberOf.removeAll { $0 == found.id }
          catalog.put(.role(member))
        }
        catalog.remove(found.id)
      }
    }
  }

  /// How the object depends on the role, in PostgreSQL's words; nil: not at all.
  private static func dependency(_ object: CatalogObject, on role: ObjectID) -> String? {
    func line(_ kind: String, _ owner: ObjectID, _ grants: [RoleGrant]) -> String? {
      if owner == role { return "owner of \(kind) \(object.name)" }
      return grants.contains { $0.grantee == role }
        ? "privileges for \(kind) \(object.name)" : nil
    }
    switch object {
    case .schema(let item): return line("schema", item.owner, item.grants)
    case .table(let item): return line("table", item.owner, item.grants)
    case .view(let item): return line("view", item.owner, item.grants)
    case .sequence(let item): return line("sequence", item.owner, item.grants)
    case .type(let item): return line("type", item.owner, [])
    case .role, .node, .cluster, .tabletMap, .tier: return nil
    }
  }

  func grantRoles(_ granted: [String], _ grantees: [RoleName], isGrant: Bool)
    async throws(SQLError)
  {
    try requireRoleAdministrator()
    for name in granted {
      guard let group = catalog.role(named: name) else { throw Self.missingRole(name) }
      for grantee in grantees {
        var member = try roleDescriptor(grantee)
        if isGrant {
          if Privileges.isMember(group, of: member.id, catalog) {
            throw SQLError(
              "0LP01", "role \"\(group.name)\" is a member of role \"\(member.name)\"")
          }
          if member.memberOf.contains(group.id) {
            notice(
              "NOTICE",
              SQLError(
                "00000",
                "role \"\(member.name)\" is already a member of role \"\(group.name)\""))
          } else {
            member.memberOf.append(group.id)
          }
        } else {
          member.memberOf.removeAll { $0 == group.id }
        }
        try await put(.role(member))
      }
    }
  }
}
