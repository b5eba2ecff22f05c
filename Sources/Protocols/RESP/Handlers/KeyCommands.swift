import Base
import Catalog

/// Commands on keys of any type.
enum KeyCommands {
  static let all: [CommandSpec] = [
    .data("del", -2, [.write], .all, delete),
    .data("unlink", -2, [.write, .fast], .all, delete),
    .data("exists", -2, [.readOnly, .fast], .all) { (context, command) throws(CommandStop) in
      var count = 0
      for index in 1..<command.count where try context.key(command[index]).exists { count += 1 }
      context.reply.integer(count)
    },
    .data("type", 2, [.readOnly, .fast]) { (context, command) throws(CommandStop) in
      context.reply.simple(try context.key(command[1]).row?.type.name ?? "none")
    },
  ]

  private static func delete(_ context: CommandContext, _ command: CommandArguments)
    throws(CommandStop)
  {
    var count = 0
    for index in 1..<command.count {
      let key = try context.keyToWrite(command[index])
      guard key.exists else { continue }
      try context.remove(key)
      context.notify(.generic, "del", key)
      count += 1
    }
    context.reply.integer(count)
  }
}
