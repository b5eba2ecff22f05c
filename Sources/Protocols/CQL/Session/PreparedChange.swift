import Base
import Catalog
import Node
import SQL
import Types

/// A prepared INSERT, UPDATE or DELETE of one row by its whole key, whose values are markers or constants, as most
/// writes of most programs are: where each value goes is known, so that nothing of the statement is looked at when
/// it is executed. Lives on: its shard, for one version of the catalog.
final class PreparedChange {
  let table: CQLTable
  let rows: TableRows
  private let kind: ChangeRows.Change.Kind
  /// How many markers the statement has: each has its place below.
  private let markerCount: Int
  /// Of the primary key, in its order.
  private let key: [Place]
  private let cells: [Place]
  private let timestamp: Source?
  private let timeToLive: Source?
  /// The table's time to live.
  private let usualSeconds: Int64?
  private let hasTimes: Bool
  /// PostgreSQL's letters of what the role must be allowed to.
  private let privileges: String
  private var access = KnownAccess()
  /// Nil: the row is more than the values' bytes.
  private(set) var wireRow: WireRow?

  /// Where a value comes from.
  enum Source {
    case marker(Int)
    case fixed(Value)
  }

  struct Place {
    var column: CQLColumn
    var source: Source
    /// Of a counter: what is added to it, or taken from it.
    var step: Step?
    enum Step { case add, subtract }
  }

  /// Nil: the statement is anything else. `markerCount`: of the whole statement.
  init?(_ statement: Statement, _ table: CQLTable, markerCount: Int, _ runner: StatementRunner) {
    guard case .modify(let modification) = statement, !modification.condition.isConditional,
      modification.using.timeout == nil, let stored = table.stored, !table.hasStatics,
      stored.refusal == nil, stored.viewOf == nil, !stored.hasViews,
      !SystemTables.keyspaces.contains(table.keyspace)
    else { return nil }
    var reader = PreparedChangeReader(table: table, runner: runner)
    guard reader.read(modification), reader.markers.count == markerCount,
      reader.markers == Set(0..<markerCount)
    else { return nil }
    self.table = table
    rows = stored.rows
    kind = reader.kind
    self.markerCount = markerCount
    key = reader.key
    cells = reader.cells
    timestamp = reader.timestamp
    timeToLive = reader.timeToLive
    hasTimes = table.hasTimes
    let usual = TableOptions.defaultTimeToLive(of: stored.descriptor)
    usualSeconds = usual > 0 ? usual : nil
    privileges = reader.privileges
    wireRow = WireRow(table, rows, reader, usualSeconds: usualSeconds, markerCount: markerCount)
  }

  /// Whether the role may do it, by the catalog that the statement was prepared with.
  func allows(_ role: ObjectID, by newest: () -> CatalogSnapshot) -> Bool {
    access.allows(role) {
      let catalog = newest()
      guard let role = catalog.role(role), let stored = table.stored else { return false }
      return privileges.allSatisfy {
        Privileges.has(
          $0, role, owner: stored.descriptor.owner, grants: stored.descriptor.grants, catalog)
      }
    }
  }

  /// What errors call it.
  var writeType: String { table.isCounter ? "COUNTER" : "SIMPLE" }

  func bucket(of change: ChangeRows.Change) -> Bucket {
    table.partitionCount == change.key.count
      ? rows.bucket(change.key) : rows.bucket(Array(change.key.prefix(table.partitionCount)))
  }

  /// Nil: the write has to go the usual way, which also says what is wrong with values.
  /// `timestamp`: the client's.
  func change(_ values: [BoundValue], timestamp: Int64?) -> ChangeRows.Change? {
    guard values.count == markerCount else { return nil }
    let made = Result<ChangeRows.Change?, CQLError> { () throws(CQLError) in
      try self.made(values, timestamp)
    }
    return if case .success(let change) = made { change } else { nil }
  }

  private func made(_ values: [BoundValue], _ clientTimestamp: Int64?) throws(CQLError)
    -> ChangeRows.Change?
  {
    var change = ChangeRows.Change(table: 0, kind: kind, key: [])
    change.key.reserveCapacity(key.count)
    for place in key {
      switch place.source {
      case .fixed(let value): change.key.append(value)
      case .marker(let marker):
        guard case .bytes(let bytes) = values[marker], !bytes.isEmpty else {
          return nil
        }
        let datum = try ValueCodec.decode(bytes, place.column.type)
        change.key.append(try place.column.store(datum))
      }
    }
    try KeyLength.check(change.key, table)
    guard readUsing(values, clientTimestamp, &change) else { return nil }
    change.cells.reserveCapacity(cells.count)
    for place in cells {
      switch place.source {
      case .fixed(let value): change.cells.append(place.change(value))
      case .marker(let marker):
        let datum: Datum
        switch values[marker] {
        case .unset: continue
        case .null: datum = .null
        case .bytes(let bytes):
          if bytes.isEmpty { return nil }
          datum = try ValueCodec.decode(bytes, place.column.type)
        }
        if place.step != nil, datum.isNull { return nil }
        change.cells.append(
          place.change(try ModificationPlanner.assigned(datum, place.column)))
      }
    }
    return change
  }

  /// What the statement, the client and the table say of its times; false: something is wrong with it.
  private func readUsing(
    _ values: [BoundValue], _ clientTimestamp: Int64?, _ change: inout ChangeRows.Change
  ) -> Bool {
    guard hasTimes else { return timestamp == nil && timeToLive == nil }
    change.written = clientTimestamp
    change.seconds = usualSeconds
    if let timestamp {
      switch Given(timestamp, values, .bigint) {
      case .unset: break
      case .number(let number) where number > .min: change.written = number
      default: return false
      }
    }
    if let timeToLive {
      switch Given(timeToLive, values, .int) {
      case .unset: break
      case .null: change.seconds = nil
      case .number(let number) where (0...TimeToLive.secondsMax).contains(number):
        change.seconds = number == 0 ? nil : number
      default: return false
      }
    }
    return true
  }

  /// What USING is given.
  private enum Given {
    case unset, null, wrong
    case number(Int64)

    init(_ source: Source, _ values: [BoundValue], _ type: CQLType) {
      switch source {
      case .fixed(.int(let number)): self = .number(number)
      case .fixed: self = .wrong
      case .marker(let marker):
        switch values[marker] {
        case .unset: self = .unset
        case .null: self = .null
        case .bytes(let bytes):
          let datum = Result<Datum, CQLError> { () throws(CQLError) in
            try ValueCodec.decode(bytes, type)
          }
          guard !bytes.isEmpty, case .success(let found) = datum, let number = found.int else {
            self = .wrong
            return
          }
          self = .number(number)
        }
      }
    }
  }

  /// Nil: the write has to be looked at whole.
  func planned(_ runner: StatementRunner) throws(CQLError) -> PlannedChanges? {
    var planned = PlannedChanges()
    guard try add(runner.parameters.values, runner.parameters, runner, to: &planned) else {
      return nil
    }
    planned.writeType = writeType
    return planned
  }

  /// The same among others: a batch's values are each statement's, its other parameters are all of theirs.
  func add(
    _ values: [BoundValue], _ parameters: QueryParameters, _ runner: StatementRunner,
    to planned: inout PlannedChanges
  ) throws(CQLError) -> Bool {
    guard parameters.names.isEmpty,
      var change = change(values, timestamp: parameters.timestamp)
    else { return false }
    if !runner.role.isSuperuser {
      for letter in privileges { try runner.require(letter, table) }
    }
    change.table = planned.table(rows)
    planned.changes.append((bucket(of: change), change))
    return true
  }
}

extension PreparedChange.Place {
  fileprivate func change(_ value: Value) -> ChangeRows.CellChange {
    switch (step, value) {
    case (.add, _): .init(position: column.slot, kind: .increment, value: value)
    case (.subtract, .int(let number)):
      .init(position: column.slot, kind: .increment, value: .int(0 &- number))
    default: .init(position: column.slot, kind: .assign, value: value)
    }
  }
}

/// Who may run a prepared statement, as far as it was asked: for one version of the catalog.
struct KnownAccess {
  private var role: ObjectID?

  mutating func allows(_ asked: ObjectID, by looking: () -> Bool) -> Bool {
    if role == asked { return true }
    guard looking() else { return false }
    role = asked
    return true
  }
}
