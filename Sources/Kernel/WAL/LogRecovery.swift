import Base
import Reactor

/// Reads a shard's segments at start. What it decides for each kind of damage is written down in
/// `docs/wal-recovery.md` and tested row by row.
struct LogRecovery {
  struct Segment {
    var path: String
    var generation: UInt64
    /// Of the file.
    var bytes: Int
    /// The last index of each tablet in it, for recycling.
    var lastIndexes: [TabletID: LogIndex] = [:]
  }

  let fileSystem: any FileSystem
  let directory: String
  let shard: UInt32
  var acceptsTornTail = false

  private(set) var segments: [Segment] = []
  /// Where the next batch goes in the last segment.
  private(set) var endOffset = LogFormat.block
  private(set) var nextSequence: UInt64 = 1

  init(fileSystem: any FileSystem, directory: String, shard: UInt32) {
    self.fileSystem = fileSystem
    self.directory = directory
    self.shard = shard
  }

  static func fileName(_ generation: UInt64) -> String {
    let digits = String(generation)
    return String(repeating: "0", count: 16 - digits.count) + digits + ".wal"
  }

  mutating func run(_ replay: (LogRecord) -> Void) throws(WALError) {
    let generations = try segmentGenerations()
    for (position, generation) in generations.enumerated() {
      if position > 0 && generation != generations[position - 1] + 1 {
        throw .missingSegment(generation: generations[position - 1] + 1)
      }
      let isLast = position == generations.count - 1
      try read(generation, isLast: isLast, replay)
    }
  }

  /// The log is new; its first segment is there and empty.
  mutating func start(with path: String, bytes: Int) {
    segments = [Segment(path: path, generation: 1, bytes: bytes)]
  }

  private func segmentGenerations() throws(WALError) -> [UInt64] {
    do throws(IOFault) {
      return try fileSystem.list(directory)
        .filter { $0.hasSuffix(".wal") }
        .compactMap { UInt64($0.dropLast(4)) }
        .sorted()
    } catch {
      throw .io(error)
    }
  }

  private mutating func read(
    _ generation: UInt64, isLast: Bool, _ replay: (LogRecord) -> Void
  ) throws(WALError) {
    let path = directory + "/" + Self.fileName(generation)
    let bytes: [UInt8]
    do throws(IOFault) { bytes = try fileSystem.readAll(path) } catch { throw .io(error) }
    var segment = Segment(path: path, generation: generation, bytes: bytes.count)
    var failure: WALError?
    bytes.withUnsafeBytes { all in
      do throws(WALError) {
        try checkHeader(all, path, generation)
        try readBatches(all, &segment, isLast: isLast, replay)
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    segments.append(segment)
  }

  private mutating func checkHeader(
    _ bytes: UnsafeRawBufferPointer, _ path: String, _ generation: UInt64
  ) throws(WALError) {
    let header: LogFormat.SegmentHeader
    do throws(DecodingFault) {
      header = try LogFormat.readHeader(bytes)
    } catch {
      throw .badSegment(file: path, reason: "\(error)")
    }
    guard header.generation == generation else {
      throw .badSegment(file: path, reason: "generation \(header.generation) inside")
    }
    guard header.shard == shard else {
      throw .badSegment(file: path, reason: "belongs to shard \(header.shard)")
    }
    guard header.segmentBytes == UInt64(bytes.count) else {
      throw .badSegment(
        file: path, reason: "\(bytes.count) bytes instead of \(header.segmentBytes)")
    }
    // The oldest kept segment says where the log begins; from there on sequences are dense.
    if let previous = segments.last {
      guard header.firstSequence == nextSequence else {
        throw .damaged(file: previous.path, offset: endOffset)
      }
    }
    nextSequence = header.firstSequence
  }

  private mutating func readBatches(
    _ bytes: UnsafeRawBufferPointer, _ segment: inout Segment, isLast: Bool,
    _ replay: (LogRecord) -> Void
  ) throws(WALError) {
    var offset = LogFormat.block
    while let batch = LogFormat.batch(
      in: bytes, at: offset, generation: segment.generation, isChecked: !acceptsTornTail)
    {
      guard batch.sequence == nextSequence else {
        throw .damaged(file: segment.path, offset: offset)
      }
      try replayBatch(batch, &segment, offset, replay)
      nextSequence += 1
      offset += batch.paddedBytes
    }
    if isLast { try checkNothingFollows(bytes, segment, from: offset) }
    endOffset = offset
  }

  private func replayBatch(
    _ batch: LogFormat.Batch, _ segment: inout Segment, _ offset: Int,
    _ replay: (LogRecord) -> Void
  ) throws(WALError) {
    var reader = ByteReader(batch.records)
    while !reader.isAtEnd {
      do throws(DecodingFault) {
        let record = try LogRecord(decoding: &reader)
        switch record {
        case .entry(let tablet, let index, _, _), .configuration(let tablet, let index, _, _):
          segment.lastIndexes[tablet] = index
        default: break
        }
        replay(record)
      } catch {
        // The checksum was right, so this was written wrongly: ours, or a newer format's.
        throw .damaged(file: segment.path, offset: offset)
      }
    }
  }

  /// The header of a later batch behind the end, its records whole or not, could only be written
  /// after the missing batch was acknowledged.
  private func checkNothingFollows(
    _ bytes: UnsafeRawBufferPointer, _ segment: Segment, from end: Int
  ) throws(WALError) {
    var offset = end + LogFormat.block
    while offset < bytes.count {
      if let found = LogFormat.claimedSequence(
        in: bytes, at: offset, generation: segment.generation), found > nextSequence
      {
        throw .damaged(file: segment.path, offset: end)
      }
      offset += LogFormat.block
    }
  }
}
