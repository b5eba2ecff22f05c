import Base
import Types

/// XREAD and XREADGROUP.
extension StreamCommands {
  static let reading: [CommandSpec] = [
    .data("xread", -4, [.readOnly, .blocking, .movableKeys], .found(keyPlaces)) {
      (context, command) throws(CommandStop) in
      try read(context, command, try ReadRequest(command, context, isGroup: false))
    },
    .data("xreadgroup", -7, [.write, .blocking, .movableKeys], .found(keyPlaces)) {
      (context, command) throws(CommandStop) in
      try read(context, command, try ReadRequest(command, context, isGroup: true))
    },
  ]

  /// The first half of what stands behind STREAMS.
  @Sendable private static func keyPlaces(_ command: CommandArguments) -> [Int]? {
    var index = 1
    while index < command.count {
      if command.matches(index, "STREAMS") {
        let rest = command.count - index - 1
        guard rest > 0, rest % 2 == 0 else { return nil }
        return Array((index + 1)...(index + rest / 2))
      }
      if command.matches(index, "BLOCK") || command.matches(index, "COUNT") {
        index += 2
      } else {
        index += command.matches(index, "GROUP") ? 3 : 1
      }
    }
    return nil
  }

  private static func read(
    _ context: CommandContext, _ command: CommandArguments, _ request: ReadRequest
  ) throws(CommandStop) {
    let sources = try request.sources(command, context)
    var replies = ReplyWriter(version: context.reply.version)
    var count = 0
    for source in sources {
      guard let key = source.key, try source.hasSomething(context) else { continue }
      if !replies.isRESP3 { replies.array(2) }
      replies.bulk(key.name)
      if source.group != nil {
        try deliver(context, source, request, into: &replies)
      } else if case .after(let id) = source.start, let next = id.next {
        let stream = try StreamRows(context, key)
        var entries: [(StreamID, [Value])] = []
        try stream.scan(next, .max) { id, fields in
          entries.append((id, fields))
          return entries.count != request.limit
        }
        replies.entries(entries)
      }
      count += 1
    }
    if count > 0 {
      if replies.isRESP3 { context.reply.map(count) } else { context.reply.array(count) }
      context.reply.bytes.append(contentsOf: replies.bytes)
    } else if let timeout = request.timeout {
      context.wait(
        for: request.keys.map { command.array($0) }, milliseconds: timeout, isReader: true,
        next: request.again(command, sources))
    } else {
      context.reply.nullArray()
    }
  }

  // MARK: Groups

  /// Entries of a group's stream to one of its consumers.
  private static func deliver(
    _ context: CommandContext, _ source: ReadSource, _ request: ReadRequest,
    into reply: inout ReplyWriter
  ) throws(CommandStop) {
    guard let key = source.key, let group = source.group, let reader = request.reader else {
      return
    }
    let groups = StreamGroups(context, key)
    try groups.touch(group, reader.consumer)
    switch source.start {
    case .after(let id): try history(context, key, group, id, request, into: &reply)
    case .new: try new(context, key, group, request, into: &reply)
    }
  }

  /// What was delivered to the consumer before and is pending, behind `id`.
  private static func history(
    _ context: CommandContext, _ key: KeyState, _ group: StreamGroup, _ id: StreamID,
    _ request: ReadRequest, into reply: inout ReplyWriter
  ) throws(CommandStop) {
    guard let reader = request.reader else { return }
    let groups = StreamGroups(context, key)
    let stream = try StreamRows(context, key)
    var pending: [PendingEntry] = []
    if let next = id.next {
      try groups.scanPending(group, next, .max) { entry in
        if entry.consumer == reader.consumer { pending.append(entry) }
        return pending.count != request.limit || request.limit == 0
      }
    }
    reply.array(pending.count)
    for var entry in pending {
      guard let fields = try stream.fields(entry.id) else {
        // It was removed from the stream since.
        reply.array(2)
        reply.id(entry.id)
        reply.nullArray()
        continue
      }
      reply.entry(entry.id, fields)
      entry.deliveredAt = context.now
      entry.deliveries += 1
      try groups.put(entry, group)
    }
  }

  /// What nobody of the group has had.
  private static func new(
    _ context: CommandContext, _ key: KeyState, _ group: StreamGroup, _ request: ReadRequest,
    into reply: inout ReplyWriter
  ) throws(CommandStop) {
    guard let reader = request.reader, let first = group.lastID.next else { return reply.array(0) }
    let groups = StreamGroups(context, key)
    let stream = try StreamRows(context, key)
    let progress = try StreamProgress(stream)
    var group = group
    var entries: [(StreamID, [Value])] = []
    try stream.scan(first, .max) { id, fields in
      entries.append((id, fields))
      progress.advance(&group, to: id)
      return entries.count != request.limit
    }
    reply.entries(entries)
    try groups.put(group)
    if request.needsNoAcknowledgement { return }
    for (id, _) in entries {
      try groups.put(
        PendingEntry(
          id: id, consumer: reader.consumer, deliveredAt: context.now, deliveries: 1), group)
    }
  }
}

extension ReplyWriter {
  mutating func entries(_ entries: [(StreamID, [Value])]) {
    array(entries.count)
    for (id, fields) in entries { entry(id, fields) }
  }
}
