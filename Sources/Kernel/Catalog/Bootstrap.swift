import Base

extension CatalogSnapshot {
  /// What a new cluster starts with: the superuser `quatrain`, PostgreSQL's predefined schemas.
  public static func bootstrap() -> CatalogChange {
    var role = RoleDescriptor(id: bootstrapRole, name: "quatrain")
    role.isSuperuser = true
    role.canLogin = true
    role.canCreateRole = true
    role.canCreateDatabase = true
    role.canReplicate = true
    role.bypassesRowSecurity = true
    var open = SchemaDescriptor(id: publicSchema, name: "public", owner: bootstrapRole)
    open.comment = "standard public schema"
    open.grants = [
      Grant(grantee: bootstrapRole, grantor: bootstrapRole, privileges: "UC"),
      Grant(grantee: ObjectID(rawValue: 0), grantor: bootstrapRole, privileges: "U"),
    ]
    let catalog = SchemaDescriptor(id: pgCatalogSchema, name: "pg_catalog", owner: bootstrapRole)
    let information = SchemaDescriptor(
      id: informationSchema, name: "information_schema", owner: bootstrapRole)
    return CatalogChange(
      version: 1,
      put: [.role(role), .schema(catalog), .schema(open), .schema(information)],
      removed: [], nextObjectID: ObjectID.firstUser.rawValue, nextKeyspaceID: 1_024)
  }
}
