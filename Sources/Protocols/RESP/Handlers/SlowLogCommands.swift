import Base
import Node

/// SLOWLOG: what took long on this node.
enum SlowLogCommands {
  private static let flags: CommandFlags = [.admin, .loading, .stale]

  static let all: [CommandSpec] = [
    .container(
      "slowlog",
      [
        .session("slowlog|get", -2, flags, .none, get),
        .session("slowlog|len", 2, flags) { session, _ in
          session.output.integer(await entries(session).count)
        },
        .session("slowlog|reset", 2, flags) { session, _ in
          _ = await session.shard.gatherNode(
            ServerQuestion.name, ServerQuestion.clearSlowCommands.payload)
          session.output.ok()
        },
        .session("slowlog|help", 2, [.loading, .stale]) { session, _ in
          session.output.help(
            "SLOWLOG",
            [
              (
                "GET [<count>]",
                "Shows the newest entries (default: 10, -1: all): id, time, duration, arguments, address, name."
              ),
              ("LEN", "Counts the entries."), ("RESET", "Removes them."),
            ])
        },
      ])
  ]

  /// The newest first.
  private static func entries(_ session: RESPSession) async -> [SlowCommand] {
    let answers = await session.shard.gatherNode(
      ServerQuestion.name, ServerQuestion.slowCommands.payload)
    let all = answers.flatMap { answer in
      Message.decode(answer) { (reader) throws(DecodingFault) in
        try [SlowCommand](from: &reader)
      } ?? []
    }
    return Array(
      all.sorted { ($0.time, $0.id) > ($1.time, $1.id) }
        .prefix(session.state.configuration.slowlogMaxLength))
  }

  private static func get(_ session: RESPSession, _ command: CommandArguments) async {
    guard command.count <= 3 else {
      return session.output.error("ERR wrong number of arguments for 'slowlog|get' command")
    }
    var limit = 10
    if command.count == 3 {
      guard let count = command[2].strictInteger(), count >= -1 else {
        return session.output.error("ERR count should be greater than or equal to -1")
      }
      limit = count == -1 ? Int.max : Int(count)
    }
    let shown = await entries(session).prefix(limit)
    session.output.array(shown.count)
    for entry in shown {
      session.output.array(6)
      session.output.integer(entry.id)
      session.output.integer(entry.time)
      session.output.integer(entry.microseconds)
      session.output.array(entry.arguments.count)
      for argument in entry.arguments { session.output.bulk(argument) }
      session.output.bulk(entry.peer)
      session.output.bulk(entry.client)
    }
  }
}
