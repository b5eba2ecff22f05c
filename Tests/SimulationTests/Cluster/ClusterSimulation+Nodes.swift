import Base
import CQL
import Raft
import Reactor
import SQL

@testable import Node

/// The nodes' lives.
extension ClusterSimulation {
  func start(_ node: NodeID) {
    shards[node] = []
    sessions[node] = 0
    lives[node, default: 0] += 1
    var reactors: [any Reactor] = []
    world.start(node, shards: options.shards) { reactor, _ in reactors.append(reactor) }
    note("node \(node) starts")
    let life = lives[node] ?? 0
    Node.start(
      settings(of: node), on: reactors,
      onFailure: { [self] in fault("node \(node) does not start: \($0)") },
      onReady: { [self] shard in
        guard lives[node] == life else { return }
        worsenMessages(of: shard)
        if cluster.runsKafka { openKafka(on: shard) }
        shards[node, default: []].append(shard)
        note("node \(node) shard \(shard.id) is ready")
      })
  }

  private func settings(of node: NodeID) -> NodeSettings {
    var settings = NodeSettings(
      dataDirectory: "/data", shardCount: options.shards, memoryLimitBytes: 1 << 30,
      randomSeed: 1)
    settings.tabletCount = options.tablets
    settings.segmentBytes = (segmentsAreSmall ? 128 : 256) << 10
    settings.checkpointLogBytes = (segmentsAreSmall ? 100 : 400) << 10
    settings.plantedBug = cluster.plantedBug
    settings.streamsOfTests = StreamHistory.tables(
      partitions: cluster.streamPartitions, compacts: cluster.compactsStreams)
    settings.streamSegmentBytes = (cluster.compactsStreams ? 8 : 48) << 10
    settings.bucketReader = { [tablets = options.tablets] in PlaceBuckets($0, places: tablets) }
    settings.procedures =
      [
        Change.self, MakeCells.self, ReadAll.self, ReadCell.self, LockCell.self, ClaimUnique.self,
        PutRow.self, DeleteRow.self, CountGroup.self, ReadRegister.self, WriteRegister.self,
        ReadList.self, AppendToList.self,
      ] + (cluster.changesSchema || cluster.runsCQL || cluster.runsKafka ? SQLProcedures.all : [])
      + (cluster.runsCQL ? CQLProcedures.all : [])
    let first = NodeAddress(
      host: SimulatedWorld.address(of: NodeID(rawValue: 1)), port: Self.port)
    var own = ClusterSettings(
      name: "node-\(node)",
      listen: NodeAddress(host: SimulatedWorld.address(of: node), port: Self.port),
      seeds: node.rawValue == 1 ? [] : [first])
    own.tier = isOfTier(node) ? Self.tierName : nil
    own.notice = { [self] in note("node \(node): \($0)") }
    settings.cluster = own
    return settings
  }

  /// Messages between replicas may get lost; whoever sends them must not rely on anything else.
  private func worsenMessages(of shard: NodeShard) {
    guard let send = shard.replicaTransport else { return }
    let reactor = shard.reactor
    shard.replicaTransport = { [self] tablet, message in
      guard lossPerMille > 0 else { return send(tablet, message) }
      switch draw(UInt64(0)...999) {
      case 0..<lossPerMille: return
      case lossPerMille..<2 * lossPerMille:
        send(tablet, message)
        send(tablet, message)
      case 2 * lossPerMille..<3 * lossPerMille:
        reactor.after(nanoseconds: draw(UInt64(1_000_000)...40_000_000)) { send(tablet, message) }
      default: send(tablet, message)
      }
    }
  }

  func crash(_ node: NodeID) {
    guard world.isRunning(node) else { return }
    faultsMet.crashes += 1
    coverage.crashes += 1
    note("node \(node) crashes")
    shards[node] = []
    sessions[node] = 0
    world.crash(node, powerLoss: random.next() % 4 != 0)
  }

  /// One more node asks to be taken in, while work goes on.
  func join() {
    faultsMet.joins += 1
    let node = NodeID(rawValue: UInt32(members.count + 1))
    members.append(node)
    start(node)
  }

  var readyNodes: [NodeID] {
    members.filter { shards[$0]?.count == options.shards }
  }

  func awaitReady(_ nodes: [NodeID]) -> Bool {
    world.run(atMostMilliseconds: 60_000) {
      nodes.allSatisfy { shards[$0]?.count == options.shards } || hasFault
    }
  }

  /// Tasks of crashed nodes stay for ever, and with them the disks: they need not be full.
  func emptyDisks() {
    for node in members {
      let disk = world.disk(of: node)
      for path in disk.paths { disk.replace(path, with: []) }
    }
  }
}
