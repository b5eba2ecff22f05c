/// What a session needs of its connection; tests give one in memory.
public protocol ByteStream: AnyObject {
  /// "address:port" of the other side.
  var peerAddress: String { get }
  /// What the other side can bind its login to (RFC 5929); nil without TLS.
  var tlsServerEndpointHash: [UInt8]? { get }
  func read(into buffer: inout [UInt8], atMost limit: Int) async throws(IOFault) -> Int
  func write(_ bytes: [UInt8])
  func write(_ bytes: UnsafeRawBufferPointer)
  /// Starts sending what was written; never waits.
  func flush()
  /// Bytes written and not yet taken by the system.
  var queuedBytes: Int { get }
  /// Sends what was written. False: the peer does not read, so `drain` has to wait.
  func drainAtOnce() throws(IOFault) -> Bool
  /// Sends what was written, and waits while the peer does not read.
  func drain() async throws(IOFault)
  /// The server's side of the handshake; what was written before still leaves in the clear.
  func startTLS(_ context: TLSContext) async throws(IOFault)
  func close()
  /// Ends the stream at once; what is queued is lost.
  func abort()
}

extension ByteStream {
  /// The other side is on this host.
  public var isFromLoopback: Bool { PeerAddress.isLoopback(peerAddress) }
}

/// The other side of a connection, as "address:port".
enum PeerAddress {
  static func isLoopback(_ address: String) -> Bool {
    ["127.", "[::1]:", "[::ffff:127."].contains { address.hasPrefix($0) }
  }
}

extension Connection: ByteStream {}
