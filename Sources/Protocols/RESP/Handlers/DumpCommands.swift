import Base

/// DUMP and RESTORE: values in the format of Redis' files.
enum DumpCommands {
  static let all: [CommandSpec] = [
    .data("dump", 2, [.readOnly]) { (context, command) throws(CommandStop) in
      let key = try context.key(command[1])
      guard let row = key.row else { return context.reply.null() }
      context.reply.bulk(DumpWriter.payload(try WholeCollection.value(context, key, row)))
    },
    .data("restore", -4, [.write, .denyOOM], .first, restore),
    .data("restore-asking", -4, [.write, .denyOOM], .first, restore), MigrateCommand.spec,
  ]

  private struct Options {
    var replaces = false
    var isAbsolute = false

    /// Seconds for which the key was not used.
    var idle: Int64?
    /// How often it was, as its logarithm.
    var frequency: Int64?

    init(_ command: CommandArguments) throws(CommandStop) {
      var index = 4
      while index < command.count {
        let hasValue = index + 1 < command.count
        if command.matches(index, "REPLACE") {
          replaces = true
        } else if command.matches(index, "ABSTTL") {
          isAbsolute = true
        } else if command.matches(index, "IDLETIME"), hasValue, frequency == nil {
          guard let number = command[index + 1].strictInteger() else { throw .notInteger }
          guard number >= 0 else { throw .error("ERR Invalid IDLETIME value, must be >= 0") }
          idle = number
          index += 1
        } else if command.matches(index, "FREQ"), hasValue, idle == nil {
          guard let number = command[index + 1].strictInteger() else { throw .notInteger }
          guard (0...255).contains(number) else {
            throw .error("ERR Invalid FREQ value, must be >= 0 and <= 255")
          }
          frequency = number
          index += 1
        } else {
          throw .syntax
        }
        index += 1
      }
    }
  }

  private static func restore(_ context: CommandContext, _ command: CommandArguments)
    throws(CommandStop)
  {
    let options = try Options(command)
    let key = try context.keyToWrite(command[1])
    if key.exists, !options.replaces {
      throw .error("BUSYKEY Target key name already exists.")
    }
    guard var time = command[2].strictInteger() else { throw .notInteger }
    guard time >= 0 else { throw .error("ERR Invalid TTL value, must be >= 0") }
    guard DumpReader.isWhole(command[3]) else {
      throw .error("ERR DUMP payload version or checksum are wrong")
    }
    let value: DumpedValue
    do throws(DecodingFault) {
      value = try DumpReader.value(command[3])
    } catch {
      throw .error("ERR Bad data format")
    }
    try context.remove(key)
    if time > 0, !options.isAbsolute { time &+= context.now }
    if time != 0, time <= context.now {
      // It would have expired before anybody could see it.
      if key.exists { context.notify(.generic, "del", key) }
      return context.reply.ok()
    }
    var next = key
    next.row = nil
    try WholeCollection.write(value, context, next, expiresAt: time == 0 ? nil : time)
    if let keeper = context.rows.keeper {
      if let idle = options.idle { keeper.restore(next.rowKey, idle: idle) }
      if let frequency = options.frequency { keeper.restore(next.rowKey, frequency: frequency) }
    }
    context.notify(.generic, "restore", next)
    context.reply.ok()
  }
}
