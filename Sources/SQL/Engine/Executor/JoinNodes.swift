import Base
import Functions
import Node
import Types

enum JoinKind: Sendable {
  case inner, left, right, full, semi, anti
}

/// Each row of the left side meets all rows of the right one. With `correlation` the right side is
/// opened again for each left row and sees its values: LATERAL, and point lookups by join keys.
final class NestedLoopNode: PlanNode {
  let kind: JoinKind
  let left: PlanNode
  let right: PlanNode
  /// Over left columns, then right ones.
  let condition: TypedExpression?
  let correlation: [(variable: VariableID, slot: Int)]

  init(
    kind: JoinKind, left: PlanNode, right: PlanNode, condition: TypedExpression?,
    correlation: [(variable: VariableID, slot: Int)], output: [PlanVariable]
  ) {
    self.kind = kind
    self.left = left
    self.right = right
    self.condition = condition
    self.correlation = correlation
    super.init(output: output)
    estimatedRows =
      correlation.isEmpty ? left.estimatedRows * right.estimatedRows : left.estimatedRows
  }
  override var children: [PlanNode] { [left, right] }
  override var title: String { "Nested Loop" + kind.suffix }
  override var properties: [String] {
    guard let condition else { return [] }
    return [
      "Join Filter: \(ExpressionPrinter(left.output + right.output).text(condition))"
    ]
  }

  override func open(_ execution: Execution, _ environment: EvaluationEnvironment) -> RowSource {
    let evaluator = RowEvaluator(externals, execution, environment)
    let source = left.start(execution, environment)
    var held: [[Value]]?
    var matchedRight: [Bool] = []
    var isLeftDone = false
    let nulls = [Value](repeating: .null, count: right.output.count)
    let leftNulls = [Value](repeating: .null, count: left.output.count)
    return GeneratedSource { [self] () async throws(KernelError) in
      if correlation.isEmpty && held == nil {
        let rows = try await right.start(execution, environment).collect(execution)
        held = rows
        matchedRight = [Bool](repeating: false, count: rows.count)
      }
      guard !isLeftDone, let batch = try await source.next() else {
        if isLeftDone { return nil }
        isLeftDone = true
        guard kind == .right || kind == .full, let held else { return nil }
        return zip(held, matchedRight).filter { !$0.1 }.map { leftNulls + $0.0 }
      }
      var rows: [[Value]] = []
      for leftRow in batch {
        var inner = held ?? []
        if !correlation.isEmpty {
          var scope = environment
          for item in correlation { scope.variables[item.variable] = leftRow[item.slot] }
          let opened = right.start(execution, scope)
          inner = []
          while let more = try await opened.next() {
            inner.append(contentsOf: more)
            if kind == .semi || kind == .anti, condition == nil { break }
          }
        }
        var matched = false
        for (place, rightRow) in inner.enumerated() {
          let both = leftRow + rightRow
          if execution.isPauseDue() { try await execution.pause() }
          if let condition {
            try await evaluator.prepare(both)
            guard try evaluator.evaluate(condition, both) == .bool(true) else { continue }
          }
          matched = true
          if kind == .semi || kind == .anti { break }
          if kind == .right || kind == .full { matchedRight[place] = true }
          rows.append(both)
        }
        switch kind {
        case .left, .full: if !matched { rows.append(leftRow + nulls) }
        case .semi: if matched { rows.append(leftRow) }
        case .anti: if !matched { rows.append(leftRow) }
        case .inner, .right: break
        }
      }
      return rows
    }
  }
}

/// The right side in a hash table by its keys; the left one probes.
final class HashJoinNode: PlanNode {
  let kind: JoinKind
  let left: PlanNode
  let right: PlanNode
  let leftKeys: [TypedExpression]
  let rightKeys: [TypedExpression]
  /// What else must hold, over both.
  let condition: TypedExpression?

  init(
    kind: JoinKind, left: PlanNode, right: PlanNode, leftKeys: [TypedExpression],
    rightKeys: [TypedExpression], condition: TypedExpression?, output: [PlanVariable]
  ) {
    self.kind = kind
    self.left = left
    self.right = right
    self.leftKeys = leftKeys
    self.rightKeys = rightKeys
    self.condition = condition
    super.init(output: output)
    estimatedRows = max(left.estimatedRows, right.estimatedRows)
  }
  override var children: [PlanNode] { [left, right] }
  override var title: String { "Hash" + (kind.suffix.isEmpty ? " Join" : kind.suffix) }
  override var properties: [String] {
    let leftPrinter = ExpressionPrinter(left.output)
    let rightPrinter = ExpressionPrinter(right.output)
    let pairs = zip(leftKeys, rightKeys).map {
      "(\(leftPrinter.text($0)) = \(rightPrinter.text($1)))"
    }
    var lines = ["Hash Cond: " + pairs.joined(separator: " AND ")]
    if let condition {
      lines.append(
        "Join Filter: \(ExpressionPrinter(left.output + right.output).text(condition))")
    }
    return lines
  }

  override func open(_ execution: Execution, _ environment: EvaluationEnvironment) -> RowSource {
    let evaluator = RowEvaluator(externals, execution, environment)
    var table: [[Value]: [Int]] = [:]
    var rightRows: [[Value]] = []
    var matchedRight: [Bool] = []
    var source: RowSource?
    var isLeftDone = false
    let nulls = [Value](repeating: .null, count: right.output.count)
    let leftNulls = [Value](repeating: .null, count: left.output.count)
    return GeneratedSource { [self] () async throws(KernelError) in
      if source == nil {
        rightRows = try await right.start(execution, environment).collect(execution)
        matchedRight = [Bool](repeating: false, count: rightRows.count)
        for (place, row) in rightRows.enumerated() {
          let key = try evaluator.evaluate(rightKeys, row)
          if !key.contains(where: \.isNull) { table[key, default: []].append(place) }
        }
        source = left.start(execution, environment)
      }
      guard !isLeftDone, let batch = try await source?.next() else {
        if isLeftDone { return nil }
        isLeftDone = true
        guard kind == .right || kind == .full else { return nil }
        return zip(rightRows, matchedRight).filter { !$0.1 }.map { leftNulls + $0.0 }
      }
      var rows: [[Value]] = []
      for leftRow in batch {
        let key = try evaluator.evaluate(leftKeys, leftRow)
        var matched = false
        for place in key.contains(where: \.isNull) ? [] : table[key] ?? [] {
          let both = leftRow + rightRows[place]
          if let condition {
            try await evaluator.prepare(both)
            guard try evaluator.evaluate(condition, both) == .bool(true) else { continue }
          }
          matched = true
          if kind == .semi || kind == .anti { break }
          matchedRight[place] = true
          rows.append(both)
        }
        switch kind {
        case .left, .full: if !matched { rows.append(leftRow + nulls) }
        case .semi: if matched { rows.append(leftRow) }
        case .anti: if !matched { rows.append(leftRow) }
        case .inner, .right: break
        }
      }
      return rows
    }
  }
}

extension JoinKind {
  var suffix: String {
    switch self {
    case .inner: ""
    case .left: " Left Join"
    case .right: " Right Join"
    case .full: " Full Join"
    case .semi: " Semi Join"
    case .anti: " Anti Join"
    }
  }
}
