import Base
import Catalog
import Node
import SQL
import Types

/// One change of a batch, on the partition's tablet. Cells go by their write times: the newest counts,
/// whatever the order of arrival (DESIGN 22.15). At equal times a deletion counts more than a value,
/// and the greater value more than the less.
struct RowChange {
  let table: TableRows
  let change: ChangeRows.Change
  let isConditional: Bool
  let transaction: TabletTransaction
  /// Nil: nobody asks what becomes of rows.
  var images: RowImages?

  private var now: Int64 { Self.now(transaction) }
  private static func now(_ transaction: TabletTransaction) -> Int64 {
    Int64(transaction.snapshot.rawValue / 1_000)
  }
  private var seconds: Int64 { Int64(transaction.snapshot.rawValue / 1_000_000_000) }
  private var hasTimes: Bool { table.timesPosition != nil }

  private var deletions: Deletions {
    Deletions(
      table.deletionPlace(Array(change.key.prefix(table.distributionCount))), transaction)
  }

  func run() throws(ProcedureError) {
    switch change.kind {
    case .insert, .update: try write()
    case .deleteRow: try deleteRow()
    case .deletePartition:
      let prefix = table.key(change.key)
      try deleteRange(prefix, prefix + [0xFF], isPartition: true)
    case .deleteRange: try deleteRange(change.lower, change.upper, isPartition: false)
    }
  }

  /// When the change counts as written, over what the row has.
  private func written(over newest: Int64?, _ summary: Deletions.Summary?) -> Int64 {
    Self.written(change.written, over: newest, summary, transaction)
  }

  /// `given`: by the client or the statement.
  static func written(
    _ given: Int64?, over newest: Int64?, _ summary: Deletions.Summary?,
    _ transaction: TabletTransaction
  ) -> Int64 {
    if let given { return given }
    let newest = max(newest ?? .min, summary?.latest ?? .min)
    return max(Self.now(transaction), newest == .max ? newest : newest + 1)
  }

  // MARK: INSERT, UPDATE, DELETE of columns

  private func write() throws(ProcedureError) {
    let key = table.key(change.key)
    if try replace(key) { return }
    let old = try current(key)
    var row = old ?? [Value](repeating: .null, count: table.table.columns.count)
    for (position, value) in zip(table.keyPositions, change.key) { row[position] = value }
    guard hasTimes else { return try writePlain(&row, over: old) }
    var times = try old.map { (row) throws(ProcedureError) in try table.times(of: row) } ?? nil
    let summary = try deletions.summary()
    let written = written(over: times?.newest, summary)
    var floor = Int64.min
    if let summary, summary.latest >= written {
      let found = try deletions.find(key, summary)
      floor = found.written
      if times == nil { times = found.cells }
    }
    var new = times ?? CellTimes()
    try apply(to: &row, &new, written: written, floor: floor)
    try store(row, new, over: old, key)
  }

  /// What is stored under the key, expired or not.
  private func current(_ key: [UInt8]) throws(ProcedureError) -> [Value]? {
    try transaction.withValue(table.keyspace, key) { bytes in
      Result<[Value]?, ProcedureError> { () throws(ProcedureError) in
        guard let bytes else { return nil }
        return try table.decode(bytes)
      }
    }.get()
  }

  /// The same as below where the change gives all cells of the row and is newer than whatever is there, so that
  /// nothing of the old row is looked at but its times. False: it is not so, and nothing has been done.
  private func replace(_ key: [UInt8]) throws(ProcedureError) -> Bool {
    guard isPlain, let position = table.timesPosition, givesAllCells else { return false }
    let old = try transaction.withValue(table.keyspace, key) { bytes in
      Result<CellTimes.Summary?, ProcedureError> { () throws(ProcedureError) in
        guard let bytes else { return nil }
        return try table.timesSummary(of: bytes)
      }
    }.get()
    let summary = try deletions.summary()
    let written = written(over: old?.newest, summary)
    if let newest = old?.newest, newest >= written { return false }
    if let summary, summary.latest >= written { return false }
    var row = [Value](repeating: .null, count: table.table.columns.count)
    for (position, value) in zip(table.keyPositions, change.key) { row[position] = value }
    for cell in change.cells { row[cell.position] = cell.value }
    let stamp = CellTimes.Cell(written: written, expires: change.seconds.map { seconds + $0 })
    if change.kind == .insert, stamp.expires == nil {
      row[position] = .bytes(CellTimes.encoded(stamp, at: table.cellPositions))
      try table.putPlain(row, key, nil, transaction)
      return true
    }
    let new = times(stamp, marker: change.kind == .insert ? stamp : old?.marker)
    if new.isGone(row, columns: table.cellPositions, at: seconds) { return false }
    row[position] = .bytes(new.encoded)
    try table.putPlain(row, key, new, transaction)
    return true
  }

  /// Of a row whose cells are all written now: those that are deleted do not expire.
  private func times(_ stamp: CellTimes.Cell, marker: CellTimes.Cell?) -> CellTimes {
    var new = CellTimes(reserving: change.cells.count)
    new.marker = marker
    for cell in change.cells {
      new[cell.position] =
        cell.value.isNull ? CellTimes.Cell(written: stamp.written, expires: nil) : stamp
    }
    return new
  }

  /// A write of the row is that of its bytes.
  private var isPlain: Bool {
    table.isPlain && images == nil && !change.key.contains(where: \.isNull)
  }

  private var givesAllCells: Bool {
    guard let wanted = table.cellBits, change.cells.count == table.cellPositions.count else {
      return false
    }
    var given: UInt64 = 0
    for cell in change.cells {
      guard cell.kind == .assign, cell.position < 64 else { return false }
      given |= 1 << UInt64(cell.position)
    }
    return given == wanted
  }

  /// A table that was made in SQL: what comes last counts.
  private func writePlain(_ row: inout [Value], over old: [Value]?) throws(ProcedureError) {
    if change.kind == .update, old == nil,
      change.cells.allSatisfy({ $0.kind == .assign && $0.value.isNull })
    {
      return
    }
    for cell in change.cells { row[cell.position] = try value(cell, row) }
    try put(row, over: old)
  }

  private func apply(
    to row: inout [Value], _ times: inout CellTimes, written: Int64, floor: Int64
  ) throws(ProcedureError) {
    guard written > floor else { return }
    let expires = change.seconds.map { seconds + $0 }
    let stamp = CellTimes.Cell(written: written, expires: expires)
    if change.kind == .insert,
      times.marker.map({ wins(stamp, .bool(true), over: $0, .bool(true)) }) ?? true
    {
      times.marker = stamp
    }
    for cell in change.cells {
      // What has expired is not there for what adds to it.
      if let known = times[cell.position], known.hasExpired(at: seconds) {
        row[cell.position] = .null
      }
      let known = times[cell.position]
      switch cell.kind {
      case .assign:
        let new = CellTimes.Cell(written: written, expires: cell.value.isNull ? nil : expires)
        if let known, !wins(new, cell.value, over: known, row[cell.position]) { continue }
        row[cell.position] = cell.value
        times[cell.position] = new
      case .increment:
        row[cell.position] = try value(cell, row)
        times[cell.position] = .init(written: max(written, known?.written ?? .min))
      case .add, .prepend, .remove, .element:
        // Elements have no times of their own: they change in the order of arrival.
        row[cell.position] = try value(cell, row)
        times[cell.position] = .init(
          written: max(written, known?.written ?? .min), expires: known?.expires)
      }
    }
  }

  /// The later write. Of two at one time: a deletion, then one that expires, then the one that expires
  /// later, then the greater value, as Cassandra has it.
  private func wins(
    _ new: CellTimes.Cell, _ value: Value, over old: CellTimes.Cell, _ before: Value
  ) -> Bool {
    if new.written != old.written { return new.written > old.written }
    if value.isNull || before.isNull { return value.isNull }
    if new.expires != old.expires { return (new.expires ?? .min) > (old.expires ?? .min) }
    switch (value, before) {
    case (.int(let a), .int(let b)): return UInt64(bitPattern: a) >= UInt64(bitPattern: b)
    case (.text(let a), .text(let b)), (.bytes(let a), .bytes(let b)):
      return !a.lexicographicallyPrecedes(b)
    default:
      var (a, b) = (ByteWriter(), ByteWriter())
      RowCodec.write(value, into: &a)
      RowCodec.write(before, into: &b)
      return !a.bytes.lexicographicallyPrecedes(b.bytes)
    }
  }

  private func value(_ cell: ChangeRows.CellChange, _ row: [Value]) throws(ProcedureError) -> Value
  {
    let old = row[cell.position]
    switch cell.kind {
    case .assign: return cell.value
    case .increment:
      guard case .int(let step) = cell.value else { return old }
      let before: Int64 = if case .int(let number) = old { number } else { 0 }
      return .int(before &+ step)
    default:
      return try asProcedure { () throws(CQLError) in try CollectionChange.value(cell, old) }
    }
  }

  /// The row as it is now, or nothing where nothing is left of it.
  private func store(_ row: [Value], _ times: CellTimes, over old: [Value]?, _ key: [UInt8])
    throws(ProcedureError)
  {
    guard let position = table.timesPosition else { return }
    var row = row
    if times.isGone(row, columns: table.cellPositions, at: seconds) {
      if let old { try remove(old) }
      if times.cells.isEmpty { return }
      return try deletions.addRow(
        key, written: .min, cells: times, graceSeconds: table.graceSeconds)
    }
    row[position] = .bytes(times.encoded)
    if isPlain { return try table.putPlain(row, key, times, transaction) }
    try put(row, over: old)
  }

  private func put(_ row: [Value], over old: [Value]?) throws(ProcedureError) {
    try table.put(row, over: old, transaction)
    images?.note(change.table, old, row)
  }

  private func remove(_ old: [Value]) throws(ProcedureError) {
    try table.delete(old, transaction)
    images?.note(change.table, old, nil)
  }

  // MARK: DELETE of rows

  private func deleteRow() throws(ProcedureError) {
    let key = table.key(change.key)
    let old = try current(key)
    guard hasTimes else {
      if let old { try remove(old) }
      return
    }
    let times = try old.map { (row) throws(ProcedureError) in try table.times(of: row) } ?? nil
    let summary = try deletions.summary(for: .noKeyUpdate)
    // A row that has come since the snapshot was taken is to be seen.
    let request = LockRequest(space: table.keyspace, key: key, mode: .update)
    _ = try transaction.lock(request, wait: .wait)
    let written = written(over: times?.newest, summary)
    if let old { try strip(old, key, written) }
    try deletions.addRow(key, written: written, cells: nil, graceSeconds: table.graceSeconds)
  }

  /// Takes away what was written up to then.
  private func strip(_ old: [Value], _ key: [UInt8], _ written: Int64) throws(ProcedureError) {
    guard var times = try table.times(of: old), let position = table.timesPosition else {
      return try remove(old)
    }
    var row = old
    if let marker = times.marker, marker.written <= written { times.marker = nil }
    for column in table.cellPositions where (times[column]?.written ?? .min) <= written {
      row[column] = .null
      times[column] = nil
    }
    if times.isGone(row, columns: table.cellPositions, at: seconds) {
      return try remove(old)
    }
    row[position] = .bytes(times.encoded)
    try put(row, over: old)
  }

  private func deleteRange(_ lower: [UInt8], _ upper: [UInt8], isPartition: Bool)
    throws(ProcedureError)
  {
    var found: [(key: [UInt8], row: [Value])] = []
    try transaction.scan(table.keyspace, lower: lower, upper: upper, reverse: false) {
      (key, value) throws(ProcedureError) in
      found.append((Array(key), try table.decode(value)))
      return true
    }
    guard hasTimes else {
      for (_, row) in found { try remove(row) }
      return
    }
    var newest: Int64?
    for (_, row) in found {
      if let time = try table.times(of: row)?.newest { newest = max(newest ?? time, time) }
    }
    let known = try deletions.summary(for: .noKeyUpdate)
    let after = max(newest ?? .min, known?.latest ?? .min)
    let written = change.written ?? max(now, after == .max ? after : after + 1)
    for (key, row) in found { try strip(row, key, written) }
    // Rows that have come since the snapshot was taken are to be seen.
    if !transaction.isWhole,
      transaction.hasChanged(
        table.keyspace, lower: lower, upper: upper, since: transaction.snapshot)
    {
      throw .conflict
    }
    if isPartition {
      try deletions.addPartition(written: written, graceSeconds: table.graceSeconds)
    } else {
      try deletions.addRange(
        lower, upper, written: written, graceSeconds: table.graceSeconds)
    }
  }
}

/// Elements of collections and fields of user types that come and go.
enum CollectionChange {
  static func value(_ cell: ChangeRows.CellChange, _ old: Value) throws(CQLError) -> Value {
    guard let type = cell.type else { return old }
    let before = try StoredForm.load(old, type)
    let after: Datum
    switch cell.kind {
    case .element: after = try element(before, cell, type)
    case .remove: after = try removed(before, cell, type)
    default: after = try added(before, cell, type)
    }
    return try StoredForm.store(emptyAsNull(after), type)
  }

  private static func emptyAsNull(_ datum: Datum) -> Datum {
    switch datum {
    case .list([]), .map([]): .null
    case .list(let items) where items.allSatisfy(\.isNull): .null
    default: datum
    }
  }

  private static func added(_ before: Datum, _ cell: ChangeRows.CellChange, _ type: CQLType)
    throws(CQLError) -> Datum
  {
    let new = try StoredForm.load(cell.value, type)
    switch type.thawed {
    case .map(let key, _):
      guard case .map(let entries) = new else { return before }
      let known: [Datum.Entry] = if case .map(let entries) = before { entries } else { [] }
      return .map(known + entries, key)
    case .set(let element):
      guard case .list(let items) = new else { return before }
      let known: [Datum] = if case .list(let items) = before { items } else { [] }
      return .set(known + items, element)
    default:
      guard case .list(let items) = new else { return before }
      let known: [Datum] = if case .list(let items) = before { items } else { [] }
      return .list(cell.kind == .prepend ? items + known : known + items)
    }
  }

  private static func removed(_ before: Datum, _ cell: ChangeRows.CellChange, _ type: CQLType)
    throws(CQLError) -> Datum
  {
    switch type.thawed {
    case .map(let key, _):
      guard case .map(let entries) = before,
        case .list(let gone) = try StoredForm.load(cell.value, .set(key))
      else { return before }
      return .map(
        entries.filter { entry in
          !gone.contains { Datum.compare($0, entry.key, key) == 0 }
        })
    case .set(let element), .list(let element):
      guard case .list(let items) = before,
        case .list(let gone) = try StoredForm.load(cell.value, type)
      else { return before }
      return .list(
        items.filter { item in !gone.contains { Datum.compare($0, item, element) == 0 } })
    default: return before
    }
  }

  private static func element(_ before: Datum, _ cell: ChangeRows.CellChange, _ type: CQLType)
    throws(CQLError) -> Datum
  {
    switch type.thawed {
    case .map(let keyType, let valueType):
      let key = try StoredForm.load(cell.key, keyType)
      let value = try StoredForm.load(cell.value, valueType)
      let known: [Datum.Entry] = if case .map(let entries) = before { entries } else { [] }
      if value.isNull {
        return .map(known.filter { Datum.compare($0.key, key, keyType) != 0 })
      }
      return .map(known + [Datum.Entry(key: key, value: value)], keyType)
    case .list(let elementType):
      guard case .int(let place) = cell.key, case .list(var items) = before,
        items.indices.contains(Int(place))
      else {
        let count = if case .list(let items) = before { items.count } else { 0 }
        guard count > 0 else {
          throw .invalid("Attempted to set an element on a list which is null")
        }
        throw .invalid("List index \(cell.key) out of bound, list has size \(count)")
      }
      let value = try StoredForm.load(cell.value, elementType)
      if value.isNull { items.remove(at: Int(place)) } else { items[Int(place)] = value }
      return .list(items)
    case .user(_, _, let fields):
      guard case .int(let place) = cell.key, fields.indices.contains(Int(place)) else {
        return before
      }
      var items: [Datum] =
        if case .list(let known) = before { known } else { fields.map { _ in .null } }
      items[Int(place)] = try StoredForm.load(cell.value, fields[Int(place)].type)
      return .list(items)
    case .set(let elementType):
      guard case .list(let items) = before else { return before }
      let gone = try StoredForm.load(cell.key, elementType)
      return .list(items.filter { Datum.compare($0, gone, elementType) != 0 })
    default: return before
    }
  }
}
