import Base

/// Records of a partition that are not in a file yet, as they will be there. Lives on: one shard.
struct ChangeBatch {
  private(set) var body = ByteWriter()
  let first: Int64
  private(set) var last: Int64
  private(set) var newest = Timestamp.zero
  private(set) var term = Term.zero
  /// Where each record begins in `body`.
  private(set) var starts: [Int] = []
  /// Of all records before the batch.
  let newestBefore: Timestamp
  let termBefore: Term

  /// Of records from this offset on.
  init(first: Int64, newestBefore: Timestamp, termBefore: Term) {
    self.first = first
    self.newestBefore = newestBefore
    self.termBefore = termBefore
    last = first - 1
    term = termBefore
  }

  var header: BatchHeader {
    BatchHeader(first: first, last: last, newest: newest, term: term, count: starts.count)
  }

  var bytes: Int { body.count }

  /// A record that was made before, elsewhere.
  mutating func add(_ record: ChangeRecord) {
    record.key.withUnsafeBytes { key in
      withUnsafeBytes(of: record.before) { before in
        withUnsafeBytes(of: record.after) { after in
          add(
            ChangeRecordCodec.Source(
              operation: record.operation, key: key, before: before, after: after,
              timestamp: record.timestamp, transaction: record.transaction, origin: record.origin,
              term: record.term, tableVersion: record.tableVersion), at: record.offset)
        }
      }
    }
  }

  private func withUnsafeBytes(of image: [UInt8]?, _ body: (UnsafeRawBufferPointer?) -> Void) {
    guard let image else { return body(nil) }
    image.withUnsafeBytes { body($0) }
  }

  /// Offsets up to there are the batch's, with or without a record.
  mutating func cover(upTo end: Int64) { last = max(last, end - 1) }

  /// The record gets the next offset.
  mutating func add(_ record: ChangeRecordCodec.Source) { add(record, at: last + 1) }

  /// A record that has its offset already. Where some are missing before it, `read` must not be asked.
  mutating func add(_ record: ChangeRecordCodec.Source, at offset: Int64) {
    last = offset
    starts.append(body.count)
    ChangeRecordCodec.encode(record, distance: UInt64(last - first), into: &body)
    newest = max(newest, record.timestamp)
    term = record.term
  }

  /// Adds the records from `start` on to `records`, until these have `maxBytes`. True: there is no room for the
  /// next one.
  func read(from start: Int64, maxBytes: Int, into records: inout ChangeRecords)
    throws(DecodingFault) -> Bool
  {
    guard start <= last else { return false }
    let skipped = Int(max(0, start - first))
    let result: Result<Bool, DecodingFault> = body.bytes.withUnsafeBytes { bytes in
      do throws(DecodingFault) {
        let rest = UnsafeRawBufferPointer(rebasing: bytes[starts[skipped]...])
        return .success(try records.take(rest, base: first, from: start, maxBytes: maxBytes))
      } catch {
        return .failure(error)
      }
    }
    return try result.get()
  }
}
