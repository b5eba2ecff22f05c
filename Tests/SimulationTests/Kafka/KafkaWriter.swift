import Base
import Reactor
import Types

@testable import Node

/// A SQL client that changes rows of a topic's table, one by one and in transactions over several, some of which
/// it rolls back. Lives on: its shard.
final class KafkaWriter {
  private static let keys = 12

  private let shard: NodeShard
  private unowned let simulation: ClusterSimulation
  private unowned let place: NodeSessions
  private let client: SQLClient
  private var random: Xoshiro256

  init(
    _ shard: NodeShard, _ simulation: ClusterSimulation, _ place: NodeSessions, seed: UInt64
  ) {
    self.shard = shard
    self.simulation = simulation
    self.place = place
    client = SQLClient(shard)
    random = Xoshiro256(seed: seed)
  }

  func run() async {
    while !simulation.isStopping {
      await write()
      await shard.reactor.sleep(milliseconds: draw(5...40))
    }
    await client.close()
    place.sessionEnded()
  }

  private func draw(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }

  private func write() async {
    let write = simulation.kafka.history.beginWrite()
    let isBlock = draw(0...2) == 0
    let isRolledBack = isBlock && draw(0...3) == 0
    do throws(SQLError) {
      if isBlock { try await client.run("begin") }
      for id in someKeys(isBlock ? draw(2...3) : 1) {
        try await change(id, write)
        if isBlock { await shard.reactor.sleep(milliseconds: draw(0...60)) }
      }
      if isBlock { try await client.run(isRolledBack ? "rollback" : "commit") }
      simulation.kafka.history.endWrite(write, isRolledBack ? .refused : .acknowledged)
    } catch {
      let isUnknown = error.code.text == "08007"
      if isBlock, !isUnknown { await leaveBlock() }
      simulation.kafka.history.endWrite(write, isUnknown ? .unknown : .refused)
      note(error, "write \(write)")
    }
  }

  /// In an order that lets transactions meet.
  private func someKeys(_ count: Int) -> [Int] {
    Array((1...Self.keys).shuffled(using: &random).prefix(count))
  }

  private func change(_ id: Int, _ write: Int) async throws(SQLError) {
    simulation.kafka.history.noteRow(write, id, nil)
    let rows = try await client.run(
      """
      insert into \(KafkaWork.table) (id, n, w) values (\(id), 1, \(write))
      on conflict (id) do update set n = \(KafkaWork.table).n + 1, w = excluded.w returning n
      """)
    guard let number = rows.first?.first.flatMap({ Int($0) }) else {
      return simulation.fault("write \(write) returns \(rows)")
    }
    simulation.kafka.history.noteRow(write, id, number)
  }

  private func leaveBlock() async {
    do throws(SQLError) {
      try await client.run("rollback")
    } catch {
      note(error, "rollback")
    }
  }

  /// Clients may hear of conflicts and of what is out of reach.
  private func note(_ error: SQLError, _ what: String) {
    simulation.note("\(what): \(error.code.text)")
    switch error.code.text {
    case "40001", "40P01", "08007", "57P03", "55P03", "58030", "53100": break
    default: simulation.fault("\(what): \(error.code.text) \(error.message)")
    }
  }
}
