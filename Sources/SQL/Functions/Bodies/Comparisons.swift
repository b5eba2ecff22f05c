import Types

/// =, <>, <, <=, >, >= of all types.
extension FunctionRegistry {
  private static let tests: [(suffix: String, test: @Sendable (Int) -> Bool)] = [
    ("eq", { $0 == 0 }), ("ne", { $0 != 0 }), ("lt", { $0 < 0 }), ("le", { $0 <= 0 }),
    ("gt", { $0 > 0 }), ("ge", { $0 >= 0 }),
  ]

  static func addComparisons(_ table: inout BodyTable) {
    addIntegerComparisons(&table)
    let prefixes = [
      "bool", "float4", "float8", "float48", "float84", "numeric_", "text_", "text", "name",
      "char", "bytea", "uuid_", "interval_", "timetz_", "jsonb_", "array_", "network_", "record_",
      "record_image_", "enum_", "oidvector", "tid",
    ]
    for prefix in prefixes {
      for (suffix, test) in tests {
        table.binary(prefix + suffix) { (left, right, _) throws(SQLError) in
          .bool(test(Value.compare(left, right)))
        }
      }
    }
    for (prefix, middle) in [("name", "text"), ("text", "name")] {
      for (suffix, test) in tests {
        table.binary(prefix + suffix + middle) { (left, right, _) throws(SQLError) in
          .bool(test(Value.compare(left, right)))
        }
      }
    }
    for prefix in ["text_pattern_"] {
      for (suffix, test) in tests {
        table.binary(prefix + suffix) { (left, right, _) throws(SQLError) in
          .bool(test(Value.compare(left, right)))
        }
      }
    }
    for prefix in ["bpchar", "bpchar_pattern_"] {
      for (suffix, test) in tests {
        table.binary(prefix + suffix) { (left, right, _) throws(SQLError) in
          .bool(test(Value.compare(left, right, as: .bpchar)))
        }
      }
    }
    for name in ["bttextcmp", "btfloat8cmp", "btboolcmp", "numeric_cmp", "uuid_cmp", "jsonb_cmp"] {
      table.binary(name) { (left, right, _) throws(SQLError) in
        .int(Int64(Value.compare(left, right)))
      }
    }
  }

  private static func addIntegerComparisons(_ table: inout BodyTable) {
    let prefixes = [
      "int2", "int4", "int8", "int24", "int28", "int42", "int48", "int82", "int84", "oid", "xid",
      "cid", "xid8", "date_", "time_", "timestamp_", "timestamptz_",
    ]
    for prefix in prefixes {
      table.binary(prefix + "eq") { (left, right, _) throws(SQLError) in
        .bool(try left.int == right.int)
      }
      table.binary(prefix + "ne", prefix + "neq") { (left, right, _) throws(SQLError) in
        .bool(try left.int != right.int)
      }
      table.binary(prefix + "lt") { (left, right, _) throws(SQLError) in
        .bool(try left.int < right.int)
      }
      table.binary(prefix + "le") { (left, right, _) throws(SQLError) in
        .bool(try left.int <= right.int)
      }
      table.binary(prefix + "gt") { (left, right, _) throws(SQLError) in
        .bool(try left.int > right.int)
      }
      table.binary(prefix + "ge") { (left, right, _) throws(SQLError) in
        .bool(try left.int >= right.int)
      }
    }
    table.alias("xideqint4", of: "xideq")
    table.alias("xidneqint4", of: "xidneq")
    for name in ["btint4cmp", "btint8cmp", "btint2cmp", "btoidcmp", "date_cmp", "timestamp_cmp"] {
      table.binary(name) { (left, right, _) throws(SQLError) in
        .int(Int64(Value.compare(left, right)))
      }
    }
  }

  /// A body per operator suffix from a comparison of two values; for types that convert first.
  static func addOrdered(
    _ table: inout BodyTable, _ name: (String) -> String,
    compare:
      @escaping @Sendable (Value, Value, inout EvaluationContext) throws(SQLError) -> Int
  ) {
    for (suffix, test) in tests {
      table.binary(name(suffix)) { (left, right, context) throws(SQLError) in
        .bool(test(try compare(left, right, &context)))
      }
    }
  }
}
