public import Base
public import Catalog
import Storage
import Types

/// What tablets keep of change streams beside the records, as rows like all others: in the log, with
/// every replica, in checkpoints.
enum ChangeStreams {
  static let space = KeyspaceID(rawValue: 6)

  /// Of a partition that came by a split: where it goes on, and the tablet that has what is before.
  struct Origin: Equatable {
    var key: StreamKey
    var next: Int64
    var newest: Timestamp
    var term: Term
    var parent: TabletID
  }

  private static let originTag: UInt8 = 1
  private static let truncationTag: UInt8 = 2

  private static func key(_ key: StreamKey, tag: UInt8) -> [UInt8] {
    var out = ByteWriter(reserving: 8)
    out.integer(tag)
    out.integer(key.table.rawValue.byteSwapped)
    out.integer(key.partition.byteSwapped)
    return out.bytes
  }

  /// The row that is written where a partition is emptied; only its change counts.
  static func truncationKey(_ stream: StreamKey) -> [UInt8] { key(stream, tag: truncationTag) }

  static func row(of origin: Origin) -> (key: [UInt8], value: [UInt8]) {
    var out = ByteWriter(reserving: 32)
    out.integer(UInt64(origin.next))
    out.integer(origin.newest.rawValue)
    out.integer(origin.term.rawValue)
    out.integer(origin.parent.rawValue)
    return (key(origin.key, tag: originTag), out.bytes)
  }

  /// Nil: the row is of another kind.
  static func origin(key: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer)
    throws(DecodingFault) -> Origin?
  {
    var keys = ByteReader(key)
    let tag: UInt8 = try keys.integer()
    if tag != originTag { return nil }
    let table: UInt32 = try keys.integer()
    let partition: UInt16 = try keys.integer()
    var values = ByteReader(value)
    let next: UInt64 = try values.integer()
    guard keys.isAtEnd, let next = Int64(exactly: next) else {
      throw .malformed("where a change stream came from")
    }
    let origin = Origin(
      key: StreamKey(
        table: ObjectID(rawValue: table.byteSwapped), partition: partition.byteSwapped),
      next: next, newest: Timestamp(rawValue: try values.integer()),
      term: Term(rawValue: try values.integer()), parent: TabletID(rawValue: try values.integer()))
    guard values.isAtEnd else { throw .malformed("where a change stream came from") }
    return origin
  }

  static func origin(of stream: StreamKey, in store: Store) -> Origin? {
    key(stream, tag: originTag).withUnsafeBytes { key in
      store.get(space, key, at: .distantFuture, reader: nil) { found -> Origin? in
        guard let value = found.value else { return nil }
        do throws(DecodingFault) {
          return try origin(key: key, value: value)
        } catch {
          fatalError("invariant: \(stream.table): where a change stream came from: \(error)")
        }
      }
    }
  }
}

/// Empties the tablet's partitions of a table's change stream, for TRUNCATE.
struct TruncateStream: Procedure {
  static let name = "stream.truncate"
  let table: ObjectID

  init(_ table: ObjectID) { self.table = table }
  func encode(into out: inout WireEncoder) { table.encode(into: &out) }
  init(from reader: inout WireDecoder) throws(DecodingFault) {
    table = try ObjectID(from: &reader)
  }

  func run(_ transaction: TabletTransaction) throws(ProcedureError) -> Bool {
    try transaction.truncateStream(table)
    return true
  }
}

extension Transaction {
  /// All rows of the table go with this transaction's commit, without a record of each. The transaction
  /// has the table alone.
  public func truncateStream(of table: ObjectID) async throws(KernelError) {
    try await callEverywhere(TruncateStream(table), of: catalog.table(table).map { [$0.tier] })
  }
}

extension NodeShard {
  /// The least number of partitions that a stream in the tier can have: one for each tablet, or more where
  /// tablets have been split.
  public func streamPartitionsMin(of tier: TierID, in catalog: CatalogSnapshot) -> Int {
    (catalog.tabletMap ?? map.descriptor).partitionsMin(of: tier)
  }
}

extension TabletTransaction {
  fileprivate func truncateStream(_ id: ObjectID) throws(ProcedureError) {
    guard let table = (header.tables?.catalog ?? shard.catalog).table(id),
      let stream = table.changeStream, let partitions = owner.partitions(of: stream)
    else { return }
    for partition in partitions {
      let key = StreamKey(table: id, partition: UInt16(partition))
      let row = ChangeStreams.truncationKey(key)
      try owner.admitEntry()
      try lockLatest(LockRequest(space: ChangeStreams.space, key: row, mode: .update))
      owner.write(
        ChangeStreams.space, row, [], expires: nil,
        mark: ChangeMark(
          table: id, partition: key.partition, tableVersion: table.version, isTruncation: true),
        by: header)
    }
  }
}

// MARK: - Splits

extension Tablet {
  /// Where the streams are whose partitions begin at the bucket or behind: nothing is under way here.
  func origins(of catalog: CatalogSnapshot, from bucket: Bucket) -> [ChangeStreams.Origin] {
    changes.partitions.compactMap { stream in
      guard
        let found = catalog.table(stream.key.table)?.streamPartitions.map({
          ChangeStreamDescriptor(partitions: $0)
        }) ?? shard.streams.values.first(where: { $0.table == stream.key.table })?.stream,
        found.firstBucket(of: Int(stream.key.partition), in: bucket.tier) >= bucket
      else { return nil }
      let image = stream.image
      return ChangeStreams.Origin(
        key: stream.key, next: image.next, newest: image.newest, term: image.term, parent: id)
    }
  }

  /// A split's child: its stream goes on where its parent's ended.
  func beginStream(_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) {
    do throws(DecodingFault) {
      guard let origin = try ChangeStreams.origin(key: key, value: value) else { return }
      changes.stream(origin.key).begin(
        at: origin.next, newest: origin.newest, term: origin.term)
    } catch {
      fatalError("invariant: \(id): where a change stream came from: \(error)")
    }
  }
}
