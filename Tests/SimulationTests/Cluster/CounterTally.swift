/// What clients saw of counters whose additions say nothing but that they are done: each reading lies
/// between what had been acknowledged when it began and what may have been asked for when it ended, and
/// readings one after the other do not fall.
struct CounterTally {
  enum Outcome { case done, failed, unknown }

  private struct Addition {
    var began: Int
    var ended = Int.max
    var outcome = Outcome.unknown
  }
  private struct Reading {
    var began: Int
    var ended: Int
    var value: Int
  }

  private var additions: [Int: [Addition]] = [:]
  private var readings: [Int: [Reading]] = [:]
  private var now = 0

  mutating func beginAddition(_ key: Int) -> Int {
    now += 1
    additions[key, default: []].append(Addition(began: now))
    return (additions[key]?.count ?? 1) - 1
  }

  mutating func endAddition(_ key: Int, _ number: Int, _ outcome: Outcome) {
    now += 1
    additions[key]?[number].ended = now
    additions[key]?[number].outcome = outcome
  }

  /// The moment to be given back when the reading ends.
  mutating func beginReading() -> Int {
    now += 1
    return now
  }

  mutating func endReading(_ key: Int, began: Int, _ value: Int) {
    now += 1
    readings[key, default: []].append(Reading(began: began, ended: now, value: value))
  }

  var keys: [Int] { additions.keys.sorted() }

  func check() -> [String] {
    var faults: [String] = []
    for key in keys {
      let all = additions[key] ?? []
      let seen = (readings[key] ?? []).sorted { $0.ended < $1.ended }
      for reading in seen {
        let least = all.count { $0.outcome == .done && $0.ended < reading.began }
        let most = all.count { $0.outcome != .failed && $0.began < reading.ended }
        if !(least...max(least, most)).contains(reading.value) {
          faults.append("counter \(key) is \(reading.value), and not \(least)...\(most)")
        }
        let before = seen.filter { $0.ended < reading.began }.map(\.value).max() ?? 0
        if reading.value < before {
          faults.append("counter \(key) has fallen from \(before) to \(reading.value)")
        }
      }
    }
    return faults
  }
}
