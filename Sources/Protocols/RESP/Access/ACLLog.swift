import Base
import Node

/// Something that was refused.
struct ACLLogEntry: WireCodable {
  var count: Int64 = 1
  /// "command", "key", "channel" or "auth".
  var reason: String
  /// "toplevel" or "multi".
  var context: String
  var object: [UInt8]
  var user: String
  /// Milliseconds since the Unix epoch.
  var time: Int64
  var client: String

  init(
    reason: String, context: String, object: [UInt8], user: String, time: Int64, client: String
  ) {
    self.reason = reason
    self.context = context
    self.object = object
    self.user = user
    self.time = time
    self.client = client
  }
  func encode(into out: inout WireEncoder) {
    count.encode(into: &out)
    for text in [reason, context, user, client] { text.encode(into: &out) }
    out.bytes.blob(object)
    time.encode(into: &out)
  }
  init(from reader: inout WireDecoder) throws(DecodingFault) {
    count = try Int64(from: &reader)
    reason = try String(from: &reader)
    context = try String(from: &reader)
    user = try String(from: &reader)
    client = try String(from: &reader)
    object = try reader.bytes.blob()
    time = try Int64(from: &reader)
  }
}

/// What one shard has refused lately, the newest first. Lives on: its shard.
struct ACLLog {
  private(set) var entries: [ACLLogEntry] = []
  /// The same again within so many milliseconds is counted, not added.
  private static let groupMilliseconds: Int64 = 60_000

  mutating func add(_ entry: ACLLogEntry, atMost limit: Int) {
    let same = entries.firstIndex {
      $0.reason == entry.reason && $0.context == entry.context && $0.object == entry.object
        && $0.user == entry.user && entry.time - $0.time <= Self.groupMilliseconds
    }
    var entry = entry
    if let same { entry.count += entries.remove(at: same).count }
    entries.insert(entry, at: 0)
    if entries.count > limit { entries.removeLast(entries.count - limit) }
  }

  mutating func clear() { entries = [] }
}

extension RESPSession {
  /// `context`: where it was tried, if not in the session itself.
  func noteRefusal(
    _ reason: String, _ object: [UInt8], user: String? = nil, context: String? = nil
  ) {
    state.aclLog.add(
      ACLLogEntry(
        reason: reason, context: context ?? (transaction.isOpen ? "multi" : "toplevel"),
        object: object,
        user: user ?? client.user ?? ClientState.defaultUser,
        time: Int64(shard.wallNanoseconds() / 1_000_000), client: description),
      atMost: state.configuration.aclLogMaxLength)
  }
}
