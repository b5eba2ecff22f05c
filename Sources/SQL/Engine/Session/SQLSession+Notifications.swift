import Base
import Functions
import Node
import Types

/// LISTEN and NOTIFY: told at COMMIT to every session of the node that listens.
extension SQLSession {
  /// PostgreSQL's limits.
  private static let payloadBytesMax = 7_999
  private static let channelBytesMax = 63

  func notify(_ channel: String, _ payload: String) throws(SQLError) {
    if channel.isEmpty {
      throw SQLError(.invalidParameterValue, "channel name cannot be empty")
    }
    if channel.utf8.count > Self.channelBytesMax {
      throw SQLError(.invalidParameterValue, "channel name too long")
    }
    if payload.utf8.count > Self.payloadBytesMax {
      throw SQLError(.invalidParameterValue, "payload string too long")
    }
    _ = current()
    // The same twice in one transaction is told once.
    if !pendingNotifications.contains(where: { $0.channel == channel && $0.payload == payload }) {
      pendingNotifications.append((channel, payload))
    }
  }

  func apply(_ changes: [ListenChange]) {
    for change in changes {
      switch change {
      case .listen(let channel):
        guard listening.insert(channel).inserted else { continue }
        let listener = Listener(session: self)
        shard.notifications.add(ObjectIdentifier(self), channel) { process, payload in
          listener.session?.client?.notification(
            process: process, channel: channel, payload: payload)
        }
      case .unlisten(let channel):
        listening.remove(channel)
        shard.notifications.remove(ObjectIdentifier(self), channel)
      case .unlistenAll: stopListening()
      }
    }
  }

  func stopListening() {
    for channel in listening { shard.notifications.remove(ObjectIdentifier(self), channel) }
    listening = []
  }

  func publish(_ notifications: [(channel: String, payload: String)]) {
    for item in notifications {
      shard.notify(channel: item.channel, payload: item.payload, process: processID)
    }
  }

  private struct Listener {
    weak var session: SQLSession?
  }
}
