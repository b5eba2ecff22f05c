import Base

/// Commands on parts of strings.
enum StringRanges {
  /// What no string may be longer than.
  static let bytesMax = 512 << 20
  static let tooLong = CommandStop.error(
    "ERR string exceeds maximum allowed size (proto-max-bulk-len)")

  static let all: [CommandSpec] = [
    .data("append", 3, [.write, .denyOOM, .fast], .first, append),
    .data("getrange", 4, [.readOnly], .first, get),
    .data("substr", 4, [.readOnly], .first, get),
    .data("setrange", 4, [.write, .denyOOM], .first, set),
  ]

  private static func append(_ context: CommandContext, _ command: CommandArguments)
    throws(CommandStop)
  {
    var key = try context.keyToWrite(command[1], .string)
    var row = key.row ?? KeyRow(string: [])
    var value = row.value ?? []
    if key.exists, value.count + command[2].count > bytesMax { throw tooLong }
    row.value = nil
    value.append(contentsOf: command[2])
    row.value = value
    // A key that is made by APPEND is what SET would have made.
    row.isChangedInPlace = key.exists
    key.row = row
    try context.save(key)
    context.notify(.string, "append", key)
    context.reply.integer(value.count)
  }

  private static func get(_ context: CommandContext, _ command: CommandArguments)
    throws(CommandStop)
  {
    guard let first = command[2].strictInteger(), let last = command[3].strictInteger() else {
      throw .notInteger
    }
    let value = try context.key(command[1], .string).row?.value ?? []
    guard !(first < 0 && last < 0 && first > last),
      let range = range(first, last, count: value.count)
    else { return context.reply.bulk([UInt8]()) }
    context.reply.bulk(value[range])
  }

  /// Positions of Redis' ranges, inclusive and from the end where negative; nil: there are none.
  static func range(_ first: Int64, _ last: Int64, count: Int) -> Range<Int>? {
    let count = Int64(count)
    let start = max(0, first < 0 ? count &+ first : first)
    let end = min(max(0, last < 0 ? count &+ last : last), count - 1)
    return start > end || count == 0 ? nil : Int(start)..<Int(end) + 1
  }

  private static func set(_ context: CommandContext, _ command: CommandArguments)
    throws(CommandStop)
  {
    guard let offset = command[2].strictInteger() else { throw .notInteger }
    guard offset >= 0 else { throw .error("ERR offset is out of range") }
    var key = try context.keyToWrite(command[1], .string)
    var value = key.row?.value ?? []
    let part = command[3]
    if part.isEmpty { return context.reply.integer(value.count) }
    let (end, isOver) = Int(offset).addingReportingOverflow(part.count)
    guard !isOver, end <= bytesMax else { throw tooLong }
    var row = key.row ?? KeyRow(string: [])
    row.value = nil
    key.row = nil
    if value.count < end { value.append(contentsOf: repeatElement(0, count: end - value.count)) }
    value.replaceSubrange(Int(offset)..<end, with: part)
    row.value = value
    row.isChangedInPlace = true
    key.row = row
    try context.save(key)
    context.notify(.string, "setrange", key)
    context.reply.integer(value.count)
  }
}
