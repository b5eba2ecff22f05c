import Base
import Node
import SQL
import Types

/// Which index a SELECT goes by, and whether the rest of WHERE may be looked at row by row.
extension StatementRunner {
  func chooseIndex(_ select: Select, _ bound: inout BoundSelect) throws(CQLError) {
    guard let stored = bound.table.stored, bound.restrictions.needsFiltering else { return }
    let isScan = bound.restrictions.partitions == nil
    var hasIndex = false
    var others = 0
    for filter in bound.restrictions.filters {
      guard !hasIndex, let use = try indexUse(filter, bound.table, stored) else {
        others += 1
        continue
      }
      hasIndex = true
      // Within a partition its rows are as near.
      if isScan { bound.index = use }
    }
    // A slice of the clustering columns that a tuple makes is found by the keys.
    let tuples = isScan ? bound.restrictions.tupleFilters.count : 0
    guard others + tuples == 0 || select.allowsFiltering else {
      throw .invalid(
        "Cannot execute this query as it might involve data filtering and thus may have unpredictable performance. If you want to execute this query despite the performance unpredictability, use ALLOW FILTERING"
      )
    }
  }

  /// Nil: no index finds what passes the filter.
  private func indexUse(
    _ filter: Restrictions.Filter, _ table: CQLTable, _ stored: CQLTable.Stored
  ) throws(CQLError) -> ReadRows.IndexUse? {
    let column = table.columns[filter.column]
    let isStatic = column.kind == .static
    guard let rows = isStatic ? stored.statics : stored.rows, let wanted = filter.values.first,
      !wanted.isNull
    else { return nil }
    let now = Timestamp(rawValue: shard.wallNanoseconds())
    let number: Int?
    let value: Value
    switch filter.comparison {
    case .equal where filter.element == nil:
      number = rows.index(on: column.slot, at: now)
      value = try column.store(wanted)
    case .equal:
      guard let key = filter.element, case .map(let keyType, let valueType) = column.type.thawed
      else { return nil }
      number = rows.index(ofElements: .entries, on: column.slot, at: now)
      let text = try StoredForm.keyText(key, keyType)
      value = .jsonb(.array([.string(text), try StoredForm.json(wanted, valueType)]))
    case .contains:
      number = rows.index(ofElements: .values, on: column.slot, at: now)
      let type = column.type.elements
      value =
        column.type.sqlType.isArray
        ? try StoredForm.store(wanted, type) : .jsonb(try StoredForm.json(wanted, type))
    case .containsKey:
      guard case .map(let keyType, _) = column.type.thawed else { return nil }
      number = rows.index(ofElements: .keys, on: column.slot, at: now)
      value = .jsonb(.string(try StoredForm.keyText(wanted, keyType)))
    default: return nil
    }
    return number.map { ReadRows.IndexUse(number: $0, value: value, isStatic: isStatic) }
  }
}

extension CQLType {
  /// Of what CONTAINS looks for.
  fileprivate var elements: CQLType {
    switch thawed {
    case .list(let element), .set(let element), .map(_, let element): element
    default: self
    }
  }
}
