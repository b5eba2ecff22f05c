import Base
import Catalog
import Types

/// A key's elements all at once, for commands that take or make whole ones (SORT, DUMP, RESTORE).
enum WholeCollection {
  /// Of a list in its order, of a set, or of a sorted set by score.
  static func elements(_ context: CommandContext, _ key: KeyState) throws(CommandStop) -> [[UInt8]]
  {
    guard let type = key.row?.type else { return [] }
    switch type {
    case .list:
      let list = ListRows(context, key)
      var elements: [[UInt8]] = []
      elements.reserveCapacity(Int(list.count))
      try list.scan(0..<list.count) { _, value in
        elements.append(Array(value))
        return true
      }
      return elements
    case .set: return try SetRows(context, key).members()
    case .zset:
      return try ZSetRows(context, key).elements(.ranks(0, -1)).map(\.member)
    case .string, .hash, .stream: throw .wrongType
    }
  }

  /// Makes the key, which does not exist, a list that has elements.
  static func write(list values: [[UInt8]], _ context: CommandContext, _ key: KeyState)
    throws(CommandStop)
  {
    var list = ListRows(context, key)
    for value in values { try list.push(value, at: .tail) }
    try list.save()
  }

  // MARK: Whole values

  static func value(_ context: CommandContext, _ key: KeyState, _ row: KeyRow) throws(CommandStop)
    -> DumpedValue
  {
    switch row.type {
    case .string: return .string(row.value ?? [])
    case .list: return .list(try elements(context, key))
    case .set: return .set(try elements(context, key))
    case .hash:
      var fields: [DumpedValue.Field] = []
      try HashRows(context, key).visit { field in
        fields.append(.init(name: Array(field.name), value: Array(field.value)))
        return true
      }
      return .hash(fields)
    case .zset:
      let elements = try ZSetRows(context, key).elements(.ranks(0, -1))
      return .zset(elements.map { .init(name: $0.member, score: $0.score) })
    case .stream: return .stream(try stream(context, key))
    }
  }

  private static func stream(_ context: CommandContext, _ key: KeyState) throws(CommandStop)
    -> DumpedStream
  {
    let rows = try StreamRows(context, key)
    var stream = DumpedStream()
    stream.state = rows.state
    try rows.scan(.zero, .max) { id, fields in
      let texts = fields.map { field in
        if case .text(let bytes) = field { bytes } else { [UInt8]() }
      }
      stream.entries.append(.init(id: id, fields: texts))
      return true
    }
    let groups = StreamGroups(context, key)
    for group in try groups.groups() {
      stream.groups.append(
        .init(
          group: group, consumers: try groups.consumers(group),
          pending: try groups.pending(group)))
    }
    return stream
  }

  /// Makes the key, which does not exist, what the value says.
  static func write(
    _ value: DumpedValue, _ context: CommandContext, _ key: KeyState, expiresAt: Int64?
  ) throws(CommandStop) {
    switch value {
    case .string(let text):
      var next = key
      next.row = KeyRow(string: text, expiresAt: expiresAt)
      return try context.save(next)
    case .list(let elements): try write(list: elements, context, key)
    case .set(let members):
      var rows = SetRows(context, key)
      for member in members { try rows.add(member) }
      try rows.finish()
    case .hash(let fields):
      var rows = HashRows(context, key)
      for field in fields { try rows.set(field.name, field.value) }
      try rows.finish()
    case .zset(let members):
      var rows = ZSetRows(context, key)
      for member in members { try rows.set(member.name, member.score, old: nil) }
      try rows.finish()
    case .stream(let stream): try write(stream, context, key)
    }
    guard let expiresAt else { return }
    var next = try context.key(key.name)
    next.row?.expiresAt = expiresAt
    try context.save(next)
  }

  private static func write(
    _ stream: DumpedStream, _ context: CommandContext, _ key: KeyState
  ) throws(CommandStop) {
    var rows = try StreamRows(context, key)
    for entry in stream.entries { try rows.append(entry.id, entry.fields.map { $0[...] }) }
    rows.state = stream.state
    try rows.save()
    let groups = StreamGroups(context, key)
    for group in stream.groups {
      try groups.put(group.group)
      for consumer in group.consumers { try groups.put(consumer, group.group) }
      for entry in group.pending { try groups.put(entry, group.group) }
    }
  }
}
