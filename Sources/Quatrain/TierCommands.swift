import ArgumentParser
import Catalog

/// `quatrain tier`: classes of nodes with tablets of their own.
struct TierCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tier", abstract: "List the tiers; create, change or drop one.",
    subcommands: [TierList.self, Create.self, Set.self, Drop.self],
    defaultSubcommand: TierList.self)

  struct Create: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Make a class of nodes with tablets of its own; nodes join it with --tier.")
    @Argument(help: "1 to 63 of a-z, 0-9, _ and -.") var name: TierName
    @Option(help: "Replicas of each tablet, as far as the tier has nodes: 1, 3 or 5.")
    var replicationFactor = 3
    @Option(help: "Tablets that share its buckets: a power of two.")
    var tablets = 64
    @OptionGroup var node: NodeOptions

    func run() throws {
      try node.client.post("/tiers/\(name.text)/create/\(replicationFactor)/\(tablets)")
    }
  }

  struct Set: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Change a tier.")
    @Argument var name: TierName
    @Option(help: "Replicas of each tablet, as far as the tier has nodes: 1, 3 or 5.")
    var replicationFactor: Int
    @OptionGroup var node: NodeOptions

    func run() throws {
      try node.client.post("/tiers/\(name.text)/replication-factor/\(replicationFactor)")
    }
  }

  struct Drop: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Remove a tier in which no table lives and to which no node belongs.")
    @Argument var name: TierName
    @OptionGroup var node: NodeOptions
    func run() throws { try node.client.post("/tiers/\(name.text)/drop") }
  }
}

/// A tier's name, which goes into a path.
struct TierName: ExpressibleByArgument {
  let text: String
  init?(argument: String) {
    guard TierDescriptor.isValid(name: argument) else { return nil }
    text = argument
  }
}

struct TierList: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the tiers.")
  @OptionGroup var node: NodeOptions
  @Flag(help: "Print a JSON array.") var json = false

  func run() throws {
    if json { return try Output.part("tiers", of: node.client) }
    TextTable.write(
      [["tier", "replication factor", "tablets", "nodes"]]
        + (try node.status().tiers ?? []).map { tier in
          [tier.name, "\(tier.replicationFactor)", "\(tier.tablets)", "\(tier.nodes)"]
        })
  }
}
