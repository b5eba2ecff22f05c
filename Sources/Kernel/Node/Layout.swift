public import Base

/// Which shard of a node hosts a tablet, and how many tablets the cluster was made with: fixed when the
/// data directory is made. Sendable: every shard has a copy. Which tablet has a bucket says `TabletMap`.
///
/// Tablet 0 is group 0 on shard 0; all others go round the shards by their numbers.
public struct Layout: Sendable, Equatable, Codable {
  /// No tablet has a larger number.
  static let tabletMax: UInt64 = 0xFFFF

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

  public func shard(of tablet: TabletID) -> ShardID { Self.shard(of: tablet, among: shardCount) }

  /// On a node of so many shards.
  static func shard(of tablet: TabletID, among shardCount: Int) -> ShardID {
    if tablet == .catalog { return ShardID(rawValue: 0) }
    return ShardID(rawValue: UInt16((Int(tablet.rawValue) - 1) % shardCount))
  }

  /// The tablets that the cluster was made with, in the order of their buckets.
  public var bucketTablets: [TabletID] {
    (1...bucketTabletCount).map { TabletID(rawValue: UInt64($0)) }
  }

  /// Of these, what the shard hosts, group 0 first.
  public func tablets(on shard: ShardID) -> [TabletID] {
    ([.catalog] + bucketTablets).filter { self.shard(of: $0) == shard }
  }
}
