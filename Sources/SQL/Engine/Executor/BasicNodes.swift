import Base
import Functions
import Node
import Types

/// One row without columns, or rows of expressions (VALUES, SELECT without FROM).
final class ValuesNode: PlanNode {
  let rows: [[TypedExpression]]
  init(rows: [[TypedExpression]], output: [PlanVariable]) {
    self.rows = rows
    super.init(output: output)
    estimatedRows = Double(rows.count)
  }
  override var title: String { rows.count == 1 ? "Result" : "Values Scan" }

  override func open(_ execution: Execution, _ environment: EvaluationEnvironment) -> RowSource {
    let evaluator = RowEvaluator(externals, execution, environment)
    var place = 0
    return GeneratedSource { [rows] () async throws(KernelError) in
      guard place < rows.count else { return nil }
      var batch: [[Value]] = []
      while place < rows.count && batch.count < ScanNode.batchRows {
        try await evaluator.prepare([], for: rows[place])
        batch.append(try evaluator.evaluate(rows[place], []))
        place += 1
      }
      return batch
    }
  }
}

final class FilterNode: PlanNode {
  let input: PlanNode
  let predicate: TypedExpression
  init(_ input: PlanNode, predicate: TypedExpression) {
    self.input = input
    self.predicate = predicate
    super.init(output: input.output)
    estimatedRows = input.estimatedRows / 3
  }
  override var children: [PlanNode] { [input] }
  override var title: String { "Filter" }
  override var properties: [String] {
    ["Filter: \(ExpressionPrinter(input.output).text(predicate))"]
  }

  override func open(_ execution: Execution, _ environment: EvaluationEnvironment) -> RowSource {
    let evaluator = RowEvaluator(externals, execution, environment)
    let source = input.start(execution, environment)
    return GeneratedSource(execution) { [predicate] () async throws(KernelError) in
      guard let batch = try await source.next() else { return nil }
      var kept: [[Value]] = []
      for row in batch {
        try await evaluator.prepare(row)
        if try evaluator.evaluate(predicate, row) == .bool(true) { kept.append(row) }
      }
      return kept
    }
  }
}

final class ProjectNode: PlanNode {
  let input: PlanNode
  let expressions: [TypedExpression]
  init(_ input: PlanNode, expressions: [TypedExpression], output: [PlanVariable]) {
    self.input = input
    self.expressions = expressions
    super.init(output: output)
    estimatedRows = input.estimatedRows
  }
  override var children: [PlanNode] { [input] }
  override var title: String { "Project" }

  /// A batch ends early when it is that large: small rows may give large ones.
  private static let batchBytes = 4 << 20

  override func open(_ execution: Execution, _ environment: EvaluationEnvironment) -> RowSource {
    let evaluator = RowEvaluator(externals, execution, environment)
    let source = input.start(execution, environment)
    var batch: [[Value]] = []
    var place = 0
    return GeneratedSource(execution) { [expressions] () async throws(KernelError) in
      if place == batch.count {
        guard let next = try await source.next() else { return nil }
        (batch, place) = (next, 0)
      }
      var rows: [[Value]] = []
      rows.reserveCapacity(batch.count - place)
      var bytes = 0
      while place < batch.count && bytes < Self.batchBytes {
        try await evaluator.prepare(batch[place])
        let row = try evaluator.evaluate(expressions, batch[place])
        bytes += Execution.size(of: row)
        rows.append(row)
        place += 1
      }
      return rows
    }
  }
}

/// Set-returning calls of the target list: as many rows as the longest gives, nulls for the others.
final class ProjectSetNode: PlanNode {
  enum Item {
    case scalar(TypedExpression)
    case set(BoundCall)
  }
  let input: PlanNode
  let items: [Item]
  init(_ input: PlanNode, items: [Item], output: [PlanVariable]) {
    self.input = input
    self.items = items
    super.init(output: output)
  }
  override var children: [PlanNode] { [input] }
  override var title: String { "ProjectSet" }

  override func open(_ execution: Execution, _ environment: EvaluationEnvironment) -> RowSource {
    let evaluator = RowEvaluator(externals, execution, environment)
    let source = input.start(execution, environment)
    var batch: [[Value]] = []
    var place = 0
    var current: (scalars: [Value], sets: [RowStream?])?
    return GeneratedSource { [items] () async throws(KernelError) in
      var rows: [[Value]] = []
      while rows.count < ScanNode.batchRows {
        if execution.isPauseDue() { try await execution.pause() }
        if let open = current {
          if let row = try Self.next(open, items, evaluator) {
            rows.append(row)
          } else {
            current = nil
          }
          continue
        }
        if place == batch.count {
          // What there is goes out before more is asked for.
          if !rows.isEmpty { return rows }
          guard let more = try await source.next() else { return nil }
          batch = more
          place = 0
        }
        let row = batch[place]
        place += 1
        try await evaluator.prepare(row)
        var scalars: [Value] = []
        var sets: [RowStream?] = []
        for item in items {
          switch item {
          case .scalar(let expression):
            scalars.append(try evaluator.evaluate(expression, row))
            sets.append(nil)
          case .set(let call):
            scalars.append(.null)
            sets.append(try evaluator.rows(of: call, row))
          }
        }
        current = (scalars, sets)
      }
      return rows
    }
  }

  /// Nil when all sets have ended; an ended one gives nulls beside the others.
  private static func next(
    _ open: (scalars: [Value], sets: [RowStream?]), _ items: [Item], _ evaluator: RowEvaluator
  ) throws(KernelError) -> [Value]? {
    var row = open.scalars
    var isLeft = false
    for (place, set) in open.sets.enumerated() {
      guard let set, let values = try evaluator.next(set) else { continue }
      isLeft = true
      row[place] = value(values, items[place])
    }
    return isLeft ? row : nil
  }

  private static func value(_ row: [Value], _ item: Item) -> Value {
    if row.count == 1 { return row[0] }
    guard case .set(let call) = item, call.columns.count == row.count else {
      return .record(RecordValue(fields: row, types: row.map { _ in .text }))
    }
    return .record(RecordValue(fields: row, types: call.columns.map(\.type)))
  }
}

extension RowEvaluator {
  /// The rows of a set-returning call over this row.
  func rows(of call: BoundCall, _ row: [Value]) throws(KernelError) -> RowStream {
    let arguments = try evaluate(call.arguments, row)
    do throws(SQLError) {
      if let body = call.setBody {
        if call.isStrict && arguments.contains(where: \.isNull) { return rowStream([]) }
        return try body(arguments, &environment.context)
      }
      if call.isStrict && arguments.contains(where: \.isNull) { return rowStream([[.null]]) }
      return rowStream([[try call.body(arguments, &environment.context)]])
    } catch {
      throw .user(error)
    }
  }

  func next(_ stream: RowStream) throws(KernelError) -> [Value]? {
    do throws(SQLError) { return try stream(&environment.context) } catch { throw .user(error) }
  }
}

/// Functions in FROM; several with ROWS FROM, side by side.
final class FunctionScanNode: PlanNode {
  struct Function {
    /// A call with rows, or any scalar expression for one row.
    var expression: TypedExpression
    var width: Int
    /// Its values are rows, to be spread over the columns however many these are.
    var isRow = false
  }
  let functions: [Function]
  let hasOrdinality: Bool
  let name: String
  init(
    functions: [Function], hasOrdinality: Bool, name: String, output: [PlanVariable]
  ) {
    self.functions = functions
    self.hasOrdinality = hasOrdinality
    self.name = name
    super.init(output: output)
    estimatedRows = 100
  }
  override var title: String { "Function Scan on \(name)" }

  override func open(_ execution: Execution, _ environment: EvaluationEnvironment) -> RowSource {
    let evaluator = RowEvaluator(externals, execution, environment)
    var sets: [RowStream]?
    var number: Int64 = 0
    return GeneratedSource { [functions, hasOrdinality] () async throws(KernelError) in
      let streams: [RowStream]
      if let open = sets {
        streams = open
      } else {
        try await evaluator.prepare([])
        var made: [RowStream] = []
        for function in functions {
          if case .setReturning(let call) = function.expression {
            made.append(try evaluator.rows(of: call, []))
          } else {
            made.append(rowStream([[try evaluator.evaluate(function.expression, [])]]))
          }
        }
        sets = made
        streams = made
      }
      var rows: [[Value]] = []
      while rows.count < ScanNode.batchRows {
        if execution.isPauseDue() { try await execution.pause() }
        var row: [Value] = []
        var isLeft = false
        for (stream, function) in zip(streams, functions) {
          let values = try evaluator.next(stream)
          isLeft = isLeft || values != nil
          row.append(contentsOf: Self.columns(values, function))
        }
        if !isLeft { return rows.isEmpty ? nil : rows }
        number += 1
        if hasOrdinality { row.append(.int(number)) }
        rows.append(row)
      }
      return rows
    }
  }

  /// A record in the only column is spread over the function's columns.
  private static func columns(_ row: [Value]?, _ function: Function) -> [Value] {
    let width = function.width
    guard var row else { return [Value](repeating: .null, count: width) }
    if row.count == 1, width > 1 || function.isRow, case .record(let record) = row[0] {
      row = record.fields
    }
    if row.count < width { row.append(contentsOf: repeatElement(.null, count: width - row.count)) }
    return Array(row.prefix(width))
  }
}

final class LimitNode: PlanNode {
  let input: PlanNode
  let limit: TypedExpression?
  let offset: TypedExpression?
  /// WITH TIES: rows equal to the last one in this order follow.
  let ties: [BoundSortKey]
  init(
    _ input: PlanNode, limit: TypedExpression?, offset: TypedExpression?, ties: [BoundSortKey] = []
  ) {
    self.input = input
    self.limit = limit
    self.offset = offset
    self.ties = ties
    super.init(output: input.output)
    estimatedRows = min(input.estimatedRows, 100)
  }
  override var children: [PlanNode] { [input] }
  override var title: String { "Limit" }

  override func open(_ execution: Execution, _ environment: EvaluationEnvironment) -> RowSource {
    let evaluator = RowEvaluator(externals, execution, environment)
    var source: RowSource?
    var skip = 0
    var remaining = Int.max
    var lastKey: [Value]?
    let order = RowOrder(ties)
    return GeneratedSource { [self] () async throws(KernelError) in
      if source == nil {
        try await evaluator.prepare([])
        skip = try Self.count(offset, "OFFSET", "2201X", evaluator) ?? 0
        remaining = try Self.count(limit, "LIMIT", "2201W", evaluator) ?? .max
        source = input.start(execution, environment)
      }
      if remaining == 0 && ties.isEmpty { return nil }
      guard var batch = try await source?.next() else { return nil }
      if skip > 0 {
        let dropped = min(skip, batch.count)
        batch.removeFirst(dropped)
        skip -= dropped
        if batch.isEmpty { return [] }
      }
      var rows: [[Value]] = []
      for row in batch {
        if remaining > 0 {
          rows.append(row)
          if remaining != .max { remaining -= 1 }
          if remaining == 0 && !ties.isEmpty {
            lastKey = try evaluator.evaluate(ties.map(\.expression), row)
          }
        } else if let lastKey {
          let key = try evaluator.evaluate(ties.map(\.expression), row)
          if order.compare(lastKey, key) != 0 { return rows.isEmpty ? nil : rows }
          rows.append(row)
        } else {
          break
        }
      }
      return rows.isEmpty && remaining == 0 ? nil : rows
    }
  }

  private static func count(
    _ expression: TypedExpression?, _ word: String, _ code: SQLState, _ evaluator: RowEvaluator
  ) throws(KernelError) -> Int? {
    guard let expression else { return nil }
    guard case .int(let count) = try evaluator.evaluate(expression, []) else { return nil }
    if count < 0 { throw .user(SQLError(code, "\(word) must not be negative")) }
    return Int(clamping: count)
  }
}

/// Sorted by keys of the input's rows; with `limit` only the first rows are kept.
final class SortNode: PlanNode {
  let input: PlanNode
  let keys: [BoundSortKey]
  let limit: TypedExpression?
  init(_ input: PlanNode, keys: [BoundSortKey], limit: TypedExpression? = nil) {
    self.input = input
    self.keys = keys
    self.limit = limit
    super.init(output: input.output)
    estimatedRows = input.estimatedRows
  }
  override var children: [PlanNode] { [input] }
  override var title: String { "Sort" }
  override var properties: [String] {
    let printer = ExpressionPrinter(input.output)
    let list = keys.map { key in
      printer.text(key.expression) + (key.isDescending ? " DESC" : "")
        + (key.nullsFirst == key.isDescending
          ? "" : (key.nullsFirst ? " NULLS FIRST" : " NULLS LAST"))
    }
    return ["Sort Key: " + list.joined(separator: ", ")]
  }

  override func open(_ execution: Execution, _ environment: EvaluationEnvironment) -> RowSource {
    let evaluator = RowEvaluator(externals, execution, environment)
    var sorted: [(key: [Value], row: [Value])]?
    var place = 0
    let order = RowOrder(keys)
    return GeneratedSource { [self] () async throws(KernelError) in
      if sorted == nil {
        let source = input.start(execution, environment)
        var rows: [(key: [Value], row: [Value])] = []
        var bound = Int.max
        if let limit {
          try await evaluator.prepare([])
          if case .int(let count) = try evaluator.evaluate(limit, []), count >= 0 {
            bound = Int(clamping: count)
          }
        }
        while let batch = try await source.next() {
          var bytes = 0
          for row in batch {
            try await evaluator.prepare(row)
            rows.append((try evaluator.evaluate(keys.map(\.expression), row), row))
            bytes += Execution.size(of: row)
          }
          if bound < Int.max / 4, rows.count > 2 * bound + ScanNode.batchRows {
            Self.sort(&rows, order)
            rows.removeLast(rows.count - bound)
          } else {
            try execution.charge(bytes)
          }
        }
        Self.sort(&rows, order)
        sorted = rows
      }
      guard let rows = sorted, place < rows.count else { return nil }
      let end = min(rows.count, place + ScanNode.batchRows)
      defer { place = end }
      return rows[place..<end].map(\.row)
    }
  }

  /// The standard library's sort is stable.
  static func sort(_ rows: inout [(key: [Value], row: [Value])], _ order: RowOrder) {
    rows.sort { order.compare($0.key, $1.key) < 0 }
  }
}

/// DISTINCT: the first of equal rows; by `keys` for DISTINCT ON (the input is sorted then).
final class DistinctNode: PlanNode {
  let input: PlanNode
  /// Nil: the whole row.
  let keys: [TypedExpression]?
  init(_ input: PlanNode, keys: [TypedExpression]?) {
    self.input = input
    self.keys = keys
    super.init(output: input.output)
    estimatedRows = input.estimatedRows / 2
  }
  override var children: [PlanNode] { [input] }
  override var title: String { keys == nil ? "HashAggregate" : "Unique" }

  override func open(_ execution: Execution, _ environment: EvaluationEnvironment) -> RowSource {
    let evaluator = RowEvaluator(externals, execution, environment)
    let source = input.start(execution, environment)
    var seen: Set<[Value]> = []
    return GeneratedSource { [keys] () async throws(KernelError) in
      guard let batch = try await source.next() else { return nil }
      var rows: [[Value]] = []
      var bytes = 0
      for row in batch {
        var key = row
        if let keys {
          try await evaluator.prepare(row)
          key = try evaluator.evaluate(keys, row)
        }
        if seen.insert(key).inserted {
          rows.append(row)
          bytes += Execution.size(of: key)
        }
      }
      try execution.charge(bytes)
      return rows
    }
  }
}
