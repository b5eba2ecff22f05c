import Base

/// Who listens to which channel on this shard (LISTEN / NOTIFY). Lives on: its shard.
public struct Notifications {
  private struct Listener {
    let id: ObjectIdentifier
    let body: (_ process: Int32, _ payload: String) -> Void
  }
  private var listeners: [String: [Listener]] = [:]

  /// `id` names the listener for `remove`.
  public mutating func add(
    _ id: ObjectIdentifier, _ channel: String,
    _ body: @escaping (_ process: Int32, _ payload: String) -> Void
  ) {
    listeners[channel, default: []].append(Listener(id: id, body: body))
  }

  public mutating func remove(_ id: ObjectIdentifier, _ channel: String) {
    listeners[channel]?.removeAll { $0.id == id }
    if listeners[channel]?.isEmpty ?? false { listeners[channel] = nil }
  }

  func tell(_ channel: String, _ payload: String, process: Int32) {
    for listener in listeners[channel] ?? [] { listener.body(process, payload) }
  }
}

extension NodeShard {
  /// Tells every listener of the cluster, those of this shard at once.
  public func notify(channel: String, payload: String, process: Int32) {
    tell(places, TellNotification(channel: channel, payload: payload, process: process))
  }
}
