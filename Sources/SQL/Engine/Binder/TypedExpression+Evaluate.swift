import Base
import Types

extension TypedExpression {
  /// The value over `row`. Booleans of SQL: `.bool` or `.null`.
  func evaluate(_ row: [Value], _ environment: inout EvaluationEnvironment) throws(SQLError)
    -> Value
  {
    switch self {
    case .constant(let value, _): return value
    case .slot(let index, _):
      guard index < row.count else {
        throw SQLError(.internalError, "an expression refers to column \(index + 1) of no row")
      }
      return row[index]
    case .parameter(let index, _):
      guard index < environment.parameters.count else {
        throw SQLError(.undefinedParameter, "there is no parameter $\(index + 1)")
      }
      return environment.parameters[index]
    case .variable(let id, _): return environment.variables[id] ?? .null
    case .external(let id, _):
      guard let result = environment.externals[id] else {
        throw SQLError(.internalError, "external \(id) was not computed")
      }
      return result.value
    case .call(let call): return try Self.call(call, row, &environment)
    case .and(let list):
      var sawNull = false
      for item in list {
        switch try item.evaluate(row, &environment) {
        case .bool(false): return .bool(false)
        case .null: sawNull = true
        default: break
        }
      }
      return sawNull ? .null : .bool(true)
    case .or(let list):
      var sawNull = false
      for item in list {
        switch try item.evaluate(row, &environment) {
        case .bool(true): return .bool(true)
        case .null: sawNull = true
        default: break
        }
      }
      return sawNull ? .null : .bool(false)
    case .not(let inner):
      if case .bool(let flag) = try inner.evaluate(row, &environment) { return .bool(!flag) }
      return .null
    case .isNull(let inner, let negated):
      return .bool(Self.isNull(try inner.evaluate(row, &environment), negated))
    case .booleanTest(let inner, let wanted, let negated):
      let value = try inner.evaluate(row, &environment)
      let holds: Bool
      if case .bool(let flag) = value { holds = wanted == flag } else { holds = wanted == nil }
      return .bool(holds != negated)
    case .distinct(let a, let b, let comparison, let negated):
      let left = try a.evaluate(row, &environment)
      let right = try b.evaluate(row, &environment)
      let same: Bool
      if left.isNull || right.isNull {
        same = left.isNull && right.isNull
      } else {
        same = try comparison.body([left, right], &environment.context) == .bool(true)
      }
      return .bool(same == negated)
    case .conditional(let cases, let otherwise, _):
      for item in cases where try item.condition.evaluate(row, &environment) == .bool(true) {
        return try item.result.evaluate(row, &environment)
      }
      return try otherwise.evaluate(row, &environment)
    case .coalesce(let list, _):
      for item in list {
        let value = try item.evaluate(row, &environment)
        if !value.isNull { return value }
      }
      return .null
    case .nullIf(let a, let b, let comparison):
      let left = try a.evaluate(row, &environment)
      let right = try b.evaluate(row, &environment)
      if left.isNull || right.isNull { return left }
      return try comparison.body([left, right], &environment.context) == .bool(true) ? .null : left
    case .extremum(let list, let type, let isGreatest):
      var best = Value.null
      for item in list {
        let value = try item.evaluate(row, &environment)
        if value.isNull { continue }
        if best.isNull || Value.compare(value, best, as: type) == (isGreatest ? 1 : -1) {
          best = value
        }
      }
      return best
    default: return try evaluateComposite(row, &environment)
    }
  }

  private static func call(
    _ call: BoundCall, _ row: [Value], _ environment: inout EvaluationEnvironment
  ) throws(SQLError) -> Value {
    var arguments: [Value] = []
    arguments.reserveCapacity(call.arguments.count)
    for argument in call.arguments {
      let value = try argument.evaluate(row, &environment)
      if call.isStrict && value.isNull { return .null }
      arguments.append(value)
    }
    return try call.body(arguments, &environment.context)
  }

  /// IS [NOT] NULL; of a row, whether all its fields are (not).
  static func isNull(_ value: Value, _ negated: Bool) -> Bool {
    if case .record(let record) = value {
      return record.fields.allSatisfy { $0.isNull != negated }
    }
    return value.isNull != negated
  }

  private func evaluateComposite(_ row: [Value], _ environment: inout EvaluationEnvironment)
    throws(SQLError) -> Value
  {
    switch self {
    case .row(let list, _):
      let fields = try Self.evaluate(list, row, &environment)
      return .record(
        try RecordValue.checked(
          fields: fields, types: list.map { $0.type == .unknown ? .text : $0.type }))
    case .field(let inner, let index, _):
      guard case .record(let record) = try inner.evaluate(row, &environment),
        index < record.fields.count
      else { return .null }
      return record.fields[index]
    case .array(let list, let element, _, let isNested):
      let values = try Self.evaluate(list, row, &environment)
      return try ArrayOperations.build(values, element: element, isNested: isNested)
    case .element(let base, let subscripts, _):
      let value = try base.evaluate(row, &environment)
      var bounds: [(Value?, Value?)] = []
      for item in subscripts {
        let lower = try item.lower?.evaluate(row, &environment)
        let upper = try item.upper?.evaluate(row, &environment)
        bounds.append((lower, upper))
      }
      return ArrayOperations.element(
        of: value, bounds, isSlice: subscripts.contains(where: \.isSlice))
    case .anyArray(let a, let b, let comparison, let isAll):
      let left = try a.evaluate(row, &environment)
      guard case .array(let array) = try b.evaluate(row, &environment) else { return .null }
      return try Self.quantified(
        left, array.elements.lazy.map { $0 }, comparison, isAll, &environment)
    case .inList(let a, let list, let comparison):
      let left = try a.evaluate(row, &environment)
      if left.isNull { return .null }
      var sawNull = false
      for item in list {
        let right = try item.evaluate(row, &environment)
        if right.isNull {
          sawNull = true
          continue
        }
        let same =
          comparison.isPlain
          ? Value.compare(left, right) == 0
          : try comparison.body([left, right], &environment.context) == .bool(true)
        if same { return .bool(true) }
      }
      return sawNull ? .null : .bool(false)
    case .rowCompare(let a, let b, let comparisons, let name):
      return try Self.compareRows(
        try Self.evaluate(a, row, &environment), try Self.evaluate(b, row, &environment),
        comparisons, name, &environment)
    case .anySubquery(let list, let id, let comparisons, let name, let isAll):
      guard let result = environment.externals[id] else {
        throw SQLError(.internalError, "external \(id) was not computed")
      }
      let left = try Self.evaluate(list, row, &environment)
      return try Self.anyRow(left, result, comparisons, name, isAll, &environment)
    default:
      throw SQLError(.internalError, "an expression that only a plan node can compute")
    }
  }

  static func evaluate(
    _ list: [TypedExpression], _ row: [Value], _ environment: inout EvaluationEnvironment
  ) throws(SQLError) -> [Value] {
    var values: [Value] = []
    values.reserveCapacity(list.count)
    for item in list { values.append(try item.evaluate(row, &environment)) }
    return values
  }

  private static func quantified(
    _ left: Value, _ elements: some Sequence<Value>, _ comparison: BoundComparison, _ isAll: Bool,
    _ environment: inout EvaluationEnvironment
  ) throws(SQLError) -> Value {
    var sawNull = false
    for right in elements {
      if comparison.isStrict && (left.isNull || right.isNull) {
        sawNull = true
        continue
      }
      switch try comparison.body([left, right], &environment.context) {
      case .bool(let flag): if flag != isAll { return .bool(!isAll) }
      default: sawNull = true
      }
    }
    return sawNull ? .null : .bool(isAll)
  }

  private static func anyRow(
    _ left: [Value], _ result: ExternalResult, _ comparisons: [BoundComparison], _ name: String,
    _ isAll: Bool, _ environment: inout EvaluationEnvironment
  ) throws(SQLError) -> Value {
    if left.count == 1 && name == "=" && !isAll && comparisons[0].isPlain {
      if result.rows.isEmpty { return .bool(false) }
      if left[0].isNull { return .null }
      if result.firstColumn.contains(left[0]) { return .bool(true) }
      return result.firstColumn.contains(.null) ? .null : .bool(false)
    }
    var sawNull = false
    for right in result.rows {
      guard right.count >= left.count else {
        throw SQLError(.internalError, "a row of \(right.count) fields for \(left.count)")
      }
      switch try compareRows(left, right, comparisons, name, &environment) {
      case .bool(let flag): if flag != isAll { return .bool(!isAll) }
      default: sawNull = true
      }
    }
    return sawNull ? .null : .bool(isAll)
  }

  /// Row comparison by PostgreSQL's rules: `=` and `<>` field by field, the others by the first
  /// pair that differs.
  private static func compareRows(
    _ left: [Value], _ right: [Value], _ comparisons: [BoundComparison], _ name: String,
    _ environment: inout EvaluationEnvironment
  ) throws(SQLError) -> Value {
    if left.count == 1 {
      if comparisons[0].isStrict && (left[0].isNull || right[0].isNull) { return .null }
      return try comparisons[0].body([left[0], right[0]], &environment.context)
    }
    if name == "=" || name == "<>" {
      var sawNull = false
      for index in left.indices {
        if left[index].isNull || right[index].isNull {
          sawNull = true
          continue
        }
        let value = try comparisons[index].body([left[index], right[index]], &environment.context)
        if value == .bool(name == "<>") { return .bool(name == "<>") }
      }
      return sawNull ? .null : .bool(name == "=")
    }
    for index in left.indices {
      if left[index].isNull || right[index].isNull { return .null }
      let isLast = index == left.count - 1
      if isLast || Value.compare(left[index], right[index]) != 0 {
        return try comparisons[index].body([left[index], right[index]], &environment.context)
      }
    }
    return .null
  }
}
