import Node
import Reactor
import Types

@testable import CQL

/// A client that sends statements to a session of its own, one by one. Lives on: its shard.
final class CQLClient: ByteStream {
  /// What a statement came to.
  enum Answer {
    case void
    case rows([[Datum?]])
    /// It has had no effect.
    case refused(CQLError.Code, String)
    /// It may have had its effect.
    case unknown
  }

  let peerAddress = "127.0.0.1:1"
  let tlsServerEndpointHash: [UInt8]? = nil
  private var toServer: [UInt8] = []
  private var fromServer: [UInt8] = []
  private var server: UnsafeContinuation<Void, Never>?
  private var client: UnsafeContinuation<Void, Never>?
  private var isClosed = false

  init(_ shard: NodeShard, _ settings: CQLSettings) {
    let session = CQLSession(stream: self, shard: shard, settings: settings)
    shard.reactor.spawn { await session.run() }
    var startup = BodyWriter()
    startup.short(1)
    startup.string("CQL_VERSION")
    startup.string("3.4.5")
    send(.startup, startup.bytes)
  }

  func run(_ statement: String) async -> Answer {
    var body = BodyWriter()
    body.int(statement.utf8.count)
    body.bytes.append(contentsOf: statement.utf8)
    body.consistency(.quorum)
    body.byte(0)
    send(.query, body.bytes)
    while true {
      guard let (opcode, bytes) = await reply() else { return .unknown }
      switch Opcode(rawValue: opcode) {
      case .ready, .event: continue
      default: break
      }
      switch Result(catching: { () throws(CQLError) in try Self.answer(opcode, bytes) }) {
      case .success(let answer): return answer
      case .failure(let error): fatalError("a reply that cannot be read: \(error)")
      }
    }
  }

  private func send(_ opcode: Opcode, _ body: [UInt8]) {
    var header: [UInt8] = []
    FrameHeader(version: 4, flags: [], stream: 1, opcode: opcode.rawValue, length: body.count)
      .encode(into: &header)
    header[0] &= 0x7F
    toServer += header + body
    server.take()?.resume()
  }

  /// Nil: the connection has ended.
  private func reply() async -> (UInt8, [UInt8])? {
    while true {
      if fromServer.count >= FrameHeader.bytes {
        let length = fromServer[5..<9].reduce(0) { $0 << 8 | Int($1) }
        let end = FrameHeader.bytes + length
        if fromServer.count >= end {
          defer { fromServer.removeFirst(end) }
          return (fromServer[4], Array(fromServer[FrameHeader.bytes..<end]))
        }
      }
      if isClosed { return nil }
      await withUnsafeContinuation { client = $0 }
    }
  }

  private static func answer(_ opcode: UInt8, _ body: [UInt8]) throws(CQLError) -> Answer {
    var reader = BodyReader(body)
    if opcode == Opcode.error.rawValue {
      let code = CQLError.Code(rawValue: Int32(try reader.int())) ?? .server
      if code == .writeTimeout { return .unknown }
      return .refused(code, try reader.string())
    }
    guard try reader.int() == 2 else { return .void }
    let flags = try reader.int()
    let count = try reader.int()
    guard flags & 1 == 1 else { throw .violation("columns of several tables") }
    _ = (try reader.string(), try reader.string())
    var types: [CQLType] = []
    for _ in 0..<count {
      _ = try reader.string()
      switch try reader.short() {
      case 0x02: types.append(.bigint)
      case 0x04: types.append(.boolean)
      case 0x05: types.append(.native(.counter))
      default: types.append(.int)
      }
    }
    var rows: [[Datum?]] = []
    for _ in 0..<(try reader.int()) {
      var row: [Datum?] = []
      for type in types {
        row.append(
          try reader.bytesOrNull().map { (bytes) throws(CQLError) in
            try ValueCodec.decode(bytes, type)
          })
      }
      rows.append(row)
    }
    return .rows(rows)
  }

  // MARK: The session's side

  func read(into buffer: inout [UInt8], atMost limit: Int) async throws(IOFault) -> Int {
    while toServer.isEmpty, !isClosed { await withUnsafeContinuation { server = $0 } }
    let piece = toServer.prefix(limit)
    buffer += piece
    toServer.removeFirst(piece.count)
    return piece.count
  }

  func write(_ bytes: [UInt8]) {
    fromServer += bytes
    client.take()?.resume()
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
    client.take()?.resume()
    server.take()?.resume()
  }
  func abort() { close() }
}
