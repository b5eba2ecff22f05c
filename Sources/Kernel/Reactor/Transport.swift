/// The raw byte stream under a `Connection`: a socket or the simulator's pipe. Lives on: its shard.
protocol Transport: AnyObject {
  /// "address:port" of the other side.
  var peerAddress: String { get }
  /// Told of readiness; nil once closed.
  var owner: Connection? { get set }
  /// Takes at least one byte; 0 is the end of the stream, nil "nothing yet".
  func receive(into memory: UnsafeMutableRawBufferPointer) throws(IOFault) -> Int?
  /// Gives some bytes; nil is "no room yet".
  func send(_ bytes: UnsafeRawBufferPointer) throws(IOFault) -> Int?
  /// Ends the stream after what was sent; `aborting`: with a reset. Closing twice does nothing.
  func close(aborting: Bool)
}
