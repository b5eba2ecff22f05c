import Base

/// XGROUP.
extension StreamCommands {
  static let groups: [CommandSpec] = [
    .container(
      "xgroup",
      [
        .data("xgroup|create", -5, [.write, .denyOOM], .second, group),
        .data("xgroup|createconsumer", 5, [.write, .denyOOM], .second, group),
        .data("xgroup|delconsumer", 5, [.write], .second, group),
        .data("xgroup|destroy", 4, [.write], .second, group),
        .data("xgroup|help", 2, [.loading, .stale], .none) { context, command in
          Subcommand.help(context, command, helpLines)
        },
        .data("xgroup|setid", -5, [.write], .second, group),
      ])
  ]

  private static func group(_ context: CommandContext, _ command: CommandArguments)
    throws(CommandStop)
  {
    let name = command.text(1).uppercased()
    let options = try GroupOptions(command, name)
    let key = try context.keyToWrite(command[2], .stream)
    if !key.exists, !options.makesStream {
      throw .error(
        "ERR The XGROUP subcommand requires the key to exist. Note that for CREATE you may want to "
          + "use the MKSTREAM option to create an empty stream automatically.")
    }
    let groups = StreamGroups(context, key)
    let found = key.exists ? try groups.group(command.array(3)) : nil
    if name == "CREATE" { return try create(context, command, key, found, options) }
    guard let found else {
      if name == "DESTROY" { return context.reply.integer(0) }
      throw noGroup(command[3], command[2])
    }
    switch name {
    case "SETID": try setGroup(context, command, key, found, options)
    case "DESTROY":
      try groups.remove(found)
      // Those that wait for the group look at it again.
      var stream = try StreamRows(context, key)
      try stream.save()
      context.notify(.stream, "xgroup-destroy", key)
      context.reply.integer(1)
    case "CREATECONSUMER":
      let isNew = try groups.consumer(found, command.array(4)) == nil
      if isNew { try groups.touch(found, command.array(4)) }
      context.reply.integer(isNew ? 1 : 0)
    default:
      guard let consumer = try groups.consumer(found, command.array(4)) else {
        return context.reply.integer(0)
      }
      context.reply.integer(try groups.remove(consumer, found))
      context.notify(.stream, "xgroup-delconsumer", key)
    }
  }

  private static func create(
    _ context: CommandContext, _ command: CommandArguments, _ key: KeyState,
    _ found: StreamGroup?, _ options: GroupOptions
  ) throws(CommandStop) {
    var stream = try StreamRows(context, key)
    let id =
      try command[4].elementsEqual("$".utf8)
      ? stream.state.lastID : StreamID.strict(command[4])
    if found != nil { throw .error("BUSYGROUP Consumer Group name already exists") }
    if !key.exists { try stream.save() }
    try StreamGroups(context, key).put(
      StreamGroup(name: command.array(3), lastID: id, entriesRead: options.entriesRead))
    context.reply.ok()
    context.notify(.stream, "xgroup-create", key)
  }

  private static func setGroup(
    _ context: CommandContext, _ command: CommandArguments, _ key: KeyState,
    _ found: StreamGroup, _ options: GroupOptions
  ) throws(CommandStop) {
    var group = found
    group.lastID =
      try command[4].elementsEqual("$".utf8)
      ? StreamRows(context, key).state.lastID : StreamID.any(command[4])
    group.entriesRead = options.entriesRead
    try StreamGroups(context, key).put(group)
    context.reply.ok()
    context.notify(.stream, "xgroup-setid", key)
  }

  static func noGroup(_ group: ArraySlice<UInt8>, _ key: ArraySlice<UInt8>) -> CommandStop {
    let (group, key) = (
      String(decoding: group, as: UTF8.self), String(decoding: key, as: UTF8.self)
    )
    return .error("NOGROUP No such consumer group '\(group)' for key name '\(key)'")
  }

  static func noKeyOrGroup(_ command: CommandArguments) -> CommandStop {
    .error("NOGROUP No such key '\(command.text(1))' or consumer group '\(command.text(2))'")
  }

  private static let helpLines = [
    "CREATE <key> <groupname> <id|$> [option]",
    "    Makes a consumer group. Options:",
    "    * MKSTREAM",
    "      Makes an empty stream where there is none.",
    "    * ENTRIESREAD entries_read",
    "      How many entries the group has read.",
    "CREATECONSUMER <key> <groupname> <consumer>",
    "    Makes a consumer of the group.",
    "DELCONSUMER <key> <groupname> <consumer>",
    "    Removes a consumer, and what is pending with it.",
    "DESTROY <key> <groupname>",
    "    Removes the group.",
    "SETID <key> <groupname> <id|$> [ENTRIESREAD entries_read]",
    "    Sets how far the group has read.",
  ]
}

/// The options of XGROUP CREATE and SETID.
private struct GroupOptions {
  var makesStream = false
  var entriesRead: Int64?

  init(_ command: CommandArguments, _ name: String) throws(CommandStop) {
    var index = 5
    while index < command.count {
      if name == "CREATE", command.matches(index, "MKSTREAM") {
        makesStream = true
        index += 1
      } else if name == "CREATE" || name == "SETID", command.matches(index, "ENTRIESREAD"),
        index + 1 < command.count
      {
        let value = try StreamCommands.integer(command[index + 1])
        if value < -1 { throw .error("ERR value for ENTRIESREAD must be positive or -1") }
        entriesRead = value < 0 ? nil : value
        index += 2
      } else {
        throw Subcommand.syntax(command)
      }
    }
    if command.count > 8 { throw Subcommand.syntax(command) }
  }
}
