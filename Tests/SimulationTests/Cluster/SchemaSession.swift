import Base
import Catalog
import Reactor
import Types

@testable import Node

/// SQL clients of one table, and one that changes its schema meanwhile: columns and indexes come and
/// go, and other tables too. Lives on: its shard.
final class SchemaSession {
  static let table = "s"
  static let values = 6

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

  func run(changesSchema: Bool) async {
    while !simulation.isStopping {
      if changesSchema {
        await changeSchema()
        await shard.reactor.sleep(milliseconds: draw(5...80))
      } else {
        await work()
        await shard.reactor.sleep(nanoseconds: UInt64(draw(0...20_000)) * 1_000)
      }
    }
    await client.close()
    place.sessionEnded()
  }

  private func draw(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }

  // MARK: Rows

  private func work() async {
    let isBlock = draw(0...1) == 0
    var rows: [Int] = []
    do throws(SQLError) {
      if isBlock { try await client.run("begin") }
      for _ in 0...(isBlock ? draw(0...2) : 0) {
        try await client.run(statement(&rows))
        if isBlock { await shard.reactor.sleep(milliseconds: draw(0...120)) }
      }
      if isBlock { try await client.run("commit") }
      simulation.rows.end(rows, .committed)
    } catch {
      if isBlock, error.code.text != "08007" { await leaveBlock() }
      simulation.rows.end(rows, error.code.text == "08007" ? .unknown : .failed)
      note(error, "work")
    }
  }

  private func leaveBlock() async {
    do throws(SQLError) {
      try await client.run("rollback")
    } catch {
      note(error, "rollback")
    }
  }

  private func statement(_ rows: inout [Int]) -> String {
    let value = draw(0...Self.values - 1)
    switch draw(0...9) {
    case 0..<5:
      let id = simulation.rows.nextID()
      rows.append(id)
      return "insert into s (id, a, b) values (\(id), \(value), \(id * 7))"
    case 5..<7:
      let id = simulation.rows.someID(&random)
      return "update s set a = \(value) where id = \(id)"
    case 7:
      let id = simulation.rows.someID(&random)
      simulation.rows.deletes(id)
      return "delete from s where id = \(id)"
    case 8: return "select count(*) from s where a = \(value)"
    default: return "select a from s where id = \(simulation.rows.someID(&random))"
    }
  }

  // MARK: The schema

  private func changeSchema() async {
    guard let table = SchemaSession.descriptor(shard.catalog) else { return }
    let indexes = table.indexes.filter { !$0.isPrimary }.map(\.name)
    let columns = table.visibleColumns.map(\.name).filter { $0.hasPrefix("c") }
    let number = draw(1...9)
    let sql: String
    switch draw(0...7) {
    case 0, 1:
      sql =
        indexes.contains("s_a") ? "drop index s_a" : "create index s_a on s (a)"
    case 2, 3:
      sql =
        indexes.contains("s_b") ? "drop index s_b" : "create unique index s_b on s (b)"
    case 4, 5:
      sql =
        columns.isEmpty
        ? "alter table s add column c\(number) int not null default \(number)"
        : "alter table s drop column \(columns[0])"
    case 6: sql = "create table if not exists t\(number) (id int primary key)"
    default: sql = "drop table if exists t\(number)"
    }
    do throws(SQLError) {
      try await client.run(sql)
      simulation.faultsMet.schemaChanges += 1
      simulation.note("\(sql) is done")
    } catch {
      simulation.note("\(sql): \(error.code.text)")
      note(error, sql)
    }
  }

  static func descriptor(_ catalog: CatalogSnapshot) -> TableDescriptor? {
    catalog.sortedObjects.lazy.compactMap { object in
      if case .table(let found) = object, found.name == table { found } else { nil }
    }.first
  }

  /// Clients may hear of conflicts and of what is out of reach, and of the schema that has changed.
  private func note(_ error: SQLError, _ what: String) {
    switch error.code.text {
    case "40001":
      if error.message.contains("schema") { simulation.faultsMet.schemaRefusals += 1 }
    case "40P01", "08007", "57P03", "55P03", "58030", "53100", "0A000": break
    // A statement's change that is done twice by an unlucky one: names come and go.
    case "42P07", "42701", "42703", "42704", "42P01": break
    default: simulation.fault("\(what): \(error.code.text) \(error.message)")
    }
  }
}
