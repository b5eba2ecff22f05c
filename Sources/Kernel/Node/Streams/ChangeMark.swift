import Base
import Catalog
import Storage
import Types

/// Where a write goes in its table's change stream. The leader works it out when the row is written, and
/// the entry carries it, with the value before the write: so every replica makes the same records of the
/// same entry, without a look at a catalog that it may not have yet (decision 70).
struct ChangeMark: Equatable {
  var table: ObjectID
  var partition: UInt16
  /// The table's version that the row is written with.
  var tableVersion: UInt64
  /// Not a row: the partition has been emptied.
  var isTruncation = false
}

/// A write's place in a change stream, as entries carry it.
struct MarkedChange: Equatable {
  var mark: ChangeMark
  /// Nil: there was no row.
  var before: [UInt8]?
}

/// The same, with borrowed bytes.
struct ChangeView {
  var mark: ChangeMark
  var before: UnsafeRawBufferPointer?

  /// Beside the `WriteKind` in its byte.
  private static let markedFlag: UInt8 = 0x10
  private static let truncationFlag: UInt8 = 0x20
  private static let beforeFlag: UInt8 = 0x40
  static let allFlags: UInt8 = 0x70

  var flags: UInt8 {
    Self.markedFlag | (mark.isTruncation ? Self.truncationFlag : 0)
      | (before == nil ? 0 : Self.beforeFlag)
  }

  static func isMarked(_ flags: UInt8) throws(DecodingFault) -> Bool {
    if flags == 0 { return false }
    guard flags & markedFlag != 0 else { throw .malformed("write flags \(flags)") }
    return true
  }

  static func isTruncation(_ flags: UInt8) -> Bool { flags & truncationFlag != 0 }
  static func hasBefore(_ flags: UInt8) -> Bool { flags & beforeFlag != 0 }
}

extension [WriteRecord] {
  var areMarked: Bool { contains { $0.change != nil } }
}

extension ByteWriter {
  /// Behind a write whose kind has the flags.
  mutating func change(_ change: ChangeView) {
    integer(change.mark.table.rawValue)
    varint(UInt64(change.mark.partition))
    varint(change.mark.tableVersion)
    guard let before = change.before else { return }
    varint(UInt64(before.count))
    raw(before)
  }
}

extension ByteReader {
  /// Nil where the flags say that there is none.
  mutating func change(flags: UInt8) throws(DecodingFault) -> ChangeView? {
    guard try ChangeView.isMarked(flags) else { return nil }
    let table = ObjectID(rawValue: try integer())
    let partition = try varint()
    guard partition < UInt64(Bucket.count) else { throw .malformed("partition \(partition)") }
    let mark = ChangeMark(
      table: table, partition: UInt16(partition), tableVersion: try varint(),
      isTruncation: ChangeView.isTruncation(flags))
    return ChangeView(mark: mark, before: ChangeView.hasBefore(flags) ? try blobView() : nil)
  }
}

// MARK: - Marking

/// The tables as a transaction that has changed them sees them. Boxed, since calls carry it.
final class TablesOfCall: Sendable {
  let catalog: CatalogSnapshot
  init(_ catalog: CatalogSnapshot) { self.catalog = catalog }
}

/// What a shard keeps to find partitions. Lives on: its shard.
struct PartitionFinder {
  /// The slots that tablets have by the newest map.
  private var slots: [TabletID: Range<Int>] = [:]
  private var mapVersion: UInt64?
  /// Says of rows where they belong, by one catalog.
  private var reader: (any BucketReader)?
  private var readerVersion: UInt64?
  private var readerTables: ObjectIdentifier?

  mutating func slots(of tablet: TabletID, _ map: TabletMap) -> Range<Int>? {
    if mapVersion != map.version {
      mapVersion = map.version
      slots = [:]
      for (place, range) in map.descriptor.ranges.enumerated() {
        slots[range.tablet] = map.descriptor.buckets(at: place)
      }
    }
    return slots[tablet]
  }

  mutating func bucket(
    ofKey key: [UInt8], value: UnsafeRawBufferPointer, in space: KeyspaceID, on tablet: TabletID,
    _ tables: TablesOfCall?, _ shard: NodeShard
  ) throws(SQLError) -> StoredBucket {
    let version = tables == nil ? shard.catalogVersion : nil
    if reader == nil || readerVersion != version
      || readerTables != tables.map({ ObjectIdentifier($0) })
    {
      reader = shard.bucketReader?(tables?.catalog ?? shard.catalog)
      readerVersion = version
      readerTables = tables.map { ObjectIdentifier($0) }
    }
    guard var found = reader else { return .nowhere }
    // Taken out while it is changed, so that it is not copied.
    reader = nil
    defer { reader = found }
    let result: Result<StoredBucket, SQLError> = key.withUnsafeBytes { key in
      do throws(SQLError) {
        return .success(try found.bucket(ofKey: key, value: value, in: space, on: tablet))
      } catch {
        return .failure(error)
      }
    }
    return try result.get()
  }
}

extension Tablet {
  /// The stream that a write to the keyspace goes into; nil for most.
  @inline(__always)
  func streamedTable(_ space: KeyspaceID, _ header: CallHeader) -> StreamedTable? {
    if let tables = header.tables { return tables.catalog.streams[space] }
    return shard.streams.isEmpty ? nil : shard.streams[space]
  }

  /// The partitions that this tablet has of a stream.
  func partitions(of stream: ChangeStreamDescriptor) -> ClosedRange<Int>? {
    if id == .catalog { return 0...0 }
    guard let slots = shard.partitionFinder.slots(of: id, shard.map), let first = slots.first,
      let last = slots.last
    else { return nil }
    let lowest = stream.partition(of: Bucket(slot: UInt16(first)))
    return lowest...stream.partition(of: Bucket(slot: UInt16(last)))
  }

  /// Where a write goes. Nil: it deletes what is not there, and whose place is not known.
  func mark(
    _ table: StreamedTable, _ space: KeyspaceID, _ key: [UInt8], _ value: [UInt8]?,
    _ header: CallHeader
  ) throws(ProcedureError) -> ChangeMark? {
    // Of a tablet that has just come its buckets may not be known here yet.
    let partitions = partitions(of: table.stream)
    var partition = partitions?.lowerBound ?? 0
    if partitions?.count != 1 {
      guard let found = try bucket(space, key, value, header) else { return nil }
      partition = table.stream.partition(of: found)
    }
    return ChangeMark(
      table: table.table, partition: UInt16(partition), tableVersion: table.version)
  }

  private func bucket(
    _ space: KeyspaceID, _ key: [UInt8], _ value: [UInt8]?, _ header: CallHeader
  ) throws(ProcedureError) -> Bucket? {
    do throws(SQLError) {
      guard let value = value ?? newestValue(space, key, header) else { return nil }
      let result: Result<StoredBucket, SQLError> = value.withUnsafeBytes { bytes in
        do throws(SQLError) {
          return .success(
            try shard.partitionFinder.bucket(
              ofKey: key, value: bytes, in: space, on: id, header.tables, shard))
        } catch {
          return .failure(error)
        }
      }
      if case .bucket(let bucket) = try result.get() { return bucket }
      throw SQLError(.dataCorrupted, "a row's partition of its change stream is not known")
    } catch {
      throw .user(error)
    }
  }

  /// The transaction's own value of the key, else the newest, expired or not.
  private func newestValue(_ space: KeyspaceID, _ key: [UInt8], _ header: CallHeader) -> [UInt8]? {
    key.withUnsafeBytes { bytes in
      store.get(
        space, bytes, at: .distantFuture, reader: header.transaction, expiredAt: .zero
      ) { $0.value.map { Array($0) } }
    }
  }
}
