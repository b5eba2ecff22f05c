import Types

/// Operators and functions of jsonb.
extension FunctionRegistry {
  static func addJSONB(_ table: inout BodyTable) {
    addJSONBAccess(&table)
    addJSONBTests(&table)
    addJSONBChanges(&table)
    addJSONBSets(&table)
    addJSONBCasts(&table)
  }

  private static func element(_ json: JSONValue, _ place: Int) -> JSONValue? {
    guard case .array(let elements) = json.kind else { return nil }
    let index = place < 0 ? elements.count + place : place
    return elements.indices.contains(index) ? elements[index] : nil
  }

  private static func text(_ json: JSONValue?) -> Value {
    switch json?.kind {
    case nil, .null: return .null
    case .string(let bytes): return .text(bytes)
    default: return .string(json?.description ?? "")
    }
  }

  private static func follow(_ json: JSONValue, _ path: Value) throws(SQLError) -> JSONValue? {
    var current = json
    for step in try path.array.elements {
      if step.isNull { return nil }
      let next: JSONValue? =
        if case .object = current.kind {
          current.member(try step.bytes)
        } else {
          Int(try step.string).flatMap { element(current, $0) }
        }
      guard let next else { return nil }
      current = next
    }
    return current
  }

  private static func addJSONBAccess(_ table: inout BodyTable) {
    table.binary("jsonb_object_field") { (json, key, _) throws(SQLError) in
      try json.jsonb.member(key.bytes).map { .jsonb($0) } ?? .null
    }
    table.binary("jsonb_object_field_text") { (json, key, _) throws(SQLError) in
      text(try json.jsonb.member(key.bytes))
    }
    table.binary("jsonb_array_element") { (json, place, _) throws(SQLError) in
      element(try json.jsonb, try place.count).map { .jsonb($0) } ?? .null
    }
    table.binary("jsonb_array_element_text") { (json, place, _) throws(SQLError) in
      text(element(try json.jsonb, try place.count))
    }
    table.binary("jsonb_extract_path") { (json, path, _) throws(SQLError) in
      try follow(json.jsonb, path).map { .jsonb($0) } ?? .null
    }
    table.binary("jsonb_extract_path_text") { (json, path, _) throws(SQLError) in
      text(try follow(json.jsonb, path))
    }
    table.unary("jsonb_typeof") { (json, _) throws(SQLError) in
      switch try json.jsonb.kind {
      case .object: .string("object")
      case .array: .string("array")
      case .string: .string("string")
      case .number: .string("number")
      case .bool: .string("boolean")
      case .null: .string("null")
      }
    }
    table.unary("jsonb_array_length") { (json, _) throws(SQLError) in
      .int(Int64(try elements(json, "cannot get array length of a").count))
    }
    table.unary("jsonb_pretty") { (json, _) throws(SQLError) in
      var output: [UInt8] = []
      pretty(try json.jsonb, 0, into: &output)
      return .text(output)
    }
  }

  private static func elements(_ json: Value, _ action: String) throws(SQLError) -> [JSONValue] {
    switch try json.jsonb.kind {
    case .array(let elements): return elements
    case .object: throw Fault.invalid("\(action) non-array")
    default: throw Fault.invalid("\(action) scalar")
    }
  }

  private static func pretty(_ json: JSONValue, _ level: Int, into output: inout [UInt8]) {
    func line(_ level: Int) {
      output.append(10)
      output += [UInt8](repeating: 32, count: level * 4)
    }
    switch json.kind {
    case .array(let elements):
      output.append(UInt8(ascii: "["))
      for (index, element) in elements.enumerated() {
        if index > 0 { output.append(UInt8(ascii: ",")) }
        line(level + 1)
        pretty(element, level + 1, into: &output)
      }
      line(level)
      output.append(UInt8(ascii: "]"))
    case .object(let members):
      output.append(UInt8(ascii: "{"))
      for (index, member) in members.enumerated() {
        if index > 0 { output.append(UInt8(ascii: ",")) }
        line(level + 1)
        JSONValue.writeString(member.key, into: &output)
        output += Array(": ".utf8)
        pretty(member.value, level + 1, into: &output)
      }
      line(level)
      output.append(UInt8(ascii: "}"))
    default: json.write(into: &output)
    }
  }

  private static func contains(_ whole: JSONValue, _ part: JSONValue, isTop: Bool = true) -> Bool {
    switch (whole.kind, part.kind) {
    case (.object, .object(let members)):
      return members.allSatisfy { member in
        whole.member(member.key).map { contains($0, member.value, isTop: false) } ?? false
      }
    case (.array(let elements), .array(let wanted)):
      return wanted.allSatisfy { want in
        elements.contains {
          want.isScalar ? $0.isScalar && $0 == want : contains($0, want, isTop: false)
        }
      }
    case (.array(let elements), _) where isTop && part.isScalar:
      return elements.contains { $0.isScalar && $0 == part }
    default: return whole.isScalar && part.isScalar && whole == part
    }
  }

  private static func has(_ json: JSONValue, _ key: [UInt8]) -> Bool {
    switch json.kind {
    case .object: json.member(key) != nil
    case .array(let elements):
      elements.contains { if case .string(let text) = $0.kind { text == key } else { false } }
    case .string(let text): text == key
    default: false
    }
  }

  private static func addJSONBTests(_ table: inout BodyTable) {
    table.binary("jsonb_contains") { (a, b, _) throws(SQLError) in
      .bool(contains(try a.jsonb, try b.jsonb))
    }
    table.binary("jsonb_contained") { (a, b, _) throws(SQLError) in
      .bool(contains(try b.jsonb, try a.jsonb))
    }
    table.binary("jsonb_exists") { (json, key, _) throws(SQLError) in
      .bool(has(try json.jsonb, try key.bytes))
    }
    table.binary("jsonb_exists_any") { (json, keys, _) throws(SQLError) in
      let json = try json.jsonb
      for key in try keys.array.elements where !key.isNull {
        if has(json, try key.bytes) { return .bool(true) }
      }
      return .bool(false)
    }
    table.binary("jsonb_exists_all") { (json, keys, _) throws(SQLError) in
      let json = try json.jsonb
      for key in try keys.array.elements where !key.isNull {
        if !has(json, try key.bytes) { return .bool(false) }
      }
      return .bool(true)
    }
  }

  private static func checkedDepth(_ json: JSONValue) throws(SQLError) -> Value {
    if json.depth > JSONValue.depthMax {
      throw SQLError(.statementTooComplex, "stack depth limit exceeded")
    }
    return .jsonb(json)
  }

  private static func addJSONBChanges(_ table: inout BodyTable) {
    table.binary("jsonb_concat") { (a, b, _) throws(SQLError) in
      let (left, right) = (try a.jsonb, try b.jsonb)
      if case .object(let first) = left.kind, case .object(let second) = right.kind {
        return .jsonb(.object(first + second))
      }
      func list(_ json: JSONValue) -> [JSONValue] {
        if case .array(let elements) = json.kind { return elements }
        return [json]
      }
      return try checkedDepth(.array(list(left) + list(right)))
    }
    table.binary("jsonb_delete") { (json, key, _) throws(SQLError) in
      try without(json.jsonb, [key.bytes])
    }
    table.binary("jsonb_delete_array") { (json, keys, _) throws(SQLError) in
      var names: [[UInt8]] = []
      for key in try keys.array.elements where !key.isNull { names.append(try key.bytes) }
      return try without(json.jsonb, names)
    }
    table.binary("jsonb_delete_idx") { (json, place, _) throws(SQLError) in
      switch try json.jsonb.kind {
      case .array(var elements):
        let place = try place.count
        let index = place < 0 ? elements.count + place : place
        if elements.indices.contains(index) { elements.remove(at: index) }
        return .jsonb(.array(elements))
      case .object:
        throw Fault.invalid("cannot delete from object using integer index")
      default: throw Fault.invalid("cannot delete from scalar")
      }
    }
    table.binary("jsonb_delete_path") { (json, path, _) throws(SQLError) in
      if try json.jsonb.isScalar { throw Fault.invalid("cannot delete path in scalar") }
      let steps = try path.array.elements[...]
      return .jsonb(try changed(json.jsonb, steps, .delete))
    }
    table.scalar("jsonb_set") { (arguments, _) throws(SQLError) in
      let json = try arguments[0].jsonb
      if json.isScalar { throw Fault.invalid("cannot set path in scalar") }
      let creates = try arguments[3].bool
      let steps = try arguments[1].array.elements[...]
      return try checkedDepth(changed(json, steps, .set(arguments[2].jsonb, creates: creates)))
    }
    table.scalar("jsonb_insert") { (arguments, _) throws(SQLError) in
      let json = try arguments[0].jsonb
      if json.isScalar { throw Fault.invalid("cannot set path in scalar") }
      let isAfter = try arguments[3].bool
      let steps = try arguments[1].array.elements[...]
      return try checkedDepth(
        changed(json, steps, .insert(arguments[2].jsonb, isAfter: isAfter)))
    }
    table.unary("jsonb_strip_nulls") { (json, _) throws(SQLError) in
      .jsonb(stripped(try json.jsonb))
    }
  }

  private static func without(_ json: JSONValue, _ keys: [[UInt8]]) throws(SQLError) -> Value {
    switch json.kind {
    case .object(let members):
      return .jsonb(.object(members.filter { !keys.contains($0.key) }))
    case .array(let elements):
      return .jsonb(
        .array(
          elements.filter {
            if case .string(let text) = $0.kind { return !keys.contains(text) }
            return true
          }))
    default: throw Fault.invalid("cannot delete from scalar")
    }
  }

  private static func stripped(_ json: JSONValue) -> JSONValue {
    switch json.kind {
    case .object(let members):
      return .object(
        members.compactMap { member in
          if case .null = member.value.kind { return nil }
          return .init(key: member.key, value: stripped(member.value))
        })
    case .array(let elements): return .array(elements.map(stripped))
    default: return json
    }
  }

  private enum Change {
    case delete
    case set(JSONValue, creates: Bool)
    case insert(JSONValue, isAfter: Bool)
  }

  /// Depth is bounded by the tree's own.
  private static func changed(_ json: JSONValue, _ path: ArraySlice<Value>, _ change: Change)
    throws(SQLError) -> JSONValue
  {
    guard let step = path.first else { return json }
    if step.isNull {
      throw SQLError(.nullValueNotAllowed, "path element is null")
    }
    let isLast = path.count == 1
    switch json.kind {
    case .object(var members):
      let key = try step.bytes
      let found = members.firstIndex { $0.key == key }
      if !isLast {
        guard let found else { return json }
        members[found].value = try changed(members[found].value, path.dropFirst(), change)
        return .object(members)
      }
      switch change {
      case .delete: if let found { members.remove(at: found) }
      case .set(let value, let creates):
        if let found {
          members[found].value = value
        } else if creates {
          members.append(.init(key: key, value: value))
        }
      case .insert(let value, _):
        guard found == nil else {
          throw SQLError(
            .invalidParameterValue, "cannot replace existing key",
            hint: "Try using the function jsonb_set to replace key value.")
        }
        members.append(.init(key: key, value: value))
      }
      return .object(members)
    case .array(var elements):
      guard let place = Int(try step.string) else {
        throw SQLError(
          .invalidTextRepresentation,
          "path element at position 1 is not an integer: \"\(try step.string)\"")
      }
      let index = place < 0 ? elements.count + place : place
      let exists = elements.indices.contains(index)
      if !isLast {
        guard exists else { return json }
        elements[index] = try changed(elements[index], path.dropFirst(), change)
        return .array(elements)
      }
      switch change {
      case .delete: if exists { elements.remove(at: index) }
      case .set(let value, let creates):
        if exists {
          elements[index] = value
        } else if creates {
          elements.insert(value, at: index < 0 ? 0 : elements.count)
        }
      case .insert(let value, let isAfter):
        let at = exists ? index + (isAfter ? 1 : 0) : (index < 0 ? 0 : elements.count)
        elements.insert(value, at: at)
      }
      return .array(elements)
    default: return json
    }
  }

  private static func addJSONBSets(_ table: inout BodyTable) {
    for (name, isText) in [("jsonb_array_elements", false), ("jsonb_array_elements_text", true)] {
      table.set(name) { (arguments, _) throws(SQLError) in
        let values: [JSONValue]
        switch try arguments[0].jsonb.kind {
        case .array(let elements): values = elements
        case .object: throw Fault.invalid("cannot extract elements from an object")
        default: throw Fault.invalid("cannot extract elements from a scalar")
        }
        return values.map { [isText ? text($0) : .jsonb($0)] }
      }
    }
    for (name, isText) in [("jsonb_each", false), ("jsonb_each_text", true)] {
      table.set(name) { (arguments, _) throws(SQLError) in
        try members(arguments[0], name).map {
          [.text($0.key), isText ? text($0.value) : .jsonb($0.value)]
        }
      }
    }
    table.set("jsonb_object_keys") { (arguments, _) throws(SQLError) in
      try members(arguments[0], "jsonb_object_keys").map { [.text($0.key)] }
    }
  }

  private static func members(_ json: Value, _ name: String) throws(SQLError)
    -> [JSONValue.Member]
  {
    switch try json.jsonb.kind {
    case .object(let members): return members
    case .array: throw Fault.invalid("cannot call \(name) on an array")
    default: throw Fault.invalid("cannot call \(name) on a scalar")
    }
  }

  private static func addJSONBCasts(_ table: inout BodyTable) {
    @Sendable func mismatch(_ json: JSONValue, _ target: String) -> SQLError {
      let kind =
        switch json.kind {
        case .null: "null"
        case .bool: "boolean"
        case .number: "numeric"
        case .string: "string"
        case .array: "array"
        case .object: "object"
        }
      return Fault.invalid("cannot cast jsonb \(kind) to type \(target)")
    }
    table.unary("jsonb_bool") { (json, _) throws(SQLError) in
      guard case .bool(let flag) = try json.jsonb.kind else {
        throw mismatch(try json.jsonb, "boolean")
      }
      return .bool(flag)
    }
    let casts: [(String, String, @Sendable (Numeric) throws(SQLError) -> Value)] = [
      ("jsonb_numeric", "numeric", { (number) throws(SQLError) in .numeric(number) }),
      (
        "jsonb_int2", "smallint", { (number) throws(SQLError) in .int(try number.toInteger(.int2)) }
      ),
      ("jsonb_int4", "integer", { (number) throws(SQLError) in .int(try number.toInteger(.int4)) }),
      ("jsonb_int8", "bigint", { (number) throws(SQLError) in .int(try number.toInteger(.int8)) }),
      (
        "jsonb_float8", "double precision",
        { (number) throws(SQLError) in
          .float(try number.toDouble())
        }
      ),
      (
        "jsonb_float4", "real",
        { (number) throws(SQLError) in
          .float(Double(Float(try number.toDouble())))
        }
      ),
    ]
    for (name, target, convert) in casts {
      table.unary(name) { (json, _) throws(SQLError) in
        guard case .number(let number) = try json.jsonb.kind else {
          throw mismatch(try json.jsonb, target)
        }
        return try convert(number)
      }
    }
  }
}
