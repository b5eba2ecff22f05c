import Base
import Reactor

/// What one session may ask of another.
public enum SessionSignal: Sendable {
  /// End the statement under way, if there is one.
  case cancel
  /// End the session.
  case terminate
}

/// The sessions of one shard, by process id. Lives on: its shard.
public struct SessionTable {
  fileprivate struct Entry {
    let secret: Int32
    let user: String
    let signal: (SessionSignal) -> Void
  }
  fileprivate var entries: [Int32: Entry] = [:]
  fileprivate var lastRound: Int32 = 0
}

/// Process ids are unique in the node without the shards' asking one another: shard `s` of `n` gives
/// those with the remainder `s`. The id so leads to the shard.
extension NodeShard {
  /// `secret` is what a client shows that cancels through another connection. `signal` runs on this
  /// shard. The id is the session's until `removeSession`.
  public func addSession(
    user: String, secret: Int32, signal: @escaping (SessionSignal) -> Void
  ) -> Int32 {
    let count = Int32(layout.shardCount)
    var process: Int32
    repeat {
      sessions.lastRound = sessions.lastRound >= Int32.max / count - 1 ? 1 : sessions.lastRound + 1
      process = sessions.lastRound * count + Int32(id.rawValue)
    } while sessions.entries[process] != nil
    sessions.entries[process] = SessionTable.Entry(secret: secret, user: user, signal: signal)
    return process
  }

  public func removeSession(_ process: Int32) { sessions.entries[process] = nil }

  /// From a client that shows a process id and its secret; what fits none is ignored.
  public func cancelSession(_ process: Int32, secret: Int32) {
    guard let owner = owner(of: process) else { return }
    peers[owner].post { there in
      // Without early exit, so that the time tells nothing of the secret.
      guard let entry = there.sessions.entries[process], entry.secret ^ secret == 0 else { return }
      entry.signal(.cancel)
    }
  }

  /// Who logged in to the session; nil when there is none.
  public func user(ofSession process: Int32) async -> String? {
    guard let owner = owner(of: process) else { return nil }
    let reply = Reply<String?>()
    let back = ShardBound(reply)
    let home = peers[id]
    peers[owner].post { there in
      let user = there.sessions.entries[process]?.user
      home.post { _ in back.value.fulfill(user) }
    }
    return await reply.get()
  }

  /// For sessions whose right to it has been checked.
  public func signalSession(_ process: Int32, _ signal: SessionSignal) {
    guard let owner = owner(of: process) else { return }
    peers[owner].post { $0.sessions.entries[process]?.signal(signal) }
  }

  private func owner(of process: Int32) -> ShardID? {
    process > 0 ? ShardID(rawValue: UInt16(Int(process) % layout.shardCount)) : nil
  }
}
