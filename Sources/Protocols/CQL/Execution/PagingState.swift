import Base

/// Where a SELECT goes on: all that is needed for it, so that any node can. Clients give it back as it
/// is; bytes that are none are refused.
struct PagingState: Sendable, Equatable {
  /// Which of the statement's partitions is next; of scans the first bucket of what is left.
  var place = 0
  /// Of scans: the last bucket of the tablet that `resume` is about, as it was then.
  var last = 0
  var resume: ReadRows.Resume?
  /// Rows that LIMIT leaves; nil: there is none.
  var remaining: Int?
  /// The partition that the last row was of, and how many rows of it were given.
  var partition: [UInt8] = []
  var given = 0
  /// A tablet has been split since: up to this bucket, rows up to this key have been given.
  var floor: [UInt8] = []
  var floorLast = -1

  private static let version: UInt8 = 1

  var bytes: [UInt8] {
    var out = ByteWriter()
    out.bytes.append(Self.version)
    out.varint(UInt64(place))
    out.varint(UInt64(last))
    out.varint(resume == nil ? 0 : 1)
    if let resume {
      out.varint(UInt64(resume.range))
      out.blob(resume.key)
    }
    out.varint(UInt64(remaining.map { $0 + 1 } ?? 0))
    out.blob(partition)
    out.varint(UInt64(given))
    out.blob(floor)
    out.varint(UInt64(floorLast + 1))
    return out.bytes
  }

  init() {}

  init(_ bytes: [UInt8]) throws(CQLError) {
    let read = bytes.withUnsafeBytes { buffer in
      Result<PagingState, DecodingFault> { () throws(DecodingFault) in
        try PagingState(reading: ByteReader(buffer))
      }
    }
    guard case .success(let state) = read else {
      throw .violation("Invalid value for the paging state")
    }
    self = state
  }

  private init(reading bytes: ByteReader) throws(DecodingFault) {
    var reader = bytes
    func number(_ reader: inout ByteReader) throws(DecodingFault) -> Int {
      let raw = try reader.varint()
      guard raw <= UInt64(Int32.max) else { throw .malformed("number") }
      return Int(raw)
    }
    guard try reader.integer(UInt8.self) == Self.version else { throw .malformed("version") }
    place = try number(&reader)
    last = try number(&reader)
    if try number(&reader) == 1 {
      resume = .init(range: try number(&reader), key: try reader.blob())
    }
    let left = try number(&reader)
    remaining = left == 0 ? nil : left - 1
    partition = try reader.blob()
    given = try number(&reader)
    floor = try reader.blob()
    floorLast = try number(&reader) - 1
    guard reader.isAtEnd else { throw .malformed("more bytes") }
  }
}
