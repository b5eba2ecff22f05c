import Base
import Catalog
import Syntax
import Types

/// ALTER … RENAME, SET SCHEMA, OWNER TO, and COMMENT ON.
extension SQLSession {
  func rename(_ rename: Rename) async throws(SQLError) {
    if let relation = rename.relation { return try await renameRelation(relation, rename) }
    switch rename.kind {
    case .schema:
      let name = rename.object.last ?? ""
      guard var schema = catalog.schema(named: name) else {
        throw CatalogNames.missingSchema(name)
      }
      try Privileges.requireOwner(role, schema.owner, "schema", name, catalog)
      if catalog.schema(named: rename.newName) != nil {
        throw SQLError(.duplicateSchema, "schema \"\(rename.newName)\" already exists")
      }
      schema.name = rename.newName
      try await put(.schema(schema))
    case .role:
      let name = rename.object.last ?? ""
      guard var found = catalog.role(named: name) else { throw Self.missingRole(name) }
      try requireRoleAdministrator()
      if catalog.role(named: rename.newName) != nil {
        throw SQLError(.duplicateObject, "role \"\(rename.newName)\" already exists")
      }
      found.name = rename.newName
      try await put(.role(found))
    case .type, .domain:
      guard var type = try names.type(rename.object) else {
        throw SQLError(
          .undefinedObject, "type \"\(rename.object.joined(separator: "."))\" does not exist")
      }
      try Privileges.requireOwner(role, type.owner, "type", type.name, catalog)
      type.name = rename.newName
      try await put(.type(type))
    default:
      throw SQLError(
        .featureNotSupported,
        "ALTER \(Self.word(rename.kind).uppercased()) … RENAME is not supported")
    }
  }

  /// Replaces an object of the catalog.
  func put(_ object: CatalogObject) async throws(SQLError) {
    try await change { (catalog) throws(SQLError) in catalog.put(object) }
  }

  private func renameRelation(_ name: QuerySyntax.RelationName, _ rename: Rename)
    async throws(SQLError)
  {
    if rename.part != nil { try refuseType(name) }
    if rename.part == nil, let (table, index) = try names.index(name) {
      try Privileges.requireOwner(role, table.owner, "index", index.name, catalog)
      try requireFree(rename.newName, table.schema)
      try await lock([table.id])
      return try await edit(table.id) { changed in
        for place in changed.indexes.indices where changed.indexes[place].id == index.id {
          changed.indexes[place].name = rename.newName
        }
      }
    }
    guard let found = try names.relation(name) else {
      guard rename.ifExists else { throw CatalogNames.undefined(name) }
      return skipping("relation \"\(name.name)\" does not exist", .undefinedTable)
    }
    switch found {
    case .table(let table):
      try Privileges.requireOwner(role, table.owner, "table", table.name, catalog)
      try await lock([table.id])
      guard let current = catalog.table(table.id) else { return }
      if let part = rename.part {
        if rename.kind == .tableConstraint {
          try await renameConstraint(part, rename.newName, current)
        } else {
          try await renameColumn(part, rename.newName, current)
        }
      } else {
        try refuseViews(on: current.id, "table \"\(current.name)\"")
        try requireFree(rename.newName, current.schema)
        try await edit(current.id) { $0.name = rename.newName }
      }
    case .view(var view):
      try Privileges.requireOwner(role, view.owner, "view", view.name, catalog)
      if let part = rename.part {
        guard let place = view.columns.firstIndex(where: { $0.name == part }) else {
          throw SQLError(.undefinedColumn, "column \"\(part)\" does not exist")
        }
        view.columns[place].name = rename.newName
      } else {
        try refuseViews(on: view.id, "view \"\(view.name)\"")
        try requireFree(rename.newName, view.schema)
        view.name = rename.newName
      }
      try await put(.view(view))
    case .sequence(var sequence):
      try Privileges.requireOwner(role, sequence.owner, "sequence", sequence.name, catalog)
      try requireFree(rename.newName, sequence.schema)
      sequence.name = rename.newName
      try await put(.sequence(sequence))
      try await renameDefault(of: sequence)
    default: throw CatalogNames.undefined(name)
    }
  }

  /// The default of a serial column names its sequence.
  private func renameDefault(of sequence: SequenceDescriptor) async throws(SQLError) {
    guard let owner = sequence.ownedByTable, let column = sequence.ownedByColumn,
      let table = catalog.table(owner), case .schema(let schema) = catalog.objects[sequence.schema],
      table.column(column).defaultExpression?.hasPrefix("nextval(") ?? false
    else { return }
    let text = Self.nextValue(sequence, schema)
    try await edit(owner, column) { $0.defaultExpression = text }
  }

  private func requireFree(_ name: String, _ schema: ObjectID) throws(SQLError) {
    if catalog.isRelationNameTaken(schema: schema, name: name) { throw Self.taken(name) }
  }

  /// Views keep their query as text, so what they name must keep its name.
  private func refuseViews(on id: ObjectID, _ what: String) throws(SQLError) {
    if let view = names.views(on: id).first {
      throw SQLError(
        .featureNotSupported, "\(what) cannot be renamed while a view uses it",
        detail: "View \"\(view.name)\" depends on it.",
        hint: "Drop the view, rename, and create the view again.")
    }
  }

  private func renameColumn(_ old: String, _ new: String, _ table: TableDescriptor)
    async throws(SQLError)
  {
    let id = try column(old, of: table)
    if table.column(named: new) != nil {
      throw SQLError(
        .duplicateColumn, "column \"\(new)\" of relation \"\(table.name)\" already exists")
    }
    try refuseViews(on: table.id, "column \"\(old)\"")
    let printer = SyntaxPrinter { $0 == old ? new : $0 }
    func renamed(_ text: String?) throws(SQLError) -> String? {
      guard let text else { return nil }
      return printer.text(try CatalogText.expression(text))
    }
    var changed = table
    changed.columns[Int(id.rawValue) - 1].name = new
    for place in changed.columns.indices {
      changed.columns[place].generatedExpression = try renamed(
        changed.columns[place].generatedExpression)
    }
    for place in changed.checks.indices {
      changed.checks[place].expression = try renamed(changed.checks[place].expression) ?? ""
    }
    for place in changed.indexes.indices {
      changed.indexes[place].predicate = try renamed(changed.indexes[place].predicate)
      for part in changed.indexes[place].columns.indices {
        changed.indexes[place].columns[part].expression = try renamed(
          changed.indexes[place].columns[part].expression)
      }
    }
    for topic in TopicDefinition.all(of: table) where topic.query != nil {
      var topic = topic
      topic.query = try topic.query.map { (query) throws(SQLError) in
        var fields: [TopicQuery.Field] = []
        for field in query.fields {
          fields.append(
            TopicQuery.Field(name: field.name, expression: try renamed(field.expression) ?? ""))
        }
        return TopicQuery(fields: fields, condition: try renamed(query.condition))
      }
      changed.put(topic: topic)
    }
    changed.version += 1
    try await put(.table(changed))
  }

  private func renameConstraint(_ old: String, _ new: String, _ table: TableDescriptor)
    async throws(SQLError)
  {
    var isFound = false
    try await edit(table.id) { changed in
      for place in changed.checks.indices where changed.checks[place].name == old {
        changed.checks[place].name = new
        isFound = true
      }
      for place in changed.foreignKeys.indices where changed.foreignKeys[place].name == old {
        changed.foreignKeys[place].name = new
        isFound = true
      }
      for place in changed.indexes.indices
      where changed.indexes[place].name == old && changed.indexes[place].constraint != nil {
        changed.indexes[place].name = new
        isFound = true
      }
    }
    if !isFound {
      throw SQLError(
        .undefinedObject, "constraint \"\(old)\" for table \"\(table.name)\" does not exist")
    }
  }

  // MARK: SET SCHEMA, OWNER, COMMENT

  private static func relationName(_ parts: [String]) -> QuerySyntax.RelationName {
    QuerySyntax.RelationName(
      parts.last ?? "", schema: parts.count > 1 ? parts[parts.count - 2] : nil)
  }

  func setSchema(_ kind: ObjectKind, _ parts: [String], _ schema: String, ifExists: Bool)
    async throws(SQLError)
  {
    let target = try names.schemaForCreation(schema)
    let moved = try names.relation(Self.relationName(parts))?.schema
    if TemporarySchema.isName(schema)
      || moved.map({ TemporarySchema.isName(catalog.objects[$0]?.name ?? "") }) ?? false
    {
      throw SQLError(
        .featureNotSupported, "cannot move objects into or out of temporary schemas")
    }
    if kind == .type || kind == .domain {
      guard var type = try names.type(parts) else {
        throw SQLError(.undefinedObject, "type \"\(parts.last ?? "")\" does not exist")
      }
      type.schema = target.id
      return try await put(.type(type))
    }
    guard let found = try names.relation(Self.relationName(parts)) else {
      guard ifExists else { throw CatalogNames.undefined(Self.relationName(parts)) }
      return skipping("relation \"\(parts.last ?? "")\" does not exist", .undefinedTable)
    }
    if catalog.isRelationNameTaken(schema: target.id, name: found.name) {
      throw SQLError(
        .duplicateTable, "relation \"\(found.name)\" already exists in schema \"\(schema)\"")
    }
    switch found {
    case .table(let table):
      try Privileges.requireOwner(role, table.owner, "table", table.name, catalog)
      try refuseViews(on: table.id, "table \"\(table.name)\"")
      try await lock([table.id])
      try await edit(table.id) { $0.schema = target.id }
      for case .sequence(var sequence) in catalog.sortedObjects
      where sequence.ownedByTable == table.id {
        sequence.schema = target.id
        try await put(.sequence(sequence))
        try await renameDefault(of: sequence)
      }
    case .view(var view):
      view.schema = target.id
      try await put(.view(view))
    case .sequence(var sequence):
      sequence.schema = target.id
      try await put(.sequence(sequence))
      try await renameDefault(of: sequence)
    default: throw CatalogNames.undefined(Self.relationName(parts))
    }
  }

  func setOwner(_ kind: ObjectKind, _ parts: [String], _ owner: RoleName) async throws(SQLError) {
    let new = try roleDescriptor(owner)
    func require(_ old: ObjectID) throws(SQLError) {
      try Privileges.requireOwner(role, old, Self.word(kind), parts.last ?? "", catalog)
    }
    switch kind {
    case .schema:
      guard var schema = catalog.schema(named: parts.last ?? "") else {
        throw CatalogNames.missingSchema(parts.last ?? "")
      }
      try require(schema.owner)
      schema.owner = new.id
      try await put(.schema(schema))
    case .type, .domain:
      guard var type = try names.type(parts) else {
        throw SQLError(.undefinedObject, "type \"\(parts.last ?? "")\" does not exist")
      }
      try require(type.owner)
      type.owner = new.id
      try await put(.type(type))
    case .database:
      throw SQLError(.featureNotSupported, "ALTER DATABASE is not supported")
    default:
      switch try names.relation(Self.relationName(parts)) {
      case .table(var table):
        try require(table.owner)
        table.owner = new.id
        try await put(.table(table))
      case .view(var view):
        try require(view.owner)
        view.owner = new.id
        try await put(.view(view))
      case .sequence(var sequence):
        try require(sequence.owner)
        sequence.owner = new.id
        try await put(.sequence(sequence))
      default: throw CatalogNames.undefined(Self.relationName(parts))
      }
    }
  }

  func comment(_ kind: ObjectKind, _ parts: [String], _ text: String?) async throws(SQLError) {
    switch kind {
    case .schema:
      guard var schema = catalog.schema(named: parts.last ?? "") else {
        throw CatalogNames.missingSchema(parts.last ?? "")
      }
      schema.comment = text
      try await put(.schema(schema))
    case .column:
      let name = Self.relationName(Array(parts.dropLast()))
      switch try names.relation(name) {
      case .table(var table):
        let id = try column(parts.last ?? "", of: table)
        table.columns[Int(id.rawValue) - 1].comment = text
        try await put(.table(table))
      case .view(var view):
        guard let place = view.columns.firstIndex(where: { $0.name == parts.last }) else {
          throw SQLError(.undefinedColumn, "column \"\(parts.last ?? "")\" does not exist")
        }
        view.columns[place].comment = text
        try await put(.view(view))
      default: throw CatalogNames.undefined(name)
      }
    case .index:
      guard let (owner, index) = try names.index(Self.relationName(parts)) else {
        throw CatalogNames.undefined(Self.relationName(parts))
      }
      var table = owner
      for place in table.indexes.indices where table.indexes[place].id == index.id {
        table.indexes[place].comment = text
      }
      try await put(.table(table))
    case .type, .domain:
      guard var type = try names.type(parts) else {
        throw SQLError(.undefinedObject, "type \"\(parts.last ?? "")\" does not exist")
      }
      type.comment = text
      try await put(.type(type))
    case .role:
      guard var found = catalog.role(named: parts.last ?? "") else {
        throw Self.missingRole(parts.last ?? "")
      }
      found.comment = text
      try await put(.role(found))
    case .table, .view, .sequence:
      switch try names.relation(Self.relationName(parts)) {
      case .table(var table):
        table.comment = text
        try await put(.table(table))
      case .view(var view):
        view.comment = text
        try await put(.view(view))
      case .sequence(var sequence):
        sequence.comment = text
        try await put(.sequence(sequence))
      default: throw CatalogNames.undefined(Self.relationName(parts))
      }
    default:
      throw SQLError(
        .featureNotSupported, "COMMENT ON \(Self.word(kind).uppercased()) is not supported")
    }
  }
}
