import Base
import Node
import Reactor

/// Commands one at a time: nothing else of the connection is under way.
extension RESPSession {
  func perform(_ command: CommandArguments) async {
    if client.tracking != nil { await state.makeRoom() }
    isPerforming = true
    let mark = output.bytes.count
    await performChecked(command)
    isPerforming = false
    silence(from: mark)
    releasePushes()
  }

  private func performChecked(_ command: CommandArguments) async {
    guard let spec = CommandTable.find(command) else {
      return reject(CommandTable.unknown(command), nil)
    }
    if let reason = refusal(spec, command) { return reject(reason, spec) }
    if client.followsSlots,
      let place = await ClusterCommands.redirection(self, spec, command)
    {
      return reject(place, spec)
    }
    if await performOnViews(spec, command) { return }
    if transaction.isOpen, !TransactionCommands.runsInside(spec) {
      return queue(command, spec)
    }
    if state.pause.until != 0 {
      let isWrite = await isHeldByWritePause(command, spec)
      isPaused = state.isPaused(isWrite)
      await state.waitForPause(isWrite)
      isPaused = false
    }
    await execute(command, spec)
  }

  /// Carries a command out that may be, with all that is counted and told about it.
  func execute(_ command: CommandArguments, _ spec: CommandSpec) async {
    let start = shard.reactor.monotonicNanoseconds()
    waitedNanoseconds = 0
    let mark = output.bytes.count
    if !state.monitorPlaces.isEmpty, spec.name != "exec" { tellMonitors(command, spec) }
    client.lastCommand = spec.name
    switch spec.body {
    case .session(let handler): await handler(self, command)
    case .data: await performData(command, spec)
    }
    if !state.monitorPlaces.isEmpty, spec.name == "exec" { tellMonitors(command, spec) }
    let reply = output.bytes.count >= mark ? output.bytes[mark...] : []
    ended(spec, command, since: start &+ waitedNanoseconds, reply: reply)
    if !transaction.isOpen, !spec.name.hasPrefix("client|") { client.tracking?.caching = false }
  }

  private func reject(_ reason: String, _ spec: CommandSpec?) {
    if let spec { state.statistics.rejected(spec.number) }
    if spec?.name == "exec" {
      transaction.close()
      output.error("EXECABORT Transaction discarded because of: \(reason)")
    } else {
      transaction.spoil()
      output.error(reason)
    }
    state.statistics.erred(Array(reason.utf8)[...])
  }

  private func queue(_ command: CommandArguments, _ spec: CommandSpec) {
    if spec.flags.contains(.noMulti) {
      return reject("ERR Command not allowed inside a transaction", spec)
    }
    if spec.flags.contains(.denyOOM), isOutOfMemory {
      return reject(KernelReply.outOfMemory, spec)
    }
    transaction.queue(QueuedCommand(db: db, arguments: command))
    output.simple("QUEUED")
  }

  private func performData(_ command: CommandArguments, _ spec: CommandSpec) async {
    if spec.flags.contains(.blocking) { return await performBlocking(command) }
    switch await run([QueuedCommand(db: db, arguments: command)], watched: []) {
    case .failure(let error): output.bytes.append(contentsOf: failure(error))
    case .success(let outcome):
      publish(outcome)
      output.bytes.append(contentsOf: outcome.replies.first ?? [])
    }
  }

  /// Runs commands as one atomic step, wherever their keys are. `waiter`: who waits where nothing is
  /// found; nil: nobody.
  func run(
    _ given: [QueuedCommand], watched: [WatchedKey], waiter: WaiterID? = nil,
    hasWaited: Bool = false
  ) async -> Result<RunOutcome, KernelError> {
    let commands: [QueuedCommand]
    do throws(KernelError) {
      commands = try await withCode(given)
    } catch {
      return .failure(error)
    }
    let noted = commands.map { noteReads($0) }
    let result = await run(withCode: commands, watched, waiter: waiter, hasWaited: hasWaited)
    forgetUnread(noted, result)
    return result
  }

  private func run(
    withCode commands: [QueuedCommand], _ watched: [WatchedKey], waiter: WaiterID?,
    hasWaited: Bool
  ) async -> Result<RunOutcome, KernelError> {
    var keys: [(db: Int, name: [UInt8])] = watched.map { ($0.db, $0.name) }
    for command in commands {
      guard let spec = CommandTable.find(command.arguments),
        let positions = spec.keyPositions(command.arguments)
      else { continue }
      for position in positions { keys.append((command.db, command.arguments.array(position))) }
    }
    var options = runOptions()
    options.mayBlock = waiter != nil
    options.waiter = waiter
    options.hasWaited = hasWaited
    if !access.isUnrestricted { options.rights = access.rights }
    let first = keys.first.map { KeySlot.bucket($0.name) } ?? Bucket(slot: 0)
    let tablet = shard.tablet(of: first)
    var databases: Set<Int> = []
    var isLong = false
    if keys.allSatisfy({ shard.tablet(of: KeySlot.bucket($0.name)) == tablet }) {
      let result = await runAlone(
        RunCommands(commands: commands, watched: watched, options: options), first)
      guard case .failure(let error) = result else { return result }
      if LongScript.isReason(of: error) {
        isLong = true
      } else if let missing = MissingKey(error) {
        if let name = missing.name {
          keys.append((missing.db, name))
        } else {
          databases.insert(missing.db)
        }
      } else {
        return result
      }
    }
    return await AcrossTablets(shard: shard, options: options).run(
      commands, watched, keys: keys, databases: databases, isLong: isLong)
  }

  private func runAlone(_ run: RunCommands, _ bucket: Bucket) async -> Result<
    RunOutcome, KernelError
  > {
    let reply = Reply<Result<RunOutcome, KernelError>>()
    shard.callAlone(run, bucket: bucket) { reply.fulfill($0) }
    return await reply.get()
  }
}
