import Base
import Catalog
import Node
import SQL
import Types

/// DELETE.
extension ModificationPlanner {
  func delete(
    _ targets: [Assignment.Target], _ item: Item, _ planned: inout PlannedChanges
  ) throws(CQLError) {
    let table = item.table
    var reader = RestrictionReader(table, item.arguments)
    let restrictions = try reader.read(item.statement.relations)
    if !targets.isEmpty { return try deleteCells(targets, restrictions, item, &planned) }
    let given = restrictions.prefixes.map { $0.first?.count ?? 0 } ?? restrictions.clustering.count
    let isSlice = restrictions.lower != nil || restrictions.upper != nil
    if given == table.clusteringCount, !isSlice {
      let keys = try self.keys(restrictions, item, isWhole: true)
      if isNoting { return try condition(item, [], staticsOnly: false, &planned) }
      for key in keys {
        try condition(item, key, staticsOnly: false, &planned)
        // Without clustering columns the partition is the row, and its static columns go along.
        emit(item, .deleteRow, key, [], &planned)
      }
      return
    }
    if item.statement.condition.isConditional, !isNoting {
      throw .invalid(
        "DELETE statements must restrict all PRIMARY KEY columns with equality relations in order to delete non static columns"
      )
    }
    try deleteRanges(restrictions, item, &planned)
  }

  func deleteRanges(
    _ restrictions: Restrictions, _ item: Item, _ planned: inout PlannedChanges
  ) throws(CQLError) {
    let table = item.table
    guard restrictions.partitions != nil else {
      if isNoting { return }
      let names = table.partitionColumns.map(\.name).joined(separator: ", ")
      throw .invalid("Some partition key parts are missing: \(names)")
    }
    if let fault = filterFault(restrictions, table) { throw fault }
    guard restrictions.tupleFilters.isEmpty || isNoting else {
      throw .invalid("Slices of several clustering columns are not supported in DELETE")
    }
    if isNoting { return }
    let isWhole =
      restrictions.clustering.isEmpty && restrictions.prefixes == nil
      && restrictions.lower == nil && restrictions.upper == nil
    for (partition, range) in try restrictions.ranges(table, item.stored.rows) {
      try checkKey(partition, table)
      var change = ChangeRows.Change(
        table: planned.table(item.stored.rows), kind: isWhole ? .deletePartition : .deleteRange,
        key: partition, written: item.written)
      if !isWhole {
        change.lower = range.lower
        change.upper = range.upper ?? []
      }
      planned.partitions.insert(item.stored.rows.key(partition))
      planned.changes.append((item.stored.rows.bucket(partition), change))
      if isWhole, let statics = item.stored.statics {
        planned.changes.append(
          (
            statics.bucket(partition),
            ChangeRows.Change(
              table: planned.table(statics), kind: .deletePartition, key: partition,
              written: item.written)
          ))
      }
    }
  }

  func deleteCells(
    _ targets: [Assignment.Target], _ restrictions: Restrictions, _ item: Item,
    _ planned: inout PlannedChanges
  ) throws(CQLError) {
    let table = item.table
    var cells: [ChangeRows.CellChange] = []
    var staticCells: [ChangeRows.CellChange] = []
    for target in targets {
      let name: String
      switch target {
      case .column(let column), .element(let column, _), .field(let column, _): name = column
      }
      let column = table.columns[try table.column(name)]
      guard column.kind == .regular || column.kind == .static else {
        throw .invalid("Invalid identifier \(name) for deletion (should not be a PRIMARY KEY part)")
      }
      var cell = ChangeRows.CellChange(position: column.slot, kind: .assign, value: .null)
      let receiver = Receiver(column, of: table)
      switch target {
      case .column: break
      case .element(_, let key):
        guard column.type.isMultiCell else {
          throw .invalid("Invalid deletion operation for non collection column \(name)")
        }
        let keyType: CQLType
        switch column.type {
        case .map(let key, _), .set(let key): keyType = key
        default: keyType = .int
        }
        cell.kind = .element
        cell.type = column.type
        let datum = try item.arguments.set(key, receiver.named("key(\(name))", keyType))
        cell.key = try StoredForm.store(datum, keyType)
      case .field(_, let field):
        guard case .user(_, _, let fields) = column.type,
          let place = fields.firstIndex(where: { $0.name == field })
        else { throw .invalid("\(name) has no field \(field)") }
        cell.kind = .element
        cell.type = column.type
        cell.key = .int(Int64(place))
      }
      if column.kind == .static { staticCells.append(cell) } else { cells.append(cell) }
    }
    let keys = try self.keys(restrictions, item, isWhole: !cells.isEmpty)
    if isNoting { return try condition(item, [], staticsOnly: cells.isEmpty, &planned) }
    for key in keys {
      try condition(
        item, key, staticsOnly: cells.isEmpty && key.count == table.partitionCount, &planned)
      if !cells.isEmpty { emit(item, .update, key, cells, &planned) }
      if !staticCells.isEmpty { emitStatic(item, key, staticCells, &planned) }
    }
  }
}
