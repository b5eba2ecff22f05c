public import Base

/// What a checkpoint is of.
public struct CheckpointHeader: Equatable, Sendable {
  public var tablet: TabletID
  /// The image holds the effect of every entry up to here and of none behind it.
  public var index: LogIndex
  /// The replica's term when the image was taken.
  public var term: Term
  /// The tablet's clock had passed this.
  public var clock: Timestamp

  public init(tablet: TabletID, index: LogIndex, term: Term, clock: Timestamp) {
    self.tablet = tablet
    self.index = index
    self.term = term
    self.clock = clock
  }
}

/// What the blocks of a checkpoint hold; the numbers are the file's.
public enum CheckpointBlock: UInt32, Sendable {
  case rows = 1
  case prepared = 2
  case decisions = 3
  case terms = 4
  /// Which replica's it is, and who belonged to its group; without it the replica is its group.
  case group = 5
  /// Since when the tablet has its buckets, and what has come of its rows; only where it was split or is
  /// the child of one that was.
  case range = 6
  /// How far the tablet's change streams had come; only where it has some.
  case changes = 7
  /// The last one: without it the file is not whole.
  case end = 15
}

/// The bytes of a checkpoint file; `docs/formats.md` says the same in words. Little-endian.
///
/// | offset | file header |
/// | --- | --- |
/// | 0 | magic "QTRNCKP1" |
/// | 8 | format version, UInt32 |
/// | 12 | 0, UInt32 |
/// | 16 | tablet, UInt64 |
/// | 24 | index, UInt64 |
/// | 32 | term, UInt64 |
/// | 40 | clock, UInt64 |
/// | 48 | CRC32C of bytes 0..<48 |
///
/// Behind it, blocks without gaps:
///
/// | offset | block |
/// | --- | --- |
/// | 0 | magic 0x4B424C51, UInt32 |
/// | 4 | kind, UInt32 |
/// | 8 | bytes of content, UInt32 |
/// | 12 | bytes stored, UInt32 |
/// | 16 | CRC32C, UInt32: bytes 0..<16, then tablet, index and the block's offset in the file, each as UInt64, then the stored bytes |
/// | 20 | the content as one zstd frame |
///
/// The checksum covers tablet, index and offset, so that a block of another file or place never
/// passes. The end block's content is the number of blocks before it, UInt64.
enum CheckpointFormat {
  static let magic: [UInt8] = Array("QTRNCKP1".utf8)
  static let version: UInt32 = 3
  /// Files without `CheckpointBlock.group`.
  static let oldestVersion: UInt32 = 2
  static let headerBytes = 52
  static let blockMagic: UInt32 = 0x4B42_4C51
  static let blockHeaderBytes = 20
  /// A larger content is refused by writer and reader.
  static let contentBytesMax = 1 << 30

  static let suffix = ".checkpoint"
  static let temporarySuffix = ".checkpoint.new"

  static func fileName(_ tablet: TabletID) -> String {
    let digits = String(tablet.rawValue)
    return String(repeating: "0", count: max(0, 16 - digits.count)) + digits + suffix
  }

  static func encode(_ header: CheckpointHeader) -> [UInt8] {
    var out = ByteWriter(reserving: headerBytes)
    out.raw(magic)
    out.integer(version)
    out.integer(UInt32(0))
    out.integer(header.tablet.rawValue)
    out.integer(header.index.rawValue)
    out.integer(header.term.rawValue)
    out.integer(header.clock.rawValue)
    out.integer(crc32c(out.bytes))
    return out.bytes
  }

  static func header(_ bytes: UnsafeRawBufferPointer) throws(DecodingFault) -> CheckpointHeader {
    var reader = ByteReader(bytes)
    guard Array(try reader.view(8)) == magic else { throw .malformed("no checkpoint magic") }
    let found: UInt32 = try reader.integer()
    guard found >= oldestVersion, found <= version else {
      throw .malformed("checkpoint format version \(found)")
    }
    let reserved: UInt32 = try reader.integer()
    let header = CheckpointHeader(
      tablet: TabletID(rawValue: try reader.integer()),
      index: LogIndex(rawValue: try reader.integer()), term: Term(rawValue: try reader.integer()),
      clock: Timestamp(rawValue: try reader.integer()))
    let checksum: UInt32 = try reader.integer()
    guard checksum == crc32c(UnsafeRawBufferPointer(rebasing: bytes[..<48])), reserved == 0 else {
      throw .malformed("checkpoint header checksum")
    }
    return header
  }

  struct BlockHeader {
    var kind: UInt32
    var contentBytes: Int
    var storedBytes: Int
    var checksum: UInt32
    /// Bytes 0..<16, which the checksum covers.
    var head: [UInt8]
  }

  static func blockHeader(_ bytes: UnsafeRawBufferPointer) throws(DecodingFault) -> BlockHeader {
    var reader = ByteReader(bytes)
    let magic: UInt32 = try reader.integer()
    guard magic == blockMagic else { throw .malformed("no block magic") }
    let kind: UInt32 = try reader.integer()
    let content: UInt32 = try reader.integer()
    let stored: UInt32 = try reader.integer()
    let checksum: UInt32 = try reader.integer()
    guard Int(content) <= contentBytesMax else { throw .malformed("block of \(content) bytes") }
    return BlockHeader(
      kind: kind, contentBytes: Int(content), storedBytes: Int(stored), checksum: checksum,
      head: Array(bytes[..<16]))
  }

  static func checksum(
    _ head: [UInt8], _ header: CheckpointHeader, offset: Int, stored: UnsafeRawBufferPointer
  ) -> UInt32 {
    var place = ByteWriter(reserving: 40)
    place.raw(head)
    place.integer(header.tablet.rawValue)
    place.integer(header.index.rawValue)
    place.integer(UInt64(offset))
    return crc32c(stored, seed: crc32c(place.bytes))
  }
}

/// Where checkpoints are, for those who read or replace whole files.
public enum CheckpointFiles {
  public static func path(_ tablet: TabletID, in directory: String) -> String {
    directory + "/" + CheckpointFormat.fileName(tablet)
  }

  /// A leader's snapshot while it arrives; removed at the next start.
  public static func incoming(_ tablet: TabletID, in directory: String) -> String {
    directory + "/in-" + CheckpointFormat.fileName(tablet).dropLast(CheckpointFormat.suffix.count)
      + CheckpointFormat.temporarySuffix
  }
}
