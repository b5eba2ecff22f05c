import Base
import Reactor
import Types

@testable import Node

/// Sessions, and single pieces of work.
extension ClusterSimulation {
  func startSessions(_ round: Int) {
    let ready = readyNodes
    changer =
      cluster.changesSchema && !ready.isEmpty ? ready[draw(0...ready.count - 1)] : nil
    for node in ready {
      if cluster.runsKafka {
        spawnSession(on: node) { [self] shard, place, seed in
          await KafkaWriter(shard, self, place, seed: seed).run()
        }
        continue
      }
      for _ in 0..<options.sessions {
        spawnSession(on: node) { shard, place, seed in
          await Session(shard, place, seed: seed).run()
        }
      }
      spawnSession(on: node) { [self] shard, place, seed in
        await HistorySession(shard, self, place, round: round, seed: seed).run()
      }
      if cluster.runsCQL {
        spawnSession(on: node) { [self] shard, place, seed in
          await CQLWork(shard, self, place, round: round, seed: seed).run()
        }
      }
      guard cluster.changesSchema else { continue }
      spawnSession(on: node) { [self] shard, place, seed in
        await SchemaSession(shard, self, place, seed: seed).run(changesSchema: false)
      }
      guard node == changer else { continue }
      spawnSession(on: node) { [self] shard, place, seed in
        await SchemaSession(shard, self, place, seed: seed).run(changesSchema: true)
      }
    }
  }

  private func spawnSession(
    on node: NodeID, _ body: @escaping (NodeShard, NodeSessions, UInt64) async -> Void
  ) {
    guard let all = shards[node], !all.isEmpty else { return }
    let shard = all[draw(0...all.count - 1)]
    let place = NodeSessions(self, node, life: lives[node] ?? 0)
    places.append(place)
    let seed = random.next()
    sessions[node, default: 0] += 1
    shard.reactor.spawn {
      await body(shard, place, seed)
      withExtendedLifetime(place) {}
    }
  }

  func sessionEnded() {}
  func sessionEnded(on node: NodeID, life: Int) {
    if lives[node] == life { sessions[node, default: 0] -= 1 }
  }

  /// Runs one piece of work on some node to its end.
  func perform(_ name: String, _ body: @escaping (NodeShard) async -> Void) {
    let ready = readyNodes
    guard !ready.isEmpty, let all = shards[ready[draw(0...ready.count - 1)]] else {
      return fault("\(name): no node is ready")
    }
    let shard = all[draw(0...all.count - 1)]
    var isDone = false
    shard.reactor.spawn {
      await body(shard)
      isDone = true
    }
    if !world.run(atMostMilliseconds: 60_000, until: { isDone }) {
      fault("\(name) does not end: \(stuck), \(groups)")
    }
  }

  func makeCells() {
    perform("setup") { [self] shard in
      for _ in 0..<5 {
        let transaction = shard.begin(isolation: .readCommitted)
        do throws(KernelError) {
          for place in 0..<options.tablets {
            let cells = [0, 1, Cell.firstCounter].map { Cell(place: place, number: $0) }
            let make = MakeCells(cells: cells, amount: Self.firstAmount)
            _ = try await transaction.call(make, bucket: bucket(place))
          }
          return try await transaction.commit()
        } catch {
          await transaction.rollback()
          note("setup: \(error)")
        }
      }
      fault("setup fails")
    }
  }

  func makeTable() {
    perform("CREATE TABLE") { [self] shard in
      let client = SQLClient(shard)
      for _ in 0..<20 {
        do throws(SQLError) {
          try await client.run(
            "create table if not exists s (id int primary key, a int, b int)"
              + (hasTier ? " with (tier = \(Self.tierName))" : ""))
          return await client.close()
        } catch {
          note("CREATE TABLE: \(error.message)")
          await shard.reactor.sleep(milliseconds: 200)
        }
      }
      fault("CREATE TABLE fails")
    }
  }
}
