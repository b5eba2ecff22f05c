import Base

/// Reads that may be a little old, from the replicas of the client's own node (DESIGN 7, 22.4).
///
/// A leader closes a timestamp: whatever commits in its group from now on is newer, also under another
/// leader, as long as clocks agree within their bound. It says so a few times a second, with its newest
/// entry's index: a replica that has applied that entry has all there is up to the timestamp.

/// A leader's word: no entry behind `index` will hold a version at or below `timestamp`.
struct ClosedTimestamp: Sendable, Equatable {
  var timestamp: Timestamp
  var index: LogIndex
}

/// What leaders have closed, also those on this node, of the tablets with a replica here.
/// Lives on: each shard, a copy.
struct ClosedTimestamps {
  private var newest: [TabletID: ClosedTimestamp] = [:]
  /// Those said before, which have surely been applied by now.
  private var earlier: [TabletID: ClosedTimestamp] = [:]
  /// What every replica of this node can serve; nil where no leader has spoken.
  private(set) var servable: Timestamp?

  /// A leader's reports have come.
  mutating func note(_ reports: [TabletReport], on own: NodeID) {
    for report in reports {
      let id = report.tablet
      guard report.configuration.contains(node: own) else {
        newest[id] = nil
        earlier[id] = nil
        continue
      }
      guard let closed = report.closed, closed.timestamp > newest[id]?.timestamp ?? .zero else {
        continue
      }
      earlier[id] = newest[id]
      newest[id] = closed
    }
    servable = newest.keys.map { earlier[$0]?.timestamp ?? .zero }.min()
  }

  /// Whether a replica that has applied everything up to `index` has all there is at `snapshot`.
  func covers(_ snapshot: Timestamp, _ tablet: TabletID, appliedTo index: LogIndex) -> Bool {
    [newest[tablet], earlier[tablet]].contains { closed in
      closed.map { snapshot <= $0.timestamp && $0.index <= index } ?? false
    }
  }
}

extension NodeShard {
  /// Old versions are kept so long, at most, for reads that may be old.
  private static let keptNanoseconds: UInt64 = 10_000_000_000

  /// A snapshot no older than that, which the replicas of this node have whole; nil where there is
  /// none, or a replica here lags, or the schema has changed since: then leaders are asked for what
  /// is newest.
  func nearbySnapshot(milliseconds: Int) -> Timestamp? {
    guard !isAlone, let snapshot = closed.servable, snapshot > catalogSince else { return nil }
    let age = min(UInt64(milliseconds) * 1_000_000, Self.keptNanoseconds)
    return snapshot >= timestamp(nanosecondsAgo: age) ? snapshot : nil
  }

  fileprivate func timestamp(nanosecondsAgo age: UInt64) -> Timestamp {
    let now = wallNanoseconds()
    return Timestamp(rawValue: now - min(now, age))
  }

  /// The oldest snapshot that `nearbySnapshot` may still give.
  var oldestNearbySnapshot: Timestamp {
    guard let snapshot = closed.servable else { return .distantFuture }
    return max(snapshot, timestamp(nanosecondsAgo: Self.keptNanoseconds))
  }

  /// Calls one procedure on this node's replica, or on the leader where there is none, or it lags.
  func dispatchNearby<P: Procedure>(
    _ procedure: P, _ header: CallHeader, to tablet: TabletID,
    reply: @escaping (CallReply<P.Output>) -> Void
  ) {
    askHere(tablet, ProcedureCall(procedure: procedure, header: header)) { [self] answer in
      guard ProcedureCall<P>.isRefused(answer) else { return reply(answer) }
      var header = header
      header.isNearby = false
      dispatch(procedure, header, to: tablet, reply: reply)
    }
  }

  func dispatchNearby<P: Procedure>(
    _ calls: [(TabletPlace, P)], _ header: CallHeader,
    reply: @escaping ([CallReply<P.Output>]) -> Void
  ) {
    let gather = Gather<CallReply<P.Output>>(count: calls.count, completion: reply)
    for (position, (place, procedure)) in calls.enumerated() {
      dispatchNearby(procedure, header.to(place), to: place.tablet) {
        gather.add($0, at: position)
      }
    }
  }
}

extension Tablet {
  /// What this leader closes; nil where it is not sure to lead. Prepared transactions may commit at any
  /// time from their promise on. A leader elsewhere may have a clock that is behind by the bound, and
  /// gives no earlier stamps.
  func close() -> ClosedTimestamp? {
    guard replication.isReadable, !isHandingOver else { return nil }
    var timestamp = shard.timestamp(nanosecondsAgo: ClusterView.clockBoundMax)
    for state in open.values {
      if let prepared = state.prepared { timestamp = min(timestamp, prepared.timestamp.previous) }
    }
    return ClosedTimestamp(timestamp: timestamp, index: replication.lastIndex)
  }

  /// This replica does not lead, and has all that the call may read.
  func canServeNearby(_ header: CallHeader) -> Bool {
    guard let snapshot = header.snapshot, replication.failure == nil, header.since == since else {
      return false
    }
    return shard.closed.covers(snapshot, id, appliedTo: replication.commitIndex)
      && knowsSchema(header, at: snapshot)
  }
}
