import Base
import Node
import Reactor

/// SAVE, BGSAVE and the like: the log is always on, so what has been answered is kept; these take
/// checkpoints, which shorten what a start has to read.
enum PersistenceCommands {
  static let all: [CommandSpec] = [
    .session("save", 1, [.admin, .noScript, .noMulti]) { session, _ in
      if await session.shard.checkpointNode() {
        session.output.ok()
      } else {
        session.output.error("ERR a checkpoint could not be taken")
      }
    },
    .session("bgsave", -1, [.admin, .noScript]) { session, command in
      guard command.count == 1 || (command.count == 2 && command.matches(1, "SCHEDULE")) else {
        return session.output.error("ERR syntax error")
      }
      begin(session)
      session.output.simple("Background saving started")
    },
    .session("bgrewriteaof", 1, [.admin, .noScript]) { session, _ in
      begin(session)
      session.output.simple("Background append only file rewriting started")
    },
    .session("lastsave", 1, [.fast, .loading, .stale]) { session, _ in
      let status = await session.shard.nodeStatus()
      let report = await ServerReport.gather(session)
      let last = status.shards.compactMap(\.lastCheckpoint).min() ?? report.startedAt
      session.output.integer(Int64(last / 1_000_000_000))
    },
  ]

  private static func begin(_ session: RESPSession) {
    let shard = session.shard
    // Whether it succeeds is in INFO persistence.
    shard.reactor.spawn { _ = await shard.checkpointNode() }
  }
}
