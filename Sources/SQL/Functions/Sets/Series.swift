import Base
import Types

/// Functions that make rows from nothing, and small things that fit nowhere else.
extension FunctionRegistry {
  static func addSeries(_ table: inout BodyTable) {
    table.stream(
      "generate_series_int4", "generate_series_step_int4", "generate_series_int8",
      "generate_series_step_int8"
    ) { (arguments, _) throws(SQLError) in
      let (start, stop) = (try arguments[0].int, try arguments[1].int)
      let step = arguments.count > 2 ? try arguments[2].int : 1
      if step == 0 { throw Fault.invalid("step size cannot equal zero") }
      var next: Int64? = start
      return { (_) throws(SQLError) in
        guard let value = next, step > 0 ? value <= stop : value >= stop else { return nil }
        let (sum, overflow) = value.addingReportingOverflow(step)
        next = overflow ? nil : sum
        return [.int(value)]
      }
    }
    table.stream("generate_series_numeric", "generate_series_step_numeric") {
      (arguments, _) throws(SQLError) in
      let (start, stop) = (try arguments[0].numeric, try arguments[1].numeric)
      let step = arguments.count > 2 ? try arguments[2].numeric : .one
      for (name, value) in [("start", start), ("stop", stop), ("step", step)]
      where !value.isFinite {
        throw Fault.invalid(
          "\(name) value cannot be \(value.isNaN ? "NaN" : "infinity")")
      }
      if step.isZero { throw Fault.invalid("step size cannot equal zero") }
      var next = start
      return { (_) throws(SQLError) in
        guard step.isNegative ? next >= stop : next <= stop else { return nil }
        let value = next
        next = try value.adding(step)
        return [.numeric(value)]
      }
    }
    for (name, isZoned) in [
      ("generate_series_timestamp", false), ("generate_series_timestamptz", true),
    ] {
      table.stream(name) { (arguments, _) throws(SQLError) in
        let (start, stop, step) = (
          try arguments[0].int, try arguments[1].int, try arguments[2].interval
        )
        let direction = step.comparable
        if direction == 0 { throw Fault.invalid("step size cannot equal zero") }
        if IntervalMath.isInfinite(start) || IntervalMath.isInfinite(stop) {
          throw IntervalMath.timestampOverflow
        }
        var next: Int64? = start
        return { (context) throws(SQLError) in
          guard let value = next, direction > 0 ? value <= stop : value >= stop else { return nil }
          let moved =
            isZoned
            ? try IntervalMath.add(value, step, zone: context.settings.timeZone)
            : try IntervalMath.add(value, step)
          next = moved == value ? nil : moved
          return [.int(value)]
        }
      }
    }
    table.scalar("gen_random_uuid") { (_, context) throws(SQLError) in
      let high = context.random.next() & ~0xF000 | 0x4000
      let low = context.random.next() & (UInt64.max >> 2) | 1 << 63
      return .uuid(UUIDValue(high: high, low: low))
    }
    for (name, countsNulls) in [("pg_num_nulls", true), ("pg_num_nonnulls", false)] {
      table.typed(name) { types in
        .scalar { (arguments, _) throws(SQLError) in
          var values = arguments
          if types.isExplicitlyVariadic {
            if arguments[0].isNull { return .null }
            values = try arguments[0].array.elements
          }
          return .int(Int64(values.count { $0.isNull == countsNulls }))
        }
      }
    }
  }

  static func addNetworks(_ table: inout BodyTable) {
    table.unary("network_host") { (value, _) throws(SQLError) in
      let inet = try value.inet
      let full = InetValue(
        isIPv6: inet.isIPv6, prefixLength: inet.prefixLengthMax, high: inet.high, low: inet.low)
      return .string(TypeIO.formatText(.inet(full), as: .inet))
    }
    table.unary("network_show") { (value, _) throws(SQLError) in
      .string(TypeIO.formatText(value, as: .cidr))
    }
    table.unary("network_masklen") { (value, _) throws(SQLError) in
      .int(Int64(try value.inet.prefixLength))
    }
    table.unary("network_family") { (value, _) throws(SQLError) in
      .int(try value.inet.isIPv6 ? 6 : 4)
    }
    table.unary("network_network", "inet_to_cidr") { (value, _) throws(SQLError) in
      let inet = try value.inet
      let bits = inet.prefix(inet.prefixLength)
      return .inet(
        InetValue(
          isIPv6: inet.isIPv6, prefixLength: inet.prefixLength, high: bits.high, low: bits.low))
    }
    let tests: [(String, @Sendable (InetValue, InetValue) -> Bool)] = [
      ("network_sub", { $0.prefixLength > $1.prefixLength && covers($1, $0) }),
      ("network_subeq", { $0.prefixLength >= $1.prefixLength && covers($1, $0) }),
      ("network_sup", { $0.prefixLength < $1.prefixLength && covers($0, $1) }),
      ("network_supeq", { $0.prefixLength <= $1.prefixLength && covers($0, $1) }),
      ("network_overlap", { $0.prefixLength <= $1.prefixLength ? covers($0, $1) : covers($1, $0) }),
    ]
    for (name, test) in tests {
      table.binary(name) { (a, b, _) throws(SQLError) in .bool(test(try a.inet, try b.inet)) }
    }
  }

  private static func covers(_ network: InetValue, _ address: InetValue) -> Bool {
    network.isIPv6 == address.isIPv6
      && network.prefix(network.prefixLength) == address.prefix(network.prefixLength)
  }
}
