import ArgumentParser
import Base
import Foundation
import Glibc
import Node
import PgWire
import Reactor
import Synchronization

/// `quatrain run`: one node, until SIGTERM.
struct Run: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Start a node.",
    discussion: """
      When every port accepts, one line goes to standard output: `ready ` and a JSON object of the \
      addresses. Logs go to standard error.
      """)

  @Option(help: "Where the data is kept; made where it is missing.")
  var dataDir: String

  @Option(help: "Address to listen on. Only loopback: there are no passwords and no TLS yet.")
  var listen = "127.0.0.1"

  @Option(help: "Shards, one per core; fixed when the data directory is made.")
  var shards: Int?

  @Option(help: "Port for PostgreSQL clients; 0 picks a free one.")
  var pgPort = 5432

  @Option(help: "Memory for rows, in MiB; writes beyond it are refused.")
  var memoryLimit = 4096

  func validate() throws {
    guard ["127.0.0.1", "::1", "localhost"].contains(listen) else {
      throw ValidationError(
        "--listen \(listen): only loopback addresses are allowed while there are no passwords and no TLS"
      )
    }
    guard (1...64).contains(shards ?? 1) else {
      throw ValidationError("--shards \(shards ?? 0): 1 to 64")
    }
    guard (0...65_535).contains(pgPort) else {
      throw ValidationError("--pg-port \(pgPort): 0 to 65535")
    }
    guard (16...1_048_576).contains(memoryLimit) else {
      throw ValidationError("--memory-limit \(memoryLimit): 16 to 1048576 MiB")
    }
  }

  func run() throws {
    let directory = try DataDirectory.open(dataDir, shards: shards)
    Signals.block()
    let settings = NodeSettings(
      dataDirectory: dataDir, shardCount: directory.shards,
      memoryLimitBytes: memoryLimit << 20, randomSeed: UInt64.random(in: .min ... .max))
    let listeners = Listeners(address: listen, port: pgPort, shardCount: directory.shards)
    try Node.start(
      settings,
      onFailure: { message in
        FileHandle.standardError.write(Data("quatrain: cannot start: \(message)\n".utf8))
        Glibc.exit(1)
      },
      onReady: { listeners.open(on: $0) })
    Signals.waitForTermination()
    // Everything acknowledged is already in the log: there is nothing to flush.
    withExtendedLifetime(directory) { Glibc.exit(0) }
  }
}

/// SIGTERM and SIGINT, taken by the main thread.
enum Signals {
  private static var handled: sigset_t {
    var set = sigset_t()
    sigemptyset(&set)
    sigaddset(&set, SIGTERM)
    sigaddset(&set, SIGINT)
    return set
  }

  /// Before any thread is started: all inherit it.
  static func block() {
    var set = handled
    pthread_sigmask(SIG_BLOCK, &set, nil)
  }

  static func waitForTermination() {
    var set = handled
    var number: Int32 = 0
    sigwait(&set, &number)
  }
}
