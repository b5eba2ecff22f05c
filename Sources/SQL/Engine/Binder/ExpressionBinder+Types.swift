import Base
import Functions
import Syntax
import Types

/// Types of operators, common types, coercion: PostgreSQL's rules for the types that are there.
extension ExpressionBinder {
  mutating func operation(
    _ name: String, _ left: Expression?, _ right: Expression, _ location: Int
  ) throws(SQLError) -> Typed {
    let b = try bind(right)
    guard let left else { return try prefix(name, b, location) }
    let a = try bind(left)
    let spelled = name == "!=" ? "<>" : name
    if let comparison = Comparison(rawValue: spelled) {
      let (x, y, type) = try unify(a, b, name, location)
      return Typed(expression: .compare(comparison, x, y, type), type: .bool)
    }
    if let arithmetic = Arithmetic(rawValue: name) {
      let (x, y, type) = try unify(a, b, name, location)
      guard isNumber(type) else { throw noOperator(name, a.type, b.type, location) }
      return Typed(expression: .arithmetic(arithmetic, x, y, type), type: type)
    }
    if name == "||", isTextual(a.type) || isTextual(b.type) {
      return Typed(
        expression: .concatenate(
          try coerce(a, to: .text, location, isExplicit: true),
          try coerce(b, to: .text, location, isExplicit: true)), type: .text)
    }
    return try registered(name, a, b, location)
  }

  private func isTextual(_ type: SQLType) -> Bool {
    isText(type) || type.oid == SQLType.unknown.oid
  }

  private mutating func prefix(_ name: String, _ operand: Typed, _ location: Int)
    throws(SQLError) -> Typed
  {
    guard isNumber(operand.type), name == "-" || name == "+" else {
      return try registered(name, nil, operand, location)
    }
    if name == "+" { return operand }
    return Typed(expression: .negate(operand.expression, operand.type), type: operand.type)
  }

  /// Any other operator, from the registry.
  private mutating func registered(
    _ name: String, _ left: Typed?, _ right: Typed, _ location: Int
  ) throws(SQLError) -> Typed {
    let found = try placed(location) { () throws(SQLError) in
      try FunctionRegistry.builtin.resolveOperator(name, left?.type, right.type)
    }
    guard found.body.isScalar else {
      throw fault(.featureNotSupported, "operator \(name) is not supported", location)
    }
    var operand: BoundExpression?
    if let left, let type = found.left {
      operand = try coerce(left, to: type, location, isExplicit: true)
    }
    let last = try coerce(right, to: found.right, location, isExplicit: true)
    return Typed(expression: .apply(found, left: operand, right: last), type: found.result)
  }

  private func noOperator(
    _ name: String, _ left: SQLType?, _ right: SQLType, _ location: Int
  ) -> SQLError {
    let shown = left.map { formatType($0) + " " } ?? ""
    var error = fault(
      .undefinedFunction, "operator does not exist: \(shown)\(name) \(formatType(right))",
      location)
    error.hint =
      "No operator matches the given name and argument types. You might need to add explicit type casts."
    return error
  }

  /// Both sides in one type that compares and calculates.
  mutating func unify(_ a: Typed, _ b: Typed, _ name: String, _ location: Int)
    throws(SQLError) -> (BoundExpression, BoundExpression, SQLType)
  {
    guard let type = commonType(a.type, b.type) else {
      throw noOperator(name, a.type, b.type, location)
    }
    return (try coerce(a, to: type, location), try coerce(b, to: type, location), type)
  }

  /// All in one type, as UNION, CASE and COALESCE choose it.
  mutating func common(_ items: [Typed], _ context: String, _ location: Int)
    throws(SQLError) -> ([BoundExpression], SQLType)
  {
    var type = SQLType.unknown
    for item in items {
      guard let next = commonType(type, item.type, unknown: .unknown) else {
        throw fault(
          .datatypeMismatch,
          "\(context) types \(formatType(type)) and \(formatType(item.type)) cannot be matched",
          location)
      }
      type = next
    }
    if type.oid == SQLType.unknown.oid { type = .text }
    var parts: [BoundExpression] = []
    for item in items { parts.append(try coerce(item, to: type, location)) }
    return (parts, type)
  }

  private func commonType(_ a: SQLType, _ b: SQLType, unknown: SQLType = .text) -> SQLType? {
    let isUnknownA = a.oid == SQLType.unknown.oid
    let isUnknownB = b.oid == SQLType.unknown.oid
    if isUnknownA && isUnknownB { return unknown }
    if isUnknownA { return SQLType(b.oid) }
    if isUnknownB || a.oid == b.oid { return SQLType(a.oid) }
    if let x = numberRank(a), let y = numberRank(b) {
      return SQLType(x > y ? a.oid : b.oid)
    }
    if isText(a) && isText(b) { return .text }
    let times = [SQLType.date.oid, SQLType.timestamp.oid, SQLType.timestamptz.oid]
    if let x = times.firstIndex(of: a.oid), let y = times.firstIndex(of: b.oid) {
      return SQLType(times[max(x, y)])
    }
    return nil
  }

  /// A literal or parameter that nothing else gave a type.
  mutating func decided(_ typed: Typed, _ type: SQLType) throws(SQLError) -> Typed {
    guard typed.type.oid == SQLType.unknown.oid else { return typed }
    return Typed(expression: try coerce(typed, to: type, -1), type: type)
  }

  /// The expression in the target's type; assignment and implicit casts, or any where explicit.
  mutating func coerce(
    _ typed: Typed, to target: SQLType, _ location: Int, isExplicit: Bool = false
  ) throws(SQLError) -> BoundExpression {
    if typed.type == target { return typed.expression }
    if typed.type.oid == SQLType.unknown.oid {
      return try coerceUnknown(typed.expression, to: target, location)
    }
    let isAllowed =
      isExplicit || typed.type.oid == target.oid || (isNumber(typed.type) && isNumber(target))
      || isText(target) || isTimeWidening(typed.type, target)
    guard isAllowed else {
      throw fault(
        .datatypeMismatch,
        "cannot convert type \(formatType(typed.type)) to \(formatType(target))", location)
    }
    return .cast(typed.expression, from: typed.type, to: target)
  }

  private func isTimeWidening(_ a: SQLType, _ b: SQLType) -> Bool {
    let times = [SQLType.date.oid, SQLType.timestamp.oid, SQLType.timestamptz.oid]
    return times.contains(a.oid) && times.contains(b.oid)
  }

  private mutating func coerceUnknown(
    _ expression: BoundExpression, to target: SQLType, _ location: Int
  ) throws(SQLError) -> BoundExpression {
    switch expression {
    case .constant(.text(let text)):
      do throws(SQLError) {
        return .constant(try TypeIO.parseText(text, as: target, settings: FormatSettings()))
      } catch {
        var placed = error
        placed.position = position(location)
        throw placed
      }
    case .parameter(let number):
      parameterTypes[number] = SQLType(target.oid)
      if target.modifier < 0 { return expression }
      return .cast(expression, from: SQLType(target.oid), to: target)
    default: return expression
    }
  }
}
