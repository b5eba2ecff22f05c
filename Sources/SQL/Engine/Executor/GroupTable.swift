import Functions
import Types

/// Hash aggregation of one fragment or of the coordinator. Groups come in the order of their first
/// row.
struct GroupTable {
  private let aggregation: PartialAggregation
  private var places: [[Value]: Int] = [:]
  private var keys: [[Value]] = []
  private var states: [[any AggregateState]] = []
  private var seen: [[Set<[Value]>]] = []
  private var ordered: [[[(key: [Value], arguments: [Value])]]] = []
  /// An estimate, for the statement's limit.
  private(set) var bytes = 0

  init(_ aggregation: PartialAggregation) { self.aggregation = aggregation }

  var count: Int { keys.count }

  private mutating func place(of key: [Value]) -> Int {
    if let place = places[key] { return place }
    places[key] = keys.count
    keys.append(key)
    states.append(aggregation.aggregates.map { $0.descriptor.makeState() })
    seen.append(aggregation.aggregates.map { _ in [] })
    ordered.append(aggregation.aggregates.map { _ in [] })
    bytes += 96 + key.count * 32 + aggregation.aggregates.count * 64
    return keys.count - 1
  }

  /// Without GROUP BY there is one group even of no row.
  mutating func ensureOneGroup() {
    if keys.isEmpty { _ = place(of: aggregation.groups.map { _ in .null }) }
  }

  mutating func add(_ row: [Value], _ environment: inout EvaluationEnvironment) throws(SQLError) {
    let key = try TypedExpression.evaluate(aggregation.groups, row, &environment)
    try add(row, key: key, &environment)
  }

  mutating func add(_ row: [Value], key: [Value], _ environment: inout EvaluationEnvironment)
    throws(SQLError)
  {
    let place = place(of: key)
    for (index, aggregate) in aggregation.aggregates.enumerated() {
      if let filter = aggregate.filter, try filter.evaluate(row, &environment) != .bool(true) {
        continue
      }
      let arguments = try TypedExpression.evaluate(aggregate.arguments, row, &environment)
      if aggregate.isDistinct {
        if !seen[place][index].insert(arguments).inserted { continue }
        bytes += 64
      }
      if aggregate.order.isEmpty {
        try states[place][index].accumulate(arguments, &environment.context)
      } else {
        let order = try TypedExpression.evaluate(
          aggregate.order.map(\.expression), row, &environment)
        ordered[place][index].append((order, arguments))
        bytes += 64
      }
    }
  }

  /// Takes in a row that a fragment's `partials` gave.
  mutating func combine(_ row: [Value], _ environment: inout EvaluationEnvironment)
    throws(SQLError)
  {
    let width = aggregation.groups.count
    let place = place(of: Array(row[..<width]))
    var offset = width
    for (index, aggregate) in aggregation.aggregates.enumerated() {
      let size = aggregate.descriptor.partialTypes.count
      try states[place][index].combine(
        Array(row[offset..<offset + size]), &environment.context)
      offset += size
    }
  }

  func partials() throws(SQLError) -> [[Value]] {
    var rows: [[Value]] = []
    for place in keys.indices {
      var row = keys[place]
      for state in states[place] { row.append(contentsOf: try state.partial()) }
      rows.append(row)
    }
    return rows
  }

  /// Group values, then results.
  mutating func finish(_ environment: inout EvaluationEnvironment) throws(SQLError) -> [[Value]] {
    var rows: [[Value]] = []
    for place in keys.indices {
      var row = keys[place]
      for (index, aggregate) in aggregation.aggregates.enumerated() {
        if !aggregate.order.isEmpty {
          let comparator = RowOrder(aggregate.order)
          ordered[place][index].sort { comparator.compare($0.key, $1.key) < 0 }
          for item in ordered[place][index] {
            try states[place][index].accumulate(item.arguments, &environment.context)
          }
        }
        row.append(try states[place][index].finish(&environment.context))
      }
      rows.append(row)
    }
    return rows
  }
}

/// The order of sort keys' values.
struct RowOrder: Sendable {
  struct Part: Sendable {
    var type: SQLType
    var isDescending: Bool
    var nullsFirst: Bool
  }
  var parts: [Part]

  init(_ keys: [BoundSortKey]) {
    parts = keys.map {
      Part(type: $0.expression.type, isDescending: $0.isDescending, nullsFirst: $0.nullsFirst)
    }
  }

  func compare(_ a: [Value], _ b: [Value]) -> Int {
    for (index, part) in parts.enumerated() {
      let left = a[index]
      let right = b[index]
      if left.isNull || right.isNull {
        if left.isNull && right.isNull { continue }
        return left.isNull == part.nullsFirst ? -1 : 1
      }
      let order = Value.compare(left, right, as: part.type)
      if order != 0 { return part.isDescending ? -order : order }
    }
    return 0
  }
}
