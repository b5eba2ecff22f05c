import Base
import Catalog
public import Node
public import Reactor

/// One client's connection. Lives on: the shard that accepted it.
///
/// Requests are answered one after the other, in their order, as the protocol wants: a client that waits for
/// records or for its group uses connections of their own for that. So one request and one response are
/// all that a connection holds. What cannot be read ends it.
public final class KafkaSession {
  let stream: any ByteStream
  let shard: NodeShard
  let settings: KafkaSettings
  let state: KafkaShard
  let startsTLS: Bool

  private var input: [UInt8] = []
  private var used = 0
  var phase = Phase.fresh
  private(set) var role: RoleDescriptor?
  /// The partitions that the client reads again and again (KIP-227).
  var fetchSession: FetchSession?
  /// Until then nothing is read: the client has had more than its quota.
  var throttledUntil: Int64 = 0
  /// The response under way is the connection's last.
  var endsAfterResponse = false

  enum Phase {
    case fresh
    /// A mechanism has been agreed upon; `isFramed`: its messages come as requests.
    case authenticating(Authentication, isFramed: Bool)
    case ready
  }

  /// Why reading ends: the peer is gone, or sends what cannot be read.
  enum SessionEnd: Error { case closed }

  /// `startsTLS`: the connection begins with the handshake.
  public init(
    stream: any ByteStream, shard: NodeShard, settings: KafkaSettings, startsTLS: Bool = false
  ) {
    self.stream = stream
    self.shard = shard
    self.settings = settings
    self.startsTLS = startsTLS
    state = KafkaShard.of(shard, settings)
  }

  /// Serves the connection until either side ends it.
  public func run() async {
    let admission = settings.connections.enter()
    defer { settings.connections.leave() }
    // The protocol has no words for it before the first request.
    guard admission == .served else { return stream.close() }
    let limit = shard.reactor.after(milliseconds: settings.startupMilliseconds) { [self] in
      if !isReady { stream.abort() }
    }
    do throws(SessionEnd) {
      if startsTLS { try await secure() }
      if let role = unasked { become(role) }
      while true {
        if throttledUntil > state.now {
          await shard.reactor.sleep(milliseconds: Int(throttledUntil - state.now))
        }
        try await serve(try await nextFrame())
      }
    } catch {
      // Nothing is left to say: no response fits what was not understood.
    }
    shard.reactor.cancel(limit)
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

  var isReady: Bool { if case .ready = phase { true } else { false } }

  /// Who the client is from now on.
  func become(_ role: RoleDescriptor) {
    self.role = role
    phase = .ready
  }

  /// By the newest catalog; nil: it has been dropped, or may not log in any more.
  var currentRole: RoleDescriptor? {
    role.flatMap { shard.catalog.role($0.id) }.flatMap { $0.canLogin ? $0 : nil }
  }

  // MARK: Reading

  private static let readBytes = 1 << 16
  private static let lengthBytes = 4

  private func need(_ count: Int) async throws(SessionEnd) {
    while input.count - used < count {
      if used > 0 {
        input.removeFirst(used)
        used = 0
      }
      let read: Int
      do throws(IOFault) {
        read = try await stream.read(into: &input, atMost: Self.readBytes)
      } catch {
        throw .closed
      }
      if read == 0 { throw .closed }
    }
  }

  /// A frame's content. The length is looked at before there is room made for it.
  private func nextFrame() async throws(SessionEnd) -> [UInt8] {
    try await need(Self.lengthBytes)
    let length = input[used..<used + Self.lengthBytes].reduce(0) { $0 << 8 | Int($1) }
    let limit = isReady ? KafkaSettings.requestBytesMax : KafkaSettings.earlyRequestBytesMax
    guard length <= limit else { throw .closed }
    try await need(Self.lengthBytes + length)
    let start = used + Self.lengthBytes
    used = start + length
    defer {
      if used == input.count {
        input.removeAll(keepingCapacity: input.capacity <= 1 << 18)
        used = 0
      }
    }
    return Array(input[start..<start + length])
  }

  // MARK: Requests

  private func serve(_ frame: [UInt8]) async throws(SessionEnd) {
    if case .authenticating(_, isFramed: false) = phase {
      return try await send([try await takeBareToken(frame)])
    }
    let response: [[UInt8]]?
    do throws(MessageFault) {
      response = try await answer(frame)
    } catch {
      throw .closed
    }
    guard let response else { throw .closed }
    try await send(response)
    if endsAfterResponse { throw .closed }
  }

  /// Nil: the connection ends.
  private func answer(_ frame: [UInt8]) async throws(MessageFault) -> [[UInt8]]? {
    let header = try RequestHeader.peek(frame)
    guard let key = header.key else { return nil }
    guard key.versions.served.contains(header.version) else {
      guard key == .apiVersions else { return nil }
      return ResponseFrame.encode(
        [ApiVersions.unknownVersionBody], correlation: header.correlation, hasTags: false)
    }
    let request = try Request(frame, header, key)
    guard isReady || key == .apiVersions || key == .saslHandshake || key == .saslAuthenticate
    else { return nil }
    guard let body = try await handle(request) else { return nil }
    return ResponseFrame.encode(body, for: request)
  }

  /// Waits while the client does not read: what it asks next stays with it, and of what it asked no more than
  /// the next piece is queued. Small pieces go together, large ones from where they are.
  private func send(_ pieces: [[UInt8]]) async throws(SessionEnd) {
    do throws(IOFault) {
      for piece in pieces {
        let isLarge = piece.count >= Self.largePieceBytes
        if isLarge { stream.flush() }
        stream.write(piece)
        if isLarge, try !stream.drainAtOnce() { try await stream.drain() }
      }
      if try !stream.drainAtOnce() { try await stream.drain() }
    } catch {
      throw .closed
    }
  }

  private static let largePieceBytes = 64 << 10
}
