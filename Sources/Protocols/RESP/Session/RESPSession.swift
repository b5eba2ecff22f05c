import Base
import Catalog
public import Node
public import Reactor

/// One client's connection. Lives on: the shard that accepted it.
///
/// Commands run in the order in which they come. Those of a pipeline that have one key each are sent off
/// without waiting for the replies of the earlier ones, which come back in order (`ReplyQueue`): so they
/// share the log's writes. Everything else waits until nothing is under way.
///
/// Bytes that are not of the protocol close this connection with an error and touch no other.
public final class RESPSession {
  let stream: any ByteStream
  let shard: NodeShard
  let settings: RESPSettings
  var parser = RequestParser()
  /// What is to be sent; a session's handlers write here.
  var output = ReplyWriter(version: 2)
  private var replies = ReplyQueue()
  private var whenIdle: CheckedContinuation<Void, Never>?
  private var isFlushPlanned = false
  /// The session waits for its client.
  private var isReading = false
  /// The monotonic clock when what is carried out now had been read: of what came in one piece the same.
  private var arrival: UInt64 = 0
  /// The same when the last command of the piece had ended.
  private var lastTime: UInt64 = 0
  /// Why the connection ends, once it is to: after the output has been sent.
  var isEnding = false
  private(set) var isClosed = false

  var db = 0
  let id: Int64
  var transaction = TransactionState()
  var client: ClientState
  var access: UserAccess
  /// What it shares with the shard's other sessions.
  let state: RESPShard
  /// Messages that came while commands were under way; they follow the commands' replies.
  var pendingPushes: [UInt8] = []
  /// A command is carried out, one at a time.
  var isPerforming = false
  /// The command that waits for keys.
  var blocked: BlockedCommand?
  /// It waits, and does not look just now whether there is something for it: messages may be sent.
  var isResting: Bool { blocked?.isResting ?? false }
  /// CLIENT PAUSE holds its command back.
  var isPaused = false
  /// Its command waits for something that others do.
  var isHeldUp: Bool { blocked != nil || isPaused }
  /// How long the command that is carried out has only waited.
  var waitedNanoseconds: UInt64 = 0
  /// A read that was begun while a command waited: how many bytes have come, 0 at the end.
  private var readingAhead: Reply<Int>?
  /// The peer has closed its end, as a read ahead has found; what it sent before is still carried out.
  private var hasPeerGone = false

  /// For keys that are rows of tables, once one was used.
  var viewStatements: (role: String, statements: any RowStatements)?

  private let startsTLS: Bool

  /// `startsTLS`: the connection begins with the handshake.
  public init(
    stream: any ByteStream, shard: NodeShard, settings: RESPSettings, startsTLS: Bool = false
  ) {
    self.startsTLS = startsTLS
    self.stream = stream
    self.shard = shard
    self.settings = settings
    state = RESPShard.of(shard)
    id = state.nextClientID()
    client = ClientState(now: shard.reactor.monotonicNanoseconds())
    access = UserAccess(user: nil, shard.catalog)
  }

  /// Why reading ends.
  enum SessionEnd: Error { case closed }

  /// Serves the connection until either side ends it.
  public func run() async {
    let admission = settings.connections.enter()
    defer { settings.connections.leave() }
    if admission != .served || settings.connections.count > state.configuration.maxClients {
      state.statistics.refusedConnections += 1
      output.error("ERR max number of clients reached")
      writeOut()
      return stream.close()
    }
    state.add(self)
    beginAsDefaultUser()
    do throws(SessionEnd) {
      try await secure()
      try await serve()
    } catch {
      // The peer is gone, or told what was wrong.
    }
    await finishReplies()
    isClosed = true
    end()
    await viewStatements?.statements.close()
    writeOut()
    stream.close()
  }

  private func end() {
    state.remove(self)
    transaction.unwatch()
    leaveEverything()
  }

  private func secure() async throws(SessionEnd) {
    guard startsTLS else { return }
    guard let tls = settings.tls else { throw .closed }
    do throws(IOFault) {
      try await stream.startTLS(tls)
    } catch {
      throw .closed
    }
  }

  // MARK: Reading

  private static let readBytes = 1 << 16

  private func serve() async throws(SessionEnd) {
    while true {
      let command: CommandArguments?
      do throws(ProtocolFault) {
        command = try parser.next()
      } catch {
        await finishReplies()
        output.error("ERR \(error.message)")
        return
      }
      guard let command else {
        if try !sendAtOnce() { try await send() }
        parser.compact()
        try checkInput()
        try await read()
        noteTime()
        client.lastActiveAt = arrival
        continue
      }
      if !startAtOnce(command) {
        await finishReplies()
        await perform(command)
        noteTime()
      }
      if isEnding { return }
      if output.bytes.count > Self.readBytes {
        try await send()
        noteTime()
      }
      if replies.count >= Self.pipelineMax {
        await finishReplies()
        noteTime()
      }
    }
  }

  /// After everything that may have taken a while.
  private func noteTime() {
    arrival = shard.reactor.monotonicNanoseconds()
    lastTime = arrival
  }

  /// Commands of one connection whose replies are out at the same time.
  private static let pipelineMax = 1_024

  private func read() async throws(SessionEnd) {
    if let readingAhead {
      if await readingAhead.get() == 0 { throw .closed }
      return
    }
    let count: Int
    isReading = true
    defer { isReading = false }
    do throws(IOFault) {
      count = try await stream.read(into: &parser.input, atMost: Self.readBytes)
    } catch {
      throw .closed
    }
    if count == 0 { throw .closed }
  }

  /// While a command waits for keys its client is listened to: it may go away. What it sends meanwhile
  /// is kept, up to a limit.
  func readAhead() {
    // It may have gone between two commands that wait.
    if hasPeerGone { blocked?.end(.closed) }
    guard readingAhead == nil, parser.pendingBytes < Self.readBytes else { return }
    let reply = Reply<Int>()
    readingAhead = reply
    shard.reactor.spawn { [self] in
      var bytes: [UInt8] = []
      do throws(IOFault) {
        _ = try await stream.read(into: &bytes, atMost: Self.readBytes)
      } catch {
        // Like the end: whatever it was, nothing more comes.
      }
      parser.input.append(contentsOf: bytes)
      if bytes.isEmpty {
        hasPeerGone = true
        blocked?.end(.closed)
      } else {
        readingAhead = nil
        if blocked != nil { readAhead() }
      }
      reply.fulfill(bytes.count)
    }
  }

  // MARK: Writing

  func writeOut() {
    if output.bytes.isEmpty { return }
    state.statistics.outputBytes += UInt64(output.bytes.count)
    stream.write(output.bytes)
    output.bytes.removeAll(keepingCapacity: output.bytes.capacity <= 1 << 17)
    stream.flush()
  }

  /// Sends what has gathered; while the peer does not read, nothing more is read from it.
  func send() async throws(SessionEnd) {
    if try sendAtOnce() { return }
    do throws(IOFault) {
      try await stream.drain()
    } catch {
      throw .closed
    }
  }

  /// False: the peer is to be waited for.
  private func sendAtOnce() throws(SessionEnd) -> Bool {
    do throws(IOFault) {
      if !output.bytes.isEmpty {
        state.statistics.outputBytes += UInt64(output.bytes.count)
        stream.write(output.bytes)
        output.bytes.removeAll(keepingCapacity: output.bytes.capacity <= 1 << 17)
      }
      return try stream.drainAtOnce()
    } catch {
      throw .closed
    }
  }

  /// Output that has come from elsewhere is sent in this turn or the next, with whatever else comes.
  func flushSoon() {
    guard !isFlushPlanned else { return }
    isFlushPlanned = true
    shard.reactor.after(nanoseconds: 0) { [self] in
      isFlushPlanned = false
      // A reply that is being written is sent when it is whole.
      if !isClosed, !isPerforming || isResting { writeOut() }
    }
  }

  // MARK: Commands of one key, without waiting

  /// True: the command is done or on its way.
  private func startAtOnce(_ command: CommandArguments) -> Bool {
    guard isPlain, !transaction.isOpen, blocked == nil, let spec = CommandTable.find(command),
      spec.onlyKey > 0, spec.accepts(count: command.count)
    else { return false }
    let key = command[spec.onlyKey]
    if state.isOfView(key) { return false }
    let bucket = KeySlot.bucket(key)
    client.lastCommand = spec.name
    if replies.isEmpty, spec.isGet, !state.notesUse {
      let mark = output.bytes.count
      if getAtOnce(command, bucket) {
        ended(spec, command, reply: mark)
        return true
      }
    }
    if replies.mayOvertake(in: bucket) { return false }
    if runAtOnce(command, spec, bucket) { return true }
    let start = shard.reactor.monotonicNanoseconds()
    let number = replies.add(bucket: bucket)
    let run = RunCommands(
      commands: [QueuedCommand(db: db, arguments: command)], options: runOptions())
    let hasRun = shard.callAlone(run, bucket: bucket) { [self] result in
      completed(number, result, spec, command, since: start)
    }
    if hasRun { replies.hasRun(number) }
    // It is counted by itself; what follows begins here.
    lastTime = shard.reactor.monotonicNanoseconds()
    return true
  }

  /// Runs the command where its key is on this shard and nothing is in the way. False: nothing has been done.
  private func runAtOnce(_ command: CommandArguments, _ spec: CommandSpec, _ bucket: Bucket) -> Bool
  {
    let configuration = state.configuration
    guard case .data(let handler) = spec.body, configuration.events.isEmpty,
      !configuration.watchesMemory
    else { return false }
    let mark = output.bytes.count
    var counts = KeyCounts()
    let hold = shard.runAtOnce(bucket: bucket, arrival: arrival) {
      (transaction) throws(ProcedureError) in
      let context = state.contextAtOnce(transaction, databases: settings.databases)
      context.begin(version: output.version, db: db, client: id, seed: shard.reactor.random.next())
      // The handler writes to the session's output, without a copy.
      swap(&context.reply.bytes, &output.bytes)
      defer { swap(&context.reply.bytes, &output.bytes) }
      context.isReading = spec.isReadOnly
      try context.runAlone(command, handler)
      counts = context.keyCounts
    }
    guard let hold else {
      output.bytes.removeSubrange(mark...)
      return false
    }
    state.statistics.keys.add(counts)
    ended(spec, command, reply: mark)
    if replies.isEmpty, hold.isOver { return true }
    let number = replies.add(bucket: bucket, output.bytes[mark...], hold)
    output.bytes.removeSubrange(mark...)
    guard let number else { return true }
    hold.whenOver { [self] error in released(number, error) }
    return true
  }

  /// What some commands' replies have waited for is over.
  private func released(_ number: UInt64, _ error: KernelError?) {
    var (reply, commands) = replies.held(number)
    if let error {
      let one = failure(error)
      reply = (0..<commands).flatMap { _ in one }
    }
    guard replies.complete(number, reply, into: &output.bytes) else { return }
    released()
  }

  private func released() {
    guard replies.isEmpty else { return flushSoon() }
    releasePushes()
    if isReading { return writeOut() }
    flushSoon()
    if let waiting = whenIdle.take() { waiting.resume() }
  }

  private func completed(
    _ number: UInt64, _ result: Result<RunOutcome, KernelError>, _ spec: CommandSpec,
    _ command: CommandArguments, since start: UInt64
  ) {
    let reply: [UInt8]
    switch result {
    case .success(let outcome):
      reply = outcome.replies.first ?? []
      publish(outcome)
    case .failure(let error): reply = failure(error)
    }
    ended(spec, command, since: start, reply: reply[...])
    guard replies.complete(number, reply, into: &output.bytes) else { return }
    if replies.isEmpty { releasePushes() }
    flushSoon()
    if replies.isEmpty, let waiting = whenIdle.take() { waiting.resume() }
  }

  /// The reply of a command that the kernel did not carry out. Where the outcome is unknown, the
  /// connection ends without one.
  func failure(_ error: KernelError) -> [UInt8] {
    var writer = ReplyWriter(version: output.version)
    guard let text = KernelReply.text(error) else {
      isEnding = true
      stream.close()
      return []
    }
    writer.error(text)
    return writer.bytes
  }

  /// Until every command that was sent off has its reply.
  func finishReplies() async {
    while !replies.isEmpty {
      await withCheckedContinuation { whenIdle = $0 }
    }
  }

  /// GET of a key of this shard, without a procedure. False: the usual way is needed.
  private func getAtOnce(_ command: CommandArguments, _ bucket: Bucket) -> Bool {
    let key = RowKey.key(db: db, command[1])
    return shard.readAtOnce(RedisSchema.keys, key, in: bucket, arrival: arrival) { bytes in
      guard let bytes else {
        // The usual way tells those who want to hear of it.
        guard state.configuration.events.isEmpty else { return false }
        state.statistics.keys.misses += 1
        output.null()
        return true
      }
      state.statistics.keys.hits += 1
      do throws(DecodingFault) {
        let row = try KeyRowView(bytes)
        guard row.type == .string else {
          output.error("WRONGTYPE Operation against a key holding the wrong kind of value")
          return true
        }
        output.bulk(row.value ?? UnsafeRawBufferPointer(start: nil, count: 0))
      } catch {
        output.error("ERR a row of schema redis cannot be read: \(error)")
      }
      return true
    } ?? false
  }

  func runOptions() -> RunOptions {
    var options = RunOptions()
    options.version = output.version
    options.client = id
    options.events = state.configuration.events
    options.isNoLoop = client.tracking?.isNoLoop ?? false
    options.databases = settings.databases
    options.seed = shard.reactor.random.next()
    options.watchesMemory = state.configuration.watchesMemory
    return options
  }

  var hasRepliesOut: Bool { !replies.isEmpty }

  /// A command that ran at once has come to its end; the next one begins then.
  private func ended(_ spec: CommandSpec, _ command: CommandArguments, reply mark: Int) {
    let start = lastTime
    lastTime = shard.reactor.monotonicNanoseconds()
    let failed = output.bytes.count > mark && output.bytes[mark] == UInt8(ascii: "-")
    if failed { state.statistics.erred(output.bytes[(mark + 1)...]) }
    state.finished(spec, command, self, nanoseconds: lastTime &- start, failed: failed)
  }
}
