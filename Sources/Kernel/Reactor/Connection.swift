import Glibc

/// A byte stream to one peer. Lives on: the shard that accepted it. One task reads, one writes.
///
/// Output is queued by `write` and leaves with `flush`; `drain` waits while the peer does not read,
/// so that the queue stays near `outputBytesMax`.
public final class Connection: ReadinessWatcher {
  /// `drain` waits above this.
  public static let outputBytesMax = 1 << 20

  public let peerAddress: String
  private let reactor: EpollReactor
  private var descriptor: Int32
  private var output: [UInt8] = []
  private var sent = 0
  private var isClosing = false
  private var failure: IOFault?
  private var reader: UnsafeContinuation<Void, Never>?
  private var drainer: UnsafeContinuation<Void, Never>?

  init(reactor: EpollReactor, descriptor: Int32, peerAddress: String) throws(IOFault) {
    self.reactor = reactor
    self.descriptor = descriptor
    self.peerAddress = peerAddress
    var one: Int32 = 1
    setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, 4)
    try reactor.watch(descriptor, self)
  }

  public var queuedBytes: Int { output.count - sent }

  /// Appends what has arrived, at most `limit` bytes, waiting for the first; 0 at the end of the
  /// stream.
  public func read(into buffer: inout [UInt8], atMost limit: Int) async throws(IOFault) -> Int {
    while true {
      if descriptor < 0 { return 0 }
      let scratch = reactor.scratch
      let count = recv(descriptor, scratch.baseAddress, min(limit, scratch.count), 0)
      if count > 0 {
        buffer.append(contentsOf: scratch[..<count])
        return count
      }
      if count == 0 { return 0 }
      if errno == EINTR { continue }
      guard errno == EAGAIN else { throw IOFault(errno: errno, operation: "recv") }
      await withUnsafeContinuation { reader = $0 }
    }
  }

  /// Queues the bytes for output.
  public func write(_ bytes: [UInt8]) {
    if failure == nil && descriptor >= 0 { output.append(contentsOf: bytes) }
  }

  /// Sends what is queued, as far as the peer takes it; the rest follows by itself.
  public func flush() {
    while descriptor >= 0 && sent < output.count {
      let count = output.withUnsafeBytes { bytes in
        send(
          descriptor, bytes.baseAddress! + sent, bytes.count - sent, Int32(MSG_NOSIGNAL))
      }
      if count > 0 {
        sent += count
      } else if errno == EAGAIN {
        break
      } else if errno != EINTR {
        failure = IOFault(errno: errno, operation: "send")
        output.removeAll()
        sent = 0
      }
    }
    if sent == output.count {
      output.removeAll(keepingCapacity: output.capacity <= 1 << 18)
      sent = 0
      if isClosing { closeNow() }
    } else if sent > 1 << 18 {
      output.removeFirst(sent)
      sent = 0
    }
    if queuedBytes <= Self.outputBytesMax / 2 || failure != nil, let waiting = drainer {
      drainer = nil
      waiting.resume()
    }
  }

  /// Sends, and waits while more than `outputBytesMax` is queued.
  public func drain() async throws(IOFault) {
    flush()
    while queuedBytes > Self.outputBytesMax && failure == nil && descriptor >= 0 {
      await withUnsafeContinuation { drainer = $0 }
    }
    if let failure { throw failure }
  }

  /// Closes once what is queued has been sent.
  public func close() {
    isClosing = true
    flush()
    if failure != nil { closeNow() }
  }

  /// Closes at once; what is queued is lost.
  public func abort() { closeNow() }

  private func closeNow() {
    guard descriptor >= 0 else { return }
    reactor.unwatch(descriptor)
    Glibc.close(descriptor)
    descriptor = -1
    resumeAll()
  }

  private func resumeAll() {
    if let waiting = reader {
      reader = nil
      waiting.resume()
    }
    if let waiting = drainer {
      drainer = nil
      waiting.resume()
    }
  }

  func becameReady(readable: Bool, writable: Bool) {
    if readable, let waiting = reader {
      reader = nil
      waiting.resume()
    }
    if writable { flush() }
  }
}
