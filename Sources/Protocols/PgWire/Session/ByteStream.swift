public import Reactor

/// What a session needs of its connection; tests give one in memory.
public protocol ByteStream: AnyObject {
  func read(into buffer: inout [UInt8], atMost limit: Int) async throws(IOFault) -> Int
  func write(_ bytes: [UInt8])
  func drain() async throws(IOFault)
  func close()
}

extension Connection: ByteStream {}
