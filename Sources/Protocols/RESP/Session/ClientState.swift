import Base
import Catalog
import Node
import Reactor

/// What CLIENT knows of a connection. Lives on: its session.
struct ClientState {
  var name: [UInt8] = []
  var libraryName: [UInt8] = []
  var libraryVersion: [UInt8] = []
  /// Monotonic nanoseconds.
  let connectedAt: UInt64
  var lastActiveAt: UInt64
  /// Of the last command; nil before the first.
  var lastCommand: String?

  /// Who the client is; nil before it has said so where that is needed.
  var user: String?
  /// "default" is the name under which Redis' clients know the first superuser.
  static let defaultUser = "default"

  enum Replies { case on, off, skipNext, skip }
  var replies = Replies.on
  var isNoEvict = false
  var isNoTouch = false
  var isMonitor = false
  var isReadOnly = false
  var subscriptions = ClientSubscriptions()
  var tracking: ClientTracking?
  /// Since when the output has been above the soft limit.
  var softLimitSince: UInt64?
  /// The client has sent a command that only clients of a Redis Cluster send (READONLY, READWRITE, ASKING):
  /// it can follow MOVED, and is shown the shortest way.
  var followsSlots = false

  init(now: UInt64) {
    connectedAt = now
    lastActiveAt = now
  }
}

/// The classes of clients that CLIENT and limits go by.
enum ClientKind: String {
  case normal, replica, pubsub, master

  init?(_ word: ArraySlice<UInt8>) {
    if word.matches("NORMAL") {
      self = .normal
    } else if word.matches("SLAVE") || word.matches("REPLICA") {
      self = .replica
    } else if word.matches("PUBSUB") {
      self = .pubsub
    } else if word.matches("MASTER") {
      self = .master
    } else {
      return nil
    }
  }
}

extension RESPSession {
  var kind: ClientKind { client.subscriptions.isEmpty ? .normal : .pubsub }

  /// Subscribers and those that wait or watch may be silent for ever.
  var mayTimeOut: Bool { client.subscriptions.isEmpty && !client.isMonitor && !isHeldUp }

  /// The line of CLIENT LIST.
  var description: String {
    let now = shard.reactor.monotonicNanoseconds()
    var flags = ""
    if client.isMonitor { flags += "O" }
    if !client.subscriptions.isEmpty { flags += "P" }
    if transaction.isOpen { flags += "x" }
    if isHeldUp { flags += "b" }
    if let tracking = client.tracking {
      flags += "t"
      if tracking.isBroken { flags += "R" }
      if tracking.isBroadcast { flags += "B" }
    }
    if client.isReadOnly { flags += "r" }
    if client.isNoEvict { flags += "e" }
    let queued = transaction.isOpen ? transaction.queued.count : -1
    let unread = stream.queuedBytes
    let fields: [(String, String)] = [
      ("id", "\(id)"), ("addr", stream.peerAddress), ("laddr", localAddress), ("fd", "0"),
      ("name", String(decoding: client.name, as: UTF8.self)),
      ("age", "\((now - client.connectedAt) / 1_000_000_000)"),
      ("idle", "\((now - client.lastActiveAt) / 1_000_000_000)"),
      ("flags", flags.isEmpty ? "N" : flags), ("db", "\(db)"),
      ("sub", "\(client.subscriptions.channels.count)"),
      ("psub", "\(client.subscriptions.patterns.count)"),
      ("ssub", "\(client.subscriptions.shardChannels.count)"), ("multi", "\(queued)"),
      ("qbuf", "\(parser.input.count)"),
      ("qbuf-free", "\(parser.input.capacity - parser.input.count)"),
      ("argv-mem", "\(parser.input.count - parser.pendingBytes)"),
      ("multi-mem", "\(transaction.queued.reduce(0) { $0 + $1.arguments.bytes.count })"),
      ("rbs", "16384"), ("rbp", "0"), ("obl", "0"), ("oll", unread > 0 ? "1" : "0"),
      ("omem", "\(unread)"),
      ("tot-mem", "\(parser.input.capacity + unread + 1_024)"), ("events", "r"),
      ("cmd", client.lastCommand ?? "NULL"), ("user", client.user ?? ClientState.defaultUser),
      ("redir", "\(client.tracking?.redirection ?? -1)"), ("resp", "\(output.version)"),
    ]
    return fields.map { "\($0)=\($1)" }.joined(separator: " ")
  }

}
