import Base
import Catalog
import Testing

@Suite struct TabletMapTests {
  private func map(_ count: Int) -> TabletMapDescriptor {
    TabletMapDescriptor(
      ranges: (0..<count).map {
        TabletMapDescriptor.Range(
          tablet: TabletID(rawValue: UInt64($0 + 1)),
          first: Bucket(slot: UInt16($0 * Bucket.count / count)), since: .zero)
      })
  }

  @Test func `a split moves the second half when it is finished, not before`() {
    var map = map(2)
    let parent = TabletID(rawValue: 1)
    let begun = (0..<2).map { _ in map.begin(splitting: parent, home: NodeID(rawValue: 3)) }
    #expect(begun == [true, false])
    #expect(map.buckets(of: parent) == 0..<8_192)
    #expect(map.child(of: parent) == TabletID(rawValue: 3))
    map.noteMade(TabletID(rawValue: 3))
    #expect(map.splits.first?.isMade == true)
    map.finish(TabletID(rawValue: 3), since: Timestamp(rawValue: 9))
    #expect(map.buckets(of: parent) == 0..<4_096)
    #expect(map.buckets(of: TabletID(rawValue: 3)) == 4_096..<8_192)
    #expect(map.buckets(of: TabletID(rawValue: 2)) == 8_192..<16_384)
    #expect(map.ranges.map(\.since.rawValue) == [9, 9, 0])
    #expect(map.splits.isEmpty)
    #expect(map.version == 3)
  }

  @Test func `one bucket is not split, numbers are not given again`() {
    var map = map(1)
    var last: UInt64 = 1
    let first = TabletID(rawValue: 1)
    while map.begin(splitting: first, home: NodeID(rawValue: 1)) {
      last += 1
      map.finish(TabletID(rawValue: last), since: Timestamp(rawValue: last))
    }
    #expect(map.buckets(of: first) == 0..<1)
    #expect(map.ranges.map { map.buckets(of: $0.tablet)?.count ?? 0 }.reduce(0, +) == Bucket.count)
    #expect(map.nextTablet.rawValue == last + 1)
    let isUnknownSplit = map.begin(splitting: TabletID(rawValue: 99), home: NodeID(rawValue: 1))
    #expect(!isUnknownSplit)
  }

  @Test func `the map comes back from its object`() throws {
    var map = map(4)
    _ = map.begin(splitting: TabletID(rawValue: 2), home: NodeID(rawValue: 1))
    var catalog = CatalogSnapshot()
    catalog.put(.tabletMap(map))
    #expect(catalog.tabletMap == map)
    let change = catalog.change(from: CatalogSnapshot())
    let whole = CatalogSnapshot(change, isAlone: true)
    #expect(whole.tabletMap == map)
  }
}
