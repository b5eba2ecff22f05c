import Base
import Node
import SQL
import Types

/// INSERT, UPDATE, DELETE and batches of them on one tablet, all or nothing; with conditions nothing is
/// done unless all hold.
struct ChangeRows: Procedure {
  static let name = "cql change"

  /// What becomes of a column.
  struct CellChange: Sendable {
    enum Kind: UInt8, WireEnumeration {
      /// The whole value; null deletes.
      case assign
      /// Of a counter.
      case increment
      /// Of a collection: elements come to the end or into it, to the front, or go.
      case add, prepend, remove
      /// One element or field; null deletes it.
      case element
    }
    var position: Int
    var kind: Kind
    var value: Value
    /// Of `element`: the key, index or field's number.
    var key: Value = .null
    /// Of collections.
    var type: CQLType?

    /// Whether it may leave the column without a value.
    var mayDelete: Bool {
      switch kind {
      case .assign, .element: value.isNull
      case .remove: true
      case .increment, .add, .prepend: false
      }
    }
  }

  struct Change: Sendable {
    enum Kind: UInt8, WireEnumeration {
      case insert, update, deleteRow, deletePartition, deleteRange
    }
    /// Which of `tables`.
    var table: Int
    var kind: Kind
    /// The primary key's values; of deletions of more than a row the partition's.
    var key: [Value]
    var cells: [CellChange] = []
    /// Of a deletion of a range.
    var lower: [UInt8] = []
    var upper: [UInt8] = []
    /// Microseconds since the Unix epoch; nil: newer than what is there.
    var written: Int64?
    /// Seconds to live; nil: it stays.
    var seconds: Int64?
  }

  struct Condition: Sendable {
    enum Kind: UInt8, WireEnumeration { case exists, absent, value }
    var table: Int
    var key: [Value]
    var kind: Kind
    var position = 0
    /// Of a collection's element or a user type's field.
    var element: Value?
    var comparison = Relation.Comparison.equal
    var values: [Value] = []
    var type: CQLType?
    /// The statement that it belongs to.
    var statement = 0
  }

  struct Outcome: WireCodable {
    var isApplied = true
    /// Of each row that conditions looked at, in their order: its values, empty where it is not there.
    var rows: [[Value]] = []
    /// What became of rows, in order, where that was asked for.
    var images: [RowImage] = []
  }

  var tables: [TableRows]
  var conditions: [Condition]
  var changes: [Change]
  /// Of which tables the changed rows are told: those with views.
  var tracked: [Int] = []

  func run(_ transaction: TabletTransaction) throws(ProcedureError) -> Outcome {
    var outcome = Outcome()
    for condition in conditions {
      let row = try current(tables[condition.table], condition.key, transaction)
      outcome.rows.append(row ?? [])
      let holds = try asProcedure { () throws(CQLError) in
        try ConditionTest.holds(condition, row)
      }
      if !holds { outcome.isApplied = false }
    }
    if !outcome.isApplied { return outcome }
    if !transaction.isWhole { try holdPartitions(transaction) }
    let log = tracked.isEmpty ? nil : RowImages()
    for change in changes {
      let writer = RowChange(
        table: tables[change.table], change: change, isConditional: !conditions.isEmpty,
        transaction: transaction, images: tracked.contains(change.table) ? log : nil)
      try writer.run()
    }
    outcome.images = log?.all ?? []
    return outcome
  }

  /// What the changes go by of what was deleted in their partitions (`Deletions.summary`).
  private func holdPartitions(_ transaction: TabletTransaction) throws(ProcedureError) {
    var modes: [DeletionPlace: LockMode] = [:]
    for change in changes {
      let table = tables[change.table]
      guard table.timesPosition != nil else { continue }
      let place = table.deletionPlace(Array(change.key.prefix(table.distributionCount)))
      let mode: LockMode
      switch change.kind {
      case .insert: mode = .share
      // A row that has no cell left is gone, and that is a deletion.
      case .update: mode = change.cells.contains { $0.mayDelete } ? .noKeyUpdate : .share
      case .deleteRow, .deleteRange, .deletePartition: mode = .noKeyUpdate
      }
      modes[place] = max(mode, modes[place] ?? mode)
    }
    try Deletions.hold(modes, transaction)
  }

  /// As a reader sees it now.
  private func current(_ table: TableRows, _ key: [Value], _ transaction: TabletTransaction)
    throws(ProcedureError) -> [Value]?
  {
    guard let bytes = try transaction.get(table.keyspace, table.key(key)) else { return nil }
    var row = try table.decode(bytes)
    guard let times = try table.times(of: row) else { return row }
    let seconds = Int64(transaction.snapshot.rawValue / 1_000_000_000)
    if times.isGone(row, columns: table.cellPositions, at: seconds) { return nil }
    for (position, cell) in times.cells where cell.hasExpired(at: seconds) {
      row[position] = .null
    }
    return row
  }
}

func asProcedure<R>(_ body: () throws(CQLError) -> R) throws(ProcedureError) -> R {
  do throws(CQLError) {
    return try body()
  } catch {
    throw .user(SQLError(.invalidParameterValue, error.message))
  }
}

/// Whether a condition holds for a row.
enum ConditionTest {
  static func holds(_ condition: ChangeRows.Condition, _ row: [Value]?) throws(CQLError) -> Bool {
    switch condition.kind {
    case .exists: return row != nil
    case .absent: return row == nil
    case .value: break
    }
    guard let type = condition.type else { return false }
    var datum = Datum.null
    var inner = type
    if let row { datum = try StoredForm.load(row[condition.position], type) }
    if let element = condition.element {
      (datum, inner) = try Self.element(datum, type, element)
    }
    var wanted: [Datum] = []
    for value in condition.values { wanted.append(try StoredForm.load(value, inner)) }
    return Comparison.holds(datum, condition.comparison, wanted, inner)
  }

  static func element(_ datum: Datum, _ type: CQLType, _ key: Value) throws(CQLError)
    -> (Datum, CQLType)
  {
    switch type.thawed {
    case .map(let keyType, let valueType):
      let wanted = try StoredForm.load(key, keyType)
      guard case .map(let entries) = datum else { return (.null, valueType) }
      let found = entries.first { Datum.compare($0.key, wanted, keyType) == 0 }
      return (found?.value ?? .null, valueType)
    case .list(let element):
      guard case .list(let items) = datum, case .int(let place) = key,
        items.indices.contains(Int(place))
      else { return (.null, element) }
      return (items[Int(place)], element)
    case .user(_, _, let fields):
      guard case .int(let place) = key, fields.indices.contains(Int(place)) else {
        return (.null, type)
      }
      guard case .list(let items) = datum else { return (.null, fields[Int(place)].type) }
      return (items[Int(place)], fields[Int(place)].type)
    default: return (.null, type)
    }
  }
}

/// Comparisons of WHERE and IF.
enum Comparison {
  static func holds(
    _ datum: Datum, _ comparison: Relation.Comparison, _ wanted: [Datum], _ type: CQLType
  ) -> Bool {
    switch comparison {
    case .isIn: return wanted.contains { Datum.compare(datum, $0, type) == 0 }
    case .isNotIn: return !wanted.contains { Datum.compare(datum, $0, type) == 0 }
    case .isNotNull: return !datum.isNull
    case .contains, .containsKey: return contains(datum, comparison, wanted.first ?? .null, type)
    case .like: return false
    case .equal: return Datum.compare(datum, wanted.first ?? .null, type) == 0
    case .notEqual: return Datum.compare(datum, wanted.first ?? .null, type) != 0
    default: break
    }
    guard let other = wanted.first, !datum.isNull, !other.isNull else { return false }
    let order = Datum.compare(datum, other, type)
    switch comparison {
    case .less: return order < 0
    case .lessOrEqual: return order <= 0
    case .greater: return order > 0
    default: return order >= 0
    }
  }

  private static func contains(
    _ datum: Datum, _ comparison: Relation.Comparison, _ wanted: Datum, _ type: CQLType
  ) -> Bool {
    switch (datum, type.thawed) {
    case (.list(let items), .list(let element)), (.list(let items), .set(let element)):
      return items.contains { Datum.compare($0, wanted, element) == 0 }
    case (.map(let entries), .map(let key, let value)):
      return comparison == .containsKey
        ? entries.contains { Datum.compare($0.key, wanted, key) == 0 }
        : entries.contains { Datum.compare($0.value, wanted, value) == 0 }
    default: return false
    }
  }
}
