import Base
import Catalog
import Types

/// A stream: its entries are rows by their ids, and what else it keeps is in its key's row (`StreamState`).
/// Lives on: one shard, within one command.
struct StreamRows {
  let context: CommandContext
  private(set) var key: KeyState
  var state: StreamState
  private(set) var count: Int64
  private let expiresAt: Int64?

  /// `key` holds a stream, or nothing.
  init(_ context: CommandContext, _ key: KeyState) throws(CommandStop) {
    self.context = context
    self.key = key
    count = key.row?.length ?? 0
    expiresAt = key.row?.expiresAt
    state = try StreamState(key.row)
  }

  /// Writes the key's row, after the entries' changes: streams may be empty.
  mutating func save() throws(CommandStop) {
    var row = KeyRow(.stream)
    row.expiresAt = expiresAt
    row.length = count
    row.detail = state.encoded
    key.row = row
    try context.save(key)
  }

  // MARK: Reading

  func contains(_ id: StreamID) throws(CommandStop) -> Bool {
    try context.rows.withValue(RedisSchema.stream, rowKey(id)) { $0 != nil }
  }

  /// Nil: there is no such entry.
  func fields(_ id: StreamID) throws(CommandStop) -> [Value]? {
    try context.rows.read(RedisSchema.stream, rowKey(id)) { (bytes) throws(CommandStop) in
      try Self.fields(bytes)
    }
  }

  /// Visits the entries from `first` to `last`, both included, in order or from the end; `body` returns
  /// false to stop.
  func scan(
    _ first: StreamID, _ last: StreamID, reverse: Bool = false,
    _ body: (StreamID, [Value]) -> Bool
  ) throws(CommandStop) {
    guard first <= last else { return }
    try context.rows.visit(
      RedisSchema.stream, lower: rowKey(first), upper: rowKey(last) + [0], reverse: reverse
    ) { (key, bytes) throws(CommandStop) in body(try Self.id(key), try Self.fields(bytes)) }
  }

  /// The ids alone.
  func ids(
    _ first: StreamID, _ last: StreamID, reverse: Bool = false, _ body: (StreamID) -> Bool
  ) throws(CommandStop) {
    guard first <= last else { return }
    try context.rows.visit(
      RedisSchema.stream, lower: rowKey(first), upper: rowKey(last) + [0], reverse: reverse
    ) { (key, _) throws(CommandStop) in body(try Self.id(key)) }
  }

  /// The first or the last entry that is there.
  func edge(reverse: Bool = false) throws(CommandStop) -> StreamID? {
    var found: StreamID?
    try ids(.zero, .max, reverse: reverse) { id in
      found = id
      return false
    }
    return found
  }

  // MARK: Writing

  /// `id` is behind all that the stream has had.
  mutating func append(_ id: StreamID, _ fields: [ArraySlice<UInt8>]) throws(CommandStop) {
    try context.rows.put(
      RedisSchema.stream, rowKey(id),
      Self.encoded(db: context.db, key: key.name, id: id, fields: fields))
    count += 1
    state.entriesAdded &+= 1
    state.lastID = id
  }

  /// Of an entry that is there.
  mutating func remove(_ id: StreamID) throws(CommandStop) {
    try context.rows.delete(RedisSchema.stream, rowKey(id))
    count -= 1
  }

  // MARK: Rows

  private func rowKey(_ id: StreamID) -> [UInt8] {
    var bytes = key.rowKey
    RowKey.append(high: id.milliseconds, low: id.sequence, to: &bytes)
    return bytes
  }

  /// The last column of a key whose last column is an id.
  static func id(_ key: UnsafeRawBufferPointer) throws(CommandStop) -> StreamID {
    guard key.count >= 16 else { throw .damaged(.malformed("an id of \(key.count) bytes")) }
    let start = key.count - 16
    return StreamID(
      milliseconds: UInt64(bigEndian: key.loadUnaligned(fromByteOffset: start, as: UInt64.self)),
      sequence: UInt64(bigEndian: key.loadUnaligned(fromByteOffset: start + 8, as: UInt64.self)))
  }

  static let fieldsType = SQLType(ObjectID(rawValue: 1_009))

  private static func fields(_ bytes: UnsafeRawBufferPointer) throws(CommandStop) -> [Value] {
    do throws(DecodingFault) {
      var reader = try ElementReader(bytes)
      try reader.skipKey()
      _ = try reader.value(.uuid)
      guard case .array(let array) = try reader.value(fieldsType), array.elements.count % 2 == 0
      else { throw .malformed("a stream's fields are not pairs") }
      return array.elements
    } catch {
      throw .damaged(error)
    }
  }

  static func encoded(
    db: Int, key: some Collection<UInt8>, id: StreamID, fields: [ArraySlice<UInt8>]
  ) -> [UInt8] {
    var row = ElementRow(
      columns: 4, db: db, key: key, reserving: 48 + fields.reduce(0) { $0 + $1.count + 4 })
    row.uuid(high: id.milliseconds, low: id.sequence)
    row.write(.array(ArrayValue(elementType: .text, elements: fields.map { .text(Array($0)) })))
    return row.bytes
  }
}

extension ReplyWriter {
  /// An entry: its id, and its fields with their values.
  mutating func entry(_ id: StreamID, _ fields: [Value]) {
    array(2)
    self.id(id)
    array(fields.count)
    for field in fields { if case .text(let bytes) = field { bulk(bytes) } else { bulk("") } }
  }
}
