import Base
import Catalog

/// OBJECT: what Redis would say about how it keeps a key.
enum ObjectCommand {
  @Sendable static func keys(_ command: CommandArguments) -> [Int]? {
    command.count > 2 ? [2] : []
  }

  private static let help = [
    "OBJECT <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
    "ENCODING <key>",
    "    How Redis would keep the value of the <key>.",
    "FREQ <key>",
    "    How often the <key> is used, as a logarithm.",
    "IDLETIME <key>",
    "    Seconds since the <key> was written.",
    "REFCOUNT <key>",
    "    How many keys share the value of the <key>.",
    "HELP",
    "    This text.",
  ]

  @Sendable static func run(_ context: CommandContext, _ command: CommandArguments)
    throws(CommandStop)
  {
    if command.matches(1, "HELP"), command.count == 2 {
      context.reply.array(help.count)
      for line in help { context.reply.simple(line) }
      return
    }
    let name = command.text(1).lowercased()
    guard ["encoding", "freq", "idletime", "refcount", "help"].contains(name) else {
      throw .error("ERR unknown subcommand '\(command.text(1))'. Try OBJECT HELP.")
    }
    guard command.count == 3, name != "help" else { throw .wrongArity("object|\(name)") }
    let key = try context.key(command[2], noting: .counts)
    guard let row = key.row else { return context.reply.null() }
    switch name {
    case "encoding": context.reply.bulk(try context.encoding(of: key, row))
    case "idletime":
      if context.configuration.evictionPolicy.isByFrequency { throw Self.noIdleTime }
      let unused = context.rows.keeper?.secondsUnused(key.rowKey)
      context.reply.integer(unused ?? context.secondsUnwritten(key))
    // Nothing is shared.
    case "refcount": context.reply.integer(1)
    default:
      guard context.configuration.evictionPolicy.isByFrequency else { throw Self.noFrequency }
      guard let keeper = context.rows.keeper else {
        throw .error("ERR the frequency is not known in a transaction over several tablets")
      }
      context.reply.integer(keeper.frequency(key.rowKey, context.configuration) ?? 0)
    }
  }

  private static let adjusting =
    "Please note that when switching between policies at runtime LRU and LFU data will take some time to adjust."
  private static let noFrequency = CommandStop.error(
    "ERR An LFU maxmemory policy is not selected, access frequency not tracked. \(adjusting)")
  private static let noIdleTime = CommandStop.error(
    "ERR An LFU maxmemory policy is selected, idle time not tracked. \(adjusting)")
}

/// Strings up to so many bytes are in one piece with their object.
private let embeddedBytes = 44

extension CommandContext {
  /// The name of the form in which Redis would keep the same contents.
  func encoding(of key: KeyState, _ row: KeyRow) throws(CommandStop) -> String {
    switch row.type {
    case .string:
      let value = row.value ?? []
      if row.isChangedInPlace { return "raw" }
      if value.strictInteger() != nil { return "int" }
      return value.count <= embeddedBytes ? "embstr" : "raw"
    case .list: return "quicklist"
    case .stream: return "stream"
    case .hash:
      let isCompact = try isSmall(
        key, RedisSchema.hash, row.length <= Int64(configuration.hashMaxListpackEntries),
        valueBytesMax: configuration.hashMaxListpackValue)
      return isCompact ? "listpack" : "hashtable"
    case .set:
      let isCompact = try isSmall(
        key, RedisSchema.set, row.length <= Int64(configuration.setMaxIntsetEntries),
        isIntegers: true)
      return isCompact ? "intset" : "hashtable"
    case .zset:
      let isCompact = try isSmall(
        key, RedisSchema.zset, row.length <= Int64(configuration.zsetMaxListpackEntries),
        valueBytesMax: configuration.zsetMaxListpackValue)
      return isCompact ? "listpack" : "skiplist"
    }
  }

  /// Whether every element is short, or an integer; looks at no more than the compact forms have.
  private func isSmall(
    _ key: KeyState, _ space: KeyspaceID, _ isShort: Bool, valueBytesMax: Int = .max,
    isIntegers: Bool = false
  ) throws(CommandStop) -> Bool {
    guard isShort else { return false }
    var fault: DecodingFault?
    var isSmall = true
    try rows.scan(space, lower: key.rowKey, upper: RowKey.end(of: key.rowKey)) { _, bytes in
      do throws(DecodingFault) {
        var reader = try ElementReader(bytes)
        try reader.skipKey()
        let name = try reader.text()
        if isIntegers {
          isSmall = name.strictInteger() != nil
        } else {
          let value = space == RedisSchema.hash ? try reader.text().count : 0
          isSmall = max(name.count, value) <= valueBytesMax
        }
      } catch {
        fault = error
      }
      return isSmall && fault == nil
    }
    if let fault { throw .damaged(fault) }
    return isSmall
  }

  /// Whole seconds for which nobody has written the key; reads are not noted.
  func secondsUnwritten(_ key: KeyState) -> Int {
    func isUnwritten(_ seconds: UInt64) -> Bool {
      let (span, isOver) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
      let time = rows.time.rawValue
      guard !isOver, span < time else { return false }
      return !rows.keyHasChanged(key.rowKey, since: Timestamp(rawValue: time - span))
    }
    var limit: UInt64 = 1
    while isUnwritten(limit) { limit *= 2 }
    var (low, high) = (limit / 2, limit)
    while high - low > 1 {
      let middle = (low + high) / 2
      if isUnwritten(middle) { low = middle } else { high = middle }
    }
    return Int(low)
  }
}
