public import Base
import Catalog

/// A tablet as a caller knows it: with the time since when it has its buckets. A tablet that has been
/// split since refuses the call.
public struct TabletPlace: Sendable, Hashable {
  public var tablet: TabletID
  public var since: Timestamp

  /// Group 0 is never split.
  public static let catalog = TabletPlace(tablet: .catalog, since: .zero)
  /// Of buckets of a tier that is not there any more, or not yet: nobody has such a tablet, and calls to
  /// it fail as those to one without a leader.
  static let nowhere = TabletPlace(
    tablet: TabletID(rawValue: Layout.tabletMax + 1), since: .distantFuture)
}

/// Which tablet has which bucket, at one version of the catalog: immutable, each shard has the newest.
/// Finding a bucket's tablet costs two loads.
public final class TabletMap: Sendable {
  /// The descriptor's; 0 for the tablets that the cluster was made with.
  let version: UInt64
  let descriptor: TabletMapDescriptor
  /// Of all tiers, in the order of their buckets.
  public let places: [TabletPlace]
  /// By tier: its part of `places`.
  private let parts: [Range<Int>]
  /// By bucket: the tablet's position in `found`.
  private let positions: [UInt16]
  /// `places`, and nowhere behind them.
  private let found: [TabletPlace]
  /// Of `groups` and tablets that are to be made.
  private let tiers: [TabletID: TierID]

  init(_ descriptor: TabletMapDescriptor) {
    invariant(descriptor.ranges.first?.first.rawValue == 0, "no tablet has bucket 0")
    self.descriptor = descriptor
    version = descriptor.version
    places = descriptor.ranges.map { TabletPlace(tablet: $0.tablet, since: $0.since) }
    found = places + [.nowhere]
    let tierCount = Int(descriptor.ranges.last?.first.tier.rawValue ?? 0) + 1
    var parts = [Range<Int>](repeating: 0..<0, count: tierCount)
    var positions = [UInt16](repeating: UInt16(places.count), count: tierCount * Bucket.count)
    var next: UInt32 = 0
    for (position, range) in descriptor.ranges.enumerated() {
      let tier = Int(range.first.tier.rawValue)
      let slots = descriptor.buckets(at: position)
      invariant(range.first.rawValue == next || slots.lowerBound == 0, "a gap at \(range.first)")
      for slot in slots { positions[tier * Bucket.count + slot] = UInt16(position) }
      parts[tier] = (slots.lowerBound == 0 ? position : parts[tier].lowerBound)..<(position + 1)
      next = UInt32(tier * Bucket.count + slots.upperBound)
    }
    self.parts = parts
    self.tiers = Dictionary(
      descriptor.ranges.map { ($0.tablet, $0.first.tier) }
        + descriptor.births.map { ($0.tablet, $0.first.tier) }
        + descriptor.splits.map { ($0.child, $0.at.tier) }
    ) { first, _ in first }
    self.positions = positions
  }

  /// The tablets that a cluster is made with: 1…n in contiguous, equal ranges.
  convenience init(_ layout: Layout) {
    let width = Bucket.count / layout.bucketTabletCount
    self.init(
      TabletMapDescriptor(
        ranges: layout.bucketTablets.enumerated().map { position, tablet in
          TabletMapDescriptor.Range(
            tablet: tablet, first: Bucket(slot: UInt16(position * width)), since: .zero)
        }))
  }

  public func place(of bucket: Bucket) -> TabletPlace {
    let place = Int(bucket.rawValue)
    return place < positions.count ? found[Int(positions[place])] : .nowhere
  }

  /// The tier's, in the order of their buckets; empty: it has no tablets.
  public func places(of tier: TierID) -> ArraySlice<TabletPlace> {
    tier.rawValue < UInt16(parts.count) ? places[parts[Int(tier.rawValue)]] : []
  }

  /// Nil: the tablet has none of the buckets, or not yet.
  func firstBucket(of tablet: TabletID) -> Bucket? {
    descriptor.ranges.first { $0.tablet == tablet }?.first
  }

  var tablets: [TabletID] { places.map(\.tablet) }
  /// Of splits under way, those whose replicas are there.
  var childrenMade: [TabletID] { descriptor.splits.filter(\.isMade).map(\.child) }
  /// Tablets that have replicas, also those that have no buckets yet. Group 0 is none of them.
  var groups: [TabletID] {
    tablets + childrenMade + descriptor.births.filter(\.isMade).map(\.tablet)
  }
  /// Standard of what is not known.
  func tier(of tablet: TabletID) -> TierID { tiers[tablet] ?? .standard }
}

extension NodeShard {
  /// Nil: of all.
  func places(ofTiers tiers: [TierID]?) -> [TabletPlace] {
    tiers.map { $0.flatMap { map.places(of: $0) } } ?? map.places
  }
  public func place(of bucket: Bucket) -> TabletPlace { map.place(of: bucket) }
  /// Whether tables can live in the tier.
  public func hasTablets(_ tier: TierID) -> Bool { !map.places(of: tier).isEmpty }
  /// Of each tablet of the standard tier the first bucket, in their order.
  public var firstBuckets: [Bucket] { firstBuckets(of: .standard) }
  public func firstBuckets(of tier: TierID) -> [Bucket] {
    map.descriptor.ranges.map(\.first).filter { $0.tier == tier }
  }
  /// Rises when a tablet is split.
  public var tabletMapVersion: UInt64 { map.version }
  public func tablet(of bucket: Bucket) -> TabletID { map.place(of: bucket).tablet }
}
