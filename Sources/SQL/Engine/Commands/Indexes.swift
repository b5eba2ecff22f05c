import Base
import Catalog
import Functions
import Node
import Syntax
import Types

/// CREATE INDEX, and filling an index from the rows that are there.
extension SQLSession {
  /// `isAlone`: nothing else is in the transaction, so that the building may have several.
  func createIndex(_ create: CreateIndex, isAlone: Bool) async throws(SQLError) {
    if create.isConcurrent && !isAlone {
      throw SQLError(
        .activeSQLTransaction,
        "CREATE INDEX CONCURRENTLY cannot run inside a transaction block")
    }
    let found = try names.table(create.table)
    try Privileges.requireOwner(role, found.owner, "table", found.name, catalog)
    guard ["btree", "hash"].contains(create.method) else {
      throw SQLError(
        .featureNotSupported, "access method \"\(create.method)\" is not supported")
    }
    if let name = create.name,
      catalog.isRelationNameTaken(schema: found.schema, name: name)
    {
      guard create.ifNotExists else { throw Self.taken(name) }
      return skipping("relation \"\(name)\" already exists", .duplicateTable)
    }
    let columns = try indexColumns(create, found)
    var included: [ColumnID] = []
    for name in create.included {
      guard let column = found.column(named: name) else {
        throw SQLError(.undefinedColumn, "column \"\(name)\" does not exist")
      }
      included.append(column.id)
    }
    var predicate: String?
    if let filter = create.filter {
      let binder = Binder(statementContext(), parameterTypes: [])
      _ = try binder.checkRowExpression(filter, found, "index predicates")
      predicate = SyntaxPrinter.text(filter)
    }
    let name = create.name ?? indexName(create, found)
    let include = included
    let condition = predicate
    func make(_ catalog: inout CatalogSnapshot) -> IndexDescriptor {
      var index = IndexDescriptor(
        id: catalog.allocateObjectID(), name: name, keyspace: catalog.allocateKeyspaceID(),
        columns: columns)
      index.included = include
      index.isUnique = create.isUnique
      index.nullsNotDistinct = create.nullsNotDistinct
      index.predicate = condition
      return index
    }
    if isAlone { return try await buildOnline(found.id, make) }
    try await lock([found.id])
    guard let table = catalog.table(found.id) else { return }
    try await addIndex(to: table, isNew: false, make)
  }

  private func indexName(_ create: CreateIndex, _ table: TableDescriptor) -> String {
    let parts = create.elements.map { $0.column ?? $0.expression?.columnName ?? "expr" }
    return names.freeName(
      [table.name] + parts.map { $0 == "?column?" ? "expr" : $0 }, "idx", schema: table.schema)
  }

  /// Keys are made of values whose types are built in.
  func refuseRows(_ column: ColumnDescriptor) throws(SQLError) {
    if Binder(statementContext(), parameterTypes: []).rowType(column.type) != nil {
      throw SQLError(
        .featureNotSupported,
        "indexes on columns of composite types are not supported: \"\(column.name)\"")
    }
  }

  private func indexColumns(_ create: CreateIndex, _ table: TableDescriptor) throws(SQLError)
    -> [IndexColumn]
  {
    var columns: [IndexColumn] = []
    for element in create.elements {
      var made: IndexColumn
      if let name = element.column {
        guard let column = table.column(named: name), !column.isHidden else {
          throw SQLError(
            .undefinedColumn, "column \"\(name)\" does not exist", position: element.position)
        }
        try refuseRows(column)
        made = IndexColumn(column: column.id)
      } else if let expression = element.expression {
        let binder = Binder(statementContext(), parameterTypes: [])
        _ = try binder.checkRowExpression(
          expression, table, "index expressions", isCondition: false)
        made = IndexColumn(column: nil, expression: SyntaxPrinter.text(expression))
      } else {
        continue
      }
      made.isDescending = element.isDescending
      made.nullsFirst = element.nullsFirst ?? element.isDescending
      made.operatorClass = element.operatorClass
      try checkElements(made, create, table)
      columns.append(made)
    }
    if columns.count > 32 { throw SQLError("54011", "cannot use more than 32 columns in an index") }
    return columns
  }

  /// An index of elements has one column, which has some, and is not unique: rows share them.
  private func checkElements(_ column: IndexColumn, _ create: CreateIndex, _ table: TableDescriptor)
    throws(SQLError)
  {
    guard let elements = column.elements else { return }
    guard let id = column.column, elements.type(in: table.column(id).type) != nil else {
      throw SQLError(
        .datatypeMismatch,
        "operator class \"\(elements.rawValue)\" does not accept the type of the indexed column")
    }
    guard create.elements.count == 1, !create.isUnique else {
      throw SQLError(
        .featureNotSupported,
        "an index with operator class \"\(elements.rawValue)\" has one column and is not unique")
    }
  }

  /// Adds an index to a table that this transaction has alone, and fills it.
  func addIndex(
    to table: TableDescriptor, isNew: Bool,
    _ make: (inout CatalogSnapshot) -> IndexDescriptor
  ) async throws(SQLError) {
    var added: IndexDescriptor?
    try await change { (catalog) throws(SQLError) in
      guard var changed = catalog.table(table.id) else { return }
      var index = make(&catalog)
      index.placement = Self.placement(index, changed)
      changed.indexes.append(index)
      changed.version += 1
      catalog.put(.table(changed))
      added = index
    }
    guard let added, !isNew, let changed = catalog.table(table.id) else { return }
    try await fill(added, changed)
  }

  /// An entry must be where its uniqueness is decided: with the row when the index holds all
  /// distribution columns, else by its own key (DESIGN 8).
  static func placement(_ index: IndexDescriptor, _ table: TableDescriptor)
    -> IndexDescriptor.Placement
  {
    guard index.isUnique else { return .local }
    let columns = Set(index.columns.compactMap(\.column))
    switch table.distribution {
    case .murmur3(let keys): return keys.allSatisfy(columns.contains) ? .local : .global
    case .crc16(let key): return columns.contains(key) ? .local : .global
    case .globally: return .local
    }
  }

  /// Writes the entries of all rows. 23505 for the first two that are equal.
  private func fill(_ index: IndexDescriptor, _ table: TableDescriptor) async throws(SQLError) {
    let binder = Binder(statementContext(), parameterTypes: [])
    let layout = try binder.layout(table)
    guard let place = layout.indexes.firstIndex(where: { $0.descriptor.id == index.id }) else {
      return
    }
    let context = executionContext(current())
    let execution = context.execution
    let environment = EvaluationEnvironment(parameters: [], context: context.evaluation)
    current().refreshSnapshot()
    let source = IndexFiller.rows(layout).start(execution, environment)
    let filler = IndexFiller(layout: layout, index: place, execution: execution)
    do throws(KernelError) {
      while let rows = try await source.next() {
        if let duplicate = try await filler.add(rows, environment) {
          throw .user(layout.duplicateInBuild(place, duplicate, environment))
        }
      }
    } catch {
      throw sqlError(from: error)
    }
  }
}

/// Entries of rows that are there, in few calls.
struct IndexFiller {
  let layout: StoredTable
  let index: Int
  let execution: Execution

  /// All rows, whole.
  static func rows(_ layout: StoredTable) -> ScanNode {
    ScanNode(
      table: layout, alias: layout.table.name, access: AccessPlan(), filter: nil,
      projection: Array(layout.types.indices),
      output: layout.table.columns.map { PlanVariable(id: 0, name: $0.name, type: $0.type) })
  }

  /// A row whose key another row has.
  func add(_ rows: [[Value]], _ environment: EvaluationEnvironment) async throws(KernelError)
    -> [Value]?
  {
    var places: [TabletPlace: Int] = [:]
    var groups: [(tablet: TabletPlace, changes: [IndexEntryFragment.Change], rows: [[Value]])] = []
    var scope = environment
    for row in rows {
      let entries = try asKernel { () throws(SQLError) in
        try layout.entries(index, of: row, &scope)
      }
      for entry in entries {
        let bucket = layout.indexes[index].isGlobal ? entry.bucket : layout.bucket(of: row)
        let tablet = layout.isGlobal ? .catalog : execution.placeOf(bucket)
        let place = places[tablet] ?? groups.count
        if place == groups.count {
          places[tablet] = place
          groups.append((tablet, [], []))
        }
        groups[place].changes.append(.init(entry: entry, isRemoval: false))
        groups[place].rows.append(row)
      }
    }
    let descriptor = layout.indexes[index].descriptor
    let calls = groups.map {
      ($0.tablet, IndexEntryFragment(index: descriptor, changes: $0.changes))
    }
    var results: [[[UInt8]?]] = []
    if layout.isGlobal {
      for call in calls { results.append(try await execution.transaction.callGlobal(call.1)) }
    } else {
      results = try await execution.transaction.callEach(calls)
    }
    for (group, holders) in zip(groups, results) {
      if let place = holders.firstIndex(where: { $0 != nil }) { return group.rows[place] }
    }
    return nil
  }
}

extension StoredTable {
  /// 23505 for two rows of which a unique index can take only one.
  func duplicateInBuild(_ index: Int, _ row: [Value], _ environment: EvaluationEnvironment)
    -> SQLError
  {
    var scope = environment
    var error = duplicate(index, row, &scope)
    error.message = "could not create unique index \"\(indexes[index].descriptor.name)\""
    error.detail = error.detail.map {
      $0.replacingEnd(" already exists.", with: " is duplicated.")
    }
    return error
  }
}

extension String {
  func replacingEnd(_ ending: String, with replacement: String) -> String {
    hasSuffix(ending) ? dropLast(ending.count) + replacement : self
  }
}
