import Base
import Reactor

@testable import Node

/// Two of three nodes that do not hear one another, while both hear the third.
extension ClusterSimulation {
  /// From the cut until the third leads everything: 1.5 s of silence until a link is given up, 1.5 s of patience
  /// (`Connectivity`), pulses there and back, and the balancer's next look, which must not wait for the end of
  /// its rest.
  static let rescueMilliseconds = 3_900

  /// Leaders leave both, and come back after it has healed. Again and again, since the balancer's looks and
  /// the cut do not meet in the same way twice.
  func liveApart(_ cut: ClusterSimulationOptions.Cut) {
    let from = members[cut.from - 1]
    let to = members[cut.to - 1]
    for round in 0..<5 {
      guard world.run(atMostMilliseconds: 30_000, until: { leadersAreSpread }) else {
        return fault("round \(round): leaders are not spread: \(leaderCounts)")
      }
      world.run(until: world.now + 2_000_000_000 + draw(UInt64(0)...1_000_000_000))
      world.partition(from: from, to: to)
      if !cut.isOneWay { world.partition(from: to, to: from) }
      let began = world.now
      let isDone = world.run(atMostMilliseconds: 20_000) {
        leaderCounts(of: from) == 0 && leaderCounts(of: to) == 0
          && leaderCounts.reduce(0, +) == allTablets.count
      }
      let milliseconds = Int((world.now - began) / 1_000_000)
      note("leaders are with those whom all reach after \(milliseconds) ms")
      if !isDone || milliseconds > Self.rescueMilliseconds {
        return fault("round \(round): after \(milliseconds) ms the nodes lead \(leaderCounts)")
      }
      heal()
    }
  }

  /// How many groups each node leads, in the order of `members`.
  private var leaderCounts: [Int] { members.map { leaderCounts(of: $0) } }

  func leaderCounts(of member: NodeID) -> Int {
    (shards[member] ?? []).reduce(0) { sum, shard in
      sum + shard.tabletIDs.count { shard.hosted($0).replication.isServing }
    }
  }

  private var leadersAreSpread: Bool {
    let counts = leaderCounts
    return counts.allSatisfy { $0 > 0 } && counts.reduce(0, +) == allTablets.count
  }
}
