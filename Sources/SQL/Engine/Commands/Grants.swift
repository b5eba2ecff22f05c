import Base
import Catalog
import Syntax
import Types

/// `Grant` is the statement's name in `Syntax` and the entry's in `Catalog`.
typealias RoleGrant = Catalog.Grant

/// GRANT and REVOKE on objects.
extension SQLSession {
  private static let letters: [String: Character] = [
    "select": "r", "insert": "a", "update": "w", "delete": "d", "truncate": "D",
    "references": "x", "trigger": "t", "usage": "U", "create": "C", "connect": "c",
    "temporary": "T", "temp": "T", "execute": "X",
  ]

  func grant(_ grant: Syntax.Grant) async throws(SQLError) {
    for name in grant.grantees where name != .public { _ = try roleDescriptor(name) }
    for item in grant.privileges where !item.columns.isEmpty {
      throw SQLError(.featureNotSupported, "privileges on columns are not supported")
    }
    switch grant.target {
    case .relations(let list), .sequences(let list):
      for name in list {
        guard let found = try names.relation(name) else { throw CatalogNames.undefined(name) }
        try await apply(grant, to: found)
      }
    case .schemas(let list):
      for name in list {
        guard let schema = catalog.schema(named: name) else {
          throw CatalogNames.missingSchema(name)
        }
        try await apply(grant, to: .schema(schema))
      }
    case .databases(let list):
      for name in list where name != database {
        throw SQLError(.invalidCatalogName, "database \"\(name)\" does not exist")
      }
      // Every role may connect; there is nothing else to a database.
      _ = try letters(grant, all: "CTc", "database")
    case .allInSchemas(let kind, let list):
      for name in list {
        guard let schema = catalog.schema(named: name) else {
          throw CatalogNames.missingSchema(name)
        }
        for object in catalog.sortedObjects where object.schema == schema.id {
          switch (kind, object) {
          case (.table, .table), (.table, .view), (.sequence, .sequence):
            try await apply(grant, to: object)
          default: break
          }
        }
      }
    case .other(let what):
      throw SQLError(.featureNotSupported, "GRANT on \(what) is not supported")
    }
  }

  private func letters(_ grant: Syntax.Grant, all: String, _ kind: String) throws(SQLError)
    -> String
  {
    if grant.privileges.isEmpty { return all }
    var result = ""
    for item in grant.privileges {
      guard let letter = Self.letters[item.name] else {
        throw SQLError(
          .syntaxError, "unrecognized privilege type \"\(item.name)\"")
      }
      guard all.contains(letter) else {
        throw SQLError(
          "0LP01", "invalid privilege type \(item.name.uppercased()) for \(kind)")
      }
      result.append(letter)
    }
    return result
  }

  private func apply(_ grant: Syntax.Grant, to object: CatalogObject) async throws(SQLError) {
    var grantees: [ObjectID] = []
    for name in grant.grantees {
      grantees.append(name == .public ? ObjectID(rawValue: 0) : try roleDescriptor(name).id)
    }
    let owner = role
    func changed(_ grants: [RoleGrant], _ ownerID: ObjectID, all: String, _ kind: String)
      throws(SQLError) -> [RoleGrant]
    {
      let letters = try letters(grant, all: all, kind)
      try Privileges.requireOwner(owner, ownerID, kind, object.name, catalog)
      var list = grants
      for grantee in grantees {
        let place = list.firstIndex { $0.grantee == grantee && $0.column == nil }
        var entry =
          place.map { list[$0] }
          ?? RoleGrant(grantee: grantee, grantor: ownerID, privileges: "")
        if grant.isGrant {
          for letter in letters where !entry.privileges.contains(letter) {
            entry.privileges.append(letter)
          }
          if grant.withGrantOption {
            for letter in letters where !entry.withGrantOption.contains(letter) {
              entry.withGrantOption.append(letter)
            }
          }
        } else {
          if !grant.withGrantOption { entry.privileges.removeAll { letters.contains($0) } }
          entry.withGrantOption.removeAll { letters.contains($0) }
        }
        if let place { list.remove(at: place) }
        if !entry.privileges.isEmpty { list.append(entry) }
      }
      return list
    }
    switch object {
    case .table(var table):
      table.grants = try changed(table.grants, table.owner, all: "arwdDxt", "table")
      try await put(.table(table))
    case .view(var view):
      view.grants = try changed(view.grants, view.owner, all: "arwdDxt", "table")
      try await put(.view(view))
    case .sequence(var sequence):
      sequence.grants = try changed(sequence.grants, sequence.owner, all: "rwU", "sequence")
      try await put(.sequence(sequence))
    case .schema(var schema):
      schema.grants = try changed(schema.grants, schema.owner, all: "UC", "schema")
      try await put(.schema(schema))
    default: break
    }
  }
}
