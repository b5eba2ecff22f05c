import Base
import Glibc

/// A byte stream, plain or under TLS, with buffered output. Lives on: its shard. It stays open until
/// it is closed or fails, even when unreferenced.
///
/// Faults are sticky: once one was thrown, every later read, drain and handshake throws it.
public final class Connection {
  /// "address:port" of the other side.
  public let peerAddress: String
  /// Bytes queued beyond which `drain` waits: a peer that does not read stops its own session, not
  /// the shard. What is queued exceeds it by at most what a session writes between two drains.
  public var outputBytesMax = 1 << 20
  /// The hash of the server's certificate, for channel binding "tls-server-end-point" (RFC 5929);
  /// nil without TLS.
  public internal(set) var tlsServerEndpointHash: [UInt8]?

  let transport: any Transport
  private unowned let reactor: any Reactor
  /// Receives on behalf of all connections of the shard, before bytes reach their own buffer.
  let scratch: AlignedBuffer
  var tls: TLSSession?

  /// Output from `outputStart` on is queued; under TLS it is ciphertext.
  private var output: [UInt8] = []
  private var outputStart = 0
  /// Under TLS: what was written since the last flush.
  private var plainOutput: [UInt8] = []
  /// What TLS itself has made since all output was last sent.
  private var unsentProtocolBytes = 0
  private static let unsentProtocolBytesMax = 1 << 18

  private var readsWithoutWait = 0
  private static let readsPerTurnMaximum = 2
  private var readWaiter: UnsafeContinuation<Void, Never>?
  private var drainWaiters: [UnsafeContinuation<Void, Never>] = []
  private var fault: IOFault?
  private var isClosing = false
  private var isEnded = false
  private var lingerTimer: TimerToken?
  /// How long a closing connection waits for its peer to take what is queued.
  private static let lingerMilliseconds = 5_000

  init(_ transport: any Transport, _ reactor: any Reactor, _ scratch: AlignedBuffer) {
    self.transport = transport
    self.reactor = reactor
    self.scratch = scratch
    peerAddress = transport.peerAddress
    transport.owner = self
  }

  // MARK: Input

  /// Appends the next bytes to `buffer`: at least 1, at most `limit`, 0 at the end of the stream.
  /// Does not suspend when bytes are there, but a peer that sends without end waits for the shard's
  /// next turn now and then, so that the others get theirs. One reader at a time.
  public func read(into buffer: inout [UInt8], atMost limit: Int) async throws(IOFault) -> Int {
    while true {
      if let count = try readIfReady(into: &buffer, atMost: limit) {
        readsWithoutWait += 1
        if readsWithoutWait == Connection.readsPerTurnMaximum {
          readsWithoutWait = 0
          await reactor.sleep(nanoseconds: 0)
        }
        return count
      }
      readsWithoutWait = 0
      await waitForInput()
    }
  }

  /// As `read`, but nil instead of suspending.
  public func readIfReady(
    into buffer: inout [UInt8], atMost limit: Int
  ) throws(IOFault) -> Int? {
    invariant(limit > 0, "a read of \(limit) bytes")
    if let fault { throw fault }
    if isClosing { throw IOFault(errno: ECANCELED, operation: "read") }
    if tls != nil { return try readDecrypted(into: &buffer, atMost: limit) }
    let memory = UnsafeMutableRawBufferPointer(
      rebasing: scratch.bytes[..<min(limit, scratch.capacity)])
    guard let count = try receive(into: memory) else { return nil }
    buffer.append(contentsOf: UnsafeRawBufferPointer(rebasing: memory[..<count]))
    return count
  }

  /// Raw bytes from the transport; a fault sticks.
  func receive(into memory: UnsafeMutableRawBufferPointer) throws(IOFault) -> Int? {
    do {
      return try transport.receive(into: memory)
    } catch {
      fail(error)
      throw error
    }
  }

  /// Until the transport has something, or the connection ended.
  func waitForInput() async {
    invariant(readWaiter == nil, "two readers on one connection")
    if fault != nil || isClosing { return }
    await withUnsafeContinuation { readWaiter = $0 }
  }

  // MARK: Output

  private static let sharedBytesMin = 64 << 10

  /// Bytes written and not yet taken by the system.
  public var queuedBytes: Int { output.count - outputStart + plainOutput.count }

  /// Queues for output; dropped after a close or fault. Never suspends, and sends nothing before
  /// `flush`. Many bytes with none before them are not copied.
  public func write(_ bytes: [UInt8]) {
    if fault != nil || isClosing { return }
    if tls == nil {
      if output.isEmpty, bytes.count >= Connection.sharedBytesMin {
        output = bytes
        return
      }
      output.append(contentsOf: bytes)
    } else {
      plainOutput.append(contentsOf: bytes)
    }
  }

  public func write(_ bytes: UnsafeRawBufferPointer) {
    if fault != nil || isClosing { return }
    if tls == nil {
      output.append(contentsOf: bytes)
    } else {
      plainOutput.append(contentsOf: bytes)
    }
  }

  /// Starts sending all that is queued; what the system does not take now follows by itself.
  public func flush() {
    if fault != nil || isEnded { return }
    if let tls, !plainOutput.isEmpty {
      do {
        try plainOutput.withUnsafeBufferPointer { (bytes) throws(IOFault) in
          try tls.encrypt(UnsafeRawBufferPointer(bytes), into: &output)
        }
        plainOutput.removeAll(keepingCapacity: plainOutput.capacity <= 1 << 16)
      } catch {
        fail(error)
        return
      }
    }
    sendQueued()
  }

  /// As `drain`, but false instead of suspending.
  public func drainAtOnce() throws(IOFault) -> Bool {
    flush()
    if let fault { throw fault }
    return queuedBytes <= outputBytesMax
  }

  /// Flushes, and suspends while more than `outputBytesMax` is queued.
  public func drain() async throws(IOFault) {
    flush()
    while true {
      if let fault { throw fault }
      if queuedBytes <= outputBytesMax { return }
      await withUnsafeContinuation { drainWaiters.append($0) }
    }
  }

  /// Ciphertext that TLS itself made: handshake, alerts, key updates. A peer that causes much of it
  /// and reads none is cut off.
  func queueCiphertext(from tls: TLSSession) {
    let before = output.count
    tls.takeCiphertext(into: &output)
    unsentProtocolBytes += output.count - before
    sendQueued()
    if unsentProtocolBytes > Connection.unsentProtocolBytesMax {
      fail(IOFault(errno: EPROTO, operation: "TLS: the peer does not read"))
    }
  }

  private func sendQueued() {
    while outputStart < output.count && !isEnded {
      do {
        let count = try output.withUnsafeBufferPointer { (bytes) throws(IOFault) in
          try transport.send(
            UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: bytes[outputStart...])))
        }
        guard let count else { break }
        outputStart += count
      } catch {
        fail(error)
        return
      }
    }
    if outputStart == output.count {
      output.removeAll(keepingCapacity: output.capacity <= 1 << 16)
      outputStart = 0
      unsentProtocolBytes = 0
    } else if outputStart >= 1 << 18 && outputStart * 2 > output.count {
      output.removeFirst(outputStart)
      outputStart = 0
    }
    if queuedBytes <= outputBytesMax { wakeDrainers() }
    if isClosing && queuedBytes == 0 { end(aborting: false) }
  }

  // MARK: Events and the end

  func transportReady(readable: Bool, writable: Bool) {
    if writable && outputStart < output.count { sendQueued() }
    if readable { wakeReader() }
  }

  /// Sends what is queued, then ends the stream; gives up after five seconds. A waiting reader gets
  /// ECANCELED.
  public func close() {
    if isClosing || isEnded { return }
    flush()
    if let tls, !isEnded {
      tls.beginClose()
      tls.takeCiphertext(into: &output)
    }
    isClosing = true
    sendQueued()
    wakeReader()
    if !isEnded {
      lingerTimer = reactor.after(milliseconds: Connection.lingerMilliseconds) { [self] in
        lingerTimer = nil
        end(aborting: true)
      }
    }
  }

  /// Ends the stream at once with a reset; what is queued is lost.
  public func abort() { fail(IOFault(errno: ECONNABORTED, operation: "abort")) }

  /// `aborting` false: what the system has taken, an alert say, still reaches the peer.
  func fail(_ reason: IOFault, aborting: Bool = true) {
    if fault == nil { fault = reason }
    end(aborting: aborting)
  }

  private func end(aborting: Bool) {
    if isEnded { return }
    isEnded = true
    isClosing = true
    output = []
    outputStart = 0
    plainOutput = []
    if let lingerTimer { reactor.cancel(lingerTimer) }
    lingerTimer = nil
    transport.close(aborting: aborting)
    wakeReader()
    wakeDrainers()
  }

  private func wakeReader() {
    let waiter = readWaiter.take()
    waiter?.resume()
  }

  private func wakeDrainers() {
    if drainWaiters.isEmpty { return }
    let waiters = drainWaiters
    drainWaiters = []
    for waiter in waiters { waiter.resume() }
  }
}
