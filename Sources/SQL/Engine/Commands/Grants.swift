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
    if grant.privileges.contains(where: { !$0.columns.isEmpty }) {
      guard case .relations = grant.target else {
        throw SQLError("0LP01", "column privileges are only valid for relations")
      }
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
    for item in grant.privileges where item.columns.isEmpty {
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

  private static func columnLetters(_ name: String) throws(SQLError) -> String {
    if name.isEmpty { return "arwx" }
    guard let letter = letters[name] else {
      throw SQLError(.syntaxError, "unrecognized privilege type \"\(name)\"")
    }
    guard "arwx".contains(letter) else {
      throw SQLError("0LP01", "invalid privilege type \(name.uppercased()) for column")
    }
    return String(letter)
  }

  /// One grantee's entry for the whole (nil) or a column.
  private static func change(
    _ list: inout [RoleGrant], _ grant: Syntax.Grant, _ letters: String, _ grantee: ObjectID,
    _ column: ColumnID?, _ owner: ObjectID
  ) {
    if letters.isEmpty { return }
    let place = list.firstIndex { $0.grantee == grantee && $0.column == column }
    var entry =
      place.map { list[$0] }
      ?? RoleGrant(grantee: grantee, grantor: owner, privileges: "", column: column)
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
      for grantee in grantees { Self.change(&list, grant, letters, grantee, nil, ownerID) }
      return list
    }
    func changedColumns(
      _ grants: [RoleGrant], _ ownerID: ObjectID, _ columns: [ColumnDescriptor]
    ) throws(SQLError) -> [RoleGrant] {
      var list = grants
      for item in grant.privileges {
        for name in item.columns {
          guard let column = columns.first(where: { $0.name == name }) else {
            throw SQLError(
              .undefinedColumn,
              "column \"\(name)\" of relation \"\(object.name)\" does not exist")
          }
          let letters = try Self.columnLetters(item.name)
          for grantee in grantees {
            Self.change(&list, grant, letters, grantee, column.id, ownerID)
          }
        }
      }
      // Taking a right on the whole takes it on the columns too.
      if !grant.isGrant {
        let letters = try letters(grant, all: "arwdDxt", "table")
        for entry in list where entry.column != nil && grantees.contains(entry.grantee) {
          Self.change(&list, grant, letters, entry.grantee, entry.column, ownerID)
        }
      }
      return list
    }
    switch object {
    case .table(var table):
      table.grants = try changed(table.grants, table.owner, all: "arwdDxt", "table")
      table.grants = try changedColumns(table.grants, table.owner, table.visibleColumns)
      try await put(.table(table))
    case .view(var view):
      view.grants = try changed(view.grants, view.owner, all: "arwdDxt", "table")
      view.grants = try changedColumns(view.grants, view.owner, view.columns)
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
