import Base
import Catalog
import Functions
import Syntax
import Types

/// The columns that an expression may name.
struct Scope {
  var qualifier: String?
  var columns: [(name: String, type: SQLType, position: Int)] = []
}

/// Resolves names and types. Parameters without a type get the one that their place asks for.
struct ExpressionBinder {
  var scope: Scope
  var parameterTypes: [SQLType]
  let source: [UInt8]
  /// Set while aggregates are allowed: takes the call, gives the position of its result.
  var onAggregate: ((FunctionCall, inout ExpressionBinder) throws(SQLError) -> Typed)?

  init(scope: Scope, parameterTypes: [SQLType], source: [UInt8]) {
    self.scope = scope
    self.parameterTypes = parameterTypes
    self.source = source
  }

  /// A byte offset as PostgreSQL's position: characters from 1.
  func position(_ location: Int) -> Int? {
    guard location >= 0, location <= source.count else { return nil }
    return String(decoding: source[..<location], as: UTF8.self).unicodeScalars.count + 1
  }

  func fault(_ state: SQLState, _ message: String, _ location: Int) -> SQLError {
    SQLError(state, message, position: position(location))
  }

  mutating func bind(_ expression: Expression) throws(SQLError) -> Typed {
    switch expression {
    case .constant(let constant, _): return try literal(constant)
    case .parameter(let number, let location): return try parameter(number, location)
    case .column(let names, let location): return try column(names, location)
    case .star(_, let location): throw fault(.syntaxError, "* is not allowed here", location)
    case .operation(let name, let left, let right, let location):
      return try operation(name, left, right, location)
    case .logic(let connective, let parts, _): return try logic(connective, parts)
    case .isNull(let operand, let isNegated, _):
      let bound = try decided(bind(operand), .text)
      return Typed(expression: .isNull(bound.expression, isNegated: isNegated), type: .bool)
    case .isTrue(let operand, let value, let isNegated, _):
      let bound = try coerce(bind(operand), to: .bool, operand.location)
      return Typed(
        expression: .isTrue(bound, value: value, isNegated: isNegated), type: .bool)
    case .isDistinct(let left, let right, let isNegated, let location):
      let (a, b, type) = try unify(bind(left), bind(right), "=", location)
      return Typed(expression: .isDistinct(a, b, isNegated: isNegated, type), type: .bool)
    case .isIn(let operand, let items, let isNegated, let location):
      return try isIn(operand, items, isNegated, location)
    case .between(let operand, let low, let high, let isNegated, let location):
      let lower = try operation(">=", operand, low, location)
      let upper = try operation("<=", operand, high, location)
      let both = BoundExpression.and([lower.expression, upper.expression])
      return Typed(expression: isNegated ? .not(both) : both, type: .bool)
    case .like(let operand, let pattern, let match, let isNegated, _):
      let text = try coerce(bind(operand), to: .text, operand.location)
      let shape = try coerce(bind(pattern), to: .text, pattern.location)
      return Typed(
        expression: .like(text, shape, ignoresCase: match == .ilike, isNegated: isNegated),
        type: .bool)
    case .call(let call): return try self.call(call)
    case .cast(let operand, let name, let location):
      let target = try resolveType(name)
      let bound = try bind(operand)
      return Typed(
        expression: try coerce(
          bound, to: target, operand.location >= 0 ? operand.location : location,
          isExplicit: true), type: target)
    case .caseWhen(let operand, let branches, let otherwise, let location):
      return try caseWhen(operand, branches, otherwise, location)
    case .coalesce(let operands, let location):
      var bound: [Typed] = []
      for operand in operands { bound.append(try bind(operand)) }
      let (parts, type) = try common(bound, "COALESCE", location)
      return Typed(expression: .coalesce(parts), type: type)
    case .nullIf(let left, let right, let location):
      let a = try decided(bind(left), .text)
      let same = try operation("=", left, right, location)
      return Typed(
        expression: .branch(
          [(same.expression, .constant(.null))], otherwise: a.expression), type: a.type)
    case .defaultValue(let location):
      throw fault(.syntaxError, "DEFAULT is not allowed in this context", location)
    }
  }

  private func literal(_ constant: Expression.Constant) throws(SQLError) -> Typed {
    switch constant {
    case .null: return Typed(expression: .constant(.null), type: .unknown)
    case .bool(let flag): return Typed(expression: .constant(.bool(flag)), type: .bool)
    case .integer(let number):
      return Typed(expression: .constant(.int(Int64(number))), type: .int4)
    case .number(let text):
      if let whole = Int64(text) {
        return Typed(expression: .constant(.int(whole)), type: .int8)
      }
      return Typed(expression: .constant(.numeric(try Numeric.parse(text))), type: .numeric)
    case .string(let text):
      return Typed(expression: .constant(.string(text)), type: .unknown)
    }
  }

  private mutating func parameter(_ number: Int, _ location: Int) throws(SQLError) -> Typed {
    guard number >= 1, number <= 65_535 else {
      throw fault(.undefinedParameter, "there is no parameter $\(number)", location)
    }
    while parameterTypes.count < number { parameterTypes.append(.unknown) }
    return Typed(expression: .parameter(number - 1), type: parameterTypes[number - 1])
  }

  private func column(_ names: [String], _ location: Int) throws(SQLError) -> Typed {
    let name = names[names.count - 1]
    if names.count > 1 {
      guard names[names.count - 2] == scope.qualifier else {
        throw fault(
          .undefinedTable,
          "missing FROM-clause entry for table \"\(names[names.count - 2])\"", location)
      }
    }
    guard let found = scope.columns.first(where: { $0.name == name }) else {
      let shown = names.count > 1 ? names.suffix(2).joined(separator: ".") : "\"\(name)\""
      throw fault(.undefinedColumn, "column \(shown) does not exist", location)
    }
    return Typed(expression: .column(found.position), type: found.type)
  }

  private mutating func logic(_ connective: Expression.Connective, _ parts: [Expression])
    throws(SQLError) -> Typed
  {
    var bound: [BoundExpression] = []
    for part in parts {
      let typed = try bind(part)
      if typed.type != .bool && typed.type.oid != SQLType.unknown.oid {
        let word = connective == .and ? "AND" : connective == .or ? "OR" : "NOT"
        throw fault(
          .datatypeMismatch,
          "argument of \(word) must be type boolean, not type \(formatType(typed.type))",
          part.location)
      }
      bound.append(try coerce(typed, to: .bool, part.location))
    }
    switch connective {
    case .and: return Typed(expression: .and(bound), type: .bool)
    case .or: return Typed(expression: .or(bound), type: .bool)
    case .not: return Typed(expression: .not(bound[0]), type: .bool)
    }
  }

  private mutating func isIn(
    _ operand: Expression, _ items: [Expression], _ isNegated: Bool, _ location: Int
  ) throws(SQLError) -> Typed {
    var bound = [try bind(operand)]
    for item in items { bound.append(try bind(item)) }
    let (parts, type) = try common(bound, "IN", location)
    return Typed(
      expression: .isIn(parts[0], Array(parts.dropFirst()), isNegated: isNegated, type),
      type: .bool)
  }

  private mutating func caseWhen(
    _ operand: Expression?, _ branches: [CaseBranch], _ otherwise: Expression?, _ location: Int
  ) throws(SQLError) -> Typed {
    var conditions: [BoundExpression] = []
    var results: [Typed] = []
    for branch in branches {
      if let operand {
        conditions.append(
          try operation("=", operand, branch.condition, location).expression)
      } else {
        conditions.append(
          try coerce(bind(branch.condition), to: .bool, branch.condition.location))
      }
      results.append(try bind(branch.result))
    }
    if let otherwise {
      results.append(try bind(otherwise))
    } else {
      results.append(Typed(expression: .constant(.null), type: .unknown))
    }
    let (parts, type) = try common(results, "CASE", location)
    return Typed(
      expression: .branch(
        Array(zip(conditions, parts)).map { ($0.0, $0.1) }, otherwise: parts[parts.count - 1]),
      type: type)
  }

  private mutating func call(_ call: FunctionCall) throws(SQLError) -> Typed {
    let name = call.name[call.name.count - 1]
    if AggregateFunction(rawValue: name) != nil {
      guard let onAggregate else {
        throw fault(
          .groupingError, "aggregate functions are not allowed here", call.location)
      }
      return try onAggregate(call, &self)
    }
    var arguments: [Typed] = []
    for argument in call.arguments { arguments.append(try bind(argument)) }
    let resolved = try placed(call.location) { () throws(SQLError) in
      try FunctionRegistry.builtin.resolveFunction(name, arguments.map(\.type))
    }
    // A function of more than its arguments needs the statement's time, session or catalog.
    guard resolved.body.isScalar, resolved.signature.volatility == .immutable, !call.isDistinct
    else {
      throw fault(
        .featureNotSupported, "function \(name) is not supported here", call.location)
    }
    var operands: [BoundExpression] = []
    for (argument, type) in zip(arguments, resolved.argumentTypes) {
      operands.append(try coerce(argument, to: type, call.location, isExplicit: true))
    }
    return Typed(expression: .call(resolved, operands), type: resolved.result)
  }

  /// The registry's errors know no place in the text.
  func placed<R>(_ location: Int, _ body: () throws(SQLError) -> R) throws(SQLError) -> R {
    do throws(SQLError) {
      return try body()
    } catch {
      var shown = error
      shown.position = position(location)
      throw shown
    }
  }

  func resolveType(_ name: TypeName) throws(SQLError) -> SQLType {
    guard var type = SQLType.named(name.names[name.names.count - 1]) else {
      throw fault(
        .undefinedObject, "type \"\(name.names.joined(separator: "."))\" does not exist",
        name.location)
    }
    var modifiers: [Int] = []
    for modifier in name.modifiers {
      guard case .constant(.integer(let number), _) = modifier else {
        throw fault(
          .syntaxError, "type modifiers must be simple constants or identifiers", name.location)
      }
      modifiers.append(number)
    }
    type = try withModifiers(type, modifiers, name.location)
    if name.isArray {
      guard let array = TypeInfo.lookup(type)?.arrayOid, array.rawValue != 0 else {
        throw fault(.undefinedObject, "there is no array of that type", name.location)
      }
      type = SQLType(array, modifier: type.modifier)
    }
    return type
  }

  private func withModifiers(_ type: SQLType, _ modifiers: [Int], _ location: Int)
    throws(SQLError) -> SQLType
  {
    if modifiers.isEmpty { return type }
    switch type.oid {
    case SQLType.varchar.oid, SQLType.bpchar.oid:
      guard modifiers[0] > 0 else {
        throw fault(
          .invalidParameterValue, "length for type \(formatType(type)) must be at least 1",
          location)
      }
      return type.withModifier(Int32(clamping: modifiers[0] + 4))
    case SQLType.numeric.oid:
      let scale = modifiers.count > 1 ? modifiers[1] : 0
      guard (1...1_000).contains(modifiers[0]) else {
        throw fault(
          .invalidParameterValue,
          "NUMERIC precision \(modifiers[0]) must be between 1 and 1000", location)
      }
      guard (0...1_000).contains(scale) else {
        throw fault(
          .invalidParameterValue, "NUMERIC scale \(scale) must be between 0 and 1000", location)
      }
      return SQLType.numeric(precision: modifiers[0], scale: scale)
    default:
      throw fault(
        .featureNotSupported, "modifiers of type \(formatType(type)) are not supported", location)
    }
  }
}
