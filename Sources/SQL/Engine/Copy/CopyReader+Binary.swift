import Types

/// How far the tuples of COPY's binary format have been read.
struct CopyTuples {
  /// The first byte that has not been used.
  var start = 0
  /// The number of the tuple at hand, from 1; 0 in the header.
  var number = 0
  var finished = 0
  var header = Header.signature

  enum Header {
    case signature, flags, length
    /// So many bytes of the header's extension are still to come.
    case `extension`(Int)
    case done
  }

  static let signature: [UInt8] = Array("PGCOPY\n".utf8) + [0xFF, 13, 10, 0]
}

extension CopyReader {
  private static func malformed(_ message: String) -> SQLError {
    SQLError(.badCopyFileFormat, message)
  }

  /// The tuples that are whole; true at the trailer, or at the end of the data.
  mutating func tuples(
    _ bytes: UnsafeBufferPointer<UInt8>, isLast: Bool, into rows: inout [[Value]]
  ) throws(SQLError) -> Bool {
    if isEnded {
      guard tuples.start < bytes.count else { return true }
      throw fault(Self.malformed("received copy data after EOF marker"), column: nil)
    }
    guard try header(bytes, isLast: isLast) else { return false }
    while true {
      tuples.number = tuples.finished + 1
      guard bytes.count - tuples.start >= 2 else { return isLast }
      let count = Int(Int16(truncatingIfNeeded: Self.integer(bytes, tuples.start, 2)))
      if count == -1 {
        tuples.start += 2
        guard tuples.start < bytes.count else { return true }
        throw fault(Self.malformed("received copy data after EOF marker"), column: nil)
      }
      guard count == columns.count else {
        throw fault(
          Self.malformed("row field count is \(count), expected \(columns.count)"), column: nil)
      }
      guard isLast || isWhole(bytes) else { return false }
      rows.append(try tuple(bytes))
      noteTuple()
      tuples.finished += 1
    }
  }

  private static func integer(_ bytes: UnsafeBufferPointer<UInt8>, _ place: Int, _ width: Int)
    -> UInt32
  {
    bytes[place..<place + width].reduce(0) { $0 << 8 | UInt32($1) }
  }

  private static func length(_ bytes: UnsafeBufferPointer<UInt8>, _ place: Int) -> Int {
    Int(Int32(bitPattern: integer(bytes, place, 4)))
  }

  /// Reads the file's header; false where it is not whole yet.
  private mutating func header(_ bytes: UnsafeBufferPointer<UInt8>, isLast: Bool) throws(SQLError)
    -> Bool
  {
    while true {
      let rest = bytes.count - tuples.start
      switch tuples.header {
      case .signature:
        let signature = CopyTuples.signature
        guard rest >= signature.count else {
          if isLast { throw Self.malformed("COPY file signature not recognized") }
          return false
        }
        guard bytes[tuples.start..<tuples.start + signature.count].elementsEqual(signature) else {
          throw Self.malformed("COPY file signature not recognized")
        }
        tuples.start += signature.count
        tuples.header = .flags
      case .flags:
        guard rest >= 4 else {
          if isLast { throw Self.malformed("invalid COPY file header (missing flags)") }
          return false
        }
        let flags = Self.integer(bytes, tuples.start, 4)
        if flags & 1 << 16 != 0 { throw Self.malformed("invalid COPY file header (WITH OIDS)") }
        if flags >> 16 != 0 {
          throw Self.malformed("unrecognized critical flags in COPY file header")
        }
        tuples.start += 4
        tuples.header = .length
      case .length:
        guard rest >= 4 else {
          if isLast { throw Self.malformed("invalid COPY file header (missing length)") }
          return false
        }
        let length = Self.length(bytes, tuples.start)
        if length < 0 { throw Self.malformed("invalid COPY file header (missing length)") }
        tuples.start += 4
        tuples.header = .extension(length)
      case .extension(let left):
        tuples.start += min(left, rest)
        guard rest >= left else {
          tuples.header = .extension(left - rest)
          if isLast { throw Self.malformed("invalid COPY file header (wrong length)") }
          return false
        }
        tuples.header = .done
      case .done: return true
      }
    }
  }

  /// Whether all of the tuple is there, or enough to tell what is wrong with it.
  private func isWhole(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    var place = tuples.start + 2
    for _ in columns {
      guard bytes.count - place >= 4 else { return false }
      let length = Self.length(bytes, place)
      if length < -1 || length > Self.rowBytesMax { return true }
      place += 4 + max(length, 0)
      if place > bytes.count { return false }
    }
    return true
  }

  private mutating func tuple(_ bytes: UnsafeBufferPointer<UInt8>) throws(SQLError) -> [Value] {
    var place = tuples.start + 2
    var row: [Value] = []
    row.reserveCapacity(columns.count)
    for column in columns.indices {
      let missing = Self.malformed("unexpected EOF in COPY data")
      guard bytes.count - place >= 4 else { throw fault(missing, column: column) }
      let length = Self.length(bytes, place)
      place += 4
      if length == -1 {
        row.append(.null)
        continue
      }
      if length < 0 { throw fault(Self.malformed("invalid field size"), column: column) }
      if length > Self.rowBytesMax { throw fault(Self.tooLong, column: column) }
      guard bytes.count - place >= length else { throw fault(missing, column: column) }
      do throws(SQLError) {
        row.append(
          try TypeIO.decodeBinary(
            Array(bytes[place..<place + length]), as: columns[column].type))
      } catch {
        throw fault(error, column: column)
      }
      place += length
    }
    tuples.start = place
    return row
  }
}
