import Base

/// When keys expire.
enum ExpiryCommands {
  static let all: [CommandSpec] = [
    expire("expire", .seconds), expire("pexpire", .milliseconds),
    expire("expireat", .atSeconds), expire("pexpireat", .atMilliseconds),
    time("ttl") { (rounded($0 - $1)) }, time("pttl") { max(0, $0 - $1) },
    time("expiretime") { time, _ in rounded(time) }, time("pexpiretime") { time, _ in time },
    .data("persist", 2, [.write, .fast]) { (context, command) throws(CommandStop) in
      var key = try context.keyToWrite(command[1])
      guard key.row?.expiresAt != nil else { return context.reply.integer(0) }
      key.row?.expiresAt = nil
      try context.save(key)
      context.notify(.generic, "persist", key)
      context.reply.integer(1)
    },
  ]

  /// Milliseconds in seconds.
  private static func rounded(_ milliseconds: Int64) -> Int64 {
    let (sum, isOver) = max(0, milliseconds).addingReportingOverflow(500)
    return isOver ? .max / 1_000 : sum / 1_000
  }

  /// A command that shows when a key expires; `show` gets that time, and now.
  private static func time(
    _ name: String, _ show: @escaping @Sendable (Int64, Int64) -> Int64
  ) -> CommandSpec {
    .data(name, 2, [.readOnly, .fast]) { (context, command) throws(CommandStop) in
      guard let row = try context.key(command[1]).row else { return context.reply.integer(-2) }
      context.reply.integer(row.expiresAt.map { show($0, context.now) } ?? -1)
    }
  }

  private struct Conditions: OptionSet {
    let rawValue: UInt8
    static let isNew = Conditions(rawValue: 1)
    static let isOld = Conditions(rawValue: 2)
    static let isLater = Conditions(rawValue: 4)
    static let isEarlier = Conditions(rawValue: 8)

    init(rawValue: UInt8) { self.rawValue = rawValue }

    init(_ command: CommandArguments) throws(CommandStop) {
      self = []
      for index in 3..<max(3, command.count) {
        if command.matches(index, "NX") {
          insert(.isNew)
        } else if command.matches(index, "XX") {
          insert(.isOld)
        } else if command.matches(index, "GT") {
          insert(.isLater)
        } else if command.matches(index, "LT") {
          insert(.isEarlier)
        } else {
          throw .error("ERR Unsupported option \(command.text(index))")
        }
      }
      if contains(.isNew), self != .isNew {
        throw .error("ERR NX and XX, GT or LT options at the same time are not compatible")
      }
      if contains([.isLater, .isEarlier]) {
        throw .error("ERR GT and LT options at the same time are not compatible")
      }
    }

    func allow(_ time: Int64, over old: Int64?) -> Bool {
      if contains(.isNew), old != nil { return false }
      if contains(.isOld), old == nil { return false }
      // Who never expires does so later than any time.
      if contains(.isLater) { return old.map { time > $0 } ?? false }
      if contains(.isEarlier) { return old.map { time < $0 } ?? true }
      return true
    }
  }

  private static func expire(_ name: String, _ unit: ExpiryUnit) -> CommandSpec {
    .data(name, -3, [.write, .fast]) { (context, command) throws(CommandStop) in
      let conditions = try Conditions(command)
      guard let number = command[2].strictInteger() else { throw .notInteger }
      let time = try unit.time(
        number, context, .error("ERR invalid expire time in '\(name)' command"))
      var key = try context.keyToWrite(command[1])
      guard let row = key.row, conditions.allow(time, over: row.expiresAt) else {
        return context.reply.integer(0)
      }
      if time <= context.now {
        try context.remove(key)
        context.notify(.generic, "del", key)
      } else {
        key.row?.expiresAt = time
        try context.save(key)
        context.notify(.generic, "expire", key)
      }
      context.reply.integer(1)
    }
  }
}
