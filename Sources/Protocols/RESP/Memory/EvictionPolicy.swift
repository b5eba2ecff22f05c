import Base

/// What goes when the memory for Redis' keys is used up: `maxmemory-policy`.
enum EvictionPolicy: String, Sendable {
  case none = "noeviction"
  case allLeastRecent = "allkeys-lru"
  case allLeastFrequent = "allkeys-lfu"
  case allRandom = "allkeys-random"
  case volatileLeastRecent = "volatile-lru"
  case volatileLeastFrequent = "volatile-lfu"
  case volatileRandom = "volatile-random"
  /// What ends first.
  case volatileEnding = "volatile-ttl"

  /// Only keys that expire.
  var isVolatile: Bool {
    switch self {
    case .volatileLeastRecent, .volatileLeastFrequent, .volatileRandom, .volatileEnding: true
    case .none, .allLeastRecent, .allLeastFrequent, .allRandom: false
    }
  }

  var isByFrequency: Bool { self == .allLeastFrequent || self == .volatileLeastFrequent }
  var isByRecency: Bool { self == .allLeastRecent || self == .volatileLeastRecent }
  /// It is noted which keys are used.
  var notesUse: Bool { isByFrequency || isByRecency }
}

/// How the use of keys counts under the policies by frequency, as Redis counts it: the logarithm of the
/// number of uses, by chance, which falls by one in so many minutes without any.
struct FrequencyCount: Equatable {
  /// Minutes, modulo 65,536.
  var minute: UInt16
  var count: UInt8

  /// Of a key that has just been made.
  static let initial: UInt8 = 5

  init(minute: UInt16, count: UInt8) {
    self.minute = minute
    self.count = count
  }

  init(bits: UInt32) {
    minute = UInt16(truncatingIfNeeded: bits >> 8)
    count = UInt8(truncatingIfNeeded: bits)
  }

  var bits: UInt32 { UInt32(minute) << 8 | UInt32(count) }

  /// What is left of it now. `decayMinutes` 0: it never falls.
  func now(_ minute: UInt16, decayMinutes: Int) -> UInt8 {
    guard decayMinutes > 0 else { return count }
    let periods = Int(minute &- self.minute) / decayMinutes
    return periods >= Int(count) ? 0 : count - UInt8(periods)
  }

  /// After one use more. `chance`: from 0 to below 1.
  func used(_ minute: UInt16, decayMinutes: Int, logFactor: Int, chance: Double) -> FrequencyCount {
    var count = now(minute, decayMinutes: decayMinutes)
    let above = Double(max(0, Int(count) - Int(Self.initial)))
    if count < .max, chance < 1 / (above * Double(logFactor) + 1) { count += 1 }
    return FrequencyCount(minute: minute, count: count)
  }
}
