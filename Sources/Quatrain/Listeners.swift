import Admin
import Base
import CQL
import Foundation
import Glibc
import KafkaRead
import KafkaSources
import Node
import PgWire
import RESP
import Reactor
import Synchronization

/// Where a front end listens.
struct Port: Equatable {
  /// 0: a free one.
  var number: Int
  /// It is the front end's usual one, and was not asked for.
  var isUsual = false
}

/// Opens the port on every shard and says when all accept.
final class Listeners: Sendable {
  private struct State {
    /// By front end, in the order of the line.
    var ports: [String: Port]
    var opened = 0
    var httpPort: Int?
    var nodePort: Int?
    var node: NodeHandle?
  }

  private let address: String
  private let settings: PgWireSettings
  private let resp: RESPSettings
  private let cql: CQLSettings
  private let kafka: KafkaSettings
  private let shardCount: Int
  /// Nil: off.
  private let httpPort: Int?
  /// Where the node listens for others.
  private let nodeAddress: String
  private let facts: NodeFacts
  private let dataDirectory: String
  private let state: Mutex<State>

  /// Ports of the front ends besides PostgreSQL's; nil: it is off.
  struct Ports {
    var resp: Port?
    var respTLS: Int?
    var cql: Port?
    var cqlTLS: Int?
    var kafka: Port?
    var kafkaTLS: Int?
  }

  init(
    address: String, port: Int, ports others: Ports, shardCount: Int,
    settings: PgWireSettings, resp: RESPSettings, cql: CQLSettings, kafka: KafkaSettings,
    httpPort: Int?, nodeAddress: String, facts: NodeFacts, dataDirectory: String
  ) {
    self.dataDirectory = dataDirectory
    self.settings = settings
    self.resp = resp
    self.cql = cql
    self.kafka = kafka
    self.httpPort = httpPort
    self.facts = facts
    self.address = address
    self.nodeAddress = nodeAddress
    self.shardCount = shardCount
    var ports = ["pg": Port(number: port)]
    ports["resp"] = others.resp
    ports["resp-tls"] = others.respTLS.map { Port(number: $0) }
    ports["cql"] = others.cql
    ports["cql-tls"] = others.cqlTLS.map { Port(number: $0) }
    ports["kafka"] = others.kafka
    ports["kafka-tls"] = others.kafkaTLS.map { Port(number: $0) }
    state = Mutex(State(ports: ports))
  }

  /// The running node; nil before it is ready.
  var node: NodeHandle? { state.withLock { $0.node } }

  /// Runs on each shard's thread.
  func open(on shard: NodeShard) {
    guard shard.id.rawValue == 0 else { return follow(on: shard) }
    shard.reactor.spawn { [self] in
      var ports = state.withLock { $0.ports }
      for name in ports.keys.sorted() {
        if let wanted = ports[name] { ports[name] = await freePort(on: shard, wanted) }
      }
      if ports["resp"] ?? ports["resp-tls"] != nil {
        do throws(KernelError) {
          try await RESPSchema.ensure(on: shard)
        } catch {
          Messages.write("the schema redis cannot be made yet: \(error)")
        }
      }
      if ports["cql"] ?? ports["cql-tls"] != nil {
        do throws(KernelError) {
          try await CQLFrontEnd.ensureSchema(on: shard)
        } catch {
          Messages.write("the schema cql cannot be made yet: \(error)")
        }
      }
      if ports["kafka"] ?? ports["kafka-tls"] != nil {
        do throws(KernelError) {
          try await KafkaFrontEnd.ensureSchema(on: shard)
        } catch {
          Messages.write("the schema kafka cannot be made yet: \(error)")
        }
      }
      openPorts(shard, ports)
    }
  }

  /// The first shard finds out which ports there are, and the others open the same ones.
  private func follow(on shard: NodeShard) {
    let state = state.withLock { $0 }
    if state.opened > 0 { return openPorts(shard, state.ports) }
    shard.reactor.after(milliseconds: 1) { [self] in follow(on: shard) }
  }

  /// A process that was killed a moment ago may still have its ports for so long.
  private static let patienceMilliseconds = 2_000
  private static let retryMilliseconds = 50

  /// The wanted port, unless another process has it: the system would let both have it, since the shards
  /// share theirs. Ports that nobody asked for by number give way to free ones.
  private func freePort(on shard: NodeShard, _ wanted: Port) async -> Port {
    if wanted.number == 0 { return wanted }
    var waited = 0
    while true {
      do throws(IOFault) {
        try shard.reactor.listen(
          address: address, port: wanted.number, reusePort: false, backlog: 1
        ) { $0.abort() }.close()
        return wanted
      } catch {
        if waited < Self.patienceMilliseconds, error.errno == EADDRINUSE {
          waited += Self.retryMilliseconds
          await shard.reactor.sleep(milliseconds: Self.retryMilliseconds)
        } else if wanted.isUsual {
          return Port(number: 0)
        } else {
          cannotListen(wanted.number, error)
        }
      }
    }
  }

  private func cannotListen(_ port: Int, _ fault: IOFault) -> Never {
    Messages.exit(
      "cannot listen on \(address):\(port): \(String(cString: strerror(fault.errno)))")
  }

  private func openPorts(_ shard: NodeShard, _ ports: [String: Port]) {
    var opened: [String: Port] = [:]
    opened["pg"] = listen(shard, ports["pg"]) { [settings] connection in
      let session = PgWireSession(stream: connection, shard: shard, settings: settings)
      shard.reactor.spawn { await session.run() }
    }
    opened["resp"] = listen(shard, ports["resp"]) { [resp] connection in
      let session = RESPSession(stream: connection, shard: shard, settings: resp)
      shard.reactor.spawn { await session.run() }
    }
    opened["resp-tls"] = listen(shard, ports["resp-tls"]) { [resp] connection in
      let session = RESPSession(stream: connection, shard: shard, settings: resp, startsTLS: true)
      shard.reactor.spawn { await session.run() }
    }
    opened["cql"] = listen(shard, ports["cql"]) { [cql] connection in
      let session = CQLSession(stream: connection, shard: shard, settings: cql)
      shard.reactor.spawn { await session.run() }
    }
    opened["cql-tls"] = listen(shard, ports["cql-tls"]) { [cql] connection in
      let session = CQLSession(stream: connection, shard: shard, settings: cql, startsTLS: true)
      shard.reactor.spawn { await session.run() }
    }
    for (name, isTLS) in [("kafka", false), ("kafka-tls", true)] {
      opened[name] = listen(shard, ports[name]) { [kafka] connection in
        let session = KafkaSession(
          stream: connection, shard: shard, settings: kafka, startsTLS: isTLS)
        shard.reactor.spawn { await session.run() }
      }
    }
    KafkaFrontEnd.open(
      on: shard, address: address, port: opened["kafka"]?.number,
      tlsPort: opened["kafka-tls"]?.number, settings: kafka)
    KafkaSources.open(on: shard, environment: settings.environment)
    CQLFrontEnd.open(
      on: shard, address: address, port: (opened["cql"] ?? opened["cql-tls"])?.number,
      settings: cql)
    RESPFrontEnd.open(
      on: shard, address: address, port: opened["resp"]?.number,
      tlsPort: opened["resp-tls"]?.number,
      version: facts.version, dataDirectory: dataDirectory)
    let http = shard.id.rawValue == 0 ? openHTTP(on: shard) : nil
    let isLast = state.withLock { state in
      state.ports = opened
      state.httpPort = http?.number ?? state.httpPort
      state.nodePort = shard.nodePort
      state.node = NodeHandle(shard)
      state.opened += 1
      return state.opened == shardCount
    }
    if isLast { announce() }
  }

  /// The port, where one is wanted.
  private func listen(
    _ shard: NodeShard, _ port: Port?, onAccept: @escaping (Connection) -> Void
  ) -> Port? {
    guard let port = port?.number else { return nil }
    do throws(IOFault) {
      return Port(
        number: try shard.reactor.listen(address: address, port: port, onAccept: onAccept).port)
    } catch {
      cannotListen(port, error)
    }
  }

  /// Shard 0 alone serves it: it is asked seldom.
  private func openHTTP(on shard: NodeShard) -> Port? {
    let server = StatusServer(shard: shard, facts: facts)
    return listen(shard, httpPort.map { Port(number: $0) }) { connection in
      shard.reactor.spawn { await server.serve(connection) }
    }
  }

  private func announce() {
    let state = state.withLock { $0 }
    var places = ["pg", "resp", "resp-tls", "cql", "cql-tls", "kafka", "kafka-tls"].map {
      ($0, address, state.ports[$0]?.number)
    }
    places += [("http", address, state.httpPort), ("rpc", nodeAddress, state.nodePort)]
    let parts = places.compactMap { name, host, port in
      port.map { "\"\(name)\":\"\(host):\($0)\"" }
    }
    FileHandle.standardOutput.write(Data("ready {\(parts.joined(separator: ","))}\n".utf8))
  }
}
