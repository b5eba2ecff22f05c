import Base
import Fuzzing
import Node
import Reactor

@testable import PgWire

/// A node of one shard in a simulated world, and its sessions. Lives on: the thread that runs it.
///
/// `@unchecked Sendable`: the node's callbacks run on the world's thread, which is this one.
final class SimulatedServer: @unchecked Sendable {
  private let world: SimulatedWorld
  private var shard: NodeShard?
  private var settings = PgWireSettings()
  private var failure: String?

  init(seed: UInt64) {
    world = SimulatedWorld(seed: seed)
    settings.mockSecret = [1, 2, 3]
    var node = NodeSettings(
      dataDirectory: "/data", shardCount: 1, memoryLimitBytes: 64 << 20, randomSeed: seed)
    node.tabletCount = 2
    node.segmentBytes = 1 << 20
    var reactors: [any Reactor] = []
    world.start(NodeID(rawValue: 1)) { reactor, _ in reactors.append(reactor) }
    Node.start(
      node, on: reactors, onFailure: { [unowned self] in failure = $0 },
      onReady: { [unowned self] in shard = $0 })
    _ = world.run(atMostMilliseconds: 10_000) { [unowned self] in shard != nil || failure != nil }
  }

  /// Runs a session for each client until all have ended. False when one has not within ten virtual
  /// minutes.
  func serve(_ clients: [ScriptedStream]) -> Bool {
    guard let shard else { return false }
    var open = clients.count
    let ended = { open -= 1 }
    for client in clients {
      let session = PgWireSession(stream: client, shard: shard, settings: settings)
      spawn(session, on: shard, ended)
    }
    return world.run(atMostMilliseconds: 600_000) { open == 0 }
  }

  private func spawn(_ session: PgWireSession, on shard: NodeShard, _ ended: @escaping () -> Void) {
    shard.reactor.spawn {
      await session.run()
      ended()
    }
  }

  /// Frees the disk: tasks of the node stay for ever, and with them their world.
  func end() {
    let disk = world.disk(of: NodeID(rawValue: 1))
    world.crash(NodeID(rawValue: 1))
    for path in disk.paths { disk.replace(path, with: []) }
    shard = nil
  }
}
