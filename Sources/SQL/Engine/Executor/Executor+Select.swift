import Types

/// What the coordinator does with a SELECT's rows: group, filter groups, order, project, limit.
extension Executor {
  func evaluateAll(_ expressions: [BoundExpression], _ row: [Value]) throws(SQLError) -> [Value] {
    var values: [Value] = []
    values.reserveCapacity(expressions.count)
    for expression in expressions { values.append(try expression.evaluate(row, parameters)) }
    return values
  }

  func finish(_ plan: SelectPlan, _ input: [[Value]]) throws(SQLError) -> [[Value]] {
    var rows = plan.isGrouped ? try group(plan, input) : input
    if let having = plan.having {
      var kept: [[Value]] = []
      for row in rows where try having.isTrue(row, parameters) { kept.append(row) }
      rows = kept
    }
    var output: [(sort: [Value], row: [Value])] = []
    output.reserveCapacity(rows.count)
    for row in rows {
      let keys = try evaluateAll(plan.orderBy.map(\.expression), row)
      output.append((keys, try evaluateAll(plan.outputs, row)))
    }
    if plan.isDistinct {
      var seen: Set<[Value]> = []
      output = output.filter { seen.insert($0.row).inserted }
    }
    if !plan.orderBy.isEmpty {
      output.sort { isBefore($0.sort, $1.sort, plan.orderBy) }
    }
    let skipped = try plan.count(plan.offset, parameters, "OFFSET") ?? 0
    let taken = try plan.count(plan.limit, parameters, "LIMIT") ?? output.count
    return output.dropFirst(skipped).prefix(taken).map(\.row)
  }

  private func isBefore(_ a: [Value], _ b: [Value], _ keys: [OrderKey]) -> Bool {
    for (index, key) in keys.enumerated() {
      if a[index].isNull || b[index].isNull {
        if a[index].isNull == b[index].isNull { continue }
        return a[index].isNull == key.nullsFirst
      }
      let order = compare(a[index], b[index], as: key.type)
      if order != 0 { return (order < 0) != key.isDescending }
    }
    return false
  }

  /// One row per group, in the order in which the groups were first seen.
  private func group(_ plan: SelectPlan, _ rows: [[Value]]) throws(SQLError) -> [[Value]] {
    var places: [[Value]: Int] = [:]
    var groups: [(key: [Value], states: [Accumulator])] = []
    if plan.groupBy.isEmpty { groups.append(([], plan.aggregates.map(Accumulator.init))) }
    for row in rows {
      var place = 0
      if !plan.groupBy.isEmpty {
        let key = try evaluateAll(plan.groupBy, row)
        if let found = places[key] {
          place = found
        } else {
          place = groups.count
          places[key] = place
          groups.append((key, plan.aggregates.map(Accumulator.init)))
        }
      }
      for index in groups[place].states.indices {
        try groups[place].states[index].add(row, parameters)
      }
    }
    var output: [[Value]] = []
    for group in groups {
      var row = group.key
      for state in group.states { row.append(try state.result()) }
      output.append(row)
    }
    return output
  }
}

extension SelectPlan {
  /// The value of LIMIT or OFFSET; nil where there is none, or NULL.
  func count(_ expression: BoundExpression?, _ parameters: [Value], _ name: String)
    throws(SQLError) -> Int?
  {
    guard let expression, case .int(let number) = try expression.evaluate([], parameters) else {
      return nil
    }
    if number < 0 {
      throw SQLError(
        name == "LIMIT" ? "2201W" : "2201X", "\(name) must not be negative")
    }
    return Int(number)
  }

  /// How many rows are needed in all; nil: every one.
  func limitCount(_ parameters: [Value]) throws(SQLError) -> Int? {
    guard let limit = try count(limit, parameters, "LIMIT") else { return nil }
    let (sum, overflow) = limit.addingReportingOverflow(
      try count(offset, parameters, "OFFSET") ?? 0)
    return overflow ? nil : sum
  }
}
