import Base

/// What a client may send after the startup, protocol 3.0 (PostgreSQL 15, chapter 55.7).
enum FrontendMessage: Equatable {
  case query([UInt8])
  case parse(name: String, sql: [UInt8], types: [ObjectID])
  case bind(Bind)
  case describeStatement(String)
  case describePortal(String)
  case execute(portal: String, maximumRows: Int)
  case closeStatement(String)
  case closePortal(String)
  case flush
  case sync
  case terminate
  case copyData([UInt8])
  case copyDone
  case copyFail(String)
  case functionCall
  /// What a client answers in an authentication.
  case password([UInt8])

  struct Bind: Equatable {
    var portal: String
    var statement: String
    var parameterFormats: [Int16]
    /// Nil: NULL.
    var values: [[UInt8]?]
    var resultFormats: [Int16]
  }
}

/// Bytes that are not of the protocol (08P01).
enum MessageFault: Error, Equatable {
  case unknownType(UInt8)
  case malformed
}

extension FrontendMessage {
  init(type: UInt8, body: [UInt8]) throws(MessageFault) {
    try self.init(type: type, MessageReader(body))
  }

  /// Decodes a message's body; all of it must be used.
  init(type: UInt8, _ body: MessageReader) throws(MessageFault) {
    var reader = body
    switch type {
    case UInt8(ascii: "Q"): self = .query(try reader.cString())
    case UInt8(ascii: "P"):
      let name = try reader.text()
      let sql = try reader.cString()
      var types: [ObjectID] = []
      for _ in 0..<(try reader.count(itemBytes: 4)) {
        types.append(ObjectID(rawValue: UInt32(bitPattern: try reader.int32())))
      }
      self = .parse(name: name, sql: sql, types: types)
    case UInt8(ascii: "B"): self = .bind(try reader.bind())
    case UInt8(ascii: "D"), UInt8(ascii: "C"):
      let kind = try reader.byte()
      let name = try reader.text()
      switch (type, kind) {
      case (UInt8(ascii: "D"), UInt8(ascii: "S")): self = .describeStatement(name)
      case (UInt8(ascii: "D"), UInt8(ascii: "P")): self = .describePortal(name)
      case (UInt8(ascii: "C"), UInt8(ascii: "S")): self = .closeStatement(name)
      case (UInt8(ascii: "C"), UInt8(ascii: "P")): self = .closePortal(name)
      default: throw .malformed
      }
    case UInt8(ascii: "E"):
      let name = try reader.text()
      self = .execute(portal: name, maximumRows: Int(try reader.int32()))
    case UInt8(ascii: "H"): self = .flush
    case UInt8(ascii: "S"): self = .sync
    case UInt8(ascii: "X"): self = .terminate
    case UInt8(ascii: "d"):
      self = .copyData(reader.rest)
      return
    case UInt8(ascii: "c"): self = .copyDone
    case UInt8(ascii: "f"): self = .copyFail(try reader.text())
    case UInt8(ascii: "F"):
      self = .functionCall
      return
    case UInt8(ascii: "p"):
      self = .password(reader.rest)
      return
    default: throw .unknownType(type)
    }
    guard reader.isAtEnd else { throw .malformed }
  }
}

/// Reads big-endian fields; every length is checked against what is there.
struct MessageReader {
  private let bytes: [UInt8]
  private var position: Int
  private let end: Int

  init(_ bytes: [UInt8]) { self.init(bytes, 0..<bytes.count) }

  /// Of a buffer that has more than the message.
  init(_ bytes: [UInt8], _ range: Range<Int>) {
    self.bytes = bytes
    position = range.lowerBound
    end = range.upperBound
  }

  var isAtEnd: Bool { position == end }
  var rest: [UInt8] { Array(bytes[position..<end]) }

  mutating func byte() throws(MessageFault) -> UInt8 {
    guard position < end else { throw .malformed }
    defer { position += 1 }
    return bytes[position]
  }

  mutating func int16() throws(MessageFault) -> Int16 {
    guard end - position >= 2 else { throw .malformed }
    defer { position += 2 }
    return Int16(bitPattern: UInt16(bytes[position]) << 8 | UInt16(bytes[position + 1]))
  }

  mutating func int32() throws(MessageFault) -> Int32 {
    Int32(try int16()) << 16 | Int32(UInt16(bitPattern: try int16()))
  }

  mutating func take(_ count: Int) throws(MessageFault) -> [UInt8] {
    guard count >= 0, end - position >= count else { throw .malformed }
    defer { position += count }
    return Array(bytes[position..<position + count])
  }

  /// Up to the next zero byte, which is read too.
  private mutating func string() throws(MessageFault) -> Range<Int> {
    let start = position
    while position < end {
      position += 1
      if bytes[position - 1] == 0 { return start..<position - 1 }
    }
    throw .malformed
  }

  mutating func cString() throws(MessageFault) -> [UInt8] { Array(bytes[try string()]) }

  mutating func text() throws(MessageFault) -> String {
    let range = try string()
    return range.isEmpty ? "" : String(decoding: bytes[range], as: UTF8.self)
  }

  /// A count of items, each at least `itemBytes` long.
  mutating func count(itemBytes: Int) throws(MessageFault) -> Int {
    let count = Int(UInt16(bitPattern: try int16()))
    guard count * itemBytes <= end - position else { throw .malformed }
    return count
  }

  mutating func bind() throws(MessageFault) -> FrontendMessage.Bind {
    var bind = FrontendMessage.Bind(
      portal: try text(), statement: try text(), parameterFormats: [], values: [],
      resultFormats: [])
    for _ in 0..<(try count(itemBytes: 2)) { bind.parameterFormats.append(try int16()) }
    for _ in 0..<(try count(itemBytes: 4)) {
      let length = try int32()
      bind.values.append(length == -1 ? nil : try take(Int(length)))
    }
    for _ in 0..<(try count(itemBytes: 2)) { bind.resultFormats.append(try int16()) }
    return bind
  }
}
