public import Base

/// Which tablet owns a bucket and which shard hosts a tablet: on one node, fixed when the data
/// directory is made. Sendable: every shard has a copy.
///
/// Tablet 0 is group 0 on shard 0; tablets 1…n share the buckets in contiguous, equal ranges and
/// go round the shards.
public struct Layout: Sendable, Equatable, Codable {
  public let shardCount: Int
  public let bucketTabletCount: Int

  public init(shardCount: Int, bucketTabletCount: Int) {
    invariant(shardCount > 0 && shardCount <= 256, "\(shardCount) shards")
    invariant(
      bucketTabletCount > 0 && Bucket.count % bucketTabletCount == 0,
      "\(bucketTabletCount) tablets do not divide the buckets")
    self.shardCount = shardCount
    self.bucketTabletCount = bucketTabletCount
  }

  public func tablet(of bucket: Bucket) -> TabletID {
    let width = Bucket.count / bucketTabletCount
    return TabletID(rawValue: UInt64(Int(bucket.rawValue) / width) + 1)
  }

  /// The first bucket of a tablet that has some.
  public func firstBucket(of tablet: TabletID) -> Bucket {
    let width = Bucket.count / bucketTabletCount
    return Bucket(rawValue: UInt16((Int(tablet.rawValue) - 1) * width))
  }

  public func shard(of tablet: TabletID) -> ShardID {
    if tablet == .catalog { return ShardID(rawValue: 0) }
    return ShardID(rawValue: UInt16((Int(tablet.rawValue) - 1) % shardCount))
  }

  /// The tablets of the buckets, in bucket order.
  public var bucketTablets: [TabletID] {
    (1...bucketTabletCount).map { TabletID(rawValue: UInt64($0)) }
  }

  /// All that the shard hosts, group 0 first.
  public func tablets(on shard: ShardID) -> [TabletID] {
    ([.catalog] + bucketTablets).filter { self.shard(of: $0) == shard }
  }
}
