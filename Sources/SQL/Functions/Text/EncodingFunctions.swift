import Types

/// encode, decode, digests and single bytes.
extension FunctionRegistry {
  static func addEncodings(_ table: inout BodyTable) {
    table.unary("md5_text", "md5_bytea") { (value, _) throws(SQLError) in
      .text(hex(Digests.md5(try value.bytes)))
    }
    table.unary("sha224_bytea") { (value, _) throws(SQLError) in
      .bytes(Digests.sha256(try value.bytes, is224: true))
    }
    table.unary("sha256_bytea") { (value, _) throws(SQLError) in
      .bytes(Digests.sha256(try value.bytes))
    }
    table.unary("sha384_bytea") { (value, _) throws(SQLError) in
      .bytes(Digests.sha512(try value.bytes, is384: true))
    }
    table.unary("sha512_bytea") { (value, _) throws(SQLError) in
      .bytes(Digests.sha512(try value.bytes))
    }
    table.binary("binary_encode") { (bytes, format, _) throws(SQLError) in
      let bytes = try bytes.bytes
      switch try format.string.lowercased() {
      case "hex": return .text(hex(bytes))
      case "base64": return .text(base64(bytes))
      case "escape": return .text(escaped(bytes))
      default: throw Fault.invalid("unrecognized encoding: \"\(try format.string)\"")
      }
    }
    table.binary("binary_decode") { (text, format, _) throws(SQLError) in
      let text = try text.bytes
      switch try format.string.lowercased() {
      case "hex":
        return try TypeIO.parseText(Array("\\x".utf8) + text, as: .bytea)
      case "base64": return .bytes(try unbase64(text))
      case "escape": return try TypeIO.parseText(text, as: .bytea)
      default: throw Fault.invalid("unrecognized encoding: \"\(try format.string)\"")
      }
    }
    table.binary("byteaGetByte") { (bytes, index, _) throws(SQLError) in
      let (bytes, index) = (try bytes.bytes, try index.count)
      guard bytes.indices.contains(index) else {
        throw SQLError(
          .arraySubscriptError, "index \(index) out of valid range, 0..\(bytes.count - 1)")
      }
      return .int(Int64(bytes[index]))
    }
    table.binary("pg_convert_to") { (text, encoding, _) throws(SQLError) in
      try requireUTF8(encoding)
      return .bytes(try text.bytes)
    }
    table.binary("pg_convert_from") { (bytes, encoding, _) throws(SQLError) in
      try requireUTF8(encoding)
      try TextEncoding.validate(try bytes.bytes)
      return .text(try bytes.bytes)
    }
  }

  private static func requireUTF8(_ name: Value) throws(SQLError) {
    let spelled = try name.string.uppercased().filter { $0 != "-" && $0 != "_" }
    guard spelled == "UTF8" || spelled == "UNICODE" else {
      throw SQLError(
        .featureNotSupported, "conversion for encoding \"\(try name.string)\" is not supported")
    }
  }

  static func hex(_ bytes: [UInt8]) -> [UInt8] {
    let digits = Array("0123456789abcdef".utf8)
    return bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
  }

  private static func escaped(_ bytes: [UInt8]) -> [UInt8] {
    var settings = FormatSettings()
    settings.byteaOutput = .escape
    return Array(TypeIO.formatText(.bytes(bytes), as: .bytea, settings: settings).utf8)
  }

  private static let alphabet = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  /// With a line break after every 76 characters, as MIME has it.
  static func base64(_ bytes: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    var column = 0
    for start in stride(from: 0, to: bytes.count, by: 3) {
      if column == 76 {
        result.append(10)
        column = 0
      }
      let count = min(3, bytes.count - start)
      var group = 0
      for index in 0..<3 { group = group << 8 | (index < count ? Int(bytes[start + index]) : 0) }
      for index in 0..<4 {
        result.append(
          index <= count ? alphabet[group >> (18 - index * 6) & 63] : UInt8(ascii: "="))
      }
      column += 4
    }
    return result
  }

  private static func unbase64(_ text: [UInt8]) throws(SQLError) -> [UInt8] {
    var result: [UInt8] = []
    var (group, count, padding) = (0, 0, 0)
    for byte in text {
      if byte == 32 || byte == 9 || byte == 10 || byte == 13 { continue }
      if byte == UInt8(ascii: "=") {
        padding += 1
        group <<= 6
      } else if let digit = alphabet.firstIndex(of: byte), padding == 0 {
        group = group << 6 | digit
      } else {
        let symbol = Character(Unicode.Scalar(byte))
        throw Fault.invalid("invalid symbol \"\(symbol)\" found while decoding base64 sequence")
      }
      count += 1
      if count == 4 {
        guard padding <= 2 else {
          throw Fault.invalid("unexpected \"=\" while decoding base64 sequence")
        }
        for index in 0..<(3 - padding) {
          result.append(UInt8(truncatingIfNeeded: group >> (16 - index * 8)))
        }
        (group, count) = (0, 0)
      }
    }
    guard count == 0 else {
      throw SQLError(
        .invalidParameterValue, "invalid base64 end sequence",
        hint: "Input data is missing padding, is truncated, or is otherwise corrupted.")
    }
    return result
  }
}
