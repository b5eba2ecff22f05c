import Base
import Reactor
import Types

@testable import Node

/// The world that sessions work in, as they see it.
protocol Workplace: AnyObject {
  var options: NodeSimulationOptions { get }
  var bankTotal: Int { get }
  var coverage: Coverage { get set }
  var isStopping: Bool { get }
  func bucket(_ place: Int) -> Bucket
  func begin(_ kind: String, _ isolation: IsolationLevel) -> Attempt
  func end(_ attempt: Attempt, _ outcome: Outcome, _ error: KernelError?)
  func fault(_ text: String)
  func sessionEnded()
}

extension Workplace {
  func bucket(_ place: Int) -> Bucket {
    PlaceBuckets.bucket(place, of: options.tablets)
  }
  func end(_ attempt: Attempt, _ outcome: Outcome) { end(attempt, outcome, nil) }
}

/// A client: one transaction after another, of random kinds. Lives on: its shard, so the world's
/// thread.
final class Session {
  static let stalenessMilliseconds = 3_000
  private let shard: NodeShard
  private unowned let simulation: any Workplace
  private var random: Xoshiro256

  init(_ shard: NodeShard, _ simulation: any Workplace, seed: UInt64) {
    self.shard = shard
    self.simulation = simulation
    random = Xoshiro256(seed: seed)
  }

  func run() async {
    while !simulation.isStopping {
      await next()
      await shard.reactor.sleep(
        nanoseconds: UInt64(draw(0...simulation.options.pauseMicroseconds)) * 1_000)
    }
    simulation.sessionEnded()
  }

  private func next() async {
    switch draw(0...99) {
    case 0..<30: await transfer()
    case 30..<40: await transferWithSavepoint()
    case 40..<45: await transferAndRollBack()
    case 45..<53: await bump()
    case 53..<60: await audit()
    case 60, 61: await auditNearby()
    case 62..<72: await insert()
    case 72..<78: await delete()
    case 78..<86: await join()
    case 86..<90: await leave()
    case 90..<98: await lockAndChange()
    case 98: await writeTooMuch()
    default: await checkpoint()
    }
  }

  // MARK: Choices

  private func draw(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }

  private func isolation() -> IsolationLevel {
    [.readCommitted, .repeatableRead, .serializable][draw(0...2)]
  }

  private func account() -> Cell {
    Cell(place: draw(0...simulation.options.tablets - 1), number: draw(0...1))
  }

  private func padding() -> Int { draw(0...5) == 0 ? draw(4_000...14_000) : draw(0...60) }

  // MARK: One transaction

  private func perform(
    _ kind: String, _ isolation: IsolationLevel,
    _ body: (Transaction, Attempt) async throws(KernelError) -> Bool
  ) async {
    let attempt = simulation.begin(kind, isolation)
    let transaction = shard.begin(isolation: isolation)
    if draw(0...3) == 0 { transaction.lockTimeoutMilliseconds = draw(1...40) }
    do throws(KernelError) {
      guard try await body(transaction, attempt) else {
        await transaction.rollback()
        simulation.coverage.rollbacks += 1
        return simulation.end(attempt, .failed)
      }
    } catch {
      await transaction.rollback()
      return simulation.end(attempt, .failed, error)
    }
    attempt.outcome = .committing
    do throws(KernelError) {
      try await transaction.commit()
      simulation.end(attempt, .committed)
      if let doubt = attempt.doubt { simulation.fault(doubt) }
    } catch {
      if case .unknownOutcome = error {
        simulation.end(attempt, .unknown, error)
      } else {
        simulation.end(attempt, .failed, error)
      }
    }
  }

  private func call<P: Procedure>(_ transaction: Transaction, _ place: Int, _ procedure: P)
    async throws(KernelError) -> P.Output
  {
    let bucket = simulation.bucket(place)
    let isNewest = draw(0...1) == 0
    return try await transaction.statement { () async throws(KernelError) -> P.Output in
      if isNewest { return try await transaction.callNewest(procedure, bucket: bucket) }
      return try await transaction.call(procedure, bucket: bucket)
    }
  }

  private func change(
    _ transaction: Transaction, _ attempt: Attempt, _ cell: Cell, _ amount: Int, part: Int
  ) async throws(KernelError) {
    let change = Change(
      cell: cell, amount: amount, attempt: attempt.id, part: part, padding: padding())
    attempt.note(cell, try await call(transaction, cell.place, change), part: part)
  }

  private func move(
    _ transaction: Transaction, _ attempt: Attempt, _ from: Cell, _ to: Cell, part: Int
  ) async throws(KernelError) {
    let amount = draw(1...50)
    try await change(transaction, attempt, from, -amount, part: part)
    try await change(transaction, attempt, to, amount, part: part)
  }

  // MARK: Kinds

  private func transfer() async {
    await perform("transfer", isolation()) { (transaction, attempt) async throws(KernelError) in
      try await move(transaction, attempt, account(), account(), part: 1)
      if draw(0...3) == 0 { try await move(transaction, attempt, account(), account(), part: 1) }
      return true
    }
  }

  /// What is between the savepoint and the return to it must never be there.
  private func transferWithSavepoint() async {
    await perform("savepoint", isolation()) { (transaction, attempt) async throws(KernelError) in
      if draw(0...1) == 0 { try await move(transaction, attempt, account(), account(), part: 1) }
      let kept = (marks: attempt.marks, writes: attempt.writes)
      let savepoint = transaction.savepoint()
      try await move(transaction, attempt, account(), account(), part: 2)
      try await transaction.rollback(to: savepoint)
      attempt.marks = kept.marks
      attempt.writes = kept.writes
      simulation.coverage.savepoints += 1
      if draw(0...1) == 0 { try await move(transaction, attempt, account(), account(), part: 3) }
      return true
    }
  }

  private func transferAndRollBack() async {
    await perform("rollback", isolation()) { (transaction, attempt) async throws(KernelError) in
      try await move(transaction, attempt, account(), account(), part: 1)
      return false
    }
  }

  /// One call that is the whole transaction.
  private func bump() async {
    let attempt = simulation.begin("bump", .readCommitted)
    let cell = Cell(
      place: draw(0...simulation.options.tablets - 1), number: Cell.firstCounter)
    let change = Change(
      cell: cell, amount: 1, attempt: attempt.id, part: 1, padding: padding())
    attempt.mark(cell.place, 1)
    attempt.outcome = .committing
    do throws(KernelError) {
      let result: Change.Output
      if simulation.options.plantedBug == nil, draw(0...1) == 0,
        let (output, hold) = runAtOnce(change, in: simulation.bucket(cell.place))
      {
        let reply = Reply<KernelError?>()
        hold.whenOver { reply.fulfill($0) }
        if let error = await reply.get() { throw error }
        result = output
      } else {
        result = try await shard.begin(isolation: .readCommitted)
          .callAndCommit(change, bucket: simulation.bucket(cell.place))
      }
      attempt.note(cell, result, part: 1)
      simulation.end(attempt, .committed)
    } catch {
      if case .unknownOutcome = error {
        simulation.end(attempt, .unknown, error)
      } else {
        simulation.end(attempt, .failed, error)
      }
    }
  }

  /// As front ends do it with one key; nil: it cannot be done so, and nothing has been.
  private func runAtOnce(_ change: Change, in bucket: Bucket) -> (Change.Output, ReplyHold)? {
    var output: Change.Output?
    let hold = shard.runAtOnce(bucket: bucket, arrival: shard.reactor.monotonicNanoseconds()) {
      (transaction) throws(ProcedureError) in
      output = try change.run(transaction)
    }
    guard let hold, let output else { return nil }
    simulation.coverage.atOnce += 1
    return (output, hold)
  }

  /// Everything in one snapshot: the bank's total is constant at any time.
  private func audit() async {
    let level = isolation()
    await perform("audit", level) { (transaction, attempt) async throws(KernelError) in
      for _ in 0...draw(0...1) {
        let found = try await transaction.statement { () async throws(KernelError) in
          try await transaction.readAll(simulation.options.tablets, of: Spaces.audited)
        }
        let state = NodeState(found, of: Spaces.audited)
        check(state, "audit \(attempt.id) at \(level)")
        attempt.reads = state.cells.mapValues(\.version)
      }
      attempt.isSnapshotReader = level != .readCommitted
      simulation.coverage.audits += 1
      return true
    }
  }

  /// The same on a snapshot that may be old, which this node's own replicas serve where they can.
  private func auditNearby() async {
    let level = isolation()
    await perform("old audit", level) { (transaction, attempt) async throws(KernelError) in
      transaction.change(isolation: level, isReadOnly: true)
      transaction.stalenessMilliseconds = Self.stalenessMilliseconds
      for _ in 0...draw(0...1) {
        let found = try await transaction.statement { () async throws(KernelError) in
          try await transaction.readAll(simulation.options.tablets, of: Spaces.audited)
        }
        check(NodeState(found, of: Spaces.audited), "old audit \(attempt.id) at \(level)")
        if transaction.isNearby { simulation.coverage.oldAudits += 1 }
      }
      return true
    }
  }

  private func check(_ state: NodeState, _ name: String) {
    let total = state.cells.reduce(0) { $0 + ($1.key.isAccount ? $1.value.amount : 0) }
    if total != simulation.bankTotal { simulation.fault("\(name) sees \(total)") }
    for row in state.rows.keys.sorted() where state.unique[state.rows[row] ?? 0] != row {
      simulation.fault("\(name) sees row \(row) without its key")
    }
  }

  private func insert() async {
    await perform("insert", isolation()) { (transaction, attempt) async throws(KernelError) in
      let key = draw(1...12)
      let place = draw(0...simulation.options.tablets - 1)
      let keyPlace = key % simulation.options.tablets
      _ = try await call(
        transaction, keyPlace, ClaimUnique(key: key, rowPlace: place, row: attempt.id))
      attempt.mark(keyPlace, 1)
      _ = try await call(
        transaction, place,
        PutRow(
          space: Spaces.rows, key: bytes(attempt.id), value: bytes(key), attempt: attempt.id,
          part: 0))
      attempt.mark(place, 0)
      return true
    }
  }

  private func delete() async {
    await perform("delete", isolation()) { (transaction, attempt) async throws(KernelError) in
      let key = draw(1...12)
      let keyPlace = key % simulation.options.tablets
      let entry = try await call(
        transaction, keyPlace,
        DeleteRow(space: Spaces.unique, key: bytes(key), attempt: attempt.id, part: 1))
      guard let entry else { return true }
      attempt.mark(keyPlace, 1)
      let row = numbers(entry)
      let removed = try await call(
        transaction, row[0],
        DeleteRow(space: Spaces.rows, key: bytes(row[1]), attempt: attempt.id, part: 0))
      if removed == nil { attempt.doubt = "delete \(attempt.id): key \(key) without its row" }
      attempt.mark(row[0], 0)
      return true
    }
  }

  /// Counts a group over all tablets and joins while there is room: write skew, if not serializable.
  private func join() async {
    await perform("join", .serializable) { (transaction, attempt) async throws(KernelError) in
      let group = draw(1...3)
      let found = try await transaction.statement { () async throws(KernelError) in
        try await transaction.callPlaces(
          CountGroup(group: group), simulation.options.tablets, merge: +)
      }
      guard found.reduce(0, { $0 + $1.count }) < simulation.options.groupLimit else { return true }
      let place = draw(0...simulation.options.tablets - 1)
      _ = try await call(
        transaction, place,
        PutRow(
          space: Spaces.groups, key: bytes(group, attempt.id), value: [1], attempt: attempt.id,
          part: 0))
      attempt.mark(place, 0)
      return true
    }
  }

  private func leave() async {
    await perform("leave", isolation()) { (transaction, attempt) async throws(KernelError) in
      let group = draw(1...3)
      let found = try await transaction.statement { () async throws(KernelError) in
        try await transaction.callPlaces(
          CountGroup(group: group), simulation.options.tablets, merge: +)
      }
      guard let place = found.firstIndex(where: { !$0.isEmpty }) else { return true }
      let removed = try await call(
        transaction, place,
        DeleteRow(
          space: Spaces.groups, key: bytes(group, found[place][0]), attempt: attempt.id, part: 0))
      if removed != nil { attempt.mark(place, 0) }
      return true
    }
  }

  /// Locks few cells in random order, so that circles arise, and changes what it locked.
  private func lockAndChange() async {
    await perform("lock", isolation()) { (transaction, attempt) async throws(KernelError) in
      var locked: [Cell] = []
      for _ in 0..<draw(2...3) {
        let cell = Cell(place: draw(0...1), number: draw(0...1))
        let mode: LockMode = [.keyShare, .share, .noKeyUpdate, .update][draw(0...3)]
        let wait: LockWait = [.wait, .wait, .wait, .wait, .noWait, .skipLocked][draw(0...5)]
        let lock = LockCell(cell: cell, mode: mode, wait: wait)
        if try await call(transaction, cell.place, lock) { locked.append(cell) }
      }
      guard let first = locked.first, let last = locked.last else { return true }
      try await move(transaction, attempt, first, last, part: 1)
      return true
    }
  }

  /// More than the log takes in one entry: refused, and nobody else is harmed.
  private func writeTooMuch() async {
    guard draw(0...3) == 0 else { return }
    await perform("large", isolation()) { (transaction, attempt) async throws(KernelError) in
      try await move(transaction, attempt, account(), account(), part: 1)
      let place = draw(0...simulation.options.tablets - 1)
      _ = try await call(
        transaction, place,
        PutRow(
          space: Spaces.rows, key: bytes(attempt.id), value: filling(1, 300_000),
          attempt: attempt.id, part: 0))
      attempt.mark(place, 0)
      return true
    }
  }

  private func checkpoint() async {
    let isTaken = draw(0...2) == 0 ? await shard.checkpointNode() : await shard.checkpoint()
    if isTaken { simulation.coverage.checkpoints += 1 }
  }
}
