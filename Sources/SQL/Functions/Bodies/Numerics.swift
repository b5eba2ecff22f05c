import Types

/// Arithmetic and functions of numeric.
extension FunctionRegistry {
  static func addNumerics(_ table: inout BodyTable) {
    table.binary("numeric_add") { (left, right, _) throws(SQLError) in
      .numeric(try left.numeric.adding(right.numeric))
    }
    table.binary("numeric_sub") { (left, right, _) throws(SQLError) in
      .numeric(try left.numeric.subtracting(right.numeric))
    }
    table.binary("numeric_mul") { (left, right, _) throws(SQLError) in
      .numeric(try left.numeric.multiplied(by: right.numeric))
    }
    table.binary("numeric_div") { (left, right, _) throws(SQLError) in
      .numeric(try left.numeric.divided(by: right.numeric))
    }
    table.binary("numeric_div_trunc") { (left, right, _) throws(SQLError) in
      .numeric(try left.numeric.dividedTruncating(by: right.numeric))
    }
    table.binary("numeric_mod") { (left, right, _) throws(SQLError) in
      .numeric(try left.numeric.modulo(right.numeric))
    }
    table.binary("numeric_power") { (left, right, _) throws(SQLError) in
      .numeric(try left.numeric.power(right.numeric))
    }
    table.unary("numeric_uminus") { (value, _) throws(SQLError) in
      .numeric(try value.numeric.negated())
    }
    table.unary("numeric_uplus") { (value, _) throws(SQLError) in value }
    table.unary("numeric_abs") { (value, _) throws(SQLError) in
      .numeric(try value.numeric.magnitude)
    }
    table.unary("numeric_sign") { (value, _) throws(SQLError) in
      let number = try value.numeric
      return .numeric(number.isNaN ? .nan : Numeric(number.signum))
    }
    table.unary("numeric_ceil") { (value, _) throws(SQLError) in
      .numeric(try value.numeric.ceiling())
    }
    table.unary("numeric_floor") { (value, _) throws(SQLError) in
      .numeric(try value.numeric.floor())
    }
    table.binary("numeric_round") { (value, places, _) throws(SQLError) in
      .numeric(try value.numeric.rounded(to: max(-2000, min(2000, places.count))))
    }
    table.unary("sql round(numeric)") { (value, _) throws(SQLError) in
      .numeric(try value.numeric.rounded(to: 0))
    }
    table.binary("numeric_trunc") { (value, places, _) throws(SQLError) in
      .numeric(try value.numeric.truncated(to: max(-2000, min(2000, places.count))))
    }
    table.unary("sql trunc(numeric)") { (value, _) throws(SQLError) in
      .numeric(try value.numeric.truncated(to: 0))
    }
    table.unary("numeric_sqrt") { (value, _) throws(SQLError) in
      .numeric(try value.numeric.squareRoot())
    }
    table.unary("numeric_exp") { (value, _) throws(SQLError) in
      .numeric(try value.numeric.exponential())
    }
    table.unary("numeric_ln") { (value, _) throws(SQLError) in
      .numeric(try value.numeric.naturalLogarithm())
    }
    table.unary("sql log(numeric)", "sql log10(numeric)") { (value, _) throws(SQLError) in
      .numeric(try value.numeric.logarithm(base: Numeric(10)))
    }
    table.binary("numeric_log") { (base, value, _) throws(SQLError) in
      .numeric(try value.numeric.logarithm(base: base.numeric))
    }
    addNumericHelpers(&table)
    addNumericCasts(&table)
  }

  private static func addNumericHelpers(_ table: inout BodyTable) {
    table.binary("numeric_larger") { (left, right, _) throws(SQLError) in
      Value.compare(left, right) >= 0 ? left : right
    }
    table.binary("numeric_smaller") { (left, right, _) throws(SQLError) in
      Value.compare(left, right) <= 0 ? left : right
    }
    table.unary("numeric_scale") { (value, _) throws(SQLError) in
      let number = try value.numeric
      return number.isFinite ? .int(Int64(number.scale)) : .null
    }
    table.unary("numeric_min_scale") { (value, _) throws(SQLError) in
      let number = try value.numeric
      return number.isFinite ? .int(Int64(number.minimalScale)) : .null
    }
    table.unary("numeric_trim_scale") { (value, _) throws(SQLError) in
      let number = try value.numeric
      return .numeric(number.isFinite ? number.withScale(number.minimalScale) : number)
    }
    table.binary("numeric_gcd") { (left, right, _) throws(SQLError) in
      .numeric(try greatestDivisor(left.numeric, right.numeric))
    }
    table.binary("numeric_lcm") { (left, right, _) throws(SQLError) in
      let (a, b) = (try left.numeric, try right.numeric)
      guard a.isFinite && b.isFinite else { return .numeric(.nan) }
      if a.isZero || b.isZero { return .numeric(Numeric.zero.withScale(max(a.scale, b.scale))) }
      let quotient = try a.dividedTruncating(by: greatestDivisor(a, b))
      return .numeric(try quotient.multiplied(by: b).magnitude.withScale(max(a.scale, b.scale)))
    }
    table.scalar("width_bucket_numeric") { (arguments, _) throws(SQLError) in
      let (operand, low, high) = (
        try arguments[0].numeric, try arguments[1].numeric, try arguments[2].numeric
      )
      let count = try arguments[3].int
      guard count > 0 else { throw SQLError("2201G", "count must be greater than zero") }
      guard !operand.isNaN, low.isFinite, high.isFinite else {
        throw SQLError("2201G", "operand, lower bound, and upper bound cannot be NaN")
      }
      guard low != high else { throw SQLError("2201G", "lower bound cannot equal upper bound") }
      let isRising = low < high
      if isRising ? operand < low : operand > low { return .int(0) }
      if isRising ? operand >= high : operand <= high { return .int(count + 1) }
      let scaled = try operand.subtracting(low).multiplied(by: Numeric(count))
      let bucket = try scaled.divided(by: high.subtracting(low)).floor()
      return .int(min(count, bucket.roundedInt64 ?? 0) + 1)
    }
  }

  private static func greatestDivisor(_ a: Numeric, _ b: Numeric) throws(SQLError) -> Numeric {
    guard a.isFinite && b.isFinite else { return .nan }
    var (x, y) = (a.magnitude, b.magnitude)
    let scale = max(a.scale, b.scale)
    while !y.isZero { (x, y) = (y, try x.modulo(y)) }
    return x.withScale(scale)
  }

  private static func addNumericCasts(_ table: inout BodyTable) {
    table.unary("int2_numeric", "int4_numeric", "int8_numeric") { (value, _) throws(SQLError) in
      .numeric(Numeric(try value.int))
    }
    table.unary("float8_numeric") { (value, _) throws(SQLError) in
      .numeric(Numeric(try value.float))
    }
    table.unary("float4_numeric") { (value, _) throws(SQLError) in
      .numeric(Numeric(Float(try value.float)))
    }
    table.unary("numeric_float8") { (value, _) throws(SQLError) in
      .float(try value.numeric.toDouble())
    }
    table.unary("numeric_float4") { (value, _) throws(SQLError) in
      let number = try value.numeric
      let double = number.double
      let single = Double(Float(double))
      if number.isFinite && (single.isInfinite || (single == 0 && !number.isZero)) {
        throw SQLError(
          .numericValueOutOfRange, "\"\(number.description)\" is out of range for type real")
      }
      return .float(single)
    }
    for (name, type) in [
      ("numeric_int2", SQLType.int2), ("numeric_int4", .int4), ("numeric_int8", .int8),
    ] {
      table.unary(name) { (value, _) throws(SQLError) in .int(try value.numeric.toInteger(type)) }
    }
  }
}
