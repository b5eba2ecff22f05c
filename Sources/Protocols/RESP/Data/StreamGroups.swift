import Base
import Catalog
import Types

/// A consumer group: how far it has read.
struct StreamGroup: Equatable {
  var name: [UInt8]
  var lastID: StreamID
  /// Entries up to `lastID`; nil: not known.
  var entriesRead: Int64?
}

struct StreamConsumer: Equatable {
  var name: [UInt8]
  /// In milliseconds since the Unix epoch.
  var seenAt: Int64
}

/// An entry that was delivered, and not acknowledged yet.
struct PendingEntry: Equatable {
  var id: StreamID
  var consumer: [UInt8]
  var deliveredAt: Int64
  var deliveries: Int64
}

/// The consumer groups of a stream, with their consumers and what is pending. Lives on: one shard, within
/// one command.
struct StreamGroups {
  let context: CommandContext
  let key: KeyState

  init(_ context: CommandContext, _ key: KeyState) {
    self.context = context
    self.key = key
  }

  private func prefix(_ group: [UInt8]) -> [UInt8] {
    var bytes = key.rowKey
    RowKey.append(group, to: &bytes)
    return bytes
  }

  private func newRow(columns: Int) -> ElementRow {
    ElementRow(columns: columns, db: context.db, key: key.name)
  }

  // MARK: Groups

  func group(_ name: [UInt8]) throws(CommandStop) -> StreamGroup? {
    try context.rows.read(RedisSchema.streamGroup, prefix(name)) { (bytes) throws(CommandStop) in
      try Self.group(bytes)
    }
  }

  func groups() throws(CommandStop) -> [StreamGroup] {
    try collect(RedisSchema.streamGroup, key.rowKey) { (_, bytes) throws(CommandStop) in
      try Self.group(bytes)
    }
  }

  func put(_ group: StreamGroup) throws(CommandStop) {
    var row = newRow(columns: 5)
    row.text(group.name)
    row.uuid(high: group.lastID.milliseconds, low: group.lastID.sequence)
    row.optionalInt(group.entriesRead)
    try context.rows.put(RedisSchema.streamGroup, prefix(group.name), row.bytes)
  }

  /// With its consumers and what is pending.
  func remove(_ group: StreamGroup) throws(CommandStop) {
    for consumer in try consumers(group) {
      try context.rows.delete(
        RedisSchema.streamConsumer, consumerKey(group, consumer.name))
    }
    for entry in try pending(group) { try remove(entry, group) }
    try context.rows.delete(RedisSchema.streamGroup, prefix(group.name))
  }

  private static func group(_ bytes: UnsafeRawBufferPointer) throws(CommandStop) -> StreamGroup {
    do throws(DecodingFault) {
      var reader = try ElementReader(bytes)
      try reader.skipKey()
      let name = Array(try reader.text())
      guard case .uuid(let id) = try reader.value(.uuid) else { throw .malformed("a group's id") }
      return StreamGroup(
        name: name, lastID: StreamID(milliseconds: id.high, sequence: id.low),
        entriesRead: try reader.optionalInt())
    } catch {
      throw .damaged(error)
    }
  }

  // MARK: Consumers

  private func consumerKey(_ group: StreamGroup, _ name: [UInt8]) -> [UInt8] {
    var bytes = prefix(group.name)
    RowKey.append(name, to: &bytes)
    return bytes
  }

  func consumer(_ group: StreamGroup, _ name: [UInt8]) throws(CommandStop) -> StreamConsumer? {
    try context.rows.read(RedisSchema.streamConsumer, consumerKey(group, name)) {
      (bytes) throws(CommandStop) in try Self.consumer(bytes)
    }
  }

  func consumers(_ group: StreamGroup) throws(CommandStop) -> [StreamConsumer] {
    try collect(RedisSchema.streamConsumer, prefix(group.name)) {
      (_, bytes) throws(CommandStop) in try Self.consumer(bytes)
    }
  }

  func put(_ consumer: StreamConsumer, _ group: StreamGroup) throws(CommandStop) {
    var row = newRow(columns: 6)
    row.text(group.name)
    row.text(consumer.name)
    row.int(RowBytes.microseconds(consumer.seenAt))
    row.null()
    try context.rows.put(
      RedisSchema.streamConsumer, consumerKey(group, consumer.name), row.bytes)
  }

  /// The consumer is at work: it is made where there is none, and has been seen now.
  func touch(_ group: StreamGroup, _ name: [UInt8]) throws(CommandStop) {
    let isNew = try consumer(group, name) == nil
    try put(StreamConsumer(name: name, seenAt: context.now), group)
    if isNew { context.notify(.stream, "xgroup-createconsumer", key) }
  }

  /// How many entries were pending with it.
  func remove(_ consumer: StreamConsumer, _ group: StreamGroup) throws(CommandStop) -> Int {
    let entries = try pending(group).filter { $0.consumer == consumer.name }
    for entry in entries { try remove(entry, group) }
    try context.rows.delete(RedisSchema.streamConsumer, consumerKey(group, consumer.name))
    return entries.count
  }

  private static func consumer(_ bytes: UnsafeRawBufferPointer) throws(CommandStop)
    -> StreamConsumer
  {
    do throws(DecodingFault) {
      var reader = try ElementReader(bytes)
      try reader.skipKey()
      _ = try reader.text()
      let name = Array(try reader.text())
      return StreamConsumer(name: name, seenAt: RowBytes.milliseconds(try reader.int()))
    } catch {
      throw .damaged(error)
    }
  }

  // MARK: What is pending

  private func pendingKey(_ group: StreamGroup, _ id: StreamID) -> [UInt8] {
    var bytes = prefix(group.name)
    RowKey.append(high: id.milliseconds, low: id.sequence, to: &bytes)
    return bytes
  }

  func pending(_ group: StreamGroup, _ id: StreamID) throws(CommandStop) -> PendingEntry? {
    try context.rows.read(RedisSchema.streamPending, pendingKey(group, id)) {
      (bytes) throws(CommandStop) in try Self.pending(bytes, id)
    }
  }

  /// All of the group, in order.
  func pending(_ group: StreamGroup) throws(CommandStop) -> [PendingEntry] {
    try collect(RedisSchema.streamPending, prefix(group.name)) {
      (key, bytes) throws(CommandStop) in try Self.pending(bytes, try StreamRows.id(key))
    }
  }

  /// Visits those from `first` to `last`, both included; `body` returns false to stop.
  func scanPending(
    _ group: StreamGroup, _ first: StreamID, _ last: StreamID, _ body: (PendingEntry) -> Bool
  ) throws(CommandStop) {
    guard first <= last else { return }
    try context.rows.visit(
      RedisSchema.streamPending, lower: pendingKey(group, first),
      upper: pendingKey(group, last) + [0]
    ) { (key, bytes) throws(CommandStop) in
      body(try Self.pending(bytes, try StreamRows.id(key)))
    }
  }

  func put(_ entry: PendingEntry, _ group: StreamGroup) throws(CommandStop) {
    var row = newRow(columns: 7)
    row.text(group.name)
    row.uuid(high: entry.id.milliseconds, low: entry.id.sequence)
    row.text(entry.consumer)
    row.int(RowBytes.microseconds(entry.deliveredAt))
    row.int(entry.deliveries)
    try context.rows.put(RedisSchema.streamPending, pendingKey(group, entry.id), row.bytes)
  }

  func remove(_ entry: PendingEntry, _ group: StreamGroup) throws(CommandStop) {
    try context.rows.delete(RedisSchema.streamPending, pendingKey(group, entry.id))
  }

  private static func pending(_ bytes: UnsafeRawBufferPointer, _ id: StreamID)
    throws(CommandStop) -> PendingEntry
  {
    do throws(DecodingFault) {
      var reader = try ElementReader(bytes)
      try reader.skipKey()
      _ = try reader.text()
      _ = try reader.value(.uuid)
      return PendingEntry(
        id: id, consumer: Array(try reader.text()),
        deliveredAt: RowBytes.milliseconds(try reader.int()), deliveries: try reader.int())
    } catch {
      throw .damaged(error)
    }
  }

  private func collect<Row>(
    _ space: KeyspaceID, _ prefix: [UInt8],
    _ read: (UnsafeRawBufferPointer, UnsafeRawBufferPointer) throws(CommandStop) -> Row
  ) throws(CommandStop) -> [Row] {
    var found: [Row] = []
    try context.rows.visit(space, lower: prefix, upper: RowKey.end(of: prefix)) {
      (key, bytes) throws(CommandStop) in
      found.append(try read(key, bytes))
      return true
    }
    return found
  }
}
