import Base

/// Streams and their consumer groups.
enum StreamCommands {
  static let all: [CommandSpec] = entries + reading + groups + pendingEntries + claiming + info

  /// Entries alone.
  private static let entries: [CommandSpec] = [
    .data("xadd", -5, [.write, .denyOOM, .fast], .first, add),
    .data("xlen", 2, [.readOnly, .fast]) { (context, command) throws(CommandStop) in
      context.reply.integer(try context.key(command[1], .stream).row?.length ?? 0)
    },
    .data("xrange", -4, [.readOnly]) { (context, command) throws(CommandStop) in
      try range(context, command, reverse: false)
    },
    .data("xrevrange", -4, [.readOnly]) { (context, command) throws(CommandStop) in
      try range(context, command, reverse: true)
    },
    .data("xdel", -3, [.write, .fast], .first, delete),
    .data("xtrim", -4, [.write]) { (context, command) throws(CommandStop) in
      let request = try AddRequest(command, context, isTrim: true)
      let key = try context.keyToWrite(command[1], .stream)
      guard key.exists else { return context.reply.integer(0) }
      var stream = try StreamRows(context, key)
      let count = try request.trim?.apply(to: &stream) ?? 0
      if count > 0 {
        try stream.save()
        context.notify(.stream, "xtrim", key)
      }
      context.reply.integer(count)
    },
    .data("xsetid", -3, [.write, .denyOOM, .fast], .first, setID),
  ]

  static func integer(_ argument: ArraySlice<UInt8>) throws(CommandStop) -> Int64 {
    guard let value = argument.strictInteger() else { throw .notInteger }
    return value
  }

  // MARK: XADD

  private static func add(_ context: CommandContext, _ command: CommandArguments)
    throws(CommandStop)
  {
    let request = try AddRequest(command, context, isTrim: false)
    let firstField = request.idPlace + 1
    guard command.count - firstField >= 2, (command.count - firstField) % 2 == 0 else {
      throw .wrongArity("xadd")
    }
    if case .given(.zero) = request.id {
      throw .error("ERR The ID specified in XADD must be greater than 0-0")
    }
    let key = try context.keyToWrite(command[1], .stream)
    if !key.exists, request.isOnlyOld { return context.reply.null() }
    var stream = try StreamRows(context, key)
    let last = stream.state.lastID
    guard last < .max else {
      throw .error(
        "ERR The stream has exhausted the last possible ID, unable to add more items")
    }
    guard let id = request.id.id(after: last, now: context.now), id > last else {
      throw .error(
        "ERR The ID specified in XADD is equal or smaller than the target stream top item")
    }
    try stream.append(id, (firstField..<command.count).map { command[$0] })
    context.reply.id(id)
    context.notify(.stream, "xadd", key)
    if let trim = request.trim, try trim.apply(to: &stream) > 0 {
      context.notify(.stream, "xtrim", key)
    }
    try stream.save()
  }

  // MARK: The others

  private static func range(
    _ context: CommandContext, _ command: CommandArguments, reverse: Bool
  ) throws(CommandStop) {
    let start = try StreamID.start(command[reverse ? 3 : 2])
    let end = try StreamID.end(command[reverse ? 2 : 3])
    var limit: Int64?
    var index = 4
    while index < command.count {
      guard command.matches(index, "COUNT"), index + 1 < command.count else { throw .syntax }
      limit = max(try integer(command[index + 1]), 0)
      index += 2
    }
    let key = try context.key(command[1], .stream)
    guard key.exists else { return context.reply.array(0) }
    if limit == 0 { return context.reply.nullArray() }
    var entries = ReplyWriter(version: context.reply.version)
    var count: Int64 = 0
    try StreamRows(context, key).scan(start, end, reverse: reverse) { id, fields in
      entries.entry(id, fields)
      count += 1
      return count != limit
    }
    context.reply.array(Int(count))
    context.reply.bytes.append(contentsOf: entries.bytes)
  }

  private static func delete(_ context: CommandContext, _ command: CommandArguments)
    throws(CommandStop)
  {
    let key = try context.keyToWrite(command[1], .stream)
    guard key.exists else { return context.reply.integer(0) }
    var ids: [StreamID] = []
    for index in 2..<command.count { ids.append(try .strict(command[index])) }
    var stream = try StreamRows(context, key)
    var count = 0
    for id in ids where try stream.contains(id) {
      try stream.remove(id)
      stream.state.maxDeletedID = max(stream.state.maxDeletedID, id)
      count += 1
    }
    if count > 0 {
      try stream.save()
      context.notify(.stream, "xdel", key)
    }
    context.reply.integer(count)
  }

  private static func setID(_ context: CommandContext, _ command: CommandArguments)
    throws(CommandStop)
  {
    let id = try StreamID.strict(command[2])
    var entriesAdded: Int64?
    var maxDeletedID = StreamID.zero
    var index = 3
    while index < command.count {
      guard index + 1 < command.count else { throw .syntax }
      if command.matches(index, "ENTRIESADDED") {
        let value = try integer(command[index + 1])
        if value < 0 { throw .error("ERR entries_added must be positive") }
        entriesAdded = value
      } else if command.matches(index, "MAXDELETEDID") {
        maxDeletedID = try .strict(command[index + 1])
        if id < maxDeletedID {
          throw .error(
            "ERR The ID specified in XSETID is smaller than the provided max_deleted_entry_id")
        }
      } else {
        throw .syntax
      }
      index += 2
    }
    let key = try context.keyToWrite(command[1], .stream)
    guard key.exists else { throw .noSuchKey }
    var stream = try StreamRows(context, key)
    if stream.count > 0 {
      if let top = try stream.edge(reverse: true), id < top {
        throw .error("ERR The ID specified in XSETID is smaller than the target stream top item")
      }
      if let entriesAdded, entriesAdded < stream.count {
        throw .error(
          "ERR The entries_added specified in XSETID is smaller than the target stream length")
      }
    }
    stream.state.lastID = id
    if let entriesAdded { stream.state.entriesAdded = UInt64(entriesAdded) }
    if maxDeletedID > .zero { stream.state.maxDeletedID = maxDeletedID }
    try stream.save()
    context.reply.ok()
    context.notify(.stream, "xsetid", key)
  }
}
