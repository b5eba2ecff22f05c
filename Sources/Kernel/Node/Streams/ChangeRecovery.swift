import Base
import Reactor
import WAL

/// Finding out at start what the files of a partition's stream hold. Blocking.
///
/// | found | becomes of it |
/// | --- | --- |
/// | the last segment's header is not whole, and no checkpoint counts on it | the file is removed: it was only begun |
/// | a batch of the last segment is not whole, at or behind what checkpoints count on | the segment ends before it; its records come again out of the log |
/// | the same before what a checkpoint counts on | damage: the shard does not start |
/// | a segment does not belong there | the same |
enum ChangeRecovery {
  /// The segments of the files, in order. `synced`: checkpoints count on all records below.
  static func segments(
    _ names: [String], _ tablet: TabletID, _ key: StreamKey, synced: Int64, _ shard: NodeShard
  ) throws(WALError) -> [ChangeSegment] {
    var rest = names
    var found: [ChangeSegment] = []
    while let name = rest.last {
      let path = shard.changeWriter.directory + "/" + name
      if let last = try segment(path, name, tablet, key, synced: synced, isLast: true, shard) {
        found = [last]
        rest.removeLast()
        break
      }
      guard ChangeFiles.parse(name)?.first ?? 0 >= synced else {
        throw .damaged(file: path, offset: 0)
      }
      try shard.removeChangeFile(path)
      rest.removeLast()
    }
    for name in rest.reversed() {
      let path = shard.changeWriter.directory + "/" + name
      guard
        let segment = try segment(path, name, tablet, key, synced: synced, isLast: false, shard)
      else { throw .damaged(file: path, offset: 0) }
      if let next = found.first?.header {
        segment.end = next.first
        segment.newest = next.newestBefore
        segment.term = next.termBefore
      }
      found.insert(segment, at: 0)
    }
    return found
  }

  /// Nil: its header is not whole, or is another file's.
  private static func segment(
    _ path: String, _ name: String, _ tablet: TabletID, _ key: StreamKey, synced: Int64,
    isLast: Bool, _ shard: NodeShard
  ) throws(WALError) -> ChangeSegment? {
    do throws(IOFault) {
      let file = try shard.reactor.fileSystem.open(path, create: false, direct: false)
      defer { file.close() }
      let size = try file.size
      guard let head = try bytes(ChangeFormat.segmentHeaderBytes, of: file, at: 0, size: size),
        let (header, seed) = header(head), header.tablet == tablet, header.key == key,
        header.first == ChangeFiles.parse(name)?.first
      else { return nil }
      let segment = ChangeSegment(
        path: path, header: header, seed: seed, end: header.first,
        bytes: ChangeFormat.segmentHeaderBytes, isSynced: !isLast)
      if isLast {
        try findEnd(of: segment, in: file, size: size, synced: synced)
      } else {
        segment.bytes = size
      }
      return segment
    } catch {
      throw .io(error)
    }
  }

  private static func header(_ bytes: [UInt8]) -> (SegmentHeader, UInt32)? {
    bytes.withUnsafeBytes { buffer in
      do throws(DecodingFault) {
        return try ChangeFormat.segmentHeader(buffer)
      } catch {
        return nil
      }
    }
  }

  /// Walks over the batches. What checkpoints count on was whole when they were taken, and is not read
  /// again here but for its headers.
  private static func findEnd(
    of segment: ChangeSegment, in file: any File, size: Int, synced: Int64
  ) throws(IOFault) {
    while let head = try bytes(
      ChangeFormat.batchHeaderBytes, of: file, at: segment.bytes, size: size),
      let batch = batchHeader(head), batch.first == segment.end
    {
      let place = segment.bytes
      let end = place + ChangeFormat.batchHeaderBytes + batch.bodyBytes
      guard end <= size else { return }
      if batch.last >= synced {
        guard
          let body = try bytes(
            batch.bodyBytes, of: file, at: place + ChangeFormat.batchHeaderBytes, size: size),
          isWhole(batch, head, body, at: place, seed: segment.seed)
        else { return }
      }
      segment.note(batch.first, at: place)
      segment.bytes = end
      segment.end = batch.last + 1
      segment.newest = max(segment.newest, batch.newest)
      segment.term = batch.term
    }
  }

  private static func batchHeader(_ bytes: [UInt8]) -> BatchHeader? {
    bytes.withUnsafeBytes { buffer in
      do throws(DecodingFault) {
        return try ChangeFormat.batchHeader(buffer)
      } catch {
        return nil
      }
    }
  }

  private static func isWhole(
    _ batch: BatchHeader, _ head: [UInt8], _ body: [UInt8], at place: Int, seed: UInt32
  ) -> Bool {
    head.withUnsafeBytes { head in
      body.withUnsafeBytes { body in
        ChangeFormat.isWhole(batch, head, body, at: place, seed: seed)
      }
    }
  }

  /// Nil: the file ends before.
  private static func bytes(_ count: Int, of file: any File, at place: Int, size: Int)
    throws(IOFault) -> [UInt8]?
  {
    guard count <= size - place else { return nil }
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: max(count, 1), alignment: 8)
    defer { memory.deallocate() }
    let found = try file.readBlocking(
      into: UnsafeMutableRawBufferPointer(rebasing: memory[..<count]), at: place)
    return found == count ? Array(memory[..<count]) : nil
  }
}
