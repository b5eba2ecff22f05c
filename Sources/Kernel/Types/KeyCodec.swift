public import Base

/// Memcomparable keys: the unsigned order of the bytes is the SQL order of the values, and values
/// that are equal in SQL have equal bytes. Each value is self-delimiting, so keys concatenate.
///
/// Decoding gives back what was encoded, except what equality ignores: a numeric has its minimal
/// scale, an interval comes as days and microseconds, −0 as 0, char(n) padded to its type's length,
/// a record's integers as int8 and the like.
///
/// A value is a marker byte (0 a null before the rest, 1 a value, 2 a null after the rest), then
/// its payload, complemented when descending.
public enum KeyCodec {
  public static func encode(
    _ value: Value, type: SQLType, descending: Bool = false, nullsFirst: Bool = false,
    into output: inout [UInt8]
  ) {
    if value.isNull { return output.append(nullsFirst ? 0 : 2) }
    output.append(1)
    let start = output.count
    payload(value, type, into: &output)
    if descending { for index in start..<output.count { output[index] = ~output[index] } }
  }

  static func big(_ value: UInt64, _ count: Int, into output: inout [UInt8]) {
    withUnsafeBytes(of: value.bigEndian) { output.append(contentsOf: $0[(8 - count)...]) }
  }

  static func signed(_ value: Int64, into output: inout [UInt8]) {
    big(UInt64(bitPattern: value) ^ (1 << 63), 8, into: &output)
  }

  static func float(_ number: Double, into output: inout [UInt8]) {
    let canonical = number.isNaN ? Double.nan.magnitude : (number == 0 ? 0 : number)
    let bits = canonical.bitPattern
    big(bits >> 63 == 1 ? ~bits : bits | 1 << 63, 8, into: &output)
  }

  /// Zero bytes become 0x00FF; 0x0000 ends.
  static func escaped(_ bytes: some Sequence<UInt8>, into output: inout [UInt8]) {
    for byte in bytes {
      output.append(byte)
      if byte == 0 { output.append(0xFF) }
    }
    output.append(0)
    output.append(0)
  }

  private static func payload(_ value: Value, _ type: SQLType, into output: inout [UInt8]) {
    switch value {
    case .null: break
    case .bool(let flag): output.append(flag ? 1 : 0)
    case .int(let number): signed(number, into: &output)
    case .float(let number): float(number, into: &output)
    case .numeric(let number): numeric(number, into: &output)
    case .text(let text):
      escaped(type.oid == SQLType.bpchar.oid ? Value.trimmingBlanks(text) : text, into: &output)
    case .bytes(let bytes): escaped(bytes, into: &output)
    case .interval(let interval):
      let micros = interval.comparable
      signed(Int64(truncatingIfNeeded: micros >> 64), into: &output)
      big(UInt64(truncatingIfNeeded: micros), 8, into: &output)
    case .timetz(let time):
      signed(time.utcMicroseconds, into: &output)
      signed(Int64(time.secondsWest), into: &output)
    case .uuid(let uuid):
      big(uuid.high, 8, into: &output)
      big(uuid.low, 8, into: &output)
    case .jsonb(let json):
      if json.isEmptyArray { output.append(0) } else { self.json(json, into: &output) }
    case .inet(let inet):
      output.append(inet.isIPv6 ? 1 : 0)
      let network = inet.prefix(inet.prefixLength)
      big(network.high, 8, into: &output)
      big(network.low, 8, into: &output)
      output.append(UInt8(inet.prefixLength))
      big(inet.high, 8, into: &output)
      big(inet.low, 8, into: &output)
    case .array(let array):
      for element in array.elements {
        output.append(element.isNull ? 2 : 1)
        payload(element, array.elementType, into: &output)
      }
      output.append(0)
      output.append(UInt8(array.dimensions.count))
      for dimension in array.dimensions { signed(Int64(dimension.count), into: &output) }
      for dimension in array.dimensions { signed(Int64(dimension.lowerBound), into: &output) }
    case .record(let record):
      for (index, field) in record.fields.enumerated() {
        output.append(field.isNull ? 2 : 1)
        if field.isNull { continue }
        let fieldType = index < record.types.count ? record.types[index] : .text
        big(UInt64(fieldType.oid.rawValue), 4, into: &output)
        payload(field, fieldType, into: &output)
      }
      output.append(0)
    }
  }

  private static func numeric(_ number: Numeric, into output: inout [UInt8]) {
    switch number.kind {
    case .negativeInfinity: return output.append(0)
    case .positiveInfinity: return output.append(4)
    case .nan: return output.append(5)
    case .positive, .negative: break
    }
    if number.isZero { return output.append(2) }
    output.append(number.isNegative ? 1 : 3)
    let start = output.count
    big(UInt64(number.weight + 32_768), 2, into: &output)
    for digit in number.digits { big(UInt64(digit) + 1, 2, into: &output) }
    big(0, 2, into: &output)
    if number.isNegative { for index in start..<output.count { output[index] = ~output[index] } }
  }

  private static func json(_ value: JSONValue, into output: inout [UInt8]) {
    switch value.kind {
    case .null: output.append(1)
    case .string(let text):
      output.append(2)
      escaped(text, into: &output)
    case .number(let number):
      output.append(3)
      numeric(number, into: &output)
    case .bool(let flag): output.append(contentsOf: [4, flag ? 1 : 0])
    case .array(let elements):
      output.append(5)
      big(UInt64(elements.count), 4, into: &output)
      for element in elements { json(element, into: &output) }
    case .object(let members):
      output.append(6)
      big(UInt64(members.count), 4, into: &output)
      for member in members {
        escaped(member.key, into: &output)
        json(member.value, into: &output)
      }
    }
  }

  /// Reads one value; the reader then stands behind it.
  public static func decode(
    _ reader: inout ByteReader, type: SQLType, descending: Bool = false
  ) throws(DecodingFault) -> Value {
    let marker = try reader.integer(UInt8.self)
    if marker == 0 || marker == 2 { return .null }
    guard marker == 1 else { throw .malformed("key marker \(marker)") }
    var source = Source(reader: reader, mask: descending ? 0xFF : 0)
    let value = try source.payload(type, depth: 0)
    reader = source.reader
    return value
  }

  private struct Source {
    var reader: ByteReader
    var mask: UInt8

    mutating func byte() throws(DecodingFault) -> UInt8 { try reader.integer(UInt8.self) ^ mask }

    mutating func big(_ count: Int) throws(DecodingFault) -> UInt64 {
      var value: UInt64 = 0
      for _ in 0..<count { value = value << 8 | UInt64(try byte()) }
      return value
    }

    mutating func signed() throws(DecodingFault) -> Int64 {
      Int64(bitPattern: try big(8) ^ (1 << 63))
    }

    mutating func escaped() throws(DecodingFault) -> [UInt8] {
      var result: [UInt8] = []
      while true {
        let next = try byte()
        if next == 0 {
          let after = try byte()
          if after == 0 { return result }
          guard after == 0xFF else { throw .malformed("key escape") }
        }
        result.append(next)
      }
    }

    mutating func numeric() throws(DecodingFault) -> Numeric {
      let sign = try byte()
      switch sign {
      case 0: return .negativeInfinity
      case 2: return .zero
      case 4: return .infinity
      case 5: return .nan
      case 1, 3: break
      default: throw .malformed("numeric key sign \(sign)")
      }
      let outer = mask
      if sign == 1 { mask = ~mask }
      defer { mask = outer }
      var value = Decimal()
      value.isNegative = sign == 1
      value.weight = Int(try big(2)) - 32_768
      while true {
        let digit = try big(2)
        if digit == 0 { break }
        guard digit <= 10_000 else { throw .malformed("numeric key digit") }
        value.digits.append(UInt16(digit - 1))
      }
      value.scale = max(0, min(16_383, (value.digits.count - 1 - value.weight) * Decimal.width))
      let number = Numeric(unchecked: value)
      return number.withScale(number.minimalScale)
    }

    mutating func json(depth: Int) throws(DecodingFault) -> JSONValue {
      guard depth <= JSONValue.depthMax else { throw .malformed("JSON nests too deeply") }
      let tag = try byte()
      switch tag {
      case 0: return .array([])
      case 1: return .null
      case 2: return .string(try escaped())
      case 3: return .number(try numeric())
      case 4: return .bool(try byte() != 0)
      case 5:
        var elements: [JSONValue] = []
        for _ in 0..<(try big(4)) { elements.append(try json(depth: depth + 1)) }
        return .array(elements)
      case 6:
        var members: [JSONValue.Member] = []
        for _ in 0..<(try big(4)) {
          let key = try escaped()
          members.append(JSONValue.Member(key: key, value: try json(depth: depth + 1)))
        }
        return .object(members)
      default: throw .malformed("JSON key tag \(tag)")
      }
    }

    mutating func payload(_ type: SQLType, depth: Int) throws(DecodingFault) -> Value {
      guard depth < 32 else { throw .malformed("key nests too deeply") }
      switch type.oid {
      case SQLType.bool.oid: return .bool(try byte() != 0)
      case SQLType.float4.oid, SQLType.float8.oid:
        let bits = try big(8)
        return .float(Double(bitPattern: bits >> 63 == 1 ? bits & ~(1 << 63) : ~bits))
      case SQLType.numeric.oid: return .numeric(try numeric())
      case SQLType.bytea.oid: return .bytes(try escaped())
      case SQLType.bpchar.oid:
        var text = try escaped()
        if let limit = type.lengthLimit {
          let count = TextEncoding.characterCount(text)
          text.append(contentsOf: repeatElement(32, count: max(0, limit - count)))
        }
        return .text(text)
      case SQLType.interval.oid:
        let high = try signed()
        let micros = Int128(high) << 64 | Int128(try big(8))
        guard let interval = interval(micros) else { throw .malformed("interval key") }
        return .interval(interval)
      case SQLType.timetz.oid:
        let utc = try signed()
        guard let west = Int32(exactly: try signed()) else { throw .malformed("timetz key") }
        let (micros, overflow) = utc.subtractingReportingOverflow(Int64(west) * 1_000_000)
        if overflow { throw .malformed("timetz key") }
        return .timetz(TimeTZValue(microseconds: micros, secondsWest: west))
      case SQLType.uuid.oid: return .uuid(UUIDValue(high: try big(8), low: try big(8)))
      case SQLType.jsonb.oid: return .jsonb(try json(depth: 1))
      case SQLType.inet.oid, SQLType.cidr.oid:
        let family = try byte()
        _ = try big(8)
        _ = try big(8)
        let prefix = Int(try byte())
        guard family <= 1, prefix <= (family == 1 ? 128 : 32) else { throw .malformed("inet key") }
        return .inet(
          InetValue(
            isIPv6: family == 1, prefixLength: prefix, high: try big(8), low: try big(8)))
      case SQLType.record.oid:
        var (fields, types): ([Value], [SQLType]) = ([], [])
        while true {
          let marker = try byte()
          if marker == 0 { break }
          if marker == 2 {
            fields.append(.null)
            types.append(.text)
            continue
          }
          let field = SQLType(ObjectID(rawValue: UInt32(try big(4))))
          types.append(field)
          fields.append(try payload(field, depth: depth + 1))
        }
        return .record(RecordValue(fields: fields, types: types))
      default:
        if let element = type.elementType, type.oid != SQLType.name.oid {
          return .array(try array(element, depth: depth))
        }
        return type.isInteger ? .int(try signed()) : .text(try escaped())
      }
    }

    /// An interval of that length: days where they suffice, then as many months as there can be.
    private func interval(_ micros: Int128) -> IntervalValue? {
      let dayMicroseconds = Int128(86_400_000_000)
      let total = micros / dayMicroseconds
      if let days = Int32(exactly: total) {
        return IntervalValue(
          months: 0, days: days, microseconds: Int64(micros % dayMicroseconds))
      }
      let months = Int32(clamping: total / 30)
      let days = Int32(clamping: total - Int128(months) * 30)
      let rest = micros - (Int128(months) * 30 + Int128(days)) * dayMicroseconds
      return Int64(exactly: rest).map {
        IntervalValue(months: months, days: days, microseconds: $0)
      }
    }

    private mutating func array(
      _ element: SQLType, depth: Int
    ) throws(DecodingFault) -> ArrayValue {
      var elements: [Value] = []
      while true {
        let marker = try byte()
        if marker == 0 { break }
        elements.append(marker == 2 ? .null : try payload(element, depth: depth + 1))
      }
      let count = Int(try byte())
      guard count <= ArrayValue.dimensionsMax else { throw .malformed("array key dimensions") }
      var counts: [Int] = []
      for _ in 0..<count { counts.append(Int(try signed())) }
      var dimensions: [ArrayValue.Dimension] = []
      for size in counts { dimensions.append(.init(count: size, lowerBound: Int(try signed()))) }
      return ArrayValue(elementType: element, dimensions: dimensions, elements: elements)
    }
  }
}

extension SQLType {
  /// True of the types whose values are `.int`.
  public var isInteger: Bool {
    switch oid {
    case SQLType.int2.oid, SQLType.int4.oid, SQLType.int8.oid, SQLType.oid.oid, SQLType.xid.oid,
      SQLType.cid.oid, SQLType.xid8.oid, SQLType.date.oid, SQLType.time.oid,
      SQLType.timestamp.oid, SQLType.timestamptz.oid, SQLType.regproc.oid,
      SQLType.regprocedure.oid, SQLType.regclass.oid, SQLType.regtype.oid,
      SQLType.regnamespace.oid, SQLType.regrole.oid:
      true
    default: false
    }
  }
}
