import ArgumentParser
import Foundation

/// Where a command finds the node that it asks.
struct NodeOptions: ParsableArguments {
  @Option(help: "The node's address.")
  var host = "127.0.0.1"

  @Option(help: "The node's port for HTTP.")
  var httpPort = 8080

  var client: StatusClient { StatusClient(host: host, port: httpPort) }

  func status() throws -> ShownStatus {
    do {
      return try JSONDecoder().decode(ShownStatus.self, from: try client.get("/status"))
    } catch is DecodingError {
      throw ValidationError("the node's answer is not a status")
    }
  }
}

/// What commands show of a status.
struct ShownStatus: Decodable {
  struct Node: Decodable {
    var id: Int?
    var name: String
    var address: String?
    var version: String?
    var state: String
    var replicas: Int?
    var leaders: Int?
    var labels: [String: String]?
    var tier: String?
    var clockOffsetMilliseconds: Double?
    var shards: [Shard]?
  }
  struct Shard: Decodable {
    var shard: Int
    var tablets: Int
    var rows: Int
    var memoryUsedBytes: Int
    var memoryLimitBytes: Int
    var logBytes: Int
    var activeTransactions: Int
    var checkpoints: Int
    var logFailure: String?
    var checkpointFailure: String?
  }
  struct Tier: Decodable {
    var name: String
    var replicationFactor: Int
    var tablets: Int
    var nodes: Int
  }
  struct Tablet: Decodable {
    var tablet: Int
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
  var nodes: [Node]
  var tablets: Int
  var underReplicated: Int
  var leaderless: Int
  var featureLevel: Int
  var replicationFactor: Int?
  var balancerPaused: Bool?
  var tabletList: [Tablet]?
  var tiers: [Tier]?
}

/// Columns of text, the first to the left, the others to the right.
enum TextTable {
  static func lines(_ rows: [[String]], indent: String = "") -> [String] {
    guard let count = rows.map(\.count).max() else { return [] }
    let widths = (0..<count).map { column in
      rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
    }
    return rows.map { row in
      indent
        + row.enumerated().map { column, cell in
          let filling = String(repeating: " ", count: widths[column] - cell.count)
          return column == 0 ? cell + filling : filling + cell
        }.joined(separator: "  ")
    }
  }

  static func write(_ rows: [[String]], indent: String = "") {
    for line in lines(rows, indent: indent) { print(line) }
  }
}

/// `quatrain status`: asks a running node.
struct Status: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show the cluster, and the asked node's shards.")

  @OptionGroup var node: NodeOptions

  @Flag(help: "Print one JSON object.")
  var json = false

  func run() throws {
    if json { return print(String(decoding: try node.client.get("/status"), as: UTF8.self)) }
    let status = try node.status()
    print(
      "tablets \(status.tablets), under-replicated \(status.underReplicated), leaderless \(status.leaderless)"
        + (status.replicationFactor.map { ", replication factor \($0)" } ?? "")
        + ", feature level \(status.featureLevel)"
        + (status.balancerPaused == true ? ", balancer paused" : ""))
    if let catalog = status.tabletList?.first(where: { $0.tablet == 0 }) {
      print(Self.line(catalog))
    }
    NodeList.write(status.nodes)
    for node in status.nodes {
      guard let shards = node.shards else { continue }
      print("node \(node.name) \(node.version ?? ""): \(node.state)")
      TextTable.write(Self.rows(shards), indent: "  ")
      for shard in shards {
        if let text = shard.logFailure { print("  shard \(shard.shard): \(text)") }
        if let text = shard.checkpointFailure {
          print("  shard \(shard.shard): checkpoint: \(text)")
        }
      }
    }
  }

  /// Where the catalog is: on every node, and who votes.
  private static func line(_ catalog: ShownStatus.Tablet) -> String {
    func list(_ nodes: [Int]) -> String {
      nodes.isEmpty ? "none" : nodes.map(String.init).joined(separator: ",")
    }
    return "catalog: leader \(catalog.leader.map(String.init) ?? "none"), voters "
      + "\(list(catalog.voters)), learners \(list(catalog.learners))"
  }

  private static func rows(_ shards: [ShownStatus.Shard]) -> [[String]] {
    func mebibytes(_ value: Int) -> String { String(format: "%.1f", Double(value) / 1_048_576) }
    let head = [
      "shard", "tablets", "rows", "memory MiB", "of MiB", "log MiB", "transactions",
      "checkpoints",
    ]
    return [head]
      + shards.map { shard in
        [
          "\(shard.shard)", "\(shard.tablets)", "\(shard.rows)",
          mebibytes(shard.memoryUsedBytes), "\(shard.memoryLimitBytes >> 20)",
          mebibytes(shard.logBytes), "\(shard.activeTransactions)", "\(shard.checkpoints)",
        ]
      }
  }
}
