import Base
import Reactor
import Types

@testable import KafkaRead

/// What nodes and leaders there are, as a client knows.
struct KafkaMetadata {
  struct Node: Hashable {
    var host: String
    var port: Int
  }
  struct Leader {
    var node: Int32
    var epoch: Int32
  }
  var nodes: [Int32: Node] = [:]
  var topic = MetadataRequest.zeroID
  /// By partition; none where nobody leads.
  var leaders: [Int32: Leader] = [:]
  var partitions = 0
}

/// Finds nodes, leaders and coordinators, and connects again when connections end, as real clients do.
/// Lives on: the clients' reactor.
final class KafkaClient {
  let topic: String
  private let reactor: any Reactor
  private let seeds: () -> [KafkaMetadata.Node]
  private let fault: (String) -> Void
  private var random: Xoshiro256
  private var connections: [Place: KafkaConnection] = [:]
  private var known: (metadata: KafkaMetadata, at: UInt64)?
  private var coordinator: KafkaMetadata.Node?
  private(set) var isClosed = false

  /// Groups and records go by connections of their own: some answers take long.
  enum Purpose: Int {
    case anything, group, records
  }
  private struct Place: Hashable {
    var node: KafkaMetadata.Node
    var purpose: Purpose
  }

  private static let metadataNanoseconds: UInt64 = 1_000_000_000

  /// `seeds`: nodes to begin with.
  init(
    _ reactor: any Reactor, topic: String, seed: UInt64,
    seeds: @escaping () -> [KafkaMetadata.Node],
    fault: @escaping (String) -> Void
  ) {
    self.reactor = reactor
    self.topic = topic
    self.seeds = seeds
    self.fault = fault
    random = Xoshiro256(seed: seed)
  }

  /// All requests under way come to nothing.
  func close() {
    isClosed = true
    let open = connections.sorted {
      ($0.key.node.host, $0.key.purpose.rawValue) < ($1.key.node.host, $1.key.purpose.rawValue)
    }
    for (_, connection) in open { connection.end() }
    connections = [:]
  }

  // MARK: Connections

  func connection(to node: KafkaMetadata.Node, for purpose: Purpose) async -> KafkaConnection? {
    let place = Place(node: node, purpose: purpose)
    if let open = connections[place], open.isOpen { return open }
    do throws(IOFault) {
      let stream = try await reactor.connect(address: node.host, port: node.port)
      if isClosed {
        stream.abort()
        return nil
      }
      let made = KafkaConnection(stream, reactor, fault)
      connections[place] = made
      guard await greet(made) else { return nil }
      return made
    } catch {
      // Whoever asks looks elsewhere.
      return nil
    }
  }

  private static let used: [(key: APIKey, version: Int16)] = [
    (.metadata, 12), (.findCoordinator, 4), (.joinGroup, 9), (.syncGroup, 5), (.heartbeat, 4),
    (.leaveGroup, 5), (.consumerGroupHeartbeat, 1), (.offsetCommit, 9), (.offsetFetch, 9),
    (.listOffsets, 8), (.fetch, 11), (.fetch, 16),
  ]

  /// False: it has no answer, or does not serve what is used here.
  private func greet(_ connection: KafkaConnection) async -> Bool {
    let served = await connection.ask(.apiVersions, 3) { out in
      out.string("simulation")
      out.string("1")
    } _: { (reader) throws(MessageFault) in
      _ = try reader.error()
      var served: [Int16: ClosedRange<Int16>] = [:]
      let all = try reader.array { (reader) throws(MessageFault) in
        let item = (try reader.int16(), try reader.int16(), try reader.int16())
        try reader.tags()
        return item
      }
      for (key, first, last) in all where first <= last { served[key] = first...last }
      _ = try reader.int32()
      return served
    }
    guard let served else { return false }
    for (key, version) in Self.used where served[key.rawValue]?.contains(version) != true {
      fault("\(key) \(version) is not served")
    }
    return true
  }

  private func some(_ nodes: [KafkaMetadata.Node]) -> KafkaMetadata.Node? {
    nodes.randomElement(using: &random)
  }

  // MARK: Leaders

  /// What is known is not true any more.
  func forgetLeaders() { known = nil }

  /// As of a second ago at most. Nil: nobody answers now.
  func metadata() async -> KafkaMetadata? {
    let now = reactor.monotonicNanoseconds()
    if let known, now - known.at < Self.metadataNanoseconds { return known.metadata }
    let nodes =
      known?.metadata.nodes.values.sorted { ($0.host, $0.port) < ($1.host, $1.port) } ?? seeds()
    guard let node = some(nodes), let connection = await connection(to: node, for: .anything),
      let found = await ask(connection)
    else {
      known = nil
      return nil
    }
    guard found.partitions > 0 else { return nil }
    known = (found, reactor.monotonicNanoseconds())
    return found
  }

  private func ask(_ connection: KafkaConnection) async -> KafkaMetadata? {
    await connection.ask(.metadata, 12) { out in
      out.array([topic]) { name, out in
        out.uuid(MetadataRequest.zeroID)
        out.nullableString(name)
        out.tags()
      }
      out.bool(false)
      out.bool(false)
    } _: { (reader) throws(MessageFault) in
      var found = KafkaMetadata()
      _ = try reader.int32()
      let nodes = try reader.array { (reader) throws(MessageFault) in
        let id = try reader.int32()
        let node = KafkaMetadata.Node(host: try reader.string(), port: Int(try reader.int32()))
        _ = try reader.nullableString()
        try reader.tags()
        return (id, node)
      }
      for (id, node) in nodes { found.nodes[id] = node }
      _ = try reader.nullableString()
      _ = try reader.int32()
      _ = try reader.array { (reader) throws(MessageFault) in try Self.topic(&reader, &found) }
      return found
    }
  }

  private static func topic(_ reader: inout MessageReader, _ found: inout KafkaMetadata)
    throws(MessageFault)
  {
    // A node that has just come may not know it yet.
    _ = try reader.error()
    _ = try reader.nullableString()
    found.topic = try reader.uuid()
    _ = try reader.bool()
    let partitions = try reader.array { (reader) throws(MessageFault) in
      _ = try reader.error()
      let index = try reader.int32()
      let leader = KafkaMetadata.Leader(node: try reader.int32(), epoch: try reader.int32())
      _ = (try reader.int32s(), try reader.int32s(), try reader.int32s())
      try reader.tags()
      return (index, leader)
    }
    _ = try reader.int32()
    try reader.tags()
    found.partitions = partitions.count
    for (index, leader) in partitions where leader.node >= 0 { found.leaders[index] = leader }
  }

  // MARK: Coordinators

  func forgetCoordinator() { coordinator = nil }

  /// A connection to who keeps the group. Nil: nobody knows now.
  func coordinator(of group: String) async -> KafkaConnection? {
    if let coordinator {
      if let found = await connection(to: coordinator, for: .group) { return found }
      forgetCoordinator()
    }
    guard let node = some(seeds()), let asked = await connection(to: node, for: .anything),
      let found = await find(group, asked)
    else { return nil }
    coordinator = found
    return await connection(to: found, for: .group)
  }

  private func find(_ group: String, _ connection: KafkaConnection) async -> KafkaMetadata.Node? {
    let found: KafkaMetadata.Node?? = await connection.ask(.findCoordinator, 4) { out in
      out.int8(0)
      out.strings([group])
    } _: { (reader) throws(MessageFault) in
      _ = try reader.int32()
      let all = try reader.array {
        (reader) throws(MessageFault) -> (KafkaError, KafkaMetadata.Node) in
        _ = (try reader.string(), try reader.int32())
        let node = KafkaMetadata.Node(host: try reader.string(), port: Int(try reader.int32()))
        let error = try reader.error()
        _ = try reader.nullableString()
        try reader.tags()
        return (error, node)
      }
      guard let first = all.first else { throw .malformed("no coordinator") }
      return first.0 == .none ? first.1 : nil
    }
    return found ?? nil
  }
}
