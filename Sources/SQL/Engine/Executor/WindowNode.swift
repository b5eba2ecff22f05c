import Base
import Functions
import Node
import Syntax
import Types

/// Window functions: the input's columns, then one column per call.
final class WindowNode: PlanNode {
  let input: PlanNode
  let calls: [BoundWindowCall]
  init(_ input: PlanNode, calls: [BoundWindowCall], output: [PlanVariable]) {
    self.input = input
    self.calls = calls
    super.init(output: output)
    estimatedRows = input.estimatedRows
  }
  override var children: [PlanNode] { [input] }
  override var title: String { "WindowAgg" }

  override func open(_ execution: Execution, _ environment: EvaluationEnvironment) -> RowSource {
    let evaluator = RowEvaluator(externals, execution, environment)
    var results: [[Value]]?
    var place = 0
    return GeneratedSource { [self] () async throws(KernelError) in
      if results == nil {
        var rows = try await input.start(execution, environment).collect(execution)
        for call in calls {
          try await compute(call, &rows, evaluator)
        }
        results = rows
      }
      guard let rows = results, place < rows.count else { return nil }
      let end = min(rows.count, place + ScanNode.batchRows)
      defer { place = end }
      return Array(rows[place..<end])
    }
  }

  /// Appends the call's column; rows come out in the window's order.
  private func compute(
    _ call: BoundWindowCall, _ rows: inout [[Value]], _ evaluator: RowEvaluator
  ) async throws(KernelError) {
    let keys =
      call.partition.map { BoundSortKey(expression: $0) } + call.order
    var sorted: [(key: [Value], row: [Value])] = []
    for row in rows {
      try await evaluator.prepare(row)
      sorted.append((try evaluator.evaluate(keys.map(\.expression), row), row))
    }
    SortNode.sort(&sorted, RowOrder(keys))
    let partitionWidth = call.partition.count
    var start = 0
    rows = []
    while start < sorted.count {
      let head = sorted[start].key.prefix(partitionWidth)
      var end = start + 1
      while end < sorted.count && sorted[end].key.prefix(partitionWidth) == head { end += 1 }
      let part = WindowPartition(
        rows: sorted[start..<end].map(\.row),
        orderKeys: sorted[start..<end].map { Array($0.key.dropFirst(partitionWidth)) })
      let values = try asKernel { () throws(SQLError) in
        try part.values(call, &evaluator.environment)
      }
      for (row, value) in zip(part.rows, values) { rows.append(row + [value]) }
      start = end
    }
  }
}

/// One partition, in order.
struct WindowPartition {
  let rows: [[Value]]
  let orderKeys: [[Value]]

  func values(_ call: BoundWindowCall, _ environment: inout EvaluationEnvironment) throws(SQLError)
    -> [Value]
  {
    if let function = call.function { return try ranked(function, call, &environment) }
    guard let aggregate = call.aggregate else { return rows.map { _ in .null } }
    var values: [Value] = []
    // A frame that only grows keeps one state.
    let grows = call.frame.start == .unboundedPreceding
    var state = aggregate.makeState()
    var taken = 0
    var lastEnd = -1
    var last = Value.null
    for place in rows.indices {
      let (start, end) = frame(call.frame, place)
      if grows {
        while taken < end {
          try accumulate(call, rows[taken], &state, &environment)
          taken += 1
        }
        if end != lastEnd {
          last = try state.finish(&environment.context)
          lastEnd = end
        }
      } else {
        var fresh = aggregate.makeState()
        if start < end && start < rows.count {
          for row in rows[start..<end] { try accumulate(call, row, &fresh, &environment) }
        }
        last = try fresh.finish(&environment.context)
      }
      values.append(last)
    }
    return values
  }

  private func accumulate(
    _ call: BoundWindowCall, _ row: [Value], _ state: inout any AggregateState,
    _ environment: inout EvaluationEnvironment
  ) throws(SQLError) {
    if let filter = call.filter, try filter.evaluate(row, &environment) != .bool(true) { return }
    let arguments = try TypedExpression.evaluate(call.arguments, row, &environment)
    try state.accumulate(arguments, &environment.context)
  }

  /// The frame as a half-open range of places.
  private func frame(_ frame: WindowFrame, _ place: Int) -> (Int, Int) {
    switch frame.unit {
    case .rows:
      return (
        max(0, edge(frame.start, place, isStart: true)),
        min(rows.count, edge(frame.end, place, isStart: false))
      )
    case .range, .groups:
      let start = frame.start == .unboundedPreceding ? 0 : firstPeer(place)
      let end = frame.end == .unboundedFollowing ? rows.count : lastPeer(place) + 1
      return (start, end)
    }
  }

  private func edge(_ bound: WindowFrame.Bound, _ place: Int, isStart: Bool) -> Int {
    let extra = isStart ? 0 : 1
    switch bound {
    case .unboundedPreceding: return 0
    case .preceding(let count): return place - min(count, rows.count) + extra
    case .currentRow: return place + extra
    case .following(let count): return place + min(count, rows.count) + extra
    case .unboundedFollowing: return rows.count
    }
  }

  private func firstPeer(_ place: Int) -> Int {
    var first = place
    while first > 0 && orderKeys[first - 1] == orderKeys[place] { first -= 1 }
    return first
  }
  private func lastPeer(_ place: Int) -> Int {
    var last = place
    while last + 1 < rows.count && orderKeys[last + 1] == orderKeys[place] { last += 1 }
    return last
  }

  private func ranked(
    _ function: WindowFunction, _ call: BoundWindowCall,
    _ environment: inout EvaluationEnvironment
  ) throws(SQLError) -> [Value] {
    var values: [Value] = []
    var dense: Int64 = 0
    var first = 0
    for place in rows.indices {
      if place == 0 || orderKeys[place] != orderKeys[place - 1] {
        dense += 1
        first = place
      }
      let arguments = try TypedExpression.evaluate(call.arguments, rows[place], &environment)
      switch function {
      case .rowNumber: values.append(.int(Int64(place + 1)))
      case .rank: values.append(.int(Int64(first + 1)))
      case .denseRank: values.append(.int(dense))
      case .percentRank:
        values.append(.float(rows.count <= 1 ? 0 : Double(first) / Double(rows.count - 1)))
      case .cumeDist: values.append(.float(Double(lastPeer(place) + 1) / Double(rows.count)))
      case .ntile:
        guard case .int(let wanted) = arguments[0] else {
          values.append(.null)
          continue
        }
        if wanted <= 0 {
          throw SQLError("22014", "argument of ntile must be greater than zero")
        }
        let size = rows.count / Int(wanted)
        let extra = rows.count % Int(wanted)
        let border = extra * (size + 1)
        let tile = place < border ? place / (size + 1) : extra + (place - border) / max(size, 1)
        values.append(.int(Int64(tile + 1)))
      case .lag, .lead:
        var offset = 1
        if arguments.count > 1 {
          guard case .int(let given) = arguments[1] else {
            values.append(.null)
            continue
          }
          offset = Int(clamping: given)
        }
        let target = function == .lag ? place - offset : place + offset
        if rows.indices.contains(target) {
          values.append(try call.arguments[0].evaluate(rows[target], &environment))
        } else {
          values.append(arguments.count > 2 ? arguments[2] : .null)
        }
      case .firstValue, .lastValue, .nthValue:
        let (start, end) = frame(call.frame, place)
        var target = function == .lastValue ? end - 1 : start
        if function == .nthValue {
          guard case .int(let number) = arguments[1] else {
            values.append(.null)
            continue
          }
          if number <= 0 {
            throw SQLError("22016", "argument of nth_value must be greater than zero")
          }
          target = start + Int(clamping: number) - 1
        }
        values.append(
          target >= start && target < end
            ? try call.arguments[0].evaluate(rows[target], &environment) : .null)
      }
    }
    return values
  }
}
