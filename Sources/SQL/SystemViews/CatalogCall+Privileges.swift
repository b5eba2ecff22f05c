import Base
import Catalog
import SQL
import Types

/// `has_…_privilege` and `pg_has_role`.
extension CatalogCall {
  func privileges() throws(SQLError) -> Value? {
    guard name.hasPrefix("has_") || name == "pg_has_role" else { return nil }
    if arguments.contains(where: \.isNull) { return .null }
    // The user is left out in the short form.
    let objectCount = name == "has_column_privilege" ? 2 : 1
    let hasUser = arguments.count == objectCount + 2
    let wanted = text(arguments.count - 1)
    let who = hasUser ? try roleArgument(0) : role
    let first = hasUser ? 1 : 0
    if name == "pg_has_role" {
      let group = try roleArgument(first)
      return .bool(who.isSuperuser || Privileges.isMember(who, of: group.id, catalog))
    }
    if who.isSuperuser { return .bool(true) }
    let letters = Self.letters(wanted)
    switch name {
    case "has_table_privilege", "has_any_column_privilege", "has_column_privilege",
      "has_sequence_privilege":
      return try relationPrivilege(first, who, letters)
    case "has_schema_privilege":
      let schema: SchemaDescriptor?
      if case .text = arguments[first] {
        schema = catalog.schema(named: text(first))
        if schema == nil {
          throw SQLError(.invalidSchemaName, "schema \"\(text(first))\" does not exist")
        }
      } else {
        schema =
          catalog.sortedObjects.lazy.compactMap { object -> SchemaDescriptor? in
            if case .schema(let item) = object, item.id == oid(first) { item } else { nil }
          }.first
      }
      guard let schema else { return .null }
      return .bool(
        letters.contains { letter in
          letter == "U"
            || Privileges.has(letter, who, owner: schema.owner, grants: schema.grants, catalog)
        })
    case "has_database_privilege": return .bool(letters.contains { $0 == "c" || $0 == "T" })
    default: return .bool(true)
    }
  }

  private func roleArgument(_ place: Int) throws(SQLError) -> RoleDescriptor {
    if case .text = arguments[place] {
      guard let found = catalog.role(named: text(place)) else {
        throw SQLError(.undefinedObject, "role \"\(text(place))\" does not exist")
      }
      return found
    }
    return catalog.role(oid(place)) ?? RoleDescriptor(id: oid(place), name: "")
  }

  private static func letters(_ text: String) -> [Character] {
    let words: [String: Character] = [
      "SELECT": "r", "INSERT": "a", "UPDATE": "w", "DELETE": "d", "TRUNCATE": "D",
      "REFERENCES": "x", "TRIGGER": "t", "USAGE": "U", "CREATE": "C", "CONNECT": "c",
      "TEMPORARY": "T", "TEMP": "T", "EXECUTE": "X",
    ]
    return text.uppercased().split(separator: ",").compactMap { part in
      words[part.split(separator: " ").first.map(String.init) ?? ""]
    }
  }

  private func relationPrivilege(_ place: Int, _ who: RoleDescriptor, _ letters: [Character])
    throws(SQLError) -> Value
  {
    var id = oid(place)
    if case .text = arguments[place] {
      guard let found = relation(text(place)) else {
        throw SQLError(.undefinedTable, "relation \"\(text(place))\" does not exist")
      }
      id = found
    }
    func any(_ owner: ObjectID, _ grants: [Catalog.Grant], _ columns: [ColumnDescriptor])
      throws(SQLError) -> Value
    {
      var wanted: [ColumnDescriptor] = []
      if name == "has_any_column_privilege" { wanted = columns }
      if name == "has_column_privilege" {
        let text = text(place + 1)
        let number: Int64? = if case .int(let given) = arguments[place + 1] { given } else { nil }
        wanted = columns.filter {
          number.map { [id = $0.id] in $0 == Int64(id.rawValue) } ?? ($0.name == text)
        }
        if wanted.isEmpty, number != nil { return .null }
        if wanted.isEmpty {
          throw SQLError(
            .undefinedColumn,
            "column \"\(text)\" of relation \"\(catalog.objects[id]?.name ?? "")\" does not exist")
        }
      }
      return .bool(
        letters.contains { letter in
          Privileges.has(letter, who, owner: owner, grants: grants, catalog)
            || wanted.contains {
              Privileges.has(letter, on: $0.id, who, owner: owner, grants: grants, catalog)
            }
        })
    }
    switch catalog.objects[id] {
    case .table(let item): return try any(item.owner, item.grants, item.visibleColumns)
    case .view(let item): return try any(item.owner, item.grants, item.columns)
    case .sequence(let item): return try any(item.owner, item.grants, [])
    default:
      return SystemRelation.all.contains { $0.id == id } ? .bool(letters.contains("r")) : .null
    }
  }
}
