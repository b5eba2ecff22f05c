import Base
import Testing

@testable import Storage

/// A snapshot, loaded into an empty store, is the store it was taken of.
@Suite struct SnapshotLoadTests {
  private struct Shown: Equatable {
    var space: UInt32
    var key: [UInt8]
    var value: [UInt8]?
    var timestamp: UInt64
    var index: UInt64
    var expires: UInt64?
  }

  private static func show(_ cursor: SnapshotCursor, budget: Int, bytes: Int) -> [Shown] {
    var shown: [Shown] = []
    var more = true
    while more {
      more = cursor.next(budget: budget, bytes: bytes) { version in
        shown.append(
          Shown(
            space: version.space.rawValue, key: Array(version.key),
            value: version.value.map { Array($0) }, timestamp: version.timestamp.rawValue,
            index: version.index.rawValue, expires: version.expires?.rawValue))
      }
    }
    return shown
  }

  private static func put(_ store: Store, _ row: Shown) {
    row.key.withUnsafeBytes { key in
      let expires = row.expires.map { Timestamp(rawValue: $0) }
      let time = Timestamp(rawValue: row.timestamp)
      let index = LogIndex(rawValue: row.index)
      let space = KeyspaceID(rawValue: row.space)
      guard let value = row.value else {
        return store.put(space, key, value: nil, at: time, index: index, expires: expires)
      }
      value.withUnsafeBytes {
        store.put(space, key, value: $0, at: time, index: index, expires: expires)
      }
    }
  }

  private static func load(_ rows: [Shown], into loader: inout StoreLoader) -> Bool {
    rows.allSatisfy { row in
      row.key.withUnsafeBytes { key in
        let expires = row.expires.map { Timestamp(rawValue: $0) }
        let time = Timestamp(rawValue: row.timestamp)
        let index = LogIndex(rawValue: row.index)
        let space = KeyspaceID(rawValue: row.space)
        guard let value = row.value else {
          return loader.add(space, key, value: nil, at: time, index: index, expires: expires)
        }
        return value.withUnsafeBytes {
          loader.add(space, key, value: $0, at: time, index: index, expires: expires)
        }
      }
    }
  }

  @Test(arguments: [4, 5, 64])
  func `loading what a snapshot shows gives the same store`(nodeCapacity: Int) {
    for seed in UInt64(1)...20 {
      var random = Xoshiro256(seed: seed)
      let memory = MemoryAccount()
      do {
        let store = Store(memory: memory, nodeCapacity: nodeCapacity)
        let copy = Store(memory: memory, nodeCapacity: nodeCapacity)
        var index: UInt64 = 0
        func write() {
          index += 1
          let number = Int.random(in: 0..<200, using: &random)
          let row = Shown(
            space: UInt32(number % 3 + 1),
            key: Array(repeating: UInt8(number % 7), count: number % 12) + [UInt8(number)],
            value: number % 5 == 0 ? nil : [UInt8](repeating: UInt8(index % 256), count: number),
            timestamp: index * 10, index: index,
            expires: number % 4 == 0 ? index * 100 : nil)
          Self.put(store, row)
        }
        for _ in 0..<500 { write() }
        store.settle(upTo: LogIndex(rawValue: index))
        let horizon = Timestamp(rawValue: 3_000)
        let expected = Self.show(
          store.snapshotCursor(at: LogIndex(rawValue: index), horizon: horizon), budget: 7,
          bytes: .max)
        // Writes and garbage collection between the slices change nothing of what is shown.
        let cursor = store.snapshotCursor(at: LogIndex(rawValue: index), horizon: horizon)
        var shown: [Shown] = []
        var more = true
        while more {
          more = cursor.next(budget: 100, bytes: 600) { version in
            shown.append(
              Shown(
                space: version.space.rawValue, key: Array(version.key),
                value: version.value.map { Array($0) }, timestamp: version.timestamp.rawValue,
                index: version.index.rawValue, expires: version.expires?.rawValue))
          }
          for _ in 0..<5 { write() }
          store.settle(upTo: LogIndex(rawValue: index))
          store.collectGarbage(below: horizon, budget: 50)
        }
        #expect(shown == expected, "seed \(seed)")
        var loader = StoreLoader(copy)
        #expect(Self.load(shown, into: &loader))
        copy.settle(upTo: cursor.index)
        let again = Self.show(
          copy.snapshotCursor(at: cursor.index, horizon: horizon), budget: 9, bytes: 100)
        #expect(again == expected, "seed \(seed)")
        // The loaded tree takes further writes like any other.
        for number in 0..<200 {
          Self.put(
            copy,
            Shown(
              space: 2, key: [UInt8(number), 1], value: [1], timestamp: 1_000_000,
              index: 1_000_000, expires: nil))
        }
        #expect(copy.count(KeyspaceID(rawValue: 2)) >= 200)
      }
      #expect(memory.usedBytes == 0, "seed \(seed): memory is left")
    }
  }

  @Test func `rows out of order are refused`() {
    let store = Store(memory: MemoryAccount())
    var loader = StoreLoader(store)
    func row(_ space: UInt32, _ key: UInt8, _ time: UInt64) -> [Shown] {
      [Shown(space: space, key: [key], value: [], timestamp: time, index: 1, expires: nil)]
    }
    #expect(Self.load(row(2, 5, 10), into: &loader))
    #expect(Self.load(row(2, 5, 11), into: &loader))
    #expect(!Self.load(row(2, 5, 9), into: &loader))
    #expect(!Self.load(row(2, 4, 20), into: &loader))
    #expect(!Self.load(row(1, 9, 20), into: &loader))
    #expect(Self.load(row(3, 1, 1), into: &loader))
  }
}
