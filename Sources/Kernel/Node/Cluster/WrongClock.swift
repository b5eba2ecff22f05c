import Base
import Reactor

/// A node whose clock is further off than promises allow: its timestamps would let clients read what is
/// older than what they were told (DESIGN 22.4). It leads nothing, and statements of its own clients are
/// refused, until its clock is set and it starts again. It stays a voter.
extension NodeShard {
  /// Shard 0: whether this node's clock is the wrong one, as most say of those that can be heard. Where as
  /// many agree as disagree, those with the oldest node among them are right.
  func judgeClock(_ cluster: Cluster) {
    let now = reactor.monotonicNanoseconds()
    var agreeing = [cluster.identity.node]
    var disagreeing: [NodeID] = []
    for node in cluster.others where node != cluster.identity.node {
      guard let seen = cluster.view.nodes[node], now < seen.boundAt + ClusterView.boundLife,
        cluster.incarnation(of: node) == seen.incarnation
      else { continue }
      // Within what the way there and back leaves open, it may be right.
      let isOff =
        seen.offsetNanoseconds.magnitude > ClusterView.clockBoundMax
        && seen.offsetNanoseconds.magnitude - ClusterView.clockBoundMax
          > seen.bound - seen.offsetNanoseconds.magnitude
      if isOff { disagreeing.append(node) } else { agreeing.append(node) }
    }
    let isTie = agreeing.count == disagreeing.count
    let isWrong =
      disagreeing.count > agreeing.count
      || isTie && (disagreeing.min() ?? .maximum) < (agreeing.min() ?? .maximum)
    guard isWrong != isClockWrong || isWrong else { return }
    if isWrong && !isClockWrong {
      cluster.notice(
        "this node's clock is more than \(ClusterView.clockBoundMax / 1_000_000) ms off those of "
          + "\(disagreeing.count) others: it leads nothing and serves nobody until the clock is set "
          + "and the node starts again")
    }
    for number in 0..<layout.shardCount {
      peers[ShardID(rawValue: UInt16(number))].post { $0.noteClock(isWrong: isWrong) }
    }
  }

  private func noteClock(isWrong: Bool) {
    let isNews = isClockWrong != isWrong
    isClockWrong = isWrong
    for id in tabletIDs { hosted(id).replication.abstains = isWrong }
    guard isNews && isWrong else { return resignWhatIsLed() }
    handOverAll { [self] in resignWhatIsLed() }
  }

  /// What could not be handed over.
  private func resignWhatIsLed() {
    guard isClockWrong else { return }
    for id in tabletIDs where !hosted(id).isHandingOver { hosted(id).replication.resign() }
  }

  /// Refuses work whose timestamps this node would give.
  func checkClock() throws(KernelError) {
    if isClockWrong {
      throw .unavailable("this node's clock is too far off those of the other nodes")
    }
  }
}
