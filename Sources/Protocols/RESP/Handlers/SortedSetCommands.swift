import Base
import Catalog

/// Commands on sorted sets: single members. Ranges, pops and combinations have files of their own.
enum SortedSetCommands {
  static let all: [CommandSpec] =
    basic + SortedSetRangeCommands.all + SortedSetPopCommands.all + SortedSetAlgebraCommands.all

  private static let basic: [CommandSpec] = [
    .data("zadd", -4, [.write, .denyOOM, .fast]) { (context, command) throws(CommandStop) in
      try add(context, command, ZAddOptions(command))
    },
    .data("zincrby", 4, [.write, .denyOOM, .fast]) { (context, command) throws(CommandStop) in
      var options = ZAddOptions()
      options.isIncrement = true
      try add(context, command, options)
    },
    .data("zrem", -3, [.write, .fast]) { (context, command) throws(CommandStop) in
      var zset = try context.zsetToWrite(command[1])
      var removed = 0
      for index in 2..<command.count {
        guard let score = try zset.score(command[index]) else { continue }
        try zset.remove(ZSetElement(member: command.array(index), score: score))
        removed += 1
      }
      try context.finishRemoval(&zset, removed, "zrem")
    },
    .data("zcard", 2, [.readOnly, .fast]) { (context, command) throws(CommandStop) in
      context.reply.integer(try context.zset(command[1]).count)
    },
    .data("zscore", 3, [.readOnly, .fast]) { (context, command) throws(CommandStop) in
      context.replyScore(try context.zset(command[1]).score(command[2]))
    },
    .data("zmscore", -3, [.readOnly, .fast]) { (context, command) throws(CommandStop) in
      let zset = try context.zset(command[1])
      context.reply.array(command.count - 2)
      for index in 2..<command.count { context.replyScore(try zset.score(command[index])) }
    },
    .data("zrank", 3, [.readOnly, .fast]) { (context, command) throws(CommandStop) in
      try rank(context, command, reverse: false)
    },
    .data("zrevrank", 3, [.readOnly, .fast]) { (context, command) throws(CommandStop) in
      try rank(context, command, reverse: true)
    },
    .data("zrandmember", -2, [.readOnly], .first, random),
  ]

  private static func rank(_ context: CommandContext, _ command: CommandArguments, reverse: Bool)
    throws(CommandStop)
  {
    let zset = try context.zset(command[1])
    guard let score = try zset.score(command[2]) else { return context.reply.null() }
    let element = ZSetElement(member: command.array(2), score: score)
    context.reply.integer(try zset.rank(element, reverse: reverse))
  }

  private static func random(_ context: CommandContext, _ command: CommandArguments)
    throws(CommandStop)
  {
    let isPaired = command.count > 3
    var count: Int64 = 1
    if command.count > 2 {
      _ = try command.randomCount(2, isPaired: false)
      if command.count > 4 || (isPaired && !command.matches(3, "WITHSCORES")) { throw .syntax }
      count = try command.randomCount(2, isPaired: isPaired)
    }
    let zset = try context.zset(command[1])
    let elements = try RandomRanks.draw(count, of: zset.count, &context.random) {
      (ranks) throws(CommandStop) in try zset.pick(ranks)
    }
    if command.count == 2 { return context.reply.optional(elements.first?.member) }
    context.replyElements(elements, scores: isPaired)
  }

  // MARK: ZADD

  /// Of ZADD, and what stands in front of its scores.
  struct ZAddOptions {
    var isOnlyNew = false
    var isOnlyOld = false
    var isOnlyGreater = false
    var isOnlyLess = false
    var countsChanges = false
    var isIncrement = false
    /// Where the first score is.
    var first = 2

    init() {}

    init(_ command: CommandArguments) throws(CommandStop) {
      parsing: while first < command.count {
        switch true {
        case command.matches(first, "NX"): isOnlyNew = true
        case command.matches(first, "XX"): isOnlyOld = true
        case command.matches(first, "CH"): countsChanges = true
        case command.matches(first, "INCR"): isIncrement = true
        case command.matches(first, "GT"): isOnlyGreater = true
        case command.matches(first, "LT"): isOnlyLess = true
        default: break parsing
        }
        first += 1
      }
      let rest = command.count - first
      if rest == 0 || rest % 2 != 0 { throw .syntax }
      if isOnlyNew && isOnlyOld {
        throw .error("ERR XX and NX options at the same time are not compatible")
      }
      if (isOnlyNew && (isOnlyGreater || isOnlyLess)) || (isOnlyGreater && isOnlyLess) {
        throw .error("ERR GT, LT, and/or NX options at the same time are not compatible")
      }
      if isIncrement && rest > 2 {
        throw .error("ERR INCR option supports a single increment-element pair")
      }
    }

    /// What the member's score becomes; nil: nothing is done to it.
    func score(_ given: Double, old: Double?) throws(CommandStop) -> Double? {
      guard let old else { return isOnlyOld ? nil : given }
      if isOnlyNew { return nil }
      let score = isIncrement ? old + given : given
      if score.isNaN { throw .error("ERR resulting score is not a number (NaN)") }
      if (isOnlyLess && score >= old) || (isOnlyGreater && score <= old) { return nil }
      return score
    }
  }

  static func add(
    _ context: CommandContext, _ command: CommandArguments, _ options: ZAddOptions
  ) throws(CommandStop) {
    var scores: [Double] = []
    for index in stride(from: options.first, to: command.count, by: 2) {
      scores.append(try command.double(index))
    }
    var zset = try context.zsetToWrite(command[1])
    var (added, updated) = (0, 0)
    var result: Double?
    for (number, given) in scores.enumerated() {
      let member = command[options.first + number * 2 + 1]
      let old = try zset.score(member)
      guard let score = try options.score(given, old: old) else { continue }
      try zset.set(member, score, old: old)
      if old == nil { added += 1 } else if old != score { updated += 1 }
      result = score
    }
    try zset.finish()
    if added + updated > 0 {
      context.notify(.zset, options.isIncrement ? "zincr" : "zadd", zset.key)
    }
    if options.isIncrement { return context.replyScore(result) }
    context.reply.integer(options.countsChanges ? added + updated : added)
  }
}

extension CommandContext {
  func zset(_ name: ArraySlice<UInt8>) throws(CommandStop) -> ZSetRows {
    ZSetRows(self, try key(name, .zset))
  }

  func zsetToWrite(_ name: ArraySlice<UInt8>) throws(CommandStop) -> ZSetRows {
    ZSetRows(self, try keyToWrite(name, .zset))
  }

  func replyScore(_ score: Double?) {
    if let score { reply.double(score) } else { reply.null() }
  }

  func replyElements(_ elements: [ZSetElement], scores: Bool) {
    replyPairs(elements.count, isPaired: scores) { reply, index in
      reply.bulk(elements[index].member)
      if scores { reply.double(elements[index].score) }
    }
  }

  /// The end of a command that has removed members: notifications, and how many as the reply.
  func finishRemoval(_ zset: inout ZSetRows, _ removed: Int, _ event: StaticString)
    throws(CommandStop)
  {
    let isGone = try zset.finish()
    if removed > 0 { notify(.zset, event, zset.key) }
    if isGone { notify(.generic, "del", zset.key) }
    reply.integer(removed)
  }

  /// Replaces whatever the key holds by the elements, whose members are distinct.
  func storeElements(
    _ name: ArraySlice<UInt8>, _ elements: [ZSetElement], _ event: StaticString
  ) throws(CommandStop) {
    if elements.isEmpty { return try storeNothing(name) }
    var zset = ZSetRows(self, try emptied(name))
    for element in elements { try zset.set(element.member, element.score, old: nil) }
    try zset.finish()
    notify(.zset, event, zset.key)
    reply.integer(elements.count)
  }
}
