import Functions
import Types

extension BoundExpression {
  /// The value on the row; three-valued logic as in SQL.
  func evaluate(_ row: [Value], _ parameters: [Value]) throws(SQLError) -> Value {
    switch self {
    case .constant(let value): return value
    case .column(let position): return row[position]
    case .parameter(let position): return parameters[position]
    case .arithmetic(let operation, let left, let right, let type):
      return try calculate(
        operation, left.evaluate(row, parameters), right.evaluate(row, parameters), type)
    case .negate(let operand, let type):
      return try calculate(.subtract, zero(type), operand.evaluate(row, parameters), type)
    case .compare(let comparison, let left, let right, let type):
      let a = try left.evaluate(row, parameters)
      let b = try right.evaluate(row, parameters)
      if a.isNull || b.isNull { return .null }
      return .bool(comparison.holds(Types.compare(a, b, as: type)))
    case .isDistinct(let left, let right, let isNegated, let type):
      let a = try left.evaluate(row, parameters)
      let b = try right.evaluate(row, parameters)
      let isDistinct =
        a.isNull || b.isNull ? a.isNull != b.isNull : Types.compare(a, b, as: type) != 0
      return .bool(isDistinct != isNegated)
    case .and(let parts): return try all(parts, row, parameters, stop: false)
    case .or(let parts): return try all(parts, row, parameters, stop: true)
    case .not(let operand):
      guard case .bool(let flag) = try operand.evaluate(row, parameters) else { return .null }
      return .bool(!flag)
    case .isNull(let operand, let isNegated):
      return .bool(try operand.evaluate(row, parameters).isNull != isNegated)
    case .isTrue(let operand, let value, let isNegated):
      let found = try operand.evaluate(row, parameters)
      let holds =
        switch found {
        case .bool(let flag): value == flag
        default: value == nil
        }
      return .bool(holds != isNegated)
    case .isIn(let operand, let items, let isNegated, let type):
      return try isIn(operand, items, isNegated, type, row, parameters)
    case .like(let operand, let pattern, let ignoresCase, let isNegated):
      guard case .text(let text) = try operand.evaluate(row, parameters),
        case .text(let shape) = try pattern.evaluate(row, parameters)
      else { return .null }
      return .bool(try matchesLike(text, shape, ignoresCase: ignoresCase) != isNegated)
    case .concatenate(let left, let right):
      guard case .text(let a) = try left.evaluate(row, parameters),
        case .text(let b) = try right.evaluate(row, parameters)
      else { return .null }
      return .text(a + b)
    case .cast(let operand, let source, let target):
      return try convert(operand.evaluate(row, parameters), from: source, to: target)
    case .branch(let branches, let otherwise):
      for branch in branches {
        if case .bool(true) = try branch.condition.evaluate(row, parameters) {
          return try branch.result.evaluate(row, parameters)
        }
      }
      return try otherwise.evaluate(row, parameters)
    case .coalesce(let operands):
      for operand in operands {
        let value = try operand.evaluate(row, parameters)
        if !value.isNull { return value }
      }
      return .null
    case .call(let function, let operands):
      var values: [Value] = []
      for operand in operands { values.append(try operand.evaluate(row, parameters)) }
      var context = EvaluationContext()
      return try function.evaluate(values, &context)
    case .apply(let operation, let left, let right):
      var context = EvaluationContext()
      let operand = try left?.evaluate(row, parameters) ?? .null
      let last = try right.evaluate(row, parameters)
      if left == nil {
        if operation.signature.isStrict && last.isNull { return .null }
        return try operation.body.evaluate([last], &context)
      }
      return try operation.evaluate(operand, last, &context)
    }
  }

  /// AND stops at the first false, OR at the first true; otherwise null wins.
  private func all(
    _ parts: [BoundExpression], _ row: [Value], _ parameters: [Value], stop: Bool
  ) throws(SQLError) -> Value {
    var sawNull = false
    for part in parts {
      guard case .bool(let flag) = try part.evaluate(row, parameters) else {
        sawNull = true
        continue
      }
      if flag == stop { return .bool(stop) }
    }
    return sawNull ? .null : .bool(!stop)
  }

  private func isIn(
    _ operand: BoundExpression, _ items: [BoundExpression], _ isNegated: Bool, _ type: SQLType,
    _ row: [Value], _ parameters: [Value]
  ) throws(SQLError) -> Value {
    let value = try operand.evaluate(row, parameters)
    if value.isNull { return .null }
    var sawNull = false
    for item in items {
      let candidate = try item.evaluate(row, parameters)
      if candidate.isNull {
        sawNull = true
      } else if Types.compare(value, candidate, as: type) == 0 {
        return .bool(!isNegated)
      }
    }
    return sawNull ? .null : .bool(isNegated)
  }

  /// Whether a filter keeps the row: null does not.
  func isTrue(_ row: [Value], _ parameters: [Value]) throws(SQLError) -> Bool {
    if case .bool(true) = try evaluate(row, parameters) { return true }
    return false
  }
}
