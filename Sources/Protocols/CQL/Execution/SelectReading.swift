import Base
import Catalog
import Node
import SQL
import Types

/// The rows of a SELECT, tablet by tablet and batch by batch.
struct SelectReading {
  let runner: StatementRunner
  let bound: BoundSelect
  var state = PagingState()
  private(set) var isDone = false
  /// Of the rows that have been given, about.
  private var bytes = 0
  /// A page ends when it has so many, whatever its rows are.
  private static let pageBytesMax = 8 << 20
  /// More than that no statement holds.
  private static let bytesMax = 512 << 20
  private var known: [(partition: [Value], ranges: [ReadRows.Range])]?
  private var virtualRows: [SelectedRow]?

  init(runner: StatementRunner, bound: BoundSelect) {
    self.runner = runner
    self.bound = bound
  }

  /// At most so many; fewer at the end, and of a page (`isPage`) where the rows are large. `isDone` then
  /// says whether there may be more.
  mutating func next(_ count: Int, isPage: Bool = false) async throws(CQLError) -> [SelectedRow] {
    if bound.restrictions.isEmpty || state.remaining == 0 {
      isDone = true
      return []
    }
    let wanted = min(count, state.remaining ?? .max)
    var rows: [SelectedRow] = []
    if bound.table.virtual != nil {
      rows = try await virtual(wanted)
    } else {
      while rows.count < wanted, !isDone, !isPage || bytes < Self.pageBytesMax {
        try await step(wanted - rows.count, &rows)
        guard bytes <= Self.bytesMax else {
          throw CQLError(
            .overloaded, "The rows take more than \(Self.bytesMax >> 20) MiB: read pages")
        }
      }
    }
    if let remaining = state.remaining {
      state.remaining = remaining - rows.count
      if state.remaining == 0 { isDone = true }
    }
    return rows
  }

  /// What is given with a page. Behind a full one a client may ask for more, and finds nothing where it was the
  /// last: in Cassandra only a page that is not full, or LIMIT, says that there is no more.
  func pagingState(isFull: Bool) -> [UInt8]? {
    if !isDone { return state.bytes }
    guard isFull, state.remaining != 0 else { return nil }
    var end = state
    end.remaining = 0
    return end.bytes
  }

  // MARK: Tables

  private mutating func step(_ wanted: Int, _ rows: inout [SelectedRow]) async throws(CQLError) {
    guard let stored = bound.table.stored else {
      isDone = true
      return
    }
    var request = request(stored, wanted)
    let bucket: Bucket
    if bound.restrictions.partitions != nil {
      if known == nil { known = try partitions(stored) }
      guard let known, state.place < known.count else {
        isDone = true
        return
      }
      request.ranges =
        bound.isReverse ? known[state.place].ranges.reversed() : known[state.place].ranges
      bucket = stored.rows.bucket(known[state.place].partition)
      runner.notes?.concerns(bucket)
    } else {
      bucket = try startOfScan(of: stored.descriptor.tier)
    }
    let output = try await runner.read(request, bucket: bucket)
    let full = rows.count + wanted
    for (place, row) in output.rows.enumerated() {
      try take(row, stored, &rows)
      guard rows.count == full, place < output.rows.count - 1 else { continue }
      state.resume = .init(range: row.range, key: row.key)
      return
    }
    state.resume = output.resume
    if output.resume != nil { return }
    if bound.restrictions.partitions != nil {
      state.place += 1
      if state.place >= known?.count ?? 0 { isDone = true }
    } else {
      state.place = state.last + 1
      if state.place <= state.floorLast { state.resume = .init(range: 0, key: state.floor) }
      if state.place >= endOfScan { isDone = true }
    }
  }

  private func request(_ stored: CQLTable.Stored, _ wanted: Int) -> ReadRows {
    let needsStatics = bound.table.hasStatics
    let table = bound.table
    var positions: [Int] = []
    var staticPositions: [Int] = []
    for column in table.columns {
      if column.kind == .static {
        staticPositions.append(column.slot)
      } else {
        positions.append(column.slot)
      }
    }
    // What is filtered here may let few rows pass: more are asked for.
    let isFiltered = bound.restrictions.needsFiltering || bound.restrictions.tokens != nil
    let limit = isFiltered ? ReadRows.visitedMax : wanted
    return ReadRows(
      table: stored.rows, statics: needsStatics ? stored.statics : nil, positions: positions,
      staticPositions: staticPositions, ranges: [.init(lower: [], upper: nil, isWhole: true)],
      isReverse: bound.isReverse, limit: limit,
      perPartition: bound.isDistinct
        ? 1 : isFiltered || bound.groupBy != nil ? nil : bound.perPartition,
      resume: state.resume, index: bound.index)
  }

  private func partitions(_ stored: CQLTable.Stored) throws(CQLError) -> [(
    partition: [Value], ranges: [ReadRows.Range]
  )] {
    var list: [(partition: [Value], ranges: [ReadRows.Range])] = []
    for (partition, range) in try bound.restrictions.ranges(bound.table, stored.rows) {
      if let last = list.last, last.partition == partition {
        list[list.count - 1].ranges.append(range)
      } else {
        list.append((partition, [range]))
      }
    }
    return list
  }

  private func bucketNumber(_ token: Int64) -> Int {
    Int(DistributionHash.bucket(token: token).slot)
  }

  private var endOfScan: Int {
    bound.restrictions.tokens.map { bucketNumber($0.upperBound) + 1 } ?? Bucket.count
  }

  /// The tablet that the scan is at: it may be another one than when the page before was read, where it
  /// has been split; then its rows up to `resume` are passed over.
  private mutating func startOfScan(of tier: TierID) throws(CQLError) -> Bucket {
    if state.place == 0, let tokens = bound.restrictions.tokens {
      state.place = bucketNumber(tokens.lowerBound)
    }
    guard state.place < Bucket.count else {
      throw .violation("Invalid value for the paging state")
    }
    let place = state.place
    let next = runner.shard.firstBuckets(of: tier).first { Int($0.slot) > place }
    let last = next.map { Int($0.slot) - 1 } ?? Bucket.count - 1
    if let resume = state.resume, last < state.last {
      state.floor = resume.key
      state.floorLast = state.last
    }
    state.last = last
    return Bucket(tier: tier, slot: UInt16(place))
  }

  private mutating func take(
    _ row: ReadRows.Row, _ stored: CQLTable.Stored, _ rows: inout [SelectedRow]
  ) throws(CQLError) {
    let selected = try selected(row, stored)
    if let tokens = bound.restrictions.tokens {
      var key: [Value] = []
      for (datum, column) in zip(selected.columns, bound.table.partitionColumns) {
        key.append(try column.store(datum))
      }
      guard tokens.contains(stored.rows.token(key)) else { return }
    }
    if bound.restrictions.needsFiltering, !bound.restrictions.passes(selected.columns, bound.table)
    {
      return
    }
    let most = bound.isDistinct ? 1 : bound.groupBy == nil ? bound.perPartition : nil
    if row.partition == state.partition {
      if let most, state.given >= most { return }
      state.given += 1
    } else {
      state.partition = row.partition
      state.given = 1
    }
    rows.append(selected)
    bytes += TableRows.size(of: row.values) + TableRows.size(of: row.statics)
  }

  private func selected(_ row: ReadRows.Row, _ stored: CQLTable.Stored) throws(CQLError)
    -> SelectedRow
  {
    let table = bound.table
    var result = SelectedRow(columns: [], partition: row.partition)
    result.columns.reserveCapacity(table.columns.count)
    let isAlone = row.values.isEmpty
    let staticCount = table.columns.count { $0.kind == .static }
    var (next, nextStatic) = (0, 0)
    for (place, column) in table.columns.enumerated() {
      var value = Value.null
      if column.kind == .static {
        if !row.statics.isEmpty { value = row.statics[nextStatic] }
        nextStatic += 1
      } else if isAlone {
        if column.kind == .partitionKey { value = row.statics[staticCount + place] }
      } else {
        value = row.values[next]
        next += 1
      }
      result.columns.append(try StoredForm.load(value, column.type))
    }
    if stored.rows.timesPosition != nil, !isAlone, let last = row.values.last {
      result.times = try times(last)
    }
    if stored.statics?.timesPosition != nil, !row.statics.isEmpty, !isAlone,
      let last = row.statics.last
    {
      result.staticTimes = try times(last)
    }
    return result
  }

  private func times(_ value: Value) throws(CQLError) -> CellTimes {
    do throws(DecodingFault) {
      return try CellTimes(value)
    } catch {
      throw CQLError(.server, "the times of a row's cells cannot be read: \(error)")
    }
  }

  // MARK: Virtual tables

  private mutating func virtual(_ wanted: Int) async throws(CQLError) -> [SelectedRow] {
    if virtualRows == nil {
      guard let make = bound.table.virtual else { return [] }
      let rows = await make(await runner.state.systemContext(runner.catalog))
      virtualRows = rows.map { SelectedRow(columns: $0, partition: []) }.filter {
        bound.restrictions.passes($0.columns, bound.table)
      }
    }
    // Pages of what is made up begin where the one before ended.
    let all = virtualRows ?? []
    let rows = Array(all.dropFirst(state.place).prefix(wanted))
    state.place += rows.count
    isDone = state.place >= all.count
    return rows
  }
}
