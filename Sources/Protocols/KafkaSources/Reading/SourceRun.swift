import Base
import Catalog
import Node
import Reactor
import SQL
import Types

/// One source on one shard: its consumer, and a reader for each partition that the shard owns. A partition is
/// owned by who leads the tablet of its bucket, so that it has an owner wherever its tablet has a leader; for
/// a moment there may be two, of whom one stores nothing (`SourceStore`). Lives on: its shard.
final class SourceRun {
  private(set) var source: SourceDefinition
  private let table: ObjectID
  private let shard: NodeShard
  private let environment: SessionEnvironment
  /// Of a session each: both may be under way at the same time.
  private let asking: SourceStore
  private let listing: SourceStore
  private var broker: SourceBroker?
  private var isOpening = false
  private var decoder: ValueDecoder?
  private(set) var readers: [Int32: PartitionReader] = [:]
  /// Those that have rows.
  private var partitions = 0
  /// The consumer's own fault, or that of asking for the partitions.
  private(set) var error: String?
  private(set) var errorAt: Int64?
  private var isAsking = false
  private var askedAt: UInt64?
  private var isListing = false
  private var listedAt: UInt64?
  private var isGone = false

  private static let askNanoseconds: UInt64 = 5_000_000_000
  private static let listNanoseconds: UInt64 = 10_000_000_000
  /// While there are none yet, or brokers cannot be reached.
  private static let listSoonNanoseconds: UInt64 = 1_000_000_000
  /// Kafka's own limit is not far above.
  private static let partitionsMax = 10_000

  init(
    _ source: SourceDefinition, into table: ObjectID, _ shard: NodeShard,
    _ environment: SessionEnvironment
  ) {
    self.source = source
    self.table = table
    self.shard = shard
    self.environment = environment
    asking = SourceStore(statements: SourceStatements(shard, environment), source: source.id)
    listing = SourceStore(statements: SourceStatements(shard, environment), source: source.id)
  }

  /// A new definition: all begin anew.
  func change(_ source: SourceDefinition) {
    if source == self.source { return }
    self.source = source
    decoder = nil
    for reader in readers.values { reader.end() }
    lookAgain()
  }

  /// Rows may have been added.
  func lookAgain() { askedAt = nil }

  /// It is not in the catalog any more.
  func leave() {
    isGone = true
    for reader in readers.values { reader.end() }
  }

  /// Nothing of it is left here.
  var isDone: Bool {
    isGone && readers.isEmpty && broker == nil && !isOpening && !isAsking && !isListing
  }

  private var ownsListing: Bool { leads(KafkaSchema.sourceItself) }

  private func leads(_ partition: Int32) -> Bool {
    let bucket = KafkaSchema.bucket(of: source.id, partition: partition)
    return shard.leadingTerm(of: shard.tablet(of: bucket)) != nil
  }

  // MARK: Rounds

  func round() {
    let now = shard.reactor.monotonicNanoseconds()
    broker?.lookForFaults()
    for partition in readers.keys.sorted() {
      guard let reader = readers[partition] else { continue }
      if reader.isDone {
        readers[partition] = nil
      } else if !wants(partition) {
        reader.end()
      }
    }
    if isGone || source.isPaused {
      if readers.isEmpty, !isListing { closeBroker() }
      if !isGone { ask(now) }
      return
    }
    ask(now)
    let wanted = (0..<Int32(partitions)).filter { leads($0) }
    let lists = ownsListing
    guard lists || !wanted.isEmpty else {
      if readers.isEmpty, !isListing { closeBroker() }
      return
    }
    guard let broker else { return open() }
    guard let decoder = currentDecoder() else { return }
    for partition in wanted where readers[partition] == nil {
      let reader = PartitionReader(
        source, partition, into: table, shard, broker, decoder, environment)
      readers[partition] = reader
      reader.start()
    }
    if lists { list(broker, now) }
  }

  private func wants(_ partition: Int32) -> Bool {
    !isGone && !source.isPaused && leads(partition) && readers[partition]?.source == source
  }

  private func currentDecoder() -> ValueDecoder? {
    if let decoder { return decoder }
    do throws(SQLError) {
      decoder = try ValueDecoder(source, shard.reactor)
    } catch {
      note(error.shownForSource)
    }
    return decoder
  }

  private func open() {
    if isOpening { return }
    isOpening = true
    let wanted = source
    shard.reactor.spawn { [self] in
      defer { isOpening = false }
      do throws(BrokerFault) {
        let made = try await SourceBroker.open(wanted)
        broker = made
      } catch {
        note(error.message)
        await shard.reactor.sleep(nanoseconds: Self.listSoonNanoseconds)
      }
    }
  }

  private func closeBroker() {
    broker?.close()
    broker = nil
  }

  private func note(_ text: String?) {
    error = text
    errorAt = text == nil ? nil : Int64(shard.wallNanoseconds() / 1_000_000)
  }

  /// What is wrong with the connections, where nothing is wrong with the source itself.
  var fault: String? { error ?? broker?.fault?.message }

  /// How many partitions have rows, now and then.
  private func ask(_ now: UInt64) {
    if isAsking { return }
    if let askedAt, now &- askedAt < Self.askNanoseconds { return }
    isAsking = true
    askedAt = now
    shard.reactor.spawn { [self] in
      defer { isAsking = false }
      do throws(SQLError) {
        guard let stored = try await asking.partitionCount() else { return }
        // Another ALTER SOURCE has happened: the catalog tells soon.
        if stored.epoch != source.epoch { return lookAgain() }
        partitions = Int(clamping: stored.next ?? 0)
      } catch {
        note(error.shownForSource)
      }
    }
  }

  // MARK: The topic's partitions

  private func list(_ broker: SourceBroker, _ now: UInt64) {
    if isListing { return }
    let patience = partitions == 0 || error != nil ? Self.listSoonNanoseconds : Self.listNanoseconds
    if let listedAt, now &- listedAt < patience { return }
    isListing = true
    listedAt = now
    let source = source
    shard.reactor.spawn { [self] in
      defer { isListing = false }
      do throws(BrokerFault) {
        let count = try await broker.partitionCount()
        broker.noteSuccess()
        await add(count, source)
      } catch {
        note(error.message)
        if error.kind == .unknownTopic { await topicIsMissing(source) }
      }
    }
  }

  /// Rows for those that have none: the first ones begin where the source was told to, later ones at their
  /// first record.
  private func add(_ count: Int, _ source: SourceDefinition) async {
    do throws(SQLError) {
      guard count <= Self.partitionsMax else {
        return note("the topic has \(count) partitions; at most \(Self.partitionsMax) are read")
      }
      guard let stored = try await listing.partitionCount(), stored.epoch == source.epoch,
        let known = stored.next.map({ Int(clamping: $0) })
      else { return }
      note(nil)
      if count <= known { return }
      let seek = known == 0 ? stored.seek ?? SourceSeek.earliest : SourceSeek.earliest
      if try await listing.add(known, upTo: count, seek: seek, epoch: source.epoch) {
        shard.tellEvery(SourceShard.changedName, [])
      }
    } catch {
      note(error.shownForSource)
    }
  }

  /// A topic that comes later is read whole: nothing of it was there when the source was made.
  private func topicIsMissing(_ source: SourceDefinition) async {
    do throws(SQLError) {
      guard let stored = try await listing.partitionCount(), stored.next == 0,
        stored.epoch == source.epoch, stored.seek != SourceSeek.earliest
      else { return }
      _ = try await listing.begin(at: SourceSeek.earliest, epoch: source.epoch)
    } catch {
      note(error.shownForSource)
    }
  }

  /// Of a source that has gone: its rows, if this shard is the one to remove them.
  func forget() async {
    if ownsListing {
      do throws(SQLError) {
        try await listing.forget()
      } catch {
        // Nobody reads them: their number is never given again.
      }
    }
    await asking.statements.close()
    await listing.statements.close()
  }
}
