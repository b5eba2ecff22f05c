import Base
import SQL
import Types

/// WHERE of a statement over one table: which partitions, which rows of them, what is left to look at in
/// each row.
struct Restrictions {
  /// A condition on one column that each row has to pass.
  struct Filter {
    var column: Int
    var comparison: Relation.Comparison
    var values: [Datum]
    /// Of a map's element.
    var element: Datum?
  }

  /// `(a, b) > (1, 2)`, where keys alone do not tell.
  struct TupleFilter {
    var columns: [Int]
    var comparison: Relation.Comparison
    /// One for each alternative of IN.
    var values: [[Datum]]
  }

  /// Nil: all partitions, or a range of their tokens.
  var partitions: [[Datum]]?
  /// Tokens that partitions must have, both included.
  var tokens: ClosedRange<Int64>?
  var isEmpty = false
  /// For each clustering column from the first on: the values that it may have.
  var clustering: [[Datum]] = []
  /// Of whole prefixes: `(a, b) IN ((1, 2), (3, 4))`.
  var prefixes: [[Datum]]?
  var lower: (value: Datum, isInclusive: Bool)?
  var upper: (value: Datum, isInclusive: Bool)?
  var filters: [Filter] = []
  var tupleFilters: [TupleFilter] = []
  /// A filter compares with null, which is refused where filters are allowed at all.
  var nullFault: CQLError?

  /// Something has to be looked at in each row.
  var needsFiltering: Bool { !filters.isEmpty || !tupleFilters.isEmpty }
  var hasPartitionIn: Bool { (partitions?.count ?? 0) > 1 }
}

extension Restrictions {
  /// Whether a row passes; `row` has a datum for each of the table's columns.
  func passes(_ row: [Datum], _ table: CQLTable) -> Bool {
    for filter in filters {
      var datum = row[filter.column]
      var type = table.columns[filter.column].type
      if let element = filter.element {
        guard case .map(let key, let value) = type.thawed else { return false }
        guard case .map(let entries) = datum,
          let found = entries.first(where: { Datum.compare($0.key, element, key) == 0 })
        else { return false }
        (datum, type) = (found.value, value)
      }
      if datum.isNull || filter.values.first?.isNull ?? false { return false }
      if filter.comparison == .isNotIn, filter.values.contains(where: \.isNull) { return false }
      guard Comparison.holds(datum, filter.comparison, filter.values, type) else { return false }
    }
    return tupleFilters.allSatisfy { filter in
      let parts = filter.columns.map { row[$0] }
      let type = CQLType.tuple(filter.columns.map { table.columns[$0].type })
      return Comparison.holds(
        .list(parts), filter.comparison, filter.values.map { .list($0) }, type)
    }
  }

  /// The ranges of primary keys, in order, where partitions are known: each with its partition.
  func ranges(_ table: CQLTable, _ rows: TableRows) throws(CQLError) -> [(
    partition: [Value], range: ReadRows.Range
  )] {
    var ranges: [(partition: [Value], range: ReadRows.Range)] = []
    for key in partitions ?? [] {
      var partition: [Value] = []
      for (datum, column) in zip(key, table.partitionColumns) {
        partition.append(try column.store(datum))
      }
      try KeyLength.check(partition, table)
      var found: [ReadRows.Range] = []
      for prefix in try clusteringPrefixes(table) {
        if let range = try range(partition + prefix, table, rows) { found.append(range) }
      }
      found.sort { $0.lower.lexicographicallyPrecedes($1.lower) }
      for range in found { ranges.append((partition, range)) }
    }
    return ranges
  }

  private func clusteringPrefixes(_ table: CQLTable) throws(CQLError) -> [[Value]] {
    let choices: [[Datum]]
    if let prefixes {
      choices = prefixes
    } else {
      var keys: [[Datum]] = [[]]
      for values in clustering {
        keys = keys.flatMap { key in values.map { key + [$0] } }
      }
      choices = keys
    }
    var stored: [[Value]] = []
    for choice in choices {
      var values: [Value] = []
      for (datum, column) in zip(choice, table.clusteringColumns) {
        values.append(try column.store(datum))
      }
      if !stored.contains(values) { stored.append(values) }
    }
    return stored
  }

  /// Nil: nothing can be in it.
  private func range(_ prefix: [Value], _ table: CQLTable, _ rows: TableRows) throws(CQLError)
    -> ReadRows.Range?
  {
    let start = rows.key(prefix)
    let whole = prefix.count == table.partitionCount && lower == nil && upper == nil
    var range = ReadRows.Range(lower: start, upper: start + [0xFF], isWhole: whole)
    guard lower != nil || upper != nil, prefix.count < table.partitionCount + table.clusteringCount
    else { return range }
    let column = table.columns[prefix.count]
    func key(_ datum: Datum) throws(CQLError) -> [UInt8] {
      rows.key(prefix + [try column.store(datum)])
    }
    // Descending columns lie the other way round.
    let first = column.isDescending ? upper : lower
    let last = column.isDescending ? lower : upper
    if let first {
      range.lower = try key(first.value) + (first.isInclusive ? [] : [0xFF])
    }
    if let last {
      range.upper = try key(last.value) + (last.isInclusive ? [0xFF] : [])
    }
    guard let upper = range.upper, range.lower.lexicographicallyPrecedes(upper) else { return nil }
    return range
  }
}
