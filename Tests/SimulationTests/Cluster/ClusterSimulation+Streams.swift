import Base
import Raft
import Reactor
import Storage
import WAL

@testable import Node

extension ClusterSimulation {
  /// The streams of all replicas are the same where several have them, whole, and what the rows have become.
  func checkStreams() {
    var history = StreamHistory(compacts: cluster.compactsStreams)
    for id in allTablets where id != .catalog {
      let all = replicas(id)
      guard let leader = all.first(where: { $0.tablet.replication.isServing }) else {
        return fault("tablet \(id) has no leader")
      }
      let group = leader.tablet.replication.core.configuration
      for (node, tablet) in all where group.contains(tablet.replication.core.id) {
        for stream in tablet.changes.partitions {
          guard let found = read(stream, "tablet \(id) on \(node)") else { return }
          if stream.base > 0 { history.moved += 1 }
          faultsMet.compactedSegments += stream.segments.count { $0.header.isCompacted }
          history.add(
            stream.key, found, from: stream.earliest, to: stream.next, "tablet \(id) on \(node)")
        }
      }
    }
    let rows = history.replay()
    compare(rows, besides: history.isCut)
    faultsMet.cutStreams += history.isCut.count
    faultsMet.changeRecords += history.count
    faultsMet.movedStreams += history.moved
    for text in history.faults { fault("streams: \(text)") }
  }

  /// Replicas that came by snapshots get what they never had from the others.
  func awaitStreams() {
    faultsMet.copiedStreams += unevenStreams.count
    let isDone = world.run(atMostMilliseconds: 120_000) { unevenStreams.isEmpty }
    if !isDone { fault("streams do not get their beginnings: \(unevenStreams)") }
  }

  /// Partitions whose replicas do not begin at the same offset.
  private var unevenStreams: [String] {
    allTablets.filter { $0 != .catalog }.flatMap { id -> [String] in
      let all = replicas(id)
      guard let leader = all.first(where: { $0.tablet.replication.isServing }) else {
        return ["\(id) without a leader"]
      }
      let group = leader.tablet.replication.core.configuration
      let members = all.filter { group.contains($0.tablet.replication.core.id) }
      return leader.tablet.changes.keys.compactMap { key in
        let begins = members.compactMap { $0.tablet.changes[key]?.earliest }
        return Set(begins).count > 1 ? "\(id) \(key): \(begins)" : nil
      }
    }
  }

  private func read(_ stream: PartitionStream, _ who: String) -> [ChangeRecord]? {
    var found: [ChangeRecord]?
    stream.shard.reactor.spawn { [self] in
      var records: [ChangeRecord] = []
      do throws(WALError) {
        while true {
          let start = records.last.map { $0.offset + 1 } ?? stream.earliest
          let page = try await stream.read(from: start, maxBytes: 4_096)
          if page.isEmpty { break }
          records += page
        }
      } catch {
        fault("\(who), \(stream.key): \(error)")
      }
      found = records
    }
    if !world.run(atMostMilliseconds: 60_000, until: { found != nil }) {
      fault("\(who): reading \(stream.key) does not end")
    }
    return found
  }

  /// Rows of the leaders' stores are those that the records left.
  private func compare(
    _ rows: [KeyspaceID: [[UInt8]: [UInt8]]], besides cut: Set<KeyspaceID>
  ) {
    var stored: [KeyspaceID: [[UInt8]: [UInt8]]] = [:]
    for id in allTablets where id != .catalog {
      guard let leader = replicas(id).first(where: { $0.tablet.replication.isServing }) else {
        continue
      }
      for space in StreamHistory.spaces {
        leader.tablet.store.scan(
          space, from: .unbounded, to: .unbounded, reverse: false, at: .distantFuture,
          reader: TransactionID(rawValue: 0)
        ) { key, found in
          if let value = found.value { stored[space, default: [:]][Array(key)] = Array(value) }
          return .next
        }
      }
    }
    for (space, changed) in rows.sorted(by: { $0.key < $1.key }) {
      for (key, value) in changed where stored[space]?[key] ?? [] != value {
        return fault(
          "streams: key \(key) of \(space) is \(stored[space]?[key] ?? []), by its records \(value)"
        )
      }
      if cut.contains(space) { continue }
      for key in stored[space, default: [:]].keys where changed[key] == nil {
        return fault("streams: key \(key) of \(space) has no record")
      }
    }
  }
}
