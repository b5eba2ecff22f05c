public import Base
public import Reactor

/// Reads the checkpoints of a shard at start. Blocking. Damage is never skipped: entries below a
/// checkpoint's index may be gone from the log.
public struct CheckpointReader {
  private let fileSystem: any FileSystem
  private let directory: String
  private let decompressor = Decompressor()

  /// Makes the directory where it is missing.
  public init(fileSystem: any FileSystem, directory: String) throws(WALError) {
    self.fileSystem = fileSystem
    self.directory = directory
    do throws(IOFault) {
      try fileSystem.makeDirectory(directory)
    } catch {
      throw .io(error)
    }
  }

  /// The tablets that have a checkpoint, in order. Removes what a crash left unfinished; other
  /// files are left alone.
  public func tablets() throws(WALError) -> [TabletID] {
    do throws(IOFault) {
      var found: [TabletID] = []
      for name in try fileSystem.list(directory) {
        if name.hasSuffix(CheckpointFormat.temporarySuffix) {
          try fileSystem.remove(directory + "/" + name)
        } else if name.hasSuffix(CheckpointFormat.suffix),
          let number = UInt64(name.dropLast(CheckpointFormat.suffix.count))
        {
          found.append(TabletID(rawValue: number))
        }
      }
      return found.sorted()
    } catch {
      throw .io(error)
    }
  }

  /// Gives the blocks to `body` in the file's order, each after its checksum was right; the bytes
  /// are borrowed. The end block is not shown. A fault that `body` throws is damage at its block.
  public func read(
    _ tablet: TabletID,
    _ body: (CheckpointHeader, CheckpointBlock, UnsafeRawBufferPointer) throws(DecodingFault) ->
      Void
  ) throws(WALError) -> CheckpointHeader {
    let path = directory + "/" + CheckpointFormat.fileName(tablet)
    let source: Source
    do throws(IOFault) {
      let file = try fileSystem.open(path, create: false, direct: false)
      source = Source(file: file, path: path, size: try file.size)
    } catch {
      throw .io(error)
    }
    defer { source.file.close() }
    let header = try header(of: tablet, source)
    var offset = CheckpointFormat.headerBytes
    var blocks: UInt64 = 0
    let stored = Scratch()
    let content = Scratch()
    while true {
      let start = offset
      let head = try blockHeader(source, at: start)
      offset += CheckpointFormat.blockHeaderBytes
      let frame = try source.read(head.storedBytes, at: offset, into: stored, block: start)
      offset += head.storedBytes
      let checksum = CheckpointFormat.checksum(head.head, header, offset: start, stored: frame)
      guard checksum == head.checksum, let kind = CheckpointBlock(rawValue: head.kind) else {
        throw .damaged(file: path, offset: start)
      }
      let target = content.bytes(head.contentBytes)
      guard decompressor.fill(target, from: frame) else {
        throw .damaged(file: path, offset: start)
      }
      do throws(DecodingFault) {
        if kind == .end {
          var reader = ByteReader(UnsafeRawBufferPointer(target))
          let count: UInt64 = try reader.integer()
          guard count == blocks, reader.isAtEnd, offset == source.size else {
            throw .malformed("the end does not fit")
          }
          return header
        }
        try body(header, kind, UnsafeRawBufferPointer(target))
      } catch {
        throw .damaged(file: path, offset: start)
      }
      blocks += 1
    }
  }

  private func header(of tablet: TabletID, _ source: Source) throws(WALError) -> CheckpointHeader {
    let memory = Scratch()
    let bytes = try source.read(CheckpointFormat.headerBytes, at: 0, into: memory, block: 0)
    let header: CheckpointHeader
    do throws(DecodingFault) {
      header = try CheckpointFormat.header(bytes)
    } catch {
      throw .badCheckpoint(file: source.path, reason: "\(error)")
    }
    guard header.tablet == tablet else {
      throw .badCheckpoint(file: source.path, reason: "belongs to tablet \(header.tablet)")
    }
    return header
  }

  private func blockHeader(_ source: Source, at offset: Int)
    throws(WALError) -> CheckpointFormat.BlockHeader
  {
    let memory = Scratch()
    let bytes = try source.read(
      CheckpointFormat.blockHeaderBytes, at: offset, into: memory, block: offset)
    do throws(DecodingFault) {
      return try CheckpointFormat.blockHeader(bytes)
    } catch {
      throw .damaged(file: source.path, offset: offset)
    }
  }

  /// Memory that is used again for each block.
  private final class Scratch {
    private var memory = UnsafeMutableRawBufferPointer(start: nil, count: 0)

    deinit { memory.deallocate() }

    /// The first `count` bytes; what was given before is no longer valid.
    func bytes(_ count: Int) -> UnsafeMutableRawBufferPointer {
      if memory.count < count {
        memory.deallocate()
        memory = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 8)
      }
      return UnsafeMutableRawBufferPointer(rebasing: memory[..<count])
    }
  }

  /// The file, never read behind its end.
  private struct Source {
    let file: any File
    let path: String
    let size: Int

    /// A file that ends too early is damaged at `block`. The bytes are valid until the scratch is
    /// used again.
    func read(_ count: Int, at offset: Int, into scratch: Scratch, block: Int)
      throws(WALError) -> UnsafeRawBufferPointer
    {
      guard count <= size - offset else { throw .damaged(file: path, offset: block) }
      let target = scratch.bytes(count)
      if count == 0 { return UnsafeRawBufferPointer(target) }
      let found: Int
      do throws(IOFault) {
        found = try file.readBlocking(into: target, at: offset)
      } catch {
        throw .io(error)
      }
      if found != count { throw .damaged(file: path, offset: block) }
      return UnsafeRawBufferPointer(target)
    }
  }
}
