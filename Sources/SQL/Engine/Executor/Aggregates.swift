import Types

enum AggregateFunction: String, Sendable {
  case count, sum, min, max, avg

  /// The result's type for the argument's; nil where PostgreSQL has none.
  func result(_ argument: SQLType) -> SQLType? {
    switch self {
    case .count: .int8
    case .min, .max: argument
    case .sum:
      switch argument.oid {
      case SQLType.int2.oid, SQLType.int4.oid: .int8
      case SQLType.int8.oid, SQLType.numeric.oid: .numeric
      case SQLType.float4.oid, SQLType.float8.oid: SQLType(argument.oid)
      default: nil
      }
    case .avg:
      switch argument.oid {
      case SQLType.float4.oid, SQLType.float8.oid: .float8
      default: isNumber(argument) ? .numeric : nil
      }
    }
  }
}

/// One aggregate of a query: which function over which argument (nil: `count(*)`).
struct AggregateCall: Sendable {
  var function: AggregateFunction
  var argument: BoundExpression?
  var argumentType: SQLType
  var resultType: SQLType
  var isDistinct: Bool
}

/// The running state of one aggregate over one group.
struct Accumulator {
  let call: AggregateCall
  private var count: Int64 = 0
  private var value = Value.null
  private var seen: Set<Value> = []

  init(_ call: AggregateCall) { self.call = call }

  mutating func add(_ row: [Value], _ parameters: [Value]) throws(SQLError) {
    guard let argument = call.argument else {
      count += 1
      return
    }
    let next = try argument.evaluate(row, parameters)
    if next.isNull || (call.isDistinct && !seen.insert(next).inserted) { return }
    count += 1
    switch call.function {
    case .count: break
    case .min: if value.isNull || order(next, value) < 0 { value = next }
    case .max: if value.isNull || order(next, value) > 0 { value = next }
    case .sum, .avg:
      let type: SQLType = call.resultType.oid == SQLType.float4.oid ? .float8 : call.resultType
      let addend = try convert(next, from: call.argumentType, to: type)
      value = value.isNull ? addend : try calculate(.add, value, addend, type)
    }
  }

  private func order(_ a: Value, _ b: Value) -> Int { compare(a, b, as: call.argumentType) }

  func result() throws(SQLError) -> Value {
    switch call.function {
    case .count: return .int(count)
    case .min, .max: return value
    case .sum:
      return call.resultType.oid == SQLType.float4.oid
        ? try convert(value, from: .float8, to: .float4) : value
    case .avg:
      if value.isNull { return .null }
      let divisor = try convert(.int(count), from: .int8, to: call.resultType)
      return try calculate(.divide, value, divisor, call.resultType)
    }
  }
}
