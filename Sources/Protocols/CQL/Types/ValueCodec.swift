import Types

/// Values as the protocol carries them. Null has no bytes, and is the caller's.
enum ValueCodec {
  // MARK: Reading

  static func decode(_ bytes: [UInt8], _ type: CQLType) throws(CQLError) -> Datum {
    try whole(type) { () throws(CQLError) in try decode(bytes[...], type, depth: 0) }
  }

  /// A value that ends too early is the statement's fault, not the frame's: the connection goes on.
  private static func whole<R>(_ type: CQLType, _ body: () throws(CQLError) -> R) throws(CQLError)
    -> R
  {
    do throws(CQLError) {
      return try body()
    } catch {
      guard error.code == .protocolError else { throw error }
      throw .invalid("Not enough bytes to read a value of type \(type.name)")
    }
  }

  private static let depthMax = 16

  private static func decode(_ bytes: ArraySlice<UInt8>, _ type: CQLType, depth: Int)
    throws(CQLError) -> Datum
  {
    guard depth < depthMax else { throw .invalid("A value nests too deeply") }
    switch type.thawed {
    case .native(let native): return try scalar(bytes, native)
    case .list(let element):
      return .list(try elements(bytes, element, depth))
    case .set(let element):
      return Datum.set(try elements(bytes, element, depth), element)
    case .map(let key, let value):
      var reader = BodyReader(bytes)
      var entries: [Datum.Entry] = []
      for _ in 0..<(try count(&reader, bytesEach: 8)) {
        entries.append(
          Datum.Entry(
            key: try element(&reader, key, depth), value: try element(&reader, value, depth)))
      }
      try end(reader)
      return Datum.map(entries, key)
    case .tuple(let parts): return .list(try fields(bytes, parts, depth))
    case .user(_, _, let list): return .list(try fields(bytes, list.map(\.type), depth))
    case .frozen: return .null
    }
  }

  private static func count(_ reader: inout BodyReader, bytesEach: Int) throws(CQLError) -> Int {
    let count = try reader.int()
    guard count >= 0, count <= reader.remaining / bytesEach else {
      throw .invalid("Not enough bytes to read \(count) elements of a collection")
    }
    return count
  }

  private static func end(_ reader: BodyReader) throws(CQLError) {
    guard reader.remaining == 0 else {
      throw .invalid("Unexpected extraneous bytes after the value of a collection")
    }
  }

  private static func element(_ reader: inout BodyReader, _ type: CQLType, _ depth: Int)
    throws(CQLError) -> Datum
  {
    guard let bytes = try reader.bytesOrNull() else {
      throw .invalid("null is not supported inside collections")
    }
    return try decode(bytes[...], type, depth: depth + 1)
  }

  private static func elements(_ bytes: ArraySlice<UInt8>, _ type: CQLType, _ depth: Int)
    throws(CQLError) -> [Datum]
  {
    var reader = BodyReader(bytes)
    var list: [Datum] = []
    for _ in 0..<(try count(&reader, bytesEach: 4)) {
      list.append(try element(&reader, type, depth))
    }
    try end(reader)
    return list
  }

  /// What IN is given as one value: nulls may be among the values, and nothing equals them. Drivers send them
  /// as empty bytes too.
  static func members(_ bytes: [UInt8], _ type: CQLType) throws(CQLError) -> [Datum] {
    try whole(.list(type)) { () throws(CQLError) in try readMembers(bytes, type) }
  }

  private static func readMembers(_ bytes: [UInt8], _ type: CQLType) throws(CQLError) -> [Datum] {
    var reader = BodyReader(bytes[...])
    var list: [Datum] = []
    for _ in 0..<(try count(&reader, bytesEach: 4)) {
      guard let bytes = try reader.bytesOrNull(), !bytes.isEmpty || type.thawed.hasEmptyValue else {
        list.append(.null)
        continue
      }
      list.append(try decode(bytes[...], type, depth: 1))
    }
    try end(reader)
    return list
  }

  /// Those that are missing at the end are null.
  private static func fields(_ bytes: ArraySlice<UInt8>, _ types: [CQLType], _ depth: Int)
    throws(CQLError) -> [Datum]
  {
    var reader = BodyReader(bytes)
    var list: [Datum] = []
    for type in types {
      guard reader.remaining > 0, let bytes = try reader.bytesOrNull() else {
        list.append(.null)
        continue
      }
      list.append(try decode(bytes[...], type, depth: depth + 1))
    }
    guard reader.remaining == 0 else {
      throw .invalid("Invalid remaining data after the end of a tuple or user type")
    }
    return list
  }

  private static func wrongLength(_ native: CQLType.Native, _ count: Int) -> CQLError {
    .invalid("Expected other bytes for a \(native.rawValue) (\(count))")
  }

  private static func scalar(_ bytes: ArraySlice<UInt8>, _ native: CQLType.Native)
    throws(CQLError) -> Datum
  {
    func integer(_ width: Int) throws(CQLError) -> Int64 {
      guard bytes.count == width else { throw wrongLength(native, bytes.count) }
      var raw: UInt64 = 0
      for byte in bytes { raw = raw << 8 | UInt64(byte) }
      let shift = UInt64(64 - width * 8)
      return Int64(bitPattern: raw << shift) >> Int64(shift)
    }
    switch native {
    case .ascii:
      guard bytes.allSatisfy({ $0 < 0x80 }) else { throw .invalid("Invalid byte for ascii") }
      return .scalar(.text(Array(bytes)))
    case .text:
      guard String(validating: bytes, as: UTF8.self) != nil else {
        throw .invalid("Invalid UTF-8 bytes")
      }
      // SQL's text has no zero bytes.
      return .scalar(.text(Array(bytes)))
    case .blob: return .scalar(.bytes(Array(bytes)))
    case .bigint, .counter: return .int(try integer(8))
    case .int: return .int(try integer(4))
    case .smallint: return .int(try integer(2))
    case .tinyint: return .int(try integer(1))
    case .boolean: return .bool(try integer(1) != 0)
    case .double: return .scalar(.float(Double(bitPattern: UInt64(bitPattern: try integer(8)))))
    case .float:
      return .scalar(
        .float(Double(Float(bitPattern: UInt32(truncatingIfNeeded: try integer(4))))))
    case .timestamp: return .scalar(.int(try Times.sql(unixMilliseconds: try integer(8))))
    case .date:
      return .int((try integer(4) & 0xFFFF_FFFF) - 0x8000_0000 - Times.epochDays)
    case .time: return .int(try Times.sql(timeNanoseconds: try integer(8)))
    case .uuid, .timeuuid:
      guard let uuid = UUIDValue(bytes: bytes) else { throw wrongLength(native, bytes.count) }
      guard native == .uuid || TimeUUID.isVersion1(uuid) else {
        throw .invalid("Invalid version for TimeUUID type.")
      }
      return .scalar(.uuid(uuid))
    case .inet:
      guard let inet = InetValue(address: bytes, prefixLength: bytes.count * 8) else {
        throw wrongLength(native, bytes.count)
      }
      return .scalar(.inet(inet))
    case .varint:
      guard !bytes.isEmpty else { throw wrongLength(native, 0) }
      return .scalar(.numeric(try BigInteger.numeric(unscaled: Array(bytes), scale: 0)))
    case .decimal:
      guard bytes.count > 4 else { throw wrongLength(native, bytes.count) }
      let scale = bytes.prefix(4).reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
      return .scalar(
        .numeric(
          try BigInteger.numeric(
            unscaled: Array(bytes.dropFirst(4)), scale: Int(Int32(bitPattern: scale)))))
    case .duration: return .scalar(.interval(try DurationCodec.decode(bytes)))
    }
  }

  // MARK: Writing

  /// Nil for null.
  static func encode(_ datum: Datum, _ type: CQLType) -> [UInt8]? {
    switch datum {
    case .null: return nil
    case .scalar(let value): return scalar(value, type.thawed.native ?? .blob)
    case .list(let parts):
      var out = BodyWriter()
      if type.isCollection { out.int(parts.count) }
      for (place, part) in parts.enumerated() { out.bytes(encode(part, type.part(place))) }
      return out.bytes
    case .map(let entries):
      guard case .map(let key, let value) = type.thawed else { return nil }
      var out = BodyWriter()
      out.int(entries.count)
      for entry in entries {
        out.bytes(encode(entry.key, key))
        out.bytes(encode(entry.value, value))
      }
      return out.bytes
    }
  }

  /// A stored column that is sent as it lies, as below. False: it is another one, and nothing is written.
  static func write(_ field: RowField, _ native: CQLType.Native?, into out: inout BodyWriter)
    -> Bool
  {
    switch (field, native) {
    case (.null, _):
      out.int(-1)
    case (.text(let bytes), .text?), (.text(let bytes), .ascii?), (.bytes(let bytes), .blob?):
      out.int(bytes.count)
      out.bytes.append(contentsOf: bytes)
    case (.int(let number), .int?):
      out.int(4)
      out.int(Int(number))
    case (.int(let number), .bigint?), (.int(let number), .counter?):
      out.int(8)
      out.long(number)
    default: return false
    }
    return true
  }

  /// With its length before it, which is -1 for null.
  static func write(_ datum: Datum, _ type: CQLType, into out: inout BodyWriter) {
    if case .scalar(.int(let number)) = datum {
      switch type.thawed.native {
      case .int?:
        out.int(4)
        return out.int(Int(number))
      case .bigint?, .counter?:
        out.int(8)
        return out.long(number)
      default: break
      }
    }
    out.bytes(encode(datum, type))
  }

  private static func scalar(_ value: Value, _ native: CQLType.Native) -> [UInt8]? {
    var out = BodyWriter()
    switch value {
    case .null: return nil
    case .bool(let flag): out.byte(flag ? 1 : 0)
    case .int(let number):
      switch native {
      case .bigint, .counter: out.long(number)
      case .smallint: out.short(Int(number))
      case .tinyint: out.byte(UInt8(truncatingIfNeeded: number))
      case .timestamp: out.long(Times.unixMilliseconds(sql: number))
      case .date: out.int(Int(truncatingIfNeeded: number + Times.epochDays + 0x8000_0000))
      case .time: out.long(number &* 1_000)
      case .varint: return BigInteger.bytes(String(number))
      default: out.int(Int(number))
      }
    case .float(let number):
      if native == .float {
        out.number(UInt64(Float(number).bitPattern), 4)
      } else {
        out.number(number.bitPattern, 8)
      }
    case .numeric(let number):
      guard let (unscaled, scale) = BigInteger.decimal(number) else { return nil }
      if native == .varint { return unscaled }
      out.int(scale)
      out.bytes.append(contentsOf: unscaled)
    case .text(let text): return text
    case .bytes(let bytes): return bytes
    case .uuid(let uuid): return uuid.bytes
    case .inet(let inet): return inet.address
    case .interval(let interval): return DurationCodec.encode(interval)
    default: return nil
    }
    return out.bytes
  }
}

/// Days and moments: SQL counts from 2000, CQL from 1970.
enum Times {
  static let epochDays: Int64 = 10_957
  private static let epochMilliseconds = Calendar.epochOffsetSeconds * 1_000

  static func sql(unixMilliseconds: Int64) throws(CQLError) -> Int64 {
    let (shifted, isLow) = unixMilliseconds.subtractingReportingOverflow(epochMilliseconds)
    let (micros, isOver) = shifted.multipliedReportingOverflow(by: 1_000)
    guard !isLow, !isOver, (Calendar.timestampMin..<Calendar.timestampEnd).contains(micros) else {
      throw .invalid("The timestamp \(unixMilliseconds) is out of range")
    }
    return micros
  }

  /// Milliseconds, rounded down.
  static func unixMilliseconds(sql micros: Int64) -> Int64 {
    let (days, time) = Calendar.split(micros)
    return Int64(days) &* 86_400_000 &+ time / 1_000 &+ epochMilliseconds
  }

  /// Times of a day have microseconds here.
  static func sql(timeNanoseconds: Int64) throws(CQLError) -> Int64 {
    guard (0..<86_400_000_000_000).contains(timeNanoseconds) else {
      throw .invalid("Input long out of bounds: \(timeNanoseconds)")
    }
    guard timeNanoseconds % 1_000 == 0 else {
      throw .invalid(
        "A time of day has microseconds here, so that \(timeNanoseconds) ns cannot be kept")
    }
    return timeNanoseconds / 1_000
  }
}

/// Durations: months, days and nanoseconds, each a zigzag number with its length in its first byte.
enum DurationCodec {
  static func decode(_ bytes: ArraySlice<UInt8>) throws(CQLError) -> IntervalValue {
    var rest = bytes
    let months = try number(&rest)
    let days = try number(&rest)
    let nanoseconds = try number(&rest)
    guard rest.isEmpty, let months = Int32(exactly: months), let days = Int32(exactly: days) else {
      throw .invalid("Invalid duration")
    }
    let isMixed =
      (months > 0 || days > 0 || nanoseconds > 0)
      && (months < 0 || days < 0 || nanoseconds < 0)
    guard !isMixed else {
      throw .invalid("The duration months, days and nanoseconds must be all of the same sign")
    }
    return try interval(months: months, days: days, nanoseconds: nanoseconds)
  }

  static func interval(months: Int32, days: Int32, nanoseconds: Int64) throws(CQLError)
    -> IntervalValue
  {
    guard nanoseconds % 1_000 == 0 else {
      throw .invalid("A duration has microseconds here, so that \(nanoseconds) ns cannot be kept")
    }
    return IntervalValue(months: months, days: days, microseconds: nanoseconds / 1_000)
  }

  static func encode(_ interval: IntervalValue) -> [UInt8] {
    var output: [UInt8] = []
    for number in [
      Int64(interval.months), Int64(interval.days), interval.microseconds &* 1_000,
    ] {
      write(UInt64(bitPattern: number << 1 ^ number >> 63), into: &output)
    }
    return output
  }

  private static func number(_ bytes: inout ArraySlice<UInt8>) throws(CQLError) -> Int64 {
    guard let first = bytes.popFirst() else { throw .invalid("Invalid duration") }
    let extra = (~first).leadingZeroBitCount
    guard bytes.count >= extra else { throw .invalid("Invalid duration") }
    var raw = extra >= 8 ? 0 : UInt64(first) & (0xFF >> UInt64(extra))
    for byte in bytes.prefix(extra) { raw = raw << 8 | UInt64(byte) }
    bytes = bytes.dropFirst(extra)
    return Int64(bitPattern: raw >> 1) ^ -Int64(bitPattern: raw & 1)
  }

  private static func write(_ value: UInt64, into output: inout [UInt8]) {
    // Seven bits in each byte: a leading one for each further byte.
    let bits = 64 - (value | 1).leadingZeroBitCount
    let extra = min(8, (bits - 1) / 7)
    var bytes: [UInt8] = []
    for place in stride(from: extra * 8, through: 0, by: -8) {
      bytes.append(place >= 64 ? 0 : UInt8(truncatingIfNeeded: value >> UInt64(place)))
    }
    bytes[0] |= extra == 8 ? 0xFF : ~(0xFF >> UInt8(extra))
    output.append(contentsOf: bytes)
  }
}
