import Base
import Catalog

/// ZPOPMIN, ZMPOP and their blocking forms.
enum SortedSetPopCommands {
  static let all: [CommandSpec] = [
    .data("zpopmin", -2, [.write, .fast]) { (context, command) throws(CommandStop) in
      try popOne(context, command, last: false)
    },
    .data("zpopmax", -2, [.write, .fast]) { (context, command) throws(CommandStop) in
      try popOne(context, command, last: true)
    },
    .data(
      "bzpopmin", -3, [.write, .noScript, .fast, .blocking], .range(first: 1, last: -2, step: 1)
    ) { (context, command) throws(CommandStop) in try popBlocking(context, command, last: false) },
    .data(
      "bzpopmax", -3, [.write, .noScript, .fast, .blocking], .range(first: 1, last: -2, step: 1)
    ) { (context, command) throws(CommandStop) in try popBlocking(context, command, last: true) },
    .data("zmpop", -4, [.write, .movableKeys], .counted(at: 1)) {
      (context, command) throws(CommandStop) in
      let request = try PopRequest(command, at: 1)
      if try !popNested(context, command, request) { context.reply.nullArray() }
    },
    .data("bzmpop", -5, [.write, .blocking, .movableKeys], .counted(at: 2)) {
      (context, command) throws(CommandStop) in
      let request = try PopRequest(command, at: 2)
      let milliseconds = try BlockRequest.milliseconds(command[1])
      if try !popNested(context, command, request) {
        context.wait(for: request.keys.map { command.array($0) }, milliseconds)
      }
    },
  ]

  /// Takes elements from an end of a sorted set that is there.
  private static func pop(
    _ context: CommandContext, _ zset: inout ZSetRows, _ count: Int64, last: Bool
  ) throws(CommandStop) -> [ZSetElement] {
    let elements = try zset.ends(Int(min(count, Int64(zset.count))), last: last)
    for element in elements { try zset.remove(element) }
    let isGone = try zset.finish()
    context.notify(.zset, last ? "zpopmax" : "zpopmin", zset.key)
    if isGone { context.notify(.generic, "del", zset.key) }
    return elements
  }

  private static func popOne(_ context: CommandContext, _ command: CommandArguments, last: Bool)
    throws(CommandStop)
  {
    if command.count > 3 { throw .syntax }
    let count = command.count == 3 ? try command.count(2) : nil
    var zset = try context.zsetToWrite(command[1])
    guard zset.exists, count != 0 else { return context.reply.array(0) }
    let elements = try pop(context, &zset, count ?? 1, last: last)
    if count != nil { return context.replyElements(elements, scores: true) }
    context.reply.array(elements.count * 2)
    for element in elements {
      context.reply.bulk(element.member)
      context.reply.double(element.score)
    }
  }

  private static func popBlocking(
    _ context: CommandContext, _ command: CommandArguments, last: Bool
  ) throws(CommandStop) {
    let milliseconds = try BlockRequest.milliseconds(command[command.count - 1])
    let places = 1..<command.count - 1
    for place in places {
      var zset = ZSetRows(context, try context.keyToTake(command[place], .zset))
      guard zset.exists else { continue }
      let elements = try pop(context, &zset, 1, last: last)
      context.reply.array(elements.count * 2 + 1)
      context.reply.bulk(command[place])
      for element in elements {
        context.reply.bulk(element.member)
        context.reply.double(element.score)
      }
      return
    }
    context.wait(for: places.map { command.array($0) }, milliseconds)
  }

  /// Of ZMPOP: `numkeys key… MIN|MAX [COUNT count]`.
  private struct PopRequest {
    let keys: Range<Int>
    let isLast: Bool
    private(set) var count: Int64 = 1

    init(_ command: CommandArguments, at place: Int) throws(CommandStop) {
      let number = try command.integer(
        place, atLeast: 1, or: "numkeys should be greater than 0")
      guard number < Int64(command.count - place - 1) else { throw .syntax }
      keys = place + 1..<place + 1 + Int(number)
      isLast = command.matches(keys.upperBound, "MAX")
      guard isLast || command.matches(keys.upperBound, "MIN") else { throw .syntax }
      let options = keys.upperBound + 1
      if options == command.count { return }
      guard command.matches(options, "COUNT"), options + 1 < command.count else { throw .syntax }
      count = try command.integer(options + 1, atLeast: 1, or: "count should be greater than 0")
      guard options + 2 == command.count else { throw .syntax }
    }
  }

  /// False: all keys are empty.
  private static func popNested(
    _ context: CommandContext, _ command: CommandArguments, _ request: PopRequest
  ) throws(CommandStop) -> Bool {
    for place in request.keys {
      var zset = ZSetRows(context, try context.keyToTake(command[place], .zset))
      guard zset.exists else { continue }
      let elements = try pop(context, &zset, request.count, last: request.isLast)
      context.reply.array(2)
      context.reply.bulk(command[place])
      context.reply.array(elements.count)
      for element in elements {
        context.reply.array(2)
        context.reply.bulk(element.member)
        context.reply.double(element.score)
      }
      return true
    }
    return false
  }
}

extension CommandContext {
  /// The command waits for one of the keys, where it may; its reply is an empty one until then.
  fileprivate func wait(for keys: [[UInt8]], _ milliseconds: Int64) {
    var empty = ReplyWriter(version: reply.version)
    empty.nullArray()
    if mayBlock {
      block = BlockRequest(keys: keys, milliseconds: milliseconds, emptyReply: empty.bytes)
    } else {
      reply.nullArray()
    }
  }
}

extension BlockRequest {
  /// Of a timeout in seconds; 0: for ever.
  fileprivate static func milliseconds(_ argument: ArraySlice<UInt8>) throws(CommandStop) -> Int64 {
    guard let seconds = argument.longDouble() else {
      throw .error("ERR timeout is not a float or out of range")
    }
    let milliseconds = (seconds * 1_000).rounded(.up)
    guard milliseconds < 9_223_372_036_854_775_807 else {
      throw .error("ERR timeout is out of range")
    }
    guard milliseconds >= 0 else { throw .error("ERR timeout is negative") }
    return Int64(milliseconds)
  }
}
