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

/// Process ids are unique in the cluster without anybody's asking: 17 bits of a count, 8 of the node, 6 of
/// the shard. The id so leads to the session.
extension NodeShard {
  private static let roundMax: Int32 = 1 << 17 - 1

  /// `secret` is what a client shows that cancels through another connection. `signal` runs on this
  /// shard. The id is the session's until `removeSession`.
  public func addSession(
    user: String, secret: Int32, signal: @escaping (SessionSignal) -> Void
  ) -> Int32 {
    var process: Int32
    repeat {
      sessions.lastRound = sessions.lastRound >= Self.roundMax ? 1 : sessions.lastRound + 1
      process =
        sessions.lastRound << 14 | Int32(nodeID.rawValue & 0xFF) << 6 | Int32(id.rawValue & 0x3F)
    } while sessions.entries[process] != nil
    sessions.entries[process] = SessionTable.Entry(secret: secret, user: user, signal: signal)
    return process
  }

  public func removeSession(_ process: Int32) { sessions.entries[process] = nil }

  /// From a client that shows a process id and its secret; what fits none is ignored.
  public func cancelSession(_ process: Int32, secret: Int32) {
    guard let owner = owner(of: process) else { return }
    tell([owner], SignalSession(process: process, secret: secret, terminates: false))
  }

  /// Who logged in to the session; nil when there is none.
  public func user(ofSession process: Int32) async -> String? {
    guard let owner = owner(of: process) else { return nil }
    let reply = Reply<String?>()
    ask(owner, SessionUser(process: process)) { reply.fulfill($0 ?? nil) }
    return await reply.get()
  }

  /// For sessions whose right to it has been checked.
  public func signalSession(_ process: Int32, _ signal: SessionSignal) {
    guard let owner = owner(of: process) else { return }
    tell([owner], SignalSession(process: process, secret: nil, terminates: signal == .terminate))
  }

  func deliver(_ signal: SessionSignal, to process: Int32, secret: Int32?) {
    // Without early exit, so that the time tells nothing of the secret.
    guard let entry = sessions.entries[process], entry.secret ^ (secret ?? entry.secret) == 0 else {
      return
    }
    entry.signal(signal)
  }

  fileprivate func user(of process: Int32) -> String? { sessions.entries[process]?.user }

  private func owner(of process: Int32) -> ShardPlace? {
    guard process > 0 else { return nil }
    let shard = ShardID(rawValue: UInt16(process & 0x3F))
    let node = NodeID(rawValue: UInt32(process >> 6 & 0xFF))
    if node == nodeID && Int(shard.rawValue) >= layout.shardCount { return nil }
    return ShardPlace(node: node, shard: shard)
  }
}

/// Who logged in to a session there.
struct SessionUser: ShardCommand {
  typealias Answer = String?
  static let name = "session.user"
  let process: Int32

  func run(on shard: NodeShard, from node: NodeID, reply: @escaping (String?) -> Void) {
    reply(shard.user(of: process))
  }

  init(process: Int32) { self.process = process }
  func encode(into out: inout WireEncoder) { Int(process).encode(into: &out) }
  init(from reader: inout WireDecoder) throws(DecodingFault) {
    process = Int32(truncatingIfNeeded: try Int(from: &reader))
  }
}
