import Base
import Catalog
public import Node
public import Reactor
import Types

/// One client's connection. Lives on: the shard that accepted it.
///
/// Requests run side by side, each on its stream; replies go out as they come. A request that cannot be
/// read is answered on its stream; a frame that cannot, ends the connection with the protocol's error.
public final class CQLSession {
  let stream: any ByteStream
  let shard: NodeShard
  let settings: CQLSettings
  let state: CQLShard
  private let startsTLS: Bool

  /// Of the protocol, as the client's first request has it.
  var version: UInt8 = 4
  var compression: Compression?
  /// Version 5, once the connection is set up: messages come in segments.
  private var isSegmented = false
  private var input: [UInt8] = []
  private var messages: [UInt8] = []
  private var messagesStart = 0
  private var output: [UInt8] = []
  private var segmentedFrom: Int?
  private var isFlushPlanned = false
  /// Requests are looked at, one behind the other: their replies go out when that pauses.
  private var isTakingIn = false
  private var isClosed = false

  var phase = Phase.fresh
  var keyspace: String?
  /// The client wants to hear where tablets are.
  var routesTablets = false
  private(set) var role: RoleDescriptor?
  private var events: Set<String> = []
  private var underWay = 0
  private var whenFewer: UnsafeContinuation<Void, Never>?
  /// The monotonic clock when what is looked at now had been read: of what came in one piece the same.
  private(set) var arrival: UInt64 = 0
  /// The replies that wait for the newest entry of the log.
  var held: HeldReplies?

  enum Phase { case fresh, authenticating, ready }

  /// `startsTLS`: the connection begins with the handshake.
  public init(
    stream: any ByteStream, shard: NodeShard, settings: CQLSettings, startsTLS: Bool = false
  ) {
    self.stream = stream
    self.shard = shard
    self.settings = settings
    self.startsTLS = startsTLS
    state = CQLShard.of(shard, settings)
  }

  /// Why reading ends.
  enum SessionEnd: Error { case closed }

  /// Serves the connection until either side ends it.
  public func run() async {
    let admission = settings.connections.enter()
    defer { settings.connections.leave() }
    guard admission == .served else { return stream.close() }
    let id = state.add(self)
    do throws(SessionEnd) {
      if startsTLS { try await secure() }
      try await serve()
    } catch {
      // The peer is gone, or told what was wrong.
    }
    isTakingIn = false
    state.remove(id)
    while underWay > 0 { await withUnsafeContinuation { whenFewer = $0 } }
    writeOut()
    isClosed = true
    stream.close()
  }

  private func secure() async throws(SessionEnd) {
    guard let tls = settings.tls else { throw .closed }
    do throws(IOFault) {
      try await stream.startTLS(tls)
    } catch {
      throw .closed
    }
  }

  // MARK: Reading

  private static let readBytes = 1 << 16

  private func serve() async throws(SessionEnd) {
    while true {
      while let (header, body) = try frame() {
        guard let request = try request(header, body) else { continue }
        if takeAtOnce(request, header) { continue }
        try await take(request, header)
      }
      try await read()
    }
  }

  /// Nil: more bytes are needed. Behind what is no frame nothing can be read.
  private func frame() throws(SessionEnd) -> (FrameHeader, ArraySlice<UInt8>)? {
    do throws(CQLError) {
      return try nextFrame()
    } catch {
      reply(error, stream: 0)
      throw .closed
    }
  }

  private func read() async throws(SessionEnd) {
    pause()
    do throws(IOFault) {
      if try !stream.drainAtOnce() { try await stream.drain() }
      let count =
        isSegmented
        ? try await stream.read(into: &input, atMost: Self.readBytes)
        : try await stream.read(into: &messages, atMost: Self.readBytes)
      if count == 0 { throw IOFault(errno: 0, operation: "read") }
    } catch {
      throw .closed
    }
    goOn()
  }

  /// Before everything that may take a while: what there is goes out, and what comes meanwhile goes out by itself.
  private func pause() {
    isTakingIn = false
    writeOut()
  }

  /// After it.
  private func goOn() {
    isTakingIn = true
    arrival = shard.reactor.monotonicNanoseconds()
  }

  /// The body is a part of what has been read: whoever keeps it copies it.
  private func nextFrame() throws(CQLError) -> (FrameHeader, ArraySlice<UInt8>)? {
    if isSegmented {
      while let (payload, count) = try Segments.decode(input[...], isCompressed: compression != nil)
      {
        input.removeFirst(count)
        messages.append(contentsOf: payload)
      }
    }
    if phase == .ready { while executeNext() {} }
    let rest = messages[messagesStart...]
    guard let header = try FrameHeader.decode(rest) else { return compact() }
    guard phase == .ready || header.length <= FrameHeader.earlyBodyBytesMax else {
      throw .violation(
        "Request is too big: length \(header.length) exceeds \(FrameHeader.earlyBodyBytesMax) before the "
          + "connection is set up")
    }
    guard rest.count >= FrameHeader.bytes + header.length else { return compact() }
    let start = messagesStart + FrameHeader.bytes
    let body = messages[start..<start + header.length]
    messagesStart = start + header.length
    guard header.flags.contains(.compression), !isSegmented else { return (header, body) }
    guard let compression else {
      throw .violation("A compressed frame, but no compression was agreed upon")
    }
    return (header, try compression.decompress(body)[...])
  }

  /// Nothing whole is left.
  private func compact() -> (FrameHeader, ArraySlice<UInt8>)? {
    if messagesStart > 0 {
      messages.removeFirst(messagesStart)
      messagesStart = 0
    }
    return nil
  }

  // MARK: Requests

  /// Answers the request at the front of what has been read, where it lies. False: it has to be read whole, or there is
  /// none.
  private func executeNext() -> Bool {
    guard messages.count - messagesStart > FrameHeader.bytes, isRead else { return false }
    let frame = state.frame
    let isAnswered = messages.withUnsafeBytes { input in
      frame.read(UnsafeRawBufferPointer(rebasing: input[messagesStart...]), version: version)
        && answerAtOnce(frame)
    }
    guard isAnswered else { return false }
    messagesStart += frame.byteCount
    state.answersInPlace += 1
    letOut()
    return true
  }

  /// Where the client does not read replies, its next request waits.
  private func letOut() {
    if output.count >= Self.readBytes { writeOut() }
  }

  /// Nil: it cannot be read, and its stream has been told.
  private func request(_ header: FrameHeader, _ bytes: ArraySlice<UInt8>) throws(SessionEnd)
    -> Request?
  {
    if phase == .fresh { version = header.version }
    guard header.version == version else {
      reply(
        CQLError.violation(
          "Invalid message version. Got \(header.version) but previous messages on this connection had version \(version)"
        ), stream: 0)
      throw .closed
    }
    do throws(CQLError) {
      var body = bytes
      if header.flags.contains(.customPayload) {
        // No extension of ours reads it.
        var reader = BodyReader(body)
        try reader.skipBytesMap()
        body = body.suffix(reader.remaining)
      }
      return try Request.decode(header.opcode, body, version: version)
    } catch {
      reply(error, stream: header.stream)
      return nil
    }
  }

  /// True: it is done.
  private func takeAtOnce(_ request: Request, _ header: FrameHeader) -> Bool {
    guard phase == .ready, !header.flags.contains(.tracing), isRead,
      answerAtOnce(request, header.stream)
    else { return false }
    letOut()
    return true
  }

  /// The client reads what it has asked for.
  private var isRead: Bool {
    if stream.queuedBytes == 0 { return true }
    let isDrained = Result<Bool, IOFault> { () throws(IOFault) in try stream.drainAtOnce() }
    // What is wrong with the stream is found by whoever waits for it.
    return if case .success(true) = isDrained { true } else { false }
  }

  /// Starts the request. What sets the connection up is done before the next frame is read.
  private func take(_ request: Request, _ header: FrameHeader) async throws(SessionEnd) {
    switch request {
    case .options, .startup, .authResponse, .register:
      pause()
      await setUp(request, header.stream)
      goOn()
    default:
      guard phase == .ready else {
        return reply(
          CQLError.violation(
            "Unexpected message \(header.opcode): the connection is not set up yet"),
          stream: header.stream)
      }
      try await start(request, header)
    }
  }

  /// Waits while the client does not read what it has asked for before, and while as many are under way as
  /// may be: what is not read here stays with the client.
  private func start(_ request: Request, _ header: FrameHeader) async throws(SessionEnd) {
    if !isRead {
      pause()
      do throws(IOFault) {
        try await stream.drain()
      } catch {
        throw .closed
      }
      goOn()
    }
    let isTraced = header.flags.contains(.tracing)
    while !hasRoom {
      pause()
      await withUnsafeContinuation { whenFewer = $0 }
      goOn()
    }
    begin()
    shard.reactor.spawn { [self] in
      await perform(request, header.stream, isTraced: isTraced)
      end()
    }
  }

  /// Another request may be under way.
  var hasRoom: Bool { underWay < settings.requestsMax }

  func begin() { underWay += 1 }

  func end() {
    underWay -= 1
    if let waiting = whenFewer.take() { waiting.resume() }
  }

  /// Who the client is from now on.
  func become(_ role: RoleDescriptor) {
    self.role = role
    phase = .ready
  }

  /// Of the client; whether it is still there is another matter.
  var roleID: ObjectID? { role?.id }

  /// By the newest catalog; nil: it has been dropped.
  var currentRole: RoleDescriptor? { role.flatMap { shard.catalog.role($0.id) } }

  func listens(to names: Set<String>) -> Bool { !events.isDisjoint(with: names) }

  func register(_ names: [String]) { events.formUnion(names) }

  /// From now on both sides send segments.
  func beginSegments() {
    guard version >= 5, segmentedFrom == nil else { return }
    segmentedFrom = output.count
    isSegmented = true
  }

  // MARK: Replies

  func reply(_ error: CQLError, stream number: Int16, _ extras: ReplyExtras = ReplyExtras()) {
    var body = BodyWriter()
    ErrorBody.write(error, into: &body)
    reply(.error, body.bytes, stream: number, extras)
  }

  private static let compressedBytesMin = 512

  func reply(
    _ opcode: Opcode, _ body: [UInt8], stream number: Int16,
    _ extras: ReplyExtras = ReplyExtras()
  ) {
    if isClosed { return }
    var flags = extras.flags
    var body = flags.isEmpty ? body : extras.bytes + body
    if let compression, phase == .ready, !isSegmented, body.count >= Self.compressedBytesMin {
      body = compression.compress(body)
      flags.insert(.compression)
    }
    FrameHeader(
      version: version, flags: flags, stream: number, opcode: opcode.rawValue, length: body.count
    ).encode(into: &output)
    output.append(contentsOf: body)
    flushSoon()
  }

  /// Writes a reply without a copy of it: `write` appends its body, or returns false, and there is none.
  @discardableResult
  func reply(stream number: Int16, _ write: (inout BodyWriter) -> Bool) -> Bool {
    if isClosed { return true }
    let start = output.count
    FrameHeader(
      version: version, flags: [], stream: number, opcode: Opcode.result.rawValue, length: 0
    )
    .encode(into: &output)
    var out = BodyWriter()
    swap(&out.bytes, &output)
    let isWritten = write(&out)
    swap(&out.bytes, &output)
    guard isWritten else {
      output.removeSubrange(start...)
      return false
    }
    let length = output.count - start - FrameHeader.bytes
    if compression != nil, !isSegmented, length >= Self.compressedBytesMin {
      let body = Array(output[(start + FrameHeader.bytes)...])
      output.removeSubrange(start...)
      reply(.result, body, stream: number)
      return true
    }
    FrameHeader.setLength(length, at: start, in: &output)
    flushSoon()
    return true
  }

  private static let unreadEventsMax = 8 << 20

  /// Something that has happened, for clients that asked.
  func push(_ event: [UInt8]) {
    var reader = BodyReader(event)
    guard
      case .success(let name) = Result(catching: { () throws(CQLError) in try reader.string() }),
      events.contains(name)
    else { return }
    // Who does not read them would have them kept here for ever.
    guard stream.queuedBytes <= Self.unreadEventsMax else { return stream.abort() }
    reply(.event, event, stream: -1)
  }

  /// Replies of one turn go out together.
  private func flushSoon() {
    guard !isFlushPlanned, !isTakingIn else { return }
    isFlushPlanned = true
    shard.reactor.after(nanoseconds: 0) { [self] in
      isFlushPlanned = false
      if !isClosed { writeOut() }
    }
  }

  private func writeOut() {
    if output.isEmpty { return }
    if let from = segmentedFrom {
      var bytes = Array(output[..<from])
      Segments.encode(Array(output[from...]), isCompressed: compression != nil, into: &bytes)
      segmentedFrom = 0
      stream.write(bytes)
    } else {
      stream.write(output)
    }
    output.removeAll(keepingCapacity: output.capacity <= 1 << 17)
    stream.flush()
  }
}

/// ERROR's body.
enum ErrorBody {
  static func write(_ error: CQLError, into out: inout BodyWriter) {
    out.int(Int(error.code.rawValue))
    out.string(error.message)
    switch error.detail {
    case .none: break
    case .unprepared(let id): out.shortBytes(id)
    case .alreadyExists(let keyspace, let table):
      out.string(keyspace)
      out.string(table)
    case .unavailable(let level):
      out.consistency(level)
      out.int(1)
      out.int(0)
    case .writeTimeout(let level, let type):
      out.consistency(level)
      out.int(0)
      out.int(1)
      out.string(type)
    case .readTimeout(let level):
      out.consistency(level)
      out.int(0)
      out.int(1)
      out.byte(0)
    case .functionFailure(let keyspace, let name, let arguments):
      out.string(keyspace)
      out.string(name)
      out.stringList(arguments)
    }
  }
}
