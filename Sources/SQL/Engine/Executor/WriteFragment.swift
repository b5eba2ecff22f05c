import Base
import Catalog
import Functions
import Node
import Types

/// One row to write on a tablet.
enum RowOperation: Sendable {
  case insert([Value])
  /// The old row as the statement's snapshot has it, and the new one with the same primary key.
  case update(old: [Value], new: [Value])
  case delete([Value])
  /// ON CONFLICT DO UPDATE of the row with this primary key: it was found through a global index.
  case resolveConflict(key: [UInt8], proposed: [Value])
}

/// What INSERT does with a row whose key exists.
struct ConflictRule: Sendable {
  /// Which indexes arbitrate, nil in the list: the primary key; an empty list: all.
  var arbiters: [Int?]
  /// Nil: DO NOTHING. Assignments see the existing row, then the proposed one behind it.
  var update: [ColumnAssignment]?
  var filter: TypedExpression?

  static var secondTime: SQLError {
    SQLError(
      .cardinalityViolation,
      "ON CONFLICT DO UPDATE command cannot affect row a second time",
      hint:
        "Ensure that no rows proposed for insertion within the same command have duplicate constrained values."
    )
  }

  func covers(_ index: Int?) -> Bool {
    arbiters.isEmpty || arbiters.contains { $0 == index }
  }
}

struct ColumnAssignment: Sendable {
  var position: Int
  var expression: TypedExpression
}

/// What became of a row.
enum RowOutcome: Sendable {
  case inserted([Value])
  case updated(old: [Value], new: [Value])
  case deleted([Value])
  case skipped
}

/// Writes rows and their local index entries on one tablet, all or nothing.
struct WriteFragment: Procedure {
  static let name = "write"
  var layout: StoredTable
  var constraints: RowConstraints
  var operations: [RowOperation]
  var conflict: ConflictRule?
  var environment: EvaluationEnvironment

  func run(_ transaction: TabletTransaction) throws(ProcedureError) -> [RowOutcome] {
    var outcomes: [RowOutcome] = []
    outcomes.reserveCapacity(operations.count)
    var writer = RowWriter(layout: layout, environment: environment)
    var touched: Set<[UInt8]> = []
    for operation in operations {
      switch operation {
      case .insert(let row):
        outcomes.append(try insert(row, &writer, &touched, transaction))
      case .update(let old, let new):
        try writer.update(old: old, new: new, transaction)
        outcomes.append(.updated(old: old, new: new))
      case .delete(let row):
        try writer.delete(row, transaction)
        outcomes.append(.deleted(row))
      case .resolveConflict(let key, let proposed):
        outcomes.append(try resolve(key, proposed, &writer, transaction))
      }
    }
    return outcomes
  }

  private func insert(
    _ row: [Value], _ writer: inout RowWriter, _ touched: inout Set<[UInt8]>,
    _ transaction: TabletTransaction
  ) throws(ProcedureError) -> RowOutcome {
    let key = layout.key(of: row)
    guard let conflict else {
      if let taken = try writer.insertNew(row, key, transaction) {
        throw .user(layout.duplicate(taken.index, row, &writer.environment))
      }
      return .inserted(row)
    }
    guard let collision = try writer.collision(row, key, transaction) else {
      try writer.insert(row, key, transaction)
      if conflict.update != nil { touched.insert(key) }
      return .inserted(row)
    }
    guard conflict.covers(collision.index) else {
      throw .user(layout.duplicate(collision.index, row, &writer.environment))
    }
    if conflict.update == nil { return .skipped }
    guard touched.insert(collision.primaryKey).inserted else {
      throw .user(ConflictRule.secondTime)
    }
    return try resolve(collision.primaryKey, row, &writer, transaction)
  }

  /// DO UPDATE. A row that the snapshot does not show yet restarts the statement.
  private func resolve(
    _ key: [UInt8], _ proposed: [Value], _ writer: inout RowWriter,
    _ transaction: TabletTransaction
  ) throws(ProcedureError) -> RowOutcome {
    guard let conflict, let assignments = conflict.update else { return .skipped }
    let request = LockRequest(space: layout.keyspace, key: key, mode: .noKeyUpdate)
    _ = try transaction.lock(request, wait: .wait)
    guard let bytes = try transaction.get(layout.keyspace, key) else { throw .conflict }
    let old = try asProcedure { () throws(SQLError) in
      try layout.decode(bytes, at: transaction.snapshot)
    }
    let both = old + proposed
    let new: [Value]? = try asProcedure { () throws(SQLError) in
      if let filter = conflict.filter,
        try filter.evaluate(both, &writer.environment) != .bool(true)
      {
        return nil
      }
      var new = old
      for assignment in assignments {
        new[assignment.position] = try assignment.expression.evaluate(both, &writer.environment)
      }
      try constraints.complete(&new, &writer.environment)
      return new
    }
    guard let new else { return .skipped }
    guard layout.key(of: new) == key else {
      throw .user(
        SQLError(
          .featureNotSupported, "ON CONFLICT DO UPDATE cannot change the primary key"))
    }
    try writer.update(old: old, new: new, transaction)
    return .updated(old: old, new: new)
  }
}

/// Puts rows and local index entries of one table. Used inside a procedure only.
struct RowWriter {
  let layout: StoredTable
  var environment: EvaluationEnvironment
  /// False: the rows bring their cells' times along.
  var stampsCells = true

  struct Collision {
    /// Nil: the primary key.
    var index: Int?
    var primaryKey: [UInt8]
  }

  /// The first unique key of the row that is taken, by the newest state.
  mutating func collision(
    _ row: [Value], _ key: [UInt8], _ transaction: TabletTransaction
  ) throws(ProcedureError) -> Collision? {
    if try transaction.latest(layout.keyspace, key) != nil {
      return Collision(index: nil, primaryKey: key)
    }
    return try indexCollision(row, transaction)
  }

  private mutating func indexCollision(
    _ row: [Value], _ transaction: TabletTransaction
  ) throws(ProcedureError) -> Collision? {
    for index in layout.indexes.indices {
      let descriptor = layout.indexes[index].descriptor
      guard descriptor.isUnique, descriptor.placement == .local, descriptor.state != .deleteOnly
      else { continue }
      let entry = try asProcedure { () throws(SQLError) in
        try layout.entry(index, of: row, &environment)
      }
      guard let entry, entry.isExclusive else { continue }
      if let value = try transaction.latest(descriptor.keyspace, entry.key) {
        return Collision(index: index, primaryKey: value)
      }
    }
    return nil
  }

  /// Inserts the row unless one of its unique keys is taken, which is returned; the caller gives up the
  /// call then, since the row may have been written.
  mutating func insertNew(
    _ row: [Value], _ key: [UInt8], _ transaction: TabletTransaction
  ) throws(ProcedureError) -> Collision? {
    try layout.redisRows?.insert(row, transaction)
    let row = try stamped(nil, row, transaction)
    guard
      try transaction.insert(
        layout.keyspace, key, layout.encode(row), expires: layout.expires(row))
    else { return Collision(index: nil, primaryKey: key) }
    if layout.indexes.isEmpty { return nil }
    if let taken = try indexCollision(row, transaction) { return taken }
    try insertEntries(row, transaction)
    return nil
  }

  mutating func insert(
    _ row: [Value], _ key: [UInt8], _ transaction: TabletTransaction
  ) throws(ProcedureError) {
    try layout.redisRows?.insert(row, transaction)
    let row = try stamped(nil, row, transaction)
    try transaction.put(layout.keyspace, key, layout.encode(row), expires: layout.expires(row))
    try insertEntries(row, transaction)
  }

  private mutating func insertEntries(
    _ row: [Value], _ transaction: TabletTransaction
  ) throws(ProcedureError) {
    for index in layout.indexes.indices where !layout.indexes[index].isGlobal {
      try putEntries(index, row, transaction)
    }
  }

  mutating func delete(_ row: [Value], _ transaction: TabletTransaction) throws(ProcedureError) {
    try layout.redisRows?.delete(row, transaction)
    if stampsCells { try layout.cells?.noteDeletion(of: row, layout, transaction) }
    try transaction.delete(layout.keyspace, layout.key(of: row))
    for index in layout.indexes.indices where !layout.indexes[index].isGlobal {
      let entries = try asProcedure { () throws(SQLError) in
        try layout.entries(index, of: row, &environment)
      }
      for entry in entries { try remove(index, entry, transaction) }
    }
  }

  /// The primary key must be the same in both.
  mutating func update(old: [Value], new: [Value], _ transaction: TabletTransaction)
    throws(ProcedureError)
  {
    try layout.redisRows?.update(old, new, transaction)
    let new = try stamped(old, new, transaction)
    try transaction.put(
      layout.keyspace, layout.key(of: new), layout.encode(new), expires: layout.expires(new))
    for index in layout.indexes.indices where !layout.indexes[index].isGlobal {
      let entries = try asProcedure { () throws(SQLError) in
        (
          try layout.entries(index, of: old, &environment),
          try layout.entries(index, of: new, &environment)
        )
      }
      if entries.0 == entries.1 { continue }
      for before in entries.0 where !entries.1.contains(before) {
        try remove(index, before, transaction)
      }
      for after in entries.1 where !entries.0.contains(after) {
        try add(index, after, of: new, transaction)
      }
    }
  }

  private mutating func add(
    _ index: Int, _ entry: IndexEntry, of row: [Value], _ transaction: TabletTransaction
  ) throws(ProcedureError) {
    let descriptor = layout.indexes[index].descriptor
    if descriptor.state == .deleteOnly { return }
    if entry.isExclusive, try transaction.latest(descriptor.keyspace, entry.key) != nil {
      throw .user(layout.duplicate(index, row, &environment))
    }
    try write(index, entry, transaction)
  }

  private func stamped(_ old: [Value]?, _ new: [Value], _ transaction: TabletTransaction)
    throws(ProcedureError) -> [Value]
  {
    guard stampsCells, let cells = layout.cells else { return new }
    return try cells.stamped(old, new, layout, transaction)
  }

  private mutating func putEntries(_ index: Int, _ row: [Value], _ transaction: TabletTransaction)
    throws(ProcedureError)
  {
    let entries = try asProcedure { () throws(SQLError) in
      try layout.entries(index, of: row, &environment)
    }
    for entry in entries { try write(index, entry, transaction) }
  }

  /// The row has been written, so that nobody else changes its entries.
  private func remove(_ index: Int, _ entry: IndexEntry, _ transaction: TabletTransaction)
    throws(ProcedureError)
  {
    let descriptor = layout.indexes[index].descriptor
    if descriptor.isReadable(at: transaction.snapshot) {
      return try transaction.delete(descriptor.keyspace, entry.key)
    }
    try transaction.deleteEntry(descriptor.keyspace, entry.key, holding: entry.value)
  }

  private func write(_ index: Int, _ entry: IndexEntry, _ transaction: TabletTransaction)
    throws(ProcedureError)
  {
    // The first step of building an index: others do not know of it yet.
    if layout.indexes[index].descriptor.state == .deleteOnly { return }
    try transaction.put(layout.indexes[index].descriptor.keyspace, entry.key, entry.value)
  }
}

/// Claims and gives up entries of a global index, on the tablet of the entries.
struct IndexEntryFragment: Procedure {
  static let name = "index entries"
  struct Change: Sendable {
    var entry: IndexEntry
    var isRemoval: Bool
  }
  var index: IndexDescriptor
  var changes: [Change]

  /// For each change: the primary key that holds the entry already, nil when the change was made.
  func run(_ transaction: TabletTransaction) throws(ProcedureError) -> [[UInt8]?] {
    var holders: [[UInt8]?] = []
    let space = index.keyspace
    let isReadable = index.isReadable(at: transaction.snapshot)
    for change in changes {
      if change.isRemoval {
        if isReadable {
          try transaction.delete(space, change.entry.key)
        } else {
          try transaction.deleteEntry(space, change.entry.key, holding: change.entry.value)
        }
        holders.append(nil)
        continue
      }
      if index.state == .deleteOnly {
        holders.append(nil)
        continue
      }
      if change.entry.isExclusive, let holder = try transaction.latest(space, change.entry.key) {
        holders.append(holder)
        continue
      }
      try transaction.put(space, change.entry.key, change.entry.value)
      holders.append(nil)
    }
    return holders
  }
}

/// Reads entries of a global unique index: the primary keys, nil where there is no entry.
struct IndexLookupFragment: Procedure {
  static let name = "index lookup"
  var index: IndexDescriptor
  var keys: [[UInt8]]

  func run(_ transaction: TabletTransaction) throws(ProcedureError) -> [[UInt8]?] {
    let isReadable = index.isReadable(at: transaction.snapshot)
    var found: [[UInt8]?] = []
    for key in keys {
      let value =
        isReadable
        ? try transaction.get(index.keyspace, key) : try transaction.latest(index.keyspace, key)
      found.append(value)
    }
    return found
  }
}

/// Locks parents of a foreign key; false for those that are not there.
struct ParentLockFragment: Procedure {
  static let name = "foreign key parents"
  var layout: StoredTable
  /// Nil: by primary key.
  var index: Int?
  var keys: [[UInt8]]

  func run(_ transaction: TabletTransaction) throws(ProcedureError) -> [Bool] {
    var found: [Bool] = []
    for key in keys {
      var primary = key
      if let index {
        let space = layout.indexes[index].descriptor.keyspace
        guard let value = try transaction.latest(space, key) else {
          found.append(false)
          continue
        }
        primary = value
      }
      guard try transaction.latest(layout.keyspace, primary) != nil else {
        found.append(false)
        continue
      }
      // The key is what the child depends on: a newer version of the row's other columns would
      // restart the statement, which then sees it.
      let request = LockRequest(space: layout.keyspace, key: primary, mode: .keyShare)
      _ = try transaction.lock(request, wait: .wait)
      found.append(true)
    }
    return found
  }
}
