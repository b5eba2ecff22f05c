import Base
import Node

/// What operators can ask for by POST.
///
/// | path | effect |
/// | --- | --- |
/// | `/nodes/ID/drain` | its leaders and replicas are moved away |
/// | `/nodes/ID/resume` | it is used again |
/// | `/nodes/ID/expel` | it is gone for good |
/// | `/tablets/ID/split` | half of its buckets become a tablet of their own |
/// | `/cluster/replication-factor/N` | replicas of each tablet of the standard tier |
/// | `/tiers/NAME/create/N/TABLETS` | a tier with N replicas of each of so many tablets |
/// | `/tiers/NAME/replication-factor/N` | replicas of each of its tablets |
/// | `/tiers/NAME/drop` | the tier is no more |
/// | `/balancer/pause`, `/balancer/resume` | whether anything is moved |
enum OperatorWish {
  /// Nil: it is none.
  static func parse(_ parts: [String]) -> ClusterChange? {
    switch parts.count {
    case 2 where parts[0] == "balancer" && ["pause", "resume"].contains(parts[1]):
      return .pauseBalancer(parts[1] == "pause")
    case 3 where parts[0] == "cluster" && parts[1] == "replication-factor":
      return Int(parts[2]).map { .setReplicationFactor($0) }
    case 3 where parts[0] == "tablets" && parts[2] == "split":
      return UInt64(parts[1]).map { .split(TabletID(rawValue: $0)) }
    case 3...5 where parts[0] == "tiers":
      return tier(parts[1], parts[2], parts[3...].map { Int($0) })
    case 3 where parts[0] == "nodes":
      guard let number = UInt32(parts[1]) else { return nil }
      let node = NodeID(rawValue: number)
      switch parts[2] {
      case "drain": return .drain(node)
      case "resume": return .resume(node)
      case "expel": return .expel(node)
      default: return nil
      }
    default: return nil
    }
  }

  private static func tier(_ name: String, _ wish: String, _ numbers: [Int?]) -> ClusterChange? {
    switch (wish, numbers.count) {
    case ("create", 2):
      guard let factor = numbers[0], let tablets = numbers[1] else { return nil }
      return .createTier(name, replicationFactor: factor, tablets: tablets)
    case ("replication-factor", 1): return numbers[0].map { .setTier(name, replicationFactor: $0) }
    case ("drop", 0): return .dropTier(name)
    default: return nil
    }
  }
}
