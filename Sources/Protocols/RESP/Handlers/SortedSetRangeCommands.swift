import Base
import Catalog

/// ZRANGE in all its forms, ZCOUNT and ZREMRANGEBY….
enum SortedSetRangeCommands {
  static let all: [CommandSpec] = [
    .data("zrange", -4, [.readOnly]) { (context, command) throws(CommandStop) in
      try show(context, command, RangeRequest(command, at: 1))
    },
    .data("zrevrange", -4, [.readOnly]) { (context, command) throws(CommandStop) in
      try show(context, command, RangeRequest(command, at: 1, by: .rank, isReverse: true))
    },
    .data("zrangebyscore", -4, [.readOnly]) { (context, command) throws(CommandStop) in
      try show(context, command, RangeRequest(command, at: 1, by: .score, isReverse: false))
    },
    .data("zrevrangebyscore", -4, [.readOnly]) { (context, command) throws(CommandStop) in
      try show(context, command, RangeRequest(command, at: 1, by: .score, isReverse: true))
    },
    .data("zrangebylex", -4, [.readOnly]) { (context, command) throws(CommandStop) in
      try show(context, command, RangeRequest(command, at: 1, by: .member, isReverse: false))
    },
    .data("zrevrangebylex", -4, [.readOnly]) { (context, command) throws(CommandStop) in
      try show(context, command, RangeRequest(command, at: 1, by: .member, isReverse: true))
    },
    .data("zrangestore", -5, [.write, .denyOOM], .firstTwo) {
      (context, command) throws(CommandStop) in
      let request = try RangeRequest(command, at: 2, stores: true)
      let elements = try request.elements(context.zset(command[2]))
      try context.storeElements(command[1], elements, "zrangestore")
    },
    .data("zcount", 4, [.readOnly, .fast]) { (context, command) throws(CommandStop) in
      let range = ZSetRange.scores(try ScoreRange(command[2], command[3]))
      context.reply.integer(try context.zset(command[1]).count(range))
    },
    .data("zlexcount", 4, [.readOnly, .fast]) { (context, command) throws(CommandStop) in
      let range = ZSetRange.members(try MemberRange(command[2], command[3]))
      context.reply.integer(try context.zset(command[1]).count(range))
    },
    .data("zremrangebyrank", 4, [.write]) { (context, command) throws(CommandStop) in
      let range = ZSetRange.ranks(try command.integer(2), try command.integer(3))
      try remove(context, command, range, "zremrangebyrank")
    },
    .data("zremrangebyscore", 4, [.write]) { (context, command) throws(CommandStop) in
      let range = ZSetRange.scores(try ScoreRange(command[2], command[3]))
      try remove(context, command, range, "zremrangebyscore")
    },
    .data("zremrangebylex", 4, [.write]) { (context, command) throws(CommandStop) in
      let range = ZSetRange.members(try MemberRange(command[2], command[3]))
      try remove(context, command, range, "zremrangebylex")
    },
  ]

  private static func show(
    _ context: CommandContext, _ command: CommandArguments, _ request: RangeRequest
  ) throws(CommandStop) {
    let elements = try request.elements(context.zset(command[1]))
    context.replyElements(elements, scores: request.hasScores)
  }

  private static func remove(
    _ context: CommandContext, _ command: CommandArguments, _ range: ZSetRange,
    _ event: StaticString
  ) throws(CommandStop) {
    var zset = try context.zsetToWrite(command[1])
    let elements = try zset.elements(range)
    for element in elements { try zset.remove(element) }
    try context.finishRemoval(&zset, elements.count, event)
  }
}

/// What ZRANGE and its like ask for.
struct RangeRequest {
  enum Kind { case rank, score, member }

  let range: ZSetRange
  let isReverse: Bool
  private(set) var hasScores = false
  private var offset: Int64 = 0
  private var limit: Int64 = -1

  /// `place`: of the key, whose range follows. `kind` and `isReverse`: what the command's name says;
  /// where it says nothing, options may.
  init(
    _ command: CommandArguments, at place: Int, by kind: Kind? = nil, isReverse: Bool? = nil,
    stores: Bool = false
  ) throws(CommandStop) {
    var (kind, direction) = (kind, isReverse)
    var index = place + 3
    while index < command.count {
      if !stores, command.matches(index, "WITHSCORES") {
        hasScores = true
      } else if command.matches(index, "LIMIT"), index + 2 < command.count {
        offset = try command.integer(index + 1)
        limit = try command.integer(index + 2)
        index += 2
      } else if direction == nil, command.matches(index, "REV") {
        direction = true
      } else if kind == nil, command.matches(index, "BYLEX") {
        kind = .member
      } else if kind == nil, command.matches(index, "BYSCORE") {
        kind = .score
      } else {
        throw .syntax
      }
      index += 1
    }
    self.isReverse = direction ?? false
    let (first, last) = (command[place + 1], command[place + 2])
    let (min, max) = self.isReverse ? (last, first) : (first, last)
    if limit != -1, kind ?? .rank == .rank {
      throw .error(
        "ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX")
    }
    switch kind ?? .rank {
    case .rank:
      range = .ranks(try command.integer(place + 1), try command.integer(place + 2))
    case .score: range = .scores(try ScoreRange(min, max))
    case .member:
      if hasScores {
        throw .error("ERR syntax error, WITHSCORES not supported in combination with BYLEX")
      }
      range = .members(try MemberRange(min, max))
    }
  }

  func elements(_ zset: ZSetRows) throws(CommandStop) -> [ZSetElement] {
    // As in the original: nothing comes behind a negative offset.
    if offset < 0 { return [] }
    return try zset.elements(
      range, reverse: isReverse, skipping: Int(offset), limit: limit < 0 ? nil : Int(limit))
  }
}
