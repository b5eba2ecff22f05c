import Base
import Catalog
import Node
import SQL
import Types

/// INSERT.
extension ModificationPlanner {
  func insert(_ assignments: [Assignment], _ item: Item, _ planned: inout PlannedChanges)
    throws(CQLError)
  {
    if item.table.isCounter {
      throw .invalid("INSERT statements are not allowed on counter tables, use UPDATE instead")
    }
    var given: [Int: Datum] = [:]
    for assignment in assignments {
      guard case .column(let name) = assignment.target else { continue }
      let place = try item.table.column(name)
      guard given[place] == nil else {
        throw .invalid("The column names contains duplicates (\(name))")
      }
      notePartition(place, assignment.value, item)
      let column = item.table.columns[place]
      let value = try item.arguments.value(assignment.value, Receiver(column, of: item.table))
      if isNoting {
        given[place] = .null
      } else if let value {
        given[place] = value
      } else if column.kind == .partitionKey || column.kind == .clustering {
        throw .invalid("Invalid unset value for column \(name)")
      }
    }
    try insert(given, item, &planned)
  }

  func notePartition(_ place: Int, _ term: Term, _ item: Item) {
    if case .marker(let number) = term, place < item.table.partitionCount {
      item.arguments.markers?.partition[place] = number
    }
  }

  func insert(
    _ term: Term, defaultsUnset: Bool, _ item: Item, _ planned: inout PlannedChanges
  ) throws(CQLError) {
    let text = try item.arguments.set(term, Receiver("[json]", .text, of: item.table))
    if isNoting { return }
    guard case .scalar(.text(let bytes)) = text,
      case .object(let members) = try StoredForm.parse(bytes).kind
    else { throw .invalid("Got null or no object for INSERT JSON") }
    var given: [Int: Datum] = [:]
    for member in members {
      var name = String(decoding: member.key, as: UTF8.self)
      if name.hasPrefix("\""), name.hasSuffix("\""), name.utf8.count > 1 {
        name = String(name.dropFirst().dropLast())
      } else {
        name = name.lowercased()
      }
      guard let place = item.table.index(of: name) else {
        throw .invalid("JSON values map contains unrecognized column: \(name)")
      }
      given[place] = try StoredForm.read(member.value, item.table.columns[place].type)
    }
    if !defaultsUnset {
      for place in item.table.columns.indices where given[place] == nil { given[place] = .null }
    }
    try insert(given, item, &planned)
  }

  func insert(_ given: [Int: Datum], _ item: Item, _ planned: inout PlannedChanges)
    throws(CQLError)
  {
    let table = item.table
    let hasClustering = table.clusteringColumns.contains {
      given[table.index(of: $0.name) ?? -1] != nil
    }
    let staticsOnly =
      table.hasStatics && !hasClustering && table.clusteringCount > 0
      && given.keys.contains { table.columns[$0].kind == .static }
      && given.keys.allSatisfy { table.columns[$0].kind != .regular || given[$0]?.isNull ?? true }
    let keyCount = staticsOnly ? table.partitionCount : table.partitionCount + table.clusteringCount
    for place in 0..<keyCount where given[place] == nil {
      throw .invalid(
        "Some \(place < table.partitionCount ? "partition key parts" : "clustering keys") are missing: \(table.columns[place].name)"
      )
    }
    if isNoting {
      try condition(item, [], staticsOnly: staticsOnly, &planned)
      return
    }
    var key: [Value] = []
    for place in 0..<keyCount {
      key.append(try keyValue(given[place] ?? .null, table.columns[place], table))
    }
    try checkKey(key, table)
    var cells: [ChangeRows.CellChange] = []
    var staticCells: [ChangeRows.CellChange] = []
    for (place, datum) in given.sorted(by: { $0.key < $1.key }) {
      let column = table.columns[place]
      guard column.kind == .regular || column.kind == .static else { continue }
      let cell = ChangeRows.CellChange(
        position: column.slot, kind: .assign, value: try Self.assigned(datum, column))
      if column.kind == .static { staticCells.append(cell) } else { cells.append(cell) }
    }
    try condition(item, key, staticsOnly: staticsOnly, &planned)
    if !staticsOnly { emit(item, .insert, key, cells, &planned) }
    if !staticCells.isEmpty { emitStatic(item, key, staticCells, &planned) }
  }

  /// Empty collections with cells of their own are null.
  static func assigned(_ datum: Datum, _ column: CQLColumn) throws(CQLError) -> Value {
    if column.type.isMultiCell {
      switch datum {
      case .list([]), .map([]): return .null
      default: break
      }
    }
    return try column.store(datum)
  }

  func keyValue(_ datum: Datum, _ column: CQLColumn, _ table: CQLTable) throws(CQLError)
    -> Value
  {
    guard !datum.isNull else {
      throw .invalid("Invalid null value in condition for column \(column.name)")
    }
    return try column.store(datum)
  }

  func checkKey(_ key: [Value], _ table: CQLTable) throws(CQLError) {
    try KeyLength.check(key, table)
    guard table.partitionCount == 1 else { return }
    switch key[0] {
    case .text([]), .bytes([]): throw .invalid("Key may not be empty")
    default: break
    }
  }

  func emit(
    _ item: Item, _ kind: ChangeRows.Change.Kind, _ key: [Value],
    _ cells: [ChangeRows.CellChange], _ planned: inout PlannedChanges
  ) {
    let partition = Array(key.prefix(item.table.partitionCount))
    planned.partitions.insert(item.stored.rows.key(partition))
    planned.changes.append(
      (
        item.stored.rows.bucket(partition),
        ChangeRows.Change(
          table: planned.table(item.stored.rows), kind: kind, key: key, cells: cells,
          written: item.written, seconds: item.seconds)
      ))
  }

  func emitStatic(
    _ item: Item, _ key: [Value], _ cells: [ChangeRows.CellChange], _ planned: inout PlannedChanges
  ) {
    guard let statics = item.stored.statics else { return }
    let partition = Array(key.prefix(item.table.partitionCount))
    planned.partitions.insert(statics.key(partition))
    planned.changes.append(
      (
        statics.bucket(partition),
        ChangeRows.Change(
          table: planned.table(statics), kind: .update, key: partition, cells: cells,
          written: item.written, seconds: item.seconds)
      ))
  }
}
