import Base
import Catalog
import Raft
public import Reactor
import Types

/// Who this node is in its cluster. Sendable: every shard has it.
struct ClusterIdentity: Sendable, Equatable, Codable {
  var cluster: ClusterID
  var node: NodeID
  /// Tablets that share the buckets.
  var tablets: Int
  /// Where other nodes were when this was written: how a restarted node finds them.
  var peers: [Peer] = []
  /// The feature level of the cluster then; nil in files of programs that did not keep it.
  var featureLevel: Int?
  /// The node's tier, by its name; nil: the standard one.
  var tier: String?

  /// Programs below it cannot be this node.
  var levelReached: Int { featureLevel ?? FeatureLevel.oldest }

  struct Peer: Sendable, Equatable, Codable {
    var node: NodeID
    var address: String
  }
}

/// "host:port", the host maybe in brackets.
public struct NodeAddress: Sendable, Hashable, CustomStringConvertible {
  public var host: String
  public var port: Int

  public init(host: String, port: Int) {
    self.host = host
    self.port = port
  }

  public init?(_ text: String) {
    guard let colon = text.lastIndex(of: ":"),
      let port = Int(text[text.index(after: colon)...]), (1...65_535).contains(port)
    else { return nil }
    var host = String(text[..<colon])
    if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
    if host.isEmpty { return nil }
    self.init(host: host, port: port)
  }

  public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}

/// How a node takes part in a cluster.
public struct ClusterSettings: Sendable {
  /// Shown in statuses.
  public var name: String
  /// Where it listens for other nodes; port 0 takes a free one.
  public var listen: NodeAddress
  /// Where the port is another process', a free one will do.
  public var picksPortWhenTaken = false
  /// What other nodes are told to connect to; nil: where it listens.
  public var advertised: String?
  /// What others are told instead of the address that stands for all of this host's.
  public var hostName = "localhost"
  /// Nodes of a cluster to join; empty: it is in one already, or makes one.
  public var seeds: [NodeAddress]
  /// The tier that the node is to belong to; nil: as it is, and the standard one when it joins.
  public var tier: String?
  /// Failure domains.
  public var labels: [String: String] = [:]
  /// What this node takes part as.
  public var featureLevel = FeatureLevel.newest
  /// For connections between nodes, both sides of them; nil: in the clear.
  public var tls: TLSContext?
  /// What operators should read.
  public var notice: @Sendable (String) -> Void = { _ in }

  public init(name: String, listen: NodeAddress, seeds: [NodeAddress]) {
    self.name = name
    self.listen = listen
    self.seeds = seeds
  }

  /// What other nodes are told to connect to.
  func address(port: Int) -> String {
    if let advertised { return advertised }
    let isEverywhere = ["", "*", "0.0.0.0", "::"].contains(listen.host)
    return "\(NodeAddress(host: isEverywhere ? hostName : listen.host, port: port))"
  }
}

/// A shard's side of the cluster: its connections to other nodes and what it has heard of them.
/// Lives on: its shard.
final class Cluster {
  let identity: ClusterIdentity
  let settings: ClusterSettings
  /// New with each start of the process.
  let incarnation: UInt64
  unowned let shard: NodeShard
  private var links: [NodeID: Link] = [:]
  /// Commands of other nodes that came in here and have not been answered.
  var answersOwed = 0
  private var dirtyLinks: [Link] = []
  private var dirtyConnections: [Connection] = []
  private var addresses: [NodeID: NodeAddress] = [:]
  /// What each node said last; on shard 0.
  var view = ClusterView()
  /// Tablets whose group the balancer is changing; on shard 0.
  var stepsUnderWay: Set<TabletID> = []
  var isRaisingLevel = false
  let startedAt: UInt64
  /// What is kept for the next start; on shard 0.
  var savedIdentity: ClusterIdentity
  var door: NodeDoor?
  /// Where this node listens for others.
  var listeningPort = 0

  init(
    identity: ClusterIdentity, settings: ClusterSettings, incarnation: UInt64, shard: NodeShard
  ) {
    self.identity = identity
    self.settings = settings
    self.incarnation = incarnation
    self.shard = shard
    startedAt = shard.reactor.monotonicNanoseconds()
    savedIdentity = identity
    for peer in identity.peers { addresses[peer.node] = NodeAddress(peer.address) }
    shard.reactor.onTurnEnd { [weak self] in self?.flush() }
  }

  func notice(_ text: String) { settings.notice(text) }

  // MARK: Connections

  func hello(to node: NodeID) -> Hello {
    Hello(
      featureLevel: settings.featureLevel, cluster: identity.cluster, node: identity.node,
      incarnation: incarnation, target: node)
  }

  /// The protocol's highest version that the other side speaks, too.
  func version(with hello: Hello) -> UInt16? {
    let own = FeatureLevel.protocolVersions(at: settings.featureLevel)
    return own.overlaps(hello.versions) ? own.clamped(to: hello.versions).upperBound : nil
  }

  /// Why the other side is not welcome; nil where it is.
  func objection(to hello: Hello) -> String? {
    if version(with: hello) == nil {
      return "protocol versions \(hello.versions) are not known here, only "
        + "\(FeatureLevel.protocolVersions(at: settings.featureLevel))"
    }
    if hello.featureLevel < shard.featureLevel {
      return "the cluster's feature level is \(shard.featureLevel), the program of node "
        + "\(hello.node) has \(hello.featureLevel): it must be upgraded"
    }
    // A node that joins knows neither the cluster nor itself.
    if hello.node.rawValue == 0 && hello.cluster == .none { return nil }
    if hello.cluster != identity.cluster { return "it belongs to another cluster" }
    if hello.target.rawValue != 0 && hello.target != identity.node {
      return "this is node \(identity.node), not \(hello.target)"
    }
    if shard.catalog.node(hello.node)?.state == .expelled {
      return "node \(hello.node) has been expelled"
    }
    return nil
  }

  /// With TLS: the other side must show a certificate of our authority before anything that it sends is
  /// read, and, where this side has connected, one for the host that it has connected to.
  func secure(_ connection: Connection, host: String? = nil) async throws(IOFault) {
    guard let tls = settings.tls else { return }
    try await connection.startTLS(tls, peer: host)
  }

  func address(of node: NodeID) -> NodeAddress? { addresses[node] }

  /// The other nodes that are not expelled, by number.
  var others: [NodeID] { links.keys.sorted() }

  var linkSummaries: [String] { others.compactMap { links[$0]?.summary } }

  func isConnected(to node: NodeID) -> Bool { links[node]?.isReady ?? false }

  /// Of the process that a node is now; 0 where it cannot be reached.
  func incarnation(of node: NodeID) -> UInt64 {
    guard let link = links[node], link.isReady else { return 0 }
    return link.incarnation
  }

  func link(to node: NodeID) -> LinkSummary? {
    guard let link = links[node], link.isReady else { return nil }
    return LinkSummary(version: link.version, roundTripNanoseconds: link.roundTripNanoseconds)
  }

  func failure(of node: NodeID) -> String? { links[node]?.failure }

  /// The shards of this node know one another: others may come, and links are made.
  func begin() {
    door?.onConnection = { [unowned self] connection in
      let server = LinkServer(connection, shard: shard, cluster: self)
      shard.reactor.spawn { await server.run() }
    }
    catalogChanged()
  }

  /// Makes links to the nodes that the catalog names; called whenever it changes.
  func catalogChanged() {
    for node in shard.catalog.nodes { addresses[node.node] = NodeAddress(node.address) }
    let wanted =
      shard.catalog.version == 0
      ? identity.peers.map(\.node)
      : shard.catalog.nodes.filter { $0.state != .expelled }.map(\.node)
    for node in wanted where node != identity.node && links[node] == nil {
      let link = Link(node: node, cluster: self, reactor: shard.reactor)
      links[node] = link
      link.start()
    }
    for node in links.keys.sorted() where !wanted.contains(node) {
      links.removeValue(forKey: node)?.stop()
    }
    if shard.catalog.version > 0 { shard.isAlone = links.isEmpty }
    if shard.id.rawValue == 0 { shard.saveIdentity() }
  }

  func flushLater(_ link: Link) {
    if !dirtyLinks.contains(where: { $0 === link }) { dirtyLinks.append(link) }
  }

  func flushLater(_ connection: Connection) {
    if !dirtyConnections.contains(where: { $0 === connection }) {
      dirtyConnections.append(connection)
    }
  }

  private func flush() {
    if !dirtyLinks.isEmpty {
      let links = dirtyLinks
      dirtyLinks.removeAll(keepingCapacity: true)
      for link in links { link.flush() }
    }
    if !dirtyConnections.isEmpty {
      let connections = dirtyConnections
      dirtyConnections.removeAll(keepingCapacity: true)
      for connection in connections { connection.flush() }
    }
  }

  func linkIsReady(_ link: Link) {
    if shard.id.rawValue == 0 { notice("connected to node \(link.node)") }
  }

  /// One of the two nodes does not take the other.
  func linkIsRefused(_ reason: String) {
    if shard.id.rawValue == 0 { notice(reason) }
  }

  func linkIsLost(_ link: Link) {
    // It may come back with another clock.
    shard.clockBound = ClusterView.clockBoundMax
    for id in shard.tabletIDs { shard.hosted(id).replication.nodeIsLost(link.node) }
    if shard.id.rawValue == 0 {
      notice("lost node \(link.node): \(link.failure ?? "the connection was closed")")
    }
  }

  // MARK: Messages

  func send(_ message: RaftMessage, of tablet: TabletID) {
    links[message.to.node]?.send(message, of: tablet)
  }

  /// Another node leads the tablet now. The one before, where it lives, still says of each call that it has not
  /// been carried out, or what came of it, however busy it is; one that says nothing at all is cut off.
  func leaderMoved(_ tablet: TabletID, from node: NodeID) {
    guard let link = links[node] else { return }
    awaitLastWords(
      of: tablet, upTo: link.lastRequest, on: link,
      limit: shard.reactor.monotonicNanoseconds() + Self.lastWordsNanosecondsMax)
  }

  private func awaitLastWords(
    of tablet: TabletID, upTo last: UInt64, on link: Link, limit: UInt64
  ) {
    guard link.awaitsAnswer(of: tablet, upTo: last) else { return }
    let heard = link.lastHeard
    shard.reactor.after(milliseconds: Self.lastWordsMilliseconds) { [weak self, weak link] in
      guard let self, let link, shard.leaders[tablet]?.node != link.node else { return }
      let isAlive = link.lastHeard > heard && shard.reactor.monotonicNanoseconds() < limit
      if isAlive {
        awaitLastWords(of: tablet, upTo: last, on: link, limit: limit)
      } else {
        link.giveUp(tablet, upTo: last)
      }
    }
  }

  /// Twice as long as the pause between two pings.
  private static let lastWordsMilliseconds = 2 * Link.pingMilliseconds
  private static let lastWordsNanosecondsMax: UInt64 = 3_000_000_000

  func sendSnapshot(_ message: SnapshotMessage, of tablet: TabletID, to replica: ReplicaID) {
    var out = ByteWriter()
    message.encode(into: &out)
    links[replica.node]?.sendSnapshot(of: tablet, out.bytes)
  }
}

/// What became of a command that was sent to another node.
enum CommandOutcome<Answer> {
  case answer(Answer)
  case notSent
  case lost
  case refused(String)
}

extension NodeShard {
  /// Where this node listens for others; nil: it does not.
  public var nodePort: Int? { cluster?.listeningPort }
}

extension Cluster {
  /// Sends a command to a node's replica of the tablet.
  func request<C: TabletCommand>(
    _ node: NodeID, _ tablet: TabletID, _ command: C,
    _ reply: @escaping (CommandOutcome<C.Answer>) -> Void
  ) {
    guard let link = links[node] else { return reply(.notSent) }
    let changed = command.privateCatalog
    let catalog = changed?.snapshot ?? shard.catalog
    link.request(.tabletCommand, tablet: tablet) { out in
      out.varint(tablet.rawValue)
      CommandHead.encode(C.name, changed?.base ?? catalog.version, changed?.change, into: &out)
      Self.append(command, catalog, to: &out)
    } _: { [self] outcome in
      reply(read(outcome, catalog, from: node))
    }
  }

  /// Sends a command to a shard of a node.
  func request<C: ShardCommand>(
    _ place: ShardPlace, _ command: C, _ reply: @escaping (CommandOutcome<C.Answer>) -> Void
  ) {
    guard let link = links[place.node] else { return reply(.notSent) }
    let catalog = CatalogSnapshot()
    link.request(.shardCommand, tablet: nil) { out in
      out.varint(UInt64(place.shard.rawValue))
      out.string(C.name)
      Self.append(command, catalog, to: &out)
    } _: { [self] outcome in
      reply(read(outcome, catalog, from: place.node))
    }
  }

  private static func append(
    _ command: some WireCodable, _ catalog: CatalogSnapshot, to out: inout ByteWriter
  ) {
    var encoder = WireEncoder(catalog: catalog)
    swap(&encoder.bytes, &out)
    command.encode(into: &encoder)
    swap(&encoder.bytes, &out)
  }

  private func read<Answer: WireCodable>(
    _ outcome: Link.Outcome, _ catalog: CatalogSnapshot, from node: NodeID
  ) -> CommandOutcome<Answer> {
    switch outcome {
    case .notSent: return .notSent
    case .lost: return .lost
    case .refused(let reason): return .refused(reason)
    case .answer(let bytes):
      var decoder = WireDecoder(ByteReader(bytes), catalog: catalog)
      do throws(DecodingFault) {
        return .answer(try Answer(from: &decoder))
      } catch {
        notice("an answer of node \(node) cannot be read: \(error)")
        return .lost
      }
    }
  }
}
