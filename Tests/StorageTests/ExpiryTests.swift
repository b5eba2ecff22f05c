import Base
import Testing

@testable import Storage

struct ExpiryTests {
  private static let space = KeyspaceID(rawValue: 7)

  private static func put(_ store: Store, _ key: UInt8, at time: UInt64, expires: UInt64?) {
    [key].withUnsafeBytes { key in
      [UInt8(1)].withUnsafeBytes { value in
        store.put(
          space, key, value: value, at: Timestamp(rawValue: time), index: LogIndex(rawValue: time),
          expires: expires.map { Timestamp(rawValue: $0) })
      }
    }
  }

  /// The keys that one pass finds, in slices.
  private static func pass(_ store: Store, at time: UInt64, budget: Int) -> [UInt8] {
    var found: [UInt8] = []
    var cursor: [UInt8]?
    repeat {
      cursor = store.expiredKeys(
        space, at: Timestamp(rawValue: time), after: cursor, budget: budget
      ) { key in
        found.append(key[0])
        return found.count % 3 != 0
      }
    } while cursor != nil
    return found
  }

  @Test(arguments: [1, 2, 7, 1_000])
  func passesFindWhatHasExpired(budget: Int) {
    let store = Store(memory: MemoryAccount(limitBytes: 1 << 20))
    #expect(store.earliestExpiry(Self.space) == .distantFuture)
    for key: UInt8 in 0..<100 {
      Self.put(store, key, at: UInt64(key) + 1, expires: key % 5 == 0 ? 1_000 + UInt64(key) : nil)
    }
    #expect(store.earliestExpiry(Self.space) == Timestamp(rawValue: 1_000))
    #expect(Self.pass(store, at: 999, budget: budget).isEmpty)
    #expect(Self.pass(store, at: 1_010, budget: budget) == [0, 5, 10])
    // They are found until somebody removes them.
    #expect(store.earliestExpiry(Self.space) == Timestamp(rawValue: 1_000))
    for key: UInt8 in [0, 5, 10] { Self.put(store, key, at: 2_000 + UInt64(key), expires: nil) }
    #expect(Self.pass(store, at: 1_010, budget: budget).isEmpty)
    #expect(store.earliestExpiry(Self.space) == Timestamp(rawValue: 1_015))
    Self.put(store, 200, at: 3_000, expires: 500)
    #expect(store.earliestExpiry(Self.space) == Timestamp(rawValue: 500))
  }
}
