import Base
import Testing

@testable import RESP

struct HyperLogLogTests {
  private static func element(_ number: Int) -> [UInt8] { Array("element:\(number)".utf8) }

  @Test func emptyIsOneRunOfZeros() throws {
    let log = HyperLogLog()
    #expect(log.bytes.count == 18)
    #expect(log.bytes.suffix(2) == [0x7F, 0xFF])
    #expect(log.cachedCount == 0)
    #expect(try log.registers() == Array(repeating: 0, count: HyperLogLog.registerCount))
    #expect(HyperLogLog(log.bytes) == log)
  }

  @Test func bothEncodingsHaveTheSameRegisters() throws {
    var (sparse, dense) = (HyperLogLog(), HyperLogLog())
    try dense.makeDense()
    var expected = Array(repeating: UInt8(0), count: HyperLogLog.registerCount)
    for number in 0..<1_500 {
      let element = Self.element(number)
      let place = HyperLogLog.place(of: element)
      let isHigher = expected[place.register] < place.rank
      expected[place.register] = max(expected[place.register], place.rank)
      #expect(try sparse.add(element) == isHigher)
      #expect(try dense.add(element) == isHigher)
      if number % 100 == 0 {
        #expect(try sparse.registers() == expected)
        #expect(try dense.registers() == expected)
      }
    }
    #expect(sparse.bytes.count <= HyperLogLog.sparseBytesMax || sparse.encoding == .dense)
  }

  @Test func equalNeighboursAreJoined() throws {
    var log = HyperLogLog()
    for register in [10, 11, 13, 12] { _ = try log.raise(register, to: 5) }
    let runs = try log.runs()
    #expect(runs.map(\.rank) == [0, 5, 0])
    #expect(runs.map(\.count) == [10, 4, HyperLogLog.registerCount - 14])
    _ = try log.raise(11, to: 9)
    #expect(try log.runs().map(\.rank) == [0, 5, 9, 5, 0])
  }

  @Test(arguments: [10, 100, 1_000, 10_000, 100_000])
  func estimatesAreClose(count: Int) throws {
    var log = HyperLogLog()
    for number in 0..<count { _ = try log.add(Self.element(number)) }
    let estimate = Double(HyperLogLog.estimate(try log.registers()))
    #expect(abs(estimate - Double(count)) <= max(1, Double(count) * 0.03))
  }

  @Test func brokenRunsAreNoticed() throws {
    var bytes = HyperLogLog().bytes
    bytes[17] = 0xFE
    var short = try #require(HyperLogLog(bytes))
    #expect(throws: HyperLogLog.Corrupted.self) { try short.registers() }
    #expect(throws: HyperLogLog.Corrupted.self) {
      try short.raise(HyperLogLog.registerCount - 1, to: 3)
    }
    let long = try #require(HyperLogLog(HyperLogLog().bytes + [0x00]))
    #expect(throws: HyperLogLog.Corrupted.self) { try long.registers() }
    #expect(HyperLogLog(Array("HYLL".utf8)) == nil)
  }

  @Test func theCacheIsKeptUntilSomethingChanges() throws {
    var log = HyperLogLog()
    log.cachedCount = 258
    #expect(Array(log.bytes[8..<16]) == [2, 1, 0, 0, 0, 0, 0, 0])
    _ = try log.add([1])
    #expect(log.cachedCount == nil)
  }

  /// Of the published reference implementation, with Redis' seed.
  @Test func hashesDependOnEveryByte() {
    let seed: UInt64 = 0xADC8_3B19
    let text = Array("0123456789abcdefX".utf8)
    var seen: Set<UInt64> = []
    for count in 0...text.count { seen.insert(Murmur64.hash(text[..<count], seed: seed)) }
    for index in text.indices {
      var changed = text
      changed[index] ^= 1
      seen.insert(Murmur64.hash(changed, seed: seed))
    }
    #expect(seen.count == text.count * 2 + 1)
  }
}
