import Base
import Node

/// CLIENT TRACKING, CACHING and TRACKINGINFO.
enum TrackingCommands {
  static func tracking(_ session: RESPSession, _ command: CommandArguments) async {
    var wanted = ClientTracking()
    var index = 3
    while index < command.count {
      let hasMore = index + 1 < command.count
      if command.matches(index, "REDIRECT"), hasMore {
        guard wanted.redirection == 0 else {
          return session.output.error(
            "ERR A client can only redirect to a single other client")
        }
        guard let id = command[index + 1].strictInteger() else {
          return session.output.error("ERR value is not an integer or out of range")
        }
        let answers = await session.shard.gather(
          ClientQuestion.name, ClientQuestion.find(id).payload)
        guard answers.contains([1]) else {
          return session.output.error(
            "ERR The client ID you want redirect to does not exist")
        }
        wanted.redirection = id
        index += 1
      } else if command.matches(index, "BCAST") {
        wanted.isBroadcast = true
      } else if command.matches(index, "OPTIN") {
        wanted.isOptIn = true
      } else if command.matches(index, "OPTOUT") {
        wanted.isOptOut = true
      } else if command.matches(index, "NOLOOP") {
        wanted.isNoLoop = true
      } else if command.matches(index, "PREFIX"), hasMore {
        wanted.prefixes.append(command.array(index + 1))
        index += 1
      } else {
        return session.output.error("ERR syntax error")
      }
      index += 1
    }
    if command.matches(2, "ON") {
      if let reason = obstacle(wanted, session.client.tracking) {
        return session.output.error(reason)
      }
      await session.startTracking(wanted)
    } else if command.matches(2, "OFF") {
      session.stopTracking()
    } else {
      return session.output.error("ERR syntax error")
    }
    session.output.ok()
  }

  /// Why tracking cannot be switched on like that.
  private static func obstacle(_ wanted: ClientTracking, _ old: ClientTracking?) -> String? {
    if !wanted.isBroadcast, !wanted.prefixes.isEmpty {
      return "ERR PREFIX option requires BCAST mode to be enabled"
    }
    if let old, old.isBroadcast != wanted.isBroadcast {
      return
        "ERR You can't switch BCAST mode on/off before disabling tracking for this client, and then re-enabling it with a different mode."
    }
    if wanted.isBroadcast, wanted.isOptIn || wanted.isOptOut {
      return "ERR OPTIN and OPTOUT are not compatible with BCAST"
    }
    if wanted.isOptIn, wanted.isOptOut {
      return "ERR You can't specify both OPTIN mode and OPTOUT mode"
    }
    if let old, (wanted.isOptIn && old.isOptOut) || (wanted.isOptOut && old.isOptIn) {
      return
        "ERR You can't switch OPTIN/OPTOUT mode before disabling tracking for this client, and then re-enabling it with a different mode."
    }
    return wanted.isBroadcast ? collision(wanted.prefixes, old?.prefixes ?? []) : nil
  }

  /// No key may have two of a client's prefixes: it would be told twice.
  private static func collision(_ added: [[UInt8]], _ old: [[UInt8]]) -> String? {
    func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
    for (place, prefix) in added.enumerated() {
      for other in old where prefix != other {
        if prefix.starts(with: other) || other.starts(with: prefix) {
          return
            "ERR Prefix '\(text(prefix))' overlaps with an existing prefix '\(text(other))'. Prefixes for a single client must not overlap."
        }
      }
      for other in added[(place + 1)...]
      where prefix.starts(with: other) || other.starts(with: prefix) {
        return
          "ERR Prefix '\(text(prefix))' overlaps with another provided prefix '\(text(other))'. Prefixes for a single client must not overlap."
      }
    }
    return nil
  }

  static func caching(_ session: RESPSession, _ command: CommandArguments) async {
    guard let tracking = session.client.tracking else {
      return session.output.error(
        "ERR CLIENT CACHING can be called only when the client is in tracking mode with OPTIN or OPTOUT mode enabled"
      )
    }
    if command.matches(2, "YES") {
      guard tracking.isOptIn else {
        return session.output.error(
          "ERR CLIENT CACHING YES is only valid when tracking is enabled in OPTIN mode.")
      }
    } else if command.matches(2, "NO") {
      guard tracking.isOptOut else {
        return session.output.error(
          "ERR CLIENT CACHING NO is only valid when tracking is enabled in OPTOUT mode.")
      }
    } else {
      return session.output.error("ERR syntax error")
    }
    session.client.tracking?.caching = true
    session.output.ok()
  }

  static func info(_ session: RESPSession, _ command: CommandArguments) async {
    let tracking = session.client.tracking
    var flags = [tracking == nil ? "off" : "on"]
    if let tracking {
      if tracking.isBroadcast { flags.append("bcast") }
      if tracking.isOptIn { flags += tracking.caching ? ["optin", "caching-yes"] : ["optin"] }
      if tracking.isOptOut { flags += tracking.caching ? ["optout", "caching-no"] : ["optout"] }
      if tracking.isNoLoop { flags.append("noloop") }
      if tracking.isBroken { flags.append("broken_redirect") }
    }
    session.output.map(3)
    session.output.bulk("flags")
    session.output.set(flags.count)
    for flag in flags { session.output.bulk(flag) }
    session.output.bulk("redirect")
    session.output.integer(tracking?.redirection ?? -1)
    session.output.bulk("prefixes")
    let prefixes = (tracking?.prefixes ?? []).sorted { $0.lexicographicallyPrecedes($1) }
    session.output.array(prefixes.count)
    for prefix in prefixes { session.output.bulk(prefix) }
  }
}
