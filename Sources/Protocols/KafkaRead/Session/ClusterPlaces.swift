import Base
import Catalog
import Node
import Types

/// Where nodes serve Kafka's clients and which of them lead what, as one node sees it.
struct ClusterPlaces {
  struct Node {
    var id: Int32
    var host: String
    var port: Int?
    var tlsPort: Int?
  }
  /// By their numbers.
  var nodes: [Node] = []
  private var leaders: [TabletID: (node: NodeID, term: UInt64)] = [:]
  /// Nil: a node without a cluster, which leads everything.
  private var onlyNode: NodeID?

  static func ask(_ shard: NodeShard, _ question: String) async -> ClusterPlaces {
    let reply = Reply<[[UInt8]?]>()
    shard.askEvery(question, []) { reply.fulfill($0) }
    let answers = await reply.get()
    let status = await shard.clusterStatus()
    var found = ClusterPlaces()
    if status == nil { found.onlyNode = shard.place.node }
    for tablet in status?.tablets ?? [] {
      if let leader = tablet.leader { found.leaders[tablet.tablet] = (leader, tablet.term) }
    }
    var known: [Int32: Node] = [:]
    for case .some(let answer) in answers {
      guard let (node, place) = decode(answer) else { continue }
      let address = status?.nodes.first { $0.node == node }?.address
      let id = Int32(node.rawValue)
      known[id] = Node(
        id: id, host: host(place.address, address), port: place.port, tlsPort: place.tlsPort)
    }
    found.nodes = known.values.sorted { $0.id < $1.id }
    return found
  }

  /// What the node listens on, unless that is every address: then how other nodes reach it.
  private static func host(_ listening: String, _ address: String?) -> String {
    let isEvery = ["", "*", "0.0.0.0", "::", "[::]"].contains(listening)
    let name =
      isEvery ? address?.split(separator: ":").dropLast().joined(separator: ":") : listening
    let bare = name ?? "127.0.0.1"
    return bare.hasPrefix("[") ? String(bare.dropFirst().dropLast()) : bare
  }

  private static func decode(_ bytes: [UInt8]) -> (NodeID, KafkaPlace)? {
    bytes.withUnsafeBytes { buffer in
      var reader = WireDecoder(ByteReader(buffer), catalog: CatalogSnapshot())
      do throws(DecodingFault) {
        let node = try ShardPlace(from: &reader).node
        let address = try String(from: &reader)
        let port = try Int(from: &reader)
        let tlsPort = try Int(from: &reader)
        let place = KafkaPlace(
          address: address, port: port > 0 ? port : nil, tlsPort: tlsPort > 0 ? tlsPort : nil)
        return place.port ?? place.tlsPort == nil ? nil : (node, place)
      } catch {
        // A node without the front end says nothing; one with a fault is shown as out of reach.
        return nil
      }
    }
  }

  /// For clients that use TLS, or that do not: nodes without such a port are not there for them.
  func brokers(isTLS: Bool) -> [Broker] {
    nodes.compactMap { node in
      (isTLS ? node.tlsPort : node.port).map {
        Broker(id: node.id, host: node.host, port: Int32($0))
      }
    }
  }

  /// Nil: none is known now.
  func leader(of tablet: TabletID) -> (node: Int32, term: Int32)? {
    if let onlyNode { return (Int32(onlyNode.rawValue), -1) }
    return leaders[tablet].map { (Int32($0.node.rawValue), KafkaEpoch.of($0.term)) }
  }
}

/// Terms of leaders as the protocol has them.
enum KafkaEpoch {
  static func of(_ term: UInt64) -> Int32 { Int32(clamping: term) }
  static func of(_ term: Term) -> Int32 { of(term.rawValue) }
}
