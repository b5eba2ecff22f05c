import Base
import Catalog
import Types

/// A collection's elements all at once, for commands that take or make whole ones (SORT, DUMP, RESTORE).
enum WholeCollection {
  /// Of a list in its order, of a set, or of a sorted set by score.
  static func elements(_ context: CommandContext, _ key: KeyState) throws(CommandStop) -> [[UInt8]]
  {
    guard let type = key.row?.type else { return [] }
    switch type {
    case .list:
      return try read(context, key, RedisSchema.list) { (reader) throws(DecodingFault) in
        _ = try reader.int()
        return Array(try reader.text())
      }
    case .set:
      return try read(context, key, RedisSchema.set) { (reader) throws(DecodingFault) in
        Array(try reader.text())
      }
    case .zset: return try scored(context, key).map(\.member)
    case .string, .hash, .stream: throw .wrongType
    }
  }

  struct Scored {
    var member: [UInt8]
    var score: Double
  }

  /// By score, then by member.
  static func scored(_ context: CommandContext, _ key: KeyState) throws(CommandStop) -> [Scored] {
    let found = try read(context, key, RedisSchema.zset) { (reader) throws(DecodingFault) in
      let member = Array(try reader.text())
      guard case .float(let score) = try reader.value(.float8) else { throw .malformed("score") }
      return Scored(member: member, score: score)
    }
    // They come by member, and the sort is stable.
    return found.sorted { $0.score < $1.score }
  }

  /// The value of a hash's field; nil where there is none.
  static func field(_ name: [UInt8], _ context: CommandContext, _ key: KeyState)
    throws(CommandStop) -> [UInt8]?
  {
    var rowKey = key.rowKey
    RowKey.append(name, to: &rowKey)
    let found = try context.rows.withValue(RedisSchema.hash, rowKey) { bytes in
      Result { () throws(DecodingFault) -> [UInt8]? in
        guard let bytes else { return nil }
        var reader = try ElementReader(bytes)
        try reader.skipKey()
        _ = try reader.text()
        return Array(try reader.text())
      }
    }
    do throws(DecodingFault) { return try found.get() } catch { throw .damaged(error) }
  }

  static func read<Element>(
    _ context: CommandContext, _ key: KeyState, _ space: KeyspaceID,
    _ body: (inout ElementReader) throws(DecodingFault) -> Element
  ) throws(CommandStop) -> [Element] {
    var elements: [Element] = []
    var fault: DecodingFault?
    try context.rows.scan(space, lower: key.rowKey, upper: RowKey.end(of: key.rowKey)) {
      _, bytes in
      do throws(DecodingFault) {
        var reader = try ElementReader(bytes)
        try reader.skipKey()
        elements.append(try body(&reader))
        return true
      } catch {
        fault = error
        return false
      }
    }
    if let fault { throw .damaged(fault) }
    return elements
  }

  // MARK: Writing

  /// Makes the key, which does not exist or has no elements any more, a list.
  static func write(
    list values: [[UInt8]], _ context: CommandContext, _ key: KeyState, expiresAt: Int64? = nil
  ) throws(CommandStop) {
    var row = KeyRow(.list)
    row.length = Int64(values.count)
    row.expiresAt = expiresAt
    for (position, value) in values.enumerated() {
      var rowKey = key.rowKey
      RowKey.append(Int64(position), to: &rowKey)
      var element = ElementRow(
        columns: 4, db: context.db, key: key.name, reserving: value.count + 12)
      element.int(Int64(position))
      element.text(value)
      try context.rows.put(RedisSchema.list, rowKey, element.bytes)
    }
    var next = key
    next.row = row
    try context.save(next)
  }
}
