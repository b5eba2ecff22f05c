import Base

/// Lists, and waiting for their elements.
enum ListCommands {
  static let all: [CommandSpec] = ends + positions + blocking

  /// Pushing, popping and moving.
  private static let ends: [CommandSpec] = [
    .data("lpush", -3, [.write, .denyOOM, .fast]) { (context, command) throws(CommandStop) in
      try push(context, command, .head)
    },
    .data("rpush", -3, [.write, .denyOOM, .fast]) { (context, command) throws(CommandStop) in
      try push(context, command, .tail)
    },
    .data("lpushx", -3, [.write, .denyOOM, .fast]) { (context, command) throws(CommandStop) in
      try push(context, command, .head, isOnlyOld: true)
    },
    .data("rpushx", -3, [.write, .denyOOM, .fast]) { (context, command) throws(CommandStop) in
      try push(context, command, .tail, isOnlyOld: true)
    },
    .data("lpop", -2, [.write, .fast]) { (context, command) throws(CommandStop) in
      try pop(context, command, .head)
    },
    .data("rpop", -2, [.write, .fast]) { (context, command) throws(CommandStop) in
      try pop(context, command, .tail)
    },
    .data("lmpop", -4, [.write, .movableKeys], .counted(at: 1)) {
      (context, command) throws(CommandStop) in
      let request = try PopRequest(command, countAt: 1)
      for name in request.keys {
        var list = ListRows(context, try context.keyToWrite(name, .list))
        if list.count == 0 { continue }
        return try popRange(context, &list, request.end, request.count)
      }
      context.reply.nullArray()
    },
    .data("lmove", 5, [.write, .denyOOM], .firstTwo) { (context, command) throws(CommandStop) in
      let (from, to) = (try end(command[3]), try end(command[4]))
      try move(context, command, from, to)
    },
    .data("rpoplpush", 3, [.write, .denyOOM], .firstTwo) {
      (context, command) throws(CommandStop) in
      try move(context, command, .tail, .head)
    },
  ]

  private static func push(
    _ context: CommandContext, _ command: CommandArguments, _ end: ListRows.End,
    isOnlyOld: Bool = false
  ) throws(CommandStop) {
    let key = try context.keyToWrite(command[1], .list)
    if isOnlyOld, !key.exists { return context.reply.integer(0) }
    var list = ListRows(context, key)
    for index in 2..<command.count { try list.push(command[index], at: end) }
    try list.save()
    context.reply.integer(list.count)
    context.notify(.list, end == .head ? "lpush" : "rpush", key)
  }

  private static func pop(
    _ context: CommandContext, _ command: CommandArguments, _ end: ListRows.End
  ) throws(CommandStop) {
    if command.count > 3 { throw .wrongArity(end == .head ? "lpop" : "rpop") }
    var limit: Int64?
    if command.count == 3 {
      limit = try positive(command[2], "value is out of range, must be positive")
    }
    let key = try context.keyToWrite(command[1], .list)
    guard key.exists else {
      return limit == nil ? context.reply.null() : context.reply.nullArray()
    }
    var list = ListRows(context, key)
    guard let limit else {
      context.reply.bulk(try list.pop(end))
      return try removed(context, &list, end)
    }
    if limit == 0 { return context.reply.array(0) }
    try popAll(context, &list, end, limit)
    try removed(context, &list, end)
  }

  /// The reply is the elements alone.
  private static func popAll(
    _ context: CommandContext, _ list: inout ListRows, _ end: ListRows.End, _ limit: Int64
  ) throws(CommandStop) {
    let count = min(limit, list.count)
    let range = end == .head ? 0..<count : (list.count - count)..<list.count
    context.reply.array(Int(count))
    try list.scan(range, reverse: end == .tail) { _, value in
      context.reply.bulk(value)
      return true
    }
    try list.removeEnds(head: end == .head ? count : 0, tail: end == .tail ? count : 0)
  }

  /// The reply is the key's name and the elements.
  static func popRange(
    _ context: CommandContext, _ list: inout ListRows, _ end: ListRows.End, _ limit: Int64
  ) throws(CommandStop) {
    context.reply.array(2)
    context.reply.bulk(list.key.name)
    try popAll(context, &list, end, limit)
    try removed(context, &list, end)
  }

  /// Tells of elements that were popped before the key may go.
  static func removed(_ context: CommandContext, _ list: inout ListRows, _ end: ListRows.End)
    throws(CommandStop)
  {
    context.notify(.list, end == .head ? "lpop" : "rpop", list.key)
    try list.save()
  }

  static func end(_ word: ArraySlice<UInt8>) throws(CommandStop) -> ListRows.End {
    if word.matches("LEFT") { return .head }
    if word.matches("RIGHT") { return .tail }
    throw .syntax
  }

  /// Moves an element; null where there is none.
  static func move(
    _ context: CommandContext, _ command: CommandArguments, _ from: ListRows.End,
    _ to: ListRows.End
  ) throws(CommandStop) {
    let source = try context.keyToWrite(command[1], .list)
    guard source.exists else { return context.reply.null() }
    let target = try context.keyToWrite(command[2], .list)
    var list = ListRows(context, source)
    if source.rowKey == target.rowKey {
      let value = try list.pop(from)
      try list.push(value, at: to)
      context.notify(.list, to == .head ? "lpush" : "rpush", target)
      try removed(context, &list, from)
      return context.reply.bulk(value)
    }
    let value = try list.pop(from)
    var other = ListRows(context, target)
    try other.push(value, at: to)
    try other.save()
    context.notify(.list, to == .head ? "lpush" : "rpush", target)
    try removed(context, &list, from)
    context.reply.bulk(value)
  }

  static func positive(_ argument: ArraySlice<UInt8>, _ message: String) throws(CommandStop)
    -> Int64
  {
    guard let value = argument.strictInteger(), value >= 0 else {
      throw .error("ERR \(message)")
    }
    return value
  }
}

/// The arguments that LMPOP and BLMPOP share: numkeys key … LEFT|RIGHT [COUNT count].
struct PopRequest {
  var keys: [ArraySlice<UInt8>] = []
  var end: ListRows.End
  var count: Int64 = 1

  init(_ command: CommandArguments, countAt place: Int) throws(CommandStop) {
    guard let number = command[place].strictInteger(), number > 0 else {
      throw .error("ERR numkeys should be greater than 0")
    }
    guard number < Int64(command.count - place - 1) else { throw .syntax }
    let endPlace = place + 1 + Int(number)
    for index in (place + 1)..<endPlace { keys.append(command[index]) }
    end = try ListCommands.end(command[endPlace])
    var hasCount = false
    var index = endPlace + 1
    while index < command.count {
      guard !hasCount, command.matches(index, "COUNT"), index + 1 < command.count else {
        throw .syntax
      }
      hasCount = true
      guard let limit = command[index + 1].strictInteger(), limit > 0 else {
        throw .error("ERR count should be greater than 0")
      }
      count = limit
      index += 2
    }
  }
}
