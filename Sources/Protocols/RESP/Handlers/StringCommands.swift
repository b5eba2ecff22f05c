import Base
import Catalog

/// GET, SET and what else works on strings.
enum StringCommands {
  static let all: [CommandSpec] =
    basic + StringNumbers.all + StringRanges.all + [
      .data("lcs", -3, [.readOnly], .firstTwo, LongestCommonSubsequence.run)
    ]

  private static let basic: [CommandSpec] = [
    .data("get", 2, [.readOnly, .fast]) { (context, command) throws(CommandStop) in
      let key = try context.key(command[1], .string)
      context.reply.optional(key.row?.value)
    },
    .data("set", -3, [.write, .denyOOM], .first, set),
    .data("strlen", 2, [.readOnly, .fast]) { (context, command) throws(CommandStop) in
      let key = try context.key(command[1], .string)
      context.reply.integer(key.row?.value?.count ?? 0)
    },
    .data("mget", -2, [.readOnly, .fast], .all) { (context, command) throws(CommandStop) in
      context.reply.array(command.count - 1)
      for index in 1..<command.count {
        let row = try context.key(command[index]).row
        context.reply.optional(row?.type == .string ? row?.value : nil)
      }
    },
    .data("mset", -3, [.write, .denyOOM], .range(first: 1, last: -1, step: 2)) {
      (context, command) throws(CommandStop) in
      guard command.count % 2 == 1 else { throw .wrongArity("mset") }
      for index in stride(from: 1, to: command.count, by: 2) {
        try context.setString(command[index], command[index + 1])
      }
      context.reply.ok()
    },
    .data("msetnx", -3, [.write, .denyOOM], .range(first: 1, last: -1, step: 2)) {
      (context, command) throws(CommandStop) in
      guard command.count % 2 == 1 else { throw .wrongArity("msetnx") }
      for index in stride(from: 1, to: command.count, by: 2) {
        if try context.keyToWrite(command[index]).exists { return context.reply.integer(0) }
      }
      for index in stride(from: 1, to: command.count, by: 2) {
        try context.setString(command[index], command[index + 1])
      }
      context.reply.integer(1)
    },
    .data("setnx", 3, [.write, .denyOOM, .fast]) { (context, command) throws(CommandStop) in
      if try context.keyToWrite(command[1]).exists { return context.reply.integer(0) }
      try context.setString(command[1], command[2])
      context.reply.integer(1)
    },
    .data("setex", 4, [.write, .denyOOM]) { (context, command) throws(CommandStop) in
      try setExpiring(context, command, .seconds, "setex")
    },
    .data("psetex", 4, [.write, .denyOOM]) { (context, command) throws(CommandStop) in
      try setExpiring(context, command, .milliseconds, "psetex")
    },
    .data("getset", 3, [.write, .denyOOM, .fast]) { (context, command) throws(CommandStop) in
      let old = try context.keyToWrite(command[1], .string)
      try context.setString(command[1], command[2])
      context.reply.optional(old.row?.value)
    },
    .data("getdel", 2, [.write, .fast]) { (context, command) throws(CommandStop) in
      let key = try context.keyToWrite(command[1], .string)
      guard key.exists else { return context.reply.null() }
      try context.remove(key)
      context.notify(.generic, "del", key)
      context.reply.optional(key.row?.value)
    },
    .data("getex", -2, [.write, .fast], .first, getAndExpire),
  ]

  // MARK: SET

  private struct SetOptions {
    var isOnlyNew = false
    var isOnlyOld = false
    var returnsOld = false
    var keepsExpiry = false
    var expiresAt: Int64?
  }

  private static func set(_ context: CommandContext, _ command: CommandArguments)
    throws(CommandStop)
  {
    if command.count == 3 {
      try context.setString(command[1], command[2])
      return context.reply.ok()
    }
    let options = try setOptions(context, command)
    let key = try context.keyToWrite(command[1])
    if options.returnsOld, let row = key.row, row.type != .string { throw .wrongType }
    let isRefused = (options.isOnlyNew && key.exists) || (options.isOnlyOld && !key.exists)
    if isRefused {
      if options.returnsOld { context.reply.optional(key.row?.value) } else { context.reply.null() }
      return
    }
    let expiresAt = options.keepsExpiry ? key.row?.expiresAt : options.expiresAt
    try set(context, key, command.array(2), expiresAt, isNewExpiry: options.expiresAt != nil)
    if options.returnsOld { context.reply.optional(key.row?.value) } else { context.reply.ok() }
  }

  private static func set(
    _ context: CommandContext, _ key: KeyState, _ value: [UInt8], _ expiresAt: Int64?,
    isNewExpiry: Bool
  ) throws(CommandStop) {
    try context.removeElements(key)
    var next = key
    next.row = KeyRow(string: value, expiresAt: expiresAt)
    try context.save(next)
    context.notify(.string, "set", next)
    if isNewExpiry { context.notify(.generic, "expire", next) }
  }

  private static func setExpiring(
    _ context: CommandContext, _ command: CommandArguments, _ unit: ExpiryUnit, _ name: String
  ) throws(CommandStop) {
    let time = try unit.time(command[2], context, name)
    let key = try context.keyToWrite(command[1])
    try set(context, key, command.array(3), time, isNewExpiry: true)
    context.reply.ok()
  }

  private static func setOptions(_ context: CommandContext, _ command: CommandArguments)
    throws(CommandStop) -> SetOptions
  {
    var options = SetOptions()
    var expiry = ExpiryOption()
    var index = 3
    while index < command.count {
      if command.matches(index, "NX"), !options.isOnlyOld {
        options.isOnlyNew = true
      } else if command.matches(index, "XX"), !options.isOnlyNew {
        options.isOnlyOld = true
      } else if command.matches(index, "GET") {
        options.returnsOld = true
      } else if command.matches(index, "KEEPTTL"), expiry.unit == nil {
        options.keepsExpiry = true
      } else if options.keepsExpiry || !expiry.take(command, &index) {
        throw .syntax
      }
      index += 1
    }
    options.expiresAt = try expiry.time(command, context, "set")
    return options
  }

  // MARK: GETEX

  private static func getAndExpire(_ context: CommandContext, _ command: CommandArguments)
    throws(CommandStop)
  {
    var expiry = ExpiryOption()
    var persists = false
    var index = 2
    while index < command.count {
      if command.matches(index, "PERSIST"), expiry.unit == nil {
        persists = true
      } else if persists || !expiry.take(command, &index) {
        throw .syntax
      }
      index += 1
    }
    var key = try context.keyToWrite(command[1], .string)
    guard key.exists else { return context.reply.null() }
    let time = try expiry.time(command, context, "getex")
    context.reply.optional(key.row?.value)
    if let time {
      if time <= context.now {
        try context.remove(key)
        return context.notify(.generic, "del", key)
      }
      key.row?.expiresAt = time
      try context.save(key)
      context.notify(.generic, "expire", key)
    } else if persists, key.row?.expiresAt != nil {
      key.row?.expiresAt = nil
      try context.save(key)
      context.notify(.generic, "persist", key)
    }
  }
}

/// The EX, PX, EXAT or PXAT among a command's options, which may be given once, or again in the same
/// unit. Its number is looked at when all options have been read.
struct ExpiryOption {
  private(set) var unit: ExpiryUnit?
  private var place = 0

  /// False: it is none of them, has no number, or another unit came before.
  mutating func take(_ command: CommandArguments, _ index: inout Int) -> Bool {
    guard let found = ExpiryUnit(command[index]), unit == nil || unit == found,
      index + 1 < command.count
    else { return false }
    unit = found
    index += 1
    place = index
    return true
  }

  func time(_ command: CommandArguments, _ context: CommandContext, _ name: String)
    throws(CommandStop) -> Int64?
  {
    guard let unit else { return nil }
    return try unit.time(command[place], context, name)
  }
}

/// EX, PX, EXAT and PXAT.
enum ExpiryUnit {
  case seconds, milliseconds, atSeconds, atMilliseconds

  init?(_ word: ArraySlice<UInt8>) {
    if word.matches("EX") {
      self = .seconds
    } else if word.matches("PX") {
      self = .milliseconds
    } else if word.matches("EXAT") {
      self = .atSeconds
    } else if word.matches("PXAT") {
      self = .atMilliseconds
    } else {
      return nil
    }
  }

  /// Milliseconds since the Unix epoch; of a number that is not above 0 an error.
  func time(_ number: ArraySlice<UInt8>, _ context: CommandContext, _ command: String)
    throws(CommandStop) -> Int64
  {
    guard let value = number.strictInteger() else { throw .notInteger }
    let invalid = CommandStop.error("ERR invalid expire time in '\(command)' command")
    guard value > 0 else { throw invalid }
    return try time(value, context, invalid)
  }

  func time(_ value: Int64, _ context: CommandContext, _ invalid: CommandStop)
    throws(CommandStop) -> Int64
  {
    let isSeconds = self == .seconds || self == .atSeconds
    let (milliseconds, isOver) = value.multipliedReportingOverflow(by: isSeconds ? 1_000 : 1)
    if isOver { throw invalid }
    if self == .atSeconds || self == .atMilliseconds { return milliseconds }
    let (time, isLate) = context.now.addingReportingOverflow(milliseconds)
    if isLate { throw invalid }
    return time
  }
}
