import Base
import Catalog
import Node
import SQL
import Types

/// A SELECT, looked up in the catalog.
struct BoundSelect {
  var table: CQLTable
  var restrictions: Restrictions
  var selectors: [BoundSelector]
  /// All columns as they are.
  var isPlain: Bool
  /// Of the first columns of the primary key that rows are put together by.
  var groupBy: Int?
  var isDistinct: Bool
  var isReverse: Bool
  /// Clustering columns to sort by, where partitions are merged.
  var sort: [Int] = []
  var limit: Int?
  var perPartition: Int?
  var isJSON: Bool
  var index: ReadRows.IndexUse?

  var isAggregate: Bool { groupBy == nil && selectors.contains { $0.isAggregate } }

  var resultColumns: [ResultColumn] {
    if isJSON {
      return [
        ResultColumn(keyspace: table.keyspace, table: table.name, name: "[json]", type: .text)
      ]
    }
    return selectors.map {
      ResultColumn(keyspace: table.keyspace, table: table.name, name: $0.name, type: $0.type)
    }
  }
}

extension StatementRunner {
  func bind(_ select: Select, _ values: [BoundValue]) throws(CQLError) -> BoundSelect {
    let table = try table(select.table)
    try require("r", table)
    let arguments = arguments(values)
    let binder = SelectorBinder(table: table, arguments: arguments)
    var selectors: [BoundSelector] = []
    if select.items.isEmpty {
      selectors = table.columns.indices.map { binder.column($0) }
    } else {
      for item in select.items { selectors.append(try binder.bind(item)) }
    }
    var reader = RestrictionReader(table, arguments)
    let restrictions = try reader.read(select.relations)
    if table.stored?.descriptor.options[ViewOptions.building] != nil {
      throw CQLError(.server, "Materialized view \(table.name) is still being built")
    }
    if table.keyspace == TraceTables.keyspace, restrictions.partitions == nil, !role.isSuperuser {
      // Statements of others are in it; whoever has traced one knows its id.
      throw CQLError(
        .unauthorized, "Only superusers read \(table.keyspace).\(table.name) without a session_id")
    }
    var bound = BoundSelect(
      table: table, restrictions: restrictions, selectors: selectors,
      isPlain: select.items.isEmpty, groupBy: nil, isDistinct: select.isDistinct,
      isReverse: false, isJSON: select.isJSON)
    bound.limit = try limit(select.limit, "[limit]", table, arguments)
    bound.perPartition = try limit(
      select.perPartitionLimit, "[per_partition_limit]", table, arguments)
    try groups(of: select, &bound)
    try distinct(select, bound)
    try order(select, &bound)
    if markers == nil { try chooseIndex(select, &bound) }
    if let fault = restrictions.nullFault { throw fault }
    return bound
  }

  private func limit(_ term: Term?, _ name: String, _ table: CQLTable, _ arguments: Arguments)
    throws(CQLError) -> Int?
  {
    guard let term, let value = try arguments.value(term, Receiver(name, .int, of: table)) else {
      return nil
    }
    guard let number = value.int else {
      if markers != nil { return nil }
      throw .invalid("Invalid null value of limit")
    }
    guard number > 0 else {
      throw .invalid(
        "\(name == "[limit]" ? "LIMIT" : "PER PARTITION LIMIT") must be strictly positive")
    }
    return Int(number)
  }

  private func groups(of select: Select, _ bound: inout BoundSelect) throws(CQLError) {
    if select.groupBy.isEmpty {
      if bound.isAggregate, bound.perPartition != nil {
        throw .invalid("PER PARTITION LIMIT is not allowed with aggregate queries.")
      }
      return
    }
    let fixed = Set(
      select.relations.compactMap { relation -> String? in
        guard relation.comparison == .equal, case .column(let name) = relation.target else {
          return nil
        }
        return name
      })
    var next = 0
    for name in select.groupBy {
      let column = try bound.table.column(name)
      // Columns that have one value only may be left out.
      while next < column, fixed.contains(bound.table.columns[next].name) { next += 1 }
      guard column == next, column < bound.table.partitionCount + bound.table.clusteringCount else {
        throw .invalid(
          "Group by currently only support groups of columns following their declared order in the PRIMARY KEY (got \(name))"
        )
      }
      next += 1
    }
    guard next >= bound.table.partitionCount else {
      throw .invalid("Group by is not supported on only a part of the partition key")
    }
    if select.isDistinct, next > bound.table.partitionCount {
      throw .invalid("Grouping on clustering columns is not allowed for SELECT DISTINCT queries")
    }
    bound.groupBy = next
  }

  private func distinct(_ select: Select, _ bound: BoundSelect) throws(CQLError) {
    guard select.isDistinct else { return }
    if bound.perPartition != nil {
      throw .invalid("PER PARTITION LIMIT is not allowed with SELECT DISTINCT queries")
    }
    for name in select.items.flatMap({ $0.selector.columns }) {
      let kind = bound.table.columns[try bound.table.column(name)].kind
      guard kind == .partitionKey || kind == .static else {
        throw .invalid(
          "SELECT DISTINCT queries must only request partition key columns and/or static columns (not "
            + "\(name))")
      }
    }
    guard !select.items.isEmpty else {
      throw .invalid(
        "SELECT DISTINCT queries must only request partition key columns and/or static columns")
    }
  }

  private func order(_ select: Select, _ bound: inout BoundSelect) throws(CQLError) {
    if select.order.isEmpty { return }
    let table = bound.table
    guard bound.restrictions.partitions != nil else {
      throw .invalid(
        "ORDER BY is only supported when the partition key is restricted by an EQ or an IN.")
    }
    var isReverse: Bool?
    for (place, order) in select.order.enumerated() {
      let column = try table.column(order.column)
      guard table.columns[column].kind == .clustering else {
        throw .invalid(
          "Order by is currently only supported on the clustered columns of the PRIMARY KEY, got "
            + order.column)
      }
      guard column == table.partitionCount + place else {
        throw .invalid(
          "Order by currently only supports the ordering of columns following their declared order in the PRIMARY KEY"
        )
      }
      let reversed = table.columns[column].isDescending != order.isDescending
      guard isReverse.map({ $0 == reversed }) ?? true else {
        throw .invalid("Unsupported order by relation")
      }
      isReverse = reversed
    }
    bound.isReverse = isReverse ?? false
    if bound.restrictions.hasPartitionIn {
      guard parameters.pageSize ?? 0 <= 0 else {
        throw .invalid(
          "Cannot page queries with both ORDER BY and a IN restriction on the partition key; you must either remove the ORDER BY or the IN and sort client side, or disable paging for this query"
        )
      }
      bound.sort = Array(table.partitionCount..<table.partitionCount + select.order.count)
    }
  }

  // MARK: Running

  func run(_ select: Select, _ values: [BoundValue]) async throws(CQLError) -> StatementResult {
    let bound = try bind(select, values)
    let arguments = arguments(values)
    let page = parameters.pageSize.flatMap { $0 > 0 ? $0 : nil }
    var reading = SelectReading(runner: self, bound: bound)
    if let bytes = parameters.pagingState {
      reading.state = try PagingState(bytes)
    } else {
      reading.state.remaining = bound.isAggregate || bound.groupBy != nil ? nil : bound.limit
    }
    let evaluator = SelectorEvaluator(table: bound.table, arguments: arguments)
    if bound.isAggregate || bound.groupBy != nil || !bound.sort.isEmpty {
      return try await runWhole(bound, &reading, evaluator)
    }
    let rows = try await reading.next(page ?? .max, isPage: page != nil)
    var results: [[Datum]] = []
    results.reserveCapacity(rows.count)
    for row in rows { results.append(try values0(bound, row, evaluator)) }
    return .rows(
      ResultRows(
        bound.resultColumns, try json(bound, results),
        pagingState: reading.pagingState(isFull: rows.count == page)))
  }

  private func values0(_ bound: BoundSelect, _ row: SelectedRow, _ evaluator: SelectorEvaluator)
    throws(CQLError) -> [Datum]
  {
    if bound.isPlain { return row.columns }
    var values: [Datum] = []
    values.reserveCapacity(bound.selectors.count)
    for selector in bound.selectors { values.append(try evaluator.value(selector, row)) }
    return values
  }

  /// What has to see all rows before it gives one.
  private func runWhole(
    _ bound: BoundSelect, _ reading: inout SelectReading, _ evaluator: SelectorEvaluator
  ) async throws(CQLError) -> StatementResult {
    var rows: [SelectedRow] = []
    while !reading.isDone {
      rows += try await reading.next(ReadRows.visitedMax)
      guard rows.count <= Self.rowsInMemoryMax else {
        throw CQLError(.overloaded, "More than \(Self.rowsInMemoryMax) rows to be put together")
      }
    }
    var results: [[Datum]] = []
    if !bound.sort.isEmpty {
      rows.sort { a, b in
        for place in bound.sort {
          let column = bound.table.columns[place]
          let order = Datum.compare(a.columns[place], b.columns[place], column.type)
          if order != 0 { return (order < 0) != (column.isDescending != bound.isReverse) }
        }
        return false
      }
      if let limit = bound.limit { rows = Array(rows.prefix(limit)) }
    }
    if !bound.isAggregate && bound.groupBy == nil {
      for row in rows { results.append(try values0(bound, row, evaluator)) }
    } else {
      for group in limited(groups(rows, bound), bound).prefix(bound.limit ?? .max) {
        var values: [Datum] = []
        for selector in bound.selectors {
          values.append(try evaluator.value(selector, group: group))
        }
        results.append(values)
      }
    }
    return .rows(ResultRows(bound.resultColumns, try json(bound, results)))
  }

  static let rowsInMemoryMax = 2_000_000

  /// Rows with equal values of the columns of GROUP BY, which lie together.
  private func groups(_ rows: [SelectedRow], _ bound: BoundSelect) -> [[SelectedRow]] {
    guard let count = bound.groupBy else { return [rows] }
    var groups: [[SelectedRow]] = []
    for row in rows {
      let isSame =
        groups.last?.first.map { first in
          (0..<count).allSatisfy { first.columns[$0] == row.columns[$0] }
        } ?? false
      if isSame { groups[groups.count - 1].append(row) } else { groups.append([row]) }
    }
    return groups
  }

  /// PER PARTITION LIMIT counts groups.
  private func limited(_ groups: [[SelectedRow]], _ bound: BoundSelect) -> [[SelectedRow]] {
    guard let most = bound.perPartition, bound.groupBy != nil else { return groups }
    var partition: [UInt8]?
    var count = 0
    return groups.filter { group in
      let own = group.first?.partition
      count = own == partition ? count + 1 : 1
      partition = own
      return count <= most
    }
  }

  private func json(_ bound: BoundSelect, _ rows: [[Datum]]) throws(CQLError) -> [[Datum]] {
    guard bound.isJSON else { return rows }
    var texts: [[Datum]] = []
    for row in rows {
      var parts: [String] = []
      for (selector, datum) in zip(bound.selectors, row) {
        let name =
          selector.name == selector.name.lowercased() ? selector.name : "\"\(selector.name)\""
        parts.append(
          JSONValue.string(name).description + ": "
            + (try StoredForm.jsonText(datum, selector.type)))
      }
      texts.append([.text("{" + parts.joined(separator: ", ") + "}")])
    }
    return texts
  }
}
