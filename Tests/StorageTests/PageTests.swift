import Base
import Testing

@testable import Storage

/// What pages hold at their limits.
@Suite struct PageTests {
  private static let space = KeyspaceID(rawValue: 3)

  private static func put(
    _ store: Store, _ key: [UInt8], _ value: [UInt8], at time: UInt64, index: UInt64? = nil
  ) {
    key.withUnsafeBytes { key in
      value.withUnsafeBytes {
        store.put(
          space, key, value: $0, at: Timestamp(rawValue: time),
          index: LogIndex(rawValue: index ?? time))
      }
    }
  }

  private static func value(_ store: Store, _ key: [UInt8], at time: UInt64 = 1 << 40) -> [UInt8]? {
    key.withUnsafeBytes {
      store.get(space, $0, at: Timestamp(rawValue: time), reader: nil) { $0.value.map(Array.init) }
    }
  }

  private static func rest(_ store: Store, _ time: UInt64) {
    store.settle(upTo: LogIndex(rawValue: time))
    for _ in 0..<8 {
      store.collectGarbage(below: Timestamp(rawValue: time), budget: 1_000_000)
    }
  }

  private static func pages(_ store: Store) -> [Leaf] {
    var pages: [Leaf] = []
    var leaf = store.tree(space)?.firstLeaf
    while let current = leaf {
      pages.append(current)
      leaf = current.next
    }
    return pages
  }

  /// Prefixes are looked for in the first 512 bytes.
  @Test(arguments: [490, 500, 505, 506, 507, 508, 509, 510, 511, 512, 513, 520, 700, 3_000])
  func `long keys that begin alike are found`(shared: Int) {
    let store = Store(memory: MemoryAccount())
    let keys = (0..<100).map { number in
      [UInt8](repeating: 97, count: shared) + Array("\(number * 7919 % 100)".utf8)
    }
    for (number, key) in keys.enumerated() {
      Self.put(store, key, [UInt8(number)], at: UInt64(number + 1))
      #expect(keys[0...number].allSatisfy { Self.value(store, $0) != nil }, "after \(number)")
    }
    Self.rest(store, 1_000)
    for (number, key) in keys.enumerated() { #expect(Self.value(store, key) == [UInt8(number)]) }
  }

  @Test(arguments: [300, 470, 500, 512, 513, 600, 100_000])
  func `what values outside of pages begin with is not in pages`(count: Int) {
    let store = Store(memory: MemoryAccount())
    for number in 0..<50 {
      let key = Array("user:000000000000:\(number)".utf8)
      Self.put(
        store, key, [UInt8](repeating: 1, count: count) + [UInt8(number)], at: UInt64(number + 1))
      #expect(Self.pages(store).allSatisfy { $0.size <= 2 * Leaf.softBytesMax }, "after \(number)")
    }
    #expect(store.bytes < 50 * (count + 200) * 5 / 4 + 20_000)
    Self.rest(store, 1_000)
    for number in 0..<50 {
      #expect(Self.value(store, Array("user:000000000000:\(number)".utf8))?.last == UInt8(number))
    }
  }

  @Test func `a long chain is not copied with its page`() {
    let store = Store(memory: MemoryAccount())
    for time in UInt64(1)...20_000 {
      Self.put(store, [1], Array("value \(time)".utf8), at: time)
      if time % 7 == 0 { Self.put(store, [UInt8(time % 251)], [9], at: time) }
      // The same entry once more.
      if time % 11 == 0 { Self.put(store, [1], Array("again \(time)".utf8), at: time) }
    }
    let page = [UInt8(1)].withUnsafeBytes { store.tree(Self.space)?.find($0).leaf }
    #expect((page?.size ?? .max) <= Leaf.softBytesMax)
    for time in stride(from: UInt64(1), through: 20_000, by: 37) {
      let word = time % 11 == 0 ? "again" : "value"
      #expect(Self.value(store, [1], at: time) == Array("\(word) \(time)".utf8))
    }
    // A late one has its place.
    store.settle(upTo: LogIndex(rawValue: 20_000))
    Self.put(store, [1], [7], at: 30_000)
    Self.put(store, [1], [8], at: 29_999, index: 30_001)
    #expect(Self.value(store, [1], at: 29_999) == [8])
    #expect(Self.value(store, [1]) == [7])
    store.undo(above: LogIndex(rawValue: 20_000))
    #expect(Self.value(store, [1]) == Array("value 20000".utf8))
    Self.rest(store, 40_000)
    #expect(Self.value(store, [1]) == Array("value 20000".utf8))
    #expect(store.bytes < 40_000)
  }

  @Test func `pages that old versions had made many become few again`() {
    let store = Store(memory: MemoryAccount())
    for time in UInt64(1)...5_000 {
      Self.put(
        store, [UInt8(time % 100)], [UInt8](repeating: UInt8(time % 251), count: 300), at: time)
    }
    #expect(Self.pages(store).count > 20)
    for time in UInt64(5_001)...5_100 { Self.put(store, [UInt8(time % 100)], [1], at: time) }
    Self.rest(store, 6_000)
    for _ in 0..<8 { Self.rest(store, 6_000) }
    #expect(Self.pages(store).count <= 8)
    for key in UInt8(0)..<100 { #expect(Self.value(store, [key]) == [1]) }
  }

  @Test func `a version older than a packed one that has a later one has its place`() {
    let store = Store(memory: MemoryAccount())
    for number in UInt8(0)..<10 { Self.put(store, [number], [number], at: 10) }
    store.settle(upTo: LogIndex(rawValue: 10))
    for _ in 0..<8 { store.collectGarbage(below: .zero, budget: 1_000) }
    Self.put(store, [5], [20], at: 20)
    Self.put(store, [5], [1], at: 5, index: 21)
    #expect(Self.value(store, [5], at: 7) == [1])
    #expect(Self.value(store, [5], at: 15) == [5])
    #expect(Self.value(store, [5]) == [20])
    [UInt8(6)].withUnsafeBytes {
      _ = store.setIntent(Self.space, $0, value: nil, transaction: TransactionID(rawValue: 1))
    }
    Self.put(store, [6], [1], at: 5, index: 22)
    #expect(Self.value(store, [6], at: 7) == [1])
    #expect(Self.value(store, [6]) == [6])
  }
}
