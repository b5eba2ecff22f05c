import Base
import Node

/// Commands about the connection itself.
enum ConnectionCommands {
  static let all: [CommandSpec] = [
    .session("ping", -1, [.fast, .loading, .stale]) { session, command in
      if command.count > 2 {
        return session.output.error("ERR wrong number of arguments for 'ping' command")
      }
      if !session.client.subscriptions.isEmpty, !session.output.isRESP3 {
        // Where replies look like messages this one does too.
        session.output.array(2)
        session.output.bulk("pong")
        session.output.bulk(command.count == 2 ? command.array(1) : [])
      } else if command.count == 2 {
        session.output.bulk(command[1])
      } else {
        session.output.simple("PONG")
      }
    },
    .session("echo", 2, [.fast, .loading, .stale]) { session, command in
      session.output.bulk(command[1])
    },
    .session("quit", -1, [.fast, .loading, .stale, .noAuth, .noScript]) { session, _ in
      session.output.ok()
      session.isEnding = true
    },
    .session("select", 2, [.fast, .loading, .stale]) { session, command in
      guard let db = command[1].strictInteger() else {
        return session.output.error("ERR invalid DB index")
      }
      guard db >= 0, db < Int64(session.settings.databases) else {
        return session.output.error("ERR DB index is out of range")
      }
      session.db = Int(db)
      session.output.ok()
    },
  ]
}
