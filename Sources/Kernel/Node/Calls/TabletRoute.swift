public import Base
import Catalog

/// Where requests for some buckets are executed: for clients that find their way by themselves.
public struct TabletRoute: Sendable, Equatable {
  public var tablet: TabletID
  /// The slots of the tablet's buckets.
  public var slots: ClosedRange<Int>
  /// As this shard has heard: a hint, true again soon after the leader has changed.
  public var leader: ShardPlace
}

extension NodeShard {
  /// Whether this shard itself executes the bucket's requests.
  public func leads(_ bucket: Bucket) -> Bool {
    tablets[place(of: bucket).tablet]?.replication.isReadable ?? false
  }

  /// Nil: no leader is known now, or the bucket has no tablet.
  public func route(of bucket: Bucket) -> TabletRoute? {
    let tablet = place(of: bucket).tablet
    let own = map.descriptor.ranges.filter { $0.first.tier == bucket.tier }
    guard let number = own.lastIndex(where: { $0.first.slot <= bucket.slot }),
      own[number].tablet == tablet
    else { return nil }
    let last = number + 1 < own.count ? Int(own[number + 1].first.slot) - 1 : Bucket.count - 1
    let leader =
      leaders[tablet]?.node ?? (tablets[tablet] == nil && isAlone == false ? nil : nodeID)
    guard let leader else { return nil }
    let count =
      leader == nodeID
      ? layout.shardCount : catalog.nodes.first { $0.node == leader }?.shards ?? 0
    guard count > 0 else { return nil }
    return TabletRoute(
      tablet: tablet, slots: Int(own[number].first.slot)...last,
      leader: ShardPlace(node: leader, shard: Layout.shard(of: tablet, among: count)))
  }

  public var shardCount: Int { layout.shardCount }
}
