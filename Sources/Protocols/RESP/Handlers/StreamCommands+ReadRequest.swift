import Base

/// The options of XREAD and XREADGROUP.
struct ReadRequest {
  /// Nil: it does not wait.
  var timeout: Int64?
  /// Entries of each stream; 0: all.
  var limit = 0
  var hasLimit = false
  var needsNoAcknowledgement = false
  var reader: (group: [UInt8], consumer: [UInt8])?
  /// The places of the keys; those of the ids follow.
  var keys: Range<Int> = 0..<0

  /// What comes at once where nobody had given a limit and the command has waited.
  private static let waitedLimit = 1_000

  init(_ command: CommandArguments, _ context: CommandContext, isGroup: Bool) throws(CommandStop) {
    var index = 1
    while index < command.count {
      let more = command.count - index - 1
      if command.matches(index, "BLOCK"), more > 0 {
        if context.isScript {
          throw .error(
            "ERR \(command.text(0)) command is not allowed with BLOCK option from scripts")
        }
        timeout = try context.blockingMilliseconds(command[index + 1])
        index += 2
      } else if command.matches(index, "COUNT"), more > 0 {
        limit = max(0, Int(try StreamCommands.integer(command[index + 1])))
        hasLimit = limit > 0
        index += 2
      } else if command.matches(index, "STREAMS"), more > 0 {
        guard more % 2 == 0 else {
          throw .error(
            "ERR Unbalanced XREAD list of streams: for each stream key an ID or '$' must be "
              + "specified.")
        }
        keys = (index + 1)..<(index + 1 + more / 2)
        break
      } else if command.matches(index, "GROUP"), more > 1 {
        try Self.check(isGroup, "GROUP")
        reader = (command.array(index + 1), command.array(index + 2))
        index += 3
      } else if command.matches(index, "NOACK") {
        try Self.check(isGroup, "NOACK")
        needsNoAcknowledgement = true
        index += 1
      } else {
        throw .syntax
      }
    }
    if keys.isEmpty { throw .syntax }
    if isGroup, reader == nil { throw .error("ERR Missing GROUP option for XREADGROUP") }
  }

  private static func check(_ isGroup: Bool, _ option: String) throws(CommandStop) {
    if isGroup { return }
    throw .error(
      "ERR The \(option) option is only supported by XREADGROUP. You called XREAD instead.")
  }

  func sources(_ command: CommandArguments, _ context: CommandContext) throws(CommandStop)
    -> [ReadSource]
  {
    var sources: [ReadSource] = []
    for place in keys {
      let id = command[place + keys.count]
      sources.append(
        try reader == nil
          ? source(command[place], id, context) : groupSource(command[place], id, context))
    }
    return sources
  }

  private func source(
    _ name: ArraySlice<UInt8>, _ id: ArraySlice<UInt8>, _ context: CommandContext
  ) throws(CommandStop) -> ReadSource {
    var key = try context.key(name)
    if let row = key.row, row.type != .stream {
      guard context.hasWaited else { throw .wrongType }
      key = KeyState(name: key.name, rowKey: key.rowKey, row: nil)
    }
    var source = ReadSource(key: key.exists ? key : nil, start: .after(.zero))
    if id.elementsEqual("$".utf8) {
      source.start = .after(try StreamRows(context, key).state.lastID)
    } else if id.elementsEqual(">".utf8) {
      throw .error(
        "ERR The > ID can be specified only when calling XREADGROUP using the GROUP <group> "
          + "<consumer> option.")
    } else {
      source.start = .after(try .strict(id))
    }
    return source
  }

  private func groupSource(
    _ name: ArraySlice<UInt8>, _ id: ArraySlice<UInt8>, _ context: CommandContext
  ) throws(CommandStop) -> ReadSource {
    guard let reader else { throw .syntax }
    let key = try context.keyToWrite(name)
    if context.hasWaited, key.row?.type != .stream {
      throw .error("UNBLOCKED the stream key no longer exists")
    }
    if let row = key.row, row.type != .stream { throw .wrongType }
    let group = key.exists ? try StreamGroups(context, key).group(reader.group) : nil
    guard let group else {
      if context.hasWaited {
        throw .error("NOGROUP the consumer group this client was blocked on no longer exists")
      }
      let (key, group) = (String(decoding: name, as: UTF8.self), reader.group)
      throw .error(
        "NOGROUP No such key '\(key)' or consumer group '\(String(decoding: group, as: UTF8.self))'"
          + " in XREADGROUP with GROUP option")
    }
    var source = ReadSource(key: key, start: .new)
    source.group = group
    if id.elementsEqual("$".utf8) {
      throw .error(
        "ERR The $ ID is meaningless in the context of XREADGROUP: you want to read the history of "
          + "this consumer by specifying a proper ID, or use the > ID to get new messages. The $ "
          + "ID would just return an empty result set.")
    }
    if !id.elementsEqual(">".utf8) { source.start = .after(try .strict(id)) }
    return source
  }

  /// The command that runs when something may have come.
  func again(_ command: CommandArguments, _ sources: [ReadSource]) -> CommandArguments {
    var next = CommandArguments()
    for index in 0..<(keys.lowerBound - 1) { next.append(command[index]) }
    if !hasLimit {
      next.append("COUNT".utf8)
      next.append(String(Self.waitedLimit).utf8)
    }
    next.append("STREAMS".utf8)
    for place in keys { next.append(command[place]) }
    for (place, source) in zip(keys, sources) {
      if case .after(let id) = source.start, source.group == nil {
        next.append(id.text.utf8)
      } else {
        next.append(command[place + keys.count])
      }
    }
    return next
  }
}

/// One stream that is read.
struct ReadSource {
  enum Start {
    case after(StreamID)
    /// What no consumer of the group has had.
    case new
  }
  /// Nil: there is no such stream.
  var key: KeyState?
  var start: Start
  var group: StreamGroup?

  /// A group's history is always there, though it may be empty.
  func hasSomething(_ context: CommandContext) throws(CommandStop) -> Bool {
    guard let key else { return false }
    let last: StreamID
    switch (start, group) {
    case (.after, .some): return true
    case (.after(let id), nil): last = id
    case (.new, let group): last = group?.lastID ?? .max
    }
    guard let top = try StreamRows(context, key).edge(reverse: true) else { return false }
    return top > last
  }
}
