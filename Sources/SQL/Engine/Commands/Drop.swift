import Base
import Catalog
import Functions
import Node
import Syntax
import Types

extension SQLSession {
  func drop(_ drop: DropStatement) async throws(SQLError) {
    var tables: [TableDescriptor] = []
    for parts in drop.names {
      switch drop.kind {
      case .table, .view, .sequence, .index, .materializedView:
        let name = QuerySyntax.RelationName(
          parts.last ?? "", schema: parts.count > 1 ? parts[parts.count - 2] : nil)
        if let table = try await dropRelation(name, drop) { tables.append(table) }
      case .schema: try await dropSchema(parts.last ?? "", drop)
      case .type, .domain: try await dropType(parts, drop)
      case .sqlExtension where drop.ifExists:
        skipping("extension \"\(parts.last ?? "")\" does not exist", .undefinedObject)
      case .function where drop.ifExists:
        skipping("function \(parts.last ?? "")() does not exist", .undefinedFunction)
      default:
        throw SQLError(
          .featureNotSupported, "DROP \(Self.word(drop.kind).uppercased()) is not supported")
      }
    }
    if !tables.isEmpty { try await dropTables(tables, isCascade: drop.isCascade) }
  }

  private func missing(
    _ name: QuerySyntax.RelationName, _ drop: DropStatement
  ) throws(SQLError) {
    let kind = Self.word(drop.kind)
    guard drop.ifExists else {
      let code: SQLState = drop.kind == .index ? .undefinedObject : .undefinedTable
      let shown = (name.schema.map { $0 + "." } ?? "") + name.name
      throw SQLError(code, "\(kind) \"\(shown)\" does not exist")
    }
    skipping("\(kind) \"\(name.name)\" does not exist", .undefinedTable)
  }

  /// Tables are dropped together, since they may refer to one another.
  private func dropRelation(_ name: QuerySyntax.RelationName, _ drop: DropStatement)
    async throws(SQLError) -> TableDescriptor?
  {
    if let schema = name.schema,
      catalog.schema(
        named: try TemporarySchema.resolved(schema, own: temporarySchema?.name, catalog)) == nil
    {
      guard drop.ifExists else { throw CatalogNames.missingSchema(schema) }
      skipping("schema \"\(schema)\" does not exist", .invalidSchemaName)
      return nil
    }
    if drop.kind == .index {
      guard let (table, index) = try names.index(name) else {
        if try names.relation(name) != nil { throw Self.wrongKind(name.name, "an index") }
        try missing(name, drop)
        return nil
      }
      try await dropIndex(index, table, isCascade: drop.isCascade)
      return nil
    }
    guard let found = try names.relation(name) else {
      try missing(name, drop)
      return nil
    }
    switch (drop.kind, found) {
    case (.table, .table(let table)):
      try Privileges.requireOwner(role, table.owner, "table", table.name, catalog)
      return table
    case (.view, .view(let view)):
      try Privileges.requireOwner(role, view.owner, "view", view.name, catalog)
      try await dropView(view, isCascade: drop.isCascade)
    case (.sequence, .sequence(let sequence)):
      try Privileges.requireOwner(role, sequence.owner, "sequence", sequence.name, catalog)
      try await dropSequence(sequence, isCascade: drop.isCascade)
    default:
      throw Self.wrongKind(
        name.name, (drop.kind == .index ? "an " : "a ") + Self.word(drop.kind))
    }
    return nil
  }

  private static func wrongKind(_ name: String, _ wanted: String) -> SQLError {
    SQLError(.wrongObjectType, "\"\(name)\" is not \(wanted)")
  }

  /// What goes with its table: that of CQL's static columns, and CQL's views of it.
  private func companions(of tables: [TableDescriptor]) -> [TableDescriptor] {
    let statics = tables.compactMap { table in
      table.options[TableDescriptor.staticColumnsOption].flatMap { UInt32($0) }
        .flatMap { catalog.table(ObjectID(rawValue: $0)) }
    }
    let viewed = tables.filter { $0.options[TableDescriptor.hasViewsOption] != nil }
      .map { "\($0.id.rawValue)" }
    var views: [TableDescriptor] = []
    if !viewed.isEmpty {
      for case .table(let table) in catalog.sortedObjects
      where table.options[TableDescriptor.viewOfOption].map(viewed.contains) ?? false {
        views.append(table)
      }
    }
    return (statics + views).filter { companion in !tables.contains { $0.id == companion.id } }
  }

  func dropTables(_ named: [TableDescriptor], isCascade: Bool) async throws(SQLError) {
    let tables = named + companions(of: named)
    let ids = tables.map(\.id)
    var lines: [String] = []
    var references: [(table: TableDescriptor, key: ForeignKey)] = []
    var views: [ViewDescriptor] = []
    for table in tables {
      for view in names.views(on: table.id) {
        lines.append("view \(view.name) depends on table \(table.name)")
        views.append(view)
      }
      for reference in names.references(to: table.id) where !ids.contains(reference.table.id) {
        lines.append(
          "constraint \(reference.key.name) on table \(reference.table.name) depends on table \(table.name)"
        )
        references.append(reference)
      }
    }
    if !lines.isEmpty && !isCascade {
      throw SQLError(
        .dependentObjectsStillExist,
        named.count == 1
          ? "cannot drop table \(named[0].name) because other objects depend on it"
          : "cannot drop desired object(s) because other objects depend on them",
        detail: lines.joined(separator: "\n"),
        hint: "Use DROP ... CASCADE to drop the dependent objects too.")
    }
    let parents = tables.flatMap { $0.foreignKeys.map(\.referencedTable) }
    try await lock(ids + references.map(\.table.id) + parents.filter { !ids.contains($0) })
    for view in views { try await dropView(view, isCascade: true) }
    if isCascade && !references.isEmpty {
      for reference in references {
        notice(
          "NOTICE",
          SQLError(
            "00000",
            "drop cascades to constraint \(reference.key.name) on table \(reference.table.name)"))
      }
    }
    var spaces: [KeyspaceID] = []
    var sequences: [SequenceDescriptor] = []
    try await change { (catalog) throws(SQLError) in
      for reference in references {
        guard var child = catalog.table(reference.table.id) else { continue }
        child.foreignKeys.removeAll { $0.id == reference.key.id }
        child.version += 1
        catalog.put(.table(child))
      }
      for table in tables {
        guard let current = catalog.table(table.id) else { continue }
        spaces += current.indexes.map(\.keyspace)
        for object in catalog.sortedObjects {
          if case .sequence(let sequence) = object, sequence.ownedByTable == table.id {
            sequences.append(sequence)
            catalog.remove(sequence.id)
          }
        }
        catalog.remove(table.id)
      }
      for parent in parents {
        guard var changed = catalog.table(parent) else { continue }
        changed.version += 1
        catalog.put(.table(changed))
      }
    }
    droppedKeyspaces += spaces
    droppedSequences += sequences
  }

  private func dropIndex(_ index: IndexDescriptor, _ table: TableDescriptor, isCascade: Bool)
    async throws(SQLError)
  {
    try Privileges.requireOwner(role, table.owner, "index", index.name, catalog)
    if index.constraint != nil {
      throw SQLError(
        .dependentObjectsStillExist,
        "cannot drop index \(index.name) because constraint \(index.name) on table \(table.name) requires it",
        hint: "You can drop constraint \(index.name) on table \(table.name) instead.")
    }
    try await lock([table.id])
    if index.isUnique {
      try await dropReferences(to: index, table, isCascade: isCascade, "index \(index.name)")
    }
    droppedKeyspaces.append(index.keyspace)
    try await edit(table.id) { $0.indexes.removeAll { $0.id == index.id } }
  }

  func dropView(_ view: ViewDescriptor, isCascade: Bool) async throws(SQLError) {
    let others = names.views(on: view.id)
    if let other = others.first, !isCascade {
      throw Self.dependents("view \(view.name)", ["view \(other.name) depends on it"])
    }
    for other in others { try await dropView(other, isCascade: true) }
    try await change { (catalog) throws(SQLError) in catalog.remove(view.id) }
  }

  private func dropSequence(_ sequence: SequenceDescriptor, isCascade: Bool)
    async throws(SQLError)
  {
    if let tableID = sequence.ownedByTable, let table = catalog.table(tableID),
      let place = table.columns.firstIndex(where: { $0.ownedSequence == sequence.id })
    {
      let column = table.columns[place]
      if column.identity != .none {
        throw SQLError(
          .dependentObjectsStillExist,
          "cannot drop sequence \(sequence.name) because column \(column.name) of table \(table.name) requires it",
          hint: "You can drop column \(column.name) of table \(table.name) instead.")
      }
      if column.defaultExpression?.hasPrefix("nextval(") ?? false {
        guard isCascade else {
          throw Self.dependents(
            "sequence \(sequence.name)",
            ["default value for column \(column.name) of table \(table.name) depends on it"])
        }
        try await lock([table.id])
        try await edit(table.id, column.id) {
          $0.defaultExpression = nil
          $0.ownedSequence = nil
        }
      }
    }
    droppedSequences.append(sequence)
    try await change { (catalog) throws(SQLError) in catalog.remove(sequence.id) }
  }

  private func dropSchema(_ name: String, _ drop: DropStatement) async throws(SQLError) {
    guard let schema = catalog.schema(named: name) else {
      guard drop.ifExists else { throw CatalogNames.missingSchema(name) }
      return skipping("schema \"\(name)\" does not exist", .invalidSchemaName)
    }
    if schema.id == CatalogSnapshot.pgCatalogSchema
      || schema.id == CatalogSnapshot.informationSchema
    {
      throw SQLError(
        .dependentObjectsStillExist,
        "cannot drop schema \(name) because it is required by the database system")
    }
    try Privileges.requireOwner(role, schema.owner, "schema", name, catalog)
    let inside = catalog.sortedObjects.filter { $0.schema == schema.id }
    if !inside.isEmpty && !drop.isCascade {
      throw Self.dependents(
        "schema \(name)", inside.map { "\(Self.kind(of: $0)) \(shown($0)) depends on it" })
    }
    if inside.count == 1 {
      notice(
        "NOTICE",
        SQLError("00000", "drop cascades to \(Self.kind(of: inside[0])) \(shown(inside[0]))"))
    } else if inside.count > 1 {
      notice(
        "NOTICE",
        SQLError(
          "00000", "drop cascades to \(inside.count) other objects",
          detail: inside.map { "drop cascades to \(Self.kind(of: $0)) \(shown($0))" }
            .joined(separator: "\n")))
    }
    let tables = inside.compactMap { object -> TableDescriptor? in
      if case .table(let table) = object { table } else { nil }
    }
    if !tables.isEmpty { try await dropTables(tables, isCascade: true) }
    try await change { (catalog) throws(SQLError) in
      for object in catalog.sortedObjects where object.schema == schema.id {
        catalog.remove(object.id)
      }
      catalog.remove(schema.id)
    }
  }

  /// The name, with its schema where search_path does not lead to it.
  private func shown(_ object: CatalogObject) -> String {
    let schema = object.schema.flatMap { catalog.objects[$0]?.name } ?? ""
    return visibleSearchPath.contains(schema) ? object.name : "\(schema).\(object.name)"
  }

  private static func kind(of object: CatalogObject) -> String {
    switch object {
    case .schema: "schema"
    case .table: "table"
    case .view: "view"
    case .sequence: "sequence"
    case .type: "type"
    case .role: "role"
    case .node: "node"
    case .cluster: "cluster"
    case .tabletMap: "tablets"
    case .tier: "tier"
    }
  }

  private func dropType(_ parts: [String], _ drop: DropStatement) async throws(SQLError) {
    guard let type = try names.type(parts) else {
      let shown = parts.joined(separator: ".")
      guard drop.ifExists else {
        throw SQLError(.undefinedObject, "type \"\(shown)\" does not exist")
      }
      return skipping("type \"\(shown)\" does not exist", .undefinedObject)
    }
    try Privileges.requireOwner(role, type.owner, "type", type.name, catalog)
    var lines: [String] = []
    func uses(_ field: ColumnDescriptor) -> Bool {
      field.type.oid == type.id || field.type.oid == type.arrayID
    }
    for object in catalog.sortedObjects {
      switch object {
      case .type(let other):
        guard case .composite(let fields) = other.kind else { break }
        for field in fields where uses(field) {
          lines.append(
            "column \(field.name) of composite type \(other.name) depends on type \(type.name)")
        }
      case .table(let table):
        for column in table.visibleColumns where uses(column) {
          let shown = column.type.oid == type.arrayID ? type.name + "[]" : type.name
          lines.append("column \(column.name) of table \(table.name) depends on type \(shown)")
        }
      default: break
      }
    }
    if !lines.isEmpty && drop.isCascade {
      throw SQLError(
        .featureNotSupported, "DROP TYPE … CASCADE over columns is not supported",
        detail: lines.joined(separator: "\n"))
    }
    if !lines.isEmpty { throw Self.dependents("type \(type.name)", lines) }
    try await change { (catalog) throws(SQLError) in catalog.remove(type.id) }
  }
}
