import Base
import Catalog
import Raft
import Reactor
import Types

@testable import Node

/// A second tier: its nodes come after the first ones, every other place of the workload is in it, and so is
/// the table. So most transactions are over both.
extension ClusterSimulation {
  static let tierName = "archive"
  private static let tier = TierID(rawValue: 1)

  var hasTier: Bool { cluster.tierNodes > 0 }

  func bucket(_ place: Int) -> Bucket {
    let bucket = PlaceBuckets.bucket(place, of: options.tablets)
    return hasTier && place % 2 == 1 ? bucket.of(Self.tier) : bucket
  }

  /// Of the nodes that a cluster begins with, and not of one that joins later.
  func isOfTier(_ node: NodeID) -> Bool {
    (cluster.nodes + 1..<cluster.nodes + 1 + cluster.tierNodes).contains(Int(node.rawValue))
  }

  /// One of its nodes may ask to join before the tier is there.
  func beginTier() -> Bool {
    let first = NodeID(rawValue: UInt32(cluster.nodes + 1))
    if random.next() % 2 == 0 { begin(first) }
    perform("CREATE TIER") { [self] shard in
      for _ in 0..<50 {
        do throws(KernelError) {
          if shard.catalog.tierID(named: Self.tierName) != nil { return }
          try await shard.change(
            .createTier(
              Self.tierName, replicationFactor: cluster.tierNodes, tablets: options.tablets))
          faultsMet.tiers += 1
          return
        } catch {
          note("CREATE TIER: \(error)")
          await shard.reactor.sleep(milliseconds: 100)
        }
      }
      fault("CREATE TIER fails")
    }
    for number in 0..<cluster.tierNodes { begin(NodeID(rawValue: first.rawValue + UInt32(number))) }
    guard awaitReady(members) else {
      fault("nodes do not join the tier: \(readyNodes)")
      return false
    }
    let isMade = world.run(atMostMilliseconds: 60_000) {
      shards.values.joined().allSatisfy { $0.hasTablets(Self.tier) } || hasFault
    }
    if !isMade { fault("the tier's tablets are not made") }
    return !hasFault
  }

  private func begin(_ node: NodeID) {
    if members.contains(node) { return }
    members.append(node)
    start(node)
  }

  /// How many voters the tablet should have at least.
  func voterCount(_ tablet: TabletID) -> Int {
    tier(of: tablet) == Self.tier ? cluster.tierNodes : 3
  }

  /// Nodes of one tier have no replicas of another one's tablets.
  func isWithinTier(_ tablet: TabletID, _ configuration: RaftConfiguration) -> Bool {
    guard hasTier, tablet != .catalog, let shard = shards.values.joined().first else { return true }
    return (configuration.voters + configuration.learners).allSatisfy { replica in
      shard.catalog.node(replica.node)?.tier == tier(of: tablet)
    }
  }

  private func tier(of tablet: TabletID) -> TierID {
    guard tablet != .catalog else { return .standard }
    let map = shards.values.joined().max { $0.map.version < $1.map.version }?.map
    return map?.tier(of: tablet) ?? .standard
  }
}
