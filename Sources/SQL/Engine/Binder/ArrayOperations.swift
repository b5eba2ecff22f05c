import Types

/// ARRAY[…] and subscripts.
enum ArrayOperations {
  static func build(_ values: [Value], element: SQLType, isNested: Bool) throws(SQLError) -> Value {
    if !isNested { return .array(ArrayValue(elementType: element, elements: values)) }
    var inner: [ArrayValue.Dimension]?
    var elements: [Value] = []
    for value in values {
      guard case .array(let array) = value else {
        throw SQLError(
          .nullValueNotAllowed,
          "multidimensional arrays must have array expressions with matching dimensions")
      }
      if let first = inner {
        guard first.map(\.count) == array.dimensions.map(\.count) else {
          throw SQLError(
            .arraySubscriptError,
            "multidimensional arrays must have array expressions with matching dimensions")
        }
      } else {
        inner = array.dimensions
      }
      elements.append(contentsOf: array.elements)
    }
    guard let inner, !inner.isEmpty else {
      return .array(ArrayValue(elementType: element, elements: []))
    }
    guard inner.count < ArrayValue.dimensionsMax else {
      throw SQLError(
        .programLimitExceeded,
        "number of array dimensions (\(inner.count + 1)) exceeds the maximum allowed (6)")
    }
    return .array(
      ArrayValue(
        elementType: element,
        dimensions: [ArrayValue.Dimension(count: values.count)] + inner, elements: elements))
  }

  /// Outside the bounds: null, as in PostgreSQL; an empty array for slices.
  static func element(of value: Value, _ bounds: [(Value?, Value?)], isSlice: Bool) -> Value {
    guard case .array(let array) = value else { return .null }
    var ranges: [(lower: Int, upper: Int)] = []
    for (index, bound) in bounds.enumerated() {
      guard index < array.dimensions.count else {
        return isSlice ? .array(ArrayValue(elementType: array.elementType, elements: [])) : .null
      }
      let dimension = array.dimensions[index]
      let first = dimension.lowerBound
      let last = dimension.lowerBound + dimension.count - 1
      // A single subscript is the upper bound, as the grammar has it.
      guard let upper = integer(bound.1, isSlice ? last : nil),
        let lower = integer(bound.0, isSlice ? first : upper)
      else { return .null }
      ranges.append(isSlice ? (max(lower, first), min(upper, last)) : (lower, upper))
    }
    if isSlice { return slice(array, ranges) }
    guard ranges.count == array.dimensions.count else { return .null }
    var offset = 0
    for (range, dimension) in zip(ranges, array.dimensions) {
      let place = range.lower - dimension.lowerBound
      guard place >= 0, place < dimension.count else { return .null }
      offset = offset * dimension.count + place
    }
    return array.elements[offset]
  }

  private static func integer(_ value: Value?, _ fallback: Int?) -> Int? {
    guard let value else { return fallback }
    if case .int(let number) = value { return Int(clamping: number) }
    return nil
  }

  private static func slice(_ array: ArrayValue, _ given: [(lower: Int, upper: Int)]) -> Value {
    var ranges = given
    for dimension in array.dimensions.dropFirst(ranges.count) {
      ranges.append((dimension.lowerBound, dimension.lowerBound + dimension.count - 1))
    }
    let empty = Value.array(ArrayValue(elementType: array.elementType, elements: []))
    if ranges.isEmpty || ranges.contains(where: { $0.lower > $0.upper }) { return empty }
    var offsets = [0]
    for (range, dimension) in zip(ranges, array.dimensions) {
      var next: [Int] = []
      for base in offsets {
        for place in range.lower...range.upper {
          next.append(base * dimension.count + place - dimension.lowerBound)
        }
      }
      offsets = next
    }
    return .array(
      ArrayValue(
        elementType: array.elementType,
        dimensions: ranges.map { ArrayValue.Dimension(count: $0.upper - $0.lower + 1) },
        elements: offsets.map { array.elements[$0] }))
  }
}
