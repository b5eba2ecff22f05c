import Base
import Storage
import WAL

/// The state of a tablet at one index besides its rows, taken in one step. Lives on: its shard.
struct TabletImage {
  let header: CheckpointHeader
  let prepared: [(index: LogIndex, record: PrepareRecord)]
  let decisions: [DecisionImage]
}

struct DecisionImage: Equatable {
  var transaction: TransactionID
  var commitTimestamp: Timestamp?
  var index: LogIndex
  var unresolved: [TabletID]
}

extension Tablet {
  /// What the memory holds now is the effect of all entries up to the newest.
  func image() -> TabletImage {
    let isLeftOut = shard.plantedBug == .preparedLeftOutOfCheckpoint
    let prepared = (isLeftOut ? [:] : open).values.compactMap { state in
      state.prepared.map { (index: state.preparedIndex, record: $0) }
    }
    let decisions = decisions.map { transaction, state in
      DecisionImage(
        transaction: transaction, commitTimestamp: state.commitTimestamp, index: state.index,
        unresolved: state.unresolved)
    }
    return TabletImage(
      header: CheckpointHeader(
        tablet: id, index: replication.lastIndex, term: replication.term,
        clock: shard.nextTimestamp()),
      prepared: prepared.sorted { $0.index < $1.index },
      decisions: decisions.sorted { $0.transaction < $1.transaction })
  }
}

/// The contents of a checkpoint's blocks; `docs/formats.md` has the bytes.
enum ImageCodec {
  private static let hasValue: UInt8 = 1
  private static let doesExpire: UInt8 = 2

  static func encode(_ version: SnapshotVersion, into out: inout ByteWriter) {
    out.varint(UInt64(version.space.rawValue))
    out.integer(
      (version.value == nil ? 0 : hasValue) | (version.expires == nil ? 0 : doesExpire))
    out.integer(version.timestamp.rawValue)
    out.varint(version.index.rawValue)
    out.varint(UInt64(version.key.count))
    out.raw(version.key)
    if let value = version.value {
      out.varint(UInt64(value.count))
      out.raw(value)
    }
    if let expires = version.expires { out.integer(expires.rawValue) }
  }

  static func encode(_ index: LogIndex, _ record: PrepareRecord) -> [UInt8] {
    var out = ByteWriter(reserving: 256)
    out.varint(index.rawValue)
    out.prepare(record)
    return out.bytes
  }

  static func encode(_ decisions: [DecisionImage]) -> [UInt8] {
    var out = ByteWriter(reserving: decisions.count * 40)
    for decision in decisions {
      out.integer(decision.transaction.rawValue)
      out.integer(decision.commitTimestamp?.rawValue ?? 0)
      out.varint(decision.index.rawValue)
      out.varint(UInt64(decision.unresolved.count))
      for tablet in decision.unresolved { out.integer(tablet.rawValue) }
    }
    return out.bytes
  }

  static func decisions(_ bytes: UnsafeRawBufferPointer) throws(DecodingFault) -> [DecisionImage] {
    var reader = ByteReader(bytes)
    var found: [DecisionImage] = []
    while !reader.isAtEnd {
      var decision = DecisionImage(
        transaction: try reader.transaction(), commitTimestamp: try reader.optionalTimestamp(),
        index: LogIndex(rawValue: try reader.varint()), unresolved: [])
      for _ in 0..<(try reader.boundedCount(itemBytesMin: 8)) {
        decision.unresolved.append(TabletID(rawValue: try reader.integer()))
      }
      found.append(decision)
    }
    return found
  }

  static func prepared(_ bytes: UnsafeRawBufferPointer) throws(DecodingFault) -> (
    index: LogIndex, record: PrepareRecord
  ) {
    var reader = ByteReader(bytes)
    let index = LogIndex(rawValue: try reader.varint())
    let record = try reader.prepare()
    guard reader.isAtEnd else { throw .malformed("bytes after a prepared transaction") }
    return (index, record)
  }

  /// Adds the rows of one block.
  static func load(_ bytes: UnsafeRawBufferPointer, into loader: inout StoreLoader)
    throws(DecodingFault)
  {
    var reader = ByteReader(bytes)
    while !reader.isAtEnd {
      guard let space = UInt32(exactly: try reader.varint()) else { throw .malformed("keyspace") }
      let flags: UInt8 = try reader.integer()
      guard flags <= hasValue | doesExpire else { throw .malformed("row flags \(flags)") }
      let timestamp = Timestamp(rawValue: try reader.integer())
      let index = LogIndex(rawValue: try reader.varint())
      let key = try reader.blobView()
      let value = flags & hasValue == 0 ? nil : try reader.blobView()
      let expires =
        flags & doesExpire == 0 ? nil : Timestamp(rawValue: try reader.integer() as UInt64)
      guard
        loader.add(
          KeyspaceID(rawValue: space), key, value: value, at: timestamp, index: index,
          expires: expires)
      else { throw .malformed("rows out of order") }
    }
  }
}

extension Tablet {
  /// Rebuilds the tablet from its checkpoint. Blocking: at start only. Returns the index that the
  /// log goes on behind; `endReplay` follows the log.
  func load(from reader: CheckpointReader) throws(WALError) -> LogIndex {
    var loader = StoreLoader(store)
    let header = try reader.read(id) { _, block, bytes throws(DecodingFault) in
      switch block {
      case .rows: try ImageCodec.load(bytes, into: &loader)
      case .prepared:
        let (index, record) = try ImageCodec.prepared(bytes)
        undecided[record.transaction] = (index, TabletEntry.prepare(record).encoded())
      case .decisions:
        for decision in try ImageCodec.decisions(bytes) {
          decisions[decision.transaction] = DecisionState(
            commitTimestamp: decision.commitTimestamp, unresolved: decision.unresolved,
            index: decision.index)
        }
      case .end: break
      }
    }
    shard.clock.observe(header.clock)
    replication.recovered(checkpoint: header.index, term: header.term)
    store.settle(upTo: header.index)
    return header.index
  }
}
