import Base
import Catalog
import Node

/// What commands do in a script that outside are the session's.
enum ScriptedCommands {
  private static let handlers: [String: DataHandler] = [
    "ping": { (context, command) throws(CommandStop) in
      guard command.count <= 2 else { throw .wrongArity("ping") }
      if command.count == 2 { context.reply.bulk(command[1]) } else { context.reply.simple("PONG") }
    },
    "echo": { (context, command) throws(CommandStop) in context.reply.bulk(command[1]) },
    "select": select,
    "time": { (context, _) throws(CommandStop) in
      let microseconds = Int64(context.rows.time.rawValue / 1_000)
      context.reply.array(2)
      context.reply.bulk(microseconds / 1_000_000)
      context.reply.bulk(microseconds % 1_000_000)
    },
    "publish": publish,
    "spublish": publish,
    "dbsize": { (context, _) throws(CommandStop) in
      context.reply.integer(try context.allKeys().count)
    },
    "keys": { (context, command) throws(CommandStop) in
      let pattern = GlobPattern(command[1])
      context.reply.bulks(try context.allKeys().filter { pattern.matches($0) })
    },
    "randomkey": { (context, _) throws(CommandStop) in
      context.reply.optional(try context.allKeys().randomElement(using: &context.random))
    },
    "scan": scan,
    "flushdb": { (context, _) throws(CommandStop) in
      try context.removeAllKeys()
      context.reply.ok()
    },
    "flushall": { (context, _) throws(CommandStop) in
      let outer = context.db
      defer { context.db = outer }
      for db in 0..<context.options.databases {
        context.db = db
        try context.removeAllKeys()
      }
      context.reply.ok()
    },
  ]

  /// Nil: scripts cannot use it.
  static func handler(of spec: CommandSpec) -> DataHandler? {
    if case .data(let handler) = spec.body { return handler }
    return handlers[spec.name]
  }

  /// All at once: the rows are here already.
  private static func scan(_ context: CommandContext, _ command: CommandArguments)
    throws(CommandStop)
  {
    let cursor = try ScanOptions.cursor(command[1])
    let options = try ScanOptions(command, from: 2, isKeyspace: true)
    var found: [[UInt8]] = []
    if cursor == 0 {
      for name in try context.allKeys() where options.matches(name) {
        let type = try context.key(name).row?.type.name ?? ""
        if let wanted = options.type, wanted != Array(type.utf8) { continue }
        found.append(name)
      }
    }
    context.reply.array(2)
    context.reply.bulk("0")
    context.reply.bulks(found)
  }

  /// For what follows in the script.
  private static func select(_ context: CommandContext, _ command: CommandArguments)
    throws(CommandStop)
  {
    guard let db = command[1].strictInteger() else { throw .error("ERR invalid DB index") }
    guard db >= 0, db < Int64(context.options.databases) else {
      throw .error("ERR DB index is out of range")
    }
    context.db = Int(db)
    context.reply.ok()
  }

  /// The message leaves when everything has committed: who will hear it is not known yet.
  private static func publish(_ context: CommandContext, _ command: CommandArguments)
    throws(CommandStop)
  {
    context.messages.append(
      Publication(
        isForShard: command[0].matches("SPUBLISH"), channel: command.array(1),
        message: command.array(2)))
    context.reply.integer(0)
  }
}

extension CommandContext {
  /// The names of all keys of the database.
  fileprivate func allKeys() throws(CommandStop) -> [[UInt8]] {
    try rows.requireDatabase(db)
    var names: [[UInt8]] = []
    let prefix = RowKey.database(db)
    try rows.scan(RedisSchema.keys, lower: prefix, upper: RowKey.end(of: prefix)) { key, _ in
      names.append(RowKey.name(key))
      return true
    }
    return names
  }

  fileprivate func removeAllKeys() throws(CommandStop) {
    for name in try allKeys() { try remove(try keyToWrite(name)) }
  }
}

extension ReplyWriter {
  fileprivate mutating func bulks(_ values: [[UInt8]]) {
    array(values.count)
    for value in values { bulk(value) }
  }
}
