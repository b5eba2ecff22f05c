import Base

/// COMMAND DOCS.
extension CommandCommands {
  static func document(_ session: RESPSession, _ command: CommandArguments) {
    var found = CommandFacts.present
    if command.count > 2 {
      found = (2..<command.count).compactMap { index in
        let name = command.text(index).lowercased()
        return CommandTable.find(named: name) == nil ? nil : CommandFacts.of(name)
      }
    }
    session.output.map(found.count)
    for facts in found { document(facts, &session.output) }
  }

  private static func document(_ facts: CommandFacts, _ output: inout ReplyWriter) {
    let spec = CommandTable.find(named: facts.name)
    let parts = spec.map { facts.name.contains("|") ? [] : CommandFacts.subcommands(of: $0) } ?? []
    var texts = [
      ("summary", facts.summary), ("since", facts.since), ("group", facts.group),
    ]
    if !facts.complexity.isEmpty { texts.append(("complexity", facts.complexity)) }
    output.bulk(facts.name)
    output.map(
      texts.count + (facts.documentFlag == nil ? 0 : 1) + (facts.deprecatedSince == nil ? 0 : 1)
        + (facts.replacement == nil ? 0 : 1) + (facts.arguments.isEmpty ? 0 : 1)
        + (parts.isEmpty ? 0 : 1))
    for (name, text) in texts {
      output.bulk(name)
      output.bulk(text)
    }
    if let flag = facts.documentFlag {
      output.bulk("doc_flags")
      output.set(1)
      output.simple(flag)
    }
    if let version = facts.deprecatedSince {
      output.bulk("deprecated_since")
      output.bulk(version)
    }
    if let replacement = facts.replacement {
      output.bulk("replaced_by")
      output.bulk(replacement)
    }
    if !facts.arguments.isEmpty {
      output.bulk("arguments")
      write(facts.arguments, &output)
    }
    if !parts.isEmpty {
      output.bulk("subcommands")
      output.map(parts.count)
      for part in parts { document(part, &output) }
    }
  }

  private static func write(_ arguments: [CommandArgument], _ output: inout ReplyWriter) {
    output.array(arguments.count)
    for argument in arguments {
      var flags: [String] = []
      if argument.isOptional { flags.append("optional") }
      if argument.isMultiple { flags.append("multiple") }
      if argument.repeatsToken { flags.append("multiple_token") }
      output.map(
        2 + (argument.key == nil ? 0 : 1) + (argument.token == nil ? 0 : 1)
          + (flags.isEmpty ? 0 : 1) + (argument.parts.isEmpty ? 0 : 1))
      output.bulk("name")
      output.bulk(argument.name)
      output.bulk("type")
      output.bulk(argument.type)
      if let key = argument.key {
        output.bulk("key_spec_index")
        output.integer(key)
      }
      if let token = argument.token {
        output.bulk("token")
        output.bulk(token)
      }
      if !flags.isEmpty {
        output.bulk("flags")
        output.set(flags.count)
        for flag in flags { output.simple(flag) }
      }
      if !argument.parts.isEmpty {
        output.bulk("arguments")
        write(argument.parts, &output)
      }
    }
  }
}

/// The categories that ACL and COMMAND LIST go by.
enum CommandCategories {
  static let all = [
    "keyspace", "read", "write", "set", "sortedset", "list", "hash", "string", "bitmap",
    "hyperloglog", "geo", "stream", "pubsub", "admin", "fast", "slow", "blocking", "dangerous",
    "connection", "transaction", "scripting",
  ]

  /// Of all commands that are there, those of two words included.
  static let names: [String] = CommandTable.all.flatMap { spec in
    [spec.name] + CommandFacts.subcommands(of: spec).map(\.name)
  }

  static func commands(in category: String) -> [String] {
    names.filter { CommandFacts.of($0)?.categories.contains(category) ?? false }
  }
}
