import Types

/// Any value as JSON: numbers and booleans as such, arrays and rows as containers, dates in ISO
/// 8601, all else as the string of its text form.
enum JSONBuilding {
  /// Appends json text.
  static func write(
    _ value: Value, _ type: SQLType, _ context: EvaluationContext, names: [String]? = nil,
    depth: Int = 1, into output: inout [UInt8]
  ) throws(SQLError) {
    if depth > JSONValue.depthMax {
      throw SQLError(.statementTooComplex, "stack depth limit exceeded")
    }
    switch value {
    case .null: output += Array("null".utf8)
    case .bool(let flag): output += Array((flag ? "true" : "false").utf8)
    case .jsonb(let json): json.write(into: &output)
    case .text(let text) where type.oid == SQLType.json.oid: output += text
    case .array(let array)
    where type.oid != SQLType.int2vector.oid
      && type.oid != SQLType.oidvector.oid:
      var place = 0
      try write(array, dimension: 0, &place, context, into: &output)
    case .record(let record):
      output.append(UInt8(ascii: "{"))
      for (index, field) in record.fields.enumerated() {
        if index > 0 { output.append(UInt8(ascii: ",")) }
        let name = names.flatMap { $0.indices.contains(index) ? $0[index] : nil }
        JSONValue.writeString(Array((name ?? "f\(index + 1)").utf8), into: &output)
        output.append(UInt8(ascii: ":"))
        let fieldType = record.types.indices.contains(index) ? record.types[index] : .text
        try write(field, fieldType, context, depth: depth + 1, into: &output)
      }
      output.append(UInt8(ascii: "}"))
    default:
      let text = scalarText(value, type, context)
      if isNumber(value, type) && text.last.map({ $0 >= 48 && $0 <= 57 || $0 == 46 }) ?? false {
        output += text
      } else {
        JSONValue.writeString(text, into: &output)
      }
    }
  }

  private static func isNumber(_ value: Value, _ type: SQLType) -> Bool {
    switch type.withoutModifier {
    case .int2, .int4, .int8, .float4, .float8, .numeric: true
    default: false
    }
  }

  /// Dates and timestamps with a T between date and time; others as text.
  private static func scalarText(_ value: Value, _ type: SQLType, _ context: EvaluationContext)
    -> [UInt8]
  {
    var text: [UInt8] = []
    TypeIO.formatText(value, as: type, settings: context.settings, into: &text)
    if type.oid == SQLType.timestamp.oid || type.oid == SQLType.timestamptz.oid {
      if let blank = text.firstIndex(of: 32) { text[blank] = UInt8(ascii: "T") }
      // The offset of timestamptz always has minutes here.
      if type.oid == SQLType.timestamptz.oid, text.count > 3,
        text[text.count - 3] == UInt8(ascii: "+") || text[text.count - 3] == UInt8(ascii: "-")
      {
        text += Array(":00".utf8)
      }
    }
    return text
  }

  private static func write(
    _ array: ArrayValue, dimension: Int, _ place: inout Int, _ context: EvaluationContext,
    into output: inout [UInt8]
  ) throws(SQLError) {
    output.append(UInt8(ascii: "["))
    if dimension < array.dimensions.count {
      for index in 0..<array.dimensions[dimension].count {
        if index > 0 { output.append(UInt8(ascii: ",")) }
        if dimension == array.dimensions.count - 1 {
          try write(array.elements[place], array.elementType, context, into: &output)
          place += 1
        } else {
          try write(array, dimension: dimension + 1, &place, context, into: &output)
        }
      }
    }
    output.append(UInt8(ascii: "]"))
  }

  static func json(
    _ value: Value, _ type: SQLType, _ context: EvaluationContext, names: [String]? = nil
  ) throws(SQLError) -> [UInt8] {
    var output: [UInt8] = []
    try write(value, type, context, names: names, into: &output)
    return output
  }

  static func jsonb(
    _ value: Value, _ type: SQLType, _ context: EvaluationContext, names: [String]? = nil
  ) throws(SQLError) -> JSONValue {
    switch value {
    case .null: return .null
    case .bool(let flag): return .bool(flag)
    case .jsonb(let json): return json
    case .int(let number)
    where isNumber(value, type): return .number(Numeric(number))
    default: return try JSONText.parse(try json(value, type, context, names: names))
    }
  }

  /// An object's key. 22023 for null and for containers.
  static func key(_ value: Value, _ type: SQLType, _ context: EvaluationContext) throws(SQLError)
    -> [UInt8]
  {
    switch value {
    case .null: throw Fault.invalid("argument of an object key must not be null")
    case .array, .record, .jsonb:
      throw Fault.invalid("key value must be scalar, not array, composite, or json")
    default:
      if case .bool(let flag) = value { return Array((flag ? "true" : "false").utf8) }
      return FunctionRegistry.textForm(value, type, context)
    }
  }
}

/// json_agg, jsonb_agg, json_object_agg and jsonb_object_agg: the parts as they are to be written.
struct JSONState: AggregateState {
  let types: CallTypes
  let isObject: Bool
  let isBinary: Bool
  var parts: [UInt8] = []
  var count: Int64 = 0

  mutating func accumulate(_ arguments: [Value], _ context: inout EvaluationContext)
    throws(SQLError)
  {
    if count > 0 { parts += Array(", ".utf8) }
    count += 1
    if isObject {
      if arguments[0].isNull {
        throw Fault.invalid("field name must not be null")
      }
      let key = try JSONBuilding.key(arguments[0], types.arguments[0], context)
      JSONValue.writeString(key, into: &parts)
      parts += Array(" : ".utf8)
    }
    let index = isObject ? 1 : 0
    try JSONBuilding.write(
      arguments[index], types.arguments[index], context, names: types.fieldNames[index],
      into: &parts)
    if parts.count > Fault.lengthMax { throw Fault.tooLong }
  }
  func partial() throws(SQLError) -> [Value] { [.text(parts), .int(count)] }
  mutating func combine(_ partial: [Value], _: inout EvaluationContext) throws(SQLError) {
    let rows = try partial[1].int
    if rows == 0 { return }
    if count > 0 { parts += Array(", ".utf8) }
    parts += try partial[0].bytes
    count += rows
  }
  func finish(_: inout EvaluationContext) throws(SQLError) -> Value {
    if count == 0 { return .null }
    let text =
      isObject ? Array("{ ".utf8) + parts + Array(" }".utf8) : [91] + parts + [93]
    return isBinary ? .jsonb(try JSONText.parse(text)) : .text(text)
  }
}
