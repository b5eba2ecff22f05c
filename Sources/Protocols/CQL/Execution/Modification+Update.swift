import Base
import Catalog
import Node
import SQL
import Types

/// UPDATE.
extension ModificationPlanner {
  func update(_ assignments: [Assignment], _ item: Item, _ planned: inout PlannedChanges)
    throws(CQLError)
  {
    let table = item.table
    var cells: [ChangeRows.CellChange] = []
    var staticCells: [ChangeRows.CellChange] = []
    var seen: Set<String> = []
    for assignment in assignments {
      let (column, cell) = try self.cell(assignment, item)
      if case .column(let name) = assignment.target, !seen.insert(name).inserted {
        throw .invalid("Multiple incompatible setting of column \(name)")
      }
      guard let cell else { continue }
      if column.kind == .static { staticCells.append(cell) } else { cells.append(cell) }
    }
    let setsStatics = assignments.allSatisfy { isStatic($0.target, table) }
    var reader = RestrictionReader(table, item.arguments)
    let restrictions = try reader.read(item.statement.relations)
    let keys = try self.keys(restrictions, item, isWhole: !setsStatics)
    if isNoting { return try condition(item, [], staticsOnly: setsStatics, &planned) }
    for key in keys {
      try checkKey(key, table)
      let staticsOnly = setsStatics
      try condition(
        item, key, staticsOnly: staticsOnly && key.count == table.partitionCount, &planned)
      if !staticsOnly || cells.count > 0 { emit(item, .update, key, cells, &planned) }
      if !staticCells.isEmpty { emitStatic(item, key, staticCells, &planned) }
    }
  }

  func isStatic(_ target: Assignment.Target, _ table: CQLTable) -> Bool {
    let name: String
    switch target {
    case .column(let column), .element(let column, _), .field(let column, _): name = column
    }
    return table.index(of: name).map { table.columns[$0].kind == .static } ?? false
  }

  /// The rows that WHERE names.
  func keys(_ restrictions: Restrictions, _ item: Item, isWhole: Bool) throws(CQLError)
    -> [[Value]]
  {
    let table = item.table
    guard let partitions = restrictions.partitions else {
      if isNoting { return [] }
      let names = table.partitionColumns.map(\.name).joined(separator: ", ")
      throw .invalid("Some partition key parts are missing: \(names)")
    }
    if let fault = filterFault(restrictions, table) { throw fault }
    if restrictions.lower != nil || restrictions.upper != nil {
      throw .invalid(
        "Slice restrictions are not supported on the clustering columns in UPDATE statements")
    }
    let given = restrictions.prefixes.map { $0.first?.count ?? 0 } ?? restrictions.clustering.count
    guard !isWhole || given == table.clusteringCount || isNoting else {
      let missing = table.clusteringColumns.dropFirst(given).map(\.name)
      throw .invalid("Some clustering keys are missing: \(missing.joined(separator: ", "))")
    }
    if isNoting { return [] }
    var keys: [[Value]] = []
    for partition in partitions {
      var prefix: [Value] = []
      for (datum, column) in zip(partition, table.partitionColumns) {
        prefix.append(try keyValue(datum, column, table))
      }
      var rests: [[Datum]] = restrictions.prefixes ?? [[]]
      if restrictions.prefixes == nil {
        for values in restrictions.clustering {
          rests = rests.flatMap { rest in values.map { rest + [$0] } }
        }
      }
      for rest in rests {
        var key = prefix
        for (datum, column) in zip(rest, table.clusteringColumns) {
          key.append(try keyValue(datum, column, table))
        }
        keys.append(key)
      }
    }
    return keys
  }

  /// Nil: WHERE is about the key, without gaps.
  func filterFault(_ restrictions: Restrictions, _ table: CQLTable) -> CQLError? {
    guard let filter = restrictions.filters.first else { return nil }
    let column = table.columns[filter.column]
    let next = table.partitionCount + restrictions.clustering.count
    guard column.kind == .clustering, next < filter.column else {
      return .invalid("Non PRIMARY KEY columns found in where clause: \(column.name)")
    }
    return .invalid(
      "PRIMARY KEY column \"\(column.name)\" cannot be restricted as preceding column \"\(table.columns[next].name)\" is not restricted"
    )
  }

  func cell(_ assignment: Assignment, _ item: Item) throws(CQLError)
    -> (CQLColumn, ChangeRows.CellChange?)
  {
    let table = item.table
    let name: String
    switch assignment.target {
    case .column(let column), .element(let column, _), .field(let column, _): name = column
    }
    let column = table.columns[try table.column(name)]
    guard column.kind == .regular || column.kind == .static else {
      throw .invalid("PRIMARY KEY part \(name) found in SET part")
    }
    let receiver = Receiver(column, of: table)
    var made = ChangeRows.CellChange(position: column.slot, kind: .assign, value: .null)
    if column.type.isCounter {
      guard assignment.kind == .add || assignment.kind == .subtract else {
        throw .invalid(
          "Cannot set the value of counter column \(name) (counters can only be incremented/decremented, not set)"
        )
      }
      guard let value = try item.arguments.value(assignment.value, receiver) else {
        return (column, nil)
      }
      if isNoting { return (column, nil) }
      guard let step = value.int else { throw .invalid("Invalid null value for counter increment") }
      made.kind = .increment
      made.value = .int(assignment.kind == .add ? step : 0 &- step)
      return (column, made)
    }
    if case .column = assignment.target, assignment.kind == .set {
      guard let value = try item.arguments.value(assignment.value, receiver) else {
        return (column, nil)
      }
      made.value = try Self.assigned(value, column)
      return (column, made)
    }
    guard column.type.isMultiCell else {
      if column.type.isCollection {
        throw .invalid("Invalid operation for frozen collection column \(name)")
      }
      throw .invalid("Invalid operation for non collection column \(name)")
    }
    if item.seconds != nil, !isNoting {
      throw .invalid(
        "USING TTL is not supported where elements of \(name) change: they have no times of their own"
      )
    }
    made.type = column.type
    return (column, try element(assignment, column, item, made))
  }

  /// Nil: nothing changes.
  func element(
    _ assignment: Assignment, _ column: CQLColumn, _ item: Item, _ cell: ChangeRows.CellChange
  ) throws(CQLError) -> ChangeRows.CellChange? {
    var made = cell
    let receiver = Receiver(column, of: item.table)
    func value(_ type: CQLType) throws(CQLError) -> Datum? {
      try item.arguments.value(assignment.value, receiver.named(column.name, type))
    }
    switch assignment.target {
    case .field(_, let name):
      guard case .user(_, _, let fields) = column.type,
        let place = fields.firstIndex(where: { $0.name == name })
      else { throw .invalid("\(column.name) of type \(column.type.name) has no field \(name)") }
      guard let datum = try value(fields[place].type) else { return nil }
      made.kind = .element
      made.key = .int(Int64(place))
      made.value = try StoredForm.store(datum, fields[place].type)
    case .element(_, let key):
      let (keyType, valueType) = try elementTypes(column)
      let keyDatum = try item.arguments.set(key, receiver.named("key(\(column.name))", keyType))
      guard let datum = try value(valueType) else { return nil }
      made.kind = .element
      made.key = try StoredForm.store(keyDatum, keyType)
      made.value = try StoredForm.store(datum, valueType)
    case .column:
      var type = column.type
      if assignment.kind == .subtract, case .map(let key, _) = type { type = .set(key) }
      if assignment.kind == .prepend, case .list = type {
      } else if assignment.kind == .prepend {
        throw .invalid("Only lists have a front: \(column.name) is of type \(type.name)")
      }
      guard !{ if case .user = type { true } else { false } }() else {
        throw .invalid("Invalid operation for user type column \(column.name)")
      }
      guard let datum = try value(type), !datum.isNull else { return nil }
      made.kind =
        assignment.kind == .subtract ? .remove : assignment.kind == .prepend ? .prepend : .add
      made.value = try StoredForm.store(datum, type)
    }
    return isNoting ? nil : made
  }

  func elementTypes(_ column: CQLColumn) throws(CQLError) -> (key: CQLType, value: CQLType) {
    switch column.type {
    case .map(let key, let value): return (key, value)
    case .list(let element): return (.int, element)
    default:
      throw .invalid("Invalid element selection: \(column.name) is of type \(column.type.name)")
    }
  }
}
