import Base

/// What clients of a SQL table know of its rows, by their ids.
struct RowHistory {
  private(set) var last = 0
  private var inserted: [Int: Outcome] = [:]
  /// Somebody has tried.
  private var deleted: Set<Int> = []
  private(set) var committed = 0

  mutating func nextID() -> Int {
    last += 1
    inserted[last] = .running
    return last
  }

  func someID(_ random: inout Xoshiro256) -> Int {
    Int.random(in: 1...max(1, last), using: &random)
  }

  mutating func deletes(_ id: Int) { deleted.insert(id) }

  /// A transaction with these insertions has ended.
  mutating func end(_ rows: [Int], _ outcome: Outcome) {
    for id in rows { inserted[id] = outcome }
    if outcome == .committed { committed += 1 }
  }

  func check(_ found: Set<Int>) -> [String] {
    (1...max(1, last)).compactMap { id in
      switch inserted[id] {
      case .committed where !found.contains(id) && !deleted.contains(id): "row \(id) is lost"
      case .failed where found.contains(id): "row \(id) was not inserted, but is there"
      default: nil
      }
    }
  }
}
