import Types

/// Functions of json, over its text, and what makes JSON of other values.
extension FunctionRegistry {
  static func addJSON(_ table: inout BodyTable) {
    addTextAccess(&table)
    addTextSets(&table)
    addMakingJSON(&table)
    for (name, isObject, isBinary) in [
      ("json_agg", false, false), ("jsonb_agg", false, true), ("json_object_agg", true, false),
      ("jsonb_object_agg", true, true),
    ] {
      table.aggregate(name) { types in
        AggregateDescriptor(partialTypes: [.text, .int8], isOrderSensitive: true) {
          JSONState(types: types, isObject: isObject, isBinary: isBinary)
        }
      }
    }
  }

  private static func follow(_ json: Value, _ path: Value) throws(SQLError) -> [UInt8]? {
    var current = try json.bytes
    for step in try path.array.elements {
      if step.isNull { return nil }
      let scanner = JSONScanner(bytes: current)
      let next =
        scanner.kind == .object
        ? try scanner.member(step.bytes) : Int(try step.string).flatMap(scanner.element)
      guard let next else { return nil }
      current = next
    }
    return current
  }

  private static func addTextAccess(_ table: inout BodyTable) {
    table.binary("json_object_field") { (json, key, _) throws(SQLError) in
      try JSONScanner(bytes: json.bytes).member(key.bytes).map { .text($0) } ?? .null
    }
    table.binary("json_object_field_text") { (json, key, _) throws(SQLError) in
      guard let found = try JSONScanner(bytes: json.bytes).member(key.bytes) else { return .null }
      return try JSONScanner.text(found)
    }
    table.binary("json_array_element") { (json, place, _) throws(SQLError) in
      JSONScanner(bytes: try json.bytes).element(try place.count).map { .text($0) } ?? .null
    }
    table.binary("json_array_element_text") { (json, place, _) throws(SQLError) in
      guard let found = JSONScanner(bytes: try json.bytes).element(try place.count) else {
        return .null
      }
      return try JSONScanner.text(found)
    }
    table.binary("json_extract_path") { (json, path, _) throws(SQLError) in
      try follow(json, path).map { .text($0) } ?? .null
    }
    table.binary("json_extract_path_text") { (json, path, _) throws(SQLError) in
      guard let found = try follow(json, path) else { return .null }
      return try JSONScanner.text(found)
    }
    table.unary("json_array_length") { (json, _) throws(SQLError) in
      let scanner = JSONScanner(bytes: try json.bytes)
      guard scanner.kind == .array else {
        throw Fault.invalid(
          "cannot get array length of a \(scanner.kind == .object ? "non-array" : "scalar")")
      }
      return .int(Int64(scanner.elements.count))
    }
    table.unary("json_typeof") { (json, _) throws(SQLError) in
      switch JSONScanner(bytes: try json.bytes).kind {
      case .object: .string("object")
      case .array: .string("array")
      case .string: .string("string")
      case .number: .string("number")
      case .bool: .string("boolean")
      case .null: .string("null")
      }
    }
  }

  private static func addTextSets(_ table: inout BodyTable) {
    for (name, isText) in [("json_array_elements", false), ("json_array_elements_text", true)] {
      table.set(name) { (arguments, _) throws(SQLError) in
        let scanner = JSONScanner(bytes: try arguments[0].bytes)
        guard scanner.kind == .array else {
          throw Fault.invalid(
            "cannot call \(name) on a \(scanner.kind == .object ? "non-array" : "scalar")")
        }
        var rows: [[Value]] = []
        for element in scanner.elements {
          rows.append([isText ? try JSONScanner.text(element) : .text(element)])
        }
        return rows
      }
    }
    for (name, isText) in [("json_each", false), ("json_each_text", true)] {
      table.set(name) { (arguments, _) throws(SQLError) in
        var rows: [[Value]] = []
        for member in try members(arguments[0], name) {
          let value = isText ? try JSONScanner.text(member.value) : .text(member.value)
          rows.append([.text(member.key), value])
        }
        return rows
      }
    }
    table.set("json_object_keys") { (arguments, _) throws(SQLError) in
      try members(arguments[0], "json_object_keys").map { [.text($0.key)] }
    }
  }

  private static func members(_ json: Value, _ name: String) throws(SQLError)
    -> [(key: [UInt8], value: [UInt8])]
  {
    let scanner = JSONScanner(bytes: try json.bytes)
    guard scanner.kind == .object else {
      throw Fault.invalid(
        "cannot call \(name) on \(scanner.kind == .array ? "an array" : "a scalar")")
    }
    return try scanner.members()
  }

  private static func addMakingJSON(_ table: inout BodyTable) {
    table.typed("to_json", "array_to_json", "row_to_json") { types in
      .unary { (value, context) throws(SQLError) in
        .text(
          try JSONBuilding.json(
            value, types.arguments[0], context, names: types.fieldNames[0]))
      }
    }
    table.typed("to_jsonb") { types in
      .unary { (value, context) throws(SQLError) in
        .jsonb(
          try JSONBuilding.jsonb(
            value, types.arguments[0], context, names: types.fieldNames[0]))
      }
    }
    for (name, isBinary) in [("json", false), ("jsonb", true)] {
      table.typed(name + "_build_array", name + "_build_array_noargs") { types in
        .scalar { (arguments, context) throws(SQLError) in
          let (values, valueTypes) = spread(arguments, types, from: 0)
          var text: [UInt8] = [UInt8(ascii: "[")]
          for (index, value) in values.enumerated() {
            if index > 0 { text += Array(", ".utf8) }
            try JSONBuilding.write(
              value, valueTypes[index], context, names: types.fieldNames[index], into: &text)
          }
          text.append(UInt8(ascii: "]"))
          return isBinary ? .jsonb(try JSONText.parse(text)) : .text(text)
        }
      }
      table.typed(name + "_build_object", name + "_build_object_noargs") { types in
        .scalar { (arguments, context) throws(SQLError) in
          let (values, valueTypes) = spread(arguments, types, from: 0)
          guard values.count % 2 == 0 else {
            throw SQLError(
              .invalidParameterValue, "argument list must have even number of elements",
              hint: "The arguments of \(name)_build_object() must consist of alternating keys "
                + "and values.")
          }
          var text: [UInt8] = [UInt8(ascii: "{")]
          for index in stride(from: 0, to: values.count, by: 2) {
            if index > 0 { text += Array(", ".utf8) }
            let key = try JSONBuilding.key(values[index], valueTypes[index], context)
            JSONValue.writeString(key, into: &text)
            text += Array(" : ".utf8)
            try JSONBuilding.write(
              values[index + 1], valueTypes[index + 1], context,
              names: types.fieldNames[index + 1], into: &text)
          }
          text.append(UInt8(ascii: "}"))
          return isBinary ? .jsonb(try JSONText.parse(text)) : .text(text)
        }
      }
      table.unary(name + "_object") { (array, _) throws(SQLError) in
        let elements = try array.array.elements
        guard elements.count % 2 == 0 else {
          throw SQLError(.arraySubscriptError, "array must have even number of elements")
        }
        var text: [UInt8] = [UInt8(ascii: "{")]
        for index in stride(from: 0, to: elements.count, by: 2) {
          if index > 0 { text += Array(", ".utf8) }
          guard !elements[index].isNull else {
            throw SQLError(.nullValueNotAllowed, "null value not allowed for object key")
          }
          JSONValue.writeString(try elements[index].bytes, into: &text)
          text += Array(" : ".utf8)
          if elements[index + 1].isNull {
            text += Array("null".utf8)
          } else {
            JSONValue.writeString(try elements[index + 1].bytes, into: &text)
          }
        }
        text.append(UInt8(ascii: "}"))
        return isBinary ? .jsonb(try JSONText.parse(text)) : .text(text)
      }
    }
  }
}
