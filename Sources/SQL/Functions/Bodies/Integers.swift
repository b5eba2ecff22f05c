import Types

/// Arithmetic of int2, int4 and int8, which all are `.int`; a result beyond its type is 22003.
extension FunctionRegistry {
  struct IntegerWidth: Sendable {
    let range: ClosedRange<Int64>
    let name: String
    func check(_ value: Int64) throws(SQLError) -> Value {
      if range.contains(value) { return .int(value) }
      throw Fault.outOfRange(name)
    }
    static let two = IntegerWidth(range: -32_768...32_767, name: "smallint")
    static let four = IntegerWidth(range: Int64(Int32.min)...Int64(Int32.max), name: "integer")
    static let eight = IntegerWidth(range: .min ... .max, name: "bigint")
  }

  static func addIntegers(_ table: inout BodyTable) {
    let widths: [(String, IntegerWidth)] = [
      ("int2", .two), ("int4", .four), ("int8", .eight), ("int24", .four), ("int42", .four),
      ("int28", .eight), ("int82", .eight), ("int48", .eight), ("int84", .eight),
    ]
    for (prefix, width) in widths { addArithmetic(&table, prefix, width) }
    for (prefix, width) in widths.prefix(3) { addUnary(&table, prefix, width) }
    addIntegerMathematics(&table)
    addIntegerCasts(&table)
  }

  private static func addArithmetic(
    _ table: inout BodyTable, _ prefix: String, _ width: IntegerWidth
  ) {
    table.binary(prefix + "pl") { (left, right, _) throws(SQLError) in
      let (value, overflow) = try left.int.addingReportingOverflow(right.int)
      if overflow { throw Fault.outOfRange(width.name) }
      return try width.check(value)
    }
    table.binary(prefix + "mi") { (left, right, _) throws(SQLError) in
      let (value, overflow) = try left.int.subtractingReportingOverflow(right.int)
      if overflow { throw Fault.outOfRange(width.name) }
      return try width.check(value)
    }
    table.binary(prefix + "mul") { (left, right, _) throws(SQLError) in
      let (value, overflow) = try left.int.multipliedReportingOverflow(by: right.int)
      if overflow { throw Fault.outOfRange(width.name) }
      return try width.check(value)
    }
    table.binary(prefix + "div") { (left, right, _) throws(SQLError) in
      let divisor = try right.int
      if divisor == 0 { throw Fault.divisionByZero }
      let (value, overflow) = try left.int.dividedReportingOverflow(by: divisor)
      if overflow { throw Fault.outOfRange(width.name) }
      return try width.check(value)
    }
    table.binary(prefix + "mod") { (left, right, _) throws(SQLError) in
      let divisor = try right.int
      if divisor == 0 { throw Fault.divisionByZero }
      return .int(divisor == -1 ? 0 : try left.int % divisor)
    }
  }

  private static func addUnary(_ table: inout BodyTable, _ prefix: String, _ width: IntegerWidth) {
    table.unary(prefix + "um") { (value, _) throws(SQLError) in
      let number = try value.int
      if number == .min { throw Fault.outOfRange(width.name) }
      return try width.check(-number)
    }
    table.unary(prefix + "up") { (value, _) throws(SQLError) in value }
    table.unary(prefix + "abs") { (value, _) throws(SQLError) in
      let number = try value.int
      if number == .min { throw Fault.outOfRange(width.name) }
      return try width.check(abs(number))
    }
    table.unary(prefix + "not") { (value, _) throws(SQLError) in .int(~(try value.int)) }
    table.binary(prefix + "and") { (left, right, _) throws(SQLError) in
      .int(try left.int & right.int)
    }
    table.binary(prefix + "or") { (left, right, _) throws(SQLError) in
      .int(try left.int | right.int)
    }
    table.binary(prefix + "xor") { (left, right, _) throws(SQLError) in
      .int(try left.int ^ right.int)
    }
    let bits: Int64 = prefix == "int8" ? 64 : 32
    table.binary(prefix + "shl") { (left, right, _) throws(SQLError) in
      let shifted = try left.int << (right.int & (bits - 1))
      switch bits {
      case 64: return .int(shifted)
      default:
        return .int(
          width.name == "smallint"
            ? Int64(Int16(truncatingIfNeeded: shifted)) : Int64(Int32(truncatingIfNeeded: shifted)))
      }
    }
    table.binary(prefix + "shr") { (left, right, _) throws(SQLError) in
      .int(try left.int >> (right.int & (bits - 1)))
    }
    table.binary(prefix + "larger") { (left, right, _) throws(SQLError) in
      .int(max(try left.int, try right.int))
    }
    table.binary(prefix + "smaller") { (left, right, _) throws(SQLError) in
      .int(min(try left.int, try right.int))
    }
  }

  private static func addIntegerMathematics(_ table: inout BodyTable) {
    for (prefix, width) in [("int4", IntegerWidth.four), ("int8", .eight)] {
      table.binary(prefix + "gcd") { (left, right, _) throws(SQLError) in
        let value = greatestDivisor(try left.int.magnitude, try right.int.magnitude)
        guard let result = Int64(exactly: value) else { throw Fault.outOfRange(width.name) }
        return try width.check(result)
      }
      table.binary(prefix + "lcm") { (left, right, _) throws(SQLError) in
        let (a, b) = (try left.int.magnitude, try right.int.magnitude)
        if a == 0 || b == 0 { return .int(0) }
        let (product, overflow) = (a / greatestDivisor(a, b)).multipliedReportingOverflow(by: b)
        guard !overflow, let result = Int64(exactly: product) else {
          throw Fault.outOfRange(width.name)
        }
        return try width.check(result)
      }
    }
  }

  private static func greatestDivisor(_ a: UInt64, _ b: UInt64) -> UInt64 {
    var (x, y) = (a, b)
    while y != 0 { (x, y) = (y, x % y) }
    return x
  }

  private static func addIntegerCasts(_ table: inout BodyTable) {
    table.unary("i2toi4", "int28", "int48", "oidtoi8", "xid8toxid") { (value, _) throws(SQLError) in
      value
    }
    table.unary("i4toi2", "int82") { (value, _) throws(SQLError) in
      try IntegerWidth.two.check(try value.int)
    }
    table.unary("int84") { (value, _) throws(SQLError) in
      try IntegerWidth.four.check(try value.int)
    }
    table.unary("i8tooid") { (value, _) throws(SQLError) in
      guard let oid = UInt32(exactly: try value.int) else {
        throw SQLError(.numericValueOutOfRange, "OID out of range")
      }
      return .int(Int64(oid))
    }
    table.unary("bool_int4") { (value, _) throws(SQLError) in .int(try value.bool ? 1 : 0) }
    table.unary("int4_bool") { (value, _) throws(SQLError) in .bool(try value.int != 0) }
    table.unary("chartoi4") { (value, _) throws(SQLError) in
      .int(Int64(Int8(bitPattern: try value.bytes.first ?? 0)))
    }
    table.unary("i4tochar") { (value, _) throws(SQLError) in
      guard let code = Int8(exactly: try value.int) else {
        throw SQLError(.numericValueOutOfRange, "\"char\" out of range")
      }
      return .text(code == 0 ? [] : [UInt8(bitPattern: code)])
    }
  }
}
