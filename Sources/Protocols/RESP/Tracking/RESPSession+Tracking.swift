import Base
import Node

extension RESPSession {
  func startTracking(_ wanted: ClientTracking) async {
    var wanted = wanted
    if let old = client.tracking {
      wanted.prefixes += old.prefixes.filter { !wanted.prefixes.contains($0) }
    }
    if wanted.isBroadcast, wanted.prefixes.isEmpty { wanted.prefixes = [[]] }
    client.tracking = wanted
    state.tracking.add(id, prefixes: wanted.prefixes)
    await state.beginTracking()
  }

  func stopTracking() {
    guard let tracking = client.tracking.take() else { return }
    state.tracking.remove(id, prefixes: tracking.prefixes)
  }

  /// Before it runs: the keys that the command is going to read.
  func noteReads(_ command: QueuedCommand) {
    guard let tracking = client.tracking, tracking.remembersReads,
      let spec = CommandTable.find(command.arguments),
      spec.flags.contains(.readOnly) || spec.name.hasPrefix("eval")
        || spec.name.hasPrefix("fcall"),
      let positions = spec.keyPositions(command.arguments)
    else { return }
    let limit = state.configuration.trackingTableMaxKeys
    for position in positions {
      let name = command.arguments.array(position)
      let forgotten = state.tracking.note(name, id, atMost: limit)
      if !forgotten.isEmpty { state.invalidate(forgotten, by: 0) }
    }
  }

  /// Keys of which the client may have copies have changed; nil: any may have.
  func tellChanged(_ keys: [[UInt8]]?) {
    guard let tracking = client.tracking else { return }
    if tracking.redirection == 0 { return pushInvalidation(keys) }
    let payload = TrackingMessage.redirected(keys, to: tracking.redirection).payload
    shard.askEvery(TrackingMessage.name, payload) { [self] answers in
      if !answers.contains([1]) { redirectionBroke() }
    }
  }

  private func redirectionBroke() {
    guard let target = client.tracking?.redirection else { return }
    client.tracking?.isBroken = true
    guard output.isRESP3 else { return }
    var message = ReplyWriter(version: 3)
    message.push(2)
    message.bulk("tracking-redir-broken")
    message.integer(target)
    push(message.bytes)
  }

  private static let invalidationChannel = Array("__redis__:invalidate".utf8)

  /// To this client itself: a push, or in RESP2 a message on the channel that stands for it.
  func pushInvalidation(_ keys: [[UInt8]]?) {
    var message = ReplyWriter(version: output.version)
    if output.isRESP3 {
      message.push(2)
      message.bulk("invalidate")
    } else {
      guard client.subscriptions.channels.contains(Self.invalidationChannel) else { return }
      message.push(3)
      message.bulk("message")
      message.bulk(Self.invalidationChannel)
    }
    if let keys {
      message.array(keys.count)
      for key in keys { message.bulk(key) }
    } else {
      message.nullArray()
    }
    push(message.bytes)
  }
}
