import ArgumentParser
import Foundation

/// `quatrain node`: the nodes of a cluster, and what is wanted of them.
struct NodeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "node", abstract: "List the nodes; drain, resume or expel one.",
    subcommands: [NodeList.self, Drain.self, Resume.self, Expel.self],
    defaultSubcommand: NodeList.self)

  struct Drain: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Move a node's leaders and replicas away; it may be stopped when it has none.")
    @Argument(help: "The node's number.") var id: Int
    @Flag(help: "Return when it has neither leaders nor replicas.") var wait = false
    @OptionGroup var node: NodeOptions

    func run() throws {
      try node.client.post("/nodes/\(id)/drain")
      while wait {
        let found = try node.status().nodes.first { $0.id == id }
        if found?.replicas ?? 0 == 0 { return }
        Thread.sleep(forTimeInterval: 0.2)
      }
    }
  }

  struct Resume: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Use a drained node again.")
    @Argument(help: "The node's number.") var id: Int
    @OptionGroup var node: NodeOptions
    func run() throws { try node.client.post("/nodes/\(id)/resume") }
  }

  struct Expel: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "A node is gone for good: replace its replicas, never let it in again.")
    @Argument(help: "The node's number.") var id: Int
    @OptionGroup var node: NodeOptions
    func run() throws { try node.client.post("/nodes/\(id)/expel") }
  }
}

struct NodeList: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the nodes.")
  @OptionGroup var node: NodeOptions
  @Flag(help: "Print a JSON array.") var json = false

  func run() throws {
    if json { return try Output.part("nodes", of: node.client) }
    Self.write(try node.status().nodes)
  }

  static func write(_ nodes: [ShownStatus.Node]) {
    TextTable.write(
      [["node", "name", "address", "tier", "state", "leaders", "replicas", "clock ms", "labels"]]
        + nodes.map { node in
          [
            node.id.map { "\($0)" } ?? "-", node.name, node.address ?? "-", node.tier ?? "-",
            node.state,
            node.leaders.map { "\($0)" } ?? "-", node.replicas.map { "\($0)" } ?? "-",
            node.clockOffsetMilliseconds.map { String(format: "%.2f", $0) } ?? "-",
            (node.labels ?? [:]).sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
              .joined(separator: ","),
          ]
        })
  }
}

/// `quatrain tablet`: where the tablets are, and splitting one.
struct TabletCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tablet", abstract: "List the tablets with their leaders and replicas; split one.",
    subcommands: [TabletList.self, Split.self], defaultSubcommand: TabletList.self)

  struct Split: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Make a tablet of half of another one's buckets, while both are used.")
    @Argument(help: "The tablet's number.") var id: Int
    @Flag(help: "Return when it is done.") var wait = false
    @OptionGroup var node: NodeOptions

    func run() throws {
      try node.client.post("/tablets/\(id)/split")
      while wait {
        // The catalog comes to the asked node before the answer does.
        let found = try node.status().tabletList?.first { $0.tablet == id }
        if found?.splitsInto == nil { return }
        Thread.sleep(forTimeInterval: 0.1)
      }
    }
  }
}

struct TabletList: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the tablets.")
  @OptionGroup var node: NodeOptions
  @Flag(help: "Print a JSON array.") var json = false

  func run() throws {
    if json { return try Output.part("tabletList", of: node.client) }
    func list(_ nodes: [Int]) -> String {
      nodes.isEmpty ? "-" : nodes.map { "\($0)" }.joined(separator: ",")
    }
    TextTable.write(
      [
        [
          "tablet", "tier", "buckets", "leader", "voters", "learners", "up to date", "term",
          "entries",
          "rows",
        ]
      ]
        + (try node.status().tabletList ?? []).map { tablet in
          [
            "\(tablet.tablet)", tablet.tier ?? "-", Self.buckets(tablet),
            tablet.leader.map { "\($0)" } ?? "none",
            list(tablet.voters) + (tablet.isChanging ? " (changing)" : ""),
            list(tablet.learners), list(tablet.caughtUp), "\(tablet.term)",
            "\(tablet.commitIndex)", "\(tablet.rows)",
          ]
        })
  }

  private static func buckets(_ tablet: ShownStatus.Tablet) -> String {
    guard let first = tablet.firstBucket, let last = tablet.lastBucket else { return "-" }
    let split = tablet.splitsInto.map { " (splits into \($0))" } ?? ""
    return "\(first)-\(last)\(split)"
  }
}

/// `quatrain config`: what holds for the whole cluster.
struct ConfigCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "config", abstract: "Change what holds for the whole cluster.",
    subcommands: [ReplicationFactor.self, Balancer.self])

  struct ReplicationFactor: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "How many replicas each tablet of the tier \"default\" has: 1, 3 or 5.",
      discussion: "Where there are fewer nodes, so many.")
    @Argument var count: Int
    @OptionGroup var node: NodeOptions
    func run() throws { try node.client.post("/cluster/replication-factor/\(count)") }
  }

  struct Balancer: ParsableCommand {
    enum Wish: String, ExpressibleByArgument, CaseIterable { case on, off }
    static let configuration = CommandConfiguration(
      abstract: "Whether replicas and leaders are moved.")
    @Argument var wish: Wish
    @OptionGroup var node: NodeOptions
    func run() throws { try node.client.post("/balancer/\(wish == .on ? "resume" : "pause")") }
  }
}

/// A part of the status as JSON.
enum Output {
  static func part(_ key: String, of client: StatusClient) throws {
    let status = try JSONSerialization.jsonObject(with: try client.get("/status"))
    let part = (status as? [String: Any])?[key] ?? []
    let data = try JSONSerialization.data(withJSONObject: part, options: [.sortedKeys])
    print(String(decoding: data, as: UTF8.self))
  }
}
