import Base

/// Commands that wait for a list's elements.
extension ListCommands {
  static let blocking: [CommandSpec] = [
    .data("blpop", -3, [.write, .noScript, .blocking], .range(first: 1, last: -2, step: 1)) {
      (context, command) throws(CommandStop) in
      try popOrWait(context, command, .head)
    },
    .data("brpop", -3, [.write, .noScript, .blocking], .range(first: 1, last: -2, step: 1)) {
      (context, command) throws(CommandStop) in
      try popOrWait(context, command, .tail)
    },
    .data("blmpop", -5, [.write, .blocking, .movableKeys], .counted(at: 2)) {
      (context, command) throws(CommandStop) in
      let request = try PopRequest(command, countAt: 2)
      let timeout = try context.blockingSeconds(command[1])
      for name in request.keys {
        var list = ListRows(context, try context.keyToTake(name, .list))
        if list.count == 0 { continue }
        return try popRange(context, &list, request.end, request.count)
      }
      context.wait(for: request.keys.map { Array($0) }, milliseconds: timeout)
    },
    .data("blmove", 6, [.write, .denyOOM, .noScript, .blocking], .firstTwo) {
      (context, command) throws(CommandStop) in
      let (from, to) = (try end(command[3]), try end(command[4]))
      try moveOrWait(context, command, from, to, command[5])
    },
    .data("brpoplpush", 4, [.write, .denyOOM, .noScript, .blocking], .firstTwo) {
      (context, command) throws(CommandStop) in
      try moveOrWait(context, command, .tail, .head, command[3])
    },
  ]

  private static func popOrWait(
    _ context: CommandContext, _ command: CommandArguments, _ end: ListRows.End
  ) throws(CommandStop) {
    let timeout = try context.blockingSeconds(command[command.count - 1])
    for index in 1..<(command.count - 1) {
      var list = ListRows(context, try context.keyToTake(command[index], .list))
      if list.count == 0 { continue }
      context.reply.array(2)
      context.reply.bulk(command[index])
      context.reply.bulk(try list.pop(end))
      return try removed(context, &list, end)
    }
    context.wait(
      for: (1..<(command.count - 1)).map { command.array($0) }, milliseconds: timeout)
  }

  private static func moveOrWait(
    _ context: CommandContext, _ command: CommandArguments, _ from: ListRows.End,
    _ to: ListRows.End, _ timeout: ArraySlice<UInt8>
  ) throws(CommandStop) {
    let timeout = try context.blockingSeconds(timeout)
    if try context.keyToTake(command[1], .list).exists {
      return try move(context, command, from, to)
    }
    guard context.mayBlock else { return context.reply.null() }
    context.wait(for: [command.array(1)], milliseconds: timeout)
  }
}
