import Base
import Catalog
import Functions
import Node
import Types

/// Keys of one keyspace. A point has one key; unique lookups use it.
struct KeyRange: Sendable, Hashable {
  var lower: [UInt8]
  var upper: [UInt8]?
  var isPoint = false
  static let all = KeyRange(lower: [], upper: nil)
}

/// Which rows of a tablet to visit, and how.
struct ScanAccess: Sendable {
  /// A secondary index by its place in the layout; nil: the rows' own keyspace.
  var index: Int?
  var ranges: [KeyRange] = [.all]
  var isReverse = false
}

/// Where a scan that was cut goes on.
struct ScanResume: Sendable {
  var range: Int
  var key: [UInt8]
}

struct ScanOutput: Sendable {
  var rows: [[Value]] = []
  /// Nil: the tablet has no more.
  var resume: ScanResume?
}

/// Aggregation next to the data: group values, then each aggregate's partial values.
struct PartialAggregation: Sendable {
  var groups: [TypedExpression]
  var aggregates: [BoundAggregate]
}

/// Scan, filter, lock, project or aggregate on one tablet, a bounded number of rows per call.
struct ScanFragment: Procedure {
  static let name = "scan"
  /// So many rows are visited by one call, so that the shard serves others in between.
  static let visitedMax = 16_384

  var layout: StoredTable
  var access: ScanAccess
  /// Over the whole row.
  var filter: TypedExpression?
  /// Positions of the row that are given out.
  var projection: [Int]
  var environment: EvaluationEnvironment
  var lock: RowLock?
  var isReadOnly: Bool { lock == nil }
  var limit: Int
  var resume: ScanResume?
  var aggregation: PartialAggregation?

  func run(_ transaction: TabletTransaction) throws(ProcedureError) -> ScanOutput {
    var output = ScanOutput()
    var environment = environment
    var groups = aggregation.map { GroupTable($0) }
    var visitor = RowVisitor(
      layout: layout, access: access, filter: filter, visitedMax: Self.visitedMax, resume: resume)
    try visitor.run(transaction, &environment) {
      (key, row, environment) throws(ProcedureError) in
      if let lock {
        let request = LockRequest(space: layout.keyspace, key: key, mode: lock.mode)
        guard try transaction.lock(request, wait: lock.wait) else { return true }
      }
      if groups != nil {
        try asProcedure { () throws(SQLError) in try groups?.add(row, &environment) }
        return true
      }
      output.rows.append(projection.map { row[$0] })
      return output.rows.count < limit
    }
    if let groups { output.rows = try asProcedure { () throws(SQLError) in try groups.partials() } }
    output.resume = visitor.resumePoint
    return output
  }
}

struct RowLock: Sendable {
  var mode: LockMode
  var wait: LockWait
}

/// Visits the rows of an access path in its order: shared by reads and by mutations in place.
struct RowVisitor {
  let layout: StoredTable
  let access: ScanAccess
  let filter: TypedExpression?
  let visitedMax: Int
  var resume: ScanResume?
  /// Set when the visit stopped before the end.
  private(set) var resumePoint: ScanResume?

  init(
    layout: StoredTable, access: ScanAccess, filter: TypedExpression?, visitedMax: Int,
    resume: ScanResume?
  ) {
    self.layout = layout
    self.access = access
    self.filter = filter
    self.visitedMax = visitedMax
    self.resume = resume
  }

  typealias Body = (
    _ key: [UInt8], _ row: [Value], _ environment: inout EvaluationEnvironment
  ) throws(ProcedureError) -> Bool

  mutating func run(
    _ transaction: TabletTransaction, _ environment: inout EvaluationEnvironment, _ body: Body
  ) throws(ProcedureError) {
    var visited = 0
    for place in (resume?.range ?? 0)..<max(access.ranges.count, resume?.range ?? 0) {
      var range = access.ranges[place]
      if let resume, resume.range == place {
        if access.isReverse { range.upper = resume.key } else { range.lower = resume.key + [0] }
      }
      var stopped: [UInt8]?
      if let index = access.index {
        stopped = try visitIndex(index, range, transaction, &environment, &visited, body)
      } else if range.isPoint {
        if let bytes = try transaction.get(layout.keyspace, range.lower) {
          let row = try asProcedure { () throws(SQLError) in
            try layout.decode(bytes, at: transaction.snapshot)
          }
          if try accepts(row, &environment), try !body(range.lower, row, &environment) {
            stopped = range.lower
          }
        }
      } else {
        stopped = try visitRows(range, transaction, &environment, &visited, body)
      }
      if let stopped {
        resumePoint = ScanResume(range: place, key: stopped)
        return
      }
    }
  }

  private func accepts(_ row: [Value], _ environment: inout EvaluationEnvironment)
    throws(ProcedureError) -> Bool
  {
    guard let filter else { return true }
    return try asProcedure { () throws(SQLError) in
      try filter.evaluate(row, &environment) == .bool(true)
    }
  }

  private func visitRows(
    _ range: KeyRange, _ transaction: TabletTransaction,
    _ environment: inout EvaluationEnvironment, _ visited: inout Int, _ body: Body
  ) throws(ProcedureError) -> [UInt8]? {
    var stopped: [UInt8]?
    var state = environment
    var count = visited
    try transaction.scan(
      layout.keyspace, lower: range.lower, upper: range.upper, reverse: access.isReverse
    ) { (key, value) throws(ProcedureError) in
      let row = try asProcedure { () throws(SQLError) in
        try layout.decode(value, at: transaction.snapshot)
      }
      count += 1
      var goesOn = true
      if try accepts(row, &state) { goesOn = try body(Array(key), row, &state) }
      if goesOn && count < visitedMax { return true }
      stopped = Array(key)
      return false
    }
    environment = state
    visited = count
    return stopped
  }

  private func visitIndex(
    _ index: Int, _ range: KeyRange, _ transaction: TabletTransaction,
    _ environment: inout EvaluationEnvironment, _ visited: inout Int, _ body: Body
  ) throws(ProcedureError) -> [UInt8]? {
    var stopped: [UInt8]?
    var state = environment
    var count = visited
    try transaction.scan(
      layout.indexes[index].descriptor.keyspace, lower: range.lower, upper: range.upper,
      reverse: access.isReverse
    ) { (key, value) throws(ProcedureError) in
      let primary = try asProcedure { () throws(SQLError) in
        try layout.primaryKey(ofEntry: key, value: value, index)
      }
      guard let bytes = try transaction.get(layout.keyspace, primary) else { return true }
      let row = try asProcedure { () throws(SQLError) in
        try layout.decode(bytes, at: transaction.snapshot)
      }
      count += 1
      var goesOn = true
      if try accepts(row, &state) { goesOn = try body(primary, row, &state) }
      if goesOn && count < visitedMax { return true }
      stopped = Array(key)
      return false
    }
    environment = state
    visited = count
    return stopped
  }
}
