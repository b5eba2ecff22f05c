import Base
import Raft
import Reactor

/// Reaches a running node from any thread: for its end.
public struct NodeHandle: Sendable {
  private let peer: ShardPeer

  public init(_ shard: NodeShard) { peer = ShardPeer(shard) }

  /// Hands every leadership over to another node, as far as there is one, so that clients of other nodes
  /// notice nothing of this one's end. `done` runs on some shard's thread, when the last answers have left
  /// and the others have heard who leads.
  public func handOver(_ done: @escaping @Sendable () -> Void) {
    peer.post { $0.handOverEverywhere(done) }
  }
}

extension NodeShard {
  private static let farewellMilliseconds = 250

  fileprivate func handOverEverywhere(_ done: @escaping @Sendable () -> Void) {
    let gather = Gather<Bool>(count: layout.shardCount) { [self] _ in
      if isAlone { return done() }
      reactor.after(milliseconds: Self.farewellMilliseconds, done)
    }
    let back = ShardBound(gather)
    let home = peers[id]
    for number in 0..<layout.shardCount {
      peers[ShardID(rawValue: UInt16(number))].post { there in
        // Nobody gives it a leadership back.
        for id in there.tabletIDs { there.hosted(id).replication.abstains = true }
        there.handOverAll { home.post { _ in back.value.add(true, at: number) } }
      }
    }
  }

  /// Of this shard; `done` runs when each leadership is gone or could not be given away. One after the
  /// other: transactions that one tablet waits for may need another to end.
  func handOverAll(_ done: @escaping () -> Void) {
    let limit = reactor.monotonicNanoseconds() + Self.handOverNanoseconds
    reactor.spawn { [self] in
      while reactor.monotonicNanoseconds() < limit {
        for (place, id) in tabletIDs.enumerated() {
          guard let tablet = tablets[id], let heir = heir(of: tablet, place) else { continue }
          guard reactor.monotonicNanoseconds() < limit else { break }
          let reply = Reply<Bool>()
          tablet.handOver(to: heir) { reply.fulfill($0) }
          _ = await reply.get()
        }
        await answerAll(until: reactor.monotonicNanoseconds() + Self.answersNanoseconds)
        // One that had just begun to lead, or whose followers had not caught up, has its turn again.
        if !tabletIDs.contains(where: mayHandOver) { return done() }
        await reactor.sleep(milliseconds: Self.pauseMilliseconds)
      }
      noticeKept()
      done()
    }
  }

  /// It leads, or is about to, and somebody else is there who can.
  private func mayHandOver(_ id: TabletID) -> Bool {
    guard let group = tablets[id]?.replication else { return false }
    return group.core.hasLivingVoters(timeouts: Self.heirTimeouts)
  }

  private func noticeKept() {
    let kept = tabletIDs.filter(mayHandOver)
    guard !kept.isEmpty else { return }
    cluster?.notice(
      "ending, though the leadership of \(kept.count) tablets could not be handed over: "
        + kept.map(\.description).joined(separator: ", "))
  }

  /// What other nodes have asked for and not heard of: it may wait for the log's next write.
  private func answerAll(until limit: UInt64) async {
    while cluster?.answersOwed ?? 0 > 0, reactor.monotonicNanoseconds() < limit {
      await reactor.sleep(milliseconds: 5)
    }
  }

  private static let answersNanoseconds: UInt64 = 3_000_000_000
  /// No further one is begun afterwards.
  private static let handOverNanoseconds: UInt64 = 12_000_000_000

  private static let pauseMilliseconds = 10
  /// Who has been silent for longer is not waited for.
  private static let heirTimeouts = 3

  /// Spread over the others; nil where nobody can, or need.
  private func heir(of tablet: Tablet, _ place: Int) -> ReplicaID? {
    let group = tablet.replication
    guard group.isServing else { return nil }
    let report = group.report(rows: 0)
    let heirs = report.configuration.voters.filter {
      $0 != group.core.id && report.caughtUp.contains($0)
    }
    return heirs.isEmpty ? nil : heirs[place % heirs.count]
  }
}
