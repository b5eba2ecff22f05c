import Base
import Catalog
import Reactor
import Types

/// A node that knows no cluster asks one of its seeds to take it in.
struct JoinRequest: ShardCommand {
  typealias Answer = Result<ClusterIdentity, KernelError>
  static let name = "join"
  var nodeName: String
  var address: String
  var shards: Int
  var featureLevel: Int
  var labels: [String: String]
  /// The same each time that the node asks, so that it gets one number.
  var token: UInt64
  /// Nil: the standard one. It goes behind all else, and only where it is one that older programs do not
  /// know either.
  var tier: String?

  /// Any node can answer: it makes the entry in the catalog.
  func run(on shard: NodeShard, from node: NodeID, reply: @escaping (Answer) -> Void) {
    guard let cluster = shard.cluster else {
      return reply(.failure(.unavailable("this node belongs to no cluster")))
    }
    // The first node may not have made its first catalog yet.
    shard.whenCatalog(1) {
      shard.reactor.spawn { await answer(shard, cluster, reply) }
    }
  }

  private func answer(
    _ shard: NodeShard, _ cluster: Cluster, _ reply: @escaping (Answer) -> Void
  ) async {
    do throws(KernelError) {
      let made = try await shard.addNode(self)
      var identity = cluster.identity
      identity.node = made
      identity.tier = tier
      identity.peers = shard.catalog.nodes.filter { $0.node != made && $0.state != .expelled }
        .map { ClusterIdentity.Peer(node: $0.node, address: $0.address) }
      reply(.success(identity))
    } catch {
      reply(.failure(error))
    }
  }

  init(
    nodeName: String, address: String, shards: Int, featureLevel: Int, labels: [String: String],
    token: UInt64, tier: String?
  ) {
    self.nodeName = nodeName
    self.address = address
    self.shards = shards
    self.featureLevel = featureLevel
    self.labels = labels
    self.token = token
    self.tier = tier
  }
  func encode(into out: inout WireEncoder) {
    nodeName.encode(into: &out)
    address.encode(into: &out)
    shards.encode(into: &out)
    featureLevel.encode(into: &out)
    out.list(labels.sorted { $0.key < $1.key }) {
      $0.key.encode(into: &$1)
      $0.value.encode(into: &$1)
    }
    token.encode(into: &out)
    if let tier { out.bytes.string(tier) }
  }
  init(from reader: inout WireDecoder) throws(DecodingFault) {
    nodeName = try String(from: &reader)
    address = try String(from: &reader)
    shards = try Int(from: &reader)
    featureLevel = try Int(from: &reader)
    let pairs = try reader.list { (reader) throws(DecodingFault) in
      (try String(from: &reader), try String(from: &reader))
    }
    labels = Dictionary(pairs) { $1 }
    token = try UInt64(from: &reader)
    tier = reader.bytes.isAtEnd ? nil : try reader.bytes.string()
  }
}

extension ClusterIdentity: WireDescriptor {}

extension NodeShard {
  /// Gives the node a number; the same token gets the same one.
  fileprivate func addNode(_ request: JoinRequest) async throws(KernelError) -> NodeID {
    if let known = catalog.nodes.first(where: { $0.token == request.token }) { return known.node }
    guard (1...64).contains(request.shards), NodeAddress(request.address) != nil else {
      throw .user(
        SQLError("22023", "a node with \(request.shards) shards at \"\(request.address)\""))
    }
    if let level = catalog.cluster?.featureLevel, request.featureLevel < level {
      throw .user(
        SQLError(
          "55000",
          "the cluster's feature level is \(level), the node's program has \(request.featureLevel)",
          hint: "Upgrade the node's program."))
    }
    let transaction = begin(isolation: .readCommitted)
    var made = NodeID(rawValue: 0)
    do throws(KernelError) {
      try await transaction.changeCatalog { (catalog) throws(SQLError) in
        if let known = catalog.nodes.first(where: { $0.token == request.token }) {
          made = known.node
          return
        }
        made = NodeID(rawValue: (catalog.nodes.map(\.node.rawValue).max() ?? 0) + 1)
        if made > .maximum {
          throw SQLError("54000", "the cluster has had \(NodeID.maximum) nodes, which is the limit")
        }
        var node = NodeDescriptor(
          node: made, name: request.nodeName, address: request.address, shards: request.shards,
          featureLevel: request.featureLevel)
        node.labels = request.labels
        if let tier = request.tier { node.tierID = try Self.tier(named: tier, catalog) }
        node.token = request.token
        catalog.put(.node(node))
      }
      try await transaction.commit()
    } catch {
      await transaction.rollback()
      throw error
    }
    return made
  }
}

/// The joining side. Lives on: shard 0 of a node that has no identity yet.
struct Joining {
  let reactor: any Reactor
  let settings: ClusterSettings
  let shards: Int
  let address: String

  private static let pauseMilliseconds = 500
  private static let answerMilliseconds = 15_000

  /// Asks the seeds, one after the other, until one takes the node in.
  func run() async -> ClusterIdentity {
    let token = reactor.random.next()
    while true {
      for seed in settings.seeds {
        do throws(IdentityFault) {
          return try await ask(seed, token)
        } catch {
          settings.notice("cannot join by \(seed): \(error)")
        }
      }
      await reactor.sleep(milliseconds: Self.pauseMilliseconds)
    }
  }

  private func ask(_ seed: NodeAddress, _ token: UInt64) async throws(IdentityFault)
    -> ClusterIdentity
  {
    let answer: Result<ClusterIdentity, IdentityFault>
    do throws(IOFault) {
      answer = try await exchange(seed, token)
    } catch {
      throw IdentityFault("\(error)")
    }
    return try answer.get()
  }

  private func exchange(_ seed: NodeAddress, _ token: UInt64) async throws(IOFault)
    -> Result<ClusterIdentity, IdentityFault>
  {
    let connection = try await reactor.connect(address: seed.host, port: seed.port)
    let limit = reactor.after(milliseconds: Self.answerMilliseconds) { connection.abort() }
    defer {
      reactor.cancel(limit)
      connection.close()
    }
    if let tls = settings.tls { try await connection.startTLS(tls, peer: seed.host) }
    connection.write(request(token))
    connection.flush()
    var reader = FrameReader()
    reader.bytesMax = 1 << 20
    while true {
      var bytes: [UInt8] = []
      if try await connection.read(into: &bytes, atMost: 1 << 16) == 0 {
        return .failure(IdentityFault("it closed the connection"))
      }
      reader.append(bytes)
      if let answer = readAnswer(&reader) { return answer }
    }
  }

  private func request(_ token: UInt64) -> [UInt8] {
    var out: [UInt8] = []
    let hello = Hello(
      featureLevel: settings.featureLevel, cluster: .none, node: NodeID(rawValue: 0),
      incarnation: token, target: NodeID(rawValue: 0))
    Frame.append(.hello, to: &out) { hello.encode(into: &$0) }
    let join = JoinRequest(
      nodeName: settings.name, address: address, shards: shards,
      featureLevel: settings.featureLevel, labels: settings.labels, token: token,
      tier: settings.tier == TierDescriptor.standardName ? nil : settings.tier)
    Frame.append(.shardCommand, to: &out) {
      $0.varint(1)
      $0.varint(0)
      $0.string(JoinRequest.name)
      var encoder = WireEncoder(catalog: CatalogSnapshot())
      join.encode(into: &encoder)
      $0.raw(encoder.bytes.bytes)
    }
    return out
  }

  /// For operators.
  private static func reason(_ error: KernelError) -> String {
    guard case .user(let fault) = error else { return "\(error)" }
    return [fault.message, fault.detail, fault.hint].compactMap { $0 }.joined(separator: " ")
  }

  /// Nil: it has not come yet.
  private func readAnswer(_ reader: inout FrameReader)
    -> Result<ClusterIdentity, IdentityFault>?
  {
    var answer: Result<ClusterIdentity, IdentityFault>?
    do throws(DecodingFault) {
      while answer == nil,
        try reader.next({ (kind, fields) throws(DecodingFault) in
          switch kind {
          case .answer:
            _ = try fields.varint()
            let isRefused: UInt8 = try fields.integer()
            if isRefused == 1 {
              answer = .failure(IdentityFault(try fields.string()))
              return
            }
            var decoder = WireDecoder(fields, catalog: CatalogSnapshot())
            answer = try JoinRequest.Answer(from: &decoder).mapError {
              IdentityFault(Self.reason($0))
            }
          case .refused: answer = .failure(IdentityFault(try fields.string()))
          default: break
          }
        })
      {}
    } catch {
      return .failure(IdentityFault("\(error)"))
    }
    return answer
  }
}
