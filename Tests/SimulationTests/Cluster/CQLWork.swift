import Base
import Reactor
import Types

@testable import CQL
@testable import Node

/// A CQL client of registers, by lightweight transactions and by plain writes, and of counters. A register that is
/// not there has 0: IF NOT EXISTS swaps that. What is plain is committed at once where its tablet is led by the
/// client's shard. Each round has keys of its own. Lives on: its shard.
final class CQLWork {
  static let registersOfRound = 3
  static let countersOfRound = 2

  private let shard: NodeShard
  private unowned let simulation: ClusterSimulation
  private unowned let place: NodeSessions
  private let client: CQLClient
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
    client = CQLClient(shard, simulation.cqlSettings)
    random = Xoshiro256(seed: seed)
  }

  func run() async {
    while !simulation.isStopping {
      switch draw(0...8) {
      case 0...2: await count()
      case 3...5: await write()
      default: await swap()
      }
      noteAtOnce()
      await shard.reactor.sleep(
        nanoseconds: UInt64(draw(0...simulation.options.pauseMicroseconds)) * 1_000)
    }
    client.close()
    place.sessionEnded()
  }

  private func draw(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }

  /// What clients may hear meanwhile; anything else is a fault.
  private func note(_ code: CQLError.Code, _ message: String, _ statement: String) {
    if code == .unavailable || code == .overloaded || code == .unprepared { return }
    // A disk that fails to write makes its node say so.
    if code == .server, message.contains("log") || message.contains("disk") { return }
    simulation.fault("\(statement): \(code) \(message)")
  }

  /// What the shard's sessions have committed at once since one of its clients looked.
  private func noteAtOnce() {
    final class Seen { var count = 0 }
    let seen = shard.local(Seen.self) { Seen() }
    let count = CQLShard.of(shard, simulation.cqlSettings).changesAtOnce
    simulation.faultsMet.changesAtOnce += count - seen.count
    seen.count = count
  }

  // MARK: Registers

  /// By a prepared statement or by a text, whatever was there.
  private func write() async {
    let key = round * Self.registersOfRound + draw(0...Self.registersOfRound - 1)
    let new = simulation.nextValue()
    let isInsert = draw(0...1) == 0
    let prepared =
      isInsert
      ? "INSERT INTO k.registers (v, a) VALUES (?, ?)" : "UPDATE k.registers SET v = ? WHERE a = ?"
    let text =
      isInsert
      ? "INSERT INTO k.registers (a, v) VALUES (\(key), \(new))"
      : "UPDATE k.registers SET v = \(new) WHERE a = \(key)"
    let isPrepared = draw(0...2) > 0
    let number = simulation.cqlRegisters.begin(key, .write(new))
    let answer =
      isPrepared
      ? await client.execute(prepared, [new, key], widths: [4, 4]) : await client.run(text)
    switch answer {
    case .void:
      simulation.faultsMet.plainWrites += 1
      simulation.cqlRegisters.end(number, .written)
    case .refused(let code, let message):
      simulation.cqlRegisters.end(number, .failed)
      note(code, message, text)
    case .rows: simulation.fault("\(text) gives rows")
    case .unknown:
      simulation.faultsMet.unknownCQL += 1
      simulation.cqlRegisters.end(number, .unknown)
    }
  }

  private func swap() async {
    let key = round * Self.registersOfRound + draw(0...Self.registersOfRound - 1)
    let read = simulation.cqlRegisters.begin(key, .read)
    let text = "SELECT v FROM k.registers WHERE a = \(key)"
    var expected = 0
    switch await client.run(text) {
    case .rows(let rows):
      if case .scalar(.int(let value))?? = rows.first?.first { expected = Int(value) }
      simulation.cqlRegisters.end(read, .value(expected))
    case .refused(let code, let message):
      simulation.cqlRegisters.end(read, .failed)
      return note(code, message, text)
    case .void, .unknown: return simulation.cqlRegisters.end(read, .failed)
    }
    if draw(0...3) == 0 { return }
    let new = simulation.nextValue()
    await swap(key, expected, new)
  }

  private func swap(_ key: Int, _ expected: Int, _ new: Int) async {
    let text =
      expected == 0
      ? "INSERT INTO k.registers (a, v) VALUES (\(key), \(new)) IF NOT EXISTS"
      : "UPDATE k.registers SET v = \(new) WHERE a = \(key) IF v = \(expected)"
    let number = simulation.cqlRegisters.begin(key, .swap(expected: expected, new: new))
    switch await client.run(text) {
    case .rows(let rows):
      guard case .scalar(.bool(let isApplied))?? = rows.first?.first else {
        return simulation.fault("\(text) does not say whether it was applied")
      }
      simulation.faultsMet.conditionalWrites += 1
      simulation.cqlRegisters.end(number, .swapped(isApplied))
    case .refused(let code, let message):
      simulation.cqlRegisters.end(number, .failed)
      note(code, message, text)
    case .void: simulation.fault("\(text) gives no rows")
    case .unknown:
      simulation.faultsMet.unknownCQL += 1
      simulation.cqlRegisters.end(number, .unknown)
    }
  }

  // MARK: Counters

  private func count() async {
    let key = round * Self.countersOfRound + draw(0...Self.countersOfRound - 1)
    if draw(0...2) == 0 { return await readCounter(key) }
    let text = "UPDATE k.counters SET c = c + 1 WHERE a = \(key)"
    let number = simulation.counters.beginAddition(key)
    let answer =
      draw(0...1) == 0
      ? await client.run(text)
      : await client.execute(
        "UPDATE k.counters SET c = c + ? WHERE a = ?", [1, key], widths: [8, 4])
    switch answer {
    case .void:
      simulation.faultsMet.counterUpdates += 1
      simulation.counters.endAddition(key, number, .done)
    case .refused(let code, let message):
      simulation.counters.endAddition(key, number, .failed)
      note(code, message, text)
    case .rows: simulation.fault("\(text) gives rows")
    case .unknown:
      simulation.faultsMet.unknownCQL += 1
      simulation.counters.endAddition(key, number, .unknown)
    }
  }

  private func readCounter(_ key: Int) async {
    let began = simulation.counters.beginReading()
    let text = "SELECT c FROM k.counters WHERE a = \(key)"
    switch await client.run(text) {
    case .rows(let rows):
      var value = 0
      if case .scalar(.int(let found))?? = rows.first?.first { value = Int(found) }
      simulation.counters.endReading(key, began: began, value)
    case .refused(let code, let message): note(code, message, text)
    case .void, .unknown: break
    }
  }
}

extension ClusterSimulation {
  private static let definitions = [
    "CREATE KEYSPACE IF NOT EXISTS k WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 3}",
    "CREATE TABLE IF NOT EXISTS k.registers (a int PRIMARY KEY, v int)",
    "CREATE TABLE IF NOT EXISTS k.counters (a int PRIMARY KEY, c counter)",
  ]

  func makeCQLTables() {
    perform("CREATE TABLE in CQL") { [self] shard in
      for _ in 0..<20 {
        do throws(KernelError) {
          try await CQLFrontEnd.ensureSchema(on: shard)
          break
        } catch {
          note("the schema cql: \(error)")
          await shard.reactor.sleep(milliseconds: 200)
        }
      }
      let client = CQLClient(shard, cqlSettings)
      for text in Self.definitions {
        guard await define(text, client, shard) else { return fault("\(text) fails") }
      }
      client.close()
    }
  }

  private func define(_ text: String, _ client: CQLClient, _ shard: NodeShard) async -> Bool {
    for _ in 0..<20 {
      switch await client.run(text) {
      case .void, .rows: return true
      case .refused(_, let message): note("\(text): \(message)")
      case .unknown: note("\(text): unknown")
      }
      await shard.reactor.sleep(milliseconds: 200)
    }
    return false
  }

  /// Each counter once more, and what all clients saw.
  func checkCQL() {
    if hasFault { return }
    perform("the counters' check") { [self] shard in
      let client = CQLClient(shard, cqlSettings)
      for key in counters.keys {
        let began = counters.beginReading()
        guard
          case .rows(let rows) = await client.run("SELECT c FROM k.counters WHERE a = \(key)")
        else {
          fault("counter \(key) cannot be read")
          continue
        }
        var value = 0
        if case .scalar(.int(let found))?? = rows.first?.first { value = Int(found) }
        counters.endReading(key, began: began, value)
      }
      client.close()
    }
    for text in cqlRegisters.check() { fault("CQL: \(text)") }
    for text in counters.check() { fault("CQL: \(text)") }
  }
}
