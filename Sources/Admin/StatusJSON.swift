import Base
import Foundation
import Node

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
  }
  private struct NodeEntry: Encodable {
    var name: String
    var version: String
    var state = "online"
    var shards: [Shard]
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

  static func text(_ status: NodeStatus, _ facts: NodeFacts) -> String {
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
    let whole = Status(
      nodes: [NodeEntry(name: facts.name, version: facts.version, shards: shards)],
      tablets: status.shards.reduce(0) { $0 + $1.tablets }, leaderless: failed)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    do {
      return String(decoding: try encoder.encode(whole), as: UTF8.self)
    } catch {
      fatalError("invariant: a status cannot be encoded: \(error)")
    }
  }
}
