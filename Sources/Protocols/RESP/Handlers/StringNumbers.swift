import Base
import Catalog

/// INCR and its like: numbers kept as text.
enum StringNumbers {
  static let all: [CommandSpec] = [
    .data("incr", 2, [.write, .denyOOM, .fast]) { (context, command) throws(CommandStop) in
      try increment(context, command[1], by: 1)
    },
    .data("decr", 2, [.write, .denyOOM, .fast]) { (context, command) throws(CommandStop) in
      try increment(context, command[1], by: -1)
    },
    .data("incrby", 3, [.write, .denyOOM, .fast]) { (context, command) throws(CommandStop) in
      guard let amount = command[2].strictInteger() else { throw .notInteger }
      try increment(context, command[1], by: amount)
    },
    .data("decrby", 3, [.write, .denyOOM, .fast]) { (context, command) throws(CommandStop) in
      guard let amount = command[2].strictInteger() else { throw .notInteger }
      guard amount != .min else { throw .error("ERR decrement would overflow") }
      try increment(context, command[1], by: -amount)
    },
    .data("incrbyfloat", 3, [.write, .denyOOM, .fast], .first, incrementByFloat),
  ]

  private static func increment(
    _ context: CommandContext, _ name: ArraySlice<UInt8>, by amount: Int64
  ) throws(CommandStop) {
    if let sum = try context.addAtOnce(amount, to: name) { return context.reply.integer(sum) }
    var key = try context.keyToWrite(name, .string)
    var row = key.row ?? KeyRow(string: [UInt8(ascii: "0")])
    guard let old = (row.value ?? []).strictInteger() else { throw .notInteger }
    let sum = try old.incremented(by: amount)
    row.value = [UInt8](decimal: sum)
    row.isChangedInPlace = false
    key.row = row
    try context.save(key)
    context.notify(.string, "incrby", key)
    context.reply.integer(sum)
  }

  private static func incrementByFloat(_ context: CommandContext, _ command: CommandArguments)
    throws(CommandStop)
  {
    var key = try context.keyToWrite(command[1], .string)
    var row = key.row ?? KeyRow(string: [UInt8(ascii: "0")])
    guard let old = (row.value ?? []).longDouble(), let amount = command[2].longDouble() else {
      throw .notFloat
    }
    let sum = old + amount
    guard sum.isFinite else { throw .error("ERR increment would produce NaN or Infinity") }
    let text = Array(sum.redisText.utf8)
    row.value = text
    row.isChangedInPlace = false
    key.row = row
    try context.save(key)
    context.notify(.string, "incrbyfloat", key)
    context.reply.bulk(text)
  }
}

extension Int64 {
  fileprivate func incremented(by amount: Int64) throws(CommandStop) -> Int64 {
    let (sum, isOver) = addingReportingOverflow(amount)
    if isOver { throw .error("ERR increment or decrement would overflow") }
    return sum
  }
}

extension CommandContext {
  /// Adds to a number that never expires, without a copy of its row; nil: it is no such, or there is none.
  fileprivate func addAtOnce(_ amount: Int64, to name: ArraySlice<UInt8>) throws(CommandStop)
    -> Int64?
  {
    if isScript || usesOtherKeys || rows.tablet == nil { return nil }
    let rowKey = RowKey.key(db: db, name)
    let found = try rows.read(RedisSchema.keys, rowKey) { (bytes) throws(CommandStop) -> Int64? in
      do throws(DecodingFault) {
        let row = try KeyRowView(bytes)
        return row.type == .string && row.expiresAt == nil ? row.value?.strictInteger() : nil
      } catch {
        throw .damaged(error)
      }
    }
    guard let old = found ?? nil else { return nil }
    try rows.awaitOthers(rowKey)
    let sum = try old.incremented(by: amount)
    let digits = [UInt8](decimal: sum)
    try putString(name, rowKey, digits[...])
    if options.events.contains(.string) { notify(.string, "incrby", Array(name)) }
    return sum
  }
}
