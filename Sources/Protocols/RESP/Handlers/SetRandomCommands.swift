import Base
import Catalog

/// SPOP and SRANDMEMBER.
enum SetRandomCommands {
  static let all: [CommandSpec] = [
    .data("spop", -2, [.write, .fast], .first, pop),
    .data("srandmember", -2, [.readOnly], .first, random),
  ]

  private static func pop(_ context: CommandContext, _ command: CommandArguments)
    throws(CommandStop)
  {
    if command.count > 3 { throw .syntax }
    let wanted = command.count == 3 ? try command.count(2) : nil
    var set = try context.setToWrite(command[1])
    guard set.exists, wanted != 0 else {
      return wanted == nil ? context.reply.null() : context.reply.set(0)
    }
    let count = Int(min(wanted ?? 1, Int64(set.count)))
    let members = try set.pick(RandomRanks.distinct(count, of: set.count, &context.random))
    for member in members { try set.remove(member) }
    let isGone = try set.finish()
    context.notify(.set, "spop", set.key)
    if isGone { context.notify(.generic, "del", set.key) }
    if wanted == nil { context.reply.optional(members.first) } else { context.replySet(members) }
  }

  private static func random(_ context: CommandContext, _ command: CommandArguments)
    throws(CommandStop)
  {
    if command.count > 3 { throw .syntax }
    let count = command.count == 3 ? try command.randomCount(2, isPaired: false) : 1
    let set = try context.set(command[1])
    let members = try RandomRanks.draw(count, of: set.count, &context.random) {
      (ranks) throws(CommandStop) in try set.pick(ranks)
    }
    if command.count < 3 { return context.reply.optional(members.first) }
    context.reply.array(members.count)
    for member in members { context.reply.bulk(member) }
  }
}
