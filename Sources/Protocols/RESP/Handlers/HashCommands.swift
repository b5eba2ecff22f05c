import Base
import Catalog

/// Commands on hashes.
enum HashCommands {
  static let all: [CommandSpec] =
    reading + writing + HashExpiryCommands.all + HashValueExpiryCommands.all
    + ElementScanCommands.all

  private static let reading: [CommandSpec] = [
    .data("hget", 3, [.readOnly, .fast]) { (context, command) throws(CommandStop) in
      try context.reply.optional(context.hash(command[1]).get(command[2])?.value)
    },
    .data("hmget", -3, [.readOnly, .fast]) { (context, command) throws(CommandStop) in
      let hash = try context.hash(command[1])
      context.reply.array(command.count - 2)
      for index in 2..<command.count {
        try context.reply.optional(hash.get(command[index])?.value)
      }
    },
    .data("hexists", 3, [.readOnly, .fast]) { (context, command) throws(CommandStop) in
      let found = try context.hash(command[1]).withField(command[2]) { _ in true }
      context.reply.integer(found == nil ? 0 : 1)
    },
    .data("hstrlen", 3, [.readOnly, .fast]) { (context, command) throws(CommandStop) in
      let length = try context.hash(command[1]).withField(command[2]) { $0.value.count }
      context.reply.integer(length ?? 0)
    },
    .data("hlen", 2, [.readOnly, .fast]) { (context, command) throws(CommandStop) in
      context.reply.integer(try context.hash(command[1]).count())
    },
    .data("hgetall", 2, [.readOnly]) { (context, command) throws(CommandStop) in
      try all(context, command, names: true, values: true)
    },
    .data("hkeys", 2, [.readOnly]) { (context, command) throws(CommandStop) in
      try all(context, command, names: true, values: false)
    },
    .data("hvals", 2, [.readOnly]) { (context, command) throws(CommandStop) in
      try all(context, command, names: false, values: true)
    },
    .data("hrandfield", -2, [.readOnly], .first, random),
  ]

  private static func all(
    _ context: CommandContext, _ command: CommandArguments, names: Bool, values: Bool
  ) throws(CommandStop) {
    var fields = ReplyWriter(version: context.reply.version)
    var count = 0
    try context.hash(command[1]).visit { field in
      if names { fields.bulk(field.name) }
      if values { fields.bulk(field.value) }
      count += 1
      return true
    }
    if names && values { context.reply.map(count) } else { context.reply.array(count) }
    context.reply.bytes += fields.bytes
  }

  private static func random(_ context: CommandContext, _ command: CommandArguments)
    throws(CommandStop)
  {
    guard command.count > 2 else {
      let hash = try context.hash(command[1])
      let field = try RandomRanks.draw(1, of: hash.count(), &context.random) {
        (ranks) throws(CommandStop) in try hash.pick(ranks)
      }
      return context.reply.optional(field.first?.name)
    }
    let isPaired = command.count > 3
    _ = try command.randomCount(2, isPaired: false)
    if command.count > 4 || (isPaired && !command.matches(3, "WITHVALUES")) { throw .syntax }
    let count = try command.randomCount(2, isPaired: isPaired)
    let hash = try context.hash(command[1])
    let fields = try RandomRanks.draw(count, of: hash.count(), &context.random) {
      (ranks) throws(CommandStop) in try hash.pick(ranks)
    }
    context.replyPairs(fields.count, isPaired: isPaired) { reply, index in
      reply.bulk(fields[index].name)
      if isPaired { reply.bulk(fields[index].value) }
    }
  }

  // MARK: Writing

  private static let writing: [CommandSpec] = [
    .data("hset", -4, [.write, .denyOOM, .fast]) { (context, command) throws(CommandStop) in
      context.reply.integer(try set(context, command, "hset"))
    },
    .data("hmset", -4, [.write, .denyOOM, .fast]) { (context, command) throws(CommandStop) in
      _ = try set(context, command, "hmset")
      context.reply.ok()
    },
    .data("hsetnx", 4, [.write, .denyOOM, .fast]) { (context, command) throws(CommandStop) in
      var hash = try context.hashToWrite(command[1])
      if try hash.withField(command[2], { _ in true }) != nil { return context.reply.integer(0) }
      try hash.set(command[2], command[3])
      try hash.finish()
      context.notify(.hash, "hset", hash.key)
      context.reply.integer(1)
    },
    .data("hdel", -3, [.write, .fast]) { (context, command) throws(CommandStop) in
      var hash = try context.hashToWrite(command[1])
      var removed = 0
      for index in 2..<command.count where try hash.remove(command[index]) { removed += 1 }
      let isGone = try hash.finish()
      if removed > 0 { context.notify(.hash, "hdel", hash.key) }
      if isGone { context.notify(.generic, "del", hash.key) }
      context.reply.integer(removed)
    },
    .data("hincrby", 4, [.write, .denyOOM, .fast], .first, increment),
    .data("hincrbyfloat", 4, [.write, .denyOOM, .fast], .first, incrementFloat),
  ]

  private static func set(
    _ context: CommandContext, _ command: CommandArguments, _ name: String
  ) throws(CommandStop) -> Int {
    guard command.count % 2 == 0 else { throw .wrongArity(name) }
    var hash = try context.hashToWrite(command[1])
    var created = 0
    for index in stride(from: 2, to: command.count, by: 2)
    where try hash.set(command[index], command[index + 1]) { created += 1 }
    try hash.finish()
    context.notify(.hash, "hset", hash.key)
    return created
  }

  private static func increment(_ context: CommandContext, _ command: CommandArguments)
    throws(CommandStop)
  {
    let amount = try command.integer(3)
    var hash = try context.hashToWrite(command[1])
    let field = try hash.get(command[2])
    var value: Int64 = 0
    if let field {
      guard let number = field.value.strictInteger() else {
        throw .error("ERR hash value is not an integer")
      }
      value = number
    }
    let (sum, isOver) = value.addingReportingOverflow(amount)
    if isOver { throw .error("ERR increment or decrement would overflow") }
    try hash.set(command[2], String(sum).utf8, expiresAt: field?.expiresAt)
    try hash.finish()
    context.notify(.hash, "hincrby", hash.key)
    context.reply.integer(sum)
  }

  private static func incrementFloat(_ context: CommandContext, _ command: CommandArguments)
    throws(CommandStop)
  {
    guard let amount = command[3].longDouble() else { throw .notFloat }
    if amount.isNaN || amount.isInfinite { throw .error("ERR value is NaN or Infinity") }
    var hash = try context.hashToWrite(command[1])
    let field = try hash.get(command[2])
    var value: LongDouble = 0
    if let field {
      guard let number = field.value.longDouble() else {
        throw .error("ERR hash value is not a float")
      }
      value = number
    }
    value += amount
    if value.isNaN || value.isInfinite {
      throw .error("ERR increment would produce NaN or Infinity")
    }
    let text = Array(value.redisText.utf8)
    try hash.set(command[2], text, expiresAt: field?.expiresAt)
    try hash.finish()
    context.notify(.hash, "hincrbyfloat", hash.key)
    context.reply.bulk(text)
  }
}

extension CommandContext {
  func hash(_ name: ArraySlice<UInt8>) throws(CommandStop) -> HashRows {
    HashRows(self, try key(name, .hash))
  }

  func hashToWrite(_ name: ArraySlice<UInt8>) throws(CommandStop) -> HashRows {
    HashRows(self, try keyToWrite(name, .hash))
  }

  /// An array of `count` elements that are single, or pairs: those are arrays of their own in RESP3.
  func replyPairs(
    _ count: Int, isPaired: Bool, _ element: (inout ReplyWriter, Int) -> Void
  ) {
    reply.array(isPaired && !reply.isRESP3 ? count * 2 : count)
    for index in 0..<count {
      if isPaired && reply.isRESP3 { reply.array(2) }
      element(&reply, index)
    }
  }
}
