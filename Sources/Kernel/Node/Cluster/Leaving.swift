import Base
import Raft
import Reactor

/// Reaches a running node from any thread: for its end.
public struct NodeHandle: Sendable {
  private let peer: ShardPeer

  public init(_ shard: NodeShard) { peer = ShardPeer(shard) }

  /// Hands every leadership over to another node, as far as there is one, so that clients of other nodes
  /// notice nothing of this one's end. `done` runs on some shard's thread.
  public func handOver(_ done: @escaping @Sendable () -> Void) {
    peer.post { $0.handOverEverywhere(done) }
  }
}

extension NodeShard {
  fileprivate func handOverEverywhere(_ done: @escaping @Sendable () -> Void) {
    let gather = Gather<Bool>(count: layout.shardCount) { _ in done() }
    let back = ShardBound(gather)
    let home = peers[id]
    for number in 0..<layout.shardCount {
      peers[ShardID(rawValue: UInt16(number))].post { there in
        there.handOverAll { home.post { _ in back.value.add(true, at: number) } }
      }
    }
  }

  /// Of this shard; `done` runs when each leadership is gone or could not be given away.
  func handOverAll(_ done: @escaping () -> Void) {
    let leading = tabletIDs.map(hosted).filter { $0.replication.isServing }
    let gather = Gather<Bool>(count: leading.count) { _ in done() }
    for (place, tablet) in leading.enumerated() {
      let group = tablet.replication
      let report = group.report(rows: 0)
      let heirs = report.configuration.voters.filter {
        $0 != group.core.id && report.caughtUp.contains($0)
      }
      // Spread over the others.
      guard !heirs.isEmpty else {
        gather.add(false, at: place)
        continue
      }
      tablet.handOver(to: heirs[place % heirs.count]) { gather.add($0, at: place) }
    }
  }
}
