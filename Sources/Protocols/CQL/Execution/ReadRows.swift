import Base
import Catalog
import Node
import SQL
import Types

/// Rows of one tablet, by ranges of their primary keys, in the order of the keys or backwards: a
/// bounded number for each call, so that the shard serves others in between.
struct ReadRows: Procedure {
  static let name = "cql read"
  static let visitedMax = 4_096
  static let bytesMax = 4 << 20

  struct Range: Sendable, Hashable {
    var lower: [UInt8]
    var upper: [UInt8]?
    /// The range has all rows of its partitions: one that has static columns and no rows counts too.
    var isWhole = false
  }

  struct Output: WireCodable {
    var rows: [Row] = []
    /// The last key that was looked at; nil: the ranges are done.
    var resume: Resume?
  }

  struct Row: Sendable {
    /// Where a reading that ends with this row goes on.
    var key: [UInt8]
    var range: Int
    /// At `positions`, then the times where they were asked for; empty: static columns alone.
    var values: [Value]
    var statics: [Value]
    var partition: [UInt8]
  }

  struct Resume: Sendable, Hashable {
    var range: Int
    var key: [UInt8]
  }

  var table: TableRows
  var statics: TableRows?
  /// Of the table's row and of the static one, which rise.
  var positions: [Int]
  var staticPositions: [Int]
  var ranges: [Range]
  var isReverse = false
  /// Rows that are wanted at most.
  var limit: Int
  /// Of each partition.
  var perPartition: Int?
  var resume: Resume?
  /// A local index and the value that is looked for, instead of the ranges.
  var index: IndexUse?

  struct IndexUse: Sendable {
    var number: Int
    var value: Value
    /// Of the table of static columns: it names partitions.
    var isStatic = false
  }

  /// Partitions of a whole table need their static rows found too.
  var isReadOnly: Bool { true }

  func run(_ transaction: TabletTransaction) throws(ProcedureError) -> Output {
    var reading = Reading(request: self, transaction: transaction)
    if let index, index.isStatic {
      try reading.readPartitions(index)
    } else if let index {
      try reading.read(index)
    } else {
      for place in (resume?.range ?? 0)..<max(ranges.count, resume?.range ?? 0) {
        var range = ranges[place]
        if let resume, resume.range == place {
          if isReverse { range.upper = resume.key } else { range.lower = resume.key + [0] }
        }
        if try !reading.read(range, place) { break }
      }
    }
    return reading.output
  }

  /// One call under way.
  struct Reading {
    let request: ReadRows
    let transaction: TabletTransaction
    var output = Output()
    var visited = 0
    var bytes = 0
    private var partition: [UInt8]?
    private var statics: [Value] = []
    private var inPartition = 0
    /// The last row that was given before.
    var resumed: [UInt8]?
    /// Of an index of static columns: where a reading goes on has it too.
    var entry: [UInt8]?

    init(request: ReadRows, transaction: TabletTransaction) {
      self.request = request
      self.transaction = transaction
      resumed = request.resume?.key
    }

    /// Where to go on behind a row.
    private func place(_ key: [UInt8]) -> [UInt8] {
      entry.map { PartitionPlace(entry: $0, row: key).bytes } ?? key
    }

    var table: TableRows { request.table }

    /// False: the call has done enough.
    mutating func read(_ range: Range, _ place: Int) throws(ProcedureError) -> Bool {
      // What clients give back as the place to go on from may be anything.
      if let upper = range.upper, !range.lower.lexicographicallyPrecedes(upper) { return true }
      var stopped: [UInt8]?
      var found: [(key: [UInt8], row: [Value])] = []
      let seconds = Int64(transaction.snapshot.rawValue / 1_000_000_000)
      var count = visited
      var size = bytes
      let room = request.limit == .max ? Int.max : request.limit - output.rows.count
      try transaction.scan(
        table.keyspace, lower: range.lower, upper: range.upper, reverse: request.isReverse
      ) { (key, value) throws(ProcedureError) in
        found.append((Array(key), try visible(try table.decode(value), seconds)))
        count += 1
        size += value.count
        guard
          count >= ReadRows.visitedMax || size >= ReadRows.bytesMax
            || request.perPartition == nil && found.count >= room
        else { return true }
        stopped = Array(key)
        return false
      }
      visited = count
      bytes = size
      let alone =
        range.isWhole && request.statics != nil
        ? try staticRows(range, until: stopped, besides: found) : []
      try give(found, alone, place)
      if let stopped {
        if output.resume == nil { output.resume = Resume(range: place, key: self.place(stopped)) }
        return false
      }
      return output.resume == nil
    }

    /// Partitions that have static columns and no rows here.
    private func staticRows(
      _ range: Range, until stopped: [UInt8]?, besides found: [(key: [UInt8], row: [Value])]
    ) throws(ProcedureError) -> [(key: [UInt8], row: [Value])] {
      guard let statics = request.statics else { return [] }
      var lower = range.lower
      var upper = range.upper
      if let stopped {
        if request.isReverse { lower = stopped } else { upper = stopped + [0] }
      }
      let seconds = Int64(transaction.snapshot.rawValue / 1_000_000_000)
      var alone: [(key: [UInt8], row: [Value])] = []
      let partitions = Set(try found.map { (key, row) throws(ProcedureError) in partitionKey(row) })
      // A page may have ended within the partition: then it has rows.
      let resumed = resumed
      try transaction.scan(statics.keyspace, lower: lower, upper: upper, reverse: request.isReverse)
      { (key, value) throws(ProcedureError) in
        let key = Array(key)
        if partitions.contains(key) || resumed.map({ $0.starts(with: key) }) ?? false {
          return true
        }
        let row = try Self.hide(try statics.decode(value), statics, seconds)
        let isEmpty = statics.cellPositions.allSatisfy { row[$0].isNull }
        if !isEmpty || statics.timesPosition == nil { alone.append((key, row)) }
        return true
      }
      return alone
    }

    private func partitionKey(_ row: [Value]) -> [UInt8] {
      guard let statics = request.statics else {
        return table.key(table.keyPositions.prefix(table.distributionCount).map { row[$0] })
      }
      let count = statics.keyPositions.count
      return table.key(table.keyPositions.prefix(count).map { row[$0] })
    }

    /// Both kinds in the order of their keys, up to the limits.
    private mutating func give(
      _ rows: [(key: [UInt8], row: [Value])], _ alone: [(key: [UInt8], row: [Value])], _ place: Int
    ) throws(ProcedureError) {
      var rest = alone[...]
      func precedes(_ a: [UInt8], _ b: [UInt8]) -> Bool {
        request.isReverse ? b.lexicographicallyPrecedes(a) : a.lexicographicallyPrecedes(b)
      }
      for (key, row) in rows {
        while let next = rest.first, precedes(next.key, key) {
          rest.removeFirst()
          guard try add(next, isAlone: true, place) else { return }
        }
        guard try add((key, row), isAlone: false, place) else { return }
      }
      for next in rest { guard try add(next, isAlone: true, place) else { return } }
    }

    mutating func add(
      _ item: (key: [UInt8], row: [Value]), isAlone: Bool, _ place: Int
    ) throws(ProcedureError) -> Bool {
      let partition = isAlone ? item.key : partitionKey(item.row)
      if partition != self.partition {
        self.partition = partition
        inPartition = 0
        statics = isAlone ? item.row : try staticRow(partition)
      }
      inPartition += 1
      if let most = request.perPartition, inPartition > most { return true }
      var row = Row(
        key: self.place(item.key), range: place, values: [], statics: [], partition: partition)
      if !isAlone {
        row.values = request.positions.map { item.row[$0] }
        if let times = table.timesPosition { row.values.append(item.row[times]) }
      }
      if let staticTable = request.statics, !statics.isEmpty {
        row.statics = request.staticPositions.map { statics[$0] }
        if isAlone {
          row.statics += staticTable.keyPositions.map { statics[$0] }
        }
        if let times = staticTable.timesPosition, !isAlone { row.statics.append(statics[times]) }
      }
      output.rows.append(row)
      guard output.rows.count >= request.limit else { return true }
      output.resume = Resume(range: place, key: self.place(item.key))
      return false
    }

    /// Empty where the partition has none.
    private func staticRow(_ partition: [UInt8]) throws(ProcedureError) -> [Value] {
      guard let statics = request.statics,
        let bytes = try transaction.get(statics.keyspace, partition)
      else { return [] }
      let seconds = Int64(transaction.snapshot.rawValue / 1_000_000_000)
      return try Self.hide(try statics.decode(bytes), statics, seconds)
    }

    func visible(_ row: [Value], _ seconds: Int64) throws(ProcedureError) -> [Value] {
      try Self.hide(row, table, seconds)
    }

    /// Cells that have expired are null.
    private static func hide(_ row: [Value], _ table: TableRows, _ seconds: Int64)
      throws(ProcedureError) -> [Value]
    {
      guard let times = try table.times(of: row) else { return row }
      var row = row
      for (position, cell) in times.cells
      where position < row.count && cell.hasExpired(at: seconds) {
        row[position] = .null
      }
      return row
    }

    mutating func read(_ index: IndexUse) throws(ProcedureError) {
      let prefix = table.indexPrefix(index.number, index.value)
      let lower = request.resume.map { $0.key + [0] } ?? prefix
      guard lower.lexicographicallyPrecedes(prefix + [0xFF]) else { return }
      var keys: [(entry: [UInt8], primary: [UInt8])] = []
      var stopped = false
      try transaction.scan(
        table.indexKeyspace(index.number), lower: lower, upper: prefix + [0xFF], reverse: false
      ) { (key, value) throws(ProcedureError) in
        keys.append(
          (Array(key), try table.primaryKey(ofEntry: key, value: value, index.number)))
        stopped = keys.count >= min(request.limit, ReadRows.visitedMax)
        return !stopped
      }
      let seconds = Int64(transaction.snapshot.rawValue / 1_000_000_000)
      for (entry, primary) in keys {
        guard let bytes = try transaction.get(table.keyspace, primary) else { continue }
        let row = try visible(try table.decode(bytes), seconds)
        _ = try add((entry, row), isAlone: false, 0)
      }
      output.resume = stopped ? keys.last.map { Resume(range: 0, key: $0.entry) } : nil
    }
  }
}

extension TableRows {
  /// How many of the key's columns are the partition's.
  var distributionCount: Int {
    guard case .murmur3(let columns) = table.distribution else { return 0 }
    return columns.count
  }
}
