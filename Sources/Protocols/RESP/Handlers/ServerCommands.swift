import Base
import Catalog
import Node
import Reactor

/// The server itself: INFO, CONFIG, MEMORY, SLOWLOG, LATENCY and the like, each in a file of its own.
enum ServerCommands {
  static let all: [CommandSpec] =
    ConfigCommands.all + InfoCommand.all + SlowLogCommands.all + LatencyCommands.all
    + MemoryCommands.all + PersistenceCommands.all + others

  private static let others: [CommandSpec] = [
    .session("time", 1, [.fast, .loading, .stale]) { session, _ in
      let microseconds = session.shard.wallNanoseconds() / 1_000
      session.output.array(2)
      session.output.bulk(Int64(microseconds / 1_000_000))
      session.output.bulk(Int64(microseconds % 1_000_000))
    },
    .session("lolwut", -1, [.readOnly, .fast]) { session, command in
      lolwut(session, command)
    },
    .session("monitor", 1, [.admin, .noScript, .loading, .stale, .noMulti]) { session, _ in
      if !session.client.isMonitor { await MonitorMessage.start(session) }
      session.output.ok()
    },
    .session("role", 1, [.fast, .noScript, .loading, .stale]) { session, _ in
      session.output.array(3)
      session.output.bulk("master")
      session.output.integer(0)
      session.output.array(0)
    },
    .session("replicaof", 3, [.admin, .noScript, .stale], .none, replicate),
    .session("slaveof", 3, [.admin, .noScript, .stale], .none, replicate),
    .session("failover", -1, [.admin, .noScript, .stale]) { session, _ in
      session.output.error("ERR FAILOVER requires connected replicas.")
    },
    .session("wait", 3, [.noScript]) { session, command in await wait(session, command) },
    .session("shutdown", -1, [.admin, .noScript, .loading, .stale, .noMulti], .none, shutdown),
    .session("debug", -2, [.admin, .noScript, .loading, .stale], .none, debug),
  ]

  private static func replicate(_ session: RESPSession, _ command: CommandArguments) async {
    if command.matches(1, "NO"), command.matches(2, "ONE") { return session.output.ok() }
    session.output.error("ERR REPLICAOF not allowed: the cluster replicates by itself.")
  }

  /// How many copies acknowledge a write besides the leader: what is answered has them already.
  private static func wait(_ session: RESPSession, _ command: CommandArguments) async {
    guard let count = command[1].strictInteger(), let time = command[2].strictInteger() else {
      return session.output.error("ERR value is not an integer or out of range")
    }
    guard count >= 0 else {
      return session.output.error("ERR value is out of range, must be positive")
    }
    guard time >= 0 else { return session.output.error("ERR timeout is negative") }
    let status = await session.shard.clusterStatus()
    let copies = (status?.tiers.first?.wantedReplicas ?? 0) / 2
    session.output.integer(copies)
  }

  private static func lolwut(_ session: RESPSession, _ command: CommandArguments) {
    if command.count >= 3, command.matches(1, "VERSION"), command[2].strictInteger() == nil {
      return session.output.error("ERR value is not an integer or out of range")
    }
    let lines = (0..<8).map { row in
      String((0..<33).map { column in row & column == 0 ? "#" : " " })
    }
    session.output.verbatim(
      lines.joined(separator: "\n")
        + "\nRedis ver. \(RESPVersion.redis) (Quatrain \(session.state.place.version))\n")
  }

  private static func shutdown(_ session: RESPSession, _ command: CommandArguments) async {
    var isAborted = false
    for index in 1..<max(1, command.count) {
      if command.matches(index, "ABORT") {
        isAborted = true
      } else if !["SAVE", "NOSAVE", "NOW", "FORCE"].contains(command.text(index).uppercased()) {
        return session.output.error("ERR syntax error")
      }
    }
    if isAborted {
      guard command.count == 2 else { return session.output.error("ERR syntax error") }
      return session.output.error("ERR No shutdown in progress.")
    }
    guard let shutdown = session.settings.shutdown else {
      return session.output.error("ERR Errors trying to SHUTDOWN. Check logs.")
    }
    session.isEnding = true
    shutdown()
  }

  /// What tests use of it and what is harmless, for clients of this host; the rest as Redis does where it
  /// was not switched on.
  private static func debug(_ session: RESPSession, _ command: CommandArguments) async {
    if session.stream.isFromLoopback {
      switch command.text(1).uppercased() {
      case "SLEEP" where command.count == 3:
        guard let seconds = command[2].double(), seconds >= 0, seconds < 1e9 else {
          return session.output.error("ERR value is not a valid float")
        }
        await session.shard.reactor.sleep(nanoseconds: UInt64(seconds * 1e9))
        return session.output.ok()
      case "JMAP":
        // Nothing to do: there is no other representation to build.
        return session.output.ok()
      case "RELOAD", "LOADAOF":
        // Whatever has been answered is on the disk; reading it again would change nothing.
        return session.output.ok()
      default: break
      }
    }
    session.output.error(
      "ERR DEBUG command not allowed. If the enable-debug-command option is set to \"local\", you can run it from a local connection, otherwise you need to set this option in the configuration file, and then restart the server."
    )
  }
}
