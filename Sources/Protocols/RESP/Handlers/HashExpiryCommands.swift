import Base
import Catalog

/// Expiry of a hash's fields, as Redis 7.4 has it: HEXPIRE, HTTL, HPERSIST and their like.
enum HashExpiryCommands {
  static let all: [CommandSpec] = [
    .data("hexpire", -6, [.write, .denyOOM, .fast]) { (context, command) throws(CommandStop) in
      try expire(context, command, "hexpire", isSeconds: true, from: context.now)
    },
    .data("hpexpire", -6, [.write, .denyOOM, .fast]) { (context, command) throws(CommandStop) in
      try expire(context, command, "hpexpire", isSeconds: false, from: context.now)
    },
    .data("hexpireat", -6, [.write, .denyOOM, .fast]) { (context, command) throws(CommandStop) in
      try expire(context, command, "hexpireat", isSeconds: true, from: 0)
    },
    .data("hpexpireat", -6, [.write, .denyOOM, .fast]) { (context, command) throws(CommandStop) in
      try expire(context, command, "hpexpireat", isSeconds: false, from: 0)
    },
    .data("httl", -5, [.readOnly, .fast]) { (context, command) throws(CommandStop) in
      try times(context, command) { ($0 + 999 - context.now) / 1_000 }
    },
    .data("hpttl", -5, [.readOnly, .fast]) { (context, command) throws(CommandStop) in
      try times(context, command) { $0 - context.now }
    },
    .data("hexpiretime", -5, [.readOnly, .fast]) { (context, command) throws(CommandStop) in
      try times(context, command) { ($0 + 999) / 1_000 }
    },
    .data("hpexpiretime", -5, [.readOnly, .fast]) { (context, command) throws(CommandStop) in
      try times(context, command) { $0 }
    },
    .data("hpersist", -5, [.write, .fast], .first, persist),
  ]

  /// What replies say of a field.
  private static let noField = -2
  private static let noExpiry = -1
  /// No expiry is later, in milliseconds since the Unix epoch.
  private static let timeMax: Int64 = (1 << 46) - 1

  private enum Condition {
    case always, ifNone, ifAny, ifLater, ifEarlier

    /// A field that stays counts as one that expires after all others.
    func allows(_ time: Int64, over old: Int64?) -> Bool {
      switch self {
      case .always: true
      case .ifNone: old == nil
      case .ifAny: old != nil
      case .ifLater: old.map { time > $0 } ?? false
      case .ifEarlier: old.map { time < $0 } ?? true
      }
    }
  }

  /// The places of the fields in `FIELDS count field…`, which begins at `first`.
  private static func fields(_ command: CommandArguments, at first: Int, _ message: String)
    throws(CommandStop) -> Range<Int>
  {
    guard first < command.count, command.matches(first, "FIELDS") else {
      throw .error("ERR Mandatory argument FIELDS is missing or not at the right position")
    }
    guard first + 1 < command.count else { throw .error("ERR \(message)") }
    let count = try command.integer(first + 1, atLeast: 1, or: message)
    guard count == Int64(command.count - first - 2) else {
      throw .error("ERR The `numfields` parameter must match the number of arguments")
    }
    return first + 2..<command.count
  }

  private static func expire(
    _ context: CommandContext, _ command: CommandArguments, _ name: String, isSeconds: Bool,
    from start: Int64
  ) throws(CommandStop) {
    var hash = try context.hashToWrite(command[1])
    let time = try time(command, name, isSeconds: isSeconds, from: start)
    let condition = condition(command)
    let fields = try fields(
      command, at: condition == .always ? 3 : 4, "Parameter `numFields` should be greater than 0")
    context.reply.array(fields.count)
    var (changed, removed) = (0, 0)
    for index in fields {
      guard let field = try hash.get(command[index]) else {
        context.reply.integer(noField)
        continue
      }
      if !condition.allows(time, over: field.expiresAt) {
        context.reply.integer(0)
      } else if time <= context.now {
        try hash.remove(field.name)
        removed += 1
        context.reply.integer(2)
      } else {
        try hash.set(field.name, field.value, expiresAt: time)
        changed += 1
        context.reply.integer(1)
      }
    }
    let isGone = try hash.finish()
    if changed > 0 { context.notify(.hash, "hexpire", hash.key) }
    if removed > 0 { context.notify(.hash, "hdel", hash.key) }
    if isGone { context.notify(.generic, "del", hash.key) }
  }

  private static func time(
    _ command: CommandArguments, _ name: String, isSeconds: Bool, from start: Int64
  ) throws(CommandStop) -> Int64 {
    var time = try command.integer(2)
    guard time >= 0 else { throw .error("ERR invalid expire time, must be >= 0") }
    let invalid = CommandStop.error("ERR invalid expire time in '\(name)' command")
    if isSeconds {
      guard time <= timeMax / 1_000 else { throw invalid }
      time *= 1_000
    }
    guard time <= timeMax - start else { throw invalid }
    return start + time
  }

  private static func condition(_ command: CommandArguments) -> Condition {
    if command.matches(3, "NX") { return .ifNone }
    if command.matches(3, "XX") { return .ifAny }
    if command.matches(3, "GT") { return .ifLater }
    if command.matches(3, "LT") { return .ifEarlier }
    return .always
  }

  private static func times(
    _ context: CommandContext, _ command: CommandArguments, _ shown: (Int64) -> Int64
  ) throws(CommandStop) {
    let hash = try context.hash(command[1])
    let fields = try fields(command, at: 2, "Number of fields must be a positive integer")
    context.reply.array(fields.count)
    for index in fields {
      guard let field = try hash.get(command[index]) else {
        context.reply.integer(noField)
        continue
      }
      context.reply.integer(field.expiresAt.map(shown) ?? Int64(noExpiry))
    }
  }

  private static func persist(_ context: CommandContext, _ command: CommandArguments)
    throws(CommandStop)
  {
    var hash = try context.hashToWrite(command[1])
    let fields = try fields(command, at: 2, "Number of fields must be a positive integer")
    context.reply.array(fields.count)
    var changed = 0
    for index in fields {
      guard let field = try hash.get(command[index]) else {
        context.reply.integer(noField)
        continue
      }
      guard field.expiresAt != nil else {
        context.reply.integer(noExpiry)
        continue
      }
      try hash.set(field.name, field.value)
      changed += 1
      context.reply.integer(1)
    }
    try hash.finish()
    if changed > 0 { context.notify(.hash, "hpersist", hash.key) }
  }
}
