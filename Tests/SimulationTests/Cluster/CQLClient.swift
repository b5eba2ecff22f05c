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
  /// The ids of statements.
  private var prepared: [String: [UInt8]] = [:]

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
    return await answer(to: .query, body.bytes) { _ in nil }
  }

  /// The statement with whole numbers of four bytes for its markers, prepared where this connection has not done it.
  /// A counter's have eight.
  func execute(_ statement: String, _ values: [Int], widths: [Int]) async -> Answer {
    if prepared[statement] == nil {
      let refused = await prepare(statement)
      if let refused { return refused }
    }
    guard let id = prepared[statement] else { return .unknown }
    var body = BodyWriter()
    body.shortBytes(id)
    body.consistency(.quorum)
    body.byte(1)
    body.short(values.count)
    for (value, width) in zip(values, widths) {
      body.int(width)
      body.number(UInt64(bitPattern: Int64(value)), width)
    }
    let answer = await answer(to: .execute, body.bytes) { _ in nil }
    if case .refused(.unprepared, _) = answer { prepared[statement] = nil }
    return answer
  }

  /// Nil: it is.
  private func prepare(_ statement: String) async -> Answer? {
    var body = BodyWriter()
    body.int(statement.utf8.count)
    body.bytes.append(contentsOf: statement.utf8)
    let answer = await answer(to: .prepare, body.bytes) { bytes in
      var reader = BodyReader(bytes)
      let id = Result<[UInt8]?, CQLError> { () throws(CQLError) in
        try reader.int() == 4 ? try reader.shortBytes() : nil
      }
      guard case .success(let id?) = id else { return nil }
      self.prepared[statement] = id
      return .void
    }
    if case .void = answer { return nil }
    // To prepare has no effect.
    if case .unknown = answer { return .refused(.unavailable, "not prepared") }
    return answer
  }

  /// `special`: what `answer` below does not know, of a result's body.
  private func answer(
    to opcode: Opcode, _ body: [UInt8], _ special: ([UInt8]) -> Answer?
  ) async -> Answer {
    send(opcode, body)
    while true {
      guard let (opcode, bytes) = await reply() else { return .unknown }
      switch Opcode(rawValue: opcode) {
      case .ready, .event: continue
      case .result:
        if let answer = special(bytes) { return answer }
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
