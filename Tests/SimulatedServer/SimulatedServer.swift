import Base
public import Fuzzing
public import Node
import Reactor

/// A node of one shard in a simulated world, for the sessions of a front end. Lives on: the thread that runs
/// it.
///
/// `@unchecked Sendable`: the node's callbacks run on the world's thread, which is this one.
public final class SimulatedServer: @unchecked Sendable {
  private let world: SimulatedWorld
  /// Nil: the node has failed to start, or has ended.
  public private(set) var shard: NodeShard?
  private var failure: String?

  public init(seed: UInt64, tabletCount: Int) {
    world = SimulatedWorld(seed: seed)
    var node = NodeSettings(
      dataDirectory: "/data", shardCount: 1, memoryLimitBytes: 64 << 20, randomSeed: seed)
    node.tabletCount = tabletCount
    node.segmentBytes = 1 << 20
    var reactors: [any Reactor] = []
    world.start(NodeID(rawValue: 1)) { reactor, _ in reactors.append(reactor) }
    Node.start(
      node, on: reactors, onFailure: { [unowned self] in failure = $0 },
      onReady: { [unowned self] in shard = $0 })
    _ = world.run(atMostMilliseconds: 10_000) { [unowned self] in shard != nil || failure != nil }
  }

  /// Runs a session for each client, as `makeSession` makes it, until all have ended. False when one has
  /// not within ten virtual minutes.
  public func serve(
    _ clients: [ScriptedStream], _ makeSession: (ScriptedStream, NodeShard) -> () async -> Void
  ) -> Bool {
    guard let shard else { return false }
    var open = clients.count
    for client in clients {
      spawn(makeSession(client, shard), on: shard) { open -= 1 }
    }
    return world.run(atMostMilliseconds: 600_000) { open == 0 }
  }

  public func run(milliseconds: Int) { _ = world.run(atMostMilliseconds: milliseconds) { false } }

  private func spawn(
    _ session: @escaping () async -> Void, on shard: NodeShard, _ ended: @escaping () -> Void
  ) {
    shard.reactor.spawn {
      await session()
      ended()
    }
  }

  /// Frees the disk: tasks of the node stay for ever, and with them their world.
  public func end() {
    let disk = world.disk(of: NodeID(rawValue: 1))
    world.crash(NodeID(rawValue: 1))
    for path in disk.paths { disk.replace(path, with: []) }
    shard = nil
  }
}
