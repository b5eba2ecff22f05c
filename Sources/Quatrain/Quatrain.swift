import ArgumentParser

/// The command line.
@main
struct Quatrain: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "quatrain",
    abstract: "One distributed database behind several wire protocols.",
    version: "0.1.0",
    subcommands: [Run.self])
}
