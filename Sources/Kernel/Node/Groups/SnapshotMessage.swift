import Base
import Raft

/// What goes between a leader that sends a snapshot and the replica that gets it: the bytes of the leader's
/// checkpoint file. Messages may be lost, repeated and late.
struct SnapshotMessage: Sendable, Equatable {
  /// The leader's, or the follower's for an acknowledgement.
  var from: ReplicaID
  var to: ReplicaID
  /// Names one transfer.
  var transfer: UInt64
  var body: Body

  enum Body: Sendable, Equatable {
    /// A file of so many bytes is to come; it holds the state at the index.
    case begin(RaftSnapshotDescriptor, bytes: Int)
    case part(offset: Int, [UInt8])
    /// Everything up to here is there; with the file's size, it is on disk.
    case received(Int)
    /// The receiver cannot go on: nothing of the transfer counts.
    case failed
  }

  func encode(into out: inout ByteWriter) {
    out.varint(from.rawValue)
    out.varint(to.rawValue)
    out.integer(transfer)
    switch body {
    case .begin(let descriptor, let bytes):
      out.integer(UInt8(1))
      out.varint(descriptor.index.rawValue)
      out.varint(descriptor.term.rawValue)
      descriptor.configuration.encode(into: &out)
      out.varint(UInt64(bytes))
    case .part(let offset, let bytes):
      out.integer(UInt8(2))
      out.varint(UInt64(offset))
      out.blob(bytes)
    case .received(let count):
      out.integer(UInt8(3))
      out.varint(UInt64(count))
    case .failed: out.integer(UInt8(4))
    }
  }

  init(from: ReplicaID, to: ReplicaID, transfer: UInt64, body: Body) {
    self.from = from
    self.to = to
    self.transfer = transfer
    self.body = body
  }

  init(from reader: inout ByteReader) throws(DecodingFault) {
    from = ReplicaID(rawValue: try reader.varint())
    to = ReplicaID(rawValue: try reader.varint())
    transfer = try reader.integer()
    let kind: UInt8 = try reader.integer()
    switch kind {
    case 1:
      let descriptor = RaftSnapshotDescriptor(
        index: LogIndex(rawValue: try reader.varint()), term: Term(rawValue: try reader.varint()),
        configuration: try RaftConfiguration(from: &reader))
      body = .begin(descriptor, bytes: try Self.size(&reader))
    case 2: body = .part(offset: try Self.size(&reader), try reader.blob())
    case 3: body = .received(try Self.size(&reader))
    case 4: body = .failed
    default: throw .malformed("snapshot message of kind \(kind)")
    }
    guard reader.isAtEnd else { throw .malformed("bytes after a snapshot message") }
  }

  private static func size(_ reader: inout ByteReader) throws(DecodingFault) -> Int {
    let size = try reader.varint()
    guard size < 1 << 48 else { throw .malformed("a snapshot of \(size) bytes") }
    return Int(size)
  }
}
