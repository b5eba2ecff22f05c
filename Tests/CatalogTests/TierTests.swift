import Base
import Catalog
import Foundation
import Testing

@Suite struct TierTests {
  private func standard(_ count: Int) -> TabletMapDescriptor {
    TabletMapDescriptor(
      ranges: (0..<count).map {
        TabletMapDescriptor.Range(
          tablet: TabletID(rawValue: UInt64($0 + 1)),
          first: Bucket(slot: UInt16($0 * Bucket.count / count)), since: .zero)
      })
  }

  @Test func `a bucket of the standard tier is its slot, and others say their tier`() throws {
    #expect(Bucket(slot: 16_383).rawValue == 16_383)
    let far = Bucket(slot: 7).of(TierID(rawValue: 63))
    #expect(far.tier.rawValue == 63 && far.slot == 7)
    #expect(Bucket(tier: TierID(rawValue: 1), slot: 0).rawValue == 16_384)
    let coder = JSONEncoder()
    #expect(String(decoding: try coder.encode([Bucket(slot: 9)]), as: UTF8.self) == "[9]")
  }

  @Test func `a tier gets its buckets when all of its tablets are made`() {
    var map = standard(2)
    let tier = map.beginTier(tablets: 4)
    #expect(tier == TierID(rawValue: 1))
    #expect(map.births.map(\.tablet.rawValue) == [3, 4, 5, 6])
    #expect(map.births.map(\.first.slot) == [0, 4_096, 8_192, 12_288])
    #expect(map.births.allSatisfy { $0.home == nil && $0.first.tier == tier })
    map.place(map.births.map { ($0.tablet, NodeID(rawValue: 4)) })
    map.noteBorn([3, 4, 6].map { TabletID(rawValue: $0) })
    #expect(map.isChanging && map.ranges.count == 2)
    #expect(map.births.filter(\.isMade).count == 3)
    map.noteBorn([TabletID(rawValue: 5)])
    #expect(!map.isChanging)
    #expect(map.ranges.map(\.tablet.rawValue) == [1, 2, 3, 4, 5, 6])
    #expect(map.buckets(of: TabletID(rawValue: 2)) == 8_192..<16_384)
    #expect(map.buckets(of: TabletID(rawValue: 3)) == 0..<4_096)
    #expect(map.buckets(of: TabletID(rawValue: 6)) == 12_288..<16_384)
    #expect(map.tier(of: TabletID(rawValue: 6)) == tier)
    #expect(map.tier(of: TabletID(rawValue: 9)) == nil)
  }

  @Test func `a tablet of a tier is split within it`() {
    var map = standard(1)
    guard let tier = map.beginTier(tablets: 1) else { return #expect(Bool(false), "a tier") }
    map.noteBorn([TabletID(rawValue: 2)])
    let begun = map.begin(splitting: TabletID(rawValue: 2), home: NodeID(rawValue: 1))
    #expect(begun && map.splits[0].at == Bucket(tier: tier, slot: 8_192))
    #expect(map.tier(of: TabletID(rawValue: 3)) == tier)
    map.finish(TabletID(rawValue: 3), since: Timestamp(rawValue: 5))
    #expect(map.buckets(of: TabletID(rawValue: 1)) == 0..<16_384)
    #expect(map.buckets(of: TabletID(rawValue: 3)) == 8_192..<16_384)
  }

  @Test func `a tier's number and its tablets' numbers are not given again`() {
    var map = standard(1)
    for number in 1...TierID.maximum.rawValue {
      let tier = map.beginTier(tablets: 2)
      #expect(tier == TierID(rawValue: number))
      map.noteBorn(map.births.map(\.tablet))
      map.remove(TierID(rawValue: number))
      #expect(map.ranges.count == 1)
    }
    let oneMore = map.beginTier(tablets: 2)
    #expect(oneMore == nil)
    #expect(map.nextTablet.rawValue == 2 + 2 * UInt64(TierID.maximum.rawValue))
  }

  @Test func `the catalog knows tiers by number and by name`() {
    var catalog = CatalogSnapshot()
    catalog.put(
      .cluster(
        ClusterDescriptor(
          cluster: ClusterID(high: 1, low: 2), tablets: 1, featureLevel: 2)))
    let tier = TierDescriptor(
      tier: TierID(rawValue: 2), name: "archive", replicationFactor: 1, tablets: 4)
    catalog.put(.tier(tier))
    #expect(catalog.tierNames == ["default", "archive"])
    #expect(catalog.tierID(named: "archive") == tier.tier)
    #expect(catalog.tierID(named: "default") == .standard)
    #expect(catalog.tierID(named: "other") == nil)
    #expect(catalog.replicationFactor(of: .standard) == 3)
    #expect(catalog.replicationFactor(of: tier.tier) == 1)
    let whole = CatalogSnapshot(catalog.change(from: CatalogSnapshot()), isAlone: true)
    #expect(whole.tiers == [tier])
    catalog.remove(tier.id)
    #expect(catalog.tiers.isEmpty)
  }

  /// What programs from before there were tiers wrote: nothing says a tier.
  @Test func `objects without a tier are read, and written as before`() throws {
    let node = NodeDescriptor(
      node: NodeID(rawValue: 1), name: "n", address: "h:1", shards: 1, featureLevel: 1)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    let text = String(decoding: try encoder.encode(node), as: UTF8.self)
    #expect(!text.contains("tier"))
    #expect(try JSONDecoder().decode(NodeDescriptor.self, from: Data(text.utf8)).tier == .standard)
    var map = standard(1)
    let before = String(decoding: try encoder.encode(map), as: UTF8.self)
    #expect(!before.contains("Births") && !before.contains("Tier"))
    _ = map.beginTier(tablets: 1)
    let after = try JSONDecoder().decode(TabletMapDescriptor.self, from: encoder.encode(map))
    #expect(after == map)
  }

  @Test(
    "names of tiers go into paths and command lines",
    arguments: [
      ("archive", true), ("cold-2_b", true), ("", false), ("A", false), ("a b", false),
      ("a/b", false), (String(repeating: "a", count: 64), false),
    ])
  func names(name: String, isValid: Bool) {
    #expect(TierDescriptor.isValid(name: name) == isValid)
  }
}
