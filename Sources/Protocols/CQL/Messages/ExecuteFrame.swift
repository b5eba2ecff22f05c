import Types

/// An EXECUTE as it lies in the input: nothing of it is copied. Only what a request can be answered at once by is read
/// here; `Request` reads the rest, and says what is wrong. Its memory is kept. Lives on: its shard; valid as long as
/// the input that it was read from.
final class ExecuteFrame {
  /// Of the frame with its header.
  private(set) var byteCount = 0
  private(set) var stream: Int16 = 0
  private(set) var id = UnsafeRawBufferPointer(start: nil, count: 0)
  /// Version 5's.
  private(set) var resultID: UnsafeRawBufferPointer?
  private(set) var consistency = Consistency.one
  private(set) var values: [BoundSlice] = []
  private(set) var skipsMetadata = false
  /// Microseconds since the Unix epoch.
  private(set) var timestamp: Int64?

  /// What is made of the values: the row's key, its partition's, the times of its cells, and the row.
  var key: [UInt8] = []
  var partition: [UInt8] = []
  var times: [UInt8] = []
  var row = RowBytes()
  /// Of the row that it takes the place of, where they lie.
  var fields: [RowField] = []

  private enum Flag {
    static let values: UInt32 = 0x01, skipMetadata: UInt32 = 0x02, pageSize: UInt32 = 0x04
    static let serialConsistency: UInt32 = 0x10, timestamp: UInt32 = 0x20
    /// Names, a paging state, and what version 5 has besides.
    static let others = ~(values | skipMetadata | pageSize | serialConsistency | timestamp)
  }

  /// False: the input does not begin with a whole EXECUTE of this version, or with one that is out of the ordinary.
  func read(_ input: UnsafeRawBufferPointer, version: UInt8) -> Bool {
    // Nothing stands before the body: no trace, payload or compression was asked for.
    guard input.count >= FrameHeader.bytes, input[0] == version, input[1] == 0,
      input[4] == Opcode.execute.rawValue
    else { return false }
    let length = Int(UInt32(bigEndian: input.loadUnaligned(fromByteOffset: 5, as: UInt32.self)))
    guard length <= FrameHeader.bodyBytesMax, length <= input.count - FrameHeader.bytes else {
      return false
    }
    stream = Int16(bigEndian: input.loadUnaligned(fromByteOffset: 2, as: Int16.self))
    byteCount = FrameHeader.bytes + length
    var body = SliceReader(UnsafeRawBufferPointer(rebasing: input[FrameHeader.bytes..<byteCount]))
    return read(&body, version: version)
  }

  private func read(_ body: inout SliceReader, version: UInt8) -> Bool {
    guard let id = body.shortBytes() else { return false }
    self.id = id
    resultID = nil
    if version >= 5 {
      guard let found = body.shortBytes() else { return false }
      resultID = found
    }
    guard let level = body.consistency(),
      let flags = version >= 5
        ? body.integer(UInt32.self) : body.integer(UInt8.self).map(UInt32.init),
      flags & Flag.others == 0
    else { return false }
    consistency = level
    skipsMetadata = flags & Flag.skipMetadata != 0
    values.removeAll(keepingCapacity: true)
    if flags & Flag.values != 0, !readValues(&body) { return false }
    // One row has one page.
    if flags & Flag.pageSize != 0, body.integer(UInt32.self) == nil { return false }
    if flags & Flag.serialConsistency != 0, body.consistency() == nil { return false }
    timestamp = nil
    if flags & Flag.timestamp != 0 {
      guard let given = body.integer(Int64.self), given != .min else { return false }
      timestamp = given
    }
    return true
  }

  private func readValues(_ body: inout SliceReader) -> Bool {
    guard let count = body.integer(UInt16.self) else { return false }
    for _ in 0..<count {
      guard let value = body.value() else { return false }
      values.append(value)
    }
    return true
  }
}

/// A value that a client gave for a marker, where it lies.
enum BoundSlice {
  case bytes(UnsafeRawBufferPointer)
  case null
  /// The column stays as it is.
  case unset
}

/// Reads a message's body where it lies. Nil: it ends too early, or something is wrong with it.
struct SliceReader {
  private let bytes: UnsafeRawBufferPointer
  private var place = 0

  init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  mutating func integer<T: FixedWidthInteger>(_: T.Type) -> T? {
    guard bytes.count - place >= MemoryLayout<T>.size else { return nil }
    defer { place += MemoryLayout<T>.size }
    return T(bigEndian: bytes.loadUnaligned(fromByteOffset: place, as: T.self))
  }

  mutating func take(_ count: Int) -> UnsafeRawBufferPointer? {
    guard count <= bytes.count - place else { return nil }
    defer { place += count }
    return UnsafeRawBufferPointer(rebasing: bytes[place..<place + count])
  }

  mutating func shortBytes() -> UnsafeRawBufferPointer? {
    integer(UInt16.self).flatMap { take(Int($0)) }
  }

  mutating func consistency() -> Consistency? {
    integer(UInt16.self).flatMap { Consistency(rawValue: $0) }
  }

  mutating func value() -> BoundSlice? {
    guard let count = integer(Int32.self) else { return nil }
    switch count {
    case -1: return .null
    case -2: return .unset
    case ..<0: return nil
    default: return take(Int(count)).map { .bytes($0) }
    }
  }
}
