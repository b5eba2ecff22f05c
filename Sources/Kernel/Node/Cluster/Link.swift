import Base
import Glibc
import Raft
import Reactor

/// One shard's connection to another node: what it asks, and its replicas' messages. It is made again
/// whenever it breaks. Lives on: its shard.
///
/// What is written in a turn of the loop leaves together at the turn's end. Raft's messages are dropped
/// while there is no connection or too much is queued; commands hear of it.
final class Link {
  /// What became of a command.
  enum Outcome {
    /// The other node's answer.
    case answer(UnsafeRawBufferPointer)
    /// It never left.
    case notSent
    /// It may have been carried out, or not.
    case lost
    /// The other node could not carry it out, and has done nothing.
    case refused(String)
  }

  let node: NodeID
  private unowned let cluster: Cluster
  private let reactor: any Reactor
  private var connection: Connection?
  private(set) var isReady = false
  private var isStopped = false
  private(set) var failure: String?
  /// Why the two nodes do not take one another; told once.
  private var refusal: String?
  /// Of the process at the other end, once it has answered.
  private(set) var incarnation: UInt64 = 0
  /// Of the protocol, as both ends speak it.
  private(set) var version: UInt16 = 0
  /// There and back, as last measured; nil while it is not known.
  private(set) var roundTripNanoseconds: UInt64?
  private(set) var lastRequest: UInt64 = 0
  private var pending: [UInt64: Pending] = [:]
  /// Requests that wait for the connection.
  private var queue: [UInt8] = []
  private var queued: [UInt64] = []
  private var raft = ByteWriter()
  /// Anything, on the monotonic clock.
  private(set) var lastHeard: UInt64 = 0
  private var backoffMilliseconds = minimumBackoffMilliseconds

  /// For those who look for what hangs.
  var summary: String {
    "\(node) \(isReady ? "ready" : "down") \(pending.count) pending, \(queue.count) queued"
  }

  private struct Pending {
    var tablet: TabletID?
    var body: (Outcome) -> Void
  }

  private static let minimumBackoffMilliseconds = 20
  private static let maximumBackoffMilliseconds = 1_000
  private static let queuedBytesMax = 64 << 20
  static let pingMilliseconds = 250
  /// Without a sign for so long, the connection is given up.
  private static let silenceNanoseconds: UInt64 = 1_500_000_000
  private static let connectMilliseconds = 2_000

  init(node: NodeID, cluster: Cluster, reactor: any Reactor) {
    self.node = node
    self.cluster = cluster
    self.reactor = reactor
  }

  func start() {
    reactor.spawn { [self] in
      while !isStopped {
        await connectOnce()
        end()
        if isStopped { return }
        let jitter = Int(reactor.random.next() % 10)
        await reactor.sleep(milliseconds: backoffMilliseconds + jitter)
        backoffMilliseconds = min(backoffMilliseconds * 2, Self.maximumBackoffMilliseconds)
      }
    }
    ping()
  }

  func stop() {
    isStopped = true
    connection?.abort()
    end()
  }
}

// MARK: - Sending

extension Link {
  /// Sends a command; `write` adds its fields behind the request's number. `body` runs once.
  func request(
    _ kind: Frame.Kind, tablet: TabletID?, _ write: (inout ByteWriter) -> Void,
    _ body: @escaping (Outcome) -> Void
  ) {
    if isStopped { return body(.notSent) }
    let isFull = (connection?.queuedBytes ?? 0) + queue.count > Self.queuedBytesMax
    if isFull || (!isReady && backoffMilliseconds > Self.minimumBackoffMilliseconds * 4) {
      return body(.notSent)
    }
    lastRequest += 1
    let number = lastRequest
    pending[number] = Pending(tablet: tablet, body: body)
    Frame.append(kind, to: &queue) {
      $0.varint(number)
      write(&$0)
    }
    if !isReady { queued.append(number) }
    cluster.flushLater(self)
  }

  /// Adds a message between replicas; it may get lost.
  func send(_ message: RaftMessage, of tablet: TabletID) {
    guard isReady, (connection?.queuedBytes ?? 0) + raft.count < Self.queuedBytesMax else { return }
    raft.varint(tablet.rawValue)
    message.encode(into: &raft)
    cluster.flushLater(self)
  }

  /// Adds a part of a snapshot; it may get lost.
  func sendSnapshot(of tablet: TabletID, _ bytes: [UInt8]) {
    guard isReady, (connection?.queuedBytes ?? 0) + queue.count < Self.queuedBytesMax else {
      return
    }
    Frame.append(.snapshot, to: &queue) {
      $0.varint(tablet.rawValue)
      $0.raw(bytes)
    }
    cluster.flushLater(self)
  }

  /// The turn's end: one write for everything.
  func flush() {
    guard isReady, let connection else { return }
    if raft.count > 0 {
      Frame.append(.raft, to: &queue) { $0.raw(raft.bytes) }
      raft.bytes.removeAll(keepingCapacity: raft.bytes.capacity <= 1 << 20)
    }
    if queue.isEmpty { return }
    connection.write(queue)
    queue.removeAll(keepingCapacity: queue.capacity <= 1 << 20)
    connection.flush()
  }

  func awaitsAnswer(of tablet: TabletID, upTo last: UInt64) -> Bool {
    pending.contains { $0 <= last && $1.tablet == tablet }
  }

  /// The tablet is led by another node now: whoever has waited for this one's answer since before that
  /// request waits in vain.
  func giveUp(_ tablet: TabletID, upTo last: UInt64) {
    for number in pending.keys.sorted()
    where number <= last && pending[number]?.tablet == tablet {
      pending.removeValue(forKey: number)?.body(.lost)
    }
  }
}

// MARK: - The connection

extension Link {
  private func connectOnce() async {
    guard let address = cluster.address(of: node) else { return }
    do throws(IOFault) {
      let opened = try await reactor.connect(address: address.host, port: address.port)
      connection = opened
      let limit = reactor.after(milliseconds: Self.connectMilliseconds) { [weak self] in
        if self?.isReady != true {
          self?.failure = "no answer"
          opened.abort()
        }
      }
      defer { reactor.cancel(limit) }
      try await cluster.secure(opened, host: address.host)
      var hello: [UInt8] = []
      Frame.append(.hello, to: &hello) { cluster.hello(to: node).encode(into: &$0) }
      opened.write(hello)
      opened.flush()
      try await receive(opened)
    } catch {
      // Whoever aborts has said why.
      if error.errno == ECONNABORTED { return }
      failure = "\(error)"
      if error.errno == EPROTO { noteRefusal("node \(node) at \(address): \(error.operation)") }
    }
  }

  private func receive(_ opened: Connection) async throws(IOFault) {
    var reader = FrameReader()
    while !isStopped {
      var bytes: [UInt8] = []
      if try await opened.read(into: &bytes, atMost: 1 << 16) == 0 { return }
      lastHeard = reactor.monotonicNanoseconds()
      reader.append(bytes)
      do throws(DecodingFault) {
        while try reader.next({ (kind, fields) throws(DecodingFault) in
          try take(kind, &fields)
        }) {
          if isReady { reader.bytesMax = Frame.bytesMax }
        }
      } catch {
        failure = "node \(node) sent \(error)"
        return
      }
    }
  }

  private func take(_ kind: Frame.Kind, _ fields: inout ByteReader) throws(DecodingFault) {
    switch kind {
    case .welcome:
      let hello = try Hello(from: &fields)
      guard hello.node == node, hello.cluster == cluster.identity.cluster else {
        throw .malformed("the name of node \(hello.node) of another cluster, maybe")
      }
      if let reason = cluster.objection(to: hello) { return giveUp(because: reason) }
      isReady = true
      failure = nil
      refusal = nil
      incarnation = hello.incarnation
      version = cluster.version(with: hello) ?? 0
      backoffMilliseconds = Self.minimumBackoffMilliseconds
      queued = []
      cluster.linkIsReady(self)
      flush()
    case .answer:
      let number = try fields.varint()
      let isRefused: UInt8 = try fields.integer()
      guard let waiting = pending.removeValue(forKey: number) else { return }
      if isRefused == 1 {
        waiting.body(.refused(try fields.string()))
      } else {
        waiting.body(.answer(try fields.view(fields.remaining)))
      }
    case .pong:
      if version >= Hello.levelVersion {
        let sentAt: UInt64 = try fields.integer()
        roundTripNanoseconds = reactor.monotonicNanoseconds() &- sentAt
      }
    case .refused: giveUp(because: "node \(node) refuses: \(try fields.string())")
    default: throw .malformed("a frame \(kind) as an answer")
    }
  }

  /// Both will try again, and may have been upgraded by then.
  private func giveUp(because reason: String) {
    noteRefusal(reason)
    failure = reason
    connection?.abort()
  }

  private func noteRefusal(_ reason: String) {
    if refusal != reason { cluster.linkIsRefused(reason) }
    refusal = reason
  }

  private func ping() {
    reactor.after(milliseconds: Self.pingMilliseconds) { [weak self] in
      guard let self, !isStopped else { return }
      if isReady {
        if reactor.monotonicNanoseconds() > lastHeard + Self.silenceNanoseconds {
          failure = "silent"
          connection?.abort()
        } else {
          Frame.append(.ping, to: &queue) {
            if version >= Hello.levelVersion { $0.integer(reactor.monotonicNanoseconds()) }
          }
          cluster.flushLater(self)
        }
      }
      ping()
    }
  }

  /// The connection is gone: nobody's answer will come.
  private func end() {
    let wasReady = isReady
    isReady = false
    roundTripNanoseconds = nil
    connection?.abort()
    connection = nil
    queue = []
    raft.bytes = []
    let waiting = pending.sorted { $0.key < $1.key }
    let unsent = Set(queued)
    pending = [:]
    queued = []
    for (number, entry) in waiting { entry.body(unsent.contains(number) ? .notSent : .lost) }
    if wasReady { cluster.linkIsLost(self) }
  }
}
