import Base
import Raft
import Storage
import WAL

/// The state of a tablet at one index besides its rows, taken in one step. Lives on: its shard.
struct TabletImage {
  let header: CheckpointHeader
  /// Prepared transactions as their blocks have them, in the order of their entries.
  let prepared: [(index: LogIndex, bytes: [UInt8])]
  let decisions: [DecisionImage]
  /// Which terms led up to the index.
  let history: [RaftTermRun]
  let group: GroupImage
  let range: RangeImage?
}

/// Nil would say: it has the buckets that it was made with, and never was another's part.
struct RangeImage: Equatable {
  var since: Timestamp
  var filling: TabletFilling?
}

/// Which replica a checkpoint is of, and who belonged to its group at its index. One of another node's is a
/// leader's snapshot that was installed here: what the log has from before is void.
struct GroupImage: Equatable {
  var replica: ReplicaID
  var configuration: RaftConfiguration
}

struct DecisionImage: Equatable {
  var transaction: TransactionID
  var isCommitted: Bool
  var commitTimestamp: Timestamp
  var index: LogIndex
  var participants: [Participant]
}

extension Tablet {
  /// Of a leader: what its memory holds now is the effect of all entries up to the newest. Of a follower:
  /// what has been applied. Nil in between.
  func image() -> TabletImage? {
    if replication.isServing { return leaderImage() }
    return replication.core.role == .leader ? nil : followerImage()
  }

  private func groupImage(at index: LogIndex) -> GroupImage? {
    // A leader's newest entries have not committed, but they are its own.
    let configuration =
      replication.core.snapshotDescriptor(at: min(index, replication.commitIndex))?.configuration
    return configuration.map {
      GroupImage(replica: replication.core.id, configuration: $0)
    }
  }

  private func followerImage() -> TabletImage? {
    let index = replication.commitIndex
    guard let term = replication.core.term(at: index), let group = groupImage(at: index) else {
      return nil
    }
    let prepared = applied.undecided.values.sorted { $0.index < $1.index }
    return TabletImage(
      header: CheckpointHeader(
        tablet: id, index: index, term: term, clock: shard.nextTimestamp()),
      prepared: prepared.compactMap { entry in
        ImageCodec.encode(entry.index, entry: entry.payload).map { (index: entry.index, bytes: $0) }
      },
      decisions: applied.decisions.values.sorted { $0.transaction < $1.transaction },
      history: replication.termHistory.filter { $0.first <= index }, group: group,
      range: rangeImage)
  }

  private func leaderImage() -> TabletImage? {
    guard replication.core.configurationIndex <= replication.commitIndex,
      rangeIndex <= replication.commitIndex,
      let group = groupImage(at: replication.lastIndex)
    else { return nil }
    let isLeftOut = shard.plantedBug == .preparedLeftOutOfCheckpoint
    let prepared = open.compactMap { transaction, state in
      // A decision's own writes stay with it in either case: a restart insists on them.
      isLeftOut && self.decisions[transaction] == nil
        ? nil
        : state.prepared.map { record in
          let bytes = ImageCodec.encode(
            state.preparedIndex, record, reserving: state.writtenBytes
          ) { encodeWrites(of: state, into: &$0) }
          return (index: state.preparedIndex, bytes: bytes)
        }
    }
    let decisions = decisions.map { transaction, state in
      DecisionImage(
        transaction: transaction, isCommitted: state.stage == .committed,
        commitTimestamp: state.commitTimestamp, index: state.index,
        participants: state.participants)
    }
    return TabletImage(
      header: CheckpointHeader(
        tablet: id, index: replication.lastIndex, term: replication.lastPlace.term,
        clock: shard.nextTimestamp()),
      prepared: prepared.sorted { $0.index < $1.index },
      decisions: decisions.sorted { $0.transaction < $1.transaction },
      history: replication.termHistory, group: group, range: rangeImage)
  }

  private var rangeImage: RangeImage? {
    since == .zero && filling == nil ? nil : RangeImage(since: since, filling: filling)
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

  static func encode(
    _ index: LogIndex, _ record: PrepareRecord, reserving bytes: Int,
    writes: (inout ByteWriter) -> Void
  ) -> [UInt8] {
    var out = ByteWriter(reserving: 64 + bytes)
    out.varint(index.rawValue)
    out.prepare(record, writes)
    return out.bytes
  }

  /// Of a prepare or decision entry as it is in the log; nil where it is none.
  static func encode(_ index: LogIndex, entry payload: [UInt8]) -> [UInt8]? {
    do throws(DecodingFault) {
      switch try TabletEntry(decoding: payload) {
      case .prepare(let record, let writes): return encode(index, record, writes)
      case .decision(let record, let writes): return encode(index, record.prepare, writes)
      default: return nil
      }
    } catch {
      fatalError("invariant: an applied entry cannot be read: \(error)")
    }
  }

  private static func encode(_ index: LogIndex, _ record: PrepareRecord, _ writes: [WriteRecord])
    -> [UInt8]
  {
    encode(index, record, reserving: 0) { $0.writes(writes) }
  }

  static func encode(_ group: GroupImage) -> [UInt8] {
    var out = ByteWriter(reserving: 32)
    out.varint(group.replica.rawValue)
    group.configuration.encode(into: &out)
    return out.bytes
  }

  static func group(_ bytes: UnsafeRawBufferPointer) throws(DecodingFault) -> GroupImage {
    var reader = ByteReader(bytes)
    let replica = ReplicaID(rawValue: try reader.varint())
    let group = GroupImage(
      replica: replica, configuration: try RaftConfiguration(from: &reader))
    guard reader.isAtEnd else { throw .malformed("bytes after a group") }
    return group
  }

  static func encode(_ range: RangeImage) -> [UInt8] {
    var out = ByteWriter(reserving: 32)
    out.integer(range.since.rawValue)
    out.integer(UInt8(range.filling == nil ? 0 : 1))
    if let filling = range.filling {
      out.attempt(filling.attempt)
      out.varint(filling.next)
    }
    return out.bytes
  }

  static func range(_ bytes: UnsafeRawBufferPointer) throws(DecodingFault) -> RangeImage {
    var reader = ByteReader(bytes)
    var range = RangeImage(since: Timestamp(rawValue: try reader.integer()))
    let isFilled: UInt8 = try reader.integer()
    guard isFilled <= 1 else { throw .malformed("range flag \(isFilled)") }
    if isFilled == 1 {
      range.filling = TabletFilling(attempt: try reader.attempt(), next: try reader.varint())
    }
    guard reader.isAtEnd else { throw .malformed("bytes after a range") }
    return range
  }

  static func encode(_ decisions: [DecisionImage]) -> [UInt8] {
    var out = ByteWriter(reserving: decisions.count * 48)
    for decision in decisions {
      out.integer(decision.transaction.rawValue)
      out.integer(UInt8(decision.isCommitted ? 1 : 0))
      out.integer(decision.commitTimestamp.rawValue)
      out.varint(decision.index.rawValue)
      out.participants(decision.participants)
    }
    return out.bytes
  }

  static func decisions(_ bytes: UnsafeRawBufferPointer) throws(DecodingFault) -> [DecisionImage] {
    var reader = ByteReader(bytes)
    var found: [DecisionImage] = []
    while !reader.isAtEnd {
      let transaction = try reader.transaction()
      let isCommitted: UInt8 = try reader.integer()
      guard isCommitted <= 1 else { throw .malformed("decision flag \(isCommitted)") }
      found.append(
        DecisionImage(
          transaction: transaction, isCommitted: isCommitted == 1,
          commitTimestamp: Timestamp(rawValue: try reader.integer()),
          index: LogIndex(rawValue: try reader.varint()), participants: try reader.participants()))
    }
    return found
  }

  static func encode(_ history: [RaftTermRun]) -> [UInt8] {
    var out = ByteWriter(reserving: history.count * 8)
    for run in history {
      out.varint(run.first.rawValue)
      out.varint(run.term.rawValue)
    }
    return out.bytes
  }

  static func history(_ bytes: UnsafeRawBufferPointer) throws(DecodingFault) -> [RaftTermRun] {
    var reader = ByteReader(bytes)
    var runs: [RaftTermRun] = []
    while !reader.isAtEnd {
      let run = RaftTermRun(
        first: LogIndex(rawValue: try reader.varint()), term: Term(rawValue: try reader.varint()))
      guard run.term > runs.last?.term ?? .zero, run.first > runs.last?.first ?? .zero else {
        throw .malformed("terms out of order")
      }
      runs.append(run)
    }
    return runs
  }

  static func prepared(_ bytes: UnsafeRawBufferPointer) throws(DecodingFault) -> (
    index: LogIndex, record: PrepareRecord, writes: [WriteRecord]
  ) {
    var reader = ByteReader(bytes)
    let index = LogIndex(rawValue: try reader.varint())
    let (record, writes) = try reader.prepare()
    guard reader.isAtEnd else { throw .malformed("bytes after a prepared transaction") }
    return (index, record, writes)
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
  /// log goes on behind.
  func load(from reader: CheckpointReader) throws(WALError) -> LogIndex {
    let loaded = try fill(from: reader)
    replication.recovered(
      checkpoint: loaded.header.index, term: loaded.header.term, history: loaded.history,
      group: loaded.group)
    changes.load(
      loaded.streams,
      isForeign: loaded.group.map { $0.replica.node != shard.replicaNode } ?? false)
    return loaded.header.index
  }

  struct Loaded {
    var header: CheckpointHeader
    var history: [RaftTermRun]
    var group: GroupImage?
    var streams: [StreamImage]
  }

  /// Reads the checkpoint's file into the store, which is empty.
  func fill(from reader: CheckpointReader) throws(WALError) -> Loaded {
    var loader = StoreLoader(store)
    var streams: [StreamImage] = []
    var history: [RaftTermRun] = []
    var group: GroupImage?
    let header = try reader.read(id) { _, block, bytes throws(DecodingFault) in
      switch block {
      case .rows: try ImageCodec.load(bytes, into: &loader)
      case .prepared:
        let (index, record, writes) = try ImageCodec.prepared(bytes)
        applied.undecided[record.transaction] = (
          index, TabletEntry.prepare(record, writes: writes).encoded()
        )
      case .decisions:
        for decision in try ImageCodec.decisions(bytes) {
          applied.decisions[decision.transaction] = decision
        }
      case .terms: history = try ImageCodec.history(bytes)
      case .group: group = try ImageCodec.group(bytes)
      case .changes: streams = try ImageCodec.streams(bytes)
      case .range:
        let range = try ImageCodec.range(bytes)
        since = range.since
        filling = range.filling
      case .end: break
      }
    }
    shard.clock.observe(header.clock)
    store.settle(upTo: header.index)
    store.raiseHorizon(to: since)
    return Loaded(header: header, history: history, group: group, streams: streams)
  }
}
