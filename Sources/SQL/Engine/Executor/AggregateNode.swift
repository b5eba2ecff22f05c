import Base
import Functions
import Node
import Types

/// Grouping: output is the group expressions, then the aggregates, then (with grouping sets) the
/// bit mask that GROUPING() reads.
final class AggregateNode: PlanNode {
  let input: PlanNode
  let aggregation: PartialAggregation
  /// Places of group expressions in each set; nil: plain GROUP BY of all of them.
  let groupingSets: [[Int]]?
  /// The input is rows of `PartialAggregation.partials`.
  let combinesPartials: Bool

  init(
    _ input: PlanNode, aggregation: PartialAggregation, groupingSets: [[Int]]?,
    combinesPartials: Bool, output: [PlanVariable]
  ) {
    self.input = input
    self.aggregation = aggregation
    self.groupingSets = groupingSets
    self.combinesPartials = combinesPartials
    super.init(output: output)
    estimatedRows = aggregation.groups.isEmpty ? 1 : max(1, input.estimatedRows / 10)
  }
  override var children: [PlanNode] { [input] }
  override var title: String {
    let kind = combinesPartials ? "Finalize " : ""
    if groupingSets != nil { return kind + "MixedAggregate" }
    return kind + (aggregation.groups.isEmpty ? "Aggregate" : "HashAggregate")
  }
  override var properties: [String] {
    if aggregation.groups.isEmpty { return [] }
    let printer = ExpressionPrinter(input.output)
    return ["Group Key: " + aggregation.groups.map(printer.text).joined(separator: ", ")]
  }

  override func open(_ execution: Execution, _ environment: EvaluationEnvironment) -> RowSource {
    let evaluator = RowEvaluator(externals, execution, environment)
    var results: [[Value]]?
    var place = 0
    return GeneratedSource { [self] () async throws(KernelError) in
      if results == nil { results = try await aggregate(execution, evaluator, environment) }
      guard let rows = results, place < rows.count else { return nil }
      let end = min(rows.count, place + ScanNode.batchRows)
      defer { place = end }
      return Array(rows[place..<end])
    }
  }

  private func aggregate(
    _ execution: Execution, _ evaluator: RowEvaluator, _ environment: EvaluationEnvironment
  ) async throws(KernelError) -> [[Value]] {
    let sets = groupingSets ?? [Array(aggregation.groups.indices)]
    var tables = sets.map { _ in GroupTable(aggregation) }
    let source = input.start(execution, environment)
    var charged = 0
    while let batch = try await source.next() {
      for row in batch {
        if combinesPartials {
          try asKernel { () throws(SQLError) in
            try tables[0].combine(row, &evaluator.environment)
          }
          continue
        }
        try await evaluator.prepare(row)
        let key = try evaluator.evaluate(aggregation.groups, row)
        for (index, set) in sets.enumerated() {
          var setKey = key
          if groupingSets != nil {
            for place in setKey.indices where !set.contains(place) { setKey[place] = .null }
          }
          try asKernel { () throws(SQLError) in
            try tables[index].add(row, key: setKey, &evaluator.environment)
          }
        }
      }
      let bytes = tables.reduce(0) { $0 + $1.bytes }
      try execution.charge(bytes - charged)
      charged = bytes
    }
    var rows: [[Value]] = []
    for (index, set) in sets.enumerated() {
      if set.isEmpty { tables[index].ensureOneGroup() }
      var finished = try asKernel { () throws(SQLError) in
        try tables[index].finish(&evaluator.environment)
      }
      if groupingSets != nil {
        var mask: Int64 = 0
        for place in aggregation.groups.indices where !set.contains(place) {
          mask |= 1 << Int64(place)
        }
        for row in finished.indices { finished[row].append(.int(mask)) }
      }
      rows.append(contentsOf: finished)
    }
    return rows
  }
}
