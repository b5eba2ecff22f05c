import Testing

@testable import Node

/// The checkers themselves, on histories that are right and on such that are not.
@Suite struct HistoryCheckerTests {
  private typealias Action = RegisterHistory.Action
  private typealias Outcome = RegisterHistory.Outcome

  /// One after the other; an outcome of nil stays open to the end.
  private func history(_ steps: [(Action, Outcome?)]) -> [String] {
    var history = RegisterHistory()
    for (action, outcome) in steps {
      let number = history.begin(1, action)
      if let outcome { history.end(number, outcome) }
    }
    return history.check()
  }

  @Test("registers: what happened one after the other has an order")
  func registersInOrder() {
    let good: [[(Action, Outcome?)]] = [
      [(.read, .value(0)), (.write(1), .written), (.read, .value(1))],
      [(.write(1), .written), (.swap(expected: 1, new: 2), .swapped(true)), (.read, .value(2))],
      [(.write(1), .written), (.swap(expected: 9, new: 2), .swapped(false)), (.read, .value(1))],
      // What nobody knows may happen late, or never.
      [(.write(1), nil), (.read, .value(0)), (.read, .value(1))],
      [(.write(1), nil), (.read, .value(0))],
      [(.write(1), .unknown), (.write(2), .written), (.read, .value(2)), (.read, .value(1))],
      [(.write(1), .failed), (.read, .value(0))],
      // Nobody has read 2, but it was not 1 any more.
      [
        (.write(1), .written), (.write(2), .unknown),
        (.swap(expected: 1, new: 3), .swapped(false)),
      ],
    ]
    for steps in good { #expect(history(steps) == []) }
  }

  @Test("registers: stale reads, lost and doubled writes are found")
  func registersOutOfOrder() {
    let bad: [[(Action, Outcome?)]] = [
      [(.write(1), .written), (.read, .value(0))],
      [(.write(1), .written), (.write(2), .written), (.read, .value(1))],
      [(.write(1), .failed), (.read, .value(1))],
      [(.write(1), nil), (.read, .value(1)), (.read, .value(0))],
      [(.write(1), .written), (.swap(expected: 1, new: 2), .swapped(false)), (.read, .value(1))],
      [(.write(1), .written), (.swap(expected: 0, new: 2), .swapped(true))],
    ]
    for steps in bad { #expect(history(steps).count == 1) }
  }

  @Test("registers: operations at the same time have either order")
  func registersSideBySide() {
    var history = RegisterHistory()
    let one = history.begin(1, .write(1))
    let two = history.begin(1, .write(2))
    let first = history.begin(1, .read)
    history.end(first, .value(2))
    let second = history.begin(1, .read)
    history.end(second, .value(1))
    history.end(one, .written)
    history.end(two, .written)
    #expect(history.check() == [])
    let third = history.begin(1, .read)
    history.end(third, .value(2))
    #expect(history.check().count == 1)
  }

  // MARK: Lists

  private func attempts(
    _ levels: [IsolationLevel], _ outcomes: [Int: SimulationTests.Outcome] = [:]
  )
    -> [Attempt]
  {
    levels.enumerated().map { id, level in
      let attempt = Attempt(id: id, kind: "append", isolation: level, began: id)
      attempt.outcome = outcomes[id] ?? .committed
      return attempt
    }
  }

  private func check(
    _ lists: [Int: [Int]], _ all: [Attempt], _ steps: [(Int, ListHistory.Step)]
  ) -> [String] {
    var history = ListHistory { Cell(place: 0, number: 1_000 + $0) }
    for (attempt, step) in steps { history.note(attempt, step) }
    return history.check(lists, all)
  }

  @Test("lists: aborted, intermediate and reordered reads are found")
  func listReads() {
    let all = attempts([.readCommitted, .readCommitted, .readCommitted], [2: .failed])
    let list = [0, 1, 16]
    func read(_ found: [Int]) -> [(Int, ListHistory.Step)] {
      [
        (0, ListHistory.Step(key: 1, appended: 0, found: [0])),
        (0, ListHistory.Step(key: 1, appended: 1, found: [0, 1])),
        (1, ListHistory.Step(key: 1, appended: 16, found: found + [16])),
      ]
    }
    #expect(check([1: list], all, read([0, 1])) == [])
    #expect(check([1: list], all, read([0])).contains { $0.contains("G1b") })
    #expect(check([1: list], all, read([0, 1, 32])).contains { $0.contains("G1a") })
    #expect(check([1: list], all, read([1, 0])).contains { $0.contains("order") })
    #expect(check([1: [0, 1]], all, read([0, 1])).contains { $0.contains("appended") })
  }

  @Test("lists: half of a transaction in a snapshot is found, below SERIALIZABLE too")
  func listSnapshots() {
    let writer: [(Int, ListHistory.Step)] = [
      (0, ListHistory.Step(key: 1, appended: 0, found: [0])),
      (0, ListHistory.Step(key: 2, appended: 1, found: [1])),
    ]
    let half: [(Int, ListHistory.Step)] = [
      (1, ListHistory.Step(key: 1, appended: nil, found: [0])),
      (1, ListHistory.Step(key: 2, appended: nil, found: [])),
    ]
    let lists = [1: [0], 2: [1]]
    let snapshot = attempts([.readCommitted, .repeatableRead])
    #expect(check(lists, snapshot, writer + half).contains { $0.contains("G-single") })
    #expect(check(lists, attempts([.readCommitted, .readCommitted]), writer + half) == [])
  }

  @Test("lists: write skew is a circle for SERIALIZABLE alone")
  func listSkew() {
    let steps: [(Int, ListHistory.Step)] = [
      (0, ListHistory.Step(key: 1, appended: nil, found: [])),
      (1, ListHistory.Step(key: 2, appended: nil, found: [])),
      (0, ListHistory.Step(key: 2, appended: 0, found: [0])),
      (1, ListHistory.Step(key: 1, appended: 16, found: [16])),
    ]
    for level in [IsolationLevel.repeatableRead, .serializable] {
      let all = attempts([level, level])
      #expect(check([1: [16], 2: [0]], all, steps) == [])
      var graph = SerializationGraph(all)
      #expect((graph.fault() != nil) == (level == .serializable))
    }
  }
}
