/// What clients saw of registers, and whether some order of all operations on one, each at a moment
/// between its call and its answer, explains it: linearizability, by search. What was answered first
/// is tried first, and no state is looked at twice, so that usual histories take one pass.
struct RegisterHistory {
  enum Action: Equatable {
    case read
    case write(Int)
    /// Writes `new` where the register has `expected`.
    case swap(expected: Int, new: Int)
  }

  enum Outcome: Equatable {
    case value(Int)
    case written
    case swapped(Bool)
    /// It has had no effect.
    case failed
    /// It may have had its effect, or still have it.
    case unknown
  }

  struct Operation {
    var key: Int
    var action: Action
    var began: Int
    /// `.max`: never.
    var ended = Int.max
    var outcome = Outcome.unknown
  }

  private(set) var operations: [Operation] = []
  private var now = 0

  mutating func begin(_ key: Int, _ action: Action) -> Int {
    now += 1
    operations.append(Operation(key: key, action: action, began: now))
    return operations.count - 1
  }

  mutating func end(_ number: Int, _ outcome: Outcome) {
    now += 1
    operations[number].ended = now
    operations[number].outcome = outcome
  }

  /// Of each key, what is wrong.
  func check() -> [String] {
    Dictionary(grouping: operations, by: \.key).sorted { $0.key < $1.key }.compactMap {
      key, mine in
      var search = RegisterSearch(mine)
      return search.finds() ? nil : "register \(key) has no order: \(search.text)"
    }
  }
}

/// The search for one register's order. Registers begin with 0; values are written once each.
private struct RegisterSearch {
  typealias Operation = RegisterHistory.Operation

  /// Those whose effect is known, in the order of their calls.
  private let known: [Operation]
  /// Those that may have had their effect: first those whose value somebody saw. The others only
  /// explain why a swap met another value than it expected.
  private let unknown: [Operation]
  private let seenCount: Int
  private var seen: Set<State> = []
  private var farthest = 0

  fileprivate struct State: Hashable {
    /// All known ones before it are in the order.
    var first = 0
    /// Of those from `first` on.
    var beyond = Window()
    var used: UInt64 = 0
    var value = 0
  }

  init(_ all: [Operation]) {
    var seenValues: Set<Int> = []
    for operation in all {
      if case .value(let value) = operation.outcome { seenValues.insert(value) }
      if case .swap(let expected, _) = operation.action { seenValues.insert(expected) }
    }
    known = all.filter { $0.outcome != .failed && $0.outcome != .unknown }
      .sorted { $0.began < $1.began }
    let writes = all.filter { $0.outcome == .unknown && $0.action != .read }
    func isSeen(_ operation: Operation) -> Bool {
      switch operation.action {
      case .read: false
      case .write(let value), .swap(_, let value): seenValues.contains(value)
      }
    }
    let seen = writes.filter(isSeen)
    seenCount = seen.count
    unknown = Array((seen + writes.filter { !isSeen($0) }).prefix(64))
  }

  var text: String {
    known[max(0, farthest - 3)..<min(known.count, farthest + 8)]
      .map { "\($0.action) \($0.outcome) \($0.began)-\($0.ended)" }.joined(separator: ", ")
  }

  mutating func finds() -> Bool {
    var stack = [State()]
    while let state = stack.popLast() {
      if state.first == known.count { return true }
      guard seen.insert(state).inserted else { continue }
      farthest = max(farthest, state.first)
      var limit = Int.max
      var open: [Int] = []
      for place in state.first..<min(known.count, state.first + Window.count) {
        if state.beyond[place - state.first] { continue }
        if known[place].began > limit { break }
        limit = min(limit, known[place].ended)
        open.append(place)
      }
      let isAnotherMissing = open.contains {
        known[$0].outcome == .swapped(false) && effect(known[$0], on: state.value) == nil
      }
      for (place, operation) in unknown.prefix(isAnotherMissing ? 64 : seenCount).enumerated()
      where operation.began < limit && state.used & 1 << UInt64(place) == 0 {
        guard let value = effect(operation, on: state.value) else { continue }
        var next = state
        next.used |= 1 << UInt64(place)
        next.value = value
        stack.append(next)
      }
      // The one that was answered first is looked at first.
      for place in open.sorted(by: { known[$0].ended > known[$1].ended })
      where known[place].began < limit || known[place].ended == limit {
        guard let value = effect(known[place], on: state.value) else { continue }
        stack.append(state.with(place, value))
      }
    }
    return false
  }

  /// The value after the operation; nil where it cannot have had its outcome.
  private func effect(_ operation: Operation, on value: Int) -> Int? {
    switch (operation.action, operation.outcome) {
    case (.read, .value(let found)): found == value ? value : nil
    case (.write(let new), _): new
    case (.swap(let expected, let new), .swapped(true)), (.swap(let expected, let new), .unknown):
      expected == value ? new : nil
    case (.swap(let expected, _), .swapped(false)): expected == value ? nil : value
    default: nil
    }
  }
}

extension RegisterSearch.State {
  fileprivate func with(_ place: Int, _ value: Int) -> Self {
    var next = self
    next.value = value
    next.beyond.insert(place - first)
    while next.beyond[0] {
      next.beyond.advance()
      next.first += 1
    }
    return next
  }
}

/// Which of the next operations are in the order. One that is under way for long, such as a read that waits for
/// a leader, has as many others beside it.
private struct Window: Hashable {
  static let count = 512
  /// Up to the last one that is in it.
  private var words: [UInt64] = []

  subscript(place: Int) -> Bool {
    place / 64 < words.count && words[place / 64] & 1 << UInt64(place % 64) != 0
  }
  mutating func insert(_ place: Int) {
    while words.count <= place / 64 { words.append(0) }
    words[place / 64] |= 1 << UInt64(place % 64)
  }
  /// The first one leaves.
  mutating func advance() {
    for lane in words.indices {
      words[lane] = words[lane] >> 1 | (lane + 1 < words.count ? words[lane + 1] << 63 : 0)
    }
    if words.last == 0 { words.removeLast() }
  }
}
