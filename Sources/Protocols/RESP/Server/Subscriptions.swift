import Base
import Node

/// The three ways of listening.
enum SubscriptionKind: UInt8, CaseIterable {
  case channel, pattern, shardChannel

  /// In replies and messages.
  var subscribed: String {
    switch self {
    case .channel: "subscribe"
    case .pattern: "psubscribe"
    case .shardChannel: "ssubscribe"
    }
  }
  var unsubscribed: String {
    switch self {
    case .channel: "unsubscribe"
    case .pattern: "punsubscribe"
    case .shardChannel: "sunsubscribe"
    }
  }
}

/// What one client listens to.
struct ClientSubscriptions {
  var channels: Set<[UInt8]> = []
  var patterns: Set<[UInt8]> = []
  var shardChannels: Set<[UInt8]> = []

  var isEmpty: Bool { channels.isEmpty && patterns.isEmpty && shardChannels.isEmpty }

  subscript(kind: SubscriptionKind) -> Set<[UInt8]> {
    get {
      switch kind {
      case .channel: channels
      case .pattern: patterns
      case .shardChannel: shardChannels
      }
    }
    _modify {
      switch kind {
      case .channel: yield &channels
      case .pattern: yield &patterns
      case .shardChannel: yield &shardChannels
      }
    }
  }

  /// What (UN)SUBSCRIBE replies: channels of shards are counted by themselves.
  func count(for kind: SubscriptionKind) -> Int {
    kind == .shardChannel ? shardChannels.count : channels.count + patterns.count
  }
}

/// Who listens to what on one shard. Lives on: its shard.
struct Subscriptions {
  /// Sessions in the order in which they came, by what they listen to.
  private(set) var channels: [[UInt8]: [RESPSession]] = [:]
  private(set) var shardChannels: [[UInt8]: [RESPSession]] = [:]
  private(set) var patterns: [[UInt8]: (pattern: GlobPattern, sessions: [RESPSession])] = [:]

  mutating func add(_ session: RESPSession, _ kind: SubscriptionKind, _ name: [UInt8]) {
    switch kind {
    case .channel: channels[name, default: []].append(session)
    case .shardChannel: shardChannels[name, default: []].append(session)
    case .pattern: patterns[name, default: (GlobPattern(name), [])].sessions.append(session)
    }
  }

  mutating func remove(_ session: RESPSession, _ kind: SubscriptionKind, _ name: [UInt8]) {
    switch kind {
    case .channel:
      channels[name]?.removeAll { $0 === session }
      if channels[name]?.isEmpty ?? false { channels[name] = nil }
    case .shardChannel:
      shardChannels[name]?.removeAll { $0 === session }
      if shardChannels[name]?.isEmpty ?? false { shardChannels[name] = nil }
    case .pattern:
      patterns[name]?.sessions.removeAll { $0 === session }
      if patterns[name]?.sessions.isEmpty ?? false { patterns[name] = nil }
    }
  }

  /// Gives a message to all that listen; how many times that is.
  func deliver(_ message: Publication) -> Int {
    var count = 0
    let named = message.isForShard ? shardChannels : channels
    for session in named[message.channel] ?? [] {
      session.push(message.bytes(version: session.output.version))
      count += 1
    }
    if message.isForShard || patterns.isEmpty { return count }
    for (name, entry) in patterns.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) })
    where entry.pattern.matches(message.channel) {
      for session in entry.sessions {
        session.push(message.bytes(version: session.output.version, pattern: name))
        count += 1
      }
    }
    return count
  }
}

/// A message on a channel, as it goes to the shards.
struct Publication: WireCodable, Equatable {
  static let name = "redis.publish"
  var isForShard: Bool
  var channel: [UInt8]
  var message: [UInt8]

  init(isForShard: Bool = false, channel: [UInt8], message: [UInt8]) {
    self.isForShard = isForShard
    self.channel = channel
    self.message = message
  }
  func encode(into out: inout WireEncoder) {
    isForShard.encode(into: &out)
    out.bytes.blob(channel)
    out.bytes.blob(message)
  }
  init(from reader: inout WireDecoder) throws(DecodingFault) {
    isForShard = try Bool(from: &reader)
    channel = try reader.bytes.blob()
    message = try reader.bytes.blob()
  }

  func bytes(version: Int, pattern: [UInt8]? = nil) -> [UInt8] {
    var writer = ReplyWriter(version: version)
    writer.push(pattern == nil ? 3 : 4)
    writer.bulk(isForShard ? "smessage" : pattern == nil ? "message" : "pmessage")
    if let pattern { writer.bulk(pattern) }
    writer.bulk(channel)
    writer.bulk(message)
    return writer.bytes
  }

  static func payload(_ messages: [Publication]) -> [UInt8] {
    Message.encode { messages.encode(into: &$0) }
  }

  /// The answer is how many clients have got one.
  static func deliver(_ payload: [UInt8], on state: RESPShard) -> [UInt8] {
    let messages = Message.decode(payload) { (reader) throws(DecodingFault) in
      try [Publication](from: &reader)
    }
    let count = (messages ?? []).reduce(0) { $0 + state.subscriptions.deliver($1) }
    return Message.encode { count.encode(into: &$0) }
  }
}

extension RESPShard {
  /// Tells whoever listens for changes of keys.
  func publish(_ events: [KeyEvent]) {
    let wanted = configuration.events
    var messages: [Publication] = []
    for event in events where wanted.contains(event.kind) {
      let name = Array(event.event.utf8)
      if wanted.isSuperset(of: .keyspace) {
        messages.append(
          Publication(channel: Array("__keyspace@\(event.db)__:".utf8) + event.key, message: name))
      }
      if wanted.isSuperset(of: .keyevent) {
        messages.append(
          Publication(channel: Array("__keyevent@\(event.db)__:".utf8) + name, message: event.key))
      }
    }
    publish(messages)
  }

  /// Tells whoever listens anywhere in the cluster.
  func publish(_ messages: [Publication]) {
    if messages.isEmpty { return }
    shard.tellEvery(Publication.name, Publication.payload(messages))
  }
}

extension RESPSession {
  /// What a run has to tell others, and what of it is to be remembered.
  func publish(_ outcome: RunOutcome) {
    state.statistics.keys.add(outcome.keyCounts)
    publish(outcome.events)
    publish(outcome.messages)
    for refusal in outcome.refusals {
      noteRefusal(refusal.reason, refusal.object, context: "lua")
    }
  }
  func publish(_ events: [KeyEvent]) { if !events.isEmpty { state.publish(events) } }
  func publish(_ messages: [Publication]) { state.publish(messages) }

  func unsubscribeFromAll() {
    for kind in SubscriptionKind.allCases {
      for name in client.subscriptions[kind] { state.subscriptions.remove(self, kind, name) }
    }
    client.subscriptions = ClientSubscriptions()
  }
}
