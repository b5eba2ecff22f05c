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

  /// Before it runs: the keys that the command is going to read. Returns those that are noted for this
  /// command alone and of which only its end will tell whether they were read: a script's.
  func noteReads(_ command: QueuedCommand) -> [[UInt8]] {
    guard let tracking = client.tracking, tracking.remembersReads,
      let spec = CommandTable.find(command.arguments)
    else { return [] }
    let isScript = ScriptCommands.runners.contains(spec.name)
    guard isScript || spec.flags.contains(.readOnly),
      let positions = spec.keyPositions(command.arguments)
    else { return [] }
    let limit = state.configuration.trackingTableMaxKeys
    var new: [[UInt8]] = []
    for position in positions {
      let name = command.arguments.array(position)
      if state.tracking.note(name, id), isScript { new.append(name) }
      state.trimTracking(limit, besides: name)
    }
    return new
  }

  /// Scripts have run that read nothing, whatever keys they named: the client has learned nothing of those.
  /// `noted`: by each command's place, what `noteReads` returned.
  func forgetUnread(_ noted: [[[UInt8]]], _ result: Result<RunOutcome, KernelError>) {
    guard case .success(let outcome) = result else { return }
    for place in outcome.unreadScripts where place < noted.count {
      for name in noted[place] { state.tracking.forget(name, id) }
    }
  }

  /// Keys of which the client may have copies have changed; nil: any may have.
  func tellChanged(_ keys: [[UInt8]]?) {
    guard let tracking = client.tracking else { return }
    if tracking.redirection == 0 { return pushInvalidation(keys, isRedirected: false) }
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

  /// To this client itself: a push, or in RESP2, of another client's keys only, a message on the channel that
  /// stands for it.
  func pushInvalidation(_ keys: [[UInt8]]?, isRedirected: Bool) {
    var message = ReplyWriter(version: output.version)
    if output.isRESP3 {
      message.push(2)
      message.bulk("invalidate")
    } else {
      guard isRedirected, client.subscriptions.channels.contains(Self.invalidationChannel) else {
        return
      }
      message.push(3)
      message.bulk("message")
      message.bulk(Self.invalidationChannel)
    }
    if let keys {
      message.array(keys.count)
      for key in keys { message.bulk(key) }
    } else {
      message.null()
    }
    push(message.bytes)
  }
}
