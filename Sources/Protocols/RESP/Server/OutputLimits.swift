/// `client-output-buffer-limit`: how much a client may leave unread before it is cut off.
struct OutputLimits: Sendable, Equatable {
  struct Limit: Sendable, Equatable {
    /// Bytes; 0: none.
    var hard: Int64 = 0
    /// Bytes that may be exceeded for so many seconds.
    var soft: Int64 = 0
    var softSeconds: Int64 = 0
  }
  var normal = Limit()
  var replica = Limit(hard: 256 << 20, soft: 64 << 20, softSeconds: 60)
  var pubsub = Limit(hard: 32 << 20, soft: 8 << 20, softSeconds: 60)

  init() {}

  /// Of a text that `text` has made.
  init(_ text: String) {
    self = (try? OutputLimits().changed(by: text)) ?? OutputLimits()
  }

  var text: String {
    [("normal", normal), ("slave", replica), ("pubsub", pubsub)].map { name, limit in
      "\(name) \(limit.hard) \(limit.soft) \(limit.softSeconds)"
    }.joined(separator: " ")
  }

  /// With the classes of clients that `value` names.
  func changed(by value: String) throws(ConfigFault) -> OutputLimits {
    let words = value.split(separator: " ").map(String.init)
    guard words.count % 4 == 0 else {
      throw ConfigFault("Wrong number of arguments in buffer limit configuration.")
    }
    var changed = self
    for start in stride(from: 0, to: words.count, by: 4) {
      guard let part = Self.part(words[start].lowercased()) else {
        throw ConfigFault("Invalid client class specified in buffer limit configuration.")
      }
      guard let hard = ConfigParameter.bytes(words[start + 1]),
        let soft = ConfigParameter.bytes(words[start + 2]), let seconds = Int64(words[start + 3]),
        seconds >= 0
      else {
        throw ConfigFault(
          "Error in hard, soft or soft_seconds setting in buffer limit configuration.")
      }
      changed[keyPath: part] = Limit(hard: hard, soft: soft, softSeconds: seconds)
    }
    return changed
  }

  private static func part(_ name: String) -> WritableKeyPath<OutputLimits, Limit>? {
    switch name {
    case "normal": \.normal
    case "slave", "replica": \.replica
    case "pubsub": \.pubsub
    default: nil
    }
  }
}
