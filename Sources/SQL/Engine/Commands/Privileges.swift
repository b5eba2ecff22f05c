public import Base
public import Catalog
import Types

/// Who may do what: the one place that reads grants. Letters are PostgreSQL's (`Grant`).
public enum Privileges {
  /// Whether the role is `wanted` or a member of it, through any number of steps.
  public static func isMember(
    _ role: RoleDescriptor?, of wanted: ObjectID, _ catalog: CatalogSnapshot
  )
    -> Bool
  {
    guard let role else { return false }
    if role.id == wanted { return true }
    var seen: Set<ObjectID> = [role.id]
    var pending = role.memberOf
    while let next = pending.popLast() {
      if next == wanted { return true }
      if seen.insert(next).inserted { pending += catalog.role(next)?.memberOf ?? [] }
    }
    return false
  }

  static func isOwner(_ role: RoleDescriptor, _ owner: ObjectID, _ catalog: CatalogSnapshot) -> Bool
  {
    role.isSuperuser || isMember(role, of: owner, catalog)
  }

  public static func has(
    _ letter: Character, _ role: RoleDescriptor, owner: ObjectID, grants: [Grant],
    _ catalog: CatalogSnapshot
  ) -> Bool {
    if isOwner(role, owner, catalog) { return true }
    return grants.contains { grant in
      grant.column == nil && grant.privileges.contains(letter)
        && (grant.grantee.rawValue == 0 || isMember(role, of: grant.grantee, catalog))
    }
  }

  /// Whether the role has the right on the column: on the whole relation, or by a grant on it.
  public static func has(
    _ letter: Character, on column: ColumnID, _ role: RoleDescriptor, owner: ObjectID,
    grants: [Grant], _ catalog: CatalogSnapshot
  ) -> Bool {
    if has(letter, role, owner: owner, grants: grants, catalog) { return true }
    return grants.contains { grant in
      grant.column == column && grant.privileges.contains(letter)
        && (grant.grantee.rawValue == 0 || isMember(role, of: grant.grantee, catalog))
    }
  }

  /// 42501 in PostgreSQL's words.
  static func denied(_ kind: String, _ name: String) -> SQLError {
    SQLError(.insufficientPrivilege, "permission denied for \(kind) \(name)")
  }

  static func requireOwner(
    _ role: RoleDescriptor, _ owner: ObjectID, _ kind: String, _ name: String,
    _ catalog: CatalogSnapshot
  ) throws(SQLError) {
    if !isOwner(role, owner, catalog) {
      throw SQLError(.insufficientPrivilege, "must be owner of \(kind) \(name)")
    }
  }

  /// CREATE in a schema; the public schema is its owner's, as since PostgreSQL 15.
  static func requireCreate(
    _ role: RoleDescriptor, _ schema: SchemaDescriptor, _ catalog: CatalogSnapshot,
    position: Int? = nil
  ) throws(SQLError) {
    if !has("C", role, owner: schema.owner, grants: schema.grants, catalog) {
      var error = denied("schema", schema.name)
      error.position = position
      throw error
    }
  }
}
