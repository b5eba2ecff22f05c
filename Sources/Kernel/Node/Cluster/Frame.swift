import Base
import Catalog

/// What nodes send one another over a connection, in both directions; `docs/formats.md` says the same
/// in words:
///
///     length UInt32 · CRC32C of the body UInt32 · body: kind UInt8, then the kind's fields
///
/// One node opens the connection, says hello, and asks; the other answers. Raft's messages go one
/// way, and their answers over the connection of the other direction.
enum Frame {
  enum Kind: UInt8 {
    case hello = 1
    /// Messages of Raft groups, each with its tablet.
    case raft = 2
    /// A command for a tablet.
    case tabletCommand = 3
    /// A command for a shard.
    case shardCommand = 4
    case ping = 5
    /// Parts of snapshots, each with its tablet.
    case snapshot = 6
    case welcome = 0x81
    case answer = 0x83
    case pong = 0x85
    /// Why the connection is closed.
    case refused = 0x86
  }

  static let magic: [UInt8] = Array("QTRNRPC1".utf8)
  static let headerBytes = 8
  /// Before the other side has said who it is.
  static let strangerBytesMax = 4_096
  /// An entry of the log, and what is around it.
  static let bytesMax = 160 << 20

  /// Appends one frame; `body` writes what follows the kind.
  static func append(_ kind: Kind, to out: inout [UInt8], _ body: (inout ByteWriter) -> Void) {
    var writer = ByteWriter()
    swap(&writer.bytes, &out)
    let start = writer.count
    writer.integer(UInt64(0))
    writer.integer(kind.rawValue)
    body(&writer)
    swap(&writer.bytes, &out)
    let length = out.count - start - headerBytes
    let checksum = out.withUnsafeBytes {
      crc32c(UnsafeRawBufferPointer(rebasing: $0[(start + headerBytes)...]))
    }
    out.withUnsafeMutableBytes {
      $0.storeBytes(of: UInt32(length).littleEndian, toByteOffset: start, as: UInt32.self)
      $0.storeBytes(of: checksum.littleEndian, toByteOffset: start + 4, as: UInt32.self)
    }
  }
}

/// Cuts what arrives into frames.
struct FrameReader {
  private var buffer: [UInt8] = []
  private var start = 0
  var bytesMax = Frame.strangerBytesMax

  /// For `Connection.read(into:)`.
  mutating func fill(_ body: (inout [UInt8]) -> Void) { body(&buffer) }
  var unread: Int { buffer.count - start }

  /// Takes in more bytes.
  mutating func append(_ bytes: [UInt8]) { buffer.append(contentsOf: bytes) }

  /// Passes on the next whole frame's kind and fields; false: more bytes are needed.
  mutating func next(
    _ body: (Frame.Kind, inout ByteReader) throws(DecodingFault) -> Void
  ) throws(DecodingFault) -> Bool {
    guard unread >= Frame.headerBytes else {
      compact()
      return false
    }
    let from = start
    let (length, checksum) = buffer.withUnsafeBytes {
      (
        Int(UInt32(littleEndian: $0.loadUnaligned(fromByteOffset: from, as: UInt32.self))),
        UInt32(littleEndian: $0.loadUnaligned(fromByteOffset: from + 4, as: UInt32.self))
      )
    }
    guard length >= 1, length <= bytesMax else { throw .malformed("a frame of \(length) bytes") }
    guard unread >= Frame.headerBytes + length else {
      compact()
      return false
    }
    start += Frame.headerBytes + length
    let result: Result<Void, DecodingFault> = buffer.withUnsafeBytes { bytes in
      let content = UnsafeRawBufferPointer(
        rebasing: bytes[(from + Frame.headerBytes)..<(from + Frame.headerBytes + length)])
      do throws(DecodingFault) {
        guard crc32c(content) == checksum else { throw .malformed("a frame's checksum") }
        var reader = ByteReader(content)
        guard let kind = Frame.Kind(rawValue: try reader.integer()) else {
          throw .malformed("a frame of kind \(content[0])")
        }
        return .success(try body(kind, &reader))
      } catch {
        return .failure(error)
      }
    }
    try result.get()
    return true
  }

  private mutating func compact() {
    if start == 0 { return }
    if start == buffer.count {
      buffer.removeAll(keepingCapacity: buffer.capacity <= 1 << 20)
    } else {
      buffer.removeFirst(start)
    }
    start = 0
  }
}

/// Who opens a connection, and to whom.
struct Hello: Equatable {
  /// The versions of the protocol that the sender speaks; the highest that both do is used.
  var versions: ClosedRange<UInt16>
  /// Of the sender's program; not said in version 1.
  var featureLevel = FeatureLevel.oldest
  var cluster: ClusterID
  var node: NodeID
  /// New with each start of the process.
  var incarnation: UInt64
  /// Zero: the sender wants to join and does not know.
  var target: NodeID

  /// From this version on, hellos say the feature level, and pings come back with what they brought.
  static let levelVersion: UInt16 = 2

  func encode(into out: inout ByteWriter) {
    out.raw(Frame.magic)
    out.integer(versions.lowerBound)
    out.integer(versions.upperBound)
    out.integer(cluster.high)
    out.integer(cluster.low)
    out.varint(UInt64(node.rawValue))
    out.integer(incarnation)
    out.varint(UInt64(target.rawValue))
    // Who speaks version 1 only reads no further than that.
    if versions.upperBound >= Self.levelVersion { out.varint(UInt64(featureLevel)) }
  }

  init(
    featureLevel: Int, cluster: ClusterID, node: NodeID, incarnation: UInt64, target: NodeID
  ) {
    versions = FeatureLevel.protocolVersions(at: featureLevel)
    self.featureLevel = featureLevel
    self.cluster = cluster
    self.node = node
    self.incarnation = incarnation
    self.target = target
  }

  init(from reader: inout ByteReader) throws(DecodingFault) {
    guard Array(try reader.view(Frame.magic.count)) == Frame.magic else {
      throw .malformed("no node of Quatrain")
    }
    let lower: UInt16 = try reader.integer()
    let upper: UInt16 = try reader.integer()
    guard lower <= upper else { throw .malformed("protocol versions \(lower) to \(upper)") }
    versions = lower...upper
    cluster = ClusterID(high: try reader.integer(), low: try reader.integer())
    node = NodeID(rawValue: UInt32(truncatingIfNeeded: try reader.varint()))
    incarnation = try reader.integer()
    target = NodeID(rawValue: UInt32(truncatingIfNeeded: try reader.varint()))
    if versions.upperBound >= Self.levelVersion {
      featureLevel = Int(clamping: try reader.varint())
    }
  }
}
