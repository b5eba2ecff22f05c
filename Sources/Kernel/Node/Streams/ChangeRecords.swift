public import Base

/// A record where it lies among others: borrowed bytes, valid as long as theirs.
public struct RecordView {
  public var offset: Int64
  public var operation: ChangeOperation
  public var key: UnsafeRawBufferPointer
  public var before: UnsafeRawBufferPointer?
  public var after: UnsafeRawBufferPointer?
  public var timestamp: Timestamp
  public var transaction: TransactionID
  public var origin: UInt32
  public var term: Term
  public var tableVersion: UInt64

  /// Of key and images.
  var bytes: Int { key.count + (before?.count ?? 0) + (after?.count ?? 0) }

  /// With bytes of its own.
  var record: ChangeRecord {
    ChangeRecord(
      offset: offset, operation: operation, key: Array(key), before: before.map { Array($0) },
      after: after.map { Array($0) }, timestamp: timestamp, transaction: transaction,
      origin: origin, term: term, tableVersion: tableVersion)
  }
}

/// Records of a partition in the form that they have in its files: some stretches of bytes, none of which is
/// taken apart before somebody looks at it. Rising offsets. As a sequence, each record gets bytes of its own;
/// `forEach(view:)` does without.
public struct ChangeRecords: Sendable, Equatable {
  private struct Chunk: Sendable, Equatable {
    /// What the records' offsets are counted from.
    var base: Int64
    var bytes: [UInt8]
  }
  private var chunks: [Chunk] = []
  public private(set) var count = 0
  /// Of keys and images.
  public private(set) var bytes = 0
  /// Offsets; nil where there are no records.
  public private(set) var firstOffset: Int64?
  public private(set) var lastOffset: Int64?

  public init() {}

  public var isEmpty: Bool { count == 0 }

  /// Takes records of a batch, whose offsets count from `base`: those from `start` on, until `maxBytes` are there,
  /// but one at least. True: there is no room for the next one. Cost: each is passed over, what is taken is copied
  /// as a whole.
  mutating func take(
    _ body: UnsafeRawBufferPointer, base: Int64, from start: Int64, maxBytes: Int
  ) throws(DecodingFault) -> Bool {
    var reader = ByteReader(body)
    var taken: Range<Int>?
    var isFull = false
    while !reader.isAtEnd, bytes < maxBytes {
      let place = reader.offset
      let record = try ChangeRecordCodec.view(&reader, base: base)
      if record.offset < start { continue }
      if !isEmpty, bytes + record.bytes > maxBytes {
        isFull = true
        break
      }
      note(record)
      taken = (taken?.lowerBound ?? place)..<reader.offset
    }
    if let taken {
      chunks.append(
        Chunk(base: base, bytes: Array(UnsafeRawBufferPointer(rebasing: body[taken]))))
    }
    return isFull || bytes >= maxBytes
  }

  private mutating func note(_ record: RecordView) {
    count += 1
    bytes += record.bytes
    if firstOffset == nil { firstOffset = record.offset }
    lastOffset = record.offset
  }

  /// One record after the other, without a copy.
  public func forEach<Fault: Error>(view body: (RecordView) throws(Fault) -> Void) throws(Fault) {
    for chunk in chunks {
      let result: Result<Void, Fault> = chunk.bytes.withUnsafeBytes { bytes in
        var reader = ByteReader(bytes)
        while !reader.isAtEnd {
          let record = Self.checked(&reader, chunk.base)
          do throws(Fault) { try body(record) } catch { return .failure(error) }
        }
        return .success(())
      }
      try result.get()
    }
  }

  /// Chunks have been walked once.
  private static func checked(_ reader: inout ByteReader, _ base: Int64) -> RecordView {
    do throws(DecodingFault) {
      return try ChangeRecordCodec.view(&reader, base: base)
    } catch {
      fatalError("invariant: a record that was read cannot be read: \(error)")
    }
  }
}

extension ChangeRecords: Sequence {
  public func makeIterator() -> IndexingIterator<[ChangeRecord]> {
    var records: [ChangeRecord] = []
    records.reserveCapacity(count)
    forEach(view: { records.append($0.record) })
    return records.makeIterator()
  }
}

extension ChangeRecords: WireCodable {
  public func encode(into out: inout WireEncoder) {
    out.list(chunks) { chunk, out in
      chunk.base.encode(into: &out)
      out.bytes.blob(chunk.bytes)
    }
  }

  public init(from reader: inout WireDecoder) throws(DecodingFault) {
    chunks = try reader.list { (reader) throws(DecodingFault) in
      Chunk(base: try Int64(from: &reader), bytes: try reader.bytes.blob())
    }
    for chunk in chunks {
      guard chunk.base >= 0 else { throw .malformed("records from \(chunk.base) on") }
      let result: Result<Void, DecodingFault> = chunk.bytes.withUnsafeBytes { bytes in
        var reader = ByteReader(bytes)
        do throws(DecodingFault) {
          while !reader.isAtEnd {
            let record = try ChangeRecordCodec.view(&reader, base: chunk.base)
            if let lastOffset, record.offset <= lastOffset {
              throw .malformed("record \(record.offset) comes after \(lastOffset)")
            }
            note(record)
          }
          return .success(())
        } catch {
          return .failure(error)
        }
      }
      try result.get()
    }
  }
}
