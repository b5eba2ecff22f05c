import Base
import Catalog

/// Commands on sets.
enum SetCommands {
  static let all: [CommandSpec] = basic + SetRandomCommands.all + SetAlgebraCommands.all

  private static let basic: [CommandSpec] = [
    .data("sadd", -3, [.write, .denyOOM, .fast]) { (context, command) throws(CommandStop) in
      var set = try context.setToWrite(command[1])
      var added = 0
      for index in 2..<command.count where try set.add(command[index]) { added += 1 }
      try set.finish()
      if added > 0 { context.notify(.set, "sadd", set.key) }
      context.reply.integer(added)
    },
    .data("srem", -3, [.write, .fast]) { (context, command) throws(CommandStop) in
      var set = try context.setToWrite(command[1])
      var removed = 0
      for index in 2..<command.count where try set.remove(command[index]) { removed += 1 }
      let isGone = try set.finish()
      if removed > 0 { context.notify(.set, "srem", set.key) }
      if isGone { context.notify(.generic, "del", set.key) }
      context.reply.integer(removed)
    },
    .data("sismember", 3, [.readOnly, .fast]) { (context, command) throws(CommandStop) in
      context.reply.integer(try context.set(command[1]).contains(command[2]) ? 1 : 0)
    },
    .data("smismember", -3, [.readOnly, .fast]) { (context, command) throws(CommandStop) in
      let set = try context.set(command[1])
      context.reply.array(command.count - 2)
      for index in 2..<command.count {
        context.reply.integer(try set.contains(command[index]) ? 1 : 0)
      }
    },
    .data("scard", 2, [.readOnly, .fast]) { (context, command) throws(CommandStop) in
      context.reply.integer(try context.set(command[1]).count)
    },
    .data("smembers", 2, [.readOnly]) { (context, command) throws(CommandStop) in
      var members = ReplyWriter(version: context.reply.version)
      var count = 0
      try context.set(command[1]).visit { member in
        members.bulk(member)
        count += 1
        return true
      }
      context.reply.set(count)
      context.reply.bytes += members.bytes
    },
    .data("smove", 4, [.write, .fast], .firstTwo, move),
  ]

  private static func move(_ context: CommandContext, _ command: CommandArguments)
    throws(CommandStop)
  {
    let (from, to) = (try context.keyToWrite(command[1]), try context.keyToWrite(command[2]))
    guard from.exists else { return context.reply.integer(0) }
    for key in [from, to] { if let row = key.row, row.type != .set { throw .wrongType } }
    var source = SetRows(context, from)
    if from.rowKey == to.rowKey {
      return context.reply.integer(try source.contains(command[3]) ? 1 : 0)
    }
    guard try source.remove(command[3]) else { return context.reply.integer(0) }
    let isGone = try source.finish()
    context.notify(.set, "srem", from)
    if isGone { context.notify(.generic, "del", from) }
    var target = SetRows(context, to)
    if try target.add(command[3]) {
      try target.finish()
      context.notify(.set, "sadd", to)
    }
    context.reply.integer(1)
  }
}

extension CommandContext {
  func set(_ name: ArraySlice<UInt8>) throws(CommandStop) -> SetRows {
    SetRows(self, try key(name, .set))
  }

  func setToWrite(_ name: ArraySlice<UInt8>) throws(CommandStop) -> SetRows {
    SetRows(self, try keyToWrite(name, .set))
  }

  func replySet(_ members: [[UInt8]]) {
    reply.set(members.count)
    for member in members { reply.bulk(member) }
  }

  /// The key, empty and without an expiry, for a command that stores its result there.
  func emptied(_ name: ArraySlice<UInt8>) throws(CommandStop) -> KeyState {
    let key = try keyToWrite(name)
    try remove(key)
    return KeyState(name: key.name, rowKey: key.rowKey, row: nil)
  }

  /// The same where the result is empty: the key goes.
  func storeNothing(_ name: ArraySlice<UInt8>) throws(CommandStop) {
    let key = try keyToWrite(name)
    if key.exists {
      try remove(key)
      notify(.generic, "del", key)
    }
    reply.integer(0)
  }
}
