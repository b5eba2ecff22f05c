import Base

/// COMMAND: what commands there are.
enum CommandCommands {
  static let all: [CommandSpec] = [
    commandSpec
  ]

  private static let flags: CommandFlags = [.loading, .stale]

  private static let commandSpec: CommandSpec = {
    CommandSpec.session("command", -1, flags) { session, command in
      if command.count > 1 {
        return session.output.error(CommandTable.unknownSubcommand("command", command))
      }
      describeAll(session)
    }.with([
      .session("command|count", 2, flags) { session, _ in
        session.output.integer(CommandFacts.present.count)
      },
      .session("command|docs", -2, flags) { session, command in
        document(session, command)
      },
      .session("command|getkeys", -4, flags) { session, command in
        keys(session, command, withFlags: false)
      },
      .session("command|getkeysandflags", -4, flags) { session, command in
        keys(session, command, withFlags: true)
      },
      .session("command|info", -2, flags) { session, command in
        describe(session, command)
      },
      .session("command|list", -2, flags) { session, command in
        list(session, command)
      },
      .session("command|help", 2, flags) { session, _ in
        session.output.help(
          "COMMAND",
          [
            ("(no subcommand)", "Describes all commands."),
            ("COUNT", "Counts the commands."),
            ("LIST [FILTERBY (MODULE|ACLCAT|PATTERN) <value>]", "Lists the commands' names."),
            ("INFO [<command-name> ...]", "Describes some commands, or all."),
            ("DOCS [<command-name> ...]", "Documents some commands, or all."),
            ("GETKEYS <full-command>", "Finds the keys in a command."),
            ("GETKEYSANDFLAGS <full-command>", "The same, with what is done to each."),
          ])
      },
    ])
  }()

  // MARK: INFO

  private static func describeAll(_ session: RESPSession) {
    session.output.array(CommandFacts.present.count)
    for facts in CommandFacts.present { describe(facts, &session.output) }
  }

  private static func describe(_ session: RESPSession, _ command: CommandArguments) {
    if command.count == 2 { return describeAll(session) }
    session.output.array(command.count - 2)
    for index in 2..<command.count {
      if CommandTable.find(named: command.text(index)) != nil,
        let facts = CommandFacts.of(command.text(index).lowercased())
      {
        describe(facts, &session.output)
      } else {
        session.output.nullArray()
      }
    }
  }

  private static func describe(_ facts: CommandFacts, _ output: inout ReplyWriter) {
    output.array(10)
    output.bulk(facts.name)
    output.integer(facts.arity)
    output.set(facts.flags.count)
    for flag in facts.flags { output.simple(flag) }
    output.integer(facts.first)
    output.integer(facts.last)
    output.integer(facts.step)
    output.set(facts.categories.count)
    for category in facts.categories { output.simple("@" + category) }
    output.array(facts.tips.count)
    for tip in facts.tips { output.bulk(tip) }
    output.array(facts.keys.count)
    for key in facts.keys { describe(key, &output) }
    let spec = CommandTable.find(named: facts.name)
    let parts = spec.map { facts.name.contains("|") ? [] : CommandFacts.subcommands(of: $0) } ?? []
    output.array(parts.count)
    for part in parts { describe(part, &output) }
  }

  private static func describe(_ key: KeySpecification, _ output: inout ReplyWriter) {
    output.map(3)
    output.bulk("flags")
    output.set(key.flags.count)
    for flag in key.flags { output.simple(flag) }
    output.bulk("begin_search")
    switch key.begin {
    case .index(let index): write("index", [("index", index)], &output)
    case .keyword(let word, let from):
      output.map(2)
      output.bulk("type")
      output.bulk("keyword")
      output.bulk("spec")
      output.map(2)
      output.bulk("keyword")
      output.bulk(word)
      output.bulk("startfrom")
      output.integer(from)
    case .unknown: write("unknown", [], &output)
    }
    output.bulk("find_keys")
    switch key.find {
    case .range(let last, let step, let limit):
      write("range", [("lastkey", last), ("keystep", step), ("limit", limit)], &output)
    case .count(let at, let first, let step):
      write("keynum", [("keynumidx", at), ("firstkey", first), ("keystep", step)], &output)
    case .unknown: write("unknown", [], &output)
    }
  }

  private static func write(
    _ type: String, _ numbers: [(String, Int)], _ output: inout ReplyWriter
  ) {
    output.map(2)
    output.bulk("type")
    output.bulk(type)
    output.bulk("spec")
    output.map(numbers.count)
    for (name, number) in numbers {
      output.bulk(name)
      output.integer(number)
    }
  }

  // MARK: LIST

  private static func list(_ session: RESPSession, _ command: CommandArguments) {
    var names = CommandCategories.names
    if command.count > 2 {
      guard command.count == 5, command.matches(2, "FILTERBY") else {
        return session.output.error("ERR syntax error")
      }
      let value = command.text(4)
      if command.matches(3, "MODULE") {
        names = []
      } else if command.matches(3, "ACLCAT") {
        names = CommandCategories.commands(in: value.lowercased())
      } else if command.matches(3, "PATTERN") {
        let pattern = GlobPattern(command[4], ignoresCase: true)
        names = CommandCategories.names.filter { pattern.matches($0.utf8) }
      } else {
        return session.output.error("ERR syntax error")
      }
    }
    session.output.set(names.count)
    for name in names { session.output.bulk(name) }
  }

  // MARK: GETKEYS

  private static func keys(
    _ session: RESPSession, _ command: CommandArguments, withFlags: Bool
  ) {
    let inner = command.suffix(from: 2)
    guard let spec = CommandTable.find(inner) else {
      return session.output.error("ERR Invalid command specified")
    }
    if case .none = spec.keys {
      return session.output.error("ERR The command has no key arguments")
    }
    guard spec.accepts(count: inner.count) else {
      return session.output.error("ERR Invalid number of arguments specified for command")
    }
    // A script may have none.
    let mayHaveNone = ScriptCommands.runners.contains(spec.name) && inner[2].elementsEqual("0".utf8)
    guard let places = mayHaveNone ? [] : spec.keyPositions(inner), mayHaveNone || !places.isEmpty
    else {
      return session.output.error("ERR Invalid arguments specified for command")
    }
    let facts = CommandFacts.of(spec.name)
    session.output.array(places.count)
    for place in places {
      if withFlags { session.output.array(2) }
      session.output.bulk(inner[place])
      guard withFlags else { continue }
      let key = facts?.keys.first { $0.places(inner).contains(place) } ?? facts?.keys.first
      let flags = Self.variable(spec.name, inner, place) ?? key?.flags ?? []
      session.output.set(flags.count)
      for flag in flags { session.output.simple(flag) }
    }
  }

  /// What commands do with their key that do different things by their other arguments. `place`: the key's.
  private static func variable(_ name: String, _ command: CommandArguments, _ place: Int)
    -> [String]?
  {
    switch name {
    case "set":
      let gets = (3..<max(3, command.count)).contains { command.matches($0, "GET") }
      return gets ? ["RW", "access", "update"] : ["OW", "update"]
    case "bitfield":
      let writes = (2..<command.count).contains {
        command.matches($0, "SET") || command.matches($0, "INCRBY")
      }
      return writes ? ["RW", "access", "update"] : ["RO", "access"]
    case "sort": return place == 1 ? ["RO", "access"] : ["OW", "update"]
    default: return nil
    }
  }
}
