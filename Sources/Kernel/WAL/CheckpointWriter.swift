import Base
public import Reactor

/// Writes one checkpoint file, a block at a time. Lives on: its shard.
///
/// Order: blocks into a temporary file → end block → the file synced → renamed over the tablet's
/// earlier checkpoint → the directory synced. Whatever stops in between leaves the earlier one.
/// One operation is under way at a time: the caller goes on in the completion.
public final class CheckpointWriter {
  /// The kernel is told to write back after so much, so that the last sync is short and the log's
  /// writes never stand behind all of it.
  private static let syncBytes = 8 << 20

  public let header: CheckpointHeader
  /// Bytes of the file so far.
  public private(set) var bytes = 0
  private let fileSystem: any FileSystem
  private let directory: String
  private let file: any File
  private let compressor = Compressor()
  /// What is being written; kept until the write has ended.
  private var buffer: UnsafeMutableRawBufferPointer?
  private var blocks: UInt64 = 0
  private var unsynced = 0

  private var target: String { directory + "/" + CheckpointFormat.fileName(header.tablet) }
  private var temporary: String { Self.temporary(header.tablet, in: directory) }

  private static func temporary(_ tablet: TabletID, in directory: String) -> String {
    let name = CheckpointFormat.fileName(tablet).dropLast(CheckpointFormat.suffix.count)
    return directory + "/" + name + CheckpointFormat.temporarySuffix
  }

  /// Makes the temporary file; an earlier attempt's is emptied.
  public init(
    fileSystem: any FileSystem, directory: String, header: CheckpointHeader
  ) throws(WALError) {
    self.fileSystem = fileSystem
    self.directory = directory
    self.header = header
    do throws(IOFault) {
      file = try fileSystem.open(
        Self.temporary(header.tablet, in: directory), create: true, direct: false)
      try file.truncate(to: 0)
    } catch {
      throw .io(error)
    }
  }

  deinit { buffer?.deallocate() }

  /// Writes one block of content.
  public func write(
    _ kind: CheckpointBlock, _ content: [UInt8],
    completion: @escaping (Result<Void, WALError>) -> Void
  ) {
    invariant(buffer == nil, "a block is being written")
    invariant(
      content.count <= CheckpointFormat.contentBytesMax, "block of \(content.count) bytes")
    let front = bytes == 0 ? CheckpointFormat.encode(header) : []
    let memory = UnsafeMutableRawBufferPointer.allocate(
      byteCount: front.count + CheckpointFormat.blockHeaderBytes
        + Compressor.bound(content.count), alignment: 8)
    buffer = memory
    memory.copyBytes(from: front)
    let offset = bytes
    let count =
      front.count
      + seal(
        kind, content, into: UnsafeMutableRawBufferPointer(rebasing: memory[front.count...]),
        at: offset + front.count)
    blocks += 1
    bytes += count
    unsynced += count
    file.write(UnsafeRawBufferPointer(rebasing: memory[..<count]), at: offset) {
      [self] result in
      buffer?.deallocate()
      buffer = nil
      guard case .success = result, unsynced >= Self.syncBytes else {
        return completion(result.mapError { .io($0) })
      }
      unsynced = 0
      file.sync { completion($0.mapError { .io($0) }) }
    }
  }

  /// Makes the block; returns its size.
  private func seal(
    _ kind: CheckpointBlock, _ content: [UInt8], into block: UnsafeMutableRawBufferPointer,
    at offset: Int
  ) -> Int {
    let body = UnsafeMutableRawBufferPointer(
      rebasing: block[CheckpointFormat.blockHeaderBytes...])
    let stored = content.withUnsafeBytes { compressor.compress($0, into: body) }
    var head = ByteWriter(reserving: CheckpointFormat.blockHeaderBytes)
    head.integer(CheckpointFormat.blockMagic)
    head.integer(kind.rawValue)
    head.integer(UInt32(content.count))
    head.integer(UInt32(stored))
    head.integer(
      CheckpointFormat.checksum(
        head.bytes, header, offset: offset,
        stored: UnsafeRawBufferPointer(rebasing: body[..<stored])))
    block.copyBytes(from: head.bytes)
    return CheckpointFormat.blockHeaderBytes + stored
  }

  /// Ends the file and syncs it. It counts only after `publish`.
  public func finish(completion: @escaping (Result<Void, WALError>) -> Void) {
    var content = ByteWriter(reserving: 8)
    content.integer(blocks)
    write(.end, content.bytes) { [self] result in
      guard case .success = result else { return completion(result) }
      file.sync { completion($0.mapError { .io($0) }) }
    }
  }

  /// Puts the finished file in the place of the tablet's earlier checkpoint, durably.
  public func publish() throws(WALError) {
    do throws(IOFault) {
      file.close()
      try fileSystem.rename(temporary, to: target)
      try fileSystem.syncDirectory(directory)
    } catch {
      throw .io(error)
    }
  }

  /// Gives the unfinished file up. No operation may be under way.
  public func abandon() {
    file.close()
    do throws(IOFault) {
      try fileSystem.remove(temporary)
    } catch {
      // What is left is emptied by the next attempt and removed at the next start.
    }
  }
}
