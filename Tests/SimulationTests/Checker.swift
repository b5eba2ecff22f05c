import Base
import Node

/// What a restarted node has, read in one snapshot.
struct NodeState {
  var cells: [Cell: CellValue] = [:]
  /// Cells whose bytes are not what was written.
  var damaged: [Cell] = []
  var marks: [Int: Set<Attempt.Mark>] = [:]
  /// Row number → its unique key.
  var rows: [Int: Int] = [:]
  /// Unique key → its row.
  var unique: [Int: Int] = [:]
  var groups: [Int: Int] = [:]

  /// `tablets`: by place, the pairs of each of the keyspaces.
  init(_ tablets: [[[ReadAll.Pair]]], of spaces: [KeyspaceID] = Spaces.all) {
    for (place, found) in tablets.enumerated() {
      let pairs = Dictionary(uniqueKeysWithValues: zip(spaces, found))
      for pair in pairs[Spaces.cells] ?? [] {
        let cell = Cell(place: place, number: numbers(pair.key)[0])
        if let value = CellValue(pair.value) { cells[cell] = value } else { damaged.append(cell) }
      }
      for pair in pairs[Spaces.markers] ?? [] {
        let key = numbers(pair.key)
        marks[key[0], default: []].insert(Attempt.Mark(place: place, part: key[1]))
      }
      for pair in pairs[Spaces.rows] ?? [] { rows[numbers(pair.key)[0]] = numbers(pair.value)[0] }
      for pair in pairs[Spaces.unique] ?? [] {
        unique[numbers(pair.key)[0]] = numbers(pair.value)[1]
      }
      for pair in pairs[Spaces.groups] ?? [] { groups[numbers(pair.key)[0], default: 0] += 1 }
    }
  }
}

/// Holds what clients were told against what is there.
struct Checker {
  let bankTotal: Int
  let groupLimit: Int
  /// Replies may be lost, and with them what limits over several tablets were based on.
  let isRelaxed: Bool

  /// Settles the attempts whose outcome nobody knew. Returns what is wrong.
  func check(_ state: NodeState, _ attempts: [Attempt], _ coverage: inout Coverage) -> [String] {
    var faults = state.damaged.map { "\($0) is damaged" }
    for attempt in attempts where attempt.id > 0 {
      if let fault = settle(attempt, state.marks[attempt.id] ?? [], &coverage) {
        faults.append(fault)
      }
    }
    for id in state.marks.keys.sorted() where id >= attempts.count {
      faults.append("marks of attempt \(id), which never was")
    }
    faults += checkCells(state, attempts)
    let total = state.cells.reduce(0) { $0 + ($1.key.isAccount ? $1.value.amount : 0) }
    if total != bankTotal { faults.append("the bank has \(total) instead of \(bankTotal)") }
    faults += checkRows(state)
    if !isRelaxed {
      for (group, size) in state.groups.sorted(by: { $0.key < $1.key }) where size > groupLimit {
        faults.append("group \(group) has \(size) members")
      }
    }
    return faults
  }

  private func settle(_ attempt: Attempt, _ found: Set<Attempt.Mark>, _ coverage: inout Coverage)
    -> String?
  {
    let expected = Set(attempt.marks)
    let name = "\(attempt.kind) \(attempt.id)"
    switch attempt.outcome {
    case .committed:
      return found == expected
        ? nil : "\(name) committed \(expected.count) parts, there are \(found)"
    case .failed:
      return found.isEmpty ? nil : "\(name) has failed, but there are \(found)"
    case .running, .committing, .unknown:
      if found.isEmpty {
        if !expected.isEmpty {
          if attempt.isRevocable {
            coverage.relaxedLosses += 1
          } else {
            coverage.unknownAborted += 1
          }
        }
        attempt.outcome = .failed
        return nil
      }
      if attempt.outcome == .running { return "\(name) never committed, but there are \(found)" }
      attempt.outcome = .committed
      coverage.unknownCommitted += 1
      return found == expected ? nil : "\(name) is half there: \(found) of \(expected)"
    }
  }

  /// Each cell has the newest committed version.
  private func checkCells(_ state: NodeState, _ attempts: [Attempt]) -> [String] {
    var newest: [Cell: (version: Int, writer: Int)] = [:]
    for attempt in attempts where attempt.outcome == .committed {
      for (cell, version) in attempt.writes where version > newest[cell]?.version ?? 0 {
        newest[cell] = (version, attempt.id)
      }
    }
    var faults: [String] = []
    for cell in state.cells.keys {
      // A call whose reply was lost does not know its version.
      guard let found = state.cells[cell], let writer = attempts.dropFirst(found.writer).first,
        writer.kind == "bump", writer.outcome == .committed, writer.writes.isEmpty
      else { continue }
      writer.writes[cell] = found.version
      if found.version > newest[cell]?.version ?? 0 { newest[cell] = (found.version, found.writer) }
    }
    for (cell, expected) in newest.sorted(by: { $0.key < $1.key }) {
      let found = state.cells[cell]
      if found?.version != expected.version || found?.writer != expected.writer {
        faults.append("\(cell) has \(found.map { "\($0)" } ?? "nothing") instead of \(expected)")
      }
    }
    return faults
  }

  private func checkRows(_ state: NodeState) -> [String] {
    var faults: [String] = []
    for (row, key) in state.rows.sorted(by: { $0.key < $1.key }) where state.unique[key] != row {
      faults.append("row \(row) has key \(key), which has row \(state.unique[key] ?? 0)")
    }
    for (key, row) in state.unique.sorted(by: { $0.key < $1.key }) where state.rows[row] != key {
      faults.append("key \(key) has row \(row), which has key \(state.rows[row] ?? 0)")
    }
    return faults
  }
}
