import Base
import Node

/// SUBSCRIBE, PUBLISH and the like.
enum PubSubCommands {
  private static let listening: CommandFlags = [.pubsub, .noScript, .loading, .stale]
  private static let sending: CommandFlags = [.pubsub, .loading, .stale, .fast, .mayReplicate]

  static let all: [CommandSpec] = [
    .session("subscribe", -2, listening) { session, command in
      subscribe(session, command, .channel)
    },
    .session("psubscribe", -2, listening) { session, command in
      subscribe(session, command, .pattern)
    },
    .session("ssubscribe", -2, listening, .all) { session, command in
      subscribe(session, command, .shardChannel)
    },
    .session("unsubscribe", -1, listening) { session, command in
      unsubscribe(session, command, .channel)
    },
    .session("punsubscribe", -1, listening) { session, command in
      unsubscribe(session, command, .pattern)
    },
    .session("sunsubscribe", -1, listening, .all) { session, command in
      unsubscribe(session, command, .shardChannel)
    },
    .session("publish", 3, sending) { session, command in
      await publish(session, command, isForShard: false)
    },
    .session("spublish", 3, sending, .first) { session, command in
      await publish(session, command, isForShard: true)
    },
    .container(
      "pubsub",
      [
        .session("pubsub|channels", -2, [.pubsub, .loading, .stale]) { session, command in
          await channels(session, command, .channel)
        },
        .session("pubsub|numsub", -2, [.pubsub, .loading, .stale]) { session, command in
          await counts(session, command, .channel)
        },
        .session("pubsub|numpat", 2, [.pubsub, .loading, .stale]) { session, _ in
          let found = await ask(session, .pattern)
          session.output.integer(found.count)
        },
        .session("pubsub|shardchannels", -2, [.pubsub, .loading, .stale]) { session, command in
          await channels(session, command, .shardChannel)
        },
        .session("pubsub|shardnumsub", -2, [.pubsub, .loading, .stale]) { session, command in
          await counts(session, command, .shardChannel)
        },
        .session("pubsub|help", 2, [.loading, .stale]) { session, _ in
          session.output.help(
            "PUBSUB",
            [
              ("CHANNELS [<pattern>]", "Lists the channels that somebody listens to."),
              ("NUMPAT", "Counts the patterns that somebody listens to."),
              ("NUMSUB [<channel> ...]", "Counts who listens to each of the channels."),
              ("SHARDCHANNELS [<pattern>]", "As CHANNELS, of shard channels."),
              ("SHARDNUMSUB [<channel> ...]", "As NUMSUB, of shard channels."),
            ])
        },
      ]),
  ]

  // MARK: Listening

  private static func subscribe(
    _ session: RESPSession, _ command: CommandArguments, _ kind: SubscriptionKind
  ) {
    for index in 1..<command.count {
      let name = command.array(index)
      if session.client.subscriptions[kind].insert(name).inserted {
        session.state.subscriptions.add(session, kind, name)
      }
      reply(session, kind.subscribed, name, kind)
    }
  }

  private static func unsubscribe(
    _ session: RESPSession, _ command: CommandArguments, _ kind: SubscriptionKind
  ) {
    var names = (1..<max(1, command.count)).map { command.array($0) }
    if command.count == 1 {
      names = session.client.subscriptions[kind].sorted { $0.lexicographicallyPrecedes($1) }
      if names.isEmpty { return reply(session, kind.unsubscribed, nil, kind) }
    }
    for name in names {
      if session.client.subscriptions[kind].remove(name) != nil {
        session.state.subscriptions.remove(session, kind, name)
      }
      reply(session, kind.unsubscribed, name, kind)
    }
  }

  private static func reply(
    _ session: RESPSession, _ word: String, _ name: [UInt8]?, _ kind: SubscriptionKind
  ) {
    var message = ReplyWriter(version: session.output.version)
    message.push(3)
    message.bulk(word)
    message.optional(name)
    message.integer(session.client.subscriptions.count(for: kind))
    // It is a message rather than a reply: CLIENT REPLY OFF leaves it.
    if session.client.replies == .on {
      session.output.bytes.append(contentsOf: message.bytes)
    } else {
      session.pendingPushes.append(contentsOf: message.bytes)
    }
  }

  // MARK: Sending

  private static func publish(
    _ session: RESPSession, _ command: CommandArguments, isForShard: Bool
  ) async {
    let message = Publication(
      isForShard: isForShard, channel: command.array(1), message: command.array(2))
    let answers = await session.shard.gather(Publication.name, Publication.payload([message]))
    let count = answers.reduce(0) { sum, answer in
      sum
        + (Message.decode(answer) { (reader) throws(DecodingFault) in try Int(from: &reader) } ?? 0)
    }
    session.output.integer(count)
  }

  // MARK: Who listens

  private static func channels(
    _ session: RESPSession, _ command: CommandArguments, _ kind: SubscriptionKind
  ) async {
    guard command.count <= 3 else {
      let word = command.text(1)
      return session.output.error(
        "ERR wrong number of arguments for 'pubsub|\(word.lowercased())' command")
    }
    let pattern = command.count == 3 ? GlobPattern(command[2]) : nil
    let names = await ask(session, kind).keys.filter { pattern?.matches($0) ?? true }
      .sorted { $0.lexicographicallyPrecedes($1) }
    session.output.array(names.count)
    for name in names { session.output.bulk(name) }
  }

  private static func counts(
    _ session: RESPSession, _ command: CommandArguments, _ kind: SubscriptionKind
  ) async {
    let found = await ask(session, kind)
    session.output.array((command.count - 2) * 2)
    for index in 2..<max(2, command.count) {
      session.output.bulk(command[index])
      session.output.integer(found[command.array(index)] ?? 0)
    }
  }

  /// How many clients of the cluster listen, by what they listen to.
  static func ask(_ session: RESPSession, _ kind: SubscriptionKind) async
    -> [[UInt8]: Int]
  {
    let answers = await session.shard.gather(PubSubQuestion.name, [kind.rawValue])
    var sums: [[UInt8]: Int] = [:]
    for answer in answers {
      for entry in PubSubQuestion.decode(answer) { sums[entry.name, default: 0] += entry.count }
    }
    return sums
  }
}

/// What the clients of a shard listen to.
enum PubSubQuestion {
  static let name = "redis.pubsub"

  static func answer(_ payload: [UInt8], on state: RESPShard) -> [UInt8] {
    let subscriptions = state.subscriptions
    let counts: [([UInt8], Int)] =
      switch payload.first.flatMap(SubscriptionKind.init(rawValue:)) {
      case .channel: subscriptions.channels.map { ($0.key, $0.value.count) }
      case .shardChannel: subscriptions.shardChannels.map { ($0.key, $0.value.count) }
      case .pattern: subscriptions.patterns.map { ($0.key, $0.value.sessions.count) }
      case nil: []
      }
    return Message.encode { out in
      out.list(counts) { entry, out in
        out.bytes.blob(entry.0)
        entry.1.encode(into: &out)
      }
    }
  }

  static func decode(_ answer: [UInt8]) -> [(name: [UInt8], count: Int)] {
    Message.decode(answer) { (reader) throws(DecodingFault) in
      try reader.list { (reader) throws(DecodingFault) -> (name: [UInt8], count: Int) in
        (try reader.bytes.blob(), try Int(from: &reader))
      }
    } ?? []
  }
}

extension ReplyWriter {
  /// The reply of a command's HELP: what its subcommands do.
  mutating func help(_ name: String, _ lines: [(syntax: String, text: String)]) {
    var all = ["\(name) <subcommand> [<arg> [value] [opt] ...]. Subcommands are:"]
    for line in lines { all += [line.syntax, "    " + line.text] }
    all += ["HELP", "    Prints this help."]
    array(all.count)
    for line in all { simple(line) }
  }
}
