/// What clients saw of counters that only rise by one, and whether some order of all operations, each
/// at a moment between its call and its answer, explains it: linearizability. For such counters the
/// values say the order, so that it can be checked directly.
struct CounterHistory {
  enum Outcome: Equatable {
    case value(Int)
    /// It has had no effect.
    case failed
    /// It may have had its effect, or still have it.
    case unknown
  }

  struct Operation {
    var key: Int
    var isRead: Bool
    var began: UInt64
    /// Nil while it runs; what never ends has an unknown outcome.
    var ended: UInt64?
    var outcome = Outcome.unknown
  }

  private(set) var operations: [Operation] = []

  mutating func begin(_ key: Int, isRead: Bool, at time: UInt64) -> Int {
    operations.append(Operation(key: key, isRead: isRead, began: time))
    return operations.count - 1
  }

  mutating func end(_ number: Int, _ outcome: Outcome, at time: UInt64) {
    operations[number].ended = time
    operations[number].outcome = outcome
  }

  func isRunning(_ number: Int) -> Bool { operations[number].ended == nil }

  func count(_ matches: (Operation) -> Bool) -> Int { operations.count(where: matches) }

  func check() -> [String] {
    Set(operations.map(\.key)).sorted().flatMap { check($0) }
  }

  private func check(_ key: Int) -> [String] {
    let mine = operations.filter { $0.key == key }
    var faults: [String] = []
    var added: [Int: Operation] = [:]
    for operation in mine {
      guard !operation.isRead, case .value(let value) = operation.outcome else { continue }
      if added[value] != nil { faults.append("counter \(key): two additions made \(value)") }
      added[value] = operation
    }
    let unknown = mine.count { !$0.isRead && $0.outcome == .unknown }
    let highest = mine.reduce(0) { highest, operation in
      if case .value(let value) = operation.outcome { max(highest, value) } else { highest }
    }
    if highest > added.count + unknown {
      faults.append("counter \(key): \(highest) from \(added.count) additions, \(unknown) unknown")
    }
    faults += order(mine, key)
    return faults
  }

  /// What ended before another began must not have seen more; an addition must have seen less.
  private func order(_ operations: [Operation], _ key: Int) -> [String] {
    var faults: [String] = []
    for one in operations {
      guard case .value(let earlier) = one.outcome, let ended = one.ended else { continue }
      for other in operations where other.began > ended {
        guard case .value(let later) = other.outcome else { continue }
        if later < earlier || (later == earlier && !other.isRead) {
          faults.append(
            "counter \(key): \(earlier) was answered at \(ended), and a call of \(other.began) "
              + (other.isRead ? "reads" : "makes") + " \(later)")
        }
      }
    }
    return faults
  }
}
