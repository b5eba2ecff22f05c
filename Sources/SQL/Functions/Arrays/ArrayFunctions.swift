import Types

/// Functions and operators of arrays. A null array is treated as PostgreSQL's functions do, since
/// several of them are not strict.
extension FunctionRegistry {
  static func addArrays(_ table: inout BodyTable) {
    addShapes(&table)
    addBuilding(&table)
    addContainment(&table)
    addArrayText(&table)
    addUnnesting(&table)
  }

  private static func dimension(_ arguments: [Value]) throws(SQLError) -> ArrayValue.Dimension? {
    let dimensions = try arguments[0].array.dimensions
    let number = try arguments[1].count
    return number >= 1 && number <= dimensions.count ? dimensions[number - 1] : nil
  }

  private static func addShapes(_ table: inout BodyTable) {
    table.scalar("array_length") { (arguments, _) throws(SQLError) in
      try dimension(arguments).map { .int(Int64($0.count)) } ?? .null
    }
    table.scalar("array_lower") { (arguments, _) throws(SQLError) in
      try dimension(arguments).map { .int(Int64($0.lowerBound)) } ?? .null
    }
    table.scalar("array_upper") { (arguments, _) throws(SQLError) in
      try dimension(arguments).map { .int(Int64($0.lowerBound + $0.count - 1)) } ?? .null
    }
    table.unary("array_ndims") { (array, _) throws(SQLError) in
      let count = try array.array.dimensions.count
      return count == 0 ? .null : .int(Int64(count))
    }
    table.unary("array_dims") { (array, _) throws(SQLError) in
      let dimensions = try array.array.dimensions
      if dimensions.isEmpty { return .null }
      return .string(
        dimensions.map { "[\($0.lowerBound):\($0.lowerBound + $0.count - 1)]" }.joined())
    }
    table.unary("array_cardinality") { (array, _) throws(SQLError) in
      .int(Int64(try array.array.elements.count))
    }
  }

  private static func joined(_ a: ArrayValue, _ b: ArrayValue) throws(SQLError) -> ArrayValue {
    if a.dimensions.isEmpty { return b }
    if b.dimensions.isEmpty { return a }
    let mismatch = SQLError(
      .arraySubscriptError, "cannot concatenate incompatible arrays",
      detail: "Arrays with differing dimensions are not compatible for concatenation.")
    var dimensions: [ArrayValue.Dimension]
    if a.dimensions.count == b.dimensions.count {
      guard
        a.dimensions.dropFirst().map(\.count) == b.dimensions.dropFirst().map(\.count)
      else { throw mismatch }
      dimensions = a.dimensions
      dimensions[0].count += b.dimensions[0].count
    } else if a.dimensions.count == b.dimensions.count + 1 {
      guard a.dimensions.dropFirst().map(\.count) == b.dimensions.map(\.count) else {
        throw mismatch
      }
      dimensions = a.dimensions
      dimensions[0].count += 1
    } else if a.dimensions.count + 1 == b.dimensions.count {
      guard b.dimensions.dropFirst().map(\.count) == a.dimensions.map(\.count) else {
        throw mismatch
      }
      dimensions = b.dimensions
      dimensions[0].count += 1
    } else {
      throw mismatch
    }
    return try limited(a.elementType, dimensions, a.elements + b.elements)
  }

  private static func limited(
    _ type: SQLType, _ dimensions: [ArrayValue.Dimension], _ elements: [Value]
  ) throws(SQLError) -> ArrayValue {
    if elements.count > ArrayValue.elementsMax {
      throw SQLError(.programLimitExceeded, "array size exceeds the maximum allowed")
    }
    return ArrayValue(elementType: type, dimensions: dimensions, elements: elements)
  }

  private static func oneDimensional(_ array: ArrayValue, _ action: String) throws(SQLError) {
    if array.dimensions.count > 1 {
      throw SQLError(
        .featureNotSupported, "\(action) multidimensional arrays is not supported")
    }
  }

  private static func addBuilding(_ table: inout BodyTable) {
    for (name, isAppend) in [("array_append", true), ("array_prepend", false)] {
      table.typed(name) { types in
        let element = types.result.subscripted ?? .text
        return .binary { (first, second, _) throws(SQLError) in
          let (array, item) = isAppend ? (first, second) : (second, first)
          if array.isNull { return .array(ArrayValue(elementType: element, elements: [item])) }
          let old = try array.array
          guard old.dimensions.count <= 1 else {
            throw SQLError("22000", "argument must be empty or one-dimensional array")
          }
          let lower = old.dimensions.first?.lowerBound ?? 1
          return .array(
            try limited(
              element, [.init(count: old.elements.count + 1, lowerBound: lower)],
              isAppend ? old.elements + [item] : [item] + old.elements))
        }
      }
    }
    table.binary("array_cat") { (a, b, _) throws(SQLError) in
      if a.isNull { return b }
      if b.isNull { return a }
      return .array(try joined(a.array, b.array))
    }
    table.scalar("array_position", "array_position_start") { (arguments, _) throws(SQLError) in
      if arguments[0].isNull { return .null }
      let array = try arguments[0].array
      try oneDimensional(array, "searching for elements in")
      let lower = array.dimensions.first?.lowerBound ?? 1
      let start = arguments.count > 2 ? try arguments[2].count - lower : 0
      for (index, element) in array.elements.enumerated() where index >= start {
        if same(element, arguments[1], array.elementType) { return .int(Int64(index + lower)) }
      }
      return .null
    }
    table.scalar("array_positions") { (arguments, _) throws(SQLError) in
      if arguments[0].isNull { return .null }
      let array = try arguments[0].array
      try oneDimensional(array, "searching for elements in")
      let lower = array.dimensions.first?.lowerBound ?? 1
      var found: [Value] = []
      for (index, element) in array.elements.enumerated()
      where same(element, arguments[1], array.elementType) {
        found.append(.int(Int64(index + lower)))
      }
      return .array(ArrayValue(elementType: .int4, elements: found))
    }
    table.scalar("array_remove") { (arguments, _) throws(SQLError) in
      if arguments[0].isNull { return .null }
      let array = try arguments[0].array
      try oneDimensional(array, "removing elements from")
      let kept = array.elements.filter { !same($0, arguments[1], array.elementType) }
      if kept.count == array.elements.count { return arguments[0] }
      let lower = array.dimensions.first?.lowerBound ?? 1
      return .array(
        ArrayValue(
          elementType: array.elementType,
          dimensions: kept.isEmpty ? [] : [.init(count: kept.count, lowerBound: lower)],
          elements: kept))
    }
    table.scalar("array_replace") { (arguments, _) throws(SQLError) in
      if arguments[0].isNull { return .null }
      let array = try arguments[0].array
      return .array(
        ArrayValue(
          elementType: array.elementType, dimensions: array.dimensions,
          elements: array.elements.map {
            same($0, arguments[1], array.elementType) ? arguments[2] : $0
          }))
    }
    table.typed("array_fill", "array_fill_with_lower_bounds") { types in
      .scalar { (arguments, _) throws(SQLError) in
        if arguments[1].isNull {
          throw SQLError(.nullValueNotAllowed, "dimension array or low bound array cannot be null")
        }
        var dimensions: [ArrayValue.Dimension] = []
        var total = 1
        let lows = arguments.count > 2 ? try arguments[2].array.elements : []
        for (index, value) in try arguments[1].array.elements.enumerated() {
          let count = try value.count
          guard count >= 0, index < ArrayValue.dimensionsMax,
            count == 0 || total <= ArrayValue.elementsMax / max(1, count)
          else { throw SQLError(.programLimitExceeded, "array size exceeds the maximum allowed") }
          total *= count
          let low = index < lows.count ? try lows[index].count : 1
          dimensions.append(.init(count: count, lowerBound: low))
        }
        return .array(
          ArrayValue(
            elementType: types.arguments[0], dimensions: total == 0 ? [] : dimensions,
            elements: Array(repeating: arguments[0], count: dimensions.isEmpty ? 0 : total)))
      }
    }
    table.binary("trim_array") { (array, count, _) throws(SQLError) in
      let (old, cut) = (try array.array, try count.count)
      let length = old.dimensions.first?.count ?? 0
      guard cut >= 0 && cut <= length else {
        throw SQLError(
          .arraySubscriptError, "number of elements to trim must be between 0 and \(length)")
      }
      let width = length == 0 ? 0 : old.elements.count / length
      var dimensions = old.dimensions
      if !dimensions.isEmpty { dimensions[0].count -= cut }
      return .array(
        ArrayValue(
          elementType: old.elementType, dimensions: cut == length ? [] : dimensions,
          elements: Array(old.elements.prefix((length - cut) * width))))
    }
  }

  /// IS NOT DISTINCT FROM.
  private static func same(_ a: Value, _ b: Value, _ type: SQLType) -> Bool {
    a.isNull || b.isNull ? a.isNull && b.isNull : Value.compare(a, b, as: type) == 0
  }

  private static func contains(_ whole: ArrayValue, _ part: ArrayValue) -> Bool {
    if part.elements.contains(where: \.isNull) { return false }
    if part.elements.count > 16 {
      let set = Set(whole.elements.map { key($0, whole.elementType) })
      return part.elements.allSatisfy { set.contains(key($0, part.elementType)) }
    }
    return part.elements.allSatisfy { element in
      whole.elements.contains { !$0.isNull && same($0, element, whole.elementType) }
    }
  }

  /// Equal for values that compare equal: char(n) without its blanks.
  private static func key(_ value: Value, _ type: SQLType) -> Value {
    if type.oid == SQLType.bpchar.oid, case .text(let text) = value {
      return .text(Value.trimmingBlanks(text))
    }
    return value
  }

  private static func addContainment(_ table: inout BodyTable) {
    table.binary("arraycontains") { (a, b, _) throws(SQLError) in
      .bool(contains(try a.array, try b.array))
    }
    table.binary("arraycontained") { (a, b, _) throws(SQLError) in
      .bool(contains(try b.array, try a.array))
    }
    table.binary("arrayoverlap") { (a, b, _) throws(SQLError) in
      let (left, right) = (try a.array, try b.array)
      let set = Set(left.elements.lazy.filter { !$0.isNull }.map { key($0, left.elementType) })
      return .bool(
        right.elements.contains { !$0.isNull && set.contains(key($0, right.elementType)) })
    }
  }

  private static func addArrayText(_ table: inout BodyTable) {
    table.scalar("array_to_text", "array_to_text_null") { (arguments, context) throws(SQLError) in
      if arguments[0].isNull || arguments[1].isNull { return .null }
      let array = try arguments[0].array
      let separator = try arguments[1].bytes
      let shownNull = arguments.count > 2 && !arguments[2].isNull ? try arguments[2].bytes : nil
      var result: [UInt8] = []
      var isFirst = true
      for element in array.elements {
        if element.isNull && shownNull == nil { continue }
        if !isFirst { result += separator }
        isFirst = false
        result += element.isNull ? shownNull ?? [] : textForm(element, array.elementType, context)
        if result.count > Fault.lengthMax { throw Fault.tooLong }
      }
      return .text(result)
    }
    table.scalar("text_to_array", "text_to_array_null") { (arguments, _) throws(SQLError) in
      guard let parts = try parts(arguments) else { return .null }
      return .array(ArrayValue(elementType: .text, elements: parts))
    }
    table.set("text_to_table", "text_to_table_null") { (arguments, _) throws(SQLError) in
      (try parts(arguments) ?? []).map { [$0] }
    }
  }

  private static func parts(_ arguments: [Value]) throws(SQLError) -> [Value]? {
    if arguments[0].isNull { return nil }
    let bytes = try arguments[0].bytes
    if bytes.isEmpty { return [] }
    let pieces: [[UInt8]] =
      arguments[1].isNull
      ? Characters.scalars(bytes).map { Characters.bytes([$0]) }
      : Characters.split(bytes, by: try arguments[1].bytes)
    let null = arguments.count > 2 && !arguments[2].isNull ? try arguments[2].bytes : nil
    return pieces.map { $0 == null ? .null : .text($0) }
  }

  private static func addUnnesting(_ table: inout BodyTable) {
    table.set("array_unnest") { (arguments, _) throws(SQLError) in
      try arguments[0].array.elements.map { [$0] }
    }
    table.set("generate_subscripts", "generate_subscripts_nodir") {
      (arguments, _) throws(SQLError) in
      guard let dimension = try dimension(arguments) else { return [] }
      let rows: [[Value]] = (0..<dimension.count).map {
        [.int(Int64(dimension.lowerBound + $0))]
      }
      let isReversed = arguments.count > 2 ? try arguments[2].bool : false
      return isReversed ? rows.reversed() : rows
    }
    table.typed("sql _pg_expandarray(anyarray)") { _ in
      .set { (arguments, _) throws(SQLError) in
        let array = try arguments[0].array
        return rowStream(array.elements.enumerated().map { [$1, .int(Int64($0 + 1))] })
      }
    }
  }
}
