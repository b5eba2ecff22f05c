import Base
import Catalog
import Syntax
import Types

/// CREATE SCHEMA, CREATE TYPE … AS ENUM, ALTER TYPE and CREATE DOMAIN.
extension SQLSession {
  func createSchema(_ name: String?, _ owner: RoleName?, ifNotExists: Bool) async throws(SQLError) {
    let owning = try owner.map { (item) throws(SQLError) in try roleDescriptor(item) } ?? role
    let wanted = name ?? owning.name
    if catalog.schema(named: wanted) != nil {
      guard ifNotExists else {
        throw SQLError(.duplicateSchema, "schema \"\(wanted)\" already exists")
      }
      return skipping("schema \"\(wanted)\" already exists", .duplicateSchema)
    }
    if wanted.hasPrefix("pg_") {
      throw SQLError(
        .invalidName, "unacceptable schema name \"\(wanted)\"",
        detail: "The prefix \"pg_\" is reserved for system schemas.")
    }
    guard role.isSuperuser || role.canCreateDatabase else {
      throw SQLError(.insufficientPrivilege, "permission denied for database \(database)")
    }
    try await change { (catalog) throws(SQLError) in
      catalog.put(
        .schema(
          SchemaDescriptor(id: catalog.allocateObjectID(), name: wanted, owner: owning.id)))
    }
  }

  private func addType(_ parts: [String], _ kind: TypeDescriptor.Kind) async throws(SQLError) {
    let name = parts.last ?? ""
    let schema = try await creationSchema(
      QuerySyntax.RelationName(name, schema: parts.count > 1 ? parts[parts.count - 2] : nil))
    if catalog.type(schema: schema.id, name: name) != nil
      || catalog.relation(schema: schema.id, name: name) != nil
    {
      throw SQLError(.duplicateObject, "type \"\(name)\" already exists")
    }
    let owner = role.id
    try await change { (catalog) throws(SQLError) in
      catalog.put(
        .type(
          TypeDescriptor(
            id: catalog.allocateObjectID(), arrayID: catalog.allocateObjectID(),
            schema: schema.id, name: name, owner: owner, kind: kind)))
    }
  }

  func createEnum(_ parts: [String], _ labels: [String]) async throws(SQLError) {
    var seen: Set<String> = []
    for label in labels {
      try Self.checkLabel(label)
      if !seen.insert(label).inserted {
        throw SQLError(
          .uniqueViolation,
          "duplicate key value violates unique constraint \"pg_enum_typid_label_index\"")
      }
    }
    try await addType(parts, .enumeration(labels: labels))
  }

  func createComposite(_ name: QuerySyntax.RelationName, _ columns: [ColumnDefinition])
    async throws(SQLError)
  {
    let binder = Binder(statementContext(), parameterTypes: [])
    var fields: [ColumnDescriptor] = []
    for column in columns {
      if fields.contains(where: { $0.name == column.name }) {
        throw SQLError(
          .duplicateColumn, "column \"\(column.name)\" specified more than once")
      }
      let type = try binder.type(column.type)
      if type.isPseudo || type == .record {
        throw SQLError(
          .invalidTableDefinition,
          "column \"\(column.name)\" has pseudo-type \(formatType(type))")
      }
      fields.append(
        ColumnDescriptor(
          id: ColumnID(rawValue: Int16(fields.count + 1)), name: column.name, type: type))
    }
    let parts = (name.schema.map { [$0] } ?? []) + [name.name]
    try await addType(parts, .composite(fields: fields))
  }

  private static func checkLabel(_ label: String) throws(SQLError) {
    if label.utf8.count > 63 {
      throw SQLError(
        .invalidName, "invalid enum label \"\(label)\"",
        detail: "Labels must be 63 bytes or less.")
    }
  }

  func alterEnum(_ alter: AlterEnum) async throws(SQLError) {
    let parts: [String]
    switch alter {
    case .add(let name, _, _, _, _), .rename(let name, _, _): parts = name
    }
    guard var type = try names.type(parts), case .enumeration(var labels) = type.kind else {
      throw SQLError(.undefinedObject, "type \"\(parts.joined(separator: "."))\" does not exist")
    }
    try Privileges.requireOwner(role, type.owner, "type", type.name, catalog)
    switch alter {
    case .add(_, let label, let neighbor, let isAfter, let ifNotExists):
      try Self.checkLabel(label)
      if labels.contains(label) {
        guard ifNotExists else {
          throw SQLError(.duplicateObject, "enum label \"\(label)\" already exists")
        }
        return skipping("enum label \"\(label)\" already exists", .duplicateObject)
      }
      guard let neighbor else {
        labels.append(label)
        break
      }
      guard let place = labels.firstIndex(of: neighbor) else {
        throw SQLError(
          .invalidParameterValue, "\"\(neighbor)\" is not an existing enum label")
      }
      // Values are stored as their labels' text and ordered by it in keys.
      labels.insert(label, at: isAfter ? place + 1 : place)
    case .rename(_, let from, let to):
      guard labels.contains(from) else {
        throw SQLError(.invalidParameterValue, "\"\(from)\" is not an existing enum label")
      }
      throw SQLError(
        .featureNotSupported, "renaming the enum label \"\(from)\" to \"\(to)\" is not supported",
        detail: "Rows keep labels as their text.")
    }
    type.kind = .enumeration(labels: labels)
    try await put(.type(type))
  }

  func createDomain(
    _ parts: [String], _ typeName: QuerySyntax.TypeName, _ constraints: [ConstraintDefinition]
  ) async throws(SQLError) {
    let base = try Binder(statementContext(), parameterTypes: []).type(typeName)
    var isNotNull = false
    var defaultExpression: String?
    var checks: [CheckConstraint] = []
    for constraint in constraints {
      switch constraint.kind {
      case .notNull: isNotNull = true
      case .null: break
      case .defaultValue(let expression):
        defaultExpression = try defaultText(expression, base, parts.last ?? "")
      case .check(let expression):
        let number = checks.isEmpty ? "" : String(checks.count)
        checks.append(
          CheckConstraint(
            id: ObjectID(rawValue: 0),
            name: constraint.name ?? "\(parts.last ?? "")_check\(number)",
            expression: SyntaxPrinter.text(expression)))
      default:
        throw SQLError(
          .syntaxError, "this constraint is not possible for domains",
          position: constraint.position)
      }
    }
    try await addType(
      parts,
      .domain(
        base: base, isNotNull: isNotNull, defaultExpression: defaultExpression, checks: checks))
  }
}
