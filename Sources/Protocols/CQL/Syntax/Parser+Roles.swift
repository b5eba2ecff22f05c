// Roles and permissions.

extension Parser {
  mutating func roleName() throws(CQLError) -> String {
    if case .string(let text) = current {
      advance()
      return text
    }
    return try name()
  }

  mutating func role(isUser: Bool) throws(CQLError) -> RoleStatement {
    var role = RoleStatement(name: try roleName())
    if isUser {
      if take("with") {
        try expect("password")
        role.password = try string()
      }
      if take("superuser") {
        role.isSuperuser = true
      } else if take("nosuperuser") {
        role.isSuperuser = false
      }
      return role
    }
    guard take("with") else { return role }
    repeat {
      let option = try name()
      try expect(sign: "=")
      switch (option, try term()) {
      case ("password", .string(let text)): role.password = text
      case ("superuser", .bool(let flag)): role.isSuperuser = flag
      case ("login", .bool(let flag)): role.canLogin = flag
      default: throw .invalid("The option \(option) of a role is not supported")
      }
    } while take("and")
    return role
  }

  mutating func grant(isGrant: Bool) throws(CQLError) -> Statement {
    advance()
    guard case .name(let word, _) = current else {
      let role = try roleName()
      try expect(isGrant ? "to" : "from")
      return .grantRole(role, to: try roleName(), isGrant: isGrant)
    }
    let permissions = [
      "all", "create", "alter", "drop", "select", "modify", "authorize", "describe", "execute",
    ]
    guard permissions.contains(word),
      isWord("on", ahead: 1) || isWord("permission", ahead: 1)
        || isWord("permissions", ahead: 1)
    else {
      let role = try roleName()
      try expect(isGrant ? "to" : "from")
      return .grantRole(role, to: try roleName(), isGrant: isGrant)
    }
    advance()
    if !take("permissions") { _ = take("permission") }
    try expect("on")
    let resource = try resource()
    try expect(isGrant ? "to" : "from")
    return .grant(permission: word, resource: resource, to: try roleName(), isGrant: isGrant)
  }

  private mutating func resource() throws(CQLError) -> ResourceName {
    if take("all", "keyspaces") { return .allKeyspaces }
    if take("all", "roles") { return .allRoles }
    if take("keyspace") { return .keyspace(try name()) }
    if take("role") { return .role(try roleName()) }
    if take("all", "functions") { throw .invalid("Permissions on functions are not supported") }
    if take("function") { throw .invalid("Permissions on functions are not supported") }
    _ = take("table")
    return .table(try objectName())
  }

  mutating func listing() throws(CQLError) -> Statement {
    try expect("list")
    if take("roles") {
      let name = take("of") ? try roleName() : nil
      _ = take("norecursive")
      return .listRoles(of: name, isUsers: false)
    }
    if take("users") { return .listRoles(of: nil, isUsers: true) }
    guard take("all", "permissions") || take("all") else {
      return unsupported("LIST of single permissions")
    }
    if take("on") { return unsupported("LIST PERMISSIONS ON") }
    let name = take("of") ? try roleName() : nil
    _ = take("norecursive")
    return .listPermissions(of: name)
  }
}
