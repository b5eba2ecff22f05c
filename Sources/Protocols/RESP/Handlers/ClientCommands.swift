import Base
import Catalog
import Node

/// HELLO, AUTH, RESET and CLIENT.
enum ClientCommands {
  private static let plain: CommandFlags = [.noScript, .loading, .stale]
  private static let admin: CommandFlags = [.admin, .noScript, .loading, .stale]

  static let all: [CommandSpec] = [
    .session("auth", -2, [.noScript, .loading, .stale, .fast, .noAuth], .none, auth),
    .session("hello", -1, [.noScript, .loading, .stale, .fast, .noAuth], .none, hello),
    .session("reset", 1, [.noScript, .loading, .stale, .fast, .noAuth]) { session, _ in
      reset(session)
    },
    .container(
      "client",
      [
        .session("client|id", 2, plain) { session, _ in session.output.integer(session.id) },
        .session("client|info", 2, plain) { session, _ in
          session.output.verbatim(session.description + "\n")
        },
        .session("client|list", -2, admin, .none, ClientListCommands.list),
        .session("client|kill", -3, admin, .none, ClientListCommands.kill),
        .session("client|unblock", -3, admin, .none, ClientListCommands.unblock),
        .session("client|setname", 3, plain, .none, nameClient),
        .session("client|getname", 2, plain, .none, showName),
        .session("client|setinfo", 4, plain, .none, setInfo),
        .session("client|pause", -3, admin, .none, pause),
        .session("client|unpause", 2, admin) { session, _ in
          _ = await session.shard.gather(ClientQuestion.name, ClientQuestion.unpause.payload)
          session.output.ok()
        },
        .session("client|reply", 3, plain, .none, reply),
        .session("client|no-evict", 3, admin, .none, protect),
        .session("client|no-touch", 3, plain, .none, leaveUntouched),
        .session("client|tracking", -3, plain, .none, TrackingCommands.tracking),
        .session("client|trackinginfo", 2, plain, .none, TrackingCommands.info),
        .session("client|caching", 3, plain, .none, TrackingCommands.caching),
        .session("client|getredir", 2, plain) { session, _ in
          session.output.integer(session.client.tracking?.redirection ?? -1)
        },
        .session("client|help", 2, [.loading, .stale]) { session, _ in
          session.output.help("CLIENT", helpLines)
        },
      ]),
  ]

  private static let helpLines: [(syntax: String, text: String)] = [
    ("CACHING (YES|NO)", "Makes the next command an exception of OPTIN or OPTOUT."),
    ("GETREDIR", "Shows which client is told of changed keys instead of this one."),
    ("GETNAME", "Shows the connection's name."), ("ID", "Shows the connection's number."),
    ("INFO", "Shows the connection as LIST does."),
    ("KILL <ip:port>", "Ends the connection from the address."),
    (
      "KILL <option> <value> [<option> <value> [...]]",
      "Ends connections by ID, ADDR, LADDR, TYPE or USER; SKIPME no: this one too."
    ),
    ("LIST [TYPE <type>] [ID <id> ...]", "Shows the connections of all nodes."),
    ("UNPAUSE", "Ends a pause."), ("PAUSE <milliseconds> [WRITE|ALL]", "Holds commands back."),
    ("REPLY (ON|OFF|SKIP)", "Whether this connection gets replies."),
    ("SETNAME <name>", "Names the connection."),
    ("SETINFO (LIB-NAME|LIB-VER) <value>", "Says which library the client uses."),
    ("UNBLOCK <id> [TIMEOUT|ERROR]", "Ends the waiting of a client."),
    (
      "TRACKING (ON|OFF) [REDIRECT <id>] [BCAST] [PREFIX <prefix> [...]] [OPTIN] [OPTOUT] [NOLOOP]",
      "Whether the client is told which keys change."
    ),
    ("TRACKINGINFO", "Shows how that is set."),
    ("NO-EVICT (ON|OFF)", "Protects the connection when memory is short."),
    ("NO-TOUCH (ON|OFF)", "Whether reading counts as use."),
  ]

  // MARK: Who it is

  private static func auth(_ session: RESPSession, _ command: CommandArguments) async {
    guard command.count <= 3 else { return session.output.error("ERR syntax error") }
    var user = ClientState.defaultUser
    if command.count == 2 {
      let role = RESPSession.role(of: user, session.shard.catalog)
      guard role?.passwordVerifier != nil else {
        return session.output.error(
          "ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?"
        )
      }
    } else {
      user = command.text(1)
    }
    if let reason = await session.authenticate(user, command.array(command.count - 1)) {
      session.output.error(reason)
    } else {
      session.output.ok()
    }
  }

  private static func hello(_ session: RESPSession, _ command: CommandArguments) async {
    var version: Int64?
    if command.count > 1 {
      guard let number = command[1].strictInteger() else {
        return session.output.error(
          "ERR Protocol version is not an integer or out of range")
      }
      guard number == 2 || number == 3 else {
        return session.output.error("NOPROTO unsupported protocol version")
      }
      version = number
    }
    var index = 2
    while index < command.count {
      let rest = command.count - index - 1
      if command.matches(index, "AUTH"), rest >= 2 {
        let reason = await session.authenticate(
          command.text(index + 1), command.array(index + 2))
        if let reason {
          return session.output.error(reason)
        }
        index += 3
      } else if command.matches(index, "SETNAME"), rest >= 1 {
        if let reason = setName(session, command.array(index + 1)) {
          return session.output.error(reason)
        }
        index += 2
      } else {
        return session.output.error("ERR Syntax error in HELLO option '\(command.text(index))'")
      }
    }
    guard session.currentAccess.isKnown else {
      return session.output.error(
        "NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO AUTH <user> <pass> option can be used to authenticate the client and select the RESP protocol version at the same time"
      )
    }
    if let version { session.output.version = Int(version) }
    greet(session)
  }

  private static func greet(_ session: RESPSession) {
    session.output.map(7)
    session.output.bulk("server")
    session.output.bulk("redis")
    session.output.bulk("version")
    session.output.bulk(RESPVersion.redis)
    session.output.bulk("proto")
    session.output.integer(session.output.version)
    session.output.bulk("id")
    session.output.integer(session.id)
    session.output.bulk("mode")
    session.output.bulk(session.isClusterEnabled ? "cluster" : "standalone")
    session.output.bulk("role")
    session.output.bulk("master")
    session.output.bulk("modules")
    session.output.array(0)
  }

  private static func reset(_ session: RESPSession) {
    session.transaction.close()
    session.leaveEverything()
    session.db = 0
    session.output.version = 2
    session.client.name = []
    session.client.replies = .on
    session.client.isNoEvict = false
    session.client.isNoTouch = false
    session.client.isReadOnly = false
    session.client.followsSlots = false
    session.beginAsDefaultUser()
    session.output.simple("RESET")
  }

  private static func nameClient(_ session: RESPSession, _ command: CommandArguments) async {
    if let reason = setName(session, command.array(2)) {
      session.output.error(reason)
    } else {
      session.output.ok()
    }
  }

  private static func showName(_ session: RESPSession, _ command: CommandArguments) async {
    let name = session.client.name
    if name.isEmpty { session.output.null() } else { session.output.bulk(name) }
  }

  /// Why it cannot have the name; nil: it has it.
  private static func setName(_ session: RESPSession, _ name: [UInt8]) -> String? {
    guard name.allSatisfy({ $0 >= 33 && $0 <= 126 }) else {
      return "ERR Client names cannot contain spaces, newlines or special characters."
    }
    session.client.name = name
    return nil
  }

  private static func setInfo(_ session: RESPSession, _ command: CommandArguments) async {
    let value = command.array(3)
    guard value.allSatisfy({ $0 >= 33 && $0 <= 126 }) else {
      return session.output.error(
        "ERR \(command.text(2)) cannot contain spaces, newlines or special characters.")
    }
    if command.matches(2, "LIB-NAME") {
      session.client.libraryName = value
    } else if command.matches(2, "LIB-VER") {
      session.client.libraryVersion = value
    } else {
      return session.output.error("ERR Unrecognized option '\(command.text(2))'")
    }
    session.output.ok()
  }

  // MARK: How it is served

  private static func pause(_ session: RESPSession, _ command: CommandArguments) async {
    guard command.count <= 4 else {
      return session.output.error("ERR wrong number of arguments for 'client|pause' command")
    }
    var forWritesOnly = false
    if command.count == 4 {
      if command.matches(3, "WRITE") {
        forWritesOnly = true
      } else if !command.matches(3, "ALL") {
        return session.output.error("ERR CLIENT PAUSE mode must be WRITE or ALL")
      }
    }
    guard let time = command[2].strictInteger() else {
      return session.output.error("ERR timeout is not an integer or out of range")
    }
    guard time >= 0 else { return session.output.error("ERR timeout is negative") }
    let question = ClientQuestion.pause(
      milliseconds: UInt64(time), forWritesOnly: forWritesOnly)
    _ = await session.shard.gather(ClientQuestion.name, question.payload)
    session.output.ok()
  }

  private static func reply(_ session: RESPSession, _ command: CommandArguments) async {
    if command.matches(2, "ON") {
      session.client.replies = .on
      session.output.ok()
    } else if command.matches(2, "OFF") {
      session.client.replies = .off
    } else if command.matches(2, "SKIP") {
      if session.client.replies != .off { session.client.replies = .skipNext }
    } else {
      session.output.error("ERR syntax error")
    }
  }

  private static func protect(_ session: RESPSession, _ command: CommandArguments) async {
    guard let isOn = switchPosition(session, command) else { return }
    session.client.isNoEvict = isOn
  }

  private static func leaveUntouched(_ session: RESPSession, _ command: CommandArguments) async {
    guard let isOn = switchPosition(session, command) else { return }
    session.client.isNoTouch = isOn
  }

  /// ON or OFF; the reply is written.
  private static func switchPosition(_ session: RESPSession, _ command: CommandArguments) -> Bool? {
    let isOn = command.matches(2, "ON")
    guard isOn || command.matches(2, "OFF") else {
      session.output.error("ERR syntax error")
      return nil
    }
    session.output.ok()
    return isOn
  }
}
