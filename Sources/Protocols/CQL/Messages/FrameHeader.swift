/// The nine bytes before each message: version, flags, stream, kind, length of the body.
struct FrameHeader: Equatable, Sendable {
  static let bytes = 9
  /// Longer bodies are refused before anything is allocated.
  static let bodyBytesMax = 16 << 20
  /// The same for clients that have not said who they are.
  static let earlyBodyBytesMax = 64 << 10
  static let oldest: UInt8 = 3
  static let newest: UInt8 = 5

  struct Flags: OptionSet, Sendable {
    let rawValue: UInt8
    static let compression = Flags(rawValue: 0x01)
    static let tracing = Flags(rawValue: 0x02)
    static let customPayload = Flags(rawValue: 0x04)
    static let warning = Flags(rawValue: 0x08)
    static let beta = Flags(rawValue: 0x10)
  }

  var version: UInt8
  var flags: Flags
  var stream: Int16
  /// As it came: an unknown kind is an error on its stream only.
  var opcode: UInt8
  var length: Int

  /// Nil: more bytes are needed. An error is about the connection: what follows cannot be read.
  static func decode(_ bytes: ArraySlice<UInt8>) throws(CQLError) -> FrameHeader? {
    guard let first = bytes.first else { return nil }
    let version = first & 0x7F
    guard first & 0x80 == 0 else {
      throw .violation("Invalid message direction: expected a request")
    }
    guard (oldest...newest).contains(version) else {
      throw .violation(
        "Invalid or unsupported protocol version (\(version)); the lowest supported version is "
          + "\(oldest) and the greatest is \(newest)")
    }
    guard bytes.count >= Self.bytes else { return nil }
    let at = bytes.startIndex
    let length =
      Int(bytes[at + 5]) << 24 | Int(bytes[at + 6]) << 16 | Int(bytes[at + 7]) << 8
      | Int(bytes[at + 8])
    guard length <= bodyBytesMax else {
      throw .violation(
        "Request is too big: length \(length) exceeds maximum allowed length "
          + "\(bodyBytesMax).")
    }
    return FrameHeader(
      version: version, flags: Flags(rawValue: bytes[at + 1]),
      stream: Int16(bitPattern: UInt16(bytes[at + 2]) << 8 | UInt16(bytes[at + 3])),
      opcode: bytes[at + 4], length: length)
  }

  /// A response's.
  func encode(into output: inout [UInt8]) {
    let head =
      UInt64(version | 0x80) << 32 | UInt64(flags.rawValue) << 24
      | UInt64(UInt16(bitPattern: stream)) << 8 | UInt64(opcode)
    withUnsafeBytes(of: head.bigEndian) { output.append(contentsOf: $0[3...]) }
    withUnsafeBytes(of: UInt32(truncatingIfNeeded: length).bigEndian) {
      output.append(contentsOf: $0)
    }
  }

  /// Of a header that stands at `start`, and whose body has been written.
  static func setLength(_ length: Int, at start: Int, in output: inout [UInt8]) {
    for place in 0..<4 {
      output[start + 5 + place] = UInt8(truncatingIfNeeded: length >> (24 - place * 8))
    }
  }
}
