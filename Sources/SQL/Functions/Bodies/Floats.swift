import Base
import Glibc
import Types

/// float4 and float8. Results that leave the finite numbers are 22003, as PostgreSQL's.
extension FunctionRegistry {
  static let floatOverflow = SQLError(.numericValueOutOfRange, "value out of range: overflow")
  static let floatUnderflow = SQLError(.numericValueOutOfRange, "value out of range: underflow")

  /// `mayVanish`: zero is a right answer.
  static func checked(
    _ value: Double, isSingle: Bool = false, fromInfinite: Bool, mayVanish: Bool
  ) throws(SQLError) -> Value {
    let result = isSingle ? Double(Float(value)) : value
    if result.isInfinite && !fromInfinite { throw floatOverflow }
    if result == 0 && !mayVanish { throw floatUnderflow }
    return .float(result)
  }

  static func addFloats(_ table: inout BodyTable) {
    for (prefix, isSingle) in [
      ("float4", true), ("float8", false), ("float48", false), ("float84", false),
    ] {
      addFloatArithmetic(&table, prefix, isSingle)
    }
    for prefix in ["float4", "float8"] {
      table.unary(prefix + "um") { (value, _) throws(SQLError) in .float(-(try value.float)) }
      table.unary(prefix + "up") { (value, _) throws(SQLError) in value }
      table.unary(prefix + "abs") { (value, _) throws(SQLError) in .float(abs(try value.float)) }
      table.binary(prefix + "larger") { (left, right, _) throws(SQLError) in
        Value.compare(left, right) >= 0 ? left : right
      }
      table.binary(prefix + "smaller") { (left, right, _) throws(SQLError) in
        Value.compare(left, right) <= 0 ? left : right
      }
    }
    addFloatFunctions(&table)
    addTrigonometry(&table)
    addFloatCasts(&table)
  }

  private static func addFloatArithmetic(
    _ table: inout BodyTable, _ prefix: String, _ isSingle: Bool
  ) {
    table.binary(prefix + "pl") { (left, right, _) throws(SQLError) in
      let (a, b) = (try left.float, try right.float)
      return try checked(
        a + b, isSingle: isSingle, fromInfinite: a.isInfinite || b.isInfinite, mayVanish: true)
    }
    table.binary(prefix + "mi") { (left, right, _) throws(SQLError) in
      let (a, b) = (try left.float, try right.float)
      return try checked(
        a - b, isSingle: isSingle, fromInfinite: a.isInfinite || b.isInfinite, mayVanish: true)
    }
    table.binary(prefix + "mul") { (left, right, _) throws(SQLError) in
      let (a, b) = (try left.float, try right.float)
      return try checked(
        a * b, isSingle: isSingle, fromInfinite: a.isInfinite || b.isInfinite,
        mayVanish: a == 0 || b == 0)
    }
    table.binary(prefix + "div") { (left, right, _) throws(SQLError) in
      let (a, b) = (try left.float, try right.float)
      if b == 0 && !a.isNaN { throw Fault.divisionByZero }
      return try checked(
        a / b, isSingle: isSingle, fromInfinite: a.isInfinite,
        mayVanish: a == 0 || b.isInfinite)
    }
  }

  private static func addFloatFunctions(_ table: inout BodyTable) {
    table.unary("dceil") { (value, _) throws(SQLError) in .float(ceil(try value.float)) }
    table.unary("dfloor") { (value, _) throws(SQLError) in .float(floor(try value.float)) }
    table.unary("dround") { (value, _) throws(SQLError) in .float(rint(try value.float)) }
    table.unary("dtrunc") { (value, _) throws(SQLError) in .float(trunc(try value.float)) }
    table.unary("dsign") { (value, _) throws(SQLError) in
      let number = try value.float
      return .float(number > 0 ? 1 : (number < 0 ? -1 : (number.isNaN ? .nan : 0)))
    }
    table.unary("dsqrt") { (value, _) throws(SQLError) in
      let number = try value.float
      if number < 0 {
        throw SQLError("2201F", "cannot take square root of a negative number")
      }
      return .float(number.squareRoot())
    }
    table.unary("dcbrt") { (value, _) throws(SQLError) in .float(cbrt(try value.float)) }
    table.binary("dpow") { (left, right, _) throws(SQLError) in
      let (a, b) = (try left.float, try right.float)
      if a == 0 && b < 0 {
        throw SQLError(
          .invalidArgumentForPowerFunction, "zero raised to a negative power is undefined")
      }
      if a < 0 && a.isFinite && b.isFinite && floor(b) != b {
        throw SQLError(
          .invalidArgumentForPowerFunction,
          "a negative number raised to a non-integer power yields a complex result")
      }
      return try checked(
        pow(a, b), fromInfinite: a.isInfinite || b.isInfinite,
        mayVanish: a == 0 || b.isInfinite || a.isInfinite)
    }
    table.unary("dexp") { (value, _) throws(SQLError) in
      let number = try value.float
      return try checked(
        exp(number), fromInfinite: number.isInfinite, mayVanish: number.isInfinite)
    }
    for (name, function) in [
      ("dlog1", { @Sendable (x: Double) in log(x) }),
      ("dlog10", { @Sendable (x: Double) in log10(x) }),
    ] {
      table.unary(name) { (value, _) throws(SQLError) in
        let number = try value.float
        if number == 0 {
          throw SQLError(.invalidArgumentForLogarithm, "cannot take logarithm of zero")
        }
        if number < 0 {
          throw SQLError(.invalidArgumentForLogarithm, "cannot take logarithm of a negative number")
        }
        return .float(function(number))
      }
    }
    table.scalar("dpi") { (_, _) throws(SQLError) in .float(.pi) }
    table.unary("degrees") { (value, _) throws(SQLError) in
      .float(try value.float / (.pi / 180))
    }
    table.unary("radians") { (value, _) throws(SQLError) in
      .float(try value.float * (.pi / 180))
    }
    table.scalar("drandom") { (_, context) throws(SQLError) in
      .float(Double(context.random.next() >> 11) * 0x1p-53)
    }
    table.scalar("setseed") { (arguments, context) throws(SQLError) in
      let seed = try arguments[0].float
      guard seed >= -1 && seed <= 1 else {
        throw Fault.invalid("setseed parameter \(seed) is out of allowed range [-1,1]")
      }
      context.random = .init(seed: seed.bitPattern)
      return .null
    }
    table.scalar("width_bucket_float8") { (arguments, _) throws(SQLError) in
      let (operand, low, high) = (
        try arguments[0].float, try arguments[1].float, try arguments[2].float
      )
      let count = try arguments[3].int
      guard count > 0 else { throw SQLError("2201G", "count must be greater than zero") }
      guard !operand.isNaN, low.isFinite, high.isFinite else {
        throw SQLError("2201G", "operand, lower bound, and upper bound cannot be NaN")
      }
      guard low != high else {
        throw SQLError("2201G", "lower bound cannot equal upper bound")
      }
      let position = (operand - low) / (high - low)
      if position < 0 { return .int(0) }
      if position >= 1 { return .int(count + 1) }
      return .int(Int64(position * Double(count)) + 1)
    }
  }

  private static func addTrigonometry(_ table: inout BodyTable) {
    let functions: [(String, @Sendable (Double) -> Double)] = [
      ("dsin", { sin($0) }), ("dcos", { cos($0) }), ("dtan", { tan($0) }),
      ("dasin", { asin($0) }), ("dacos", { acos($0) }), ("datan", { atan($0) }),
      ("dcot", { 1 / tan($0) }), ("dsinh", { sinh($0) }), ("dcosh", { cosh($0) }),
      ("dtanh", { tanh($0) }), ("dasinh", { asinh($0) }), ("dacosh", { acosh($0) }),
      ("datanh", { atanh($0) }),
    ]
    for (name, function) in functions {
      table.unary(name) { (value, _) throws(SQLError) in
        let number = try value.float
        let result = function(number)
        if result.isNaN && !number.isNaN {
          throw SQLError(.numericValueOutOfRange, "input is out of range")
        }
        return .float(result)
      }
    }
    table.binary("datan2") { (left, right, _) throws(SQLError) in
      .float(atan2(try left.float, try right.float))
    }
  }

  private static func addFloatCasts(_ table: inout BodyTable) {
    table.unary("ftod") { (value, _) throws(SQLError) in value }
    table.unary("dtof") { (value, _) throws(SQLError) in
      let number = try value.float
      return try checked(
        number, isSingle: true, fromInfinite: number.isInfinite, mayVanish: number == 0)
    }
    table.unary("i2tod", "i4tod", "i8tod") { (value, _) throws(SQLError) in
      .float(Double(try value.int))
    }
    table.unary("i2tof", "i4tof", "i8tof") { (value, _) throws(SQLError) in
      .float(Double(Float(try value.int)))
    }
    for (suffix, width) in [("2", IntegerWidth.two), ("4", .four), ("8", .eight)] {
      table.unary("dtoi" + suffix, "ftoi" + suffix) { (value, _) throws(SQLError) in
        let rounded = rint(try value.float)
        guard rounded >= -0x1p63, rounded < 0x1p63 else { throw Fault.outOfRange(width.name) }
        return try width.check(Int64(rounded))
      }
    }
  }
}
