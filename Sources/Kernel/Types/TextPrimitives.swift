#if canImport(Glibc)
  import Glibc
#endif

/// The ASCII classes of PostgreSQL's parsers, whatever the locale.
enum ASCII {
  static let minus = UInt8(ascii: "-")
  static let plus = UInt8(ascii: "+")

  @inline(__always) static func isSpace(_ byte: UInt8) -> Bool {
    byte == 32 || (byte >= 9 && byte <= 13)
  }
  @inline(__always) static func isDigit(_ byte: UInt8) -> Bool { byte >= 48 && byte <= 57 }
  static func isLetter(_ byte: UInt8) -> Bool { (byte | 0x20) >= 97 && (byte | 0x20) <= 122 }

  static func hexDigit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case 48...57: byte - 48
    case 65...70: byte - 55
    case 97...102: byte - 87
    default: nil
    }
  }
  static let hex = Array("0123456789abcdef".utf8)

  static func lowercased(_ bytes: some Sequence<UInt8>) -> String {
    String(decoding: bytes.map { $0 >= 65 && $0 <= 90 ? $0 | 0x20 : $0 }, as: UTF8.self)
  }

  static func trimmed(_ bytes: [UInt8]) -> ArraySlice<UInt8> {
    var slice = bytes[...]
    while let first = slice.first, isSpace(first) { slice.removeFirst() }
    while let last = slice.last, isSpace(last) { slice.removeLast() }
    return slice
  }

  /// At least `width` digits, zeros in front.
  static func appendPadded(_ value: Int, width: Int, into output: inout [UInt8]) {
    let text = String(value)
    for _ in 0..<max(0, width - text.utf8.count) { output.append(48) }
    output.append(contentsOf: text.utf8)
  }
}

extension SQLError {
  static func invalidSyntax(_ type: String, _ text: some Sequence<UInt8>) -> SQLError {
    SQLError(
      .invalidTextRepresentation,
      "invalid input syntax for type \(type): \"\(String(decoding: Array(text), as: UTF8.self))\"")
  }

  static func outOfRange(_ type: String, _ text: [UInt8]) -> SQLError {
    SQLError(
      .numericValueOutOfRange,
      "value \"\(String(decoding: text, as: UTF8.self))\" is out of range for type \(type)")
  }

  static func badBinary(_ message: String) -> SQLError {
    SQLError(.invalidBinaryRepresentation, message)
  }
}

/// Integers of all widths, as int2in, int4in, int8in and oidin read them.
public enum IntegerText {
  public static func range(of type: SQLType) -> ClosedRange<Int64> {
    switch type.oid {
    case SQLType.int2.oid: Int64(Int16.min)...Int64(Int16.max)
    case SQLType.int4.oid: Int64(Int32.min)...Int64(Int32.max)
    case SQLType.int8.oid, SQLType.xid8.oid: Int64.min...Int64.max
    default: 0...Int64(UInt32.max)
    }
  }

  static func parse(_ bytes: [UInt8], as type: SQLType) throws(SQLError) -> Int64 {
    let name = type.info?.displayName ?? "integer"
    let slice = ASCII.trimmed(bytes)
    var position = slice.startIndex
    var isNegative = false
    if let first = slice.first, first == ASCII.minus || first == ASCII.plus {
      isNegative = first == ASCII.minus
      position += 1
    }
    guard position < slice.endIndex else { throw .invalidSyntax(name, bytes) }
    var value: Int64 = 0
    var overflowed = false
    while position < slice.endIndex {
      let byte = slice[position]
      guard ASCII.isDigit(byte) else { throw .invalidSyntax(name, bytes) }
      let (product, first) = value.multipliedReportingOverflow(by: 10)
      let (difference, second) = product.subtractingReportingOverflow(Int64(byte - 48))
      overflowed = overflowed || first || second
      value = difference
      position += 1
    }
    if !isNegative {
      if value == .min { overflowed = true } else { value = -value }
    }
    if type.oid == SQLType.xid8.oid, overflowed || value == .min, !isNegative,
      let bits = UInt64(String(decoding: slice, as: UTF8.self))
    {
      return Int64(bitPattern: bits)
    }
    let range = range(of: type)
    if range.lowerBound == 0, !overflowed, value < 0, value >= Int64(Int32.min) {
      // oidin takes small negative numbers as their 32-bit patterns.
      return Int64(UInt32(bitPattern: Int32(value)))
    }
    guard !overflowed, range.contains(value) else { throw .outOfRange(name, bytes) }
    return value
  }
}

/// Floats: strtod for input, the shortest digits that read back for output.
enum FloatText {
  static func parse(_ bytes: [UInt8], isSingle: Bool) throws(SQLError) -> Double {
    let name = isSingle ? "real" : "double precision"
    let slice = ASCII.trimmed(bytes)
    guard let first = slice.first else { throw .invalidSyntax(name, bytes) }
    let unsigned = first == ASCII.minus || first == ASCII.plus ? slice.dropFirst() : slice
    guard let lead = unsigned.first else { throw .invalidSyntax(name, bytes) }
    if ASCII.isLetter(lead) {
      switch ASCII.lowercased(unsigned) {
      case "nan": return .nan
      case "inf", "infinity": return first == ASCII.minus ? -.infinity : .infinity
      default: throw .invalidSyntax(name, bytes)
      }
    }
    guard slice.allSatisfy({ $0 != 0 && $0 < 0x80 }) else { throw .invalidSyntax(name, bytes) }
    let text = String(decoding: slice, as: UTF8.self)
    var consumed = 0
    let (value, isZeroMantissa) = text.withCString { start -> (Double, Bool) in
      var end: UnsafeMutablePointer<CChar>?
      let value = isSingle ? Double(strtof(start, &end)) : strtod(start, &end)
      if let end { consumed = UnsafePointer(end) - start }
      var cursor = start
      var zero = true
      while cursor.pointee != 0, cursor.pointee | 0x20 != 0x65, cursor.pointee | 0x20 != 0x70 {
        if cursor.pointee >= 49 && cursor.pointee <= 57 { zero = false }
        cursor += 1
      }
      return (value, zero)
    }
    guard consumed > 0, consumed == slice.count else { throw .invalidSyntax(name, bytes) }
    if value.isInfinite || (value == 0 && !isZeroMantissa) {
      throw SQLError(
        .numericValueOutOfRange, "\"\(text)\" is out of range for type \(name)")
    }
    return value
  }

  /// C's %.*g.
  static func general(_ value: Double, significantDigits: Int) -> String {
    var buffer = [CChar](repeating: 0, count: 512)
    let count = withVaList([Int32(significantDigits), value]) {
      vsnprintf(&buffer, buffer.count, "%.*g", $0)
    }
    return String(decoding: buffer.prefix(Int(count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// `extraDigits` as the setting extra_float_digits: above 0 the shortest exact form.
  static func write(
    _ value: Double, isSingle: Bool, extraDigits: Int, into output: inout [UInt8]
  ) {
    if value.isNaN { return output.append(contentsOf: "NaN".utf8) }
    if value.isInfinite {
      return output.append(contentsOf: (value < 0 ? "-Infinity" : "Infinity").utf8)
    }
    if extraDigits <= 0 {
      let digits = max(1, (isSingle ? 6 : 15) + extraDigits)
      return output.append(contentsOf: general(value, significantDigits: digits).utf8)
    }
    if value.sign == .minus { output.append(ASCII.minus) }
    if value == 0 { return output.append(48) }
    let shortest = isSingle ? Float(value).magnitude.description : value.magnitude.description
    // Split Swift's form (12.5, 1e-07, 1.25e+20) into digits and the power of ten of the first.
    var digits: [UInt8] = []
    var pointAt: Int?
    var exponent = 0
    let parts = shortest.utf8.split(separator: UInt8(ascii: "e"))
    for byte in parts[0] {
      if byte == UInt8(ascii: ".") { pointAt = digits.count } else { digits.append(byte) }
    }
    if parts.count > 1 { exponent = Int(String(decoding: parts[1], as: UTF8.self)) ?? 0 }
    var power = (pointAt ?? digits.count) - 1 + exponent
    while digits.count > 1 && digits[0] == 48 {
      digits.removeFirst()
      power -= 1
    }
    while digits.count > 1 && digits[digits.count - 1] == 48 { digits.removeLast() }
    if power >= -4 && power < (isSingle ? 6 : 15) {
      if power < 0 {
        output.append(contentsOf: "0.".utf8)
        for _ in 0..<(-power - 1) { output.append(48) }
        output.append(contentsOf: digits)
      } else {
        for index in 0...max(power, digits.count - 1) {
          if index == power + 1 { output.append(UInt8(ascii: ".")) }
          output.append(index < digits.count ? digits[index] : 48)
        }
      }
    } else {
      output.append(digits[0])
      if digits.count > 1 {
        output.append(UInt8(ascii: "."))
        output.append(contentsOf: digits[1...])
      }
      output.append(UInt8(ascii: "e"))
      output.append(power < 0 ? ASCII.minus : ASCII.plus)
      ASCII.appendPadded(abs(power), width: 2, into: &output)
    }
  }
}

/// Checks text from clients.
public enum TextEncoding {
  /// 22021 with the offending bytes when `bytes` is not UTF-8 or holds a zero byte.
  public static func validate(_ bytes: [UInt8]) throws(SQLError) {
    var index = 0
    while index < bytes.count {
      let lead = bytes[index]
      if lead < 0x80 && lead != 0 {
        index += 1
        continue
      }
      // What leads no character stands alone, as PostgreSQL shows it.
      let length =
        switch lead {
        case 0xC0...0xDF: 2
        case 0xE0...0xEF: 3
        case 0xF0...0xF7: 4
        default: 1
        }
      let end = min(bytes.count, index + length)
      var valid = lead >= 0xC2 && lead <= 0xF4 && index + length <= bytes.count
      if valid {
        for position in index + 1..<end where bytes[position] & 0xC0 != 0x80 { valid = false }
        let second = bytes[index + 1]
        switch lead {
        case 0xE0: valid = valid && second >= 0xA0
        case 0xED: valid = valid && second < 0xA0
        case 0xF0: valid = valid && second >= 0x90
        case 0xF4: valid = valid && second < 0x90
        default: break
        }
      }
      guard valid else {
        let shown = bytes[index..<end].map { byte in
          "0x"
            + String(
              decoding: [ASCII.hex[Int(byte >> 4)], ASCII.hex[Int(byte & 15)]], as: UTF8.self)
        }
        throw SQLError(
          .characterNotInRepertoire,
          "invalid byte sequence for encoding \"UTF8\": \(shown.joined(separator: " "))")
      }
      index = end
    }
  }

  /// The number of characters; `bytes` is UTF-8.
  public static func characterCount(_ bytes: [UInt8]) -> Int {
    bytes.reduce(0) { $0 + ($1 & 0xC0 == 0x80 ? 0 : 1) }
  }

  /// How many bytes the first `characters` characters take.
  public static func byteCount(_ bytes: [UInt8], characters: Int) -> Int {
    var seen = 0
    for (index, byte) in bytes.enumerated() where byte & 0xC0 != 0x80 {
      if seen == characters { return index }
      seen += 1
    }
    return bytes.count
  }

  /// Fits text to varchar(n) or char(n): pads char, drops blanks beyond the limit, and otherwise
  /// refuses (22001) or, for an explicit cast, cuts.
  public static func fit(_ bytes: [UInt8], to type: SQLType, isExplicitCast: Bool = false)
    throws(SQLError) -> [UInt8]
  {
    guard let limit = type.lengthLimit,
      type.oid == SQLType.varchar.oid || type.oid == SQLType.bpchar.oid
    else { return bytes }
    let isFixed = type.oid == SQLType.bpchar.oid
    let count = characterCount(bytes)
    if count <= limit {
      return isFixed ? bytes + [UInt8](repeating: 32, count: limit - count) : bytes
    }
    let end = byteCount(bytes, characters: limit)
    if !isExplicitCast && bytes[end...].contains(where: { $0 != 32 }) {
      throw SQLError(
        .stringDataRightTruncation,
        "value too long for type \(isFixed ? "character" : "character varying")(\(limit))")
    }
    return Array(bytes[..<end])
  }
}
