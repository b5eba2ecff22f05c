import Base
import Functions
import Node
import Types

/// A column that a plan node gives.
struct PlanVariable: Sendable {
  var id: VariableID
  var name: String
  var type: SQLType
}

/// A node of the physical plan: expressions refer to positions of the child's rows. Immutable once
/// planned; `open` makes what holds an execution's state. Lives on: the shard that planned it.
class PlanNode {
  let output: [PlanVariable]
  /// Subqueries and waiting calls of this node's own expressions.
  var externals: [ExternalPlan] = []
  /// The planner's guess, for choices and for EXPLAIN.
  var estimatedRows = 1000.0

  init(output: [PlanVariable]) { self.output = output }

  var children: [PlanNode] { [] }
  /// EXPLAIN: the first line, then properties.
  var title: String { "Result" }
  var properties: [String] { [] }

  func open(_ execution: Execution, _ environment: EvaluationEnvironment) -> RowSource {
    RowSource()
  }

  /// `open`, counted where EXPLAIN ANALYZE asks.
  final func start(_ execution: Execution, _ environment: EvaluationEnvironment) -> RowSource {
    let source = open(execution, environment)
    guard execution.isMeasured else { return source }
    return MeasuredSource(source, ObjectIdentifier(self), execution)
  }

  final var layout: [VariableID: Int] {
    var layout: [VariableID: Int] = [:]
    for (position, variable) in output.enumerated() { layout[variable.id] = position }
    return layout
  }
}

/// A subquery or waiting call whose value an expression needs.
final class ExternalPlan {
  enum Kind {
    case scalar(PlanNode)
    case exists(PlanNode)
    /// For IN, ANY, ALL.
    case rows(PlanNode)
    case array(PlanNode, element: SQLType)
    /// (a, b) = (SELECT …): the row as a record.
    case record(PlanNode)
    case call(String, [TypedExpression], isStrict: Bool)
  }
  let id: ExternalID
  let kind: Kind
  /// What it takes from the row of the node that it hangs on.
  let correlation: [(variable: VariableID, slot: Int)]
  /// Externals inside the arguments of a call, computed first.
  let inner: [ExternalPlan]

  init(
    id: ExternalID, kind: Kind, correlation: [(variable: VariableID, slot: Int)],
    inner: [ExternalPlan] = []
  ) {
    self.id = id
    self.kind = kind
    self.correlation = correlation
    self.inner = inner
  }

  var plan: PlanNode? {
    switch kind {
    case .scalar(let plan), .exists(let plan), .rows(let plan), .array(let plan, _),
      .record(let plan):
      plan
    case .call: nil
    }
  }
}

/// A source made of a closure.
final class GeneratedSource: RowSource {
  private let body: () async throws(KernelError) -> [[Value]]?
  private var isDone = false
  private let execution: Execution?
  init(_ body: @escaping () async throws(KernelError) -> [[Value]]?) {
    self.body = body
    execution = nil
  }
  /// One that may go on after it has given nothing, where the execution pauses.
  init(
    _ execution: Execution, _ body: @escaping () async throws(KernelError) -> [[Value]]?
  ) {
    self.body = body
    self.execution = execution
  }

  override func next() async throws(KernelError) -> [[Value]]? {
    while !isDone {
      guard let batch = try await body() else {
        isDone = !(execution?.isPaused ?? false)
        return nil
      }
      if !batch.isEmpty { return batch }
    }
    return nil
  }
}

final class MeasuredSource: RowSource {
  private let inner: RowSource
  private let key: ObjectIdentifier
  private let execution: Execution

  init(_ inner: RowSource, _ key: ObjectIdentifier, _ execution: Execution) {
    self.inner = inner
    self.key = key
    self.execution = execution
    execution.measurements[key, default: NodeMeasurement()].loops += 1
  }

  override func next() async throws(KernelError) -> [[Value]]? {
    let start = execution.clock()
    let batch = try await inner.next()
    execution.measurements[key, default: NodeMeasurement()].microseconds +=
      execution.clock() - start
    execution.measurements[key, default: NodeMeasurement()].rows += batch?.count ?? 0
    return batch
  }
}

extension RowSource {
  /// Everything, charged to the statement.
  func collect(_ execution: Execution) async throws(KernelError) -> [[Value]] {
    var rows: [[Value]] = []
    while let batch = try await next() {
      var bytes = 0
      for row in batch { bytes += Execution.size(of: row) }
      try execution.charge(bytes)
      rows.append(contentsOf: batch)
      if execution.isPauseDue() { try await execution.pause() }
    }
    return rows
  }
}

/// Evaluates a node's expressions row by row, computing their externals before.
final class RowEvaluator {
  var environment: EvaluationEnvironment
  private let externals: [ExternalPlan]
  private let execution: Execution
  /// Externals that are the same for every row and are there.
  private var ready: Set<ExternalID> = []
  private var memo: [ExternalID: [[Value]: ExternalResult]] = [:]
  private static let memoMax = 4_096

  init(
    _ externals: [ExternalPlan], _ execution: Execution, _ environment: EvaluationEnvironment
  ) {
    self.externals = externals
    self.execution = execution
    self.environment = environment
  }

  /// Makes the environment ready for this row.
  func prepare(_ row: [Value]) async throws(KernelError) {
    if execution.isPauseDue() { try await execution.pause() }
    for external in externals { try await prepare(external, row) }
  }

  /// Only what these expressions use: calls like nextval count once for each row that has them.
  func prepare(_ row: [Value], for expressions: [TypedExpression]) async throws(KernelError) {
    if execution.isPauseDue() { try await execution.pause() }
    if externals.isEmpty { return }
    let wanted = Set(expressions.flatMap(\.externals))
    for external in externals where wanted.contains(external.id) {
      try await prepare(external, row)
    }
  }

  private func prepare(_ external: ExternalPlan, _ row: [Value]) async throws(KernelError) {
    for inner in external.inner { try await prepare(inner, row) }
    if case .call(let name, let arguments, let isStrict) = external.kind {
      let values = try asKernel { () throws(SQLError) in
        try TypedExpression.evaluate(arguments, row, &environment)
      }
      if isStrict && values.contains(where: \.isNull) {
        environment.externals[external.id] = ExternalResult(value: .null)
        return
      }
      do throws(SQLError) {
        let value = try await execution.sequences.call(
          name, values, context: environment.context, transaction: execution.transaction)
        environment.externals[external.id] = ExternalResult(value: value)
      } catch {
        throw .user(error)
      }
      return
    }
    if external.correlation.isEmpty {
      if !ready.insert(external.id).inserted { return }
      environment.externals[external.id] = try await run(external, environment)
      return
    }
    let key = external.correlation.map { row[$0.slot] }
    if let known = memo[external.id]?[key] {
      environment.externals[external.id] = known
      return
    }
    var inner = environment
    for (place, item) in external.correlation.enumerated() {
      inner.variables[item.variable] = key[place]
    }
    let result = try await run(external, inner)
    environment.externals[external.id] = result
    if memo[external.id, default: [:]].count >= Self.memoMax { memo[external.id] = [:] }
    memo[external.id, default: [:]][key] = result
  }

  private func run(_ external: ExternalPlan, _ environment: EvaluationEnvironment)
    async throws(KernelError) -> ExternalResult
  {
    guard let plan = external.plan else { return ExternalResult(value: .null) }
    let source = plan.start(execution, environment)
    switch external.kind {
    case .exists:
      return ExternalResult(value: .bool(try await source.next() != nil))
    case .scalar, .record:
      guard let batch = try await source.next() else { return ExternalResult(value: .null) }
      let more = batch.count == 1 ? try await source.next() : batch
      guard batch.count == 1, more == nil else {
        throw .user(
          SQLError(
            .cardinalityViolation, "more than one row returned by a subquery used as an expression")
        )
      }
      if case .record = external.kind {
        return ExternalResult(
          value: .record(
            try asKernel { () throws(SQLError) in
              try RecordValue.checked(fields: batch[0], types: plan.output.map(\.type))
            }))
      }
      return ExternalResult(value: batch[0][0])
    case .array(_, let element):
      let rows = try await source.collect(execution)
      let values = rows.map { $0[0] }
      let isNested = element.isArray
      let value = try asKernel { () throws(SQLError) in
        try ArrayOperations.build(
          values, element: element.elementType ?? element, isNested: isNested)
      }
      return ExternalResult(value: value)
    case .rows: return ExternalResult(rows: try await source.collect(execution))
    case .call: return ExternalResult(value: .null)
    }
  }

  func evaluate(_ expression: TypedExpression, _ row: [Value]) throws(KernelError) -> Value {
    do throws(SQLError) { return try expression.evaluate(row, &environment) } catch {
      throw .user(error)
    }
  }

  func evaluate(_ expressions: [TypedExpression], _ row: [Value]) throws(KernelError) -> [Value] {
    do throws(SQLError) {
      return try TypedExpression.evaluate(expressions, row, &environment)
    } catch {
      throw .user(error)
    }
  }
}
