import Types

/// Finds where each value of a statement goes that writes one row.
struct PreparedChangeReader {
  let table: CQLTable
  let runner: StatementRunner
  private(set) var kind = ChangeRows.Change.Kind.insert
  private(set) var privileges = ""
  /// Of the primary key, in its order.
  private(set) var key: [PreparedChange.Place] = []
  private(set) var cells: [PreparedChange.Place] = []
  private(set) var timestamp: PreparedChange.Source?
  private(set) var timeToLive: PreparedChange.Source?
  /// Those that give something.
  private(set) var markers: Set<Int> = []

  init(table: CQLTable, runner: StatementRunner) {
    self.table = table
    self.runner = runner
  }

  private var keyCount: Int { table.partitionCount + table.clusteringCount }

  /// False: the statement is anything else, or something is wrong with it.
  mutating func read(_ statement: Modification) -> Bool {
    guard readUsing(statement.using) else { return false }
    switch statement.body {
    case .insert(let assignments): return readInsert(assignments)
    case .insertJSON: return false
    case .update(let assignments):
      (kind, privileges) = (.update, "wa")
      return readKey(statement.relations) && readCells(assignments)
    case .delete(let targets):
      (kind, privileges) = (targets.isEmpty ? .deleteRow : .update, "d")
      guard statement.using.timeToLive == nil, targets.isEmpty || !table.isCounter else {
        return false
      }
      return readKey(statement.relations) && readDeleted(targets)
    }
  }

  // MARK: Parts

  private mutating func readInsert(_ assignments: [Assignment]) -> Bool {
    (kind, privileges) = (.insert, "a")
    if table.isCounter { return false }
    var places: [Int: PreparedChange.Place] = [:]
    for assignment in assignments {
      guard case .column(let name) = assignment.target, let place = table.index(of: name),
        places[place] == nil
      else { return false }
      let column = table.columns[place]
      let isKey = place < keyCount
      guard
        let source = isKey ? keySource(assignment.value, column) : source(assignment.value, column)
      else { return false }
      places[place] = .init(column: column, source: source)
    }
    key = (0..<keyCount).compactMap { places[$0] }
    cells = (keyCount..<table.columns.count).compactMap { places[$0] }
    return key.count == keyCount
  }

  /// WHERE has each column of the key with one value, and nothing else.
  private mutating func readKey(_ relations: [Relation]) -> Bool {
    guard relations.count == keyCount else { return false }
    for column in table.columns.prefix(keyCount) {
      guard let relation = relations.first(where: { $0.target == .column(column.name) }),
        relation.comparison == .equal, relation.values.count == 1,
        let source = keySource(relation.values[0], column)
      else { return false }
      key.append(.init(column: column, source: source))
    }
    return true
  }

  private mutating func readCells(_ assignments: [Assignment]) -> Bool {
    for assignment in assignments {
      guard case .column(let name) = assignment.target, let column = newCell(name),
        let source = source(assignment.value, column)
      else { return false }
      var place = PreparedChange.Place(column: column, source: source)
      switch (assignment.kind, column.type.isCounter) {
      case (.set, false): break
      case (.add, true): place.step = .add
      case (.subtract, true): place.step = .subtract
      default: return false
      }
      if place.step != nil, case .fixed(let value) = source, value.isNull { return false }
      cells.append(place)
    }
    return true
  }

  private mutating func readDeleted(_ targets: [Assignment.Target]) -> Bool {
    for target in targets {
      guard case .column(let name) = target, let column = newCell(name) else { return false }
      cells.append(.init(column: column, source: .fixed(.null)))
    }
    return true
  }

  /// A column beside the key that nothing has been said of yet.
  private func newCell(_ name: String) -> CQLColumn? {
    guard let place = table.index(of: name), place >= keyCount,
      !cells.contains(where: { $0.column.name == name })
    else { return nil }
    return table.columns[place]
  }

  private mutating func readUsing(_ using: UsingClause) -> Bool {
    if using == UsingClause() { return true }
    if table.isCounter || !table.hasTimes { return false }
    if let term = using.timestamp {
      timestamp = source(term, Receiver("[timestamp]", .bigint, of: table)) {
        (datum) throws(CQLError) in try StoredForm.store(datum, .bigint)
      }
      if timestamp == nil { return false }
    }
    if let term = using.timeToLive {
      timeToLive = source(term, Receiver("[ttl]", .int, of: table)) {
        (datum) throws(CQLError) in try StoredForm.store(datum, .int)
      }
      if timeToLive == nil { return false }
    }
    return true
  }

  // MARK: Values

  private mutating func source(_ term: Term, _ column: CQLColumn) -> PreparedChange.Source? {
    source(term, Receiver(column, of: table)) { (datum) throws(CQLError) in
      try ModificationPlanner.assigned(datum, column)
    }
  }

  private mutating func keySource(_ term: Term, _ column: CQLColumn) -> PreparedChange.Source? {
    let found = source(term, Receiver(column, of: table)) { (datum) throws(CQLError) in
      try column.store(datum)
    }
    switch found {
    case .fixed(.null), .fixed(.text([])), .fixed(.bytes([])): return nil
    default: return found
    }
  }

  /// Nil: its value is another each time, or none.
  private mutating func source(
    _ term: Term, _ receiver: Receiver, _ store: (Datum) throws(CQLError) -> Value
  ) -> PreparedChange.Source? {
    switch term {
    case .marker(let place): return markers.insert(place).inserted ? .marker(place) : nil
    case .null, .integer, .decimal, .string, .bool, .uuid, .blob, .duration: break
    default: return nil
    }
    var arguments = runner.arguments([])
    arguments.markers = nil
    let value = Result<Value?, CQLError> { () throws(CQLError) in
      try arguments.value(term, receiver).map(store)
    }
    return if case .success(let value?) = value { .fixed(value) } else { nil }
  }
}
