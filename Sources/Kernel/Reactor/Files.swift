/// The world's fault on a file or socket: the system's error number and what was being done.
public struct IOFault: Error, Equatable, Sendable, CustomStringConvertible {
  public let errno: Int32
  public let operation: String
  public init(errno: Int32, operation: String) {
    self.errno = errno
    self.operation = operation
  }
  public var description: String { "\(operation): errno \(errno)" }
}

/// Files as the log and checkpoints use them. Lives on: one shard; completions run on that shard,
/// never inside the call that started the operation. The simulator's implementation loses unsynced
/// writes, tears and fails them by seed.
public protocol FileSystem: AnyObject {
  /// Makes the directory and its parents; durable when it returns. Blocking: for start-up only.
  func makeDirectory(_ path: String) throws(IOFault)
  /// Names in the directory, sorted. Blocking.
  func list(_ directory: String) throws(IOFault) -> [String]
  /// Blocking; made durable by `syncDirectory`.
  func remove(_ path: String) throws(IOFault)
  /// Atomic; made durable by `syncDirectory`. Blocking.
  func rename(_ from: String, to: String) throws(IOFault)
  func syncDirectory(_ path: String) throws(IOFault)
  /// `direct`: writes bypass the page cache and are durable when they complete
  /// (O_DIRECT|O_DSYNC); offsets, lengths and addresses must then be multiples of 4096.
  func open(_ path: String, create: Bool, direct: Bool) throws(IOFault) -> any File
  /// The whole file, for recovery and configuration. Blocking.
  func readAll(_ path: String) throws(IOFault) -> [UInt8]
}

/// An open file. Lives on: its shard. Closed by `close()`, which waits for nothing.
public protocol File: AnyObject {
  var size: Int { get throws(IOFault) }
  /// Writes all bytes; short writes are continued inside. The buffer must stay alive and unchanged
  /// until `completion` has run.
  func write(
    _ buffer: UnsafeRawBufferPointer, at offset: Int,
    completion: @escaping (Result<Void, IOFault>) -> Void)
  /// Reads up to the buffer's size; the result is the count, less only at the end of the file.
  func read(
    into buffer: UnsafeMutableRawBufferPointer, at offset: Int,
    completion: @escaping (Result<Int, IOFault>) -> Void)
  /// fdatasync.
  func sync(completion: @escaping (Result<Void, IOFault>) -> Void)
  /// Blocking positional variants for recovery and preallocation.
  func readBlocking(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(IOFault)
    -> Int
  func writeBlocking(_ buffer: UnsafeRawBufferPointer, at offset: Int) throws(IOFault)
  func syncBlocking() throws(IOFault)
  func truncate(to size: Int) throws(IOFault)
  func close()
}
