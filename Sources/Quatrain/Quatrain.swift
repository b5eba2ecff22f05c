import ArgumentParser
import Foundation

/// The command line.
@main
struct Quatrain: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "quatrain",
    abstract: "One distributed database behind several wire protocols.",
    version: "0.1.0",
    subcommands: [
      Run.self, Status.self, NodeCommand.self, TabletCommand.self, TierCommand.self,
      ConfigCommand.self,
    ])

  /// The configuration file and the environment are arguments that come before the given ones.
  static func main() {
    do {
      let arguments = try ConfigurationFile.expanded(
        Array(CommandLine.arguments.dropFirst()),
        environment: ProcessInfo.processInfo.environment)
      var command = try parseAsRoot(arguments)
      try command.run()
    } catch {
      exit(withError: error)
    }
  }
}
