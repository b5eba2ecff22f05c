import Base
import Catalog
import Functions
import Node
import Types

/// What one batch of a tablet gave.
struct BackfillOutput: Sendable {
  struct Item: Sendable {
    var entry: IndexEntry
    var row: [Value]
    var key: [UInt8]
  }
  /// For a global index: entries to be put on their own tablets, while the rows are locked.
  var items: [Item] = []
  /// Primary keys of rows that others are changing: each has its turn alone.
  var busy: [[UInt8]] = []
  /// A row whose unique key another row has.
  var duplicate: [Value]?
  /// Where the next batch begins; nil: the tablet has no more.
  var next: [UInt8]?
}

/// Adds the entries of rows that are there to an index that writers maintain already. A row is
/// locked (SHARE) and is what its newest version says, so that its entry neither comes too late for
/// a writer that takes it away nor overwrites what one did. Rows that somebody has locked are left
/// out: a batch waits for nobody.
struct BackfillFragment: Procedure {
  static let name = "index backfill"
  static let rowsMax = 256
  static let bytesMax = 256 << 10

  var layout: StoredTable
  var index: Int
  /// Rows from this primary key on.
  var lower: [UInt8] = []
  /// Set: this row only, waiting for its lock.
  var only: [UInt8]?
  var environment: EvaluationEnvironment

  func run(_ transaction: TabletTransaction) throws(ProcedureError) -> BackfillOutput {
    var output = BackfillOutput()
    var rows: [(key: [UInt8], row: [Value])] = []
    if let only {
      let request = LockRequest(space: layout.keyspace, key: only, mode: .share)
      _ = try transaction.lock(request, wait: .wait)
      guard let bytes = try transaction.get(layout.keyspace, only) else { return output }
      rows.append((only, try asProcedure { () throws(SQLError) in try layout.decode(bytes) }))
    } else {
      var bytes = 0
      try transaction.scan(layout.keyspace, lower: lower, upper: nil, reverse: false) {
        (key, value) throws(ProcedureError) in
        if rows.count == Self.rowsMax || bytes > Self.bytesMax {
          output.next = Array(key)
          return false
        }
        rows.append(
          (Array(key), try asProcedure { () throws(SQLError) in try layout.decode(value) }))
        bytes += key.count + value.count
        return true
      }
    }
    var scope = environment
    var bytes = 0
    for (key, row) in rows {
      if bytes > Self.bytesMax {
        output.next = key
        break
      }
      if only == nil {
        let request = LockRequest(space: layout.keyspace, key: key, mode: .share)
        guard try transaction.lock(request, wait: .skipLocked) else {
          output.busy.append(key)
          continue
        }
      }
      let entries = try asProcedure { () throws(SQLError) in
        try layout.entries(index, of: row, &scope)
      }
      bytes += entries.reduce(0) { $0 + $1.key.count + $1.value.count }
      if layout.indexes[index].isGlobal {
        output.items += entries.map { .init(entry: $0, row: row, key: key) }
        continue
      }
      guard try put(entries, key, row, &output, transaction) else { return output }
    }
    return output
  }

  /// False: another row has the key of one of them. A row of which one is busy comes again, with all.
  private func put(
    _ entries: [IndexEntry], _ key: [UInt8], _ row: [Value], _ output: inout BackfillOutput,
    _ transaction: TabletTransaction
  ) throws(ProcedureError) -> Bool {
    for entry in entries {
      switch try BackfillEntry.put(entry, layout.indexes[index].descriptor, transaction) {
      case .done: break
      case .busy:
        output.busy.append(key)
        return true
      case .duplicate:
        output.duplicate = row
        return false
      }
    }
    return true
  }
}

/// One entry of a row that is locked.
enum BackfillEntry: Sendable {
  case done
  /// Somebody has an uncommitted entry with the same key: to be tried again, without the row's lock,
  /// since they may want it.
  case busy
  case duplicate

  static func put(_ entry: IndexEntry, _ index: IndexDescriptor, _ transaction: TabletTransaction)
    throws(ProcedureError) -> BackfillEntry
  {
    do throws(ProcedureError) {
      if let holder = try transaction.latest(index.keyspace, entry.key) {
        return !entry.isExclusive || holder == entry.value ? .done : .duplicate
      }
      try transaction.put(index.keyspace, entry.key, entry.value)
      return .done
    } catch {
      if case .blocked = error { return .busy }
      throw error
    }
  }
}

/// The entries of a global index, on their tablet.
struct BackfillEntriesFragment: Procedure {
  static let name = "index backfill entries"
  var index: IndexDescriptor
  var entries: [IndexEntry]

  func run(_ transaction: TabletTransaction) throws(ProcedureError) -> [BackfillEntry] {
    var results: [BackfillEntry] = []
    for entry in entries { results.append(try BackfillEntry.put(entry, index, transaction)) }
    return results
  }
}

/// The first key of a keyspace on the tablet; nil: it has none.
struct FirstKeyFragment: Procedure {
  static let name = "first key"
  var space: KeyspaceID

  func run(_ transaction: TabletTransaction) throws(ProcedureError) -> [UInt8]? {
    var first: [UInt8]?
    try transaction.scan(space, lower: [], upper: nil, reverse: false) { key, _ in
      first = Array(key)
      return false
    }
    return first
  }
}
