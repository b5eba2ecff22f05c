import Base
import Catalog

/// SINTER, SUNION, SDIFF and their like: sets from several sets.
enum SetAlgebraCommands {
  static let all: [CommandSpec] = [
    .data("sinter", -2, [.readOnly], .all) { (context, command) throws(CommandStop) in
      context.replySet(try intersection(context.sets(command, 1..<command.count)))
    },
    .data("sunion", -2, [.readOnly], .all) { (context, command) throws(CommandStop) in
      context.replySet(try union(context.sets(command, 1..<command.count)))
    },
    .data("sdiff", -2, [.readOnly], .all) { (context, command) throws(CommandStop) in
      context.replySet(try difference(context.sets(command, 1..<command.count)))
    },
    .data("sinterstore", -3, [.write, .denyOOM], .all) { (context, command) throws(CommandStop) in
      let members = try intersection(context.sets(command, 2..<command.count))
      try store(context, command[1], members, "sinterstore")
    },
    .data("sunionstore", -3, [.write, .denyOOM], .all) { (context, command) throws(CommandStop) in
      let members = try union(context.sets(command, 2..<command.count))
      try store(context, command[1], members, "sunionstore")
    },
    .data("sdiffstore", -3, [.write, .denyOOM], .all) { (context, command) throws(CommandStop) in
      let members = try difference(context.sets(command, 2..<command.count))
      try store(context, command[1], members, "sdiffstore")
    },
    .data("sintercard", -3, [.readOnly, .movableKeys], .counted(at: 1), cardinality),
  ]

  private static func store(
    _ context: CommandContext, _ name: ArraySlice<UInt8>, _ members: [[UInt8]],
    _ event: StaticString
  ) throws(CommandStop) {
    if members.isEmpty { return try context.storeNothing(name) }
    var set = SetRows(context, try context.emptied(name))
    for member in members { try set.add(member) }
    try set.finish()
    context.notify(.set, event, set.key)
    context.reply.integer(members.count)
  }

  private static func cardinality(_ context: CommandContext, _ command: CommandArguments)
    throws(CommandStop)
  {
    let count = try command.integer(
      1, atLeast: 1, or: "numkeys should be greater than 0")
    guard count <= Int64(command.count - 2) else {
      throw .error("ERR Number of keys can't be greater than number of args")
    }
    var limit: Int64 = 0
    var index = 2 + Int(count)
    while index < command.count {
      guard command.matches(index, "LIMIT"), index + 1 < command.count else { throw .syntax }
      limit = try command.integer(index + 1, atLeast: 0, or: "LIMIT can't be negative")
      index += 2
    }
    let sets = try context.sets(command, 2..<2 + Int(count))
    context.reply.integer(try intersection(sets, limit: limit == 0 ? nil : Int(limit)).count)
  }

  // MARK: The sets

  /// Walks the smallest set and looks into the others.
  private static func intersection(_ sets: [SetRows], limit: Int? = nil) throws(CommandStop)
    -> [[UInt8]]
  {
    var smallest = 0
    for index in sets.indices where sets[index].count < sets[smallest].count { smallest = index }
    var common: [[UInt8]] = []
    for member in try sets[smallest].members() {
      if let limit, common.count >= limit { break }
      var isCommon = true
      for index in sets.indices where index != smallest {
        isCommon = try sets[index].contains(member)
        if !isCommon { break }
      }
      if isCommon { common.append(member) }
    }
    return common
  }

  private static func union(_ sets: [SetRows]) throws(CommandStop) -> [[UInt8]] {
    var seen: Set<[UInt8]> = []
    var members: [[UInt8]] = []
    for set in sets {
      for member in try set.members() where seen.insert(member).inserted { members.append(member) }
    }
    return members
  }

  private static func difference(_ sets: [SetRows]) throws(CommandStop) -> [[UInt8]] {
    var members: [[UInt8]] = []
    for member in try sets[0].members() {
      var isElsewhere = false
      for set in sets.dropFirst() {
        isElsewhere = try set.contains(member)
        if isElsewhere { break }
      }
      if !isElsewhere { members.append(member) }
    }
    return members
  }
}

extension CommandContext {
  func sets(_ command: CommandArguments, _ places: Range<Int>) throws(CommandStop) -> [SetRows] {
    var sets: [SetRows] = []
    for place in places { sets.append(try set(command[place])) }
    return sets
  }
}
