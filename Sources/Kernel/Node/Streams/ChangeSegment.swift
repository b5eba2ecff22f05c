import Base
import Reactor
import WAL

/// One file of a partition's stream. Lives on: its tablet's shard.
///
/// A process appends only to segments that it has made: of one that it has found, the end is where the
/// last whole batch ends, or where the next segment begins.
final class ChangeSegment {
  let path: String
  let header: SegmentHeader
  /// Of the header: seeds the batches' checksums.
  let seed: UInt32
  /// Behind its last record.
  var end: Int64
  /// Of the file, as far as it is known to be whole.
  var bytes: Int
  /// All of it is on disk for certain.
  var isSynced: Bool
  /// Of its records and all before.
  var newest: Timestamp
  var term: Term
  /// Known beginnings of batches, in order: at most one in `marksApart` bytes.
  private(set) var marks: [Mark] = []

  struct Mark {
    var offset: Int64
    var place: Int
  }

  private static let marksApart = 64 << 10

  init(path: String, header: SegmentHeader, seed: UInt32, end: Int64, bytes: Int, isSynced: Bool) {
    self.path = path
    self.header = header
    self.seed = seed
    self.end = end
    self.bytes = bytes
    self.isSynced = isSynced
    newest = header.newestBefore
    term = header.termBefore
  }

  var first: Int64 { header.first }

  /// A batch begins there.
  func note(_ offset: Int64, at place: Int) {
    let found = marks.lastIndex { $0.place <= place } ?? -1
    if found >= 0, place - marks[found].place < Self.marksApart { return }
    marks.insert(Mark(offset: offset, place: place), at: found + 1)
  }

  /// Where to begin to look for the record.
  func mark(before offset: Int64) -> Mark {
    var low = 0
    var high = marks.count
    while low < high {
      let middle = (low + high) / 2
      if marks[middle].offset <= offset { low = middle + 1 } else { high = middle }
    }
    return low > 0
      ? marks[low - 1] : Mark(offset: first, place: ChangeFormat.segmentHeaderBytes)
  }
}

/// Names of streams' files: `TABLET-TABLE-PARTITION-OFFSET.changes`.
enum ChangeFiles {
  static let suffix = ".changes"
  /// Behind the name of one that is not whole yet; a start removes it.
  static let partSuffix = ".part"

  static func name(_ tablet: TabletID, _ key: StreamKey, first: Int64) -> String {
    let digits = String(first)
    let padding = String(repeating: "0", count: max(0, 19 - digits.count))
    return "\(tablet)-\(key.table)-\(key.partition)-\(padding)\(digits)\(suffix)"
  }

  /// Nil: the file is none of a stream's.
  static func parse(_ name: String) -> (tablet: TabletID, key: StreamKey, first: Int64)? {
    guard name.hasSuffix(suffix) else { return nil }
    let parts = name.dropLast(suffix.count).split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 4, let tablet = UInt64(parts[0]), let table = UInt32(parts[1]),
      let partition = UInt16(parts[2]), let first = Int64(parts[3])
    else { return nil }
    return (
      TabletID(rawValue: tablet),
      StreamKey(table: ObjectID(rawValue: table), partition: partition), first
    )
  }
}

/// Reads a segment through a window. Lives on: its shard, one reading at a time.
final class SegmentReader {
  private let file: any File
  private let path: String
  private let size: Int
  private var memory = UnsafeMutableRawBufferPointer(start: nil, count: 0)
  private var start = 0
  private var count = 0

  private static let windowBytes = 64 << 10

  init(_ segment: ChangeSegment, _ fileSystem: any FileSystem) throws(WALError) {
    path = segment.path
    do throws(IOFault) {
      file = try fileSystem.open(segment.path, create: false, direct: false)
      size = try file.size
    } catch {
      throw .io(error)
    }
  }

  deinit {
    memory.deallocate()
    file.close()
  }

  /// Some bytes of the file, valid until the next call. Nil: it ends before.
  func view(_ wanted: Int, at place: Int) async throws(WALError) -> UnsafeRawBufferPointer? {
    guard wanted <= size - place else { return nil }
    if place < start || place + wanted > start + count { try await fill(wanted, at: place) }
    guard place + wanted <= start + count else { return nil }
    return UnsafeRawBufferPointer(
      rebasing: memory[(place - start)..<(place - start + wanted)])
  }

  /// Moves bytes of the window to its beginning, and makes room behind them.
  private func keep(_ kept: Int, from first: Int, _ capacity: Int) {
    let old = UnsafeRawBufferPointer(memory)
    if memory.count >= capacity {
      if kept > 0 {
        memory.copyMemory(from: UnsafeRawBufferPointer(rebasing: old[first..<first + kept]))
      }
      return
    }
    memory = UnsafeMutableRawBufferPointer.allocate(byteCount: capacity, alignment: 8)
    if kept > 0 {
      memory.copyMemory(from: UnsafeRawBufferPointer(rebasing: old[first..<first + kept]))
    }
    old.deallocate()
  }

  /// What is there already is not read again.
  private func fill(_ wanted: Int, at place: Int) async throws(WALError) {
    let capacity = max(wanted, min(Self.windowBytes, size - place))
    let kept = place >= start && place < start + count ? start + count - place : 0
    keep(kept, from: place - start, capacity)
    start = place
    count = kept
    let reply = Reply<Result<Int, IOFault>>()
    file.read(
      into: UnsafeMutableRawBufferPointer(rebasing: memory[kept..<capacity]), at: place + kept
    ) {
      reply.fulfill($0)
    }
    switch await reply.get() {
    case .success(let found): count += found
    case .failure(let fault): throw .io(fault)
    }
  }
}
