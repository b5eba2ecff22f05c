import Base
import Node

/// Lists that transactions append numbers to, each number once: a list says the order of its writers,
/// and what a transaction read of it says whom it came after and before. So anomalies of every level
/// can be looked for, not only those of SERIALIZABLE.
struct ListHistory {
  struct Step {
    var key: Int
    /// What was appended; nil for a read.
    var appended: Int?
    /// The list as it was, the transaction's own appends included.
    var found: [Int]
  }

  /// By attempt.
  private(set) var steps: [Int: [Step]] = [:]
  private let firstOfKey: (Int) -> Cell

  init(cell: @escaping (Int) -> Cell) { firstOfKey = cell }

  mutating func note(_ attempt: Int, _ step: Step) { steps[attempt, default: []].append(step) }

  /// Numbers that no other attempt appends.
  static func number(_ attempt: Int, _ place: Int) -> Int { attempt * 16 + place }
  static func attempt(of number: Int) -> Int { number / 16 }

  /// What is wrong, given the lists as they are in the end and attempts with settled outcomes. What
  /// SERIALIZABLE transactions and others read and wrote is noted with the attempts, so that the
  /// graph over everything has it.
  func check(_ lists: [Int: [Int]], _ attempts: [Attempt]) -> [String] {
    var faults: [String] = []
    var writers: [Int: [Int]] = [:]
    for (key, list) in lists.sorted(by: { $0.key < $1.key }) {
      if Set(list).count != list.count { faults.append("list \(key) has a number twice: \(list)") }
      var order: [Int] = []
      for number in list where order.last != Self.attempt(of: number) {
        order.append(Self.attempt(of: number))
      }
      if Set(order).count != order.count {
        faults.append("list \(key): appends of one transaction are apart: \(list)")
      }
      writers[key] = order
    }
    for id in steps.keys.sorted() where attempts[id].outcome == .committed {
      faults += checkReads(attempts[id], lists, attempts)
      noteVersions(attempts[id], writers)
    }
    if !faults.isEmpty { return faults }
    return checkCircles(writers, attempts)
  }

  /// Whether what one transaction saw may be seen at any level.
  private func checkReads(_ attempt: Attempt, _ lists: [Int: [Int]], _ attempts: [Attempt])
    -> [String]
  {
    var faults: [String] = []
    var own: [Int: [Int]] = [:]
    var snapshot: [Int: [Int]] = [:]
    for step in steps[attempt.id] ?? [] {
      let name = "\(attempt.kind) \(attempt.id) at \(attempt.isolation) sees \(step.found)"
      let list = lists[step.key] ?? []
      let mine = own[step.key] ?? []
      let others = step.found.filter { Self.attempt(of: $0) != attempt.id }
      if !list.starts(with: others) {
        let lost = others.first { !list.contains($0) }
        let kind = lost.map { attempts[Self.attempt(of: $0)].outcome == .failed } ?? false
        faults.append("\(name), \(kind ? "aborted" : "in another order") (G1a): list \(list)")
      }
      if let last = others.last, let place = list.firstIndex(of: last), place + 1 < list.count,
        Self.attempt(of: list[place + 1]) == Self.attempt(of: last)
      {
        faults.append("\(name), intermediate (G1b): list \(list)")
      }
      let expected = mine + (step.appended.map { [$0] } ?? [])
      if step.found.filter({ Self.attempt(of: $0) == attempt.id }) != expected {
        faults.append("\(name) instead of its own \(expected)")
      }
      own[step.key] = expected
      // One snapshot for the whole transaction.
      if attempt.isolation != .readCommitted {
        if let before = snapshot[step.key], before != others {
          faults.append("\(name), after \(before) (unrepeatable)")
        }
        snapshot[step.key] = others
      }
    }
    for (key, mine) in own.sorted(by: { $0.key < $1.key }) {
      let found = (lists[key] ?? []).filter { Self.attempt(of: $0) == attempt.id }
      if found != mine {
        faults.append("\(attempt.kind) \(attempt.id) appended \(mine) to \(key): \(found)")
      }
    }
    return faults
  }

  /// Versions of a list: how many transactions have appended.
  private func noteVersions(_ attempt: Attempt, _ writers: [Int: [Int]]) {
    for step in steps[attempt.id] ?? [] {
      let order = writers[step.key] ?? []
      let cell = firstOfKey(step.key)
      if step.appended != nil, let place = order.firstIndex(of: attempt.id) {
        attempt.writes[cell] = place + 1
      }
      let before = step.found.last { Self.attempt(of: $0) != attempt.id }
      let version = before.flatMap { order.firstIndex(of: Self.attempt(of: $0)) }.map { $0 + 1 }
      attempt.reads[cell] = version ?? 0
    }
  }

  /// G0 and G1c: no circle of who wrote over and read from whom. G-single: nor one with a single
  /// step from a reader of one snapshot to who wrote next.
  private func checkCircles(_ writers: [Int: [Int]], _ attempts: [Attempt]) -> [String] {
    var next: [Int: [Int]] = [:]
    var overwritten: [(reader: Int, writer: Int)] = []
    for (_, order) in writers.sorted(by: { $0.key < $1.key }) {
      for (before, after) in zip(order, order.dropFirst()) {
        next[before, default: []].append(after)
      }
    }
    for id in steps.keys.sorted() where attempts[id].outcome == .committed {
      for step in steps[id] ?? [] {
        let order = writers[step.key] ?? []
        let last = step.found.last { Self.attempt(of: $0) != id }.map { Self.attempt(of: $0) }
        if let last { next[last, default: []].append(id) }
        let place = last.flatMap { order.firstIndex(of: $0) }.map { $0 + 1 } ?? 0
        if attempts[id].isolation != .readCommitted, place < order.count, order[place] != id {
          overwritten.append((id, order[place]))
        }
      }
    }
    for id in next.keys.sorted() where reaches(id, id, next) {
      return ["a circle of writes and reads through attempt \(id) (G1c)"]
    }
    for (reader, writer) in overwritten where reaches(writer, reader, next) {
      return ["attempt \(reader) sees one part of what attempt \(writer) led to (G-single)"]
    }
    return []
  }

  private func reaches(_ from: Int, _ target: Int, _ next: [Int: [Int]]) -> Bool {
    var seen: Set<Int> = []
    var stack = next[from] ?? []
    while let here = stack.popLast() {
      if here == target { return true }
      if seen.insert(here).inserted { stack += next[here] ?? [] }
    }
    return false
  }
}
