import Base

/// What a stream keeps besides its entries, in its key's `detail`: a version, then the fields.
struct StreamState: Equatable {
  private static let version: UInt8 = 1

  /// Later entries have later ids, also when this one is gone.
  var lastID = StreamID.zero
  /// Since the stream was made, the removed ones included.
  var entriesAdded: UInt64 = 0
  /// The last of those that were removed by their id.
  var maxDeletedID = StreamID.zero

  init() {}

  init(_ row: KeyRow?) throws(CommandStop) {
    guard let detail = row?.detail else { return }
    let state = detail.withUnsafeBytes { bytes in
      Result { () throws(DecodingFault) in try StreamState(bytes) }
    }
    do throws(DecodingFault) {
      self = try state.get()
    } catch {
      throw .damaged(error)
    }
  }

  init(_ bytes: UnsafeRawBufferPointer) throws(DecodingFault) {
    var reader = ByteReader(bytes)
    guard try reader.integer(UInt8.self) == Self.version else { throw .malformed("stream version") }
    lastID = try Self.id(&reader)
    entriesAdded = try reader.varint()
    maxDeletedID = try Self.id(&reader)
  }

  private static func id(_ reader: inout ByteReader) throws(DecodingFault) -> StreamID {
    StreamID(milliseconds: try reader.varint(), sequence: try reader.varint())
  }

  var encoded: [UInt8] {
    var out = ByteWriter(reserving: 48)
    out.integer(Self.version)
    out.varint(lastID.milliseconds)
    out.varint(lastID.sequence)
    out.varint(entriesAdded)
    out.varint(maxDeletedID.milliseconds)
    out.varint(maxDeletedID.sequence)
    return out.bytes
  }
}
