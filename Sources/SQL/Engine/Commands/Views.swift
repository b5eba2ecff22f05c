import Base
import Catalog
import Functions
import Node
import Syntax
import Types

/// CREATE VIEW and CREATE TABLE AS.
extension SQLSession {
  func createView(_ create: CreateView) async throws(SQLError) {
    if create.query.with.contains(where: { $0.change != nil }) {
      throw SQLError(
        .featureNotSupported, "views must not contain data-modifying statements in WITH")
    }
    let binder = Binder(statementContext(), parameterTypes: [])
    let bound = try binder.bind(create.query, nil)
    var wanted = create.view
    if !wanted.isTemporary, wanted.schema == nil, dependsOnTemporary(binder.dependencies.keys) {
      wanted.isTemporary = true
      notice("NOTICE", SQLError("00000", "view \"\(wanted.name)\" will be a temporary view"))
    }
    let schema = try await creationSchema(wanted)
    let existing = catalog.relation(schema: schema.id, name: create.view.name)
    if catalog.isRelationNameTaken(schema: schema.id, name: create.view.name) {
      guard create.replaces else { throw Self.taken(create.view.name) }
      guard case .view = existing else {
        throw SQLError(.wrongObjectType, "\"\(create.view.name)\" is not a view")
      }
    }
    let columns = try Self.columns(bound, create.columns)
    if case .view(let old) = existing {
      try Privileges.requireOwner(role, old.owner, "view", old.name, catalog)
      try Self.checkReplacement(old, columns)
    }
    let text = SyntaxPrinter().text(create.query)
    let isTemporary = schema.id == temporarySchema?.id
    if !isTemporary && dependsOnTemporary(binder.dependencies.keys) {
      throw SQLError(
        .invalidTableDefinition, "cannot create temporary relation in non-temporary schema")
    }
    let path = visibleSearchPath.filter { isTemporary || !TemporarySchema.isName($0) }
    let dependencies = binder.dependencies.keys.sorted()
    let owner = role.id
    try await change { (catalog) throws(SQLError) in
      var view: ViewDescriptor
      if case .view(let old) = existing {
        view = old
      } else {
        view = ViewDescriptor(
          id: catalog.allocateObjectID(), schema: schema.id, name: create.view.name,
          owner: owner, rowType: catalog.allocateObjectID(), columns: [], query: "",
          searchPath: [])
      }
      view.columns = columns
      view.query = text
      view.searchPath = path
      view.dependencies = dependencies
      catalog.put(.view(view))
    }
  }

  private static func columns(_ bound: BoundQuery, _ names: [String]) throws(SQLError)
    -> [ColumnDescriptor]
  {
    if names.count > bound.columns.count {
      throw SQLError(.syntaxError, "CREATE VIEW specifies more column names than columns")
    }
    var columns: [ColumnDescriptor] = []
    for (place, column) in bound.columns.enumerated() {
      let name = place < names.count ? names[place] : column.name
      if columns.contains(where: { $0.name == name }) {
        throw SQLError(.duplicateColumn, "column \"\(name)\" specified more than once")
      }
      let type = column.variable.type.oid == SQLType.unknown.oid ? .text : column.variable.type
      columns.append(
        ColumnDescriptor(id: ColumnID(rawValue: Int16(place + 1)), name: name, type: type))
    }
    return columns
  }

  private static func checkReplacement(_ old: ViewDescriptor, _ new: [ColumnDescriptor])
    throws(SQLError)
  {
    if new.count < old.columns.count {
      throw SQLError(.invalidTableDefinition, "cannot drop columns from view")
    }
    for (before, after) in zip(old.columns, new) {
      if before.name != after.name {
        throw SQLError(
          .invalidTableDefinition,
          "cannot change name of view column \"\(before.name)\" to \"\(after.name)\"",
          hint:
            "Use ALTER VIEW ... RENAME COLUMN ... to change name of view column instead.")
      }
      if before.type != after.type {
        throw SQLError(
          .invalidTableDefinition,
          "cannot change data type of view column \"\(before.name)\" from \(formatType(before.type)) to \(formatType(after.type))"
        )
      }
    }
  }

  func createTableAs(
    _ name: QuerySyntax.RelationName, _ columns: [String], _ query: QuerySyntax.Query,
    withData: Bool, ifNotExists: Bool, onCommit: OnCommit?, options: [DefinitionOption]
  ) async throws(SQLError) {
    rowsOfCreation = 0
    let schema = try await creationSchema(name)
    if catalog.isRelationNameTaken(schema: schema.id, name: name.name) {
      guard ifNotExists else { throw Self.taken(name.name) }
      return skipping("relation \"\(name.name)\" already exists", .duplicateTable)
    }
    let plan = try SQL.plan(.query(query), context: statementContext(), parameterTypes: [])
    var create = CreateTable(table: name)
    create.onCommit = onCommit
    create.options = options
    for (place, column) in (plan.columns ?? []).enumerated() {
      create.columns.append(
        ColumnDefinition(
          name: place < columns.count ? columns[place] : column.name,
          type: try typeName(column.type), constraints: []))
    }
    try await createTable(create)
    guard withData else { return }
    let made = try table(name.name, in: schema)
    let bulk = try BulkInsert(table: made, columns: nil, context: statementContext())
    let context = executionContext(current())
    let cursor = SQL.execute(plan, parameters: [], in: context)
    while let batch = try await cursor.next() {
      rowsOfCreation += try await bulk.insert(batch, in: context)
    }
  }

  private func typeName(_ type: SQLType) throws(SQLError) -> QuerySyntax.TypeName {
    let wanted = type.oid == SQLType.unknown.oid ? SQLType.text : type
    // The type's own text leads back to it, modifier included.
    guard
      case .cast(_, let name, _) = try CatalogText.expression("NULL::\(shownType(wanted))")
    else { throw SQLError(.internalError, "the type \(formatType(type)) has no name") }
    return name
  }

  private func shownType(_ type: SQLType) -> String {
    for case .type(let user) in catalog.sortedObjects {
      let schema = catalog.objects[user.schema]?.name ?? "public"
      let name = "\(SyntaxPrinter.quoted(schema)).\(SyntaxPrinter.quoted(user.name))"
      if user.id == type.oid { return name }
      if user.arrayID == type.oid { return name + "[]" }
    }
    return formatType(type)
  }
}
