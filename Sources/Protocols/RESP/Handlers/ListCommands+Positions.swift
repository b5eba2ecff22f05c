import Base

/// Commands on a list's elements by their index or value.
extension ListCommands {
  static let positions: [CommandSpec] = [
    .data("llen", 2, [.readOnly, .fast]) { (context, command) throws(CommandStop) in
      context.reply.integer(try context.key(command[1], .list).row?.length ?? 0)
    },
    .data("lrange", 4, [.readOnly], .first, range),
    .data("lindex", 3, [.readOnly]) { (context, command) throws(CommandStop) in
      let key = try context.key(command[1], .list)
      guard key.exists else { return context.reply.null() }
      let list = ListRows(context, key)
      let index = try integer(command[2])
      context.reply.optional(try list.get(index < 0 ? list.count &+ index : index))
    },
    .data("lset", 4, [.write, .denyOOM]) { (context, command) throws(CommandStop) in
      let key = try context.keyToWrite(command[1], .list)
      guard key.exists else { throw .noSuchKey }
      var list = ListRows(context, key)
      var index = try integer(command[2])
      if index < 0 { index += list.count }
      guard index >= 0, index < list.count else { throw .outOfRange }
      try list.set(index, command[3])
      try list.save()
      context.notify(.list, "lset", key)
      context.reply.ok()
    },
    .data("linsert", 5, [.write, .denyOOM], .first, insert),
    .data("lrem", 4, [.write], .first, remove),
    .data("ltrim", 4, [.write], .first, trim),
    .data("lpos", -3, [.readOnly], .first, position),
  ]

  static func integer(_ argument: ArraySlice<UInt8>) throws(CommandStop) -> Int64 {
    guard let value = argument.strictInteger() else { throw .notInteger }
    return value
  }

  /// Indexes from `start` to `stop`, of a list of `count`; negative ones count from the end.
  static func indexes(_ start: Int64, _ stop: Int64, count: Int64) -> Range<Int64> {
    let first = max(start < 0 ? count &+ start : start, 0)
    let last = min(stop < 0 ? count &+ stop : stop, count - 1)
    return first > last || first >= count ? 0..<0 : first..<(last + 1)
  }

  private static func range(_ context: CommandContext, _ command: CommandArguments)
    throws(CommandStop)
  {
    let (start, stop) = (try integer(command[2]), try integer(command[3]))
    let list = ListRows(context, try context.key(command[1], .list))
    let range = indexes(start, stop, count: list.count)
    context.reply.array(range.count)
    try list.scan(range) { _, value in
      context.reply.bulk(value)
      return true
    }
  }

  private static func insert(_ context: CommandContext, _ command: CommandArguments)
    throws(CommandStop)
  {
    let isAfter = command.matches(2, "AFTER")
    guard isAfter || command.matches(2, "BEFORE") else { throw .syntax }
    let key = try context.keyToWrite(command[1], .list)
    guard key.exists else { return context.reply.integer(0) }
    var list = ListRows(context, key)
    var pivot: Int64?
    try list.scan(0..<list.count) { index, value in
      guard value.elementsEqual(command[3]) else { return true }
      pivot = index
      return false
    }
    guard let pivot else { return context.reply.integer(-1) }
    try list.insert(command[4], at: isAfter ? pivot + 1 : pivot)
    try list.save()
    context.notify(.list, "linsert", key)
    context.reply.integer(list.count)
  }

  private static func remove(_ context: CommandContext, _ command: CommandArguments)
    throws(CommandStop)
  {
    let count = try integer(command[2])
    let key = try context.keyToWrite(command[1], .list)
    guard key.exists else { return context.reply.integer(0) }
    var list = ListRows(context, key)
    var found: [Int64] = []
    try list.scan(0..<list.count, reverse: count < 0) { index, value in
      if value.elementsEqual(command[3]) { found.append(index) }
      return count == 0 || UInt64(found.count) < count.magnitude
    }
    if count < 0 { found.reverse() }
    guard !found.isEmpty else { return context.reply.integer(0) }
    try list.remove(found)
    context.notify(.list, "lrem", key)
    try list.save()
    context.reply.integer(found.count)
  }

  private static func trim(_ context: CommandContext, _ command: CommandArguments)
    throws(CommandStop)
  {
    let (start, stop) = (try integer(command[2]), try integer(command[3]))
    let key = try context.keyToWrite(command[1], .list)
    guard key.exists else { return context.reply.ok() }
    var list = ListRows(context, key)
    let kept = indexes(start, stop, count: list.count)
    if kept.isEmpty {
      try list.removeEnds(head: list.count, tail: 0)
    } else {
      try list.removeEnds(head: kept.lowerBound, tail: list.count - kept.upperBound)
    }
    context.notify(.list, "ltrim", key)
    try list.save()
    context.reply.ok()
  }

  // MARK: LPOS

  private struct PositionOptions {
    var rank: Int64 = 1
    /// Nil: one, and not as an array.
    var limit: Int64?
    /// Elements to compare; 0: all.
    var comparisons: Int64 = 0

    init(_ command: CommandArguments) throws(CommandStop) {
      var index = 3
      while index < command.count {
        guard index + 1 < command.count else { throw .syntax }
        let argument = command[index + 1]
        if command.matches(index, "RANK") {
          rank = try ListCommands.integer(argument)
          if rank == 0 {
            throw .error(
              "ERR RANK can't be zero: use 1 to start from the first match, 2 from the second ... "
                + "or use negative to start from the end of the list")
          }
          guard rank != .min else { throw .notInteger }
        } else if command.matches(index, "COUNT") {
          limit = try ListCommands.positive(argument, "COUNT can't be negative")
        } else if command.matches(index, "MAXLEN") {
          comparisons = try ListCommands.positive(argument, "MAXLEN can't be negative")
        } else {
          throw .syntax
        }
        index += 2
      }
    }
  }

  private static func position(_ context: CommandContext, _ command: CommandArguments)
    throws(CommandStop)
  {
    let options = try PositionOptions(command)
    let list = ListRows(context, try context.key(command[1], .list))
    let limit = options.limit ?? 1
    var matches: Int64 = 0
    var compared: Int64 = 0
    var found: [Int64] = []
    try list.scan(0..<list.count, reverse: options.rank < 0) { index, value in
      if options.comparisons > 0, compared == options.comparisons { return false }
      compared += 1
      guard value.elementsEqual(command[2]) else { return true }
      matches += 1
      if matches >= abs(options.rank) { found.append(index) }
      return limit == 0 || Int64(found.count) < limit
    }
    if options.limit == nil {
      if let first = found.first { context.reply.integer(first) } else { context.reply.null() }
    } else {
      context.reply.array(found.count)
      for index in found { context.reply.integer(index) }
    }
  }
}
