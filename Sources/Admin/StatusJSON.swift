import Base
import Foundation
import Node
import Types

/// What a node knows of itself and the kernel does not.
public struct NodeFacts: Sendable {
  public var name: String
  public var version: String
  public var tabletCount: Int
  public init(name: String, version: String, tabletCount: Int) {
    self.name = name
    self.version = version
    self.tabletCount = tabletCount
  }
}

/// The one object that `quatrain status --json` prints.
enum StatusJSON {
  private struct Status: Encodable {
    var nodes: [NodeEntry]
    var tablets: Int
    /// Tablets with fewer replicas than they should have: a single node serves with one.
    var underReplicated = 0
    var leaderless: Int
    var featureLevel = 1
    /// The node that was asked, and what holds for its cluster; nil where it has none.
    var node: Int?
    var replicationFactor: Int?
    var balancerPaused: Bool?
    var tabletList: [Tablet]?
    var tiers: [Tier]?
  }
  private struct Tier: Encodable {
    var name: String
    var replicationFactor: Int
    var tablets: Int
    var nodes: Int
  }
  private struct Tablet: Encodable {
    var tablet: Int
    /// None of the catalog's.
    var tier: String?
    var leader: Int?
    var term: Int
    var voters: [Int]
    var learners: [Int]
    var isChanging: Bool
    var caughtUp: [Int]
    var commitIndex: Int
    var rows: Int
    var firstBucket: Int?
    var lastBucket: Int?
    var splitsInto: Int?
  }
  private struct NodeEntry: Encodable {
    var id: Int?
    var name: String
    var address: String?
    /// Of the node that was asked.
    var version: String?
    var state = "online"
    var labels: [String: String]?
    var tier: String?
    var shardCount: Int?
    var featureLevel: Int?
    var replicas: Int?
    var leaders: Int?
    var clockOffsetMilliseconds: Double?
    /// Of the asked node's connection to it.
    var protocolVersion: Int?
    var roundTripMilliseconds: Double?
    /// Of the node that was asked.
    var shards: [Shard]?
  }
  private struct Shard: Encodable {
    var shard: Int
    var tablets: Int
    var rows: Int
    var memoryUsedBytes: Int
    var memoryLimitBytes: Int
    var logBytes: Int
    var logSegments: Int
    var logFailure: String?
    var activeTransactions: Int
    var checkpoints: Int
    var lastCheckpointSeconds: Double?
    var checkpointFailure: String?
  }

  static func text(_ status: NodeStatus, _ facts: NodeFacts, _ cluster: ClusterStatus?) -> String {
    let shards = status.shards.map { shard in
      Shard(
        shard: Int(shard.shard.rawValue), tablets: shard.tablets, rows: shard.rows,
        memoryUsedBytes: shard.memoryUsedBytes, memoryLimitBytes: shard.memoryLimitBytes,
        logBytes: shard.logBytes, logSegments: shard.logSegments, logFailure: shard.logFailure,
        activeTransactions: shard.activeTransactions, checkpoints: shard.checkpoints,
        lastCheckpointSeconds: shard.lastCheckpoint.map { Double($0) / 1e9 },
        checkpointFailure: shard.checkpointFailure)
    }
    // A shard whose log cannot be written leads nothing any more.
    let failed = status.shards.filter { $0.logFailure != nil }.reduce(0) { $0 + $1.tablets }
    var whole = Status(
      nodes: [NodeEntry(name: facts.name, version: facts.version, shards: shards)],
      tablets: status.shards.reduce(0) { $0 + $1.tablets }, leaderless: failed)
    if let cluster { extend(&whole, cluster) }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    do {
      return String(decoding: try encoder.encode(whole), as: UTF8.self)
    } catch {
      fatalError("invariant: a status cannot be encoded: \(error)")
    }
  }

  private static func extend(_ status: inout Status, _ cluster: ClusterStatus) {
    let own = status.nodes[0]
    status.node = Int(cluster.node.rawValue)
    status.replicationFactor = cluster.replicationFactor
    status.balancerPaused = cluster.isBalancerPaused
    status.featureLevel = cluster.featureLevel
    status.underReplicated = cluster.underReplicated
    status.leaderless = max(status.leaderless, cluster.leaderless)
    status.tablets = cluster.tablets.count
    status.nodes = cluster.nodes.map { node in
      let isOwn = node.node == cluster.node
      return NodeEntry(
        id: Int(node.node.rawValue), name: node.name, address: node.address,
        version: isOwn ? own.version : nil, state: node.state.rawValue, labels: node.labels,
        tier: node.tier, shardCount: node.shards, featureLevel: node.featureLevel,
        replicas: node.replicas,
        leaders: node.leaders,
        clockOffsetMilliseconds: Double(node.clockOffsetNanoseconds) / 1e6,
        protocolVersion: node.link.map { Int($0.version) },
        roundTripMilliseconds: node.link?.roundTripNanoseconds.map { Double($0) / 1e6 },
        shards: isOwn ? own.shards : nil)
    }
    status.tabletList = cluster.tablets.map { tablet in
      Tablet(
        tablet: Int(tablet.tablet.rawValue), tier: tablet.tier,
        leader: tablet.leader.map { Int($0.rawValue) },
        term: Int(tablet.term), voters: tablet.voters.map { Int($0.rawValue) },
        learners: tablet.learners.map { Int($0.rawValue) }, isChanging: tablet.isChanging,
        caughtUp: tablet.caughtUp.map { Int($0.rawValue) },
        commitIndex: Int(tablet.commitIndex), rows: tablet.rows,
        firstBucket: tablet.buckets?.lowerBound,
        lastBucket: tablet.buckets.map { $0.upperBound - 1 },
        splitsInto: tablet.splitsInto.map { Int($0.rawValue) })
    }
    status.tiers = cluster.tiers.map { tier in
      Tier(
        name: tier.name, replicationFactor: tier.replicationFactor, tablets: tier.tablets,
        nodes: tier.nodes)
    }
  }

  /// The answer to a wish that was refused.
  static func error(_ error: KernelError) -> String {
    struct Refusal: Encodable {
      var error: String
      var code: String?
      var detail: String?
      var hint: String?
    }
    var refusal = Refusal(error: "\(error)")
    switch error {
    case .user(let fault):
      refusal = Refusal(
        error: fault.message, code: "\(fault.code)", detail: fault.detail, hint: fault.hint)
    case .serializationFailure(let text), .unavailable(let text):
      refusal.error = text
    default: break
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    do {
      return String(decoding: try encoder.encode(refusal), as: UTF8.self)
    } catch {
      fatalError("invariant: an error cannot be encoded: \(error)")
    }
  }
}
