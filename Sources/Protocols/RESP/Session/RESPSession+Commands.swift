import Base
import Node
import Reactor

/// Commands one at a time: nothing else of the connection is under way.
extension RESPSession {
  func perform(_ command: CommandArguments) async {
    guard let spec = CommandTable.find(command) else {
      transaction.spoil()
      return output.error(CommandTable.unknown(command))
    }
    guard spec.accepts(count: command.count) else {
      transaction.spoil()
      return output.error("ERR wrong number of arguments for '\(spec.name)' command")
    }
    guard mayRun(spec) else { return transaction.spoil() }
    if transaction.isOpen, !TransactionCommands.runsInside(spec) {
      return queue(command, spec)
    }
    switch spec.body {
    case .session(let handler): await handler(self, command)
    case .data: await performData(command, spec)
    }
  }

  private func queue(_ command: CommandArguments, _ spec: CommandSpec) {
    if spec.flags.contains(.noMulti) {
      transaction.spoil()
      return output.error("ERR Command not allowed inside a transaction")
    }
    transaction.queue(QueuedCommand(db: db, arguments: command))
    output.simple("QUEUED")
  }

  private func performData(_ command: CommandArguments, _ spec: CommandSpec) async {
    let isBlocking = spec.flags.contains(.blocking)
    let queued = QueuedCommand(db: db, arguments: command)
    var deadline: UInt64?
    while true {
      let result = await run([queued], watched: [], mayBlock: isBlocking)
      switch result {
      case .failure(let error):
        output.bytes.append(contentsOf: failure(error))
        return
      case .success(let outcome):
        publish(outcome.events)
        publish(outcome.messages)
        guard let block = outcome.block else {
          output.bytes.append(contentsOf: outcome.replies.first ?? [])
          return
        }
        let now = shard.reactor.monotonicNanoseconds()
        if deadline == nil, block.milliseconds > 0 {
          deadline = now &+ UInt64(clamping: block.milliseconds) &* 1_000_000
        }
        guard await waitForKeys(block, until: deadline) else { return }
      }
    }
  }

  /// Runs commands as one atomic step, wherever their keys are.
  func run(_ commands: [QueuedCommand], watched: [WatchedKey], mayBlock: Bool)
    async -> Result<RunOutcome, KernelError>
  {
    let commands = await withCode(commands)
    var keys: [(db: Int, name: [UInt8])] = watched.map { ($0.db, $0.name) }
    for command in commands {
      guard let spec = CommandTable.find(command.arguments),
        let positions = spec.keyPositions(command.arguments)
      else { continue }
      for position in positions { keys.append((command.db, command.arguments.array(position))) }
    }
    let options = runOptions(mayBlock: mayBlock)
    let first = keys.first.map { KeySlot.bucket($0.name) } ?? Bucket(rawValue: 0)
    let tablet = shard.tablet(of: first)
    if keys.allSatisfy({ shard.tablet(of: KeySlot.bucket($0.name)) == tablet }) {
      let result = await runAlone(
        RunCommands(commands: commands, watched: watched, options: options), first)
      guard case .failure(let error) = result, let missing = MissingKey(error) else {
        return result
      }
      keys.append((missing.db, missing.name))
    }
    return await AcrossTablets(shard: shard, options: options).run(commands, watched, keys: keys)
  }

  private func runAlone(_ run: RunCommands, _ bucket: Bucket) async -> Result<
    RunOutcome, KernelError
  > {
    let reply = SessionReply<Result<RunOutcome, KernelError>>()
    shard.callAlone(run, bucket: bucket) { reply.fulfill($0) }
    return await reply.get()
  }
}

/// One answer that may come at once or later. Lives on: the session's shard.
final class SessionReply<Output> {
  private var result: Output?
  private var continuation: UnsafeContinuation<Void, Never>?

  /// The first answer counts.
  func fulfill(_ value: Output) {
    if result != nil { return }
    result = value
    if let waiting = continuation.take() { waiting.resume() }
  }

  func get() async -> Output {
    while true {
      if let result { return result }
      await withUnsafeContinuation { continuation = $0 }
    }
  }
}
