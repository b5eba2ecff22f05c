import Base
import Catalog
public import Node
public import Reactor
public import SQL
import Security
public import Types

/// What the connections of a node share, and the limits of each.
public struct PgWireSettings: Sendable {
  /// A message's length; the memory for it grows only as its bytes arrive.
  public var messageBytesMax = 64 << 20
  public var databases: Set<String> = ["quatrain", "postgres"]
  public var environment = SessionEnvironment()
  /// From the first byte to the end of the startup; a connection that takes longer is closed.
  public var startupMilliseconds = 60_000
  public let connections: ConnectionLimit
  let firstSession = FirstSession()
  /// Makes up the salts of users who have no password; the same for the life of the node.
  public var mockSecret = SecureRandom.bytes(32)
  /// Nil: TLS is not offered.
  public let tls: TLSContext?

  public init(connectionsMax: Int = 1_000, tls: TLSContext? = nil) {
    connections = ConnectionLimit(maximum: connectionsMax)
    self.tls = tls
  }
}

/// One client's connection. Lives on: the shard that accepted it.
///
/// Bytes that are not of the protocol close this connection with 08P01 and touch no other.
public final class PgWireSession {
  let stream: any ByteStream
  let shard: NodeShard
  let settings: PgWireSettings
  /// From the end of the authentication on.
  private var process: Int32?
  private var input: [UInt8] = []
  private var used = 0
  var output = BackendWriter()
  var session: SQLSession?
  /// An error in the extended protocol: everything is skipped until Sync.
  var isSkipping = false
  /// Waiting for the client's next message, with nothing half written.
  private var isIdle = false
  /// A message is being handled.
  private(set) var isBusy = false
  /// What `handleAtOnce` has made of a query before it left it to `handle`.
  var begunQuery: Result<[PreparedStatement], SQLError>?
  /// Why the session ends, once it has been told to.
  var ending: SQLError?
  /// What is waited for on the connection.
  private(set) var waiting: Waiting?

  enum Waiting {
    case input
    case room
  }

  public init(stream: any ByteStream, shard: NodeShard, settings: PgWireSettings) {
    self.stream = stream
    self.shard = shard
    self.settings = settings
  }

  /// Serves the connection until either side ends it.
  public func run() async {
    let admission = settings.connections.enter()
    defer { settings.connections.leave() }
    if admission == .turnedAway { return stream.close() }
    do throws(SessionEnd) {
      if try await start(admission) { try await serve() }
    } catch {
      if case .fatal(let fault) = error {
        output.fault("E", severity: "FATAL", fault)
        writeOut()
      }
    }
    if let process { shard.removeSession(process) }
    await session?.close()
    stream.close()
  }

  /// Why a connection ends early.
  enum SessionEnd: Error {
    case closed
    case fatal(SQLError)
  }

  // MARK: Reading

  private func need(_ count: Int) async throws(SessionEnd) {
    while input.count - used < count {
      if used == input.count {
        input.removeAll(keepingCapacity: input.capacity <= 1 << 18)
      } else if used > 0 {
        input.removeFirst(used)
      }
      used = 0
      let count: Int
      waiting = .input
      defer { waiting = nil }
      do throws(IOFault) {
        count = try await stream.read(into: &input, atMost: 65_536)
      } catch {
        throw .closed
      }
      if count == 0 { throw .closed }
    }
  }

  private func length(at offset: Int) -> Int {
    input.withUnsafeBytes {
      Int(UInt32(bigEndian: $0.loadUnaligned(fromByteOffset: used + offset, as: UInt32.self)))
    }
  }

  private func take(_ count: Int) -> [UInt8] {
    defer { used += count }
    return Array(input[used..<used + count])
  }

  static func violation(_ message: String) -> SessionEnd {
    .fatal(SQLError(.protocolViolation, message))
  }

  // MARK: Starting

  private func startupPacket() async throws(SessionEnd) -> StartupPacket {
    try await need(4)
    let length = length(at: 0)
    guard length >= 8, length <= StartupPacket.bytesMax else {
      throw Self.violation("invalid length of startup packet")
    }
    try await need(length)
    _ = take(4)
    do throws(MessageFault) {
      return try StartupPacket(take(length - 4))
    } catch {
      throw Self.violation("invalid startup packet layout: expected terminator as last byte")
    }
  }

  /// False: the connection was only a request that needs no session.
  private func start(_ admission: ConnectionLimit.Admission) async throws(SessionEnd) -> Bool {
    let limit = shard.reactor.after(milliseconds: settings.startupMilliseconds) { [stream] in
      stream.close()
    }
    defer { shard.reactor.cancel(limit) }
    // Each may be asked for once.
    var requests: Set<StartupPacket> = []
    while true {
      let packet = try await startupPacket()
      switch packet {
      case .sslRequest where requests.insert(packet).inserted:
        try await answerSSLRequest()
      case .gssRequest where requests.insert(packet).inserted:
        // Not offered: the client goes on without, or leaves.
        stream.write([UInt8(ascii: "N")])
        try await send()
      case .cancel(let process, let secret):
        shard.cancelSession(process, secret: secret)
        return false
      case .sslRequest, .gssRequest, .unsupported:
        let version = packet.version
        throw .fatal(
          SQLError(
            .featureNotSupported,
            "unsupported frontend protocol \(version >> 16).\(version & 0xFFFF): server supports 3.0 to 3.0"
          ))
      case .startup(let minor, let parameters):
        if admission == .refused {
          throw .fatal(SQLError(.tooManyConnections, "sorry, too many clients already"))
        }
        try await welcome(minor, parameters)
        return true
      }
    }
  }

  private func answerSSLRequest() async throws(SessionEnd) {
    guard let tls = settings.tls else {
      stream.write([UInt8(ascii: "N")])
      return try await send()
    }
    // Bytes that came before the handshake would pass for the encrypted session's own: somebody in
    // between may have put them there.
    if input.count > used {
      throw Self.violation("received unencrypted data after SSL request")
    }
    stream.write([UInt8(ascii: "S")])
    do throws(IOFault) {
      try await stream.drain()
      try await stream.startTLS(tls)
    } catch {
      throw .closed
    }
  }

  private func welcome(_ minor: Int, _ parameters: [String: String]) async throws(SessionEnd) {
    let unknown = parameters.keys.filter { $0.hasPrefix("_pq_.") }.sorted()
    if minor > 0 || !unknown.isEmpty {
      output.message("v") {
        $0.int32(0)
        $0.int32(unknown.count)
        for name in unknown { $0.cString(name) }
      }
    }
    guard let user = parameters["user"], !user.isEmpty else {
      throw .fatal(
        SQLError(
          .invalidAuthorizationSpecification,
          "no PostgreSQL user name specified in startup packet"))
    }
    let role = try await authenticate(user)
    let database = parameters["database"] ?? user
    guard settings.databases.contains(database) else {
      throw .fatal(
        SQLError(.invalidCatalogName, "database \"\(database)\" does not exist"))
    }
    await removeLeftovers(user, database)
    let secret = SecureRandom.int32()
    let process = shard.addSession(user: user, secret: secret) { [weak self] in
      self?.signalled($0)
    }
    self.process = process
    let made = SQLSession(
      shard: shard, user: user, database: database, processID: process,
      environment: settings.environment)
    session = made
    try adopt(parameters, role, made)
    made.client = self
    output.authenticationOk()
    for (name, value) in made.reportedParameters { output.parameterStatus(name, value) }
    output.backendKey(process: process, secret: secret)
    output.ready(.idle)
    try await send()
  }

  /// The node's first session removes the temporary tables of those that a crash has ended.
  private func removeLeftovers(_ user: String, _ database: String) async {
    let left = SQLSession.temporarySchemas(shard.catalog)
    guard settings.firstSession.take(), !left.isEmpty else { return }
    let sweeper = SQLSession(
      shard: shard, user: user, database: database, environment: settings.environment)
    await sweeper.removeLeftovers(left)
  }

  /// The role's settings, then what the client asks for; each holds until RESET.
  private func adopt(
    _ parameters: [String: String], _ role: RoleDescriptor, _ session: SQLSession
  ) throws(SessionEnd) {
    var wanted = role.settings.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    wanted += StartupPacket.options(parameters["options"] ?? "")
    for name in parameters.keys.sorted()
    where !["user", "database", "options", "replication"].contains(name)
      && !name.hasPrefix("_pq_.")
    {
      wanted.append((name, parameters[name] ?? ""))
    }
    for (name, value) in wanted {
      do throws(SQLError) {
        try session.adoptStartSetting(name, value)
      } catch {
        throw .fatal(error)
      }
    }
  }

  /// Gives what has gathered to the connection.
  func writeOut() {
    if output.bytes.isEmpty { return }
    output.bytes.withUnsafeBytes { stream.write($0) }
    output.clear()
  }

  /// Gives what has gathered to the connection; waits while the peer does not read. While we wait,
  /// nothing more is read from it either.
  func send() async throws(SessionEnd) {
    writeOut()
    do throws(IOFault) {
      if try stream.drainAtOnce() { return }
      waiting = .room
      defer { waiting = nil }
      try await stream.drain()
    } catch {
      throw .closed
    }
  }

  /// Output that is gathered before it is sent.
  private static let chunkBytes = 1 << 16

  /// As `send`, in the middle of a result. False when the client is gone: the result's rest is
  /// nobody's, and the next `send` ends the session.
  func sendChunk() async -> Bool {
    if output.bytes.count <= Self.chunkBytes { return true }
    do throws(SessionEnd) {
      try await send()
      return true
    } catch {
      return false
    }
  }

  // MARK: Serving

  private func serve() async throws(SessionEnd) {
    while true {
      if let ending { throw .fatal(ending) }
      guard let message = try nextBuffered(atMost: settings.messageBytesMax) else {
        try await send()
        try await waitForMessage()
        continue
      }
      if case .terminate = message { throw .closed }
      isBusy = true
      session?.clearCancellation()
      if !handleAtOnce(message) { await handle(message) }
      isBusy = false
      if output.bytes.count > Self.chunkBytes { try await send() }
    }
  }

  /// Reads on behalf of the next message.
  private func waitForMessage() async throws(SessionEnd) {
    isIdle = session?.status == .idle
    let timer = input.count == used ? startIdleTimer() : nil
    defer {
      isIdle = false
      if let timer { shard.reactor.cancel(timer) }
    }
    try await need(input.count - used + 1)
  }

  /// The client's next message; what has gathered for it is sent before we wait.
  func nextMessage(atMost limit: Int? = nil) async throws(SessionEnd) -> FrontendMessage {
    let limit = min(limit ?? settings.messageBytesMax, settings.messageBytesMax)
    while true {
      if let message = try nextBuffered(atMost: limit) { return message }
      if !output.bytes.isEmpty { try await send() }
      try await need(input.count - used + 1)
    }
  }

  /// The client's next message if all of it has come.
  private func nextBuffered(atMost limit: Int) throws(SessionEnd) -> FrontendMessage? {
    guard input.count - used >= 5 else { return nil }
    let type = input[used]
    let length = length(at: 1)
    guard length >= 4 else { throw Self.violation("invalid message length") }
    guard length <= limit else {
      throw Self.violation(
        "invalid message length \(length): the limit is \(limit) bytes")
    }
    guard input.count - used > length else { return nil }
    let body = used + 5..<used + 1 + length
    used = body.upperBound
    do throws(MessageFault) {
      return try FrontendMessage(type: type, MessageReader(input, body))
    } catch {
      switch error {
      case .unknownType(let type): throw Self.violation("invalid frontend message type \(type)")
      case .malformed: throw Self.violation("invalid message format")
      }
    }
  }

  /// Whether the client's next message has come and is Sync: then a statement is alone in its
  /// implicit transaction, if none came before it.
  var isNextSync: Bool { used < input.count && input[used] == UInt8(ascii: "S") }
}

extension PgWireSession: SessionClient {
  public func notice(_ severity: String, _ notice: SQLError) {
    output.fault("N", severity: severity, notice)
  }

  public func parameterStatus(_ name: String, _ value: String) {
    output.parameterStatus(name, value)
  }

  /// Between statements; what comes during one goes out with its end.
  public func notification(process: Int32, channel: String, payload: String) {
    output.message("A") {
      $0.int32(Int(process))
      $0.cString(channel)
      $0.cString(payload)
    }
    if isIdle {
      writeOut()
      stream.flush()
    }
  }
}
