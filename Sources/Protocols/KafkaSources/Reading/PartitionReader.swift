import Base
import Catalog
import Node
import Reactor
import SQL
import Types

/// Why a reader begins anew.
enum ReaderFault: Error {
  /// The partition is not where this reader believed: another one has moved it, or ALTER SOURCE.
  case lost
  /// It goes on by itself when the world is well again.
  case waits(String)
  /// Somebody has to do something. It tries again seldom.
  case fails(String)
}

/// Reads one partition into the table while this shard owns it: takes what came, and writes it in one
/// transaction with the offset behind it. Lives on: its shard.
final class PartitionReader {
  enum State: String { case starting, running, waiting, failed }

  let source: SourceDefinition
  let partition: Int32
  private let table: ObjectID
  private(set) var state = State.starting
  private(set) var next: Int64?
  private(set) var error: String?
  /// Milliseconds since the Unix epoch.
  private(set) var errorAt: Int64?
  private(set) var records: Int64 = 0
  private(set) var deadLetterCount: Int64 = 0
  /// Its task has ended.
  private(set) var isDone = false
  private var isEnding = false
  private let shard: NodeShard
  private let broker: SourceBroker
  let decoder: ValueDecoder
  let statements: SourceStatements
  let store: SourceStore
  private var feed: PartitionFeed?
  private var knownPlan: (made: SourcePlan, version: UInt64)?
  private var pause: (timer: TimerToken, waiter: UnsafeContinuation<Void, Never>)?

  private static let shortPauseMilliseconds = 100
  private static let longPauseMilliseconds = 1_000
  private static let pauseMillisecondsMax = 30_000
  private static let lookMilliseconds = 1_000

  init(
    _ source: SourceDefinition, _ partition: Int32, into table: ObjectID, _ shard: NodeShard,
    _ broker: SourceBroker, _ decoder: ValueDecoder, _ environment: SessionEnvironment
  ) {
    self.table = table
    self.source = source
    self.partition = partition
    self.shard = shard
    self.broker = broker
    self.decoder = decoder
    statements = SourceStatements(shard, environment)
    store = SourceStore(statements: statements, source: source.id)
  }

  func start() {
    shard.reactor.spawn { [self] in
      await run()
      await statements.close()
      isDone = true
    }
  }

  /// Ends after the transaction that is under way.
  func end() {
    isEnding = true
    feed?.wake()
    wakeUp()
  }

  var lag: Int64? {
    guard let next, let high = broker.highWatermark(partition) else { return nil }
    return max(0, high - next)
  }
  var highWatermark: Int64? { broker.highWatermark(partition) }

  // MARK: The task

  private func run() async {
    var tries = 0
    while !isEnding {
      let before = records
      do throws(ReaderFault) {
        try await follow(from: position())
        continue
      } catch {
        if records > before { tries = 0 }
        tries += 1
        switch error {
        case .lost: await sleep(Self.shortPauseMilliseconds)
        case .waits(let text):
          note(.waiting, text)
          await sleep(min(Self.shortPauseMilliseconds << min(tries, 6), 5_000))
        case .fails(let text):
          note(.failed, text)
          await sleep(
            min(Self.longPauseMilliseconds << min(tries - 1, 5), Self.pauseMillisecondsMax))
        }
      }
    }
  }

  private func note(_ state: State, _ text: String) {
    self.state = state
    error = text
    errorAt = Int64(shard.wallNanoseconds() / 1_000_000)
  }

  private func sleep(_ milliseconds: Int) async {
    if isEnding { return }
    await withUnsafeContinuation { waiter in
      let timer = shard.reactor.after(milliseconds: milliseconds) { [weak self] in self?.wakeUp() }
      pause = (timer, waiter)
    }
  }

  private func wakeUp() {
    guard let pause = pause.take() else { return }
    shard.reactor.cancel(pause.timer)
    pause.waiter.resume()
  }

  /// Where to begin, as stored. What the broker has to say for it is stored first: a reader that comes after
  /// must not find another answer.
  private func position() async throws(ReaderFault) -> Int64 {
    let stored = try await asking { () throws(SQLError) in try await store.position(partition) }
    guard let stored, stored.epoch == source.epoch else { throw .lost }
    if let next = stored.next { return next }
    let next: Int64
    do throws(BrokerFault) {
      next = try await offset(of: stored.seek ?? SourceSeek.earliest)
    } catch {
      throw Self.fault(error)
    }
    let isStored = try await asking { () throws(SQLError) in
      try await store.resolve(partition, next, epoch: source.epoch)
    }
    if !isStored { throw .lost }
    return next
  }

  private func offset(of seek: String) async throws(BrokerFault) -> Int64 {
    if let time = SourceSeek.time(seek), let found = try await broker.offset(partition, at: time) {
      return found
    }
    let bounds = try await broker.bounds(partition)
    return seek == SourceSeek.earliest ? bounds.low : bounds.high
  }

  private func follow(from start: Int64) async throws(ReaderFault) {
    let plan = try currentPlan()
    let feed: PartitionFeed
    do throws(BrokerFault) {
      feed = try broker.feed(
        partition, from: start, on: shard.reactor, withHeaders: plan.mapping.needsHeaders)
    } catch {
      throw Self.fault(error)
    }
    self.feed = feed
    next = start
    if state == .starting { state = .running }
    var fault: ReaderFault?
    do throws(ReaderFault) {
      while !isEnding {
        let batch = feed.take()
        if batch.isEmpty {
          await feed.wait(milliseconds: Self.lookMilliseconds)
        } else {
          try await take(batch)
        }
      }
    } catch {
      fault = error
    }
    self.feed = nil
    await feed.stop(broker.calls)
    if let fault { throw fault }
  }

  private func take(_ batch: SourceBatch) async throws(ReaderFault) {
    if !batch.records.isEmpty || batch.end != nil {
      broker.noteSuccess()
      try await write(batch.records, end: batch.end)
      state = .running
      error = nil
      errorAt = nil
    }
    if let fault = batch.fault {
      if fault.kind == .outOfRange {
        throw .fails(
          "offset \(next ?? 0) is not in partition \(partition) any more; "
            + "ALTER SOURCE \(source.name) SEEK (\(partition), 'earliest') goes on with what is left"
        )
      }
      note(.waiting, fault.message)
    }
  }

  /// A transaction has committed.
  func wrote(_ part: ArraySlice<Decoded>, to end: Int64) {
    next = end
    for item in part {
      switch item.outcome {
      case .bad: deadLetterCount += 1
      case .change(.nothing): break
      case .change: records += 1
      }
    }
  }

  static func fault(_ fault: BrokerFault) -> ReaderFault { .waits(fault.message) }

  private func asking<Output>(_ body: () async throws(SQLError) -> Output)
    async throws(ReaderFault) -> Output
  {
    do throws(SQLError) {
      return try await body()
    } catch {
      throw SourceErrorKind(error.code) == .passing
        ? .waits(error.shownForSource) : .fails(error.shownForSource)
    }
  }

  /// By the newest catalog.
  func currentPlan() throws(ReaderFault) -> SourcePlan {
    if let knownPlan, knownPlan.version == shard.catalogVersion { return knownPlan.made }
    do throws(SQLError) {
      let made = try SourcePlan(source, into: table, in: shard.catalog)
      knownPlan = (made, shard.catalogVersion)
      return made
    } catch {
      throw .fails(error.shownForSource)
    }
  }
}

/// What a row's `seek` says.
enum SourceSeek {
  static let earliest = "earliest"

  /// Milliseconds since the Unix epoch, of `time:…`.
  static func time(_ seek: String) -> Int64? {
    seek.hasPrefix("time:") ? Int64(seek.dropFirst(5)) : nil
  }
}
