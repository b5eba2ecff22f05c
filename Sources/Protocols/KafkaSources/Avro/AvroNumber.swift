import Types

/// Numbers and times of Avro as JSON has them.
enum AvroNumber {
  static func json(_ text: String) throws(SQLError) -> JSONValue {
    try JSONText.parse(Array(text.utf8))
  }

  /// What is no number is a string, which floats of SQL read.
  static func json(_ value: some BinaryFloatingPoint & CustomStringConvertible) throws(SQLError)
    -> JSONValue
  {
    if value.isNaN { return .string("NaN") }
    if value.isInfinite { return .string(value < 0 ? "-Infinity" : "Infinity") }
    return try json(value.description)
  }

  /// A number in two's complement, the first byte first, with the point `scale` digits from the right.
  static func decimal(_ bytes: ArraySlice<UInt8>, scale: Int) throws(SQLError) -> String {
    guard bytes.count <= 512 else {
      throw SQLError(.numericValueOutOfRange, "a decimal of \(bytes.count) bytes")
    }
    let isNegative = (bytes.first ?? 0) & 0x80 != 0
    var magnitude = Array(bytes)
    if isNegative {
      var carry = true
      for place in magnitude.indices.reversed() {
        magnitude[place] = ~magnitude[place]
        if carry { (magnitude[place], carry) = magnitude[place].addingReportingOverflow(1) }
      }
    }
    var digits: [UInt8] = []
    while magnitude.contains(where: { $0 != 0 }) {
      var rest = 0
      for place in magnitude.indices {
        let part = rest << 8 | Int(magnitude[place])
        magnitude[place] = UInt8(part / 10)
        rest = part % 10
      }
      digits.append(UInt8(ascii: "0") + UInt8(rest))
    }
    while digits.count <= scale { digits.append(UInt8(ascii: "0")) }
    var text = String(decoding: digits.reversed(), as: UTF8.self)
    if scale > 0 { text.insert(".", at: text.index(text.endIndex, offsetBy: -scale)) }
    return isNegative ? "-" + text : text
  }

  static func time(_ logical: AvroSchema.Logical, _ value: Int64) throws(SQLError) -> String {
    switch logical {
    case .date: return try text(value, less: 10_957, as: .date)
    case .timeMillis: return try text(try scaled(value, 1_000), less: 0, as: .time)
    case .timeMicros: return try text(value, less: 0, as: .time)
    case .timestamp(let perSecond, let isLocal):
      let microseconds =
        perSecond > 1_000_000
        ? value / (perSecond / 1_000_000) : try scaled(value, 1_000_000 / perSecond)
      return try text(
        microseconds, less: SourceTime.epochMicroseconds, as: isLocal ? .timestamp : .timestamptz)
    case .decimal: throw outOfRange
    }
  }

  private static var outOfRange: SQLError {
    SQLError(.datetimeFieldOverflow, "a time is out of range")
  }

  private static func scaled(_ value: Int64, _ factor: Int64) throws(SQLError) -> Int64 {
    let (product, isBeyond) = value.multipliedReportingOverflow(by: factor)
    if isBeyond { throw outOfRange }
    return product
  }

  /// A year on either side of what SQL's times reach would be read as something else.
  private static func text(_ value: Int64, less epoch: Int64, as type: SQLType) throws(SQLError)
    -> String
  {
    let (moved, isBeyond) = value.subtractingReportingOverflow(epoch)
    let most: Int64 = type.oid == SQLType.date.oid ? 2_000_000 : 200_000_000_000_000_000
    guard !isBeyond, abs(moved) <= most,
      type.oid != SQLType.time.oid || (0...86_400_000_000).contains(moved)
    else { throw outOfRange }
    var bytes: [UInt8] = []
    TypeIO.formatText(.int(moved), as: type, settings: FormatSettings(), into: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }
}
