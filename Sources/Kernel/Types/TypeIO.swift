import Base

/// Text to values and back, as PostgreSQL's input and output functions.
public enum TypeIO {
  /// Parses the text form of `type`, applying its modifier. Enums, ranges and other types that are
  /// not built in are read as text; the catalog checks them. Errors as PostgreSQL's: 22P02, 22003,
  /// 22007, 22008, 22001, 22021.
  public static func parseText(
    _ bytes: [UInt8], as type: SQLType, settings: FormatSettings = FormatSettings()
  ) throws(SQLError) -> Value {
    if let objectID = settings.objectID, type.isObjectName, let first = bytes.first,
      !(48...57).contains(first), bytes != [UInt8(ascii: "-")]
    {
      return .int(try objectID(bytes, type))
    }
    // No object.
    if type.isObjectName, bytes == [UInt8(ascii: "-")] { return .int(0) }
    switch type.oid {
    case SQLType.int2.oid, SQLType.int4.oid, SQLType.int8.oid, SQLType.oid.oid,
      SQLType.xid.oid, SQLType.cid.oid, SQLType.xid8.oid, SQLType.regclass.oid,
      SQLType.regtype.oid, SQLType.regproc.oid, SQLType.regprocedure.oid,
      SQLType.regnamespace.oid, SQLType.regrole.oid:
      if type.oid == SQLType.regtype.oid,
        let named = SQLType.named(ASCII.lowercased(ASCII.trimmed(bytes)))
      {
        return .int(Int64(named.oid.rawValue))
      }
      return .int(try IntegerText.parse(bytes, as: type))
    case SQLType.bool.oid: return .bool(try parseBool(bytes))
    case SQLType.float4.oid: return .float(try FloatText.parse(bytes, isSingle: true))
    case SQLType.float8.oid: return .float(try FloatText.parse(bytes, isSingle: false))
    case SQLType.numeric.oid: return .numeric(try Numeric.parse(bytes).fitted(to: type))
    case SQLType.bytea.oid: return .bytes(try parseBytea(bytes))
    case SQLType.char.oid:
      try TextEncoding.validate(bytes)
      return .text(oneCharacter(bytes))
    case SQLType.name.oid:
      try TextEncoding.validate(bytes)
      if bytes.count < 64 { return .text(bytes) }
      var end = 63
      while end > 0 && bytes[end] & 0xC0 == 0x80 { end -= 1 }
      return .text(Array(bytes[..<end]))
    case SQLType.varchar.oid, SQLType.bpchar.oid:
      try TextEncoding.validate(bytes)
      return .text(try TextEncoding.fit(bytes, to: type))
    case SQLType.json.oid:
      try TextEncoding.validate(bytes)
      _ = try JSONText.parse(bytes, type: "json", isStored: false)
      return .text(bytes)
    case SQLType.jsonb.oid:
      try TextEncoding.validate(bytes)
      return .jsonb(try JSONText.parse(bytes, type: "json", isStored: true))
    case SQLType.uuid.oid: return .uuid(try parseUUID(bytes))
    case SQLType.inet.oid: return .inet(try InetText.parse(bytes, isCIDR: false))
    case SQLType.cidr.oid: return .inet(try InetText.parse(bytes, isCIDR: true))
    case SQLType.date.oid, SQLType.time.oid, SQLType.timetz.oid, SQLType.timestamp.oid,
      SQLType.timestamptz.oid:
      return try DateTimeText.parse(bytes, as: type, settings: settings)
    case SQLType.interval.oid:
      return .interval(try IntervalText.parse(bytes, as: type))
    case SQLType.int2vector.oid, SQLType.oidvector.oid:
      let element: SQLType = type.oid == SQLType.int2vector.oid ? .int2 : .oid
      var values: [Value] = []
      for part in bytes.split(whereSeparator: ASCII.isSpace) {
        values.append(.int(try IntegerText.parse(Array(part), as: element)))
      }
      return .array(
        ArrayValue(
          elementType: element, dimensions: [.init(count: values.count, lowerBound: 0)],
          elements: values))
    default:
      if type.isArray, let element = type.elementType {
        return .array(try ArrayText.parse(bytes, element: element, settings: settings))
      }
      if type.oid == SQLType.record.oid {
        throw SQLError(
          .featureNotSupported, "input of anonymous composite types is not implemented")
      }
      try TextEncoding.validate(bytes)
      return .text(bytes)
    }
  }

  public static func parseText(
    _ text: String, as type: SQLType, settings: FormatSettings = FormatSettings()
  ) throws(SQLError) -> Value {
    try parseText(Array(text.utf8), as: type, settings: settings)
  }

  /// Appends the text form; nothing for null, which has none.
  public static func formatText(
    _ value: Value, as type: SQLType, settings: FormatSettings = FormatSettings(),
    into output: inout [UInt8]
  ) {
    switch value {
    case .null: break
    case .bool(let flag): output.append(UInt8(ascii: flag ? "t" : "f"))
    case .int(let number):
      switch type.oid {
      case SQLType.date.oid, SQLType.time.oid, SQLType.timestamp.oid, SQLType.timestamptz.oid:
        DateTimeText.write(number, as: type, settings: settings, into: &output)
      case SQLType.xid8.oid:
        output.append(contentsOf: String(UInt64(bitPattern: number)).utf8)
      case SQLType.regclass.oid, SQLType.regproc.oid, SQLType.regprocedure.oid,
        SQLType.regnamespace.oid, SQLType.regrole.oid:
        let text = settings.objectName?(number, type) ?? String(number)
        output.append(contentsOf: text.utf8)
      case SQLType.regtype.oid:
        if let text = settings.objectName?(number, type) {
          return output.append(contentsOf: text.utf8)
        }
        let named = UInt32(exactly: number).flatMap {
          TypeInfo.lookup(ObjectID(rawValue: $0))
        }
        output.append(contentsOf: (named?.displayName ?? (number == 0 ? "-" : String(number))).utf8)
      default: appendDecimal(number, into: &output)
      }
    case .float(let number):
      FloatText.write(
        number, isSingle: type.oid == SQLType.float4.oid, extraDigits: settings.extraFloatDigits,
        into: &output)
    case .numeric(let number): number.write(into: &output)
    case .text(let text): output.append(contentsOf: text)
    case .bytes(let bytes): writeBytea(bytes, style: settings.byteaOutput, into: &output)
    case .interval(let interval):
      IntervalText.write(interval, style: settings.intervalStyle, into: &output)
    case .timetz(let time):
      DateTimeText.writeTime(time.microseconds, into: &output)
      DateTimeText.writeOffset(secondsEast: -Int(time.secondsWest), into: &output)
    case .uuid(let uuid):
      for (index, byte) in uuid.bytes.enumerated() {
        if index == 4 || index == 6 || index == 8 || index == 10 { output.append(ASCII.minus) }
        output.append(ASCII.hex[Int(byte >> 4)])
        output.append(ASCII.hex[Int(byte & 15)])
      }
    case .jsonb(let json): json.write(into: &output)
    case .inet(let inet):
      InetText.write(inet, isCIDR: type.oid == SQLType.cidr.oid, into: &output)
    case .array(let array):
      if type.oid == SQLType.int2vector.oid || type.oid == SQLType.oidvector.oid {
        for (index, element) in array.elements.enumerated() {
          if index > 0 { output.append(32) }
          formatText(element, as: array.elementType, settings: settings, into: &output)
        }
      } else {
        ArrayText.write(array, settings: settings, into: &output)
      }
    case .record(let record): ArrayText.write(record, settings: settings, into: &output)
    }
  }

  /// The number in decimal digits, without a string in between.
  public static func appendDecimal(_ number: Int64, into output: inout [UInt8]) {
    if number < 0 { output.append(ASCII.minus) }
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { digits in
      var rest = number.magnitude
      var start = digits.count
      repeat {
        let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
        start -= 1
        digits[start] = 48 + UInt8(digit)
        rest = quotient
      } while rest != 0
      output.append(contentsOf: digits[start...])
    }
  }

  /// The text form as a string; empty for null.
  public static func formatText(
    _ value: Value, as type: SQLType, settings: FormatSettings = FormatSettings()
  ) -> String {
    var output: [UInt8] = []
    formatText(value, as: type, settings: settings, into: &output)
    return String(decoding: output, as: UTF8.self)
  }

  /// "char" keeps one byte. One that is no character by itself stands as `\ooo`, as PostgreSQL
  /// writes it from 16 on: all text that a value gives is UTF-8.
  private static func oneCharacter(_ bytes: [UInt8]) -> [UInt8] {
    guard var byte = bytes.first else { return [] }
    if bytes.count == 4, byte == UInt8(ascii: "\\"), (48...51).contains(bytes[1]),
      (48...55).contains(bytes[2]), (48...55).contains(bytes[3])
    {
      byte = (bytes[1] - 48) << 6 | (bytes[2] - 48) << 3 | (bytes[3] - 48)
      if byte == 0 { return [] }
    }
    if byte < 0x80 { return [byte] }
    return [UInt8(ascii: "\\"), 48 + (byte >> 6), 48 + (byte >> 3 & 7), 48 + (byte & 7)]
  }

  private static func parseBool(_ bytes: [UInt8]) throws(SQLError) -> Bool {
    let word = ASCII.lowercased(ASCII.trimmed(bytes))
    if !word.isEmpty {
      if "true".hasPrefix(word) || "yes".hasPrefix(word) || word == "on" || word == "1" {
        return true
      }
      if "false".hasPrefix(word) || "no".hasPrefix(word) || word == "of" || word == "off"
        || word == "0"
      {
        return false
      }
    }
    throw .invalidSyntax("boolean", bytes)
  }

  private static func parseUUID(_ bytes: [UInt8]) throws(SQLError) -> UUIDValue {
    var source = bytes[...]
    if source.first == UInt8(ascii: "{") {
      guard source.last == UInt8(ascii: "}"), source.count > 1 else {
        throw .invalidSyntax("uuid", bytes)
      }
      source = source.dropFirst().dropLast()
    }
    var digits: [UInt8] = []
    var mayBreak = false
    for byte in source {
      if byte == ASCII.minus && mayBreak {
        mayBreak = false
        continue
      }
      guard let digit = ASCII.hexDigit(byte), digits.count < 32 else {
        throw .invalidSyntax("uuid", bytes)
      }
      digits.append(digit)
      mayBreak = digits.count % 4 == 0 && digits.count < 32
    }
    guard digits.count == 32,
      let uuid = UUIDValue(bytes: (0..<16).map { digits[$0 * 2] << 4 | digits[$0 * 2 + 1] })
    else { throw .invalidSyntax("uuid", bytes) }
    return uuid
  }

  private static func parseBytea(_ bytes: [UInt8]) throws(SQLError) -> [UInt8] {
    let backslash = UInt8(ascii: "\\")
    var result: [UInt8] = []
    if bytes.count >= 2, bytes[0] == backslash, bytes[1] == UInt8(ascii: "x") {
      var high: UInt8?
      for byte in bytes[2...] {
        if high == nil && ASCII.isSpace(byte) { continue }
        guard let digit = ASCII.hexDigit(byte) else {
          let shown = String(decoding: [byte], as: UTF8.self)
          throw SQLError(.invalidParameterValue, "invalid hexadecimal digit: \"\(shown)\"")
        }
        if let first = high {
          result.append(first << 4 | digit)
          high = nil
        } else {
          high = digit
        }
      }
      if high != nil {
        throw SQLError(.invalidParameterValue, "invalid hexadecimal data: odd number of digits")
      }
      return result
    }
    var index = 0
    while index < bytes.count {
      if bytes[index] != backslash {
        result.append(bytes[index])
        index += 1
      } else if index + 3 < bytes.count, (48...51).contains(bytes[index + 1]),
        (48...55).contains(bytes[index + 2]), (48...55).contains(bytes[index + 3])
      {
        result.append(
          (bytes[index + 1] - 48) << 6 | (bytes[index + 2] - 48) << 3 | (bytes[index + 3] - 48))
        index += 4
      } else if index + 1 < bytes.count, bytes[index + 1] == backslash {
        result.append(backslash)
        index += 2
      } else {
        throw SQLError(.invalidTextRepresentation, "invalid input syntax for type bytea")
      }
    }
    return result
  }

  private static func writeBytea(
    _ bytes: [UInt8], style: FormatSettings.ByteaOutput, into output: inout [UInt8]
  ) {
    if style == .hex {
      output.append(contentsOf: "\\x".utf8)
      for byte in bytes {
        output.append(ASCII.hex[Int(byte >> 4)])
        output.append(ASCII.hex[Int(byte & 15)])
      }
      return
    }
    for byte in bytes {
      switch byte {
      case UInt8(ascii: "\\"): output.append(contentsOf: [byte, byte])
      case 32..<127: output.append(byte)
      default:
        output.append(contentsOf: [
          UInt8(ascii: "\\"), 48 + (byte >> 6), 48 + (byte >> 3 & 7), 48 + (byte & 7),
        ])
      }
    }
  }
}

extension SQLType {
  /// regclass and its kin: oids that are written as names.
  var isObjectName: Bool {
    switch oid {
    case SQLType.regclass.oid, SQLType.regtype.oid, SQLType.regproc.oid,
      SQLType.regprocedure.oid, SQLType.regnamespace.oid, SQLType.regrole.oid:
      true
    default: false
    }
  }
}
