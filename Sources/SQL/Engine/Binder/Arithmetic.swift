import Types

func zero(_ type: SQLType) -> Value {
  switch type.oid {
  case SQLType.float4.oid, SQLType.float8.oid: .float(0)
  case SQLType.numeric.oid: .numeric(Numeric(0))
  default: .int(0)
  }
}

/// Arithmetic on two values of `type`, with PostgreSQL's overflow and division errors.
func calculate(_ operation: Arithmetic, _ left: Value, _ right: Value, _ type: SQLType)
  throws(SQLError) -> Value
{
  switch (left, right) {
  case (.int(let a), .int(let b)): return .int(try integers(operation, a, b, type))
  case (.float(let a), .float(let b)): return .float(try floats(operation, a, b, type))
  case (.numeric(let a), .numeric(let b)): return .numeric(try numerics(operation, a, b))
  default: return .null
  }
}

private let divisionByZero = SQLError(.divisionByZero, "division by zero")

private func integers(_ operation: Arithmetic, _ a: Int64, _ b: Int64, _ type: SQLType)
  throws(SQLError) -> Int64
{
  let (value, overflow): (Int64, Bool)
  switch operation {
  case .add: (value, overflow) = a.addingReportingOverflow(b)
  case .subtract: (value, overflow) = a.subtractingReportingOverflow(b)
  case .multiply: (value, overflow) = a.multipliedReportingOverflow(by: b)
  case .divide:
    if b == 0 { throw divisionByZero }
    (value, overflow) = a.dividedReportingOverflow(by: b)
  case .modulo:
    if b == 0 { throw divisionByZero }
    (value, overflow) = b == -1 ? (0, false) : (a % b, false)
  }
  if overflow || !fits(value, type) { throw outOfRange(type) }
  return value
}

func fits(_ value: Int64, _ type: SQLType) -> Bool {
  switch type.oid {
  case SQLType.int2.oid: Int16(exactly: value) != nil
  case SQLType.int4.oid: Int32(exactly: value) != nil
  default: true
  }
}

func outOfRange(_ type: SQLType) -> SQLError {
  SQLError(.numericValueOutOfRange, "\(formatType(SQLType(type.oid))) out of range")
}

private func floats(_ operation: Arithmetic, _ a: Double, _ b: Double, _ type: SQLType)
  throws(SQLError) -> Double
{
  if b == 0 && (operation == .divide || operation == .modulo) { throw divisionByZero }
  let exact =
    switch operation {
    case .add: a + b
    case .subtract: a - b
    case .multiply: a * b
    case .divide: a / b
    case .modulo: a.truncatingRemainder(dividingBy: b)
    }
  let value = type.oid == SQLType.float4.oid ? Double(Float(exact)) : exact
  if value.isInfinite && a.isFinite && b.isFinite {
    throw SQLError(.numericValueOutOfRange, "value out of range: overflow")
  }
  return value
}

private func numerics(_ operation: Arithmetic, _ a: Numeric, _ b: Numeric) throws(SQLError)
  -> Numeric
{
  switch operation {
  case .add: try a.adding(b)
  case .subtract: try a.subtracting(b)
  case .multiply: try a.multiplied(by: b)
  case .divide: try a.divided(by: b)
  case .modulo: try a.modulo(b)
  }
}

/// A value of one type as another: numbers among themselves, everything else through its text.
func convert(_ value: Value, from source: SQLType, to target: SQLType) throws(SQLError) -> Value {
  if value.isNull || source == target { return value }
  switch (value, target.oid) {
  case (.int(let number), let kind)
  where isNumber(source)
    && (kind == SQLType.int2.oid || kind == SQLType.int4.oid || kind == SQLType.int8.oid):
    if !fits(number, target) { throw outOfRange(target) }
    return value
  case (.int(let number), let kind)
  where isNumber(source) && (kind == SQLType.float4.oid || kind == SQLType.float8.oid):
    return .float(target.oid == SQLType.float4.oid ? Double(Float(number)) : Double(number))
  case (.int(let number), SQLType.numeric.oid) where isNumber(source):
    return .numeric(try Numeric(number).fitted(to: target))
  case (.float(let number), SQLType.float4.oid), (.float(let number), SQLType.float8.oid):
    return .float(target.oid == SQLType.float4.oid ? Double(Float(number)) : number)
  case (.float(let number), SQLType.numeric.oid):
    return .numeric(try Numeric(number).fitted(to: target))
  case (.float(let number), SQLType.int2.oid), (.float(let number), SQLType.int4.oid),
    (.float(let number), SQLType.int8.oid):
    let rounded = number.rounded(.toNearestOrEven)
    guard let whole = Int64(exactly: rounded), fits(whole, target) else {
      throw outOfRange(target)
    }
    return .int(whole)
  case (.numeric(let number), SQLType.int2.oid), (.numeric(let number), SQLType.int4.oid),
    (.numeric(let number), SQLType.int8.oid):
    return .int(try number.toInteger(target))
  case (.numeric(let number), SQLType.float4.oid), (.numeric(let number), SQLType.float8.oid):
    let double = try number.toDouble()
    return .float(target.oid == SQLType.float4.oid ? Double(Float(double)) : double)
  case (.numeric(let number), SQLType.numeric.oid): return .numeric(try number.fitted(to: target))
  default:
    var text: [UInt8] = []
    TypeIO.formatText(value, as: source, into: &text)
    return try TypeIO.parseText(text, as: target, settings: FormatSettings())
  }
}

func isNumber(_ type: SQLType) -> Bool { numberRank(type) != nil }

/// The order in which numbers are widened to one another.
func numberRank(_ type: SQLType) -> Int? {
  switch type.oid {
  case SQLType.int2.oid: 0
  case SQLType.int4.oid: 1
  case SQLType.int8.oid: 2
  case SQLType.numeric.oid: 3
  case SQLType.float4.oid: 4
  case SQLType.float8.oid: 5
  default: nil
  }
}

func isText(_ type: SQLType) -> Bool {
  [SQLType.text, .varchar, .bpchar, .name].contains { $0.oid == type.oid }
}
