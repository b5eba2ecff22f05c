public import ArgumentParser
import Base
import Foundation
import Glibc
import Node
import PgWire
public import Reactor
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

  @Option(
    help: "System interface: io_uring, epoll, or auto for io_uring where the host allows it.")
  var io = ReactorGroup.Backend.auto

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
    var settings = NodeSettings(
      dataDirectory: dataDir, shardCount: directory.shards,
      memoryLimitBytes: memoryLimit << 20, randomSeed: UInt64.random(in: .min ... .max))
    settings.backend = io
    let listeners = Listeners(address: listen, port: pgPort, shardCount: directory.shards)
    let shards = try startShards(settings, listeners)
    Messages.write("\(directory.shards) shards on \(shards.backend.systemName)")
    Signals.waitForTermination()
    // Everything acknowledged is already in the log: there is nothing to flush.
    withExtendedLifetime(directory) { Glibc.exit(0) }
  }

  private func startShards(_ settings: NodeSettings, _ listeners: Listeners) throws -> ReactorGroup
  {
    do throws(IOFault) {
      return try Node.start(
        settings, onFailure: { Messages.exit("cannot start: \($0)") },
        onReady: { listeners.open(on: $0) })
    } catch {
      throw ValidationError(
        "cannot start: \(error.operation): \(String(cString: strerror(error.errno)))")
    }
  }
}

extension ReactorGroup.Backend: ExpressibleByArgument {}

/// Lines for standard error.
enum Messages {
  static func write(_ text: String) {
    FileHandle.standardError.write(Data("quatrain: \(text)\n".utf8))
  }

  static func exit(_ text: String) -> Never {
    write(text)
    Glibc.exit(1)
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
