import Base
import Testing

@testable import RESP

/// Notes of keys' use, and what they count for.
struct MemoryTests {
  @Test func notes() {
    var use = KeyUse()
    var random = Xoshiro256(seed: 4_711)
    var model: [UInt64: UInt32] = [:]
    for number in 0..<20_000 {
      let hash = KeyUse.hash(Array("key:\(Int.random(in: 0..<3_000, using: &random))".utf8))
      switch Int.random(in: 0..<4, using: &random) {
      case 0:
        use.remove(hash)
        model[hash] = nil
      default:
        use.set(hash, UInt32(number))
        model[hash] = UInt32(number)
      }
    }
    // A note may have gone for another, and none says anything else than what was noted.
    var found = 0
    for (hash, value) in model {
      guard let noted = use[hash] else { continue }
      #expect(noted == value)
      found += 1
    }
    #expect(found > model.count * 9 / 10)
    #expect(use.count >= found)
    #expect(use[KeyUse.hash(Array("another".utf8))] == nil)
  }

  @Test("a count of uses grows with its logarithm, and falls with the time")
  func frequency() {
    var count = FrequencyCount(minute: 0, count: FrequencyCount.initial)
    count = count.used(0, decayMinutes: 1, logFactor: 10, chance: 0.99)
    #expect(count.count == 6)
    #expect(count.used(0, decayMinutes: 1, logFactor: 10, chance: 0.99).count == 6)
    #expect(count.used(0, decayMinutes: 1, logFactor: 10, chance: 0.01).count == 7)
    #expect(FrequencyCount(bits: count.bits) == count)
    #expect(count.now(4, decayMinutes: 1) == 2)
    #expect(count.now(4, decayMinutes: 0) == 6)
    #expect(count.now(100, decayMinutes: 1) == 0)
    // The minutes begin anew now and then.
    #expect(FrequencyCount(minute: 65_535, count: 9).now(1, decayMinutes: 1) == 7)
  }

  @Test("patterns of tables' keys")
  func patterns() throws {
    let pattern = try RedisKeyPattern("pair:{b}/{a}!")
    #expect(pattern.columns == ["b", "a"])
    let key = Array("pair:5/x/y!".utf8)
    #expect(pattern.match(key) == [Array("5".utf8), Array("x/y".utf8)])
    #expect(pattern.key([Array("5".utf8), Array("x/y".utf8)]) == key)
    for other in ["pair:5/x/y", "pair:/x!", "pair:5", "pair:5/!", "xpair:5/x!", ""] {
      #expect(pattern.match(Array(other.utf8)) == nil, "\(other)")
    }
    for wrong in ["", "user", "{a}", "x{a}{b}", "x{a", "x{}", "x{a}y{a}"] {
      #expect(throws: (any Error).self, "\(wrong)") { try RedisKeyPattern(wrong) }
    }
  }
}
