import Base
import Catalog

/// GET, SET and what else works on strings.
enum StringCommands {
  static let all: [CommandSpec] = [
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
        try context.setString(command[index], command.array(index + 1))
      }
      context.reply.ok()
    },
    .data("incr", 2, [.write, .denyOOM, .fast]) { (context, command) throws(CommandStop) in
      try increment(context, command[1], by: 1)
    },
    .data("decr", 2, [.write, .denyOOM, .fast]) { (context, command) throws(CommandStop) in
      try increment(context, command[1], by: -1)
    },
    .data("incrby", 3, [.write, .denyOOM, .fast]) { (context, command) throws(CommandStop) in
      guard let amount = command[2].strictInteger() else { throw .notInteger }
      try increment(context, command[1], by: amount)
    },
    .data("decrby", 3, [.write, .denyOOM, .fast]) { (context, command) throws(CommandStop) in
      guard let amount = command[2].strictInteger() else { throw .notInteger }
      guard amount != .min else { throw .error("ERR decrement would overflow") }
      try increment(context, command[1], by: -amount)
    },
  ]

  private static func increment(
    _ context: CommandContext, _ name: ArraySlice<UInt8>, by amount: Int64
  ) throws(CommandStop) {
    var key = try context.keyToWrite(name, .string)
    var row = key.row ?? KeyRow(string: [UInt8(ascii: "0")])
    guard let old = (row.value ?? []).strictInteger() else { throw .notInteger }
    let (sum, isOver) = old.addingReportingOverflow(amount)
    if isOver { throw .error("ERR increment or decrement would overflow") }
    row.value = Array(String(sum).utf8)
    key.row = row
    try context.save(key)
    context.notify(.string, "incrby", key)
    context.reply.integer(sum)
  }

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
    let options = try setOptions(context, command)
    let key = try context.keyToWrite(command[1])
    if options.returnsOld, let row = key.row, row.type != .string { throw .wrongType }
    let isRefused = (options.isOnlyNew && key.exists) || (options.isOnlyOld && !key.exists)
    if isRefused {
      if options.returnsOld { context.reply.optional(key.row?.value) } else { context.reply.null() }
      return
    }
    try context.removeElements(key)
    var next = key
    next.row = KeyRow(
      string: command.array(2),
      expiresAt: options.keepsExpiry ? key.row?.expiresAt : options.expiresAt)
    try context.save(next)
    context.notify(.string, "set", next)
    if options.expiresAt != nil { context.notify(.generic, "expire", next) }
    if options.returnsOld { context.reply.optional(key.row?.value) } else { context.reply.ok() }
  }

  private static func setOptions(_ context: CommandContext, _ command: CommandArguments)
    throws(CommandStop) -> SetOptions
  {
    var options = SetOptions()
    var hasExpiry = false
    var index = 3
    while index < command.count {
      if command.matches(index, "NX") {
        options.isOnlyNew = true
      } else if command.matches(index, "XX") {
        options.isOnlyOld = true
      } else if command.matches(index, "GET") {
        options.returnsOld = true
      } else if command.matches(index, "KEEPTTL"), !hasExpiry {
        options.keepsExpiry = true
        hasExpiry = true
      } else if let unit = ExpiryUnit(command[index]), !hasExpiry, index + 1 < command.count {
        options.expiresAt = try unit.time(command[index + 1], context, "set")
        hasExpiry = true
        index += 1
      } else {
        throw .syntax
      }
      index += 1
    }
    if options.isOnlyNew && options.isOnlyOld { throw .syntax }
    return options
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

extension CommandContext {
  /// SET without options: whatever the key holds is replaced, and never expires.
  func setString(_ name: ArraySlice<UInt8>, _ value: [UInt8]) throws(CommandStop) {
    var key = try keyToWrite(name)
    try removeElements(key)
    key.row = KeyRow(string: value)
    try save(key)
    notify(.string, "set", key)
  }
}
