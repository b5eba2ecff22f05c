import Base
import Catalog

/// Commands on keys of any type.
enum KeyCommands {
  static let all: [CommandSpec] = [
    .data("del", -2, [.write], .all, delete),
    .data("unlink", -2, [.write, .fast], .all, delete),
    .data("exists", -2, [.readOnly, .fast], .all, count),
    .data("touch", -2, [.readOnly, .fast], .all, count),
    .data("type", 2, [.readOnly, .fast]) { (context, command) throws(CommandStop) in
      context.reply.simple(try context.key(command[1]).row?.type.name ?? "none")
    },
    .data("rename", 3, [.write], .firstTwo) { (context, command) throws(CommandStop) in
      try rename(context, command)
      context.reply.ok()
    },
    .data("renamenx", 3, [.write, .fast], .firstTwo) { (context, command) throws(CommandStop) in
      context.reply.integer(try rename(context, command, onlyNew: true) ? 1 : 0)
    },
    .data("copy", -3, [.write, .denyOOM], .firstTwo, copy),
    .data("move", 3, [.write, .fast], .first, move),
    .data("object", -2, [.readOnly], .found(ObjectCommand.keys), ObjectCommand.run),
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

  private static func count(_ context: CommandContext, _ command: CommandArguments)
    throws(CommandStop)
  {
    var count = 0
    for index in 1..<command.count where try context.key(command[index]).exists { count += 1 }
    context.reply.integer(count)
  }

  /// False: there is such a key already.
  @discardableResult
  private static func rename(
    _ context: CommandContext, _ command: CommandArguments, onlyNew: Bool = false
  ) throws(CommandStop) -> Bool {
    let source = try context.keyToWrite(command[1])
    guard source.exists else { throw .noSuchKey }
    if command[1].elementsEqual(command[2]) { return !onlyNew }
    let target = try context.keyToWrite(command[2])
    if target.exists, onlyNew { return false }
    try context.remove(target)
    try context.copy(source, to: target, db: context.db)
    try context.remove(source)
    context.notify(.generic, "rename_from", source)
    context.notify(.generic, "rename_to", target)
    return true
  }

  private static let sameObject = CommandStop.error(
    "ERR source and destination objects are the same")

  private static func copy(_ context: CommandContext, _ command: CommandArguments)
    throws(CommandStop)
  {
    var db = context.db
    var replaces = false
    var index = 3
    while index < command.count {
      if command.matches(index, "REPLACE") {
        replaces = true
      } else if command.matches(index, "DB"), index + 1 < command.count {
        db = try database(context, command[index + 1])
        index += 1
      } else {
        throw .syntax
      }
      index += 1
    }
    if db == context.db, command[1].elementsEqual(command[2]) { throw sameObject }
    let source = try context.key(command[1])
    guard source.exists else { return context.reply.integer(0) }
    let target = try context.keyToWrite(command.array(2), db: db)
    if target.exists, !replaces { return context.reply.integer(0) }
    try context.remove(target)
    try context.copy(source, to: target, db: db)
    context.notify(.generic, "copy_to", target, db: db)
    context.reply.integer(1)
  }

  private static func move(_ context: CommandContext, _ command: CommandArguments)
    throws(CommandStop)
  {
    let db = try database(context, command[2])
    if db == context.db { throw sameObject }
    let source = try context.keyToWrite(command[1])
    guard source.exists else { return context.reply.integer(0) }
    let target = try context.keyToWrite(command.array(1), db: db)
    if target.exists { return context.reply.integer(0) }
    try context.copy(source, to: target, db: db)
    try context.remove(source)
    context.notify(.generic, "move_from", source)
    context.notify(.generic, "move_to", target, db: db)
    context.reply.integer(1)
  }

  private static func database(_ context: CommandContext, _ argument: ArraySlice<UInt8>)
    throws(CommandStop) -> Int
  {
    guard let number = argument.strictInteger().flatMap({ Int32(exactly: $0) }) else {
      throw .notInteger
    }
    guard number >= 0, number < context.options.databases else {
      throw .error("ERR DB index is out of range")
    }
    return Int(number)
  }
}
