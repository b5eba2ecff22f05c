import Base
import Catalog
import Types

/// The members of one sorted set: rows by member, and an index of scores whose entries are always in
/// step with them. Changes of the key's own row are written by `finish`. Lives on: one shard, while a
/// command runs.
///
/// The store does not count what is below a key: ranks cost a walk over the index from the nearer end.
/// Only this type knows, so a tree that counts can replace the walks here.
struct ZSetRows {
  let context: CommandContext
  private(set) var key: KeyState
  private var isChanged = false

  init(_ context: CommandContext, _ key: KeyState) {
    self.context = context
    self.key = key
  }

  var exists: Bool { key.exists }
  var count: Int { Int(key.row?.length ?? 0) }

  // MARK: Rows

  static func encoded(db: Int, key: [UInt8], _ member: some Collection<UInt8>, _ score: Double)
    -> [UInt8]
  {
    var row = ElementRow(columns: 4, db: db, key: key, reserving: member.count + 16)
    row.text(member)
    row.float(score)
    return row.bytes
  }

  /// The entry of the index for a member; `rowKey`: of the key.
  static func entry(_ rowKey: [UInt8], _ member: some Collection<UInt8>, _ score: Double)
    -> [UInt8]
  {
    var entry = rowKey
    entry.reserveCapacity(rowKey.count * 2 + member.count + 16)
    RowKey.append(score, to: &entry)
    entry += rowKey
    RowKey.append(member, to: &entry)
    return entry
  }

  func memberKey(_ member: some Collection<UInt8>) -> [UInt8] {
    var rowKey = key.rowKey
    RowKey.append(member, to: &rowKey)
    return rowKey
  }

  static func element(_ row: UnsafeRawBufferPointer) throws(DecodingFault) -> ZSetElement {
    var reader = try ElementReader(row)
    try reader.skipKey()
    let member = Array(try reader.text())
    let value = try reader.value(.float8)
    guard case .float(let score) = value else { throw .malformed("score") }
    return ZSetElement(member: member, score: score)
  }

  static func score(of row: UnsafeRawBufferPointer) throws(DecodingFault) -> Double {
    var reader = try ElementReader(row)
    try reader.skipKey()
    _ = try reader.text()
    guard case .float(let score) = try reader.value(.float8) else { throw .malformed("score") }
    return score
  }

  /// What an entry of the index is about.
  static func element(entry: UnsafeRawBufferPointer, _ rowKey: [UInt8]) throws(DecodingFault)
    -> ZSetElement
  {
    let start = rowKey.count * 2 + RowKey.numberBytes + 1
    guard let score = RowKey.double(entry, at: rowKey.count),
      let (member, _) = RowKey.text(entry, at: start)
    else { throw .malformed("an entry of redis.zset_score") }
    return ZSetElement(member: member, score: score)
  }

  // MARK: Writing

  /// `old`: the score that the member has; nil: it is new. −0 is stored as 0.
  mutating func set(_ member: some Collection<UInt8>, _ score: Double, old: Double?)
    throws(CommandStop)
  {
    let score = score == 0 ? 0 : score
    if let old {
      if old == score { return }
      try context.rows.delete(RedisSchema.zsetByScore, Self.entry(key.rowKey, member, old))
    } else {
      change(by: 1)
    }
    let row = Self.encoded(db: context.db, key: key.name, member, score)
    try context.rows.put(RedisSchema.zset, memberKey(member), row)
    try context.rows.put(RedisSchema.zsetByScore, Self.entry(key.rowKey, member, score), [])
  }

  /// Removes a member that is there, with its score.
  mutating func remove(_ element: ZSetElement) throws(CommandStop) {
    try context.rows.delete(RedisSchema.zset, memberKey(element.member))
    try context.rows.delete(
      RedisSchema.zsetByScore, Self.entry(key.rowKey, element.member, element.score))
    change(by: -1)
  }

  private mutating func change(by difference: Int64) {
    var row = key.row ?? KeyRow(.zset)
    row.length += difference
    key.row = row
    isChanged = true
  }

  /// Writes what has become of the key. True: no member is left, and it was removed.
  @discardableResult
  mutating func finish() throws(CommandStop) -> Bool {
    guard isChanged else { return false }
    return try context.saveOrRemoveSilently(key)
  }
}
