import Base

/// XINFO.
extension StreamCommands {
  static let info: [CommandSpec] = [
    .container(
      "xinfo",
      [
        .data("xinfo|consumers", 4, [.readOnly], .second, inform),
        .data("xinfo|groups", 3, [.readOnly], .second, inform),
        .data("xinfo|help", 2, [.loading, .stale], .none) { context, command in
          Subcommand.help(context, command, helpLines)
        },
        .data("xinfo|stream", -3, [.readOnly], .second, inform),
      ])
  ]

  private static func inform(_ context: CommandContext, _ command: CommandArguments)
    throws(CommandStop)
  {
    let key = try context.key(command[2], .stream)
    guard key.exists else { throw .noSuchKey }
    let stream = try StreamRows(context, key)
    switch command.text(1).uppercased() {
    case "GROUPS": try groupsInfo(context, stream)
    case "CONSUMERS":
      guard let group = try StreamGroups(context, key).group(command.array(3)) else {
        throw noGroup(command[3], command[2])
      }
      try consumersInfo(context, StreamGroups(context, key), group)
    default:
      if let limit = try fullLimit(command) {
        try fullInfo(context, stream, limit: limit)
      } else {
        try streamInfo(context, stream)
      }
    }
  }

  private static let helpLines = [
    "CONSUMERS <key> <groupname>",
    "    The consumers of a group.",
    "GROUPS <key>",
    "    The groups of a stream.",
    "STREAM <key> [FULL [COUNT <count>]",
    "    The stream itself.",
  ]

  /// Nil: FULL was not asked for. 0: all entries.
  private static func fullLimit(_ command: CommandArguments) throws(CommandStop) -> Int64? {
    if command.count == 3 { return nil }
    guard command.count == 4 || command.count == 6, command.matches(3, "FULL") else {
      throw Subcommand.syntax(command)
    }
    if command.count == 4 { return 10 }
    guard command.matches(4, "COUNT") else { throw Subcommand.syntax(command) }
    let limit = try integer(command[5])
    return limit < 0 ? 10 : limit
  }

  // MARK: STREAM

  /// The first seven fields.
  private static func head(_ context: CommandContext, _ stream: StreamRows) throws(CommandStop) {
    context.reply.bulk("length")
    context.reply.integer(stream.count)
    // As many blocks as the original would have, in a tree with a root.
    let size = Int64(context.streamBlockEntries)
    let blocks = stream.count / size + (stream.count % size > 0 ? 1 : 0)
    context.reply.bulk("radix-tree-keys")
    context.reply.integer(blocks)
    context.reply.bulk("radix-tree-nodes")
    context.reply.integer(blocks + 1)
    context.reply.bulk("last-generated-id")
    context.reply.id(stream.state.lastID)
    context.reply.bulk("max-deleted-entry-id")
    context.reply.id(stream.state.maxDeletedID)
    context.reply.bulk("entries-added")
    context.reply.integer(Int64(clamping: stream.state.entriesAdded))
    context.reply.bulk("recorded-first-entry-id")
    context.reply.id(try stream.edge() ?? .zero)
  }

  private static func streamInfo(_ context: CommandContext, _ stream: StreamRows)
    throws(CommandStop)
  {
    context.reply.map(10)
    try head(context, stream)
    context.reply.bulk("groups")
    context.reply.integer(try StreamGroups(context, stream.key).groups().count)
    for (name, reverse) in [("first-entry", false), ("last-entry", true)] {
      context.reply.bulk(name)
      if let id = try stream.edge(reverse: reverse), let fields = try stream.fields(id) {
        context.reply.entry(id, fields)
      } else {
        context.reply.null()
      }
    }
  }

  private static func fullInfo(_ context: CommandContext, _ stream: StreamRows, limit: Int64)
    throws(CommandStop)
  {
    context.reply.map(9)
    try head(context, stream)
    context.reply.bulk("entries")
    var entries = ReplyWriter(version: context.reply.version)
    var count: Int64 = 0
    try stream.scan(.zero, .max) { id, fields in
      entries.entry(id, fields)
      count += 1
      return count != limit
    }
    context.reply.array(Int(count))
    context.reply.bytes.append(contentsOf: entries.bytes)
    let groups = StreamGroups(context, stream.key)
    let all = try groups.groups()
    let progress = try StreamProgress(stream)
    context.reply.bulk("groups")
    context.reply.array(all.count)
    for group in all {
      context.reply.map(7)
      context.reply.bulk("name")
      context.reply.bulk(group.name)
      position(context, group, progress)
      let pending = try groups.pending(group)
      context.reply.bulk("pel-count")
      context.reply.integer(pending.count)
      context.reply.bulk("pending")
      let shown = limit == 0 ? pending[...] : pending.prefix(Int(limit))
      context.reply.array(shown.count)
      for entry in shown {
        context.reply.array(4)
        context.reply.id(entry.id)
        context.reply.bulk(entry.consumer)
        context.reply.integer(entry.deliveredAt)
        context.reply.integer(entry.deliveries)
      }
      try fullConsumers(context, try groups.consumers(group), pending, limit)
    }
  }

  private static func fullConsumers(
    _ context: CommandContext, _ consumers: [StreamConsumer], _ pending: [PendingEntry],
    _ limit: Int64
  ) throws(CommandStop) {
    context.reply.bulk("consumers")
    context.reply.array(consumers.count)
    for consumer in consumers {
      let own = pending.filter { $0.consumer == consumer.name }
      context.reply.map(4)
      context.reply.bulk("name")
      context.reply.bulk(consumer.name)
      context.reply.bulk("seen-time")
      context.reply.integer(consumer.seenAt)
      context.reply.bulk("pel-count")
      context.reply.integer(own.count)
      context.reply.bulk("pending")
      let shown = limit == 0 ? own[...] : own.prefix(Int(limit))
      context.reply.array(shown.count)
      for entry in shown {
        context.reply.array(3)
        context.reply.id(entry.id)
        context.reply.integer(entry.deliveredAt)
        context.reply.integer(entry.deliveries)
      }
    }
  }

  // MARK: GROUPS and CONSUMERS

  /// Three fields of a group.
  private static func position(
    _ context: CommandContext, _ group: StreamGroup, _ progress: StreamProgress
  ) {
    func optional(_ number: Int64?) {
      if let number { context.reply.integer(number) } else { context.reply.null() }
    }
    context.reply.bulk("last-delivered-id")
    context.reply.id(group.lastID)
    context.reply.bulk("entries-read")
    optional(group.entriesRead)
    context.reply.bulk("lag")
    optional(progress.lag(group))
  }

  private static func groupsInfo(_ context: CommandContext, _ stream: StreamRows)
    throws(CommandStop)
  {
    let groups = StreamGroups(context, stream.key)
    let all = try groups.groups()
    let progress = try StreamProgress(stream)
    context.reply.array(all.count)
    for group in all {
      context.reply.map(6)
      context.reply.bulk("name")
      context.reply.bulk(group.name)
      context.reply.bulk("consumers")
      context.reply.integer(try groups.consumers(group).count)
      context.reply.bulk("pending")
      context.reply.integer(try groups.pending(group).count)
      position(context, group, progress)
    }
  }

  private static func consumersInfo(
    _ context: CommandContext, _ groups: StreamGroups, _ group: StreamGroup
  ) throws(CommandStop) {
    let consumers = try groups.consumers(group)
    let pending = try groups.pending(group)
    context.reply.array(consumers.count)
    for consumer in consumers {
      context.reply.map(3)
      context.reply.bulk("name")
      context.reply.bulk(consumer.name)
      context.reply.bulk("pending")
      context.reply.integer(pending.count { $0.consumer == consumer.name })
      context.reply.bulk("idle")
      context.reply.integer(max(0, context.now - consumer.seenAt))
    }
  }
}
