import Base
import Catalog
import Node
import Reactor
import SQL
import Types

/// The sources as one shard sees them. Lives on: its shard.
final class SourceShard {
  static let changedName = "kafka sources changed"
  static let statusName = "kafka sources status"

  unowned let shard: NodeShard
  private let environment: SessionEnvironment
  private var runs: [Int64: SourceRun] = [:]
  /// They end.
  private var leaving: [SourceRun] = []
  private var knownVersion: UInt64?

  private static let roundMilliseconds = 200

  init(_ shard: NodeShard, _ environment: SessionEnvironment) {
    self.shard = shard
    self.environment = environment
    shard.onMessage(Self.changedName) { [unowned self] _, _ in
      for run in runs.values { run.lookAgain() }
      return []
    }
    shard.onMessage(Self.statusName) { [unowned self] _, _ in SourceStatus.encoded(statuses) }
  }

  func startRounds() {
    shard.reactor.after(milliseconds: Self.roundMilliseconds) { [self] in
      round()
      startRounds()
    }
  }

  private func round() {
    if knownVersion != shard.catalogVersion {
      knownVersion = shard.catalogVersion
      takeCatalog()
    }
    for id in runs.keys.sorted() { runs[id]?.round() }
    guard !leaving.isEmpty else { return }
    for run in leaving { run.round() }
    for run in leaving where run.isDone {
      shard.reactor.spawn { await run.forget() }
    }
    leaving.removeAll { $0.isDone }
  }

  private func takeCatalog() {
    let found = SourceDefinition.all(in: shard.catalog)
    for (table, source) in found {
      if let run = runs[source.id] {
        run.change(source)
      } else {
        runs[source.id] = SourceRun(source, into: table.id, shard, environment)
      }
    }
    let ids = Set(found.map(\.1.id))
    for id in runs.keys.sorted() where !ids.contains(id) {
      guard let run = runs.removeValue(forKey: id) else { continue }
      run.leave()
      leaving.append(run)
    }
  }

  /// Of what this shard reads.
  private var statuses: [SourceStatus] {
    runs.keys.sorted().flatMap { runs[$0]?.statuses(of: shard.place) ?? [] }
  }
}

extension SourceRun {
  /// One of the source itself where something is wrong with it, and one of each reader.
  func statuses(of place: ShardPlace) -> [SourceStatus] {
    var found: [SourceStatus] = []
    if let fault {
      found.append(
        SourceStatus(
          source: source.id, partition: KafkaSchema.sourceItself, place: place, state: "waiting",
          error: fault, errorAt: errorAt))
    }
    for partition in readers.keys.sorted() {
      guard let reader = readers[partition] else { continue }
      var status = SourceStatus(
        source: source.id, partition: partition, place: place, state: reader.state.rawValue,
        error: reader.error, errorAt: reader.errorAt)
      status.next = reader.next
      status.high = reader.highWatermark
      status.records = reader.records
      status.deadLetters = reader.deadLetterCount
      found.append(status)
    }
    return found
  }
}
