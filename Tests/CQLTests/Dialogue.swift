import Reactor
import Types

@testable import CQL

/// A client in memory that sends its next request when the one before is answered. Lives on: the session's
/// shard.
final class Dialogue: ByteStream {
  let peerAddress = "127.0.0.1:1"
  let tlsServerEndpointHash: [UInt8]? = nil
  private var requests: [[UInt8]]
  private let pieceBytes: Int
  private var rest: ArraySlice<UInt8> = []
  private var received: [UInt8] = []
  private var taken = 0
  private var sent = 0
  private var waiting: UnsafeContinuation<Void, Never>?
  private var isClosed = false
  /// Kind and body of each.
  private(set) var replies: [(opcode: UInt8, body: [UInt8])] = []
  /// Of each reply.
  private(set) var flags: [FrameHeader.Flags] = []
  private(set) var events: [[UInt8]] = []

  /// Bodies of requests, each sent in pieces of so many bytes.
  init(
    _ requests: [(Opcode, [UInt8])], version: UInt8 = 4, pieceBytes: Int = 1 << 20,
    flags: FrameHeader.Flags = []
  ) {
    self.pieceBytes = pieceBytes
    self.requests = requests.map { opcode, body in
      var bytes: [UInt8] = []
      FrameHeader(
        version: version, flags: flags, stream: 1, opcode: opcode.rawValue, length: body.count
      )
      .encode(into: &bytes)
      bytes[0] &= 0x7F
      return bytes + body
    }.reversed()
  }

  func read(into buffer: inout [UInt8], atMost limit: Int) async throws(IOFault) -> Int {
    if rest.isEmpty {
      while replies.count < sent, !isClosed { await withUnsafeContinuation { waiting = $0 } }
      guard !isClosed, let next = requests.popLast() else { return 0 }
      sent += 1
      rest = next[...]
    }
    let piece = rest.prefix(min(limit, pieceBytes))
    rest = rest.dropFirst(piece.count)
    buffer += piece
    return piece.count
  }

  func write(_ bytes: [UInt8]) {
    received += bytes
    while received.count - taken >= FrameHeader.bytes {
      let header = received[taken..<taken + FrameHeader.bytes]
      let at = header.startIndex
      let length = header[(at + 5)...].reduce(0) { $0 << 8 | Int($1) }
      guard received.count - taken >= FrameHeader.bytes + length else { return }
      let body = Array(received[(taken + FrameHeader.bytes)..<(taken + FrameHeader.bytes + length)])
      taken += FrameHeader.bytes + length
      if header[at + 4] == Opcode.event.rawValue {
        events.append(body)
      } else {
        replies.append((header[at + 4], body))
        flags.append(FrameHeader.Flags(rawValue: header[at + 1]))
      }
    }
    if replies.count >= sent { wake() }
  }

  func write(_ bytes: UnsafeRawBufferPointer) { write(Array(bytes)) }
  func flush() {}
  var queuedBytes: Int { 0 }
  func drainAtOnce() throws(IOFault) -> Bool { true }
  func drain() async throws(IOFault) {}
  func startTLS(_ context: TLSContext) async throws(IOFault) {
    throw IOFault(errno: 71, operation: "startTLS")
  }
  func close() {
    isClosed = true
    wake()
  }
  func abort() { close() }

  private func wake() {
    let next = waiting.take()
    next?.resume()
  }
}

/// Requests, and replies as text.
enum Wire {
  static let startup: (Opcode, [UInt8]) = {
    var out = BodyWriter()
    out.short(1)
    out.string("CQL_VERSION")
    out.string("3.4.5")
    return (.startup, out.bytes)
  }()

  static func query(_ text: String, pageSize: Int? = nil, pagingState: [UInt8]? = nil) -> (
    Opcode, [UInt8]
  ) {
    var out = BodyWriter()
    out.int(text.utf8.count)
    out.bytes.append(contentsOf: text.utf8)
    out.consistency(.one)
    out.byte((pageSize == nil ? 0 : 4) | (pagingState == nil ? 0 : 8))
    if let pageSize { out.int(pageSize) }
    if let pagingState { out.bytes(pagingState) }
    return (.query, out.bytes)
  }

  /// `VOID`, `ERROR 2200`, `a=1 b=null; a=2 b=x`.
  static func text(_ reply: (opcode: UInt8, body: [UInt8])) -> String {
    var reader = BodyReader(reply.body)
    let read = Result<String, CQLError> { () throws(CQLError) in
      switch Opcode(rawValue: reply.opcode) {
      case .error: return "ERROR " + String(try reader.int(), radix: 16)
      case .ready: return "READY"
      case .result: break
      default: return "OPCODE \(reply.opcode)"
      }
      switch try reader.int() {
      case 1: return "VOID"
      case 2: return try rows(&reader)
      case 3: return "USE " + (try reader.string())
      case 5: return "SCHEMA \(try reader.string()) \(try reader.string())"
      default: return "RESULT"
      }
    }
    switch read {
    case .success(let text): return text
    case .failure(let error): return "unreadable: \(error.message)"
    }
  }

  /// Of a page of rows; nil: it is the last one.
  static func pagingState(_ reply: (opcode: UInt8, body: [UInt8])) -> [UInt8]? {
    var reader = BodyReader(reply.body)
    let read = Result<[UInt8]?, CQLError> { () throws(CQLError) in
      guard try reader.int() == 2, try reader.int() & 2 != 0 else { return nil }
      _ = try reader.int()
      return try reader.bytesOrNull()
    }
    guard case .success(let state) = read else { return nil }
    return state
  }

  private static func rows(_ reader: inout BodyReader) throws(CQLError) -> String {
    let flags = try reader.int()
    let count = try reader.int()
    if flags & 2 != 0 { _ = try reader.bytesOrNull() }
    _ = try reader.string()
    _ = try reader.string()
    var columns: [(String, CQLType)] = []
    for _ in 0..<count { columns.append((try reader.string(), try type(&reader))) }
    var lines: [String] = []
    for _ in 0..<(try reader.int()) {
      var parts: [String] = []
      for (name, type) in columns {
        let bytes = try reader.bytesOrNull()
        let datum = try bytes.map { (bytes) throws(CQLError) in try ValueCodec.decode(bytes, type) }
        parts.append("\(name)=" + (try StoredForm.json(datum ?? .null, type).description))
      }
      lines.append(parts.joined(separator: " "))
    }
    return lines.isEmpty ? "NOTHING" : lines.joined(separator: "; ")
  }

  private static func type(_ reader: inout BodyReader) throws(CQLError) -> CQLType {
    switch try reader.short() {
    case 0x02: return .bigint
    case 0x04: return .boolean
    case 0x05: return .native(.counter)
    case 0x09: return .int
    case 0x0D: return .text
    case 0x20: return .list(try type(&reader))
    case 0x21: return .map(try type(&reader), try type(&reader))
    case 0x22: return .set(try type(&reader))
    case let code: throw .invalid("type \(code)")
    }
  }
}
