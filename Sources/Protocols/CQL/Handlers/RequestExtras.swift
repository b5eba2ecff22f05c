import Base
import Node
import Types

/// What goes with replies to clients that asked for it: traces, and where a tablet is.
extension CQLSession {
  func extras(of notes: RequestNotes?) -> ReplyExtras {
    guard let notes else { return ReplyExtras() }
    var extras = ReplyExtras(traceID: notes.trace?.id)
    if routesTablets, let bucket = notes.bucket, let route = misdirected(bucket) {
      extras.payload.append((TabletRouting.payload, route))
    }
    return extras
  }

  /// Nil: the request has come to where it is executed, or nobody knows where that is.
  private func misdirected(_ bucket: Bucket) -> [UInt8]? {
    guard !shard.leads(bucket), let route = shard.route(of: bucket) else { return nil }
    return TabletRouting.encode(route)
  }

  func describe(_ request: Request, _ trace: Trace?) {
    guard let trace else { return }
    func levels(_ parameters: QueryParameters) -> [(String, String)] {
      var pairs = [
        ("consistency_level", "\(parameters.consistency)".uppercased()),
        ("serial_consistency_level", "\(parameters.serialConsistency)".uppercased()),
      ]
      if let size = parameters.pageSize { pairs.append(("page_size", "\(size)")) }
      return pairs
    }
    switch request {
    case .query(let text, let parameters):
      trace.describe("Execute CQL3 query", [("query", text)] + levels(parameters))
    case .prepare(let text, _): trace.describe("Preparing CQL3 query", [("query", text)])
    case .execute(let id, _, let parameters):
      let text = settings.texts[id].map { [("query", $0.text)] } ?? []
      trace.describe("Execute CQL3 prepared query", text + levels(parameters))
    case .batch(let batch):
      trace.describe("Execute batch of CQL3 queries", levels(batch.parameters))
    default: break
    }
  }
}

/// Scylla's extension TABLETS_ROUTING_V1: who sends a request to another core than the tablet's is told
/// where the tablet is.
enum TabletRouting {
  static let option = "TABLETS_ROUTING_V1"
  static let payload = "tablets-routing-v1"

  /// A tuple: the token before its first, its last one, and its replicas, each with its core. Requests are
  /// executed by the leader alone: it is the only one that is told.
  static func encode(_ route: TabletRoute) -> [UInt8] {
    let first =
      route.slots.lowerBound == 0 ? Int64.min : CQLShard.lastToken(of: route.slots.lowerBound - 1)
    var replica = BodyWriter()
    let host = CQLShard.hostID(route.leader.node.rawValue)
    replica.int(16)
    replica.number(host.high, 8)
    replica.number(host.low, 8)
    replica.int(4)
    replica.int(Int(route.leader.shard.rawValue))
    var replicas = BodyWriter()
    replicas.int(1)
    replicas.bytes(replica.bytes)
    var out = BodyWriter()
    out.int(8)
    out.long(first)
    out.int(8)
    out.long(CQLShard.lastToken(of: route.slots.upperBound))
    out.bytes(replicas.bytes)
    return out.bytes
  }

  /// What a connection says of the core that it has come to. Tablets do not follow the formula that is
  /// named; drivers take it for tablets that they have not heard of yet.
  static func supported(by shard: NodeShard) -> [(String, [String])] {
    [
      (option, [""]),
      ("SCYLLA_SHARD", ["\(shard.id.rawValue)"]),
      ("SCYLLA_NR_SHARDS", ["\(shard.shardCount)"]),
      ("SCYLLA_PARTITIONER", [SystemTables.partitioner]),
      ("SCYLLA_SHARDING_ALGORITHM", ["biased-token-round-robin"]),
      ("SCYLLA_SHARDING_IGNORE_MSB", ["12"]),
    ]
  }
}
