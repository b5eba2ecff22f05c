import Types

/// count(*) and count(x).
struct CountState: AggregateState {
  var countsNulls: Bool
  var count: Int64 = 0

  mutating func accumulate(_ arguments: [Value], _: inout EvaluationContext) throws(SQLError) {
    if countsNulls || !(arguments.first?.isNull ?? false) { count += 1 }
  }
  func partial() throws(SQLError) -> [Value] { [.int(count)] }
  mutating func combine(_ partial: [Value], _: inout EvaluationContext) throws(SQLError) {
    count += try partial[0].int
  }
  func finish(_: inout EvaluationContext) throws(SQLError) -> Value { .int(count) }
}

/// An aggregate that folds the values that are not null by one function: min, max, bit_and,
/// bool_or and so on. Null without any.
struct FoldState: AggregateState {
  let fold: @Sendable (Value, Value) throws(SQLError) -> Value
  var value = Value.null

  mutating func accumulate(_ arguments: [Value], _: inout EvaluationContext) throws(SQLError) {
    try take(arguments[0])
  }
  private mutating func take(_ next: Value) throws(SQLError) {
    if next.isNull { return }
    value = value.isNull ? next : try fold(value, next)
  }
  func partial() throws(SQLError) -> [Value] { [value] }
  mutating func combine(_ partial: [Value], _: inout EvaluationContext) throws(SQLError) {
    try take(partial[0])
  }
  func finish(_: inout EvaluationContext) throws(SQLError) -> Value { value }
}

/// sum and avg of intervals.
struct IntervalSumState: AggregateState {
  let isAverage: Bool
  var sum: IntervalValue?
  var count: Int64 = 0

  mutating func accumulate(_ arguments: [Value], _: inout EvaluationContext) throws(SQLError) {
    guard !arguments[0].isNull else { return }
    try add(arguments[0].interval, 1)
  }
  private mutating func add(_ value: IntervalValue, _ rows: Int64) throws(SQLError) {
    sum = try sum.map { (total) throws(SQLError) in try IntervalMath.add(total, value) } ?? value
    count += rows
  }
  func partial() throws(SQLError) -> [Value] {
    [sum.map { .interval($0) } ?? .null, .int(count)]
  }
  mutating func combine(_ partial: [Value], _: inout EvaluationContext) throws(SQLError) {
    guard !partial[0].isNull else { return }
    try add(partial[0].interval, partial[1].int)
  }
  func finish(_: inout EvaluationContext) throws(SQLError) -> Value {
    guard let sum else { return .null }
    return .interval(isAverage ? try IntervalMath.divide(sum, by: Double(count)) : sum)
  }
}

/// array_agg of scalars; of arrays it makes an array with one more dimension.
struct ArrayState: AggregateState {
  let element: SQLType
  let isNested: Bool
  var values: [Value] = []

  mutating func accumulate(_ arguments: [Value], _: inout EvaluationContext) throws(SQLError) {
    values.append(arguments[0])
  }
  func partial() throws(SQLError) -> [Value] { [try result()] }
  mutating func combine(_ partial: [Value], _: inout EvaluationContext) throws(SQLError) {
    guard !partial[0].isNull else { return }
    let array = try partial[0].array
    if isNested, let count = array.dimensions.first?.count, count > 0 {
      let width = array.elements.count / count
      for index in 0..<count {
        values.append(
          .array(
            ArrayValue(
              elementType: element, dimensions: Array(array.dimensions.dropFirst()),
              elements: Array(array.elements[index * width..<(index + 1) * width]))))
      }
    } else {
      values += array.elements
    }
  }
  func finish(_: inout EvaluationContext) throws(SQLError) -> Value { try result() }

  private func result() throws(SQLError) -> Value {
    if values.isEmpty { return .null }
    guard isNested else {
      return .array(ArrayValue(elementType: element, elements: values))
    }
    var elements: [Value] = []
    var inner: [ArrayValue.Dimension]?
    for value in values {
      guard !value.isNull else {
        throw SQLError(.nullValueNotAllowed, "cannot accumulate null arrays")
      }
      let array = try value.array
      if array.dimensions.isEmpty {
        throw SQLError(.arraySubscriptError, "cannot accumulate empty arrays")
      }
      if let inner, inner != array.dimensions {
        throw SQLError(
          .arraySubscriptError, "cannot accumulate arrays of different dimensionality")
      }
      inner = array.dimensions
      elements += array.elements
    }
    let dimensions = [ArrayValue.Dimension(count: values.count)] + (inner ?? [])
    guard dimensions.count <= ArrayValue.dimensionsMax else {
      throw SQLError(.programLimitExceeded, "number of array dimensions exceeds the maximum")
    }
    return .array(ArrayValue(elementType: element, dimensions: dimensions, elements: elements))
  }
}

/// string_agg of text and bytea: the delimiter of each row stands before its value.
struct StringState: AggregateState {
  let isBytes: Bool
  var text: [UInt8]?
  var firstDelimiter: [UInt8] = []

  mutating func accumulate(_ arguments: [Value], _: inout EvaluationContext) throws(SQLError) {
    guard !arguments[0].isNull else { return }
    let delimiter = arguments[1].isNull ? [] : try arguments[1].bytes
    try append(arguments[0].bytes, delimiter)
  }
  private mutating func append(_ bytes: [UInt8], _ delimiter: [UInt8]) throws(SQLError) {
    if text == nil {
      text = bytes
      firstDelimiter = delimiter
    } else {
      text?.append(contentsOf: delimiter)
      text?.append(contentsOf: bytes)
    }
    if (text?.count ?? 0) > Fault.lengthMax { throw Fault.tooLong }
  }
  private func value(_ bytes: [UInt8]) -> Value { isBytes ? .bytes(bytes) : .text(bytes) }
  func partial() throws(SQLError) -> [Value] {
    [text.map(value) ?? .null, value(firstDelimiter)]
  }
  mutating func combine(_ partial: [Value], _: inout EvaluationContext) throws(SQLError) {
    guard !partial[0].isNull else { return }
    try append(partial[0].bytes, partial[1].bytes)
  }
  func finish(_: inout EvaluationContext) throws(SQLError) -> Value { text.map(value) ?? .null }
}

/// mode and percentiles: keeps all values. Arguments: the direct ones, then the ordered one.
struct OrderedSetState: AggregateState {
  let type: SQLType
  let pick: @Sendable (_ sorted: [Value], _ fraction: Value) throws(SQLError) -> Value
  var values: [Value] = []
  var fraction = Value.null

  mutating func accumulate(_ arguments: [Value], _: inout EvaluationContext) throws(SQLError) {
    if arguments.count > 1 { fraction = arguments[0] }
    if let value = arguments.last, !value.isNull { values.append(value) }
  }
  func partial() throws(SQLError) -> [Value] {
    [.array(ArrayValue(elementType: type, elements: values)), fraction]
  }
  mutating func combine(_ partial: [Value], _: inout EvaluationContext) throws(SQLError) {
    values += try partial[0].array.elements
    if !partial[1].isNull { fraction = partial[1] }
  }
  func finish(_: inout EvaluationContext) throws(SQLError) -> Value {
    if values.isEmpty { return .null }
    return try pick(values.sorted { Value.compare($0, $1, as: type) < 0 }, fraction)
  }
}
