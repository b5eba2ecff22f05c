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
    var stored: [UInt8] = []
    var content: [UInt8] = []
    while true {
      let start = offset
      let head = try blockHeader(source, at: start)
      offset += CheckpointFormat.blockHeaderBytes
      try source.read(head.storedBytes, at: offset, into: &stored, block: start)
      offset += head.storedBytes
      let checksum = stored.withUnsafeBytes {
        CheckpointFormat.checksum(head.head, header, offset: start, stored: $0)
      }
      guard checksum == head.checksum, let kind = CheckpointBlock(rawValue: head.kind) else {
        throw .damaged(file: path, offset: start)
      }
      Self.resize(&content, to: head.contentBytes)
      let isWhole = content.withUnsafeMutableBytes { target in
        stored.withUnsafeBytes { decompressor.fill(target, from: $0) }
      }
      guard isWhole else { throw .damaged(file: path, offset: start) }
      let result: Result<Bool, DecodingFault> = content.withUnsafeBytes { bytes in
        do throws(DecodingFault) {
          if kind == .end {
            var reader = ByteReader(bytes)
            let count: UInt64 = try reader.integer()
            return .success(count == blocks && reader.isAtEnd && offset == source.size)
          }
          try body(header, kind, bytes)
          return .success(true)
        } catch {
          return .failure(error)
        }
      }
      guard case .success(true) = result else { throw .damaged(file: path, offset: start) }
      if kind == .end { return header }
      blocks += 1
    }
  }

  private func header(of tablet: TabletID, _ source: Source) throws(WALError) -> CheckpointHeader {
    var bytes: [UInt8] = []
    try source.read(CheckpointFormat.headerBytes, at: 0, into: &bytes, block: 0)
    let result: Result<CheckpointHeader, DecodingFault> = bytes.withUnsafeBytes { view in
      do throws(DecodingFault) {
        return .success(try CheckpointFormat.header(view))
      } catch {
        return .failure(error)
      }
    }
    switch result {
    case .failure(let fault): throw .badCheckpoint(file: source.path, reason: "\(fault)")
    case .success(let header):
      guard header.tablet == tablet else {
        throw .badCheckpoint(file: source.path, reason: "belongs to tablet \(header.tablet)")
      }
      return header
    }
  }

  private func blockHeader(_ source: Source, at offset: Int)
    throws(WALError) -> CheckpointFormat.BlockHeader
  {
    var bytes: [UInt8] = []
    try source.read(CheckpointFormat.blockHeaderBytes, at: offset, into: &bytes, block: offset)
    let result: Result<CheckpointFormat.BlockHeader, DecodingFault> = bytes.withUnsafeBytes {
      view in
      do throws(DecodingFault) {
        return .success(try CheckpointFormat.blockHeader(view))
      } catch {
        return .failure(error)
      }
    }
    guard case .success(let head) = result else {
      throw .damaged(file: source.path, offset: offset)
    }
    return head
  }

  static func resize(_ bytes: inout [UInt8], to count: Int) {
    if bytes.count > count {
      bytes.removeLast(bytes.count - count)
    } else {
      bytes.append(contentsOf: repeatElement(0, count: count - bytes.count))
    }
  }

  /// The file, never read behind its end.
  private struct Source {
    let file: any File
    let path: String
    let size: Int

    /// Replaces `bytes`. A file that ends too early is damaged at `block`.
    func read(_ count: Int, at offset: Int, into bytes: inout [UInt8], block: Int)
      throws(WALError)
    {
      guard count <= size - offset else { throw .damaged(file: path, offset: block) }
      CheckpointReader.resize(&bytes, to: count)
      if count == 0 { return }
      let result: Result<Int, IOFault> = bytes.withUnsafeMutableBytes { target in
        do throws(IOFault) {
          return .success(try file.readBlocking(into: target, at: offset))
        } catch {
          return .failure(error)
        }
      }
      switch result {
      case .failure(let fault): throw .io(fault)
      case .success(let found):
        if found != count { throw .damaged(file: path, offset: block) }
      }
    }
  }
}
