import Base

/// XACK and XPENDING.
extension StreamCommands {
  static let pendingEntries: [CommandSpec] = [
    .data("xack", -4, [.write, .fast]) { (context, command) throws(CommandStop) in
      let key = try context.keyToWrite(command[1], .stream)
      let groups = StreamGroups(context, key)
      guard key.exists, let group = try groups.group(command.array(2)) else {
        return context.reply.integer(0)
      }
      var ids: [StreamID] = []
      for index in 3..<command.count { ids.append(try .strict(command[index])) }
      var count = 0
      for id in ids {
        guard let entry = try groups.pending(group, id) else { continue }
        try groups.remove(entry, group)
        count += 1
      }
      context.reply.integer(count)
    },
    .data("xpending", -3, [.readOnly], .first, pending),
  ]

  private static func pending(_ context: CommandContext, _ command: CommandArguments)
    throws(CommandStop)
  {
    guard command.count == 3 || (6...9).contains(command.count) else { throw .syntax }
    let request = command.count == 3 ? nil : try PendingRequest(command)
    let key = try context.key(command[1], .stream)
    let groups = StreamGroups(context, key)
    guard key.exists, let group = try groups.group(command.array(2)) else {
      throw noKeyOrGroup(command)
    }
    if let request {
      try list(context, groups, group, request)
    } else {
      try summary(context, groups, group)
    }
  }

  private static func summary(
    _ context: CommandContext, _ groups: StreamGroups, _ group: StreamGroup
  ) throws(CommandStop) {
    var counts: [[UInt8]: Int] = [:]
    var (count, first, last) = (0, StreamID.zero, StreamID.zero)
    try groups.scanPending(group, .zero, .max) { entry in
      if count == 0 { first = entry.id }
      last = entry.id
      count += 1
      counts[entry.consumer, default: 0] += 1
      return true
    }
    context.reply.array(4)
    context.reply.integer(count)
    guard count > 0 else {
      context.reply.null()
      context.reply.null()
      return context.reply.nullArray()
    }
    context.reply.id(first)
    context.reply.id(last)
    let names = counts.keys.sorted { $0.lexicographicallyPrecedes($1) }
    context.reply.array(names.count)
    for name in names {
      context.reply.array(2)
      context.reply.bulk(name)
      context.reply.bulk(Int64(counts[name] ?? 0))
    }
  }

  private static func list(
    _ context: CommandContext, _ groups: StreamGroups, _ group: StreamGroup,
    _ request: PendingRequest
  ) throws(CommandStop) {
    if let name = request.consumer, try groups.consumer(group, name) == nil {
      return context.reply.array(0)
    }
    var found: [PendingEntry] = []
    if request.limit > 0 {
      try groups.scanPending(group, request.start, request.end) { entry in
        let isIdle = request.idle == 0 || context.now - entry.deliveredAt >= request.idle
        if isIdle, request.consumer == nil || entry.consumer == request.consumer {
          found.append(entry)
        }
        return found.count < request.limit
      }
    }
    context.reply.array(found.count)
    for entry in found {
      context.reply.array(4)
      context.reply.id(entry.id)
      context.reply.bulk(entry.consumer)
      context.reply.integer(max(0, context.now - entry.deliveredAt))
      context.reply.integer(entry.deliveries)
    }
  }
}

/// XPENDING's [IDLE milliseconds] start end count [consumer].
private struct PendingRequest {
  var idle: Int64 = 0
  var start: StreamID
  var end: StreamID
  var limit: Int64
  var consumer: [UInt8]?

  init(_ command: CommandArguments) throws(CommandStop) {
    var first = 3
    if command.matches(3, "IDLE") {
      idle = try StreamCommands.integer(command[4])
      if command.count < 8 { throw .syntax }
      first = 5
    }
    limit = try StreamCommands.integer(command[first + 2])
    start = try .start(command[first])
    end = try .end(command[first + 1])
    if first + 3 < command.count { consumer = command.array(first + 3) }
  }
}
