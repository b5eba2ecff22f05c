import Base
import Types

/// CAST between scalars.
enum Cast {
  private static let numbers: Set<CQLType.Native> = [
    .tinyint, .smallint, .int, .bigint, .varint, .decimal, .float, .double, .counter,
  ]

  /// Whether there is such a cast.
  static func isPossible(from source: CQLType.Native, to target: CQLType.Native) -> Bool {
    if source == target { return true }
    let isText = target == .text || target == .ascii
    switch source {
    case _ where numbers.contains(source):
      return isText || target != .counter && numbers.contains(target)
    case .ascii: return target == .text
    case .timeuuid: return isText || target == .timestamp || target == .date
    case .timestamp: return isText || target == .date
    case .date: return isText || target == .timestamp
    case .boolean, .inet, .time, .uuid: return isText
    default: return false
    }
  }

  static func value(_ datum: Datum, from: CQLType, to: CQLType) throws(CQLError) -> Datum {
    guard case .scalar(let value) = datum, let source = from.native, let target = to.native else {
      return .null
    }
    if source == target { return datum }
    if target == .text || target == .ascii { return .text(TextForm.text(value, source)) }
    switch (value, target) {
    case (.int(let number), .timestamp) where source == .date:
      return .int(number &* Calendar.microsecondsPerDay)
    case (.int(let number), .date) where source == .timestamp:
      return .int(Int64(Calendar.split(number).days))
    case (.uuid(let uuid), .timestamp) where source == .timeuuid:
      return .int(try Times.sql(unixMilliseconds: TimeUUID.unixMilliseconds(uuid)))
    case (.uuid(let uuid), .date) where source == .timeuuid:
      return .int(
        Int64(
          Calendar.split(try Times.sql(unixMilliseconds: TimeUUID.unixMilliseconds(uuid))).days))
    default: break
    }
    if let bits = Self.bits(of: target) { return try wrapped(value, source, bits) }
    let text: String
    switch value {
    case .int(let number): text = String(number)
    case .float(let number):
      if [.double, .float].contains(target) {
        return .scalar(.float(target == .float ? Double(Float(number)) : number))
      }
      text =
        target == .decimal
        ? Numeric(number).description : Numeric(number).truncated(to: 0).description
    case .numeric(let number):
      text =
        [.decimal, .double, .float].contains(target)
        ? number.description : number.truncated(to: 0).description
    default: throw .invalid("\(from.name) cannot be cast to \(to.name)")
    }
    return try TextForm.number(text, target)
  }

  private static func bits(of target: CQLType.Native) -> Int? {
    switch target {
    case .tinyint: 8
    case .smallint: 16
    case .int: 32
    case .bigint, .counter: 64
    default: nil
    }
  }

  /// Whole numbers lose their high bits, floating ones stop at the ends, as in Java.
  private static func wrapped(_ value: Value, _ source: CQLType.Native, _ bits: Int)
    throws(CQLError) -> Datum
  {
    let number: Int64
    switch value {
    case .int(let whole): number = whole
    case .float(let floating):
      let limit = bits == 64 ? 0x1p63 : 0x1p31
      number =
        floating.isNaN
        ? 0
        : floating >= limit
          ? (bits == 64 ? .max : Int64(Int32.max))
          : floating < -limit ? (bits == 64 ? .min : Int64(Int32.min)) : Int64(floating)
    case .numeric(let decimal):
      guard decimal.isFinite, let bytes = BigInteger.bytes(decimal.truncated(to: 0).description)
      else { throw .invalid("\(decimal) cannot be cast to a whole number") }
      let isNegative = (bytes.first ?? 0) & 0x80 != 0
      number = bytes.reduce(isNegative ? -1 : 0) { $0 << 8 | Int64($1) }
    default: throw .invalid("\(source.rawValue) cannot be cast to a whole number")
    }
    let shift = Int64(64 - bits)
    return .int((number << shift) >> shift)
  }
}
