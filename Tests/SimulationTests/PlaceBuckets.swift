import Base
import Catalog
import SQL
import Types

@testable import Node

/// Where the workload's keys are, for splits: everything of a place is in one bucket, and which place a
/// tablet belongs to says its range. So of the two tablets that a split makes one has all.
struct PlaceBuckets: BucketReader {
  private let map: TabletMapDescriptor?
  private let places: Int
  /// Knows the keyspaces before those of the workload.
  private var tables: TableBuckets

  init(_ catalog: CatalogSnapshot, places: Int) {
    map = catalog.tabletMap
    self.places = places
    tables = TableBuckets(catalog)
  }

  mutating func bucket(
    ofKey key: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer, in space: KeyspaceID,
    on tablet: TabletID
  ) throws(SQLError) -> StoredBucket {
    if space < Spaces.cells {
      return try tables.bucket(ofKey: key, value: value, in: space, on: tablet)
    }
    // A split's child may be used before its map is known everywhere.
    let coming = map?.splits.first { $0.child == tablet }?.at.slot
    // Before the first split there is no map: the first tablets are the places.
    let plain = map == nil ? (Int(tablet.rawValue) - 1) * Self.width(places) : nil
    guard let first = map?.buckets(of: tablet)?.lowerBound ?? coming.map({ Int($0) }) ?? plain
    else {
      throw SQLError("XX000", "tablet \(tablet) has no buckets")
    }
    let bucket = Self.bucket(first / Self.width(places), of: places)
    return .bucket(bucket.of(map?.tier(of: tablet) ?? .standard))
  }

  private static func width(_ places: Int) -> Int { Bucket.count / places }

  /// Of every other place the bucket is in the part that a split gives away.
  static func bucket(_ place: Int, of places: Int) -> Bucket {
    let offset = place % 2 == 0 ? 3 : width(places) - 5
    return Bucket(slot: UInt16(place * width(places) + offset))
  }

  static func place(of tablet: TabletID, in map: TabletMap, places: Int) -> Int? {
    map.descriptor.buckets(of: tablet).map { $0.lowerBound / width(places) }
  }
}

extension Transaction {
  /// Runs the procedure everywhere; the results by place, of which several tablets may have a part.
  func callPlaces<P: Procedure>(
    _ procedure: P, _ count: Int, merge: (P.Output, P.Output) -> P.Output
  ) async throws(KernelError) -> [P.Output] {
    let map = shard.map
    let found = try await callEach(map.places.map { ($0, procedure) })
    var results: [P.Output?] = Array(repeating: nil, count: count)
    for (tablet, output) in zip(map.tablets, found) {
      guard let place = PlaceBuckets.place(of: tablet, in: map, places: count) else { continue }
      results[place] = results[place].map { merge($0, output) } ?? output
    }
    return results.compactMap { $0 }
  }

  func readAll(_ places: Int, of spaces: [KeyspaceID] = Spaces.all) async throws(KernelError)
    -> [[[ReadAll.Pair]]]
  {
    try await callPlaces(ReadAll(spaces: spaces), places) { first, second in
      zip(first, second).map { $0 + $1 }
    }
  }
}

extension NodeShard {
  /// Asks for the split of a tablet; nil where that has been noted.
  func splitSome(_ number: Int) async -> KernelError? {
    do throws(KernelError) {
      try await change(.split(map.tablets[number % map.tablets.count]))
      return nil
    } catch {
      return error
    }
  }
}
