/// `{1,NULL,"a b"}` and `(1,,"a b")`.
enum ArrayText {
  private static let backslash = UInt8(ascii: "\\")
  private static let quote = UInt8(ascii: "\"")

  private static func malformed(_ bytes: [UInt8], _ detail: String) -> SQLError {
    SQLError(
      .invalidTextRepresentation,
      "malformed array literal: \"\(String(decoding: bytes, as: UTF8.self))\"", detail: detail)
  }

  static func parse(
    _ bytes: [UInt8], element: SQLType, settings: FormatSettings
  ) throws(SQLError) -> ArrayValue {
    var position = 0
    func skip() { while position < bytes.count, ASCII.isSpace(bytes[position]) { position += 1 } }
    func integer() -> Int? {
      let start = position
      if position < bytes.count, bytes[position] == 45 || bytes[position] == 43 { position += 1 }
      while position < bytes.count, ASCII.isDigit(bytes[position]) { position += 1 }
      return Int32(String(decoding: bytes[start..<position], as: UTF8.self)).map { Int($0) }
    }
    var declared: [ArrayValue.Dimension] = []
    skip()
    while position < bytes.count, bytes[position] == UInt8(ascii: "[") {
      position += 1
      guard declared.count < ArrayValue.dimensionsMax else { throw tooManyDimensions }
      guard var upper = integer() else {
        throw malformed(bytes, "\"[\" must introduce explicitly-specified array dimensions.")
      }
      var lower = 1
      if position < bytes.count, bytes[position] == 58 {
        position += 1
        lower = upper
        guard let bound = integer() else {
          throw malformed(bytes, "Missing array dimension value.")
        }
        upper = bound
      }
      guard position < bytes.count, bytes[position] == UInt8(ascii: "]") else {
        throw malformed(bytes, "Missing \"]\" after array dimensions.")
      }
      position += 1
      guard upper >= lower else {
        throw SQLError(.arraySubscriptError, "upper bound cannot be less than lower bound")
      }
      declared.append(.init(count: upper - lower + 1, lowerBound: lower))
      skip()
    }
    if !declared.isEmpty {
      guard position < bytes.count, bytes[position] == UInt8(ascii: "=") else {
        throw malformed(bytes, "Missing \"=\" after array dimensions.")
      }
      position += 1
      skip()
    }
    guard position < bytes.count, bytes[position] == UInt8(ascii: "{") else {
      throw malformed(
        bytes,
        declared.isEmpty
          ? "Array value must start with \"{\" or dimension information."
          : "Array contents must start with \"{\".")
    }
    var elements: [Value] = []
    // Counts of each open level so far, and the counts that the first closed ones fixed.
    var open: [Int] = []
    var fixed: [Int?] = []
    var elementDepth: Int?
    var expectsItem = true
    let mismatch = "Multidimensional arrays must have sub-arrays with matching dimensions."
    parsing: while true {
      skip()
      guard position < bytes.count else { throw malformed(bytes, "Unexpected end of input.") }
      switch bytes[position] {
      case UInt8(ascii: "{"):
        guard expectsItem else { throw malformed(bytes, "Unexpected \"{\" character.") }
        position += 1
        guard open.count < ArrayValue.dimensionsMax else { throw tooManyDimensions }
        if let elementDepth, open.count >= elementDepth { throw malformed(bytes, mismatch) }
        open.append(0)
        if fixed.count < open.count { fixed.append(nil) }
        expectsItem = true
      case UInt8(ascii: "}"):
        guard let count = open.last, !expectsItem || count == 0 else {
          throw malformed(bytes, "Unexpected \"}\" character.")
        }
        position += 1
        let level = open.count - 1
        if let known = fixed[level], known != count { throw malformed(bytes, mismatch) }
        fixed[level] = count
        open.removeLast()
        if open.isEmpty { break parsing }
        open[open.count - 1] += 1
        expectsItem = false
      case UInt8(ascii: ","):
        guard !expectsItem else { throw malformed(bytes, "Unexpected \",\" character.") }
        position += 1
        expectsItem = true
      default:
        guard expectsItem else { throw malformed(bytes, "Unexpected array element.") }
        if let depth = elementDepth {
          if depth != open.count { throw malformed(bytes, mismatch) }
        } else {
          if fixed.count > open.count { throw malformed(bytes, mismatch) }
          elementDepth = open.count
        }
        let (text, isQuoted) = try item(bytes, &position)
        if !isQuoted && ASCII.lowercased(text) == "null" {
          elements.append(.null)
        } else {
          elements.append(try TypeIO.parseText(text, as: element, settings: settings))
        }
        open[open.count - 1] += 1
        expectsItem = false
        skip()
        guard position < bytes.count else { throw malformed(bytes, "Unexpected end of input.") }
      }
    }
    skip()
    guard position == bytes.count else {
      throw malformed(bytes, "Junk after closing right brace.")
    }
    let counts = fixed.map { $0 ?? 0 }
    if elements.isEmpty {
      if counts.count > 1 && counts[0] > 0 && elementDepth == nil && counts.last != 0 {
        throw malformed(bytes, mismatch)
      }
      return ArrayValue(elementType: element, elements: [])
    }
    if !declared.isEmpty && declared.map(\.count) != counts {
      throw malformed(bytes, "Specified array dimensions do not match array contents.")
    }
    guard
      counts.reduce(1, { $0.multipliedReportingOverflow(by: $1).partialValue }) == elements.count
    else { throw malformed(bytes, mismatch) }
    return ArrayValue(
      elementType: element,
      dimensions: declared.isEmpty ? counts.map { .init(count: $0) } : declared,
      elements: elements)
  }

  private static var tooManyDimensions: SQLError {
    SQLError(
      .programLimitExceeded,
      "number of array dimensions (7) exceeds the maximum allowed (\(ArrayValue.dimensionsMax))")
  }

  /// One element's text without quotes and escapes.
  private static func item(
    _ bytes: [UInt8], _ position: inout Int
  ) throws(SQLError) -> (text: [UInt8], isQuoted: Bool) {
    var text: [UInt8] = []
    if bytes[position] == quote {
      position += 1
      while position < bytes.count, bytes[position] != quote {
        if bytes[position] == backslash { position += 1 }
        guard position < bytes.count else { break }
        text.append(bytes[position])
        position += 1
      }
      guard position < bytes.count else { throw malformed(bytes, "Unexpected end of input.") }
      position += 1
      return (text, true)
    }
    var kept = 0
    var sawEscape = false
    while position < bytes.count {
      let byte = bytes[position]
      if byte == UInt8(ascii: ",") || byte == UInt8(ascii: "}") { break }
      if byte == UInt8(ascii: "{") { throw malformed(bytes, "Unexpected \"{\" character.") }
      if byte == quote { throw malformed(bytes, "Unexpected array element.") }
      if byte == backslash {
        position += 1
        guard position < bytes.count else { break }
        text.append(bytes[position])
        sawEscape = true
        kept = text.count
      } else {
        text.append(byte)
        if !ASCII.isSpace(byte) { kept = text.count }
      }
      position += 1
    }
    guard position < bytes.count else { throw malformed(bytes, "Unexpected end of input.") }
    return (Array(text[..<kept]), sawEscape)
  }

  static func write(_ array: ArrayValue, settings: FormatSettings, into output: inout [UInt8]) {
    guard !array.elements.isEmpty else { return output.append(contentsOf: "{}".utf8) }
    if array.dimensions.contains(where: { $0.lowerBound != 1 }) {
      for dimension in array.dimensions {
        let upper = dimension.lowerBound + dimension.count - 1
        output.append(contentsOf: "[\(dimension.lowerBound):\(upper)]".utf8)
      }
      output.append(UInt8(ascii: "="))
    }
    // At element i, as many braces open and close as dimensions whose size divides i.
    var sizes = array.dimensions.map(\.count)
    for index in sizes.indices.reversed().dropFirst() { sizes[index] *= sizes[index + 1] }
    for (index, element) in array.elements.enumerated() {
      let closing = index == 0 ? 0 : sizes.filter { $0 > 0 && index % $0 == 0 }.count
      for _ in 0..<closing { output.append(UInt8(ascii: "}")) }
      if index > 0 { output.append(UInt8(ascii: ",")) }
      for _ in 0..<(index == 0 ? sizes.count : closing) { output.append(UInt8(ascii: "{")) }
      if element.isNull {
        output.append(contentsOf: "NULL".utf8)
        continue
      }
      var text: [UInt8] = []
      TypeIO.formatText(element, as: array.elementType, settings: settings, into: &text)
      let needsQuotes =
        text.isEmpty || ASCII.lowercased(text) == "null"
        || text.contains {
          $0 == quote || $0 == backslash || $0 == UInt8(ascii: "{") || $0 == UInt8(ascii: "}")
            || $0 == UInt8(ascii: ",") || ASCII.isSpace($0)
        }
      guard needsQuotes else {
        output.append(contentsOf: text)
        continue
      }
      output.append(quote)
      for byte in text {
        if byte == quote || byte == backslash { output.append(backslash) }
        output.append(byte)
      }
      output.append(quote)
    }
    for _ in array.dimensions { output.append(UInt8(ascii: "}")) }
  }

  static func write(_ record: RecordValue, settings: FormatSettings, into output: inout [UInt8]) {
    output.append(UInt8(ascii: "("))
    for (index, field) in record.fields.enumerated() {
      if index > 0 { output.append(UInt8(ascii: ",")) }
      if field.isNull { continue }
      let type = index < record.types.count ? record.types[index] : .text
      var text: [UInt8] = []
      TypeIO.formatText(field, as: type, settings: settings, into: &text)
      let needsQuotes =
        text.isEmpty
        || text.contains {
          $0 == quote || $0 == backslash || $0 == UInt8(ascii: "(") || $0 == UInt8(ascii: ")")
            || $0 == UInt8(ascii: ",") || ASCII.isSpace($0)
        }
      if needsQuotes { output.append(quote) }
      for byte in text {
        if byte == quote || byte == backslash { output.append(byte) }
        output.append(byte)
      }
      if needsQuotes { output.append(quote) }
    }
    output.append(UInt8(ascii: ")"))
  }
}
