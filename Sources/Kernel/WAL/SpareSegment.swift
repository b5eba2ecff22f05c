import Base
import Reactor

/// A segment made ahead of its use: all of its blocks are written once, since a direct write into a
/// hole or past the end costs several times as much. Lives on: the log's shard.
final class SpareSegment {
  private static let name = "next.spare"
  private static let chunkBytes = 1 << 20

  private let fileSystem: any FileSystem
  private let directory: String
  private let bytes: Int
  private var file: (any File)?
  private(set) var isReady = false

  init(_ fileSystem: any FileSystem, _ directory: String, bytes: Int) {
    self.fileSystem = fileSystem
    self.directory = directory
    self.bytes = bytes
  }

  private var path: String { directory + "/" + Self.name }

  /// A spare that was not finished or not used before a crash says nothing.
  static func removeLeftovers(_ fileSystem: any FileSystem, _ directory: String) throws(WALError) {
    do throws(IOFault) {
      for name in try fileSystem.list(directory) where name == Self.name {
        try fileSystem.remove(directory + "/" + name)
      }
    } catch {
      throw .io(error)
    }
  }

  /// Blocking: the first segment of a new log.
  static func makeFirst(
    _ fileSystem: any FileSystem, _ directory: String, shard: UInt32, bytes: Int
  ) throws(WALError) -> (path: String, file: any File) {
    let spare = SpareSegment(fileSystem, directory, bytes: bytes)
    do throws(IOFault) {
      let file = try fileSystem.open(spare.path, create: true, direct: true)
      let zeros = AlignedBuffer(capacity: min(chunkBytes, bytes))
      var offset = 0
      while offset < bytes {
        let count = min(zeros.capacity, bytes - offset)
        try file.writeBlocking(UnsafeRawBufferPointer(rebasing: zeros.bytes[..<count]), at: offset)
        offset += count
      }
      let header = Self.header(generation: 1, firstSequence: 1, shard: shard, bytes: bytes)
      try file.writeBlocking(UnsafeRawBufferPointer(header.bytes), at: 0)
      let path = directory + "/" + LogRecovery.fileName(1)
      try fileSystem.rename(spare.path, to: path)
      try fileSystem.syncDirectory(directory)
      return (path, file)
    } catch {
      throw .io(error)
    }
  }

  private static func header(
    generation: UInt64, firstSequence: UInt64, shard: UInt32, bytes: Int
  ) -> AlignedBuffer {
    let block = AlignedBuffer(capacity: LogFormat.block)
    LogFormat.write(
      LogFormat.SegmentHeader(
        shard: shard, generation: generation, segmentBytes: UInt64(bytes),
        firstSequence: firstSequence), into: block.bytes)
    return block
  }

  /// Takes over a segment that no tablet needs; the generation in every checksum keeps its old
  /// bytes from passing.
  func recycle(_ oldPath: String) throws(IOFault) {
    try fileSystem.rename(oldPath, to: path)
    try fileSystem.syncDirectory(directory)
    file = try fileSystem.open(path, create: false, direct: true)
    isReady = true
  }

  /// Writes all blocks, a chunk at a time, beside the shard's other work.
  func prepare(_ completion: @escaping (Result<Void, IOFault>) -> Void) {
    do throws(IOFault) {
      let opened = try fileSystem.open(path, create: true, direct: true)
      file = opened
      fill(opened, AlignedBuffer(capacity: min(Self.chunkBytes, bytes)), from: 0, completion)
    } catch {
      completion(.failure(error))
    }
  }

  /// What was written of it goes, so that others have the room.
  func giveUp() throws(IOFault) {
    file?.close()
    file = nil
    if try fileSystem.list(directory).contains(Self.name) { try fileSystem.remove(path) }
  }

  private func fill(
    _ file: any File, _ zeros: AlignedBuffer, from offset: Int,
    _ completion: @escaping (Result<Void, IOFault>) -> Void
  ) {
    if offset == bytes {
      isReady = true
      return completion(.success(()))
    }
    let count = min(zeros.capacity, bytes - offset)
    let chunk = UnsafeRawBufferPointer(rebasing: zeros.bytes[..<count])
    file.write(chunk, at: offset) { [self] result in
      switch result {
      case .failure(let fault): completion(.failure(fault))
      case .success: fill(file, zeros, from: offset + count, completion)
      }
    }
  }

  /// Becomes the segment `generation`: header first, then the name, both durable.
  func adopt(
    generation: UInt64, firstSequence: UInt64, shard: UInt32,
    _ completion: @escaping (Result<(path: String, file: any File), WALError>) -> Void
  ) {
    guard let file, isReady else { fatalError("invariant: an unfinished spare segment was used") }
    let header = Self.header(
      generation: generation, firstSequence: firstSequence, shard: shard, bytes: bytes)
    file.write(UnsafeRawBufferPointer(header.bytes), at: 0) { [self] result in
      // Keeps the block alive until the write has ended.
      withExtendedLifetime(header) {}
      let target = directory + "/" + LogRecovery.fileName(generation)
      do throws(IOFault) {
        try result.get()
        try fileSystem.rename(path, to: target)
        try fileSystem.syncDirectory(directory)
        completion(.success((target, file)))
      } catch {
        completion(.failure(.io(error)))
      }
    }
  }
}
