public import Base
import Catalog

/// A tablet as a caller knows it: with the time since when it has its buckets. A tablet that has been
/// split since refuses the call.
public struct TabletPlace: Sendable, Hashable {
  public var tablet: TabletID
  public var since: Timestamp

  /// Group 0 is never split.
  public static let catalog = TabletPlace(tablet: .catalog, since: .zero)
}

/// Which tablet has which bucket, at one version of the catalog: immutable, each shard has the newest.
/// Finding a bucket's tablet costs two loads.
public final class TabletMap: Sendable {
  /// The descriptor's; 0 for the tablets that the cluster was made with.
  let version: UInt64
  let descriptor: TabletMapDescriptor
  /// In the order of their buckets.
  public let places: [TabletPlace]
  /// By bucket: the tablet's position in `places`.
  private let positions: [UInt16]

  init(_ descriptor: TabletMapDescriptor) {
    invariant(descriptor.ranges.first?.first.rawValue == 0, "no tablet has bucket 0")
    self.descriptor = descriptor
    version = descriptor.version
    places = descriptor.ranges.map { TabletPlace(tablet: $0.tablet, since: $0.since) }
    var positions: [UInt16] = []
    positions.reserveCapacity(Bucket.count)
    for (position, range) in descriptor.ranges.enumerated() {
      let count = descriptor.buckets(of: range.tablet)?.count ?? 0
      positions.append(contentsOf: repeatElement(UInt16(position), count: count))
    }
    invariant(positions.count == Bucket.count, "the tablets have \(positions.count) buckets")
    self.positions = positions
  }

  /// The tablets that a cluster is made with: 1…n in contiguous, equal ranges.
  convenience init(_ layout: Layout) {
    let width = Bucket.count / layout.bucketTabletCount
    self.init(
      TabletMapDescriptor(
        ranges: layout.bucketTablets.enumerated().map { position, tablet in
          TabletMapDescriptor.Range(
            tablet: tablet, first: Bucket(rawValue: UInt16(position * width)), since: .zero)
        }))
  }

  public func place(of bucket: Bucket) -> TabletPlace {
    places[Int(positions[Int(bucket.rawValue)])]
  }

  /// Nil: the tablet has none of the buckets, or not yet.
  func firstBucket(of tablet: TabletID) -> Bucket? {
    descriptor.ranges.first { $0.tablet == tablet }?.first
  }

  var tablets: [TabletID] { places.map(\.tablet) }
  /// Of splits under way, those whose replicas are there.
  var childrenMade: [TabletID] { descriptor.splits.filter(\.isMade).map(\.child) }
}

extension NodeShard {
  public func place(of bucket: Bucket) -> TabletPlace { map.place(of: bucket) }
  /// Of each tablet the first bucket, in their order.
  public var firstBuckets: [Bucket] { map.descriptor.ranges.map(\.first) }
  /// Rises when a tablet is split.
  public var tabletMapVersion: UInt64 { map.version }
  public func tablet(of bucket: Bucket) -> TabletID { map.place(of: bucket).tablet }
}
