import Base
import Reactor

@testable import Node

/// A client of registers, by single calls, and of lists, by transactions at all levels. Each round of
/// a simulation has keys of its own, so that histories stay short. Lives on: its shard.
final class HistorySession {
  static let registersOfRound = 4
  static let listsOfRound = 6

  private let shard: NodeShard
  private unowned let simulation: ClusterSimulation
  private unowned let place: NodeSessions
  private let round: Int
  private var random: Xoshiro256

  init(
    _ shard: NodeShard, _ simulation: ClusterSimulation, _ place: NodeSessions, round: Int,
    seed: UInt64
  ) {
    self.shard = shard
    self.simulation = simulation
    self.place = place
    self.round = round
    random = Xoshiro256(seed: seed)
  }

  func run() async {
    while !simulation.isStopping {
      // With a planted bug nothing is done at once, and the seeds that find it stay the same.
      if simulation.cluster.plantedBug == nil, draw(0...5) == 0 {
        await workAtOnce()
      } else if draw(0...2) == 0 {
        await workOnLists()
      } else {
        await workOnRegister()
      }
      await shard.reactor.sleep(
        nanoseconds: UInt64(draw(0...simulation.options.pauseMicroseconds)) * 1_000)
    }
    place.sessionEnded()
  }

  private func draw(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }

  private func bucket(_ key: Int) -> Bucket {
    simulation.bucket(key % simulation.options.tablets)
  }

  // MARK: Registers

  private func drawRegister() -> (key: Int, action: RegisterHistory.Action) {
    let key = round * Self.registersOfRound + draw(0...Self.registersOfRound - 1)
    switch draw(0...9) {
    case 0..<5: return (key, .read)
    case 5..<8: return (key, .write(simulation.nextValue()))
    default:
      return (key, .swap(expected: simulation.newestValue(of: key), new: simulation.nextValue()))
    }
  }

  private func workOnRegister() async {
    let (key, action) = drawRegister()
    let number = simulation.registers.begin(key, action)
    await finish(number, action, key) { () async throws(KernelError) in
      try await perform(action, key)
    }
  }

  /// A few commands that came in one piece, each done at once where it can be; their replies come as they may leave.
  private func workAtOnce() async {
    typealias Command = (
      number: Int, action: RegisterHistory.Action, key: Int,
      done: (RegisterHistory.Outcome, ReplyHold)?
    )
    let arrival = shard.reactor.monotonicNanoseconds()
    var commands: [Command] = []
    for _ in 0...draw(0...4) {
      let (key, action) = drawRegister()
      let number = simulation.registers.begin(key, action)
      commands.append((number, action, key, runAtOnce(action, key, arrival)))
    }
    for command in commands {
      if command.done != nil { simulation.faultsMet.atOnce += 1 }
      await finish(command.number, command.action, command.key) { () async throws(KernelError) in
        guard let (outcome, hold) = command.done else {
          return try await perform(command.action, command.key)
        }
        let reply = Reply<KernelError?>()
        hold.whenOver { reply.fulfill($0) }
        if let error = await reply.get() { throw error }
        return outcome
      }
    }
  }

  /// Nil: it cannot be done at once, and nothing has been.
  private func runAtOnce(_ action: RegisterHistory.Action, _ key: Int, _ arrival: UInt64)
    -> (RegisterHistory.Outcome, ReplyHold)?
  {
    var outcome: RegisterHistory.Outcome?
    let hold = shard.runAtOnce(bucket: bucket(key), arrival: arrival) {
      (transaction) throws(ProcedureError) in
      switch action {
      case .read: outcome = .value(try ReadRegister(key: key).run(transaction))
      case .write(let value):
        _ = try WriteRegister(key: key, value: value, expected: nil).run(transaction)
        outcome = .written
      case .swap(let expected, let new):
        outcome = .swapped(
          try WriteRegister(key: key, value: new, expected: expected).run(transaction))
      }
    }
    guard let hold, let outcome else { return nil }
    return (outcome, hold)
  }

  private func finish(
    _ number: Int, _ action: RegisterHistory.Action, _ key: Int,
    _ body: () async throws(KernelError) -> RegisterHistory.Outcome
  ) async {
    do throws(KernelError) {
      let outcome = try await body()
      simulation.registers.end(number, outcome)
      simulation.noteRegister(key, action, outcome)
    } catch {
      simulation.checkEnding("register", error)
      if case .unknownOutcome = error {
        simulation.faultsMet.unknownWrites += 1
        simulation.registers.end(number, .unknown)
      } else {
        simulation.registers.end(number, .failed)
      }
    }
  }

  private func perform(_ action: RegisterHistory.Action, _ key: Int) async throws(KernelError)
    -> RegisterHistory.Outcome
  {
    let transaction = shard.begin(isolation: .readCommitted)
    switch action {
    case .read:
      let call = ReadRegister(key: key)
      return .value(try await transaction.callAndCommit(call, bucket: bucket(key)))
    case .write(let value):
      let call = WriteRegister(key: key, value: value, expected: nil)
      _ = try await transaction.callAndCommit(call, bucket: bucket(key))
      return .written
    case .swap(let expected, let new):
      let call = WriteRegister(key: key, value: new, expected: expected)
      return .swapped(try await transaction.callAndCommit(call, bucket: bucket(key)))
    }
  }

  // MARK: Lists

  private func workOnLists() async {
    let level: IsolationLevel = [.readCommitted, .repeatableRead, .serializable][draw(0...2)]
    let attempt = place.begin("append", level)
    let transaction = shard.begin(isolation: level)
    var steps: [ListHistory.Step] = []
    do throws(KernelError) {
      for place in 0...draw(0...3) {
        let key = round * Self.listsOfRound + draw(0...Self.listsOfRound - 1)
        let number = draw(0...1) == 0 ? ListHistory.number(attempt.id, place) : nil
        if number != nil { attempt.mark(key % simulation.options.tablets, 1) }
        let found = try await transaction.statement { () async throws(KernelError) -> [Int] in
          guard let number else {
            return try await transaction.call(ReadList(key: key), bucket: bucket(key))
          }
          return try await transaction.call(
            AppendToList(key: key, number: number, attempt: attempt.id), bucket: bucket(key))
        }
        steps.append(ListHistory.Step(key: key, appended: number, found: found))
      }
    } catch {
      await transaction.rollback()
      return place.end(attempt, .failed, error)
    }
    simulation.noteLists(attempt, steps)
    attempt.isSnapshotReader = attempt.marks.isEmpty && level == .repeatableRead
    attempt.outcome = .committing
    do throws(KernelError) {
      try await transaction.commit()
      place.end(attempt, .committed, nil)
    } catch {
      if case .unknownOutcome = error {
        place.end(attempt, .unknown, error)
      } else {
        place.end(attempt, .failed, error)
      }
    }
  }
}
