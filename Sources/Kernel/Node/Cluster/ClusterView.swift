import Base
import Catalog
import Raft
import Reactor
import Storage
import Types

/// What a tablet's leader says of its group.
struct TabletReport: Sendable, Equatable {
  var tablet: TabletID
  var term: Term
  var configuration: RaftConfiguration
  var commitIndex: LogIndex
  /// Replicas, in the configuration's order, that lack no more than a little.
  var caughtUp: [ReplicaID]
  var rows: Int
  /// Nil while the leader is not sure that it leads.
  var closed: ClosedTimestamp?
}

/// What one node has heard of the others. Lives on: shard 0.
struct ClusterView {
  struct Seen {
    var incarnation: UInt64
    /// Monotonic, of this node.
    var heardAt: UInt64
    /// Its wall clock less ours, as far as the way there allows to say.
    var offsetNanoseconds: Int64
    /// How far the clocks may be apart, as measured.
    var bound: UInt64
    /// When that was.
    var boundAt: UInt64 = 0
    var catalogVersion: UInt64
    /// Below it no transaction of the node reads.
    var horizon: Timestamp
    /// The nodes that it hears; nil: it does not say.
    var hears: [NodeID]?
  }
  var nodes: [NodeID: Seen] = [:]
  var tablets: [TabletID: (node: NodeID, report: TabletReport)] = [:]
  private(set) var connectivity = Connectivity()

  /// Clocks that are further apart break promises; nodes say so.
  static let clockBoundMax: UInt64 = 500_000_000
  /// What a measurement leaves out: drift until the next one, and the time from a clock's reading to
  /// its use.
  static let clockMargin: UInt64 = 1_000_000

  /// A node could have started again since, with another clock.
  static let boundLife: UInt64 = 500_000_000

  /// Without a pulse for so long a node counts as offline.
  static let silenceNanoseconds: UInt64 = 2_000_000_000

  func isOnline(_ node: NodeID, now: UInt64) -> Bool {
    guard let seen = nodes[node] else { return false }
    return now < seen.heardAt + Self.silenceNanoseconds
  }

  /// Takes stock of who hears whom, by what those say who are heard here.
  mutating func noteConnectivity(now: UInt64) {
    let accounts = nodes.keys.sorted().compactMap { node -> Connectivity.Account? in
      guard isOnline(node, now: now), let hears = nodes[node]?.hears else { return nil }
      return Connectivity.Account(node: node, hears: hears)
    }
    connectivity.note(accounts, now: now)
  }

  mutating func note(_ node: NodeID, _ reports: [TabletReport]) {
    for report in reports {
      if let known = tablets[report.tablet], known.report.term > report.term { continue }
      tablets[report.tablet] = (node, report)
    }
  }
}

/// What a node tells every other one a few times a second, shard 0 to shard 0: that it lives, what its
/// clock says, how far it has the catalog, what it still reads, the groups that it leads, and whom it hears.
struct Pulse: ShardCommand {
  /// The receiver's clock.
  typealias Answer = UInt64
  static let name = "pulse"
  var incarnation: UInt64
  var wallNanoseconds: UInt64
  var catalogVersion: UInt64
  var horizon: Timestamp
  var reports: [TabletReport]
  /// Nil: from a program that does not say it.
  var hears: [NodeID]?

  static let intervalMilliseconds = 200

  func run(on shard: NodeShard, from node: NodeID, reply: @escaping (UInt64) -> Void) {
    shard.heard(self, from: node)
    reply(shard.wallNanoseconds())
  }

  init(
    incarnation: UInt64, wallNanoseconds: UInt64, catalogVersion: UInt64, horizon: Timestamp,
    reports: [TabletReport], hears: [NodeID]?
  ) {
    self.incarnation = incarnation
    self.wallNanoseconds = wallNanoseconds
    self.catalogVersion = catalogVersion
    self.horizon = horizon
    self.reports = reports
    self.hears = hears
  }
  func encode(into out: inout WireEncoder) {
    incarnation.encode(into: &out)
    wallNanoseconds.encode(into: &out)
    catalogVersion.encode(into: &out)
    horizon.encode(into: &out)
    reports.encode(into: &out)
    if let hears { out.list(hears) { $1.bytes.varint(UInt64($0.rawValue)) } }
  }
  init(from reader: inout WireDecoder) throws(DecodingFault) {
    incarnation = try UInt64(from: &reader)
    wallNanoseconds = try UInt64(from: &reader)
    catalogVersion = try UInt64(from: &reader)
    horizon = try Timestamp(from: &reader)
    reports = try [TabletReport](from: &reader)
    if reader.bytes.isAtEnd { return }
    hears = try reader.list { (reader) throws(DecodingFault) in try NodeID(from: &reader) }
  }
}

extension TabletReport: WireCodable {
  func encode(into out: inout WireEncoder) {
    tablet.encode(into: &out)
    term.encode(into: &out)
    configuration.encode(into: &out.bytes)
    commitIndex.encode(into: &out)
    out.list(caughtUp) { $1.bytes.varint($0.rawValue) }
    rows.encode(into: &out)
    (closed?.timestamp ?? .zero).encode(into: &out)
    (closed?.index ?? .zero).encode(into: &out)
  }
  init(from reader: inout WireDecoder) throws(DecodingFault) {
    tablet = try TabletID(from: &reader)
    term = try Term(from: &reader)
    configuration = try RaftConfiguration(from: &reader.bytes)
    commitIndex = try LogIndex(from: &reader)
    caughtUp = try reader.list { (reader) throws(DecodingFault) in
      ReplicaID(rawValue: try reader.bytes.varint())
    }
    rows = try Int(from: &reader)
    let timestamp = try Timestamp(from: &reader)
    let index = try LogIndex(from: &reader)
    closed = timestamp > .zero ? ClosedTimestamp(timestamp: timestamp, index: index) : nil
  }
}

extension NodeShard {
  /// Shard 0: begins to tell the other nodes of this one.
  func startPulses() {
    reactor.after(milliseconds: Pulse.intervalMilliseconds) { [unowned self] in
      pulse()
      startPulses()
    }
  }

  func refreshOwnReports(_ done: @escaping () -> Void) {
    guard let cluster else { return done() }
    gatherReports { reports in
      cluster.view.note(cluster.identity.node, reports)
      done()
    }
  }

  private func pulse() {
    guard let cluster else { return }
    let own = cluster.identity.node
    gatherReports { [self] reports in
      cluster.view.note(own, reports)
      tellLeaders(reports, of: own)
      spreadClockBound(cluster)
      judgeClock(cluster)
      let now = reactor.monotonicNanoseconds()
      let hears = cluster.others.filter {
        cluster.isConnected(to: $0) && cluster.view.isOnline($0, now: now)
      }
      let seen = ClusterView.Seen(
        incarnation: cluster.incarnation, heardAt: now, offsetNanoseconds: 0, bound: 0,
        catalogVersion: catalog.version, horizon: ownHorizon, hears: hears)
      cluster.view.nodes[own] = seen
      cluster.view.noteConnectivity(now: now)
      let pulse = Pulse(
        incarnation: cluster.incarnation, wallNanoseconds: wallNanoseconds(),
        catalogVersion: catalog.version, horizon: ownHorizon, reports: reports,
        hears: featureLevel >= FeatureLevel.connectivity ? hears : nil)
      for node in cluster.others where cluster.isConnected(to: node) {
        let place = ShardPlace(node: node, shard: ShardID(rawValue: 0))
        let sentAt = wallNanoseconds()
        ask(place, pulse) { [self] there in
          guard let there else { return }
          noteOffset(of: node, there, sentAt: sentAt)
        }
      }
    }
  }

  /// Takes half of the way there and back for the way back.
  private func noteOffset(of node: NodeID, _ there: UInt64, sentAt: UInt64) {
    let now = wallNanoseconds()
    let middle = sentAt / 2 + now / 2
    let offset = Int64(bitPattern: there &- middle)
    guard let cluster, cluster.view.nodes[node] != nil else { return }
    cluster.view.nodes[node]?.offsetNanoseconds = offset
    let bound = offset.magnitude + (now - sentAt) / 2 + ClusterView.clockMargin
    cluster.view.nodes[node]?.bound = bound
    cluster.view.nodes[node]?.boundAt = reactor.monotonicNanoseconds()
    if bound > ClusterView.clockBoundMax, offset.magnitude > ClusterView.clockBoundMax {
      cluster.notice("the clock of node \(node) is \(offset / 1_000_000) ms off this one's")
    }
  }

  /// The widest of what has been measured; of nodes that are not there nothing is known.
  private func spreadClockBound(_ cluster: Cluster) {
    let now = reactor.monotonicNanoseconds()
    let own = cluster.identity.node
    let bounds = cluster.others.filter { $0 != own }.map { node -> UInt64 in
      guard let seen = cluster.view.nodes[node], now < seen.boundAt + ClusterView.boundLife,
        cluster.incarnation(of: node) == seen.incarnation
      else { return ClusterView.clockBoundMax }
      return min(seen.bound, ClusterView.clockBoundMax)
    }
    let bound = bounds.max() ?? 0
    for number in 0..<layout.shardCount {
      peers[ShardID(rawValue: UInt16(number))].post { $0.clockBound = bound }
    }
  }

  private func gatherReports(_ done: @escaping ([TabletReport]) -> Void) {
    let home = peers[id]
    let gather = Gather<[TabletReport]>(count: layout.shardCount) { lists in
      done(lists.flatMap { $0 })
    }
    let back = ShardBound(gather)
    for number in 0..<layout.shardCount {
      peers[ShardID(rawValue: UInt16(number))].post { there in
        let reports = there.reports
        home.post { _ in back.value.add(reports, at: number) }
      }
    }
  }

  /// Of the groups that are led here.
  private var reports: [TabletReport] {
    tabletIDs.compactMap { id in
      let tablet = hosted(id)
      return tablet.replication.isServing ? tablet.report() : nil
    }
  }

  /// Every shard of this node hears who leads what.
  private func tellLeaders(_ reports: [TabletReport], of node: NodeID) {
    let leaders = reports.map { LeaderTerm(tablet: $0.tablet, term: $0.term) }
    if leaders.isEmpty { return }
    let own = nodeID
    for number in 0..<layout.shardCount {
      peers[ShardID(rawValue: UInt16(number))].post { there in
        for leader in leaders { there.noteLeader(leader.tablet, node, leader.term) }
        there.closed.note(reports, on: own)
      }
    }
  }

  func heard(_ pulse: Pulse, from node: NodeID) {
    guard let cluster else { return }
    // Another life of the node may have another clock.
    let known = cluster.view.nodes[node].flatMap {
      $0.incarnation == pulse.incarnation ? $0 : nil
    }
    cluster.view.nodes[node] = ClusterView.Seen(
      incarnation: pulse.incarnation, heardAt: reactor.monotonicNanoseconds(),
      offsetNanoseconds: known?.offsetNanoseconds ?? 0,
      bound: known?.bound ?? ClusterView.clockBoundMax, boundAt: known?.boundAt ?? 0,
      catalogVersion: pulse.catalogVersion,
      horizon: pulse.horizon, hears: pulse.hears)
    cluster.view.note(node, pulse.reports)
    tellLeaders(pulse.reports, of: node)
    let horizon = pulse.horizon
    for number in 0..<layout.shardCount {
      peers[ShardID(rawValue: UInt16(number))].post { there in
        there.noteHorizon(horizon, of: node)
      }
    }
  }

  /// A replica here, or another node, says who leads the tablet.
  func noteLeader(_ tablet: TabletID, _ node: NodeID, _ term: Term) {
    let before = leaders[tablet]
    guard leaders.note(tablet, LeaderDirectory.Leader(node: node, term: term)) else { return }
    if let before, before.node != node { cluster?.leaderMoved(tablet, from: before.node) }
  }
}

extension Tablet {
  fileprivate func report() -> TabletReport { replication.report(rows: rows, closed: close()) }

  var rows: Int { store.spaces.reduce(0) { $0 + store.count($1) } }
}
