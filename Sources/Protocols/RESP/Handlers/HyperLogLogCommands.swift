import Base

/// Estimates of how many different elements there are.
enum HyperLogLogCommands {
  static let all: [CommandSpec] = [
    .data("pfadd", -2, [.write, .denyOOM, .fast], .first, add),
    .data("pfcount", -2, [.readOnly, .mayReplicate], .all, count),
    .data("pfmerge", -2, [.write, .denyOOM], .all, merge),
    .data(
      "pfdebug", 3, [.write, .denyOOM, .admin], .range(first: 2, last: 2, step: 1), debug),
    .data("pfselftest", 1, [.admin], .none, selfTest),
  ]

  private static let corrupted = CommandStop.error("INVALIDOBJ Corrupted HLL object detected")

  /// What the key holds; nil where there is no such key.
  private static func log(of key: KeyState) throws(CommandStop) -> HyperLogLog? {
    guard let row = key.row else { return nil }
    guard row.type == .string else { throw .wrongType }
    guard let log = HyperLogLog(row.value ?? []) else {
      throw .error("WRONGTYPE Key is not a valid HyperLogLog string value.")
    }
    return log
  }

  private static func checked<R>(_ body: () throws(HyperLogLog.Corrupted) -> R)
    throws(CommandStop) -> R
  {
    do throws(HyperLogLog.Corrupted) { return try body() } catch { throw corrupted }
  }

  private static func save(_ context: CommandContext, _ key: KeyState, _ log: HyperLogLog)
    throws(CommandStop)
  {
    var next = key
    var row = key.row ?? KeyRow(.string)
    row.value = log.bytes
    row.isChangedInPlace = true
    next.row = row
    try context.save(next)
  }

  private static func add(_ context: CommandContext, _ command: CommandArguments)
    throws(CommandStop)
  {
    let key = try context.keyToWrite(command[1])
    let found = try log(of: key)
    var log = found ?? HyperLogLog()
    var hasChanged = found == nil
    for index in 2..<max(2, command.count) {
      let element = command[index]
      do throws(HyperLogLog.Corrupted) {
        if try log.add(element) { hasChanged = true }
      } catch {
        throw corrupted
      }
    }
    if hasChanged {
      log.cachedCount = nil
      try save(context, key, log)
      context.notify(.string, "pfadd", key)
    }
    context.reply.integer(hasChanged ? 1 : 0)
  }

  private static func count(_ context: CommandContext, _ command: CommandArguments)
    throws(CommandStop)
  {
    if command.count > 2 {
      var registers = Array(repeating: UInt8(0), count: HyperLogLog.registerCount)
      for index in 1..<command.count {
        guard let log = try log(of: try context.key(command[index])) else { continue }
        try raise(&registers, by: log)
      }
      return context.reply.integer(Int64(clamping: HyperLogLog.estimate(registers)))
    }
    let key = try context.key(command[1])
    guard var log = try log(of: key) else { return context.reply.integer(0) }
    if let known = log.cachedCount { return context.reply.integer(Int64(clamping: known)) }
    var registers = Array(repeating: UInt8(0), count: HyperLogLog.registerCount)
    try raise(&registers, by: log)
    let count = HyperLogLog.estimate(registers)
    log.cachedCount = count
    try context.rows.awaitOthers(key.rowKey)
    try save(context, key, log)
    context.reply.integer(Int64(clamping: count))
  }

  private static func raise(_ registers: inout [UInt8], by log: HyperLogLog) throws(CommandStop) {
    let others = try checked { () throws(HyperLogLog.Corrupted) in try log.registers() }
    for (place, rank) in others.enumerated() { registers[place] = max(registers[place], rank) }
  }

  private static func merge(_ context: CommandContext, _ command: CommandArguments)
    throws(CommandStop)
  {
    var registers = Array(repeating: UInt8(0), count: HyperLogLog.registerCount)
    var isDense = false
    for index in 1..<command.count {
      guard let log = try log(of: try context.key(command[index])) else { continue }
      if log.encoding == .dense { isDense = true }
      try raise(&registers, by: log)
    }
    let key = try context.keyToWrite(command[1])
    var target = try log(of: key) ?? HyperLogLog()
    do throws(HyperLogLog.Corrupted) {
      if isDense { try target.makeDense() }
      for (register, rank) in registers.enumerated() where rank > 0 {
        _ = try target.raise(register, to: rank)
      }
    } catch {
      throw corrupted
    }
    target.cachedCount = nil
    try save(context, key, target)
    context.notify(.string, "pfadd", key)
    context.reply.ok()
  }

  // MARK: PFDEBUG and PFSELFTEST

  private static func debug(_ context: CommandContext, _ command: CommandArguments)
    throws(CommandStop)
  {
    let key = try context.keyToWrite(command[2])
    guard var log = try log(of: key) else {
      throw .error("ERR The specified key does not exist")
    }
    let isSparse = log.encoding == .sparse
    func makeDense() throws(CommandStop) {
      guard isSparse else { return }
      do throws(HyperLogLog.Corrupted) { try log.makeDense() } catch { throw corrupted }
      try save(context, key, log)
    }
    if command.matches(1, "GETREG") {
      try makeDense()
      let dense = log
      let registers = try checked { () throws(HyperLogLog.Corrupted) in try dense.registers() }
      context.reply.array(registers.count)
      for rank in registers { context.reply.integer(Int(rank)) }
    } else if command.matches(1, "DECODE") {
      guard isSparse else { throw .error("ERR HLL encoding is not sparse") }
      let sparse = log
      let runs = try checked { () throws(HyperLogLog.Corrupted) in try sparse.runs() }
      let words = runs.map { run in
        run.rank > 0
          ? "v:\(run.rank),\(run.count)" : run.isLong ? "Z:\(run.count)" : "z:\(run.count)"
      }
      context.reply.bulk(words.joined(separator: " "))
    } else if command.matches(1, "ENCODING") {
      context.reply.simple(isSparse ? "sparse" : "dense")
    } else if command.matches(1, "TODENSE") {
      try makeDense()
      context.reply.integer(isSparse ? 1 : 0)
    } else {
      throw .error("ERR Unknown PFDEBUG subcommand '\(command.text(1))'")
    }
  }

  /// Adds ever more elements to both encodings: they must agree, and not be far off.
  private static func selfTest(_ context: CommandContext, _ command: CommandArguments)
    throws(CommandStop)
  {
    var (sparse, dense) = (HyperLogLog(), HyperLogLog())
    var random = Xoshiro256(seed: UInt64(bitPattern: context.now))
    let seed = random.next()
    var checkpoint: UInt64 = 1
    var estimates: [(count: UInt64, sparse: UInt64, dense: UInt64)] = []
    do throws(HyperLogLog.Corrupted) {
      try dense.makeDense()
      for number: UInt64 in 1...100_000 {
        let element = withUnsafeBytes(of: (number ^ seed).littleEndian) { Array($0) }
        _ = try sparse.add(element)
        _ = try dense.add(element)
        guard number == checkpoint else { continue }
        checkpoint *= 10
        estimates.append(
          (
            number, HyperLogLog.estimate(try sparse.registers()),
            HyperLogLog.estimate(try dense.registers())
          ))
      }
    } catch {
      throw corrupted
    }
    for estimate in estimates {
      guard estimate.sparse == estimate.dense else {
        throw .error("ERR TESTFAILED dense/sparse disagree")
      }
      // Six times the standard error; small sets are counted nearly exactly.
      let limit = max(1, 6 * 1.04 / 128 * Double(estimate.count))
      let error = abs(Double(estimate.count) - Double(estimate.dense))
      guard error <= limit.rounded(.up) else {
        throw .error("ERR TESTFAILED Too big error. card:\(estimate.count) abserr:\(Int(error))")
      }
    }
    context.reply.ok()
  }
}
