import Base
import Node
import Types

/// Which of a tablet's rows a fragment is about.
enum RowSelection: Sendable {
  case all
  /// One key, encoded.
  case key([UInt8])
}

/// Reads a tablet's rows that pass the filter, in key order, at most `limit`.
struct ScanRows: Procedure {
  static let name = "sql.scan"
  let table: TableLayout
  let selection: RowSelection
  let filter: BoundExpression?
  let parameters: [Value]
  let limit: Int

  func run(_ transaction: TabletTransaction) throws(ProcedureError) -> [[Value]] {
    var rows: [[Value]] = []
    try forEachRow(of: table, selection, filter, parameters, transaction) {
      (_, row) throws(ProcedureError) in
      rows.append(row)
      return rows.count < limit
    }
    return rows
  }
}

/// Adds new rows; the first whose key is there fails them all.
struct InsertRows: Procedure {
  static let name = "sql.insert"
  let table: TableLayout
  let rows: [[Value]]

  func run(_ transaction: TabletTransaction) throws(ProcedureError) -> Int {
    for row in rows {
      let key = table.keyBytes(row)
      if try transaction.latest(table.keyspace, key) != nil {
        throw .user(table.duplicateKey(row))
      }
      try transaction.put(table.keyspace, key, table.rowBytes(row))
    }
    return rows.count
  }
}

/// Assigns columns of the rows that pass the filter; gives the new rows.
struct UpdateRows: Procedure {
  static let name = "sql.update"
  let table: TableLayout
  let selection: RowSelection
  let filter: BoundExpression?
  let assignments: [(column: Int, value: BoundExpression)]
  let parameters: [Value]

  func run(_ transaction: TabletTransaction) throws(ProcedureError) -> [[Value]] {
    var changed: [([UInt8], [Value])] = []
    try forEachRow(of: table, selection, filter, parameters, transaction) {
      (key, row) throws(ProcedureError) in
      var next = row
      for assignment in assignments {
        next[assignment.column] = try asProcedure { () throws(SQLError) in
          try assignment.value.evaluate(row, parameters)
        }
      }
      try asProcedure { () throws(SQLError) in try table.checkNotNull(next) }
      changed.append((key, next))
      return true
    }
    for (key, row) in changed {
      try transaction.put(table.keyspace, key, table.rowBytes(row))
    }
    return changed.map(\.1)
  }
}

/// Deletes the rows that pass the filter; gives the old rows.
struct DeleteRows: Procedure {
  static let name = "sql.delete"
  let table: TableLayout
  let selection: RowSelection
  let filter: BoundExpression?
  let parameters: [Value]

  func run(_ transaction: TabletTransaction) throws(ProcedureError) -> [[Value]] {
    var found: [([UInt8], [Value])] = []
    try forEachRow(of: table, selection, filter, parameters, transaction) {
      (key, row) throws(ProcedureError) in
      found.append((key, row))
      return true
    }
    for (key, _) in found { try transaction.delete(table.keyspace, key) }
    return found.map(\.1)
  }
}

/// Visits the selected rows that pass the filter; `body` returns false to stop.
private func forEachRow(
  of table: TableLayout, _ selection: RowSelection, _ filter: BoundExpression?,
  _ parameters: [Value], _ transaction: TabletTransaction,
  _ body: (_ key: [UInt8], _ row: [Value]) throws(ProcedureError) -> Bool
) throws(ProcedureError) {
  func visit(_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer)
    throws(ProcedureError) -> Bool
  {
    let row = try asProcedure { () throws(SQLError) in try table.decode(value) }
    if let filter {
      let keeps = try asProcedure { () throws(SQLError) in try filter.isTrue(row, parameters) }
      if !keeps { return true }
    }
    return try body(Array(key), row)
  }
  switch selection {
  case .all:
    try transaction.scan(table.keyspace, lower: [], upper: nil, reverse: false, visit)
  case .key(let key):
    guard let value = try transaction.get(table.keyspace, key) else { return }
    let result: Result<Bool, ProcedureError> = key.withUnsafeBytes { keyBytes in
      value.withUnsafeBytes { valueBytes in
        do throws(ProcedureError) {
          return .success(try visit(keyBytes, valueBytes))
        } catch {
          return .failure(error)
        }
      }
    }
    _ = try result.get()
  }
}

/// A statement's error inside a procedure.
func asProcedure<R>(_ body: () throws(SQLError) -> R) throws(ProcedureError) -> R {
  do throws(SQLError) {
    return try body()
  } catch {
    throw .user(error)
  }
}
