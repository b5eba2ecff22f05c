/// Text that is not UTF-8: SQL lets none in, but keys and values of Redis' clients are any bytes.
public enum InvalidText {
  /// Writes bytes from `start` on that are no UTF-8 as `\xHH`, so that clients who trust the encoding can
  /// read the rest. Costs a look at each byte; nothing is copied where all is well.
  public static func escape(_ bytes: inout [UInt8], from start: Int) {
    let isPlain = bytes.withUnsafeBytes { buffer in
      var high: UInt8 = 0
      for index in start..<buffer.count { high |= buffer[index] }
      return high < 0x80
    }
    if isPlain { return }
    let isValid = bytes.withUnsafeBytes {
      String(validating: UnsafeRawBufferPointer(rebasing: $0[start...]), as: UTF8.self) != nil
    }
    if isValid { return }
    let text = Array(bytes[start...])
    bytes.removeSubrange(start...)
    var position = 0
    while position < text.count {
      let length = validLength(text, at: position)
      if length > 0 {
        bytes.append(contentsOf: text[position..<position + length])
        position += length
      } else {
        bytes.append(contentsOf: "\\x".utf8)
        bytes.append(hexDigit(text[position] >> 4))
        bytes.append(hexDigit(text[position] & 15))
        position += 1
      }
    }
  }

  private static func hexDigit(_ value: UInt8) -> UInt8 {
    value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
  }

  /// Of the character that begins there; 0 where none does.
  private static func validLength(_ text: [UInt8], at position: Int) -> Int {
    for length in 1...4 where position + length <= text.count {
      if String(validating: text[position..<position + length], as: UTF8.self) != nil {
        return length
      }
    }
    return 0
  }
}
