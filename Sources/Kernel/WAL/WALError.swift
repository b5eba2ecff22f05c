import Glibc
public import Reactor

/// What can be wrong with a shard's log or a checkpoint. Found at start, each stops the shard: nothing is ever skipped in silence.
public enum WALError: Error, Equatable, Sendable {
  case io(IOFault)
  /// Not a log of this shard, or of a format that this version does not read.
  case badSegment(file: String, reason: String)
  /// Bytes in the middle do not check though later ones were acknowledged.
  case damaged(file: String, offset: Int)
  case missingSegment(generation: UInt64)
  /// Not a checkpoint of this tablet, or of a format that this version does not read.
  case badCheckpoint(file: String, reason: String)
  /// The log begins behind the index that the tablet's checkpoint ends at.
  case missingEntries(tablet: UInt64, after: UInt64, found: UInt64)

  /// No space is left on the device.
  public var isDiskFull: Bool {
    if case .io(let fault) = self { fault.errno == ENOSPC } else { false }
  }
}

/// Sizes of the log.
public struct WALSettings: Sendable {
  /// Size of a segment file; a multiple of 4096.
  public var segmentBytes: Int
  /// A batch holds at most this much before the rest waits for the next.
  public var batchBytesMax: Int
  /// A mistake for tests to find: recovery believes the last batch without its checksum.
  package var acceptsTornTail = false

  public init(segmentBytes: Int = 64 << 20, batchBytesMax: Int = 4 << 20) {
    self.segmentBytes = segmentBytes
    self.batchBytesMax = batchBytesMax
  }
}

/// A place in the stream of records: everything appended up to it has a smaller or equal number.
public struct LogPosition: Hashable, Comparable, Sendable {
  public let rawValue: UInt64
  public static func < (a: LogPosition, b: LogPosition) -> Bool { a.rawValue < b.rawValue }
}
