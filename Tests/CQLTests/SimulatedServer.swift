import Base
import Node
import Reactor

@testable import CQL

/// A node in a simulated world, and CQL sessions on its first shard. Lives on: the thread that runs it.
///
/// `@unchecked Sendable`: the node's callbacks run on the world's thread, which is this one.
final class SimulatedServer: @unchecked Sendable {
  private let world: SimulatedWorld
  private var shard: NodeShard?
  private var ready = 0
  private var failure: String?
  private let settings = CQLSettings()

  init(seed: UInt64, shards: Int = 1) {
    world = SimulatedWorld(seed: seed)
    var node = NodeSettings(
      dataDirectory: "/data", shardCount: shards, memoryLimitBytes: 64 << 20, randomSeed: seed)
    node.tabletCount = 4
    node.segmentBytes = 1 << 20
    var reactors: [any Reactor] = []
    world.start(NodeID(rawValue: 1), shards: shards) { reactor, _ in reactors.append(reactor) }
    Node.start(
      node, on: reactors, onFailure: { [unowned self] in failure = $0 },
      onReady: { [unowned self] in
        ready += 1
        if $0.id == ShardID(rawValue: 0) { shard = $0 }
      })
    _ = world.run(atMostMilliseconds: 10_000) { [unowned self] in
      ready == shards || failure != nil
    }
    var isReady = false
    if let shard {
      let settings = settings
      shard.reactor.spawn {
        do throws(KernelError) {
          try await CQLFrontEnd.ensureSchema(on: shard)
        } catch {
          fatalError("the schema cql: \(error)")
        }
        CQLFrontEnd.open(on: shard, address: "127.0.0.1", port: 9_042, settings: settings)
        isReady = true
      }
    }
    _ = world.run(atMostMilliseconds: 10_000) { isReady }
  }

  /// Runs a session for each client until all have ended. False when one has not within ten virtual
  /// minutes.
  func serve(_ clients: [any ByteStream]) -> Bool {
    guard let shard else { return false }
    var open = clients.count
    for client in clients {
      let session = CQLSession(stream: client, shard: shard, settings: settings)
      shard.reactor.spawn {
        await session.run()
        open -= 1
      }
    }
    return world.run(atMostMilliseconds: 600_000) { open == 0 }
  }

  /// Changes that sessions have committed as they made them.
  var changesAtOnce: Int { shard.map { CQLShard.of($0, settings).changesAtOnce } ?? 0 }

  /// Requests that sessions have answered without reading them whole.
  var answersInPlace: Int { shard.map { CQLShard.of($0, settings).answersInPlace } ?? 0 }

  /// Requests that sessions have had other shards carry out.
  var callsElsewhere: Int { shard.map { CQLShard.of($0, settings).callsElsewhere } ?? 0 }

  func run(milliseconds: Int) { _ = world.run(atMostMilliseconds: milliseconds) { false } }

  /// Frees the disk: tasks of the node stay for ever, and with them their world.
  func end() {
    let disk = world.disk(of: NodeID(rawValue: 1))
    world.crash(NodeID(rawValue: 1))
    for path in disk.paths { disk.replace(path, with: []) }
    shard = nil
  }
}
