import Base
import Catalog
import Types

/// pg_authid, pg_roles, pg_user, pg_shadow, pg_group, pg_auth_members, pg_db_role_setting.
extension SystemTables {
  static func addRoles(_ all: inout [String: Generator]) {
    all["pg_catalog.pg_authid"] = { source in
      guard source.role.isSuperuser else { return [] }
      return source.roles.map { role in
        source.row([
          "oid": .oid(role.id), "rolname": .string(role.name),
          "rolsuper": .bool(role.isSuperuser), "rolinherit": .bool(role.inherits),
          "rolcreaterole": .bool(role.canCreateRole || role.isSuperuser),
          "rolcreatedb": .bool(role.canCreateDatabase || role.isSuperuser),
          "rolcanlogin": .bool(role.canLogin),
          "rolreplication": .bool(role.canReplicate || role.isSuperuser),
          "rolbypassrls": .bool(role.bypassesRowSecurity || role.isSuperuser),
          "rolconnlimit": .int(Int64(role.connectionLimit)),
          "rolpassword": .optional(role.passwordVerifier),
          "rolvaliduntil": role.validUntil.map { .int($0) } ?? .null,
        ])
      }
    }
    all["pg_catalog.pg_roles"] = { source in
      source.roles.map { role in
        source.row([
          "rolname": .string(role.name), "rolsuper": .bool(role.isSuperuser),
          "rolinherit": .bool(role.inherits),
          "rolcreaterole": .bool(role.canCreateRole || role.isSuperuser),
          "rolcreatedb": .bool(role.canCreateDatabase || role.isSuperuser),
          "rolcanlogin": .bool(role.canLogin),
          "rolreplication": .bool(role.canReplicate || role.isSuperuser),
          "rolconnlimit": .int(Int64(role.connectionLimit)), "rolpassword": .string("********"),
          "rolvaliduntil": role.validUntil.map { .int($0) } ?? .null,
          "rolbypassrls": .bool(role.bypassesRowSecurity || role.isSuperuser),
          "rolconfig": settings(role), "oid": .oid(role.id),
        ])
      }
    }
    all["pg_catalog.pg_user"] = { source in
      source.roles.filter(\.canLogin).map { role in
        source.row([
          "usename": .string(role.name), "usesysid": .oid(role.id),
          "usecreatedb": .bool(role.canCreateDatabase || role.isSuperuser),
          "usesuper": .bool(role.isSuperuser), "userepl": .bool(role.canReplicate),
          "usebypassrls": .bool(role.bypassesRowSecurity), "passwd": .string("********"),
          "valuntil": role.validUntil.map { .int($0) } ?? .null, "useconfig": settings(role),
        ])
      }
    }
    all["pg_catalog.pg_group"] = { source in
      source.roles.filter { !$0.canLogin }.map { group in
        let members = source.roles.filter { $0.memberOf.contains(group.id) }
        return source.row([
          "groname": .string(group.name), "grosysid": .oid(group.id),
          "grolist": .list(members.map { Int($0.id.rawValue) }, .oid),
        ])
      }
    }
    all["pg_catalog.pg_auth_members"] = { source in
      source.roles.flatMap { role in
        role.memberOf.map { group in
          source.row([
            "roleid": .oid(group), "member": .oid(role.id),
            "grantor": .oid(CatalogSnapshot.bootstrapRole),
          ])
        }
      }
    }
    all["pg_catalog.pg_db_role_setting"] = { source in
      source.roles.filter { !$0.settings.isEmpty }.map { role in
        source.row(["setdatabase": .int(0), "setrole": .oid(role.id), "setconfig": settings(role)])
      }
    }
  }

  private static func settings(_ role: RoleDescriptor) -> Value {
    if role.settings.isEmpty { return .null }
    return .texts(role.settings.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" })
  }
}
