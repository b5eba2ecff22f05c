import Base
import Reactor
import WAL

/// Writes one segment beside those that count, under a name of its own, until it is whole. Lives on: its
/// shard, one write at a time.
final class SegmentWriter {
  /// As it will be.
  let segment: ChangeSegment
  private let shard: NodeShard
  private var file: (any File)?
  /// Leaves together with the first batch.
  private var front: [UInt8]

  init(_ header: SegmentHeader, on shard: NodeShard) throws(WALError) {
    self.shard = shard
    let (bytes, seed) = ChangeFormat.encode(header)
    front = bytes
    let name = ChangeFiles.name(header.tablet, header.key, first: header.first)
    segment = ChangeSegment(
      path: shard.changeWriter.directory + "/" + name, header: header, seed: seed,
      end: header.first, bytes: 0, isSynced: true)
    do throws(IOFault) {
      let opened = try shard.reactor.fileSystem.open(partPath, create: true, direct: false)
      try opened.truncate(to: 0)
      file = opened
    } catch {
      throw .io(error)
    }
  }

  private var partPath: String { segment.path + ChangeFiles.partSuffix }

  func append(_ batch: ChangeBatch) async throws(WALError) {
    let start = segment.bytes + front.count
    let head = batch.body.bytes.withUnsafeBytes {
      ChangeFormat.encode(batch.header, $0, at: start, seed: segment.seed)
    }
    try await write(front + head + batch.body.bytes)
    front = []
    segment.note(batch.first, at: start)
    segment.end = batch.last + 1
    segment.newest = max(segment.newest, batch.newest)
    segment.term = batch.term
  }

  private func write(_ bytes: [UInt8]) async throws(WALError) {
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 8)
    memory.copyBytes(from: bytes)
    defer { memory.deallocate() }
    let reply = Reply<Result<Void, IOFault>>()
    guard let file else { throw .io(IOFault(errno: 0, operation: "write a closed segment")) }
    file.write(UnsafeRawBufferPointer(memory), at: segment.bytes) { reply.fulfill($0) }
    if case .failure(let fault) = await reply.get() { throw .io(fault) }
    segment.bytes += bytes.count
  }

  /// All of it is on disk, under the name that does not count. A segment without records has its header.
  func finish() async throws(WALError) {
    if !front.isEmpty {
      try await write(front)
      front = []
    }
    let reply = Reply<Result<Void, IOFault>>()
    file?.sync { reply.fulfill($0) }
    let result = await reply.get()
    file?.close()
    file = nil
    if case .failure(let fault) = result { throw .io(fault) }
  }

  /// From now on it counts, also after a crash; it takes the place of a file of its name. Blocking, but short.
  func publish() throws(WALError) {
    do throws(IOFault) {
      try shard.reactor.fileSystem.rename(partPath, to: segment.path)
    } catch {
      throw .io(error)
    }
    shard.changeWriter.isDirectoryChanged = true
    try shard.syncChangeDirectory()
  }

  /// It is not wanted; a start would remove it, too.
  func abandon() {
    file?.close()
    file = nil
    do throws(WALError) {
      try shard.removeChangeFile(partPath)
    } catch {
      shard.changeWriter.fault = error
    }
  }
}
