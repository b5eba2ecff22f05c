import Base
import Node

/// What commands do in a script that outside are the session's.
enum ScriptedCommands {
  private static let handlers: [String: DataHandler] = [
    "ping": { (context, command) throws(CommandStop) in
      guard command.count <= 2 else { throw .wrongArity("ping") }
      if command.count == 2 { context.reply.bulk(command[1]) } else { context.reply.simple("PONG") }
    },
    "echo": { (context, command) throws(CommandStop) in context.reply.bulk(command[1]) },
    "select": select,
    "time": { (context, _) throws(CommandStop) in
      let microseconds = Int64(context.rows.time.rawValue / 1_000)
      context.reply.array(2)
      context.reply.bulk(microseconds / 1_000_000)
      context.reply.bulk(microseconds % 1_000_000)
    },
    "publish": publish,
    "spublish": publish,
  ]

  /// Nil: scripts cannot use it.
  static func handler(of spec: CommandSpec) -> DataHandler? {
    if case .data(let handler) = spec.body { return handler }
    return handlers[spec.name]
  }

  /// Commands that change nothing here but something elsewhere.
  static func mayReplicate(_ spec: CommandSpec) -> Bool {
    ["publish", "spublish", "pfcount"].contains(spec.name)
  }

  /// For what follows in the script.
  private static func select(_ context: CommandContext, _ command: CommandArguments)
    throws(CommandStop)
  {
    guard let db = command[1].strictInteger() else { throw .error("ERR invalid DB index") }
    guard db >= 0, db < Int64(context.options.databases) else {
      throw .error("ERR DB index is out of range")
    }
    context.db = Int(db)
    context.reply.ok()
  }

  /// The message leaves when everything has committed: who will hear it is not known yet.
  private static func publish(_ context: CommandContext, _ command: CommandArguments)
    throws(CommandStop)
  {
    context.messages.append(
      Publication(
        isForShard: command[0].matches("SPUBLISH"), channel: command.array(1),
        message: command.array(2)))
    context.reply.integer(0)
  }
}
