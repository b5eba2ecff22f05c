import Base
import Catalog
import Testing
import Types

@testable import Node

/// The map of the buckets with several tiers, and what may be wished of them.
@Suite struct TierMapTests {
  private func map() -> TabletMapDescriptor {
    TabletMap(Layout(shardCount: 1, bucketTabletCount: 4)).descriptor
  }

  @Test("each tier has its own places; a tier that is not there is nowhere")
  func places() {
    var descriptor = map()
    let first = descriptor.beginTier(tablets: 2)
    let second = descriptor.beginTier(tablets: 8)
    guard let first, let second else { return #expect(Bool(false), "two tiers") }
    descriptor.noteBorn(descriptor.births.map(\.tablet).filter { $0.rawValue > 6 })
    // The first one's tablets are not made yet.
    let half = TabletMap(descriptor)
    #expect(half.places(of: first).isEmpty && half.places(of: second).count == 8)
    #expect(half.place(of: Bucket(tier: first, slot: 3)) == .nowhere)
    #expect(half.place(of: Bucket(tier: TierID(rawValue: 60), slot: 3)) == .nowhere)
    #expect(half.tier(of: TabletID(rawValue: 5)) == first)
    descriptor.noteBorn(descriptor.births.map(\.tablet))
    let whole = TabletMap(descriptor)
    #expect(whole.places(of: .standard).map(\.tablet.rawValue) == [1, 2, 3, 4])
    #expect(whole.places(of: first).map(\.tablet.rawValue) == [5, 6])
    #expect(whole.places(of: second).map(\.tablet.rawValue) == Array(7...14))
    #expect(whole.places.count == 14)
    for tier in [TierID.standard, first, second] {
      for place in whole.places(of: tier) {
        guard let slots = descriptor.buckets(of: place.tablet) else {
          return #expect(Bool(false), "\(place.tablet) has no buckets")
        }
        for slot in [slots.lowerBound, slots.upperBound - 1] {
          #expect(whole.place(of: Bucket(tier: tier, slot: UInt16(slot))) == place)
        }
      }
    }
    descriptor.remove(first)
    let rest = TabletMap(descriptor)
    #expect(rest.place(of: Bucket(tier: first, slot: 0)) == .nowhere)
    #expect(rest.places(of: second).count == 8)
  }

  private func catalog(level: Int = FeatureLevel.newest) -> CatalogSnapshot {
    var catalog = CatalogSnapshot()
    catalog.put(
      .cluster(
        ClusterDescriptor(
          cluster: ClusterID(high: 1, low: 2), tablets: 4, featureLevel: level)))
    return catalog
  }

  private func create(_ name: String, _ factor: Int, _ tablets: Int, _ catalog: CatalogSnapshot)
    -> Result<CatalogSnapshot, SQLError>
  {
    var changed = catalog
    do throws(SQLError) {
      try NodeShard.createTier(
        name, replicationFactor: factor, tablets: tablets, map: catalog.tabletMap ?? map(), &changed
      )
      return .success(changed)
    } catch {
      return .failure(error)
    }
  }

  private func code<T>(_ result: Result<T, SQLError>) -> String? {
    if case .failure(let error) = result { "\(error.code)" } else { nil }
  }

  @Test("what no tier can be is refused")
  func refusals() throws {
    #expect(code(create("a", 3, 64, catalog(level: 1))) == "55000")
    #expect(code(create("A", 3, 64, catalog())) == "42602")
    #expect(code(create("default", 3, 64, catalog())) == "42710")
    #expect(code(create("a", 2, 64, catalog())) == "22023")
    #expect(code(create("a", 3, 48, catalog())) == "22023")
    #expect(code(create("a", 3, 0, catalog())) == "22023")
    let one = try create("a", 3, 64, catalog()).get()
    #expect(one.tiers.map(\.name) == ["a"] && one.tabletMap?.births.count == 64)
    #expect(code(create("a", 3, 64, one)) == "42710")
  }

  @Test("a tier is dropped when no table and no node is left")
  func drop() throws {
    var catalog = try create("a", 1, 2, catalog()).get()
    var node = NodeDescriptor(
      node: NodeID(rawValue: 4), name: "n", address: "h:1", shards: 1, featureLevel: 2)
    node.tierID = TierID(rawValue: 1)
    catalog.put(.node(node))
    func refusal(_ name: String) -> String? {
      var changed = catalog
      return code(
        Result { () throws(SQLError) in try NodeShard.dropTier(name, &changed) })
    }
    #expect(refusal("default") == "55000")
    #expect(refusal("b") == "42704")
    #expect(refusal("a") == "2BP01")
    node.state = .expelled
    catalog.put(.node(node))
    try NodeShard.setTier("a", replicationFactor: 5, &catalog)
    #expect(catalog.replicationFactor(of: TierID(rawValue: 1)) == 5)
    try NodeShard.dropTier("a", &catalog)
    #expect(catalog.tiers.isEmpty && catalog.tabletMap?.births.isEmpty == true)
    let again = try create("a", 1, 2, catalog).get()
    #expect(again.tiers.first?.tier == TierID(rawValue: 2))
  }
}
