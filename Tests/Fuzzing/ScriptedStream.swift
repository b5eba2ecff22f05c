public import Reactor

/// A client in memory: gives its bytes in pieces, then ends; keeps what the server says. Lives on:
/// the session's shard.
public final class ScriptedStream: ByteStream {
  public let peerAddress: String
  public let tlsServerEndpointHash: [UInt8]? = nil
  private var pieces: [[UInt8]]
  public private(set) var received: [UInt8] = []
  public private(set) var isClosed = false

  /// `pieces` come one by one, in their order.
  public init(pieces: [[UInt8]], peerAddress: String = "127.0.0.1:1") {
    self.pieces = pieces.reversed()
    self.peerAddress = peerAddress
  }

  public func read(into buffer: inout [UInt8], atMost limit: Int) async throws(IOFault) -> Int {
    if isClosed { throw IOFault(errno: 104, operation: "recv") }
    guard var piece = pieces.popLast() else { return 0 }
    if piece.count > limit {
      pieces.append(Array(piece[limit...]))
      piece = Array(piece[..<limit])
    }
    buffer += piece
    return piece.count
  }

  public func write(_ bytes: [UInt8]) { if !isClosed { received += bytes } }
  public func write(_ bytes: UnsafeRawBufferPointer) { if !isClosed { received += bytes } }
  public func flush() {}
  public func drainAtOnce() throws(IOFault) -> Bool {
    if isClosed { throw IOFault(errno: 104, operation: "send") }
    return true
  }
  public func drain() async throws(IOFault) {
    if isClosed { throw IOFault(errno: 104, operation: "send") }
  }
  public func startTLS(_ context: TLSContext) async throws(IOFault) {
    throw IOFault(errno: 71, operation: "startTLS")
  }
  public var queuedBytes: Int { 0 }
  public func close() { isClosed = true }
  public func abort() { isClosed = true }
}
