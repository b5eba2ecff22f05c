import Syntax
import Types

/// Binds expressions over groups: a group's row is its keys, then its aggregates. Anything else of
/// the table is PostgreSQL's 42803.
struct Grouping {
  private(set) var keys: [(expression: Expression, bound: Typed)] = []
  private(set) var aggregates: [AggregateCall] = []
  private var calls: [FunctionCall] = []

  mutating func addKey(_ expression: Expression, _ binder: inout ExpressionBinder)
    throws(SQLError)
  {
    let bound = try binder.decided(binder.bind(expression), .text)
    keys.append((expression, bound))
  }

  /// Keys are matched as written, without regard to where.
  mutating func bind(_ expression: Expression, _ binder: inout ExpressionBinder)
    throws(SQLError) -> Typed
  {
    var inner = binder
    let columns = binder.scope.columns
    var bound = keys
    bound.removeAll { if case .column = $0.expression { false } else { true } }
    inner.scope.columns = []
    for (position, key) in keys.enumerated() {
      if case .column(let names, _) = key.expression {
        inner.scope.columns.append((names[names.count - 1], key.bound.type, position))
      }
    }
    if let position = keys.firstIndex(where: { Self.same($0.expression, expression) }) {
      return Typed(expression: .column(position), type: keys[position].bound.type)
    }
    var state = self
    let outer = binder
    inner.onAggregate = { (call, using) throws(SQLError) in
      var plain = outer
      plain.parameterTypes = using.parameterTypes
      let typed = try state.aggregate(call, &plain)
      using.parameterTypes = plain.parameterTypes
      return typed
    }
    do throws(SQLError) {
      let typed = try inner.decided(inner.bind(expression), .text)
      self = state
      binder.parameterTypes = inner.parameterTypes
      return typed
    } catch {
      if error.code == .undefinedColumn, let name = Self.missing(error, columns) {
        let table = binder.scope.qualifier ?? ""
        var grouped = SQLError(
          .groupingError,
          "column \"\(table).\(name)\" must appear in the GROUP BY clause or be used in an aggregate function"
        )
        grouped.position = error.position
        throw grouped
      }
      throw error
    }
  }

  private static func missing(
    _ error: SQLError, _ columns: [(name: String, type: SQLType, position: Int)]
  ) -> String? {
    columns.first {
      error.message.contains("\"\($0.name)\"") || error.message.contains(".\($0.name) ")
    }?.name
  }

  /// The position of the call's result behind the keys; equal calls share one.
  private mutating func aggregate(_ call: FunctionCall, _ binder: inout ExpressionBinder)
    throws(SQLError) -> Typed
  {
    let name = call.name[call.name.count - 1]
    guard let function = AggregateFunction(rawValue: name) else {
      throw binder.fault(.undefinedFunction, "function \(name) does not exist", call.location)
    }
    if let same = calls.firstIndex(where: { Self.same(.call($0), .call(call)) }) {
      return Typed(
        expression: .column(keys.count + same), type: aggregates[same].resultType)
    }
    var made = AggregateCall(
      function: function, argument: nil, argumentType: .int8, resultType: .int8,
      isDistinct: call.isDistinct)
    if call.isStar && function == .count && call.arguments.isEmpty {
    } else if call.arguments.count == 1 {
      binder.onAggregate = nil
      let argument = try binder.decided(binder.bind(call.arguments[0]), .text)
      guard let result = function.result(argument.type) else {
        throw binder.fault(
          .undefinedFunction,
          "function \(name)(\(formatType(argument.type))) does not exist", call.location)
      }
      made.argument = argument.expression
      made.argumentType = argument.type
      made.resultType = result
    } else {
      throw binder.fault(.undefinedFunction, "function \(name)() does not exist", call.location)
    }
    calls.append(call)
    aggregates.append(made)
    return Typed(expression: .column(keys.count + calls.count - 1), type: made.resultType)
  }

  static func targets(_ select: SelectStatement) -> [Target] { select.targets }

  /// ORDER BY and GROUP BY may name an output by its number or alias.
  static func meant(_ expression: Expression, _ targets: [Target]) -> Expression {
    switch expression {
    case .constant(.integer(let number), _) where number >= 1 && number <= targets.count:
      targets[number - 1].expression
    case .column(let names, _) where names.count == 1:
      targets.first { $0.alias == names[0] }?.expression ?? expression
    default: expression
    }
  }

  static func name(_ expression: Expression) -> String {
    switch expression {
    case .column(let names, _): names[names.count - 1]
    case .call(let call): call.name[call.name.count - 1]
    default: "?column?"
    }
  }

  static func hasAggregate(_ select: SelectStatement) -> Bool {
    select.targets.contains { containsAggregate($0.expression) }
      || select.orderBy.contains { containsAggregate($0.expression) }
  }

  private static func containsAggregate(_ expression: Expression) -> Bool {
    switch expression {
    case .call(let call):
      AggregateFunction(rawValue: call.name[call.name.count - 1]) != nil
        || call.arguments.contains(where: containsAggregate)
    case .operation(_, let left, let right, _):
      (left.map(containsAggregate) ?? false) || containsAggregate(right)
    case .logic(_, let parts, _), .coalesce(let parts, _): parts.contains(where: containsAggregate)
    case .cast(let operand, _, _), .isNull(let operand, _, _), .isTrue(let operand, _, _, _):
      containsAggregate(operand)
    case .isDistinct(let a, let b, _, _), .nullIf(let a, let b, _),
      .like(let a, let b, _, _, _):
      containsAggregate(a) || containsAggregate(b)
    case .isIn(let operand, let items, _, _):
      containsAggregate(operand) || items.contains(where: containsAggregate)
    case .between(let a, let b, let c, _, _): [a, b, c].contains(where: containsAggregate)
    case .caseWhen(let operand, let branches, let otherwise, _):
      [operand, otherwise].compactMap { $0 }.contains(where: containsAggregate)
        || branches.contains { containsAggregate($0.condition) || containsAggregate($0.result) }
    case .constant, .parameter, .column, .star, .defaultValue: false
    }
  }

  /// Equal but for their places in the text. Qualified and bare names of a column are the same.
  private static func same(_ a: Expression, _ b: Expression) -> Bool {
    switch (a, b) {
    case (.column(let x, _), .column(let y, _)): x[x.count - 1] == y[y.count - 1]
    case (.constant(let x, _), .constant(let y, _)): x == y
    case (.parameter(let x, _), .parameter(let y, _)): x == y
    case (.operation(let n, let l, let r, _), .operation(let m, let p, let q, _)):
      n == m && same(r, q) && (l.map { x in p.map { same(x, $0) } ?? false } ?? (p == nil))
    case (.cast(let x, let t, _), .cast(let y, let u, _)): same(x, y) && t.names == u.names
    case (.like(let a, let b, let m, let n, _), .like(let c, let d, let o, let p, _)):
      m == o && n == p && same(a, c) && same(b, d)
    case (.isNull(let x, let n, _), .isNull(let y, let m, _)): n == m && same(x, y)
    case (.coalesce(let x, _), .coalesce(let y, _)):
      x.count == y.count && zip(x, y).allSatisfy { same($0, $1) }
    case (.call(let x), .call(let y)):
      x.name == y.name && x.isStar == y.isStar && x.isDistinct == y.isDistinct
        && x.arguments.count == y.arguments.count
        && zip(x.arguments, y.arguments).allSatisfy { same($0, $1) }
    default: false
    }
  }
}
