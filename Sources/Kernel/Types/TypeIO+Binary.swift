import Base

/// PostgreSQL's binary formats: what send functions give and recv functions take, big-endian.
extension TypeIO {
  static func append(_ value: UInt64, _ count: Int, into output: inout [UInt8]) {
    for index in 0..<count {
      output.append(UInt8(truncatingIfNeeded: value >> UInt64((count - 1 - index) * 8)))
    }
  }

  /// Appends the binary form; nothing for null, which has none.
  public static func encodeBinary(_ value: Value, as type: SQLType, into output: inout [UInt8]) {
    switch value {
    case .null: break
    case .bool(let flag): output.append(flag ? 1 : 0)
    case .int(let number):
      let length = type.info?.length ?? 4
      append(UInt64(bitPattern: number), length == 2 || length == 8 ? length : 4, into: &output)
    case .float(let number):
      if type.oid == SQLType.float4.oid {
        append(UInt64(Float(number).bitPattern), 4, into: &output)
      } else {
        append(number.bitPattern, 8, into: &output)
      }
    case .numeric(let number):
      let sign: UInt64 = UInt64(number.words[0])
      append(UInt64(number.digits.count), 2, into: &output)
      append(UInt64(number.words[1]), 2, into: &output)
      append(sign, 2, into: &output)
      append(UInt64(number.scale), 2, into: &output)
      for digit in number.digits { append(UInt64(digit), 2, into: &output) }
    case .text(let bytes), .bytes(let bytes): output.append(contentsOf: bytes)
    case .interval(let interval):
      append(UInt64(bitPattern: interval.microseconds), 8, into: &output)
      append(UInt64(UInt32(bitPattern: interval.days)), 4, into: &output)
      append(UInt64(UInt32(bitPattern: interval.months)), 4, into: &output)
    case .timetz(let time):
      append(UInt64(bitPattern: time.microseconds), 8, into: &output)
      append(UInt64(UInt32(bitPattern: time.secondsWest)), 4, into: &output)
    case .uuid(let uuid): output.append(contentsOf: uuid.bytes)
    case .jsonb(let json):
      output.append(1)
      json.write(into: &output)
    case .inet(let inet):
      output.append(inet.isIPv6 ? 3 : 2)
      output.append(UInt8(inet.prefixLength))
      output.append(type.oid == SQLType.cidr.oid ? 1 : 0)
      output.append(UInt8(inet.addressLength))
      output.append(contentsOf: inet.address)
    case .array(let array):
      append(UInt64(array.dimensions.count), 4, into: &output)
      append(array.elements.contains { $0.isNull } ? 1 : 0, 4, into: &output)
      append(UInt64(array.elementType.oid.rawValue), 4, into: &output)
      for dimension in array.dimensions {
        append(UInt64(dimension.count), 4, into: &output)
        append(UInt64(bitPattern: Int64(dimension.lowerBound)), 4, into: &output)
      }
      for element in array.elements { nested(element, array.elementType, into: &output) }
    case .record(let record):
      append(UInt64(record.fields.count), 4, into: &output)
      for (index, field) in record.fields.enumerated() {
        let fieldType = index < record.types.count ? record.types[index] : .text
        append(UInt64(fieldType.oid.rawValue), 4, into: &output)
        nested(field, fieldType, into: &output)
      }
    }
  }

  private static func nested(_ value: Value, _ type: SQLType, into output: inout [UInt8]) {
    if value.isNull { return append(0xFFFF_FFFF, 4, into: &output) }
    let start = output.count
    append(0, 4, into: &output)
    encodeBinary(value, as: type, into: &output)
    let length = UInt32(output.count - start - 4)
    for index in 0..<4 {
      output[start + index] = UInt8(truncatingIfNeeded: length >> UInt32(24 - index * 8))
    }
  }

  /// Reads the binary form of `type`, applying its modifier. 22P03 for malformed bytes, 08P01 when
  /// they are too few, 22021 for text that is not UTF-8.
  public static func decodeBinary(_ bytes: [UInt8], as type: SQLType) throws(SQLError) -> Value {
    try decodeBinary(bytes, as: type, depth: 0)
  }

  private struct Source {
    let bytes: [UInt8]
    var position = 0
    init(_ bytes: [UInt8]) { self.bytes = bytes }
    var remaining: Int { bytes.count - position }

    mutating func integer(_ count: Int) throws(SQLError) -> UInt64 {
      var value: UInt64 = 0
      for byte in try take(count) { value = value << 8 | UInt64(byte) }
      return value
    }
    mutating func int32() throws(SQLError) -> Int32 {
      Int32(truncatingIfNeeded: try integer(4))
    }
    mutating func take(_ count: Int) throws(SQLError) -> ArraySlice<UInt8> {
      guard count >= 0, count <= remaining else {
        throw SQLError(.protocolViolation, "insufficient data left in message")
      }
      position += count
      return bytes[position - count..<position]
    }
  }

  private static func decodeBinary(
    _ bytes: [UInt8], as type: SQLType, depth: Int
  ) throws(SQLError) -> Value {
    guard depth < 32 else { throw SQLError(.statementTooComplex, "stack depth limit exceeded") }
    var source = Source(bytes)
    let value = try decode(&source, type, depth)
    guard source.remaining == 0 else { throw .badBinary("incorrect binary data format") }
    return value
  }

  private static func decode(
    _ source: inout Source, _ type: SQLType, _ depth: Int
  ) throws(SQLError) -> Value {
    if type.isInteger { return .int(try decodeInteger(&source, type)) }
    switch type.oid {
    case SQLType.bool.oid: return .bool(try source.integer(1) != 0)
    case SQLType.float4.oid:
      return .float(
        Double(Float(bitPattern: UInt32(truncatingIfNeeded: try source.integer(4)))))
    case SQLType.float8.oid: return .float(Double(bitPattern: try source.integer(8)))
    case SQLType.numeric.oid: return .numeric(try decodeNumeric(&source).fitted(to: type))
    case SQLType.bytea.oid: return .bytes(Array(try source.take(source.remaining)))
    case SQLType.interval.oid:
      let micros = Int64(bitPattern: try source.integer(8))
      let days = try source.int32()
      let value = IntervalValue(months: try source.int32(), days: days, microseconds: micros)
      return .interval(IntervalText.adjust(value, to: type))
    case SQLType.timetz.oid:
      let micros = Int64(bitPattern: try source.integer(8))
      let west = try source.int32()
      guard (0...Calendar.microsecondsPerDay).contains(micros) else {
        throw SQLError(.datetimeFieldOverflow, "time out of range")
      }
      guard west > -57_600, west < 57_600 else {
        throw SQLError(.invalidTimeZoneDisplacement, "time zone displacement out of range")
      }
      return .timetz(
        TimeTZValue(
          microseconds: DateTimeText.round(micros, to: type.modifier), secondsWest: west))
    case SQLType.uuid.oid:
      return .uuid(UUIDValue(high: try source.integer(8), low: try source.integer(8)))
    case SQLType.jsonb.oid:
      let version = try source.integer(1)
      guard version == 1 else {
        throw SQLError(.internalError, "unsupported jsonb version number \(version)")
      }
      return try parseText(Array(try source.take(source.remaining)), as: type)
    case SQLType.inet.oid, SQLType.cidr.oid:
      let name = type.oid == SQLType.cidr.oid ? "cidr" : "inet"
      let family = try source.integer(1)
      let prefix = Int(try source.integer(1))
      _ = try source.integer(1)
      let length = Int(try source.integer(1))
      guard family == 2 || family == 3 else {
        throw .badBinary("invalid address family in external \"\(name)\" value")
      }
      guard length == (family == 2 ? 4 : 16) else {
        throw .badBinary("invalid length in external \"\(name)\" value")
      }
      guard let inet = InetValue(address: try source.take(length), prefixLength: prefix) else {
        throw .badBinary("invalid bits in external \"\(name)\" value")
      }
      if name == "cidr" && !inet.isNetwork {
        throw .badBinary("invalid external \"cidr\" value")
      }
      return .inet(inet)
    case SQLType.record.oid:
      let count = try source.int32()
      guard count >= 0, Int(count) <= source.remaining / 8 else {
        throw .badBinary("wrong number of columns: \(count)")
      }
      var (fields, types): ([Value], [SQLType]) = ([], [])
      for _ in 0..<count {
        let field = SQLType(ObjectID(rawValue: UInt32(truncatingIfNeeded: try source.integer(4))))
        types.append(field)
        fields.append(try decodeNested(&source, field, depth))
      }
      return .record(try RecordValue.checked(fields: fields, types: types))
    default:
      if let element = type.elementType, type.oid != SQLType.name.oid {
        return .array(try decodeArray(&source, element, depth))
      }
      return try parseText(Array(try source.take(source.remaining)), as: type)
    }
  }

  private static func decodeInteger(
    _ source: inout Source, _ type: SQLType
  ) throws(SQLError) -> Int64 {
    let length = type.info?.length ?? 4
    let raw = try source.integer(length)
    switch type.oid {
    case SQLType.int2.oid: return Int64(Int16(truncatingIfNeeded: raw))
    case SQLType.int4.oid: return Int64(Int32(truncatingIfNeeded: raw))
    case SQLType.date.oid:
      let days = Int32(truncatingIfNeeded: raw)
      let isInfinite = days == .min || days == .max
      guard isInfinite || (Calendar.dateMin..<Calendar.dateEnd).contains(Int(days)) else {
        throw SQLError(.datetimeFieldOverflow, "date out of range")
      }
      return Int64(days)
    case SQLType.time.oid:
      let micros = Int64(bitPattern: raw)
      guard (0...Calendar.microsecondsPerDay).contains(micros) else {
        throw SQLError(.datetimeFieldOverflow, "time out of range")
      }
      return DateTimeText.round(micros, to: type.modifier)
    case SQLType.timestamp.oid, SQLType.timestamptz.oid:
      let micros = Int64(bitPattern: raw)
      let isInfinite = micros == .min || micros == .max
      guard isInfinite || (Calendar.timestampMin..<Calendar.timestampEnd).contains(micros) else {
        throw SQLError(.datetimeFieldOverflow, "timestamp out of range")
      }
      return DateTimeText.round(micros, to: type.modifier)
    default: return Int64(bitPattern: raw)
    }
  }

  private static func decodeNumeric(_ source: inout Source) throws(SQLError) -> Numeric {
    let count = Int(try source.integer(2))
    let weight = Int16(truncatingIfNeeded: try source.integer(2))
    let sign = UInt16(truncatingIfNeeded: try source.integer(2))
    let scale = Int(try source.integer(2))
    guard let kind = Numeric.Class(rawValue: sign) else {
      throw .badBinary("invalid sign in external \"numeric\" value")
    }
    guard scale <= Numeric.storedScaleMax else {
      throw .badBinary("invalid scale in external \"numeric\" value")
    }
    var value = Decimal()
    for _ in 0..<count {
      let digit = try source.integer(2)
      guard digit < 10_000 else { throw .badBinary("invalid digit in external \"numeric\" value") }
      value.digits.append(UInt16(digit))
    }
    switch kind {
    case .nan: return .nan
    case .positiveInfinity: return .infinity
    case .negativeInfinity: return .negativeInfinity
    case .positive, .negative: break
    }
    value.isNegative = kind == .negative
    value.weight = Int(weight)
    value.truncate(to: scale)
    return try Numeric(value)
  }

  private static func decodeNested(
    _ source: inout Source, _ type: SQLType, _ depth: Int
  ) throws(SQLError) -> Value {
    let length = try source.int32()
    if length == -1 { return .null }
    return try decodeBinary(Array(try source.take(Int(length))), as: type, depth: depth + 1)
  }

  private static func decodeArray(
    _ source: inout Source, _ element: SQLType, _ depth: Int
  ) throws(SQLError) -> ArrayValue {
    let rank = try source.int32()
    guard rank >= 0 else { throw .badBinary("invalid number of dimensions: \(rank)") }
    guard Int(rank) <= ArrayValue.dimensionsMax else {
      throw SQLError(
        .programLimitExceeded,
        "number of array dimensions (\(rank)) exceeds the maximum allowed (6)")
    }
    let flags = try source.int32()
    guard flags == 0 || flags == 1 else { throw .badBinary("invalid array flags") }
    let oid = UInt32(truncatingIfNeeded: try source.integer(4))
    guard oid == element.oid.rawValue else {
      throw SQLError(
        .datatypeMismatch,
        "binary data has array element type \(oid) (\(formatType(SQLType(ObjectID(rawValue: oid))))) "
          + "instead of expected \(element.oid) (\(formatType(element.withoutModifier)))")
    }
    var dimensions: [ArrayValue.Dimension] = []
    var total = rank == 0 ? 0 : 1
    for _ in 0..<rank {
      let count = try source.int32()
      let lower = try source.int32()
      guard count >= 0, !lower.addingReportingOverflow(count).overflow else {
        throw .badBinary("invalid array dimension")
      }
      dimensions.append(.init(count: Int(count), lowerBound: Int(lower)))
      let (product, overflow) = total.multipliedReportingOverflow(by: Int(count))
      guard !overflow, product <= ArrayValue.elementsMax else {
        throw SQLError(.programLimitExceeded, "array size exceeds the maximum allowed (134217727)")
      }
      total = product
    }
    guard total <= source.remaining / 4 else {
      throw SQLError(.protocolViolation, "insufficient data left in message")
    }
    if total == 0 { return ArrayValue(elementType: element, elements: []) }
    var elements: [Value] = []
    elements.reserveCapacity(total)
    for _ in 0..<total { elements.append(try decodeNested(&source, element, depth)) }
    return ArrayValue(elementType: element, dimensions: dimensions, elements: elements)
  }
}
