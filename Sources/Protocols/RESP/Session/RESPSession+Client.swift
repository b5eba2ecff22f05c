import Base
import Node
import Reactor

/// What is done around a client's commands.
extension RESPSession {
  /// Nothing but the command itself is to be done: no checks, no messages to others.
  var isPlain: Bool {
    client.replies == .on && client.tracking == nil && client.subscriptions.isEmpty
      && !client.isMonitor && state.monitorPlaces.isEmpty && state.pause.until == 0
      && access.isUnrestricted && access.catalogVersion == shard.catalogVersion
      && !client.followsSlots && state.busyScripts.isEmpty
  }

  /// Why the command is not carried out as things are; nil: it may be.
  func refusal(_ spec: CommandSpec, _ command: CommandArguments) -> String? {
    if !spec.subcommands.isEmpty, command.count > 1 {
      return CommandTable.unknownSubcommand(spec.name, command)
    }
    guard spec.accepts(count: command.count) else {
      return "ERR wrong number of arguments for '\(spec.name)' command"
    }
    if let reason = denial(spec, command) { return reason }
    if let busy = state.busyScripts.first?.value, !BusyMessage.allows(spec, command) {
      return busy.reply
    }
    if client.subscriptions.isEmpty || output.isRESP3 || transaction.isOpen { return nil }
    let parts = spec.name.split(separator: "|")
    let isAllowed = parts.first.map {
      [
        "ping", "subscribe", "unsubscribe", "psubscribe", "punsubscribe", "ssubscribe",
        "sunsubscribe", "quit", "reset",
      ].contains($0)
    }
    if isAllowed ?? false { return nil }
    return
      "ERR Can't execute '\(spec.name)': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context"
  }

  /// A command has come to its reply.
  func ended(
    _ spec: CommandSpec, _ command: CommandArguments, since start: UInt64,
    reply: ArraySlice<UInt8>
  ) {
    let failed = reply.first == UInt8(ascii: "-")
    if failed { state.statistics.erred(reply.dropFirst()) }
    state.finished(
      spec, command, self, nanoseconds: shard.reactor.monotonicNanoseconds() &- start,
      failed: failed)
  }

  /// Commands of a transaction that have run as one.
  func count(_ commands: [QueuedCommand], _ replies: [[UInt8]]) {
    for (command, reply) in zip(commands, replies) {
      guard let spec = CommandTable.find(command.arguments) else { continue }
      let failed = reply.first == UInt8(ascii: "-")
      if failed { state.statistics.erred(reply.dropFirst()) }
      state.statistics.called(spec.number, nanoseconds: 0, failed: failed, tracksDuration: false)
      if !state.monitorPlaces.isEmpty { tellMonitors(command.arguments, spec) }
    }
  }

  /// CLIENT PAUSE WRITE holds what changes something, for others to see.
  func isHeldByWritePause(_ command: CommandArguments, _ spec: CommandSpec) async -> Bool {
    if spec.name != "exec" { return await changes(command, spec) }
    for queued in transaction.queued {
      guard let spec = CommandTable.find(queued.arguments) else { continue }
      if await changes(queued.arguments, spec) { return true }
    }
    return false
  }

  private func changes(_ command: CommandArguments, _ spec: CommandSpec) async -> Bool {
    if spec.flags.isDisjoint(with: [.write, .mayReplicate]) { return false }
    return await !declaresNoWrites(command, spec.name)
  }

  // MARK: Replies and messages

  /// CLIENT REPLY: what was written from `mark` on may not be wanted.
  func silence(from mark: Int) {
    switch client.replies {
    case .on: return
    case .skipNext: client.replies = .skip
    case .off, .skip:
      if output.bytes.count > mark { output.bytes.removeSubrange(mark...) }
      if client.replies == .skip { client.replies = .on }
    }
  }

  /// Sends a message that answers nothing, after the replies of what is under way.
  func push(_ bytes: [UInt8]) {
    if isClosed || isEnding { return }
    if (isPerforming && !isResting) || hasRepliesOut {
      pendingPushes.append(contentsOf: bytes)
    } else {
      output.bytes.append(contentsOf: bytes)
      flushSoon()
    }
    checkOutput(state.configuration.outputLimits, shard.reactor.monotonicNanoseconds())
  }

  func releasePushes() {
    if pendingPushes.isEmpty || hasRepliesOut { return }
    output.bytes.append(contentsOf: pendingPushes)
    pendingPushes = []
    flushSoon()
  }

  /// A client that does not read what it has asked for is cut off.
  func checkOutput(_ limits: OutputLimits, _ now: UInt64) {
    let limit = kind == .pubsub || client.isMonitor ? limits.pubsub : limits.normal
    let waiting = Int64(output.bytes.count + pendingPushes.count + stream.queuedBytes)
    if limit.hard > 0, waiting > limit.hard { return cut() }
    guard limit.soft > 0, waiting > limit.soft else {
      client.softLimitSince = nil
      return
    }
    let since = client.softLimitSince ?? now
    client.softLimitSince = since
    if now &- since > UInt64(limit.softSeconds) * 1_000_000_000 { cut() }
  }

  /// Ends the connection at once; what it has not read is lost.
  private func cut() {
    isEnding = true
    output.bytes = []
    pendingPushes = []
    stream.abort()
  }

  /// Bytes of a command that is not whole yet are kept up to a limit.
  func checkInput() throws(SessionEnd) {
    if parser.pendingBytes > state.configuration.queryBufferLimit { throw .closed }
  }

  /// Ends the connection, from outside of it.
  func kill() {
    isEnding = true
    stream.close()
  }

  var localAddress: String {
    "\(state.place.address):\(state.place.port ?? state.place.tlsPort ?? 0)"
  }

  /// What the connection was part of goes on without it.
  func leaveEverything() {
    unsubscribeFromAll()
    stopTracking()
    if client.isMonitor { MonitorMessage.stop(self) }
  }

  // MARK: MONITOR

  /// Shows a command to those who watch.
  func tellMonitors(_ command: CommandArguments, _ spec: CommandSpec) {
    MonitorMessage.tell(command, spec, db: db, source: stream.peerAddress, state)
  }
}

/// MONITOR across shards: who watches, and what there is to see.
enum MonitorMessage {
  static let name = "redis.monitor"
  private static let isWatching: [UInt8] = [1]
  private static let isNotWatching: [UInt8] = [0]

  static func line(_ text: [UInt8]) -> [UInt8] { [2] + text }

  /// `source`: the client's address, or "lua".
  static func tell(
    _ command: CommandArguments, _ spec: CommandSpec, db: Int, source: String, _ state: RESPShard
  ) {
    if spec.flags.contains(.admin) { return }
    let now = state.shard.wallNanoseconds() / 1_000
    let fraction = String(now % 1_000_000)
    let zeros = String(repeating: "0", count: 6 - fraction.count)
    var text = Array("\(now / 1_000_000).\(zeros)\(fraction) [\(db) \(source)]".utf8)
    for argument in Redaction.shown(command, spec) {
      text.append(UInt8(ascii: " "))
      text.append(contentsOf: argument.quoted)
    }
    state.shard.tell(state.monitorPlaces, name, line(text))
  }

  static func start(_ session: RESPSession) async {
    session.client.isMonitor = true
    session.state.monitorCount += 1
    // Every shard knows before the client does.
    _ = await session.shard.gather(name, isWatching)
  }

  static func stop(_ session: RESPSession) {
    session.client.isMonitor = false
    session.state.monitorCount -= 1
    if session.state.monitorCount == 0 { session.shard.tellEvery(name, isNotWatching) }
  }

  static func take(_ payload: [UInt8], from sender: ShardPlace, on state: RESPShard) {
    switch payload.first {
    case 0: state.monitorPlaces.removeAll { $0 == sender }
    case 1: if !state.monitorPlaces.contains(sender) { state.monitorPlaces.append(sender) }
    default:
      var message = ReplyWriter(version: 2)
      message.simple(payload.dropFirst())
      for session in state.sortedSessions where session.client.isMonitor {
        session.push(message.bytes)
      }
    }
  }
}

extension [UInt8] {
  /// In double quotes, with what cannot be printed escaped.
  var quoted: [UInt8] {
    var text: [UInt8] = [UInt8(ascii: "\"")]
    for byte in self {
      switch byte {
      case UInt8(ascii: "\\"), UInt8(ascii: "\""): text += [UInt8(ascii: "\\"), byte]
      case 10: text += "\\n".utf8
      case 13: text += "\\r".utf8
      case 9: text += "\\t".utf8
      case 7: text += "\\a".utf8
      case 8: text += "\\b".utf8
      case 32..<127: text.append(byte)
      default:
        let digits = String(byte, radix: 16)
        text += "\\x\(byte < 16 ? "0" : "")\(digits)".utf8
      }
    }
    return text + [UInt8(ascii: "\"")]
  }
}

extension RESPSession {
  /// Whether nodes are shown to this client as those of a Redis Cluster.
  var isClusterEnabled: Bool { state.configuration.value("cluster-enabled") == "yes" }
}
