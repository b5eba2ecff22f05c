import Base
import Catalog
import Reactor
import Storage
import WAL

/// The change streams of one replica's buckets (DESIGN 13, 22.13; decision 70). Lives on: its tablet's
/// shard; a part of the tablet's applied state.
///
/// A record is made when the entry that commits it is applied: of an ordinary commit at once, of a
/// transaction over several tablets when its decision is. Every replica applies the same entries, and so
/// makes the same records with the same offsets.
final class ChangeLog {
  let tablet: TabletID
  unowned let shard: NodeShard
  /// In the order of their keys.
  private(set) var keys: [StreamKey] = []
  private var streams: [StreamKey: PartitionStream] = [:]
  /// Most records in a row go to the same one.
  private var recent: PartitionStream?
  /// Images that wait for what is behind their index.
  private var captures: [StreamCapture] = []

  init(tablet: TabletID, shard: NodeShard) {
    self.tablet = tablet
    self.shard = shard
  }

  subscript(key: StreamKey) -> PartitionStream? { streams[key] }

  var isEmpty: Bool { keys.isEmpty }

  /// All of them, in order.
  var partitions: [PartitionStream] { keys.compactMap { streams[$0] } }

  // MARK: Applying

  /// A committed write of a table with a change stream.
  func add(
    _ change: ChangeView, key: UnsafeRawBufferPointer, after: UnsafeRawBufferPointer?,
    of commit: AppliedCommit
  ) {
    let mark = change.mark
    let operation: ChangeOperation
    switch (mark.isTruncation, change.before, after) {
    case (true, _, _): operation = .truncate
    // Written and deleted by the same transaction, or deleted where nothing was.
    case (_, nil, nil): return
    case (_, nil, _): operation = .insert
    case (_, _, nil): operation = .delete
    default: operation = .update
    }
    if !captures.isEmpty { capture(before: commit.place.index) }
    let none = UnsafeRawBufferPointer(start: nil, count: 0)
    stream(StreamKey(table: mark.table, partition: mark.partition)).append(
      ChangeRecordCodec.Source(
        operation: operation, key: mark.isTruncation ? none : key,
        before: change.before, after: mark.isTruncation ? nil : after,
        timestamp: commit.timestamp, transaction: commit.transaction, origin: 0,
        term: commit.place.term, tableVersion: mark.tableVersion))
  }

  /// The partition's, made where there is none.
  func stream(_ key: StreamKey) -> PartitionStream {
    if let recent, recent.key == key { return recent }
    let found = streams[key] ?? add(PartitionStream(key, self))
    recent = found
    return found
  }

  private func add(_ stream: PartitionStream) -> PartitionStream {
    streams[stream.key] = stream
    keys.insert(stream.key, at: keys.firstIndex { $0 > stream.key } ?? keys.count)
    shard.watchRetention()
    return stream
  }

  // MARK: Images

  /// What a checkpoint at the index holds of the streams, once the index has been applied.
  func capture(at index: LogIndex) -> StreamCapture {
    let capture = StreamCapture(index: index)
    captures.append(capture)
    return capture
  }

  private func capture(before index: LogIndex) {
    for capture in captures where capture.index < index {
      if capture.images == nil { capture.images = images }
    }
    captures.removeAll { $0.images != nil }
  }

  /// The index of the capture has been applied.
  func finish(_ capture: StreamCapture) -> [StreamImage] {
    captures.removeAll { $0 === capture }
    return capture.images ?? images
  }

  func giveUp(_ capture: StreamCapture) { captures.removeAll { $0 === capture } }

  private var images: [StreamImage] { partitions.map(\.image) }

  // MARK: Files

  /// What a checkpoint holds, before the files are looked at. `isForeign`: the checkpoint is another
  /// replica's, whose records up to it need not be here.
  func load(_ images: [StreamImage], isForeign: Bool) {
    for image in images {
      var image = image
      if isForeign { image.base = image.next }
      _ = add(PartitionStream(image.key, self, image: image))
    }
  }

  /// A leader's snapshot has taken the place of the applied state.
  func install(_ images: [StreamImage]) throws(WALError) {
    for image in images { try stream(image.key).install(image) }
  }

  /// Finds the records that are in files already. Blocking: when the replica comes to this process.
  func open() throws(WALError) {
    let found = try shard.changeFiles(of: tablet)
    for (key, names) in found.sorted(by: { $0.key < $1.key }) {
      try recover(names, of: stream(key))
    }
    for stream in partitions where stream.stored < stream.next {
      throw .damaged(
        file:
          "\(shard.changeWriter.directory)/\(tablet)-\(stream.key.table)-\(stream.key.partition)",
        offset: Int(stream.stored))
    }
  }

  private func recover(_ names: [String], of stream: PartitionStream) throws(WALError) {
    var segments = try ChangeRecovery.segments(
      names, tablet, stream.key, synced: stream.next, shard)
    // Files of a time before a snapshot that took this replica further.
    if let last = segments.last, last.end < stream.next, stream.base == stream.next {
      for segment in segments { try shard.removeChangeFile(segment.path) }
      try shard.syncChangeDirectory()
      segments = []
    }
    stream.recovered(segments)
  }

  /// Runs `body` when all records made so far are in files, on disk for certain.
  func sync(_ body: @escaping (Result<Void, WALError>) -> Void) {
    sync(partitions[...], body)
  }

  private func sync(
    _ rest: ArraySlice<PartitionStream>, _ body: @escaping (Result<Void, WALError>) -> Void
  ) {
    guard let stream = rest.first else {
      do throws(WALError) {
        try shard.syncChangeDirectory()
      } catch {
        return body(.failure(error))
      }
      return body(.success(()))
    }
    stream.sync { [self] result in
      if case .failure = result { return body(result) }
      sync(rest.dropFirst(), body)
    }
  }

  /// What has been written may be lost, and the system will not say so again.
  func failed(_ fault: WALError) {
    shard.tablets[tablet]?.replication.fail(
      .storageFailed("the change streams of tablet \(tablet) cannot be written: \(fault)"))
  }

  /// This replica leads no more: who waits for records asks another one.
  func wakeFollowers() { for stream in partitions { stream.wakeFollowers() } }

  /// The replica is gone; its files stay until the log says so.
  func close() { for stream in partitions { stream.close() } }
}

/// A partition's stream in a checkpoint.
struct StreamImage: Equatable {
  var key: StreamKey
  /// The offset of the first record of an entry behind the checkpoint.
  var next: Int64
  /// The replica never had records below.
  var base: Int64
  /// Of all records before.
  var newest: Timestamp
  var term: Term
}

/// An image that is taken when its index has been applied and nothing behind it.
final class StreamCapture {
  let index: LogIndex
  var images: [StreamImage]?
  init(index: LogIndex) { self.index = index }
}

extension ImageCodec {
  static func encode(_ streams: [StreamImage]) -> [UInt8] {
    var out = ByteWriter(reserving: streams.count * 32)
    for stream in streams {
      out.integer(stream.key.table.rawValue)
      out.varint(UInt64(stream.key.partition))
      out.varint(UInt64(stream.next))
      out.varint(UInt64(stream.base))
      out.integer(stream.newest.rawValue)
      out.varint(stream.term.rawValue)
    }
    return out.bytes
  }

  static func streams(_ bytes: UnsafeRawBufferPointer) throws(DecodingFault) -> [StreamImage] {
    var reader = ByteReader(bytes)
    var found: [StreamImage] = []
    while !reader.isAtEnd {
      let table = ObjectID(rawValue: try reader.integer())
      let partition = try reader.varint()
      let next = try reader.varint()
      let base = try reader.varint()
      guard let partition = UInt16(exactly: partition), let next = Int64(exactly: next),
        let base = Int64(exactly: base), base <= next
      else { throw .malformed("a stream's offsets") }
      let key = StreamKey(table: table, partition: partition)
      guard found.last.map({ $0.key < key }) ?? true else {
        throw .malformed("streams out of order")
      }
      found.append(
        StreamImage(
          key: key, next: next, base: base, newest: Timestamp(rawValue: try reader.integer()),
          term: Term(rawValue: try reader.varint())))
    }
    return found
  }
}
