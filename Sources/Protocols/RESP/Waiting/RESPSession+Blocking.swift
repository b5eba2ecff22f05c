import Base
import Node
import Reactor

/// The commands of this shard's sessions that wait, or will where they find nothing. Lives on: its shard.
final class BlockedCommands {
  private var commands: [Int64: BlockedCommand] = [:]

  init(_ shard: NodeShard) {
    shard.onMessage(KeyWaiters.wake) { [unowned self, unowned shard] payload, sender in
      guard let number = KeyWaiters.number(payload) else { return [] }
      if let command = commands[number] {
        command.hint()
      } else {
        // It is another one's turn.
        shard.tell(sender, KeyWaiters.gone, payload)
      }
      return []
    }
  }

  func add(_ command: BlockedCommand) { commands[command.waiter.number] = command }
  func remove(_ command: BlockedCommand) { commands[command.waiter.number] = nil }

  static func on(_ shard: NodeShard) -> BlockedCommands {
    shard.local(BlockedCommands.self) { BlockedCommands(shard) }
  }
}

/// A blocking command that waits. Lives on: its session's shard.
final class BlockedCommand {
  enum End {
    /// CLIENT UNBLOCK, as if the time were up or with an error.
    case timeout, error
    /// The client has gone.
    case closed
  }
  let waiter: WaiterID
  /// It is to end without having found anything.
  private(set) var end: End?
  /// Nothing is done for it until somebody wakes it.
  var isResting = false
  private var isHinted = false
  private var signal: Reply<Void>?

  init(waiter: WaiterID) { self.waiter = waiter }

  /// One of the keys may have something.
  func hint() {
    isHinted = true
    signal?.fulfill(())
  }

  func end(_ end: End) {
    if self.end == nil { self.end = end }
    signal?.fulfill(())
  }

  /// What was told before the command runs again it will see.
  func forgetHints() { isHinted = false }

  /// Until there is something to look for, at most so long.
  func wait(nanoseconds: UInt64, on reactor: any Reactor) async {
    if isHinted || end != nil { return }
    let signal = Reply<Void>()
    self.signal = signal
    let timer = reactor.after(nanoseconds: nanoseconds) { signal.fulfill(()) }
    await signal.get()
    reactor.cancel(timer)
    self.signal = nil
  }
}

extension RESPSession {
  /// A session says so often that it waits, for leaders that have not heard of it.
  private static let repeatNanoseconds: UInt64 = 1_000_000_000

  /// Runs a command that may wait for keys, until it has its reply.
  func performBlocking(_ command: CommandArguments) async {
    let blocked = BlockedCommand(waiter: WaiterID(place: shard.place, number: shard.uniqueRowID()))
    // Before the leader hears of it: it may be woken before its own reply is here.
    BlockedCommands.on(shard).add(blocked)
    defer { BlockedCommands.on(shard).remove(blocked) }
    var queued = QueuedCommand(db: db, arguments: command)
    var waiting: BlockRequest?
    var deadline: UInt64?
    while true {
      blocked.forgetHints()
      let result = await run(
        [queued], watched: [], waiter: blocked.waiter, hasWaited: waiting != nil)
      switch result {
      case .failure(let error):
        // Another leader will answer.
        guard waiting != nil, error.isPassing else {
          output.bytes.append(contentsOf: failure(error))
          return stopWaiting(blocked, waiting)
        }
      case .success(let outcome):
        publish(outcome)
        guard let block = outcome.block else {
          output.bytes.append(contentsOf: outcome.replies.first ?? [])
          return stopWaiting(blocked, outcome.isSettled ? nil : waiting)
        }
        if let next = block.next { queued.arguments = next }
        if waiting == nil {
          deadline = time(after: block.milliseconds)
          waiting = block
          startWaiting(blocked)
        }
        // Where the rows were fetched from several tablets something may have come since.
        if !outcome.isSettled, await join(blocked, block), let again = await look(queued, blocked) {
          publish(again)
          output.bytes.append(contentsOf: again.replies.first ?? [])
          return stopWaiting(blocked, waiting)
        }
      }
      guard let waiting else { return }
      if await rest(blocked, waiting, until: deadline) { return stopWaiting(blocked, waiting) }
    }
  }

  /// Once more, now that the leaders know of the command; nil: still nothing.
  private func look(_ queued: QueuedCommand, _ blocked: BlockedCommand) async -> RunOutcome? {
    let result = await run([queued], watched: [], waiter: blocked.waiter, hasWaited: true)
    guard case .success(let outcome) = result, outcome.block == nil else { return nil }
    return outcome
  }

  private func time(after milliseconds: Int64) -> UInt64? {
    guard milliseconds > 0 else { return nil }
    let (nanoseconds, isOver) = UInt64(milliseconds).multipliedReportingOverflow(by: 1_000_000)
    let (time, isLate) = shard.reactor.monotonicNanoseconds()
      .addingReportingOverflow(nanoseconds)
    return isOver || isLate ? .max : time
  }

  /// Waits; true: the command is over, and has its reply.
  private func rest(_ blocked: BlockedCommand, _ request: BlockRequest, until deadline: UInt64?)
    async -> Bool
  {
    let now = shard.reactor.monotonicNanoseconds()
    let left = deadline.map { $0 > now ? $0 - now : 0 } ?? .max
    if left > 0 {
      blocked.isResting = true
      defer { blocked.isResting = false }
      releasePushes()
      defer { waitedNanoseconds &+= shard.reactor.monotonicNanoseconds() &- now }
      await blocked.wait(nanoseconds: min(left, Self.repeatNanoseconds), on: shard.reactor)
    }
    switch blocked.end {
    case .timeout: output.bytes.append(contentsOf: request.emptyReply)
    case .error: output.error("UNBLOCKED client unblocked via CLIENT UNBLOCK")
    case .closed: isEnding = true
    case nil:
      guard let deadline, shard.reactor.monotonicNanoseconds() >= deadline else { return false }
      output.bytes.append(contentsOf: request.emptyReply)
    }
    return true
  }

  private func startWaiting(_ blocked: BlockedCommand) {
    self.blocked = blocked
    // What was answered before is not to wait with it.
    writeOut()
    readAhead()
  }

  /// `request`: what leaders may still think that it waits for.
  private func stopWaiting(_ blocked: BlockedCommand, _ request: BlockRequest?) {
    self.blocked = nil
    guard let request else { return }
    tell(AwaitKeys(waiter: blocked.waiter, keys: [], isReader: false), request) { _ in }
  }

  /// False: some leader has not heard it, and will in a second.
  private func join(_ blocked: BlockedCommand, _ request: BlockRequest) async -> Bool {
    let rowKeys = request.keys.map { RowKey.key(db: db, $0) }
    let reply = Reply<Bool>()
    tell(AwaitKeys(waiter: blocked.waiter, keys: rowKeys, isReader: request.isReader), request) {
      reply.fulfill($0)
    }
    return await reply.get()
  }

  /// To the leader of each tablet that has one of the keys; each takes its own of the keys, and the
  /// others do no harm.
  private func tell(
    _ message: AwaitKeys, _ request: BlockRequest, _ done: @escaping (Bool) -> Void
  ) {
    var buckets: [TabletID: Bucket] = [:]
    var order: [Bucket] = []
    for key in request.keys {
      let bucket = KeySlot.bucket(key)
      if buckets.updateValue(bucket, forKey: shard.tablet(of: bucket)) == nil {
        order.append(bucket)
      }
    }
    var (left, isHeard) = (order.count, true)
    for bucket in order {
      shard.callAlone(message, bucket: bucket) { result in
        if case .failure = result { isHeard = false }
        left -= 1
        if left == 0 { done(isHeard) }
      }
    }
  }

  /// Ends the wait of a blocking command, as CLIENT UNBLOCK does. False: none waits.
  func unblock(withError: Bool) -> Bool {
    guard let blocked, blocked.end == nil else { return false }
    blocked.end(withError ? .error : .timeout)
    return true
  }
}

extension KernelError {
  /// It says nothing about the command: the tablet has no leader just now, or another one.
  fileprivate var isPassing: Bool {
    switch self {
    case .unavailable, .leaderChanged, .serializationFailure, .restartStatement: true
    default: false
    }
  }
}
