import Base
import Catalog
import Functions
import Node
import Syntax
import Types

extension SQLSession {
  func createTable(_ create: CreateTable) async throws(SQLError) {
    let schema = try await creationSchema(create.table)
    let isTemporary = schema.id == temporarySchema?.id
    if create.onCommit != nil && !isTemporary {
      throw SQLError(
        .invalidTableDefinition, "ON COMMIT can only be used on temporary tables")
    }
    if catalog.isRelationNameTaken(schema: schema.id, name: create.table.name) {
      guard create.ifNotExists else { throw Self.taken(create.table.name) }
      return skipping("relation \"\(create.table.name)\" already exists", .duplicateTable)
    }
    var drafts: [DraftColumn] = []
    var constraints = create.constraints
    var nextLike = 0
    for place in 0...create.columns.count {
      while nextLike < create.like.count, create.like[nextLike].place == place {
        let like = create.like[nextLike]
        try copy(like.table, options: like.options, &drafts, &constraints)
        nextLike += 1
      }
      guard place < create.columns.count else { break }
      drafts.append(
        try draft(
          create.columns[place], id: ColumnID(rawValue: Int16(drafts.count + 1)),
          table: create.table.name))
    }
    try Self.checkColumns(drafts)
    for draft in drafts { constraints += draft.constraints }
    try await awaitTier(create.options)
    let parents = try referencedTables(constraints, self: create.table)
    if !parents.isEmpty { try await lock(parents) }
    let ownerID = role.id
    try await change { (catalog) throws(SQLError) in
      var table = try self.skeleton(create, schema, drafts, constraints, ownerID, &catalog)
      try self.addSequences(&table, drafts, schema, ownerID, &catalog)
      catalog.put(.table(table))
    }
    for constraint in constraints {
      if case .primaryKey = constraint.kind { continue }
      try await add(constraint, to: create.table.name, in: schema, isNew: true)
    }
    if isTemporary {
      noteTemporary(try table(create.table.name, in: schema).id, create.onCommit ?? .preserveRows)
    }
  }

  static func taken(_ name: String) -> SQLError {
    SQLError(.duplicateTable, "relation \"\(name)\" already exists")
  }

  private static func checkColumns(_ drafts: [DraftColumn]) throws(SQLError) {
    var seen: Set<String> = []
    for draft in drafts where !seen.insert(draft.descriptor.name).inserted {
      throw SQLError(
        .duplicateColumn, "column \"\(draft.descriptor.name)\" specified more than once")
    }
    if drafts.count > 1_600 { throw SQLError("54011", "tables can have at most 1600 columns") }
  }

  /// The table with its primary key and distribution, without the other constraints.
  private func skeleton(
    _ create: CreateTable, _ schema: SchemaDescriptor, _ drafts: [DraftColumn],
    _ constraints: [ConstraintDefinition], _ owner: ObjectID, _ catalog: inout CatalogSnapshot
  ) throws(SQLError) -> TableDescriptor {
    var columns = drafts.map(\.descriptor)
    let keys = constraints.filter { if case .primaryKey = $0.kind { true } else { false } }
    if keys.count > 1 {
      throw SQLError(
        .invalidTableDefinition,
        "multiple primary keys for table \"\(create.table.name)\" are not allowed",
        position: keys[1].position)
    }
    var name = keys.first?.name
    var ids: [ColumnID] = []
    if let key = keys.first {
      for column in key.columns {
        guard let place = columns.firstIndex(where: { $0.name == column }) else {
          throw SQLError(
            .undefinedColumn, "column \"\(column)\" named in key does not exist",
            position: key.position)
        }
        if ids.contains(columns[place].id) {
          throw SQLError(
            .duplicateColumn, "column \"\(column)\" appears twice in primary key constraint",
            position: key.position)
        }
        try refuseRows(columns[place])
        columns[place].isNotNull = true
        ids.append(columns[place].id)
      }
    } else {
      ids = [Self.addRowID(&columns)]
    }
    let id = catalog.allocateObjectID()
    let rowType = catalog.allocateObjectID()
    let free = CatalogNames(catalog: catalog, searchPath: [])
    name = name ?? free.freeName([create.table.name], "pkey", schema: schema.id)
    if keys.first?.name != nil, catalog.isRelationNameTaken(schema: schema.id, name: name ?? "") {
      throw Self.taken(name ?? "")
    }
    var primary = IndexDescriptor(
      id: catalog.allocateObjectID(), name: name ?? "", keyspace: catalog.allocateKeyspaceID(),
      columns: ids.map { IndexColumn(column: $0) })
    primary.isUnique = true
    primary.isPrimary = true
    primary.constraint = catalog.allocateObjectID()
    let distribution = try distribution(create, columns, ids)
    var table = TableDescriptor(
      id: id, schema: schema.id, name: create.table.name, owner: owner, rowType: rowType,
      columns: columns, indexes: [primary], distribution: distribution)
    for option in create.options where !Self.isChangeStream(option) {
      table.options[option.name] = Self.text(option.value)
    }
    table.tierID = try Self.tier(create.options, distribution, catalog)
    try setChangeStream(create.options, &table, catalog)
    if let pattern = table.options[Self.redisKeyOption] { try checkRedisKey(pattern, table) }
    return table
  }

  /// The hidden key of a table without a primary key.
  static func addRowID(_ columns: inout [ColumnDescriptor]) -> ColumnID {
    let id = ColumnID(rawValue: Int16(columns.count + 1))
    var hidden = ColumnDescriptor(id: id, name: "quatrain_rowid", type: .int8)
    hidden.isHidden = true
    hidden.isNotNull = true
    columns.append(hidden)
    return id
  }

  /// WITH (distributed_by = 'a, b') or (distributed_by = 'globally'); the default is the whole
  /// primary key.
  private func distribution(
    _ create: CreateTable, _ columns: [ColumnDescriptor], _ key: [ColumnID]
  ) throws(SQLError) -> Distribution {
    for option in create.options {
      switch option.name {
      case "distributed_by":
        let text = Self.text(option.value)
        if text == "globally" { return .globally }
        var ids: [ColumnID] = []
        for part in text.split(separator: ",") {
          let name = part.filter { $0 != " " }
          guard let column = columns.first(where: { $0.name == name }), key.contains(column.id)
          else {
            throw SQLError(
              .invalidTableDefinition,
              "distribution column \"\(name)\" is not a part of the primary key",
              position: option.position)
          }
          ids.append(column.id)
        }
        if ids.isEmpty {
          throw SQLError(
            .invalidParameterValue, "distributed_by names no column", position: option.position)
        }
        return .murmur3(ids)
      case "fillfactor", "parallel_workers", "autovacuum_enabled", "toast_tuple_target",
        "user_catalog_table", Self.redisKeyOption:
        break
      case TableDescriptor.tierOption: break
      case _ where Self.isChangeStream(option): break
      case let name where name.hasPrefix("autovacuum_") || name.hasPrefix("toast."): break
      default:
        throw SQLError(
          .invalidParameterValue, "unrecognized parameter \"\(option.name)\"",
          position: option.position)
      }
    }
    return .murmur3(key)
  }

  static func text(_ value: DefinitionOption.Value) -> String {
    switch value {
    case .none: "on"
    case .string(let text), .number(let text): text
    case .bool(let flag): flag ? "on" : "off"
    case .names(let names): names.joined(separator: ", ")
    case .type(let type): type.name
    case .star: "*"
    }
  }

  /// The sequences behind SERIAL and identity columns.
  func addSequences(
    _ table: inout TableDescriptor, _ drafts: [DraftColumn], _ schema: SchemaDescriptor,
    _ owner: ObjectID, _ catalog: inout CatalogSnapshot
  ) throws(SQLError) {
    for draft in drafts {
      guard let wanted = draft.sequence,
        let place = table.columns.firstIndex(where: { $0.id == draft.descriptor.id })
      else { continue }
      let name = CatalogNames(catalog: catalog, searchPath: []).freeName(
        [table.name, draft.descriptor.name], "seq", schema: schema.id)
      var sequence = SequenceDescriptor(
        id: catalog.allocateObjectID(), schema: schema.id, name: name, owner: owner,
        generation: shard.uniqueRowID())
      try Self.apply(wanted.options, to: &sequence, type: wanted.type)
      sequence.ownedByTable = table.id
      sequence.ownedByColumn = draft.descriptor.id
      catalog.put(.sequence(sequence))
      table.columns[place].ownedSequence = sequence.id
      if !wanted.isIdentity {
        table.columns[place].defaultExpression = Self.nextValue(sequence, schema)
      }
    }
  }

  static func nextValue(_ sequence: SequenceDescriptor, _ schema: SchemaDescriptor) -> String {
    let path = schema.name == "public" ? "" : SyntaxPrinter.quoted(schema.name) + "."
    return
      "nextval(\(SyntaxPrinter.literal(path + SyntaxPrinter.quoted(sequence.name)))::regclass)"
  }

  /// LIKE table INCLUDING …: bits of CREATE_TABLE_LIKE_*.
  private func copy(
    _ name: QuerySyntax.RelationName, options: Int, _ drafts: inout [DraftColumn],
    _ constraints: inout [ConstraintDefinition]
  ) throws(SQLError) {
    let source = try names.table(name)
    for column in source.visibleColumns {
      var copy = ColumnDescriptor(
        id: ColumnID(rawValue: Int16(drafts.count + 1)), name: column.name, type: column.type)
      copy.isNotNull = column.isNotNull
      var draft = DraftColumn(descriptor: copy)
      if options & 8 != 0 { draft.descriptor.defaultExpression = column.defaultExpression }
      if options & 16 != 0 { draft.descriptor.generatedExpression = column.generatedExpression }
      if options & 32 != 0, column.identity != .none {
        draft.descriptor.identity = column.identity
        draft.sequence = (column.type, [], true)
      }
      drafts.append(draft)
    }
    if options & 4 != 0 {
      for check in source.checks {
        var made = ConstraintDefinition(kind: .check(try CatalogText.expression(check.expression)))
        made.name = check.name
        constraints.append(made)
      }
    }
    guard options & 64 != 0 else { return }
    for index in source.indexes where index.isPrimary || index.constraint != nil {
      let columns = index.columns.compactMap { $0.column.map { source.column($0) } }
      if columns.contains(where: \.isHidden) { continue }
      var made = ConstraintDefinition(
        kind: index.isPrimary ? .primaryKey : .unique(nullsNotDistinct: index.nullsNotDistinct))
      made.columns = columns.map(\.name)
      constraints.append(made)
    }
  }
}
