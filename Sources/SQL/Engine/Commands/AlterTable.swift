import Base
import Catalog
import Functions
import Node
import Syntax
import Types

extension SQLSession {
  /// ALTER TYPE … ATTRIBUTE comes as a change of a relation.
  func refuseType(_ name: QuerySyntax.RelationName) throws(SQLError) {
    let parts = (name.schema.map { [$0] } ?? []) + [name.name]
    if try names.relation(name) == nil, try names.type(parts) != nil {
      throw SQLError(
        .featureNotSupported,
        "ALTER TYPE … ATTRIBUTE is not supported: \"\(name.name)\" stays as it was made")
    }
  }

  func alterTable(_ alter: AlterTable) async throws(SQLError) {
    if alter.kind == .index || alter.kind == .view || alter.kind == .sequence {
      return try await alterOther(alter)
    }
    try refuseType(alter.table)
    guard try names.relation(alter.table) != nil || !alter.ifExists else {
      return skipping("relation \"\(alter.table.name)\" does not exist", .undefinedTable)
    }
    let found = try names.table(alter.table)
    try Privileges.requireOwner(role, found.owner, "table", found.name, catalog)
    var locked = [found.id]
    for step in alter.steps {
      switch step {
      case .addConstraint(let constraint):
        locked += try referencedTables([constraint], self: alter.table)
      case .addColumn(let column, _):
        locked += try referencedTables(column.constraints, self: alter.table)
      case .dropConstraint, .dropColumn:
        locked += found.foreignKeys.map(\.referencedTable)
        locked += names.references(to: found.id).map(\.table.id)
      default: break
      }
    }
    if alter.steps.allSatisfy({ if case .validateConstraint = $0 { true } else { false } }) {
      // Writers have kept to the constraint since it was added: they go on, and the rows that one
      // fresh snapshot shows are all that is left to look at.
      try await useTables(
        [found.id] + found.foreignKeys.map(\.referencedTable), current())
    } else {
      try await lock(locked)
    }
    for step in alter.steps {
      guard let table = catalog.table(found.id),
        case .schema(let schema) = catalog.objects[table.schema]
      else { return }
      try await run(step, table, schema)
    }
  }

  /// ALTER INDEX, VIEW and SEQUENCE share the grammar; what they can do here is little.
  private func alterOther(_ alter: AlterTable) async throws(SQLError) {
    for step in alter.steps {
      switch step {
      case .setOwner(let owner):
        try await setOwner(
          alter.kind, (alter.table.schema.map { [$0] } ?? []) + [alter.table.name], owner)
      case .setOptions, .resetOptions, .ignored: break
      default:
        throw SQLError(
          .wrongObjectType,
          "this ALTER action cannot be performed on \(Self.word(alter.kind)) \"\(alter.table.name)\""
        )
      }
    }
  }

  private func run(
    _ step: AlterTable.Step, _ table: TableDescriptor, _ schema: SchemaDescriptor
  ) async throws(SQLError) {
    switch step {
    case .addColumn(let definition, let ifNotExists):
      try await addColumn(definition, table, schema, ifNotExists: ifNotExists)
    case .dropColumn(let name, let isCascade, let ifExists):
      try await dropColumn(name, table, isCascade: isCascade, ifExists: ifExists)
    case .setType(let name, let type, let using):
      try await setType(name, type, using, table)
    case .setDefault(let name, let expression):
      let column = try column(name, of: table)
      if table.column(column).generatedExpression != nil {
        throw SQLError(
          .syntaxError, "column \"\(name)\" of relation \"\(table.name)\" is a generated column")
      }
      if table.column(column).identity != .none {
        throw SQLError(
          .syntaxError, "column \"\(name)\" of relation \"\(table.name)\" is an identity column",
          hint: expression == nil
            ? "Use ALTER TABLE ... ALTER COLUMN ... DROP IDENTITY instead." : nil)
      }
      let text = try expression.flatMap { (item) throws(SQLError) in
        try defaultText(item, table.column(column).type, name)
      }
      try await edit(table.id, column) { $0.defaultExpression = text }
    case .setNotNull(let name, let isNotNull):
      try await setNotNull(name, isNotNull, table)
    case .addConstraint(let constraint):
      try await add(constraint, to: table.name, in: schema, isNew: false)
    case .dropConstraint(let name, let isCascade, let ifExists):
      try await dropConstraint(name, table, isCascade: isCascade, ifExists: ifExists)
    case .validateConstraint(let name): try await validate(name, table)
    case .alterConstraint(let name, let isDeferrable, let isInitiallyDeferred):
      guard let place = table.foreignKeys.firstIndex(where: { $0.name == name }) else {
        throw Self.missingConstraint(name, table)
      }
      try await edit(table.id) {
        $0.foreignKeys[place].isDeferrable = isDeferrable
        $0.foreignKeys[place].isInitiallyDeferred = isInitiallyDeferred
      }
    case .addIdentity, .setIdentity, .dropIdentity, .dropExpression:
      try await alterIdentity(step, table, schema)
    case .setOwner(let owner):
      try await setOwner(.table, [schema.name, table.name], owner)
    case .setOptions(let options):
      try Self.refuseTier(options)
      try Self.refuseDefinitions(options)
      for option in options where option.name == Self.redisKeyOption {
        try checkRedisKey(Self.text(option.value), table)
      }
      var changed = table
      try setChangeStream(options, &changed, catalog)
      for option in options where !Self.isChangeStream(option) {
        changed.options[option.name] = Self.text(option.value)
      }
      try await edit(table.id) { $0.options = changed.options }
    case .resetOptions(let options):
      try Self.refuseTier(options)
      try Self.refuseDefinitions(options)
      var changed = table
      try resetChangeStream(options, &changed)
      for option in options { changed.options[option.name] = nil }
      try await edit(table.id) { $0.options = changed.options }
    case .ignored: break
    }
  }

  static func missingConstraint(_ name: String, _ table: TableDescriptor) -> SQLError {
    SQLError(
      .undefinedObject,
      "constraint \"\(name)\" of relation \"\(table.name)\" does not exist")
  }

  func column(_ name: String, of table: TableDescriptor) throws(SQLError) -> ColumnID {
    guard let found = table.column(named: name), !found.isHidden else {
      throw SQLError(
        .undefinedColumn, "column \"\(name)\" of relation \"\(table.name)\" does not exist")
    }
    return found.id
  }

  /// Changes the table's descriptor and its version.
  func edit(_ table: ObjectID, _ body: (inout TableDescriptor) -> Void) async throws(SQLError) {
    try await change { (catalog) throws(SQLError) in
      guard var changed = catalog.table(table) else { return }
      body(&changed)
      changed.version += 1
      catalog.put(.table(changed))
    }
  }

  func edit(_ table: ObjectID, _ column: ColumnID, _ body: (inout ColumnDescriptor) -> Void)
    async throws(SQLError)
  {
    try await edit(table) { body(&$0.columns[Int(column.rawValue) - 1]) }
  }

  // MARK: Columns

  private func addColumn(
    _ definition: ColumnDefinition, _ table: TableDescriptor, _ schema: SchemaDescriptor,
    ifNotExists: Bool
  ) async throws(SQLError) {
    if table.column(named: definition.name) != nil {
      let message =
        "column \"\(definition.name)\" of relation \"\(table.name)\" already exists"
      guard ifNotExists else { throw SQLError(.duplicateColumn, message) }
      return skipping(message, .duplicateColumn)
    }
    if table.columns.count >= 1_600 {
      throw SQLError("54011", "tables can have at most 1600 columns")
    }
    var draft = try draft(
      definition, id: ColumnID(rawValue: Int16(table.columns.count + 1)), table: table.name)
    let needsValues = try await fillsRows(&draft, definition, table)
    let owner = role.id
    let made = draft
    func insert(_ changed: inout TableDescriptor, _ catalog: inout CatalogSnapshot)
      throws(SQLError)
    {
      changed.columns.append(made.descriptor)
      try addSequences(&changed, [made], schema, owner, &catalog)
    }
    if needsValues {
      try await rewrite(table) { (changed, catalog) throws(SQLError) in
        try insert(&changed, &catalog)
      }
    } else {
      try await change { (catalog) throws(SQLError) in
        guard var changed = catalog.table(table.id) else { return }
        try insert(&changed, &catalog)
        changed.version += 1
        catalog.put(.table(changed))
      }
    }
    for constraint in draft.constraints {
      try await add(constraint, to: table.name, in: schema, isNew: false)
    }
  }

  /// A default that is the same for all rows is kept with the column; any other fills them.
  private func fillsRows(
    _ draft: inout DraftColumn, _ definition: ColumnDefinition, _ table: TableDescriptor
  ) async throws(SQLError) -> Bool {
    if draft.sequence != nil || draft.descriptor.generatedExpression != nil { return true }
    guard let text = draft.descriptor.defaultExpression else {
      if draft.descriptor.isNotNull {
        try await verify("true", table) {
          SQLError(
            .notNullViolation,
            "column \"\(definition.name)\" of relation \"\(table.name)\" contains null values")
        }
      }
      return false
    }
    let binder = Binder(statementContext(), parameterTypes: [])
    let syntax = try CatalogText.expression(text)
    let bound = try binder.assign(
      binder.bind(syntax, NameScope(parent: nil), ExpressionClause("DEFAULT")),
      to: draft.descriptor.type, column: definition.name, position: nil)
    if bound.isVolatile || !bound.externals.isEmpty { return true }
    var environment = EvaluationEnvironment(parameters: [], context: evaluationContext())
    let value = try bound.evaluate([], &environment)
    if value.isNull {
      draft.descriptor.missingValue = nil
    } else {
      draft.descriptor.missingValue = TypeIO.formatText(value, as: draft.descriptor.type)
    }
    return false
  }

  private func dropColumn(
    _ name: String, _ table: TableDescriptor, isCascade: Bool, ifExists: Bool
  ) async throws(SQLError) {
    guard let found = table.column(named: name), !found.isHidden else {
      let message = "column \"\(name)\" of relation \"\(table.name)\" does not exist"
      guard ifExists else { throw SQLError(.undefinedColumn, message) }
      return skipping(message, .undefinedColumn)
    }
    let id = found.id
    if table.primaryKey.columns.contains(where: { $0.column == id }) {
      throw SQLError(
        .featureNotSupported,
        "cannot drop column \"\(name)\" of table \"\(table.name)\" because it is a part of the primary key",
        hint: "Create a new table and copy the rows.")
    }
    let views = names.views(on: table.id)
    if let view = views.first, !isCascade {
      throw Self.dependents(
        "column \(name) of table \(table.name)", ["view \(view.name) depends on it"])
    }
    let references = names.references(to: table.id).filter {
      $0.key.referencedColumns.contains(id)
    }
    if let reference = references.first, !isCascade {
      throw Self.dependents(
        "column \(name) of table \(table.name)",
        ["constraint \(reference.key.name) on table \(reference.table.name) depends on it"])
    }
    let topics = TopicDefinition.all(of: table).filter { topic in
      topic.query?.expressions.contains { Self.mentions($0, name) } ?? false
    }
    if let topic = topics.first, !isCascade {
      throw Self.dependents(
        "column \(name) of table \(table.name)", ["topic \(topic.name) depends on it"])
    }
    for view in views { try await dropView(view, isCascade: true) }
    var spaces: [KeyspaceID] = []
    try await change { (catalog) throws(SQLError) in
      for reference in references {
        guard var child = catalog.table(reference.table.id) else { continue }
        child.foreignKeys.removeAll { $0.id == reference.key.id }
        child.version += 1
        catalog.put(.table(child))
      }
      guard var changed = catalog.table(table.id) else { return }
      let place = Int(id.rawValue) - 1
      let gone = changed.indexes.filter { index in
        !index.isPrimary
          && (index.columns.contains { $0.column == id } || index.included.contains(id)
            || index.columns.contains { Self.mentions($0.expression, name) }
            || Self.mentions(index.predicate, name))
      }
      spaces = gone.map(\.keyspace)
      changed.indexes.removeAll { index in gone.contains { $0.id == index.id } }
      changed.checks.removeAll { Self.mentions($0.expression, name) }
      for topic in topics { changed.remove(topic: topic.name) }
      changed.foreignKeys.removeAll { $0.columns.contains(id) }
      if let sequence = changed.columns[place].ownedSequence { catalog.remove(sequence) }
      changed.columns[place].isDropped = true
      changed.columns[place].isNotNull = false
      changed.columns[place].defaultExpression = nil
      changed.columns[place].generatedExpression = nil
      changed.columns[place].identity = .none
      changed.columns[place].ownedSequence = nil
      changed.columns[place].missingValue = nil
      changed.columns[place].name = "........pg.dropped.\(place + 1)........"
      changed.version += 1
      catalog.put(.table(changed))
    }
    droppedKeyspaces += spaces
  }

  static func dependents(_ what: String, _ lines: [String]) -> SQLError {
    SQLError(
      .dependentObjectsStillExist,
      "cannot drop \(what) because other objects depend on it",
      detail: lines.map { $0.replacingEnd(" depends on it", with: " depends on \(what)") }
        .joined(separator: "\n"),
      hint: "Use DROP ... CASCADE to drop the dependent objects too.")
  }

  /// Whether the catalog's text reads the column.
  static func mentions(_ text: String?, _ column: String) -> Bool {
    guard let text, let syntax = try? CatalogText.expression(text) else { return false }
    var isFound = false
    _ = SyntaxPrinter { name in
      if name == column { isFound = true }
      return name
    }.text(syntax)
    return isFound
  }

  private func setType(
    _ name: String, _ typeName: QuerySyntax.TypeName, _ using: QuerySyntax.Expression?,
    _ table: TableDescriptor
  ) async throws(SQLError) {
    let id = try column(name, of: table)
    let type = try Binder(statementContext(), parameterTypes: []).type(typeName)
    let old = table.column(id)
    if let view = names.views(on: table.id).first {
      throw SQLError(
        .featureNotSupported, "cannot alter type of a column used by a view or rule",
        detail: "rule _RETURN on view \(view.name) depends on column \"\(name)\"")
    }
    if using == nil && old.type == type { return }
    let quoted = SyntaxPrinter.quoted(name)
    let binder = Binder(statementContext(), parameterTypes: [])
    if using == nil {
      do throws(SQLError) {
        _ = try binder.coerce(.slot(0, old.type), to: type, .assignment)
      } catch {
        throw SQLError(
          .datatypeMismatch,
          "column \"\(name)\" cannot be cast automatically to type \(formatType(type))",
          hint: "You might need to specify \"USING \(quoted)::\(formatType(type))\".")
      }
    }
    let shown = SyntaxPrinter().text(typeName)
    let value = "(\(using.map { SyntaxPrinter.text($0) } ?? quoted))::\(shown)"
    var text = old.defaultExpression
    if let present = text, old.ownedSequence == nil {
      text = try defaultText(CatalogText.expression(present), type, name)
    }
    let newDefault = text
    if using == nil && isSameForm(old, type, table) {
      return try await edit(table.id, id) {
        $0.type = type
        $0.defaultExpression = newDefault
      }
    }
    try await rewrite(table, values: [id: value]) { (changed, _) throws(SQLError) in
      changed.columns[Int(id.rawValue) - 1].type = type
      changed.columns[Int(id.rawValue) - 1].defaultExpression = newDefault
    }
  }

  private func setNotNull(_ name: String, _ isNotNull: Bool, _ table: TableDescriptor)
    async throws(SQLError)
  {
    let id = try column(name, of: table)
    if isNotNull {
      try await verify("\(SyntaxPrinter.quoted(name)) IS NULL", table) {
        SQLError(
          .notNullViolation,
          "column \"\(name)\" of relation \"\(table.name)\" contains null values")
      }
    } else if table.primaryKey.columns.contains(where: { $0.column == id }) {
      throw SQLError(
        .invalidTableDefinition, "column \"\(name)\" is in a primary key")
    } else if table.column(id).identity != .none {
      throw SQLError(
        .syntaxError, "column \"\(name)\" of relation \"\(table.name)\" is an identity column")
    }
    try await edit(table.id, id) { $0.isNotNull = isNotNull }
  }

  // MARK: Constraints

  private func dropConstraint(
    _ name: String, _ table: TableDescriptor, isCascade: Bool, ifExists: Bool
  ) async throws(SQLError) {
    if table.checks.contains(where: { $0.name == name }) {
      return try await edit(table.id) { $0.checks.removeAll { $0.name == name } }
    }
    if let key = table.foreignKeys.first(where: { $0.name == name }) {
      try await edit(table.id) { $0.foreignKeys.removeAll { $0.name == name } }
      if key.referencedTable != table.id { try await edit(key.referencedTable) { _ in } }
      return
    }
    guard let index = table.indexes.first(where: { $0.name == name && $0.constraint != nil }) else {
      guard ifExists else { throw Self.missingConstraint(name, table) }
      return skipping(
        "constraint \"\(name)\" of relation \"\(table.name)\" does not exist", .undefinedObject)
    }
    try await dropReferences(
      to: index, table, isCascade: isCascade, "constraint \(name) on table \(table.name)")
    if index.isPrimary { return try await dropPrimaryKey(table) }
    droppedKeyspaces.append(index.keyspace)
    try await edit(table.id) { $0.indexes.removeAll { $0.id == index.id } }
  }

  /// Foreign keys that need the unique index go with it, or keep it.
  func dropReferences(
    to index: IndexDescriptor, _ table: TableDescriptor, isCascade: Bool, _ what: String
  ) async throws(SQLError) {
    let columns = Set(index.columns.compactMap(\.column))
    let others = table.indexes.filter { $0.id != index.id && $0.isUnique }
    if others.contains(where: { Set($0.columns.compactMap(\.column)) == columns }) { return }
    for reference in names.references(to: table.id)
    where Set(reference.key.referencedColumns) == columns {
      guard isCascade else {
        throw Self.dependents(
          what, ["constraint \(reference.key.name) on table \(reference.table.name) depends on it"])
      }
      try await lock([reference.table.id])
      try await edit(reference.table.id) { $0.foreignKeys.removeAll { $0.id == reference.key.id } }
    }
  }

  private func dropPrimaryKey(_ table: TableDescriptor) async throws(SQLError) {
    try await rewrite(table) { (changed, catalog) throws(SQLError) in
      let id = Self.addRowID(&changed.columns)
      changed.indexes[0].columns = [IndexColumn(column: id)]
      changed.indexes[0].constraint = catalog.allocateObjectID()
      changed.indexes[0].id = catalog.allocateObjectID()
      changed.distribution = .murmur3([id])
    }
  }

  private func validate(_ name: String, _ table: TableDescriptor) async throws(SQLError) {
    if let place = table.checks.firstIndex(where: { $0.name == name }) {
      let check = table.checks[place]
      try await verify("NOT (\(check.expression))", table) {
        SQLError(
          .checkViolation,
          "check constraint \"\(name)\" of relation \"\(table.name)\" is violated by some row")
      }
      return try await edit(table.id) { $0.checks[place].isValidated = true }
    }
    guard let place = table.foreignKeys.firstIndex(where: { $0.name == name }) else {
      throw Self.missingConstraint(name, table)
    }
    let key = table.foreignKeys[place]
    if let parent = catalog.table(key.referencedTable) { try await verify(key, table, parent) }
    try await edit(table.id) { $0.foreignKeys[place].isValidated = true }
  }

  // MARK: Identity

  private func alterIdentity(
    _ step: AlterTable.Step, _ table: TableDescriptor, _ schema: SchemaDescriptor
  ) async throws(SQLError) {
    switch step {
    case .addIdentity(let name, let isAlways, let options):
      let id = try column(name, of: table)
      let column = table.column(id)
      if column.identity != .none {
        throw SQLError(
          .objectNotInPrerequisiteState,
          "column \"\(name)\" of relation \"\(table.name)\" is already an identity column")
      }
      if !column.isNotNull {
        throw SQLError(
          .objectNotInPrerequisiteState,
          "column \"\(name)\" of relation \"\(table.name)\" must be declared NOT NULL before identity can be added"
        )
      }
      var draft = DraftColumn(descriptor: column)
      draft.sequence = (column.type, options, true)
      let made = draft
      let owner = role.id
      try await change { (catalog) throws(SQLError) in
        guard var changed = catalog.table(table.id) else { return }
        changed.columns[Int(id.rawValue) - 1].identity = isAlways ? .always : .byDefault
        try self.addSequences(&changed, [made], schema, owner, &catalog)
        changed.version += 1
        catalog.put(.table(changed))
      }
    case .setIdentity(let name, let options):
      let id = try column(name, of: table)
      guard let sequence = table.column(id).ownedSequence, table.column(id).identity != .none
      else { throw Self.noIdentity(name, table) }
      for option in options where option.name == "generated" {
        let isAlways = Self.text(option.value) == "a" || Self.text(option.value) == "97"
        try await edit(table.id, id) { $0.identity = isAlways ? .always : .byDefault }
      }
      try await change(sequence, options.filter { $0.name != "generated" })
    case .dropIdentity(let name, let ifExists):
      let id = try column(name, of: table)
      guard table.column(id).identity != .none else {
        guard ifExists else { throw Self.noIdentity(name, table) }
        return skipping(
          "column \"\(name)\" of relation \"\(table.name)\" is not an identity column",
          .objectNotInPrerequisiteState)
      }
      let sequence = table.column(id).ownedSequence
      try await change { (catalog) throws(SQLError) in
        guard var changed = catalog.table(table.id) else { return }
        changed.columns[Int(id.rawValue) - 1].identity = .none
        changed.columns[Int(id.rawValue) - 1].ownedSequence = nil
        changed.version += 1
        catalog.put(.table(changed))
        if let sequence { catalog.remove(sequence) }
      }
    case .dropExpression(let name, _):
      let id = try column(name, of: table)
      try await edit(table.id, id) { $0.generatedExpression = nil }
    default: break
    }
  }

  private static func noIdentity(_ name: String, _ table: TableDescriptor) -> SQLError {
    SQLError(
      .objectNotInPrerequisiteState,
      "column \"\(name)\" of relation \"\(table.name)\" is not an identity column")
  }
}
