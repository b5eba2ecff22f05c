import Admin
public import ArgumentParser
import Base
import CQL
import Dispatch
import Foundation
import Glibc
import KafkaRead
import KafkaSources
public import Node
import PgWire
import RESP
public import Reactor
import SQL
import Synchronization
import SystemViews
import Types

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

  @Option(
    help:
      "Address to listen on. Any but the loopback wants --tls-cert and --rpc-tls-cert, or --insecure."
  )
  var listen = "127.0.0.1"

  @Flag(help: "Listen on other addresses than the loopback without TLS.")
  var insecure = false

  @Option(help: "Shards, one per core; fixed when the data directory is made.")
  var shards: Int?

  @Option(help: "Port for PostgreSQL clients; 0 picks a free one.")
  var pgPort = 5432

  @Option(
    help: """
      Port for Redis clients; 0 picks a free one, off leaves it out. 6379 where it is free, unless told \
      otherwise.
      """)
  var respPort: String?

  @Option(help: "Port for Redis clients with TLS; 0 picks a free one. Wants --tls-cert.")
  var respTlsPort: Int?

  @Option(
    help: """
      Port for Cassandra clients; 0 picks a free one, off leaves it out. 9042 where it is free, unless told \
      otherwise.
      """)
  var cqlPort: String?

  @Option(help: "Port for Cassandra clients with TLS; 0 picks a free one. Wants --tls-cert.")
  var cqlTlsPort: Int?

  @Option(
    help: """
      Port for Kafka consumers; 0 picks a free one, off leaves it out. 9092 where it is free, unless told \
      otherwise.
      """)
  var kafkaPort: String?

  @Option(help: "Port for Kafka consumers with TLS; 0 picks a free one. Wants --tls-cert.")
  var kafkaTlsPort: Int?

  @Option(help: "Port for HTTP (/status); 0 picks a free one, off leaves it out.")
  var httpPort = "8080"

  @Option(
    help: "Port for other nodes; 0 picks a free one. 4400 where it is free, unless told otherwise.")
  var rpcPort: Int?

  @Option(help: "Address to listen on for other nodes, where it is not that of --listen.")
  var rpcListen: String?

  @Option(
    help: "Certificates for TLS between nodes, both ways: a PEM file, the node's own first.")
  var rpcTlsCert: String?

  @Option(help: "That certificate's private key: a PEM file.")
  var rpcTlsKey: String?

  @Option(help: "Authorities that the certificates of other nodes must lead to: a PEM file.")
  var rpcTlsCa: String?

  @Option(help: "Nodes of a cluster to join: host:port of their --rpc-port, with commas.")
  var join: String?

  @Option(help: "host:port that other nodes reach this one by, where it is not where it listens.")
  var advertise: String?

  /// For tests of upgrades: what the nodes of a cluster must agree on, as an older program has it.
  @Option(help: .hidden)
  var compatibilityLevel = FeatureLevel.newest

  @Option(help: "Failure domains: zone=a,rack=7. Replicas of a tablet avoid equal ones.")
  var labels: String?

  @Option(
    help: "The class of nodes that this one belongs to, from when it joins on: `quatrain tier`.")
  var tier: String?

  @Option(help: "sync: replies wait for the disk; relaxed: the disk follows within 100 ms.")
  var durability = Durability.sync

  @Option(help: "The node's name in statuses; the host's without one.")
  var name: String?

  @Option(help: "A YAML file of these options: names without dashes, as in `pg-port: 5432`.")
  var config: String?

  @Option(help: "Clients at the same time; further ones are told so and closed.")
  var maxConnections = 1_000

  @Option(help: "Seconds that a client may take to say who it is.")
  var authenticationTimeout = 60

  @Option(help: "Certificates for TLS: a PEM file, the node's own first. Read again on SIGHUP.")
  var tlsCert: String?

  @Option(help: "The certificate's private key: a PEM file.")
  var tlsKey: String?

  @Option(
    help: "System interface: io_uring, epoll, or auto for io_uring where the host allows it.")
  var io = ReactorGroup.Backend.auto

  @Option(help: "Memory for rows, in MiB; writes beyond it are refused.")
  var memoryLimit = 4096

  func validate() throws {
    try validateListening()
    guard (1...64).contains(shards ?? 1) else {
      throw ValidationError("--shards \(shards ?? 0): 1 to 64")
    }
    guard (0...65_535).contains(pgPort) else {
      throw ValidationError("--pg-port \(pgPort): 0 to 65535")
    }
    if let respPort, respPort != "off", !(0...65_535).contains(Int(respPort) ?? -1) {
      throw ValidationError("--resp-port \(respPort): 0 to 65535, or off")
    }
    guard (0...65_535).contains(respTlsPort ?? 0) else {
      throw ValidationError("--resp-tls-port \(respTlsPort ?? 0): 0 to 65535")
    }
    guard respTlsPort == nil || tlsCert != nil else {
      throw ValidationError("--resp-tls-port wants --tls-cert and --tls-key")
    }
    if let cqlPort, cqlPort != "off", !(0...65_535).contains(Int(cqlPort) ?? -1) {
      throw ValidationError("--cql-port \(cqlPort): 0 to 65535, or off")
    }
    guard (0...65_535).contains(cqlTlsPort ?? 0) else {
      throw ValidationError("--cql-tls-port \(cqlTlsPort ?? 0): 0 to 65535")
    }
    guard cqlTlsPort == nil || tlsCert != nil else {
      throw ValidationError("--cql-tls-port wants --tls-cert and --tls-key")
    }
    if let kafkaPort, kafkaPort != "off", !(0...65_535).contains(Int(kafkaPort) ?? -1) {
      throw ValidationError("--kafka-port \(kafkaPort): 0 to 65535, or off")
    }
    guard (0...65_535).contains(kafkaTlsPort ?? 0) else {
      throw ValidationError("--kafka-tls-port \(kafkaTlsPort ?? 0): 0 to 65535")
    }
    guard kafkaTlsPort == nil || tlsCert != nil else {
      throw ValidationError("--kafka-tls-port wants --tls-cert and --tls-key")
    }
    guard httpPort == "off" || (0...65_535).contains(Int(httpPort) ?? -1) else {
      throw ValidationError("--http-port \(httpPort): 0 to 65535, or off")
    }
    try validateCluster()
    guard (1...1_000_000).contains(maxConnections) else {
      throw ValidationError("--max-connections \(maxConnections): 1 to 1000000")
    }
    guard (1...600).contains(authenticationTimeout) else {
      throw ValidationError("--authentication-timeout \(authenticationTimeout): 1 to 600 seconds")
    }
    guard (16...1_048_576).contains(memoryLimit) else {
      throw ValidationError("--memory-limit \(memoryLimit): 16 to 1048576 MiB")
    }
  }

  func run() throws {
    let tls = try openTLS()
    let nodeTLS = try openNodeTLS()
    try Descriptors.allow(maxConnections + ConnectionLimit.refusalsMax + Descriptors.others)
    let directory = try DataDirectory.open(dataDir, shards: shards)
    Signals.block()
    var settings = NodeSettings(
      dataDirectory: dataDir, shardCount: directory.shards,
      memoryLimitBytes: memoryLimit << 20, randomSeed: UInt64.random(in: .min ... .max))
    settings.backend = io
    settings.durability = durability
    settings.cluster = try clusterSettings()
    settings.cluster?.tls = nodeTLS
    settings.procedures = SQLProcedures.all + RESPProcedures.all + CQLProcedures.all
    settings.bucketReader = { TableBuckets($0) }
    var wire = PgWireSettings(connectionsMax: maxConnections, tls: tls)
    wire.startupMilliseconds = authenticationTimeout * 1_000
    wire.mockSecret = directory.secret
    wire.environment.systemViews = { SystemTables(session: $0) }
    wire.environment.catalogFunctions = { SystemFunctions($0) }
    wire.environment.makeVerifier = { (password) throws(SQLError) in
      try Passwords.verifier(password)
    }
    var resp = RESPSettings(connectionsMax: maxConnections, tls: tls)
    resp.shutdown = { kill(getpid(), SIGTERM) }
    resp.preparePassword = { Array(Passwords.prepared($0).utf8) }
    wire.environment.checkRedisKey = { (pattern, table) throws(SQLError) in
      try RedisKeyPattern.check(pattern, table)
    }
    wire.environment.sources = KafkaSources.reading(wire.environment)
    let environment = wire.environment
    resp.makeStatements = { RedisStatements($0, role: $1, environment) }
    var cql = CQLSettings(connectionsMax: maxConnections, tls: tls)
    cql.environment = wire.environment
    cql.preparePassword = resp.preparePassword
    var kafka = KafkaSettings(connectionsMax: maxConnections, tls: tls)
    kafka.environment = wire.environment
    kafka.preparePassword = resp.preparePassword
    kafka.mockSecret = directory.secret
    kafka.startupMilliseconds = wire.startupMilliseconds
    let listeners = Listeners(
      address: listen, port: pgPort,
      ports: .init(
        resp: listeningPort(respPort, usual: 6_379), respTLS: respTlsPort,
        cql: listeningPort(cqlPort, usual: 9_042), cqlTLS: cqlTlsPort,
        kafka: listeningPort(kafkaPort, usual: 9_092), kafkaTLS: kafkaTlsPort),
      shardCount: directory.shards, settings: wire, resp: resp, cql: cql, kafka: kafka,
      httpPort: Int(httpPort), nodeAddress: rpcListen ?? listen,
      facts: NodeFacts(
        name: name ?? ProcessInfo.processInfo.hostName, version: Quatrain.configuration.version,
        tabletCount: settings.tabletCount), dataDirectory: dataDir)
    let shards = try startShards(settings, listeners)
    Messages.write("\(directory.shards) shards on \(shards.backend.systemName)")
    Signals.waitForTermination {
      reload(tls, "certificate")
      reload(nodeTLS, "certificate for nodes")
    }
    handOver(listeners.node)
    // Everything acknowledged is already in the log: there is nothing to flush.
    withExtendedLifetime(directory) { Glibc.exit(0) }
  }

  private static let handOverSeconds = 15.0

  /// Other nodes lead before this one ends; where none can, it ends anyway.
  private func handOver(_ node: NodeHandle?) {
    guard let node else { return }
    let isDone = DispatchSemaphore(value: 0)
    node.handOver { isDone.signal() }
    _ = isDone.wait(timeout: .now() + Self.handOverSeconds)
  }

  /// Nil: off.
  private func listeningPort(_ option: String?, usual: Int) -> Port? {
    guard let option else { return Port(number: usual, isUsual: true) }
    return Int(option).map { Port(number: $0) }
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
extension Durability: ExpressibleByArgument {}

/// The process' file descriptors.
enum Descriptors {
  /// Files, rings and what libraries open.
  static let others = 256

  /// Raises the limit of the process where its users' limit allows.
  static func allow(_ count: Int) throws {
    var limit = rlimit()
    let kind = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    guard getrlimit(kind, &limit) == 0, limit.rlim_cur < rlim_t(count) else { return }
    guard limit.rlim_max >= rlim_t(count) else {
      throw ValidationError(
        "--max-connections: \(count) file descriptors are needed, \(limit.rlim_max) are allowed")
    }
    limit.rlim_cur = rlim_t(count)
    guard setrlimit(kind, &limit) == 0 else {
      throw ValidationError("cannot raise the limit of file descriptors to \(count)")
    }
  }
}

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

/// SIGTERM, SIGINT and SIGHUP, taken by the main thread.
enum Signals {
  private static var handled: sigset_t {
    var set = sigset_t()
    sigemptyset(&set)
    sigaddset(&set, SIGTERM)
    sigaddset(&set, SIGINT)
    sigaddset(&set, SIGHUP)
    return set
  }

  /// Before any thread is started: all inherit it.
  static func block() {
    var set = handled
    pthread_sigmask(SIG_BLOCK, &set, nil)
  }

  /// Runs `onHangUp` at each SIGHUP; returns at the others.
  static func waitForTermination(onHangUp: () -> Void) {
    var set = handled
    while true {
      var number: Int32 = 0
      guard sigwait(&set, &number) == 0 else { continue }
      if number != SIGHUP { return Messages.write("ends on signal \(number)") }
      onHangUp()
    }
  }
}
