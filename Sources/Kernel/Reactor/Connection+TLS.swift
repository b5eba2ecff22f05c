import Base
import Glibc

extension Connection {
  /// The handshake, as the context's side (server or client); afterwards reads and writes are over
  /// TLS. What is queued still leaves in the clear, before it. Bytes that the peer sent in clear before
  /// the handshake must have been read, and are the caller's to refuse.
  public func startTLS(_ context: TLSContext) async throws(IOFault) {
    try await startTLS(context, peer: nil)
  }

  /// With a context for both sides: as the one that opens, whose peer's certificate must be for that name
  /// or address; nil: as the other.
  public func startTLS(_ context: TLSContext, peer: String?) async throws(IOFault) {
    invariant(tls == nil, "startTLS twice on one connection")
    let session = try context.makeSession(peer: peer)
    tls = session
    while true {
      let progress = try check { () throws(IOFault) in try session.handshake() }
      queueCiphertext(from: session)
      switch progress {
      case .done:
        tlsServerEndpointHash = session.serverEndpointHash()
        return
      case .wantsInput:
        while try await !feed(session) { await waitForInput() }
      }
    }
  }

  /// One receive for the handshake. False when nothing has arrived.
  private func feed(_ session: TLSSession) async throws(IOFault) -> Bool {
    guard let count = try receive(into: scratch.bytes) else { return false }
    if count == 0 {
      let ended = IOFault(errno: ECONNRESET, operation: "TLS handshake: end of stream")
      fail(ended)
      throw ended
    }
    session.feed(UnsafeRawBufferPointer(rebasing: scratch.bytes[..<count]))
    return true
  }

  /// As `readIfReady`, through TLS.
  func readDecrypted(into buffer: inout [UInt8], atMost limit: Int) throws(IOFault) -> Int? {
    guard let session = tls else { return nil }
    let memory = UnsafeMutableRawBufferPointer(
      rebasing: scratch.bytes[..<min(limit, scratch.capacity)])
    while true {
      let result = try check { () throws(IOFault) in try session.decrypt(into: memory) }
      if session.hasCiphertext { queueCiphertext(from: session) }
      switch result {
      case .bytes(let count):
        buffer.append(contentsOf: UnsafeRawBufferPointer(rebasing: memory[..<count]))
        return count
      case .end:
        return 0
      case .wantsInput:
        guard let count = try receive(into: scratch.bytes) else { return nil }
        // Without the alert the stream may have been cut short: not the peer's will.
        if count == 0 {
          let cut = IOFault(errno: ECONNRESET, operation: "TLS: end of stream without close_notify")
          fail(cut)
          throw cut
        }
        session.feed(UnsafeRawBufferPointer(rebasing: scratch.bytes[..<count]))
      }
    }
  }

  private func check<Value>(_ body: () throws(IOFault) -> Value) throws(IOFault) -> Value {
    do {
      return try body()
    } catch {
      if let tls { queueCiphertext(from: tls) }
      fail(error, aborting: false)
      throw error
    }
  }
}
