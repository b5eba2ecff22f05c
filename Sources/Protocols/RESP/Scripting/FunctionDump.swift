import Base

/// What FUNCTION DUMP gives and FUNCTION RESTORE takes: for each library a byte that says so, the length of
/// its code and the code; then two bytes of the format's version and eight of a checksum. The same bytes as
/// Redis' own.
enum FunctionDump {
  private static let library: UInt8 = 245
  private static let version: UInt16 = 10
  private static let trailerBytes = 10

  static func bytes(_ libraries: [[UInt8]]) -> [UInt8] {
    var out: [UInt8] = []
    for code in libraries {
      out.append(library)
      appendLength(code.count, to: &out)
      out.append(contentsOf: code)
    }
    out.append(UInt8(version & 0xFF))
    out.append(UInt8(version >> 8))
    let checksum = CRC64.checksum(out)
    for shift in 0..<8 { out.append(UInt8(truncatingIfNeeded: checksum >> (8 * UInt64(shift)))) }
    return out
  }

  static func libraries(_ bytes: ArraySlice<UInt8>) throws(CommandStop) -> [[UInt8]] {
    guard isWhole(Array(bytes)) else {
      throw .error("ERR DUMP payload version or checksum are wrong")
    }
    var rest = bytes.dropLast(trailerBytes)
    var libraries: [[UInt8]] = []
    while let kind = rest.popFirst() {
      guard kind == library else { throw .error("ERR given type is not a function") }
      guard let count = takeLength(&rest), count <= rest.count else {
        throw .error("ERR failed loading the given functions payload")
      }
      libraries.append(Array(rest.prefix(count)))
      rest = rest.dropFirst(count)
    }
    return libraries
  }

  private static func isWhole(_ bytes: [UInt8]) -> Bool {
    guard bytes.count >= trailerBytes else { return false }
    let body = bytes.dropLast(8)
    let given = UInt16(body[body.endIndex - 2]) | UInt16(body[body.endIndex - 1]) << 8
    var checksum: UInt64 = 0
    for byte in bytes.suffix(8).reversed() { checksum = checksum << 8 | UInt64(byte) }
    return given <= version && checksum == CRC64.checksum(Array(body))
  }

  /// Lengths take 1, 2, 5 or 9 bytes; the first one's upper bits say how many.
  private static func appendLength(_ count: Int, to out: inout [UInt8]) {
    if count < 1 << 6 {
      out.append(UInt8(count))
    } else if count < 1 << 14 {
      out.append(UInt8(count >> 8) | 0x40)
      out.append(UInt8(truncatingIfNeeded: count))
    } else {
      let isWide = count > Int(UInt32.max)
      out.append(isWide ? 0x81 : 0x80)
      let bytes = isWide ? 8 : 4
      for place in (0..<bytes).reversed() {
        out.append(UInt8(truncatingIfNeeded: count >> (8 * place)))
      }
    }
  }

  private static func takeLength(_ rest: inout ArraySlice<UInt8>) -> Int? {
    guard let first = rest.popFirst() else { return nil }
    let bytes: Int
    var count: UInt64 = 0
    switch first {
    case 0..<0x40: return Int(first)
    case 0x40..<0x80:
      bytes = 1
      count = UInt64(first & 0x3F)
    case 0x80: bytes = 4
    case 0x81: bytes = 8
    default: return nil
    }
    for _ in 0..<bytes {
      guard let byte = rest.popFirst() else { return nil }
      count = count << 8 | UInt64(byte)
    }
    return Int(exactly: count)
  }
}
