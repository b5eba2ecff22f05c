import Base
import Catalog
public import Node
import Reactor
import Security
import Types

/// A statement that has been prepared, for one version of the catalog. Lives on: its shard.
final class PreparedStatement {
  let id: [UInt8]
  let keyspace: String?
  let text: String
  let statement: Statement
  let markerNames: [String?]
  let markers: [Markers.Spec]
  /// The places of the markers of the partition key; empty where not all of it is given by markers.
  let partitionKey: [Int]
  /// Nil: it gives no rows.
  let columns: [ResultColumn]?
  /// Of the columns.
  let resultID: [UInt8]
  let catalogVersion: UInt64
  /// The id's bytes, which are 16.
  private let words: (UInt64, UInt64)
  /// It reads one row by its key.
  var point: PointSelect?
  /// It writes one row by its key.
  var change: PreparedChange?

  init(
    id: [UInt8], keyspace: String?, text: String, statement: Statement, markerNames: [String?],
    markers: [Markers.Spec], partitionKey: [Int], columns: [ResultColumn]?, catalogVersion: UInt64
  ) {
    self.id = id
    self.keyspace = keyspace
    self.text = text
    self.statement = statement
    self.markerNames = markerNames
    self.markers = markers
    self.partitionKey = partitionKey
    self.columns = columns
    resultID = ResultBody.identifier(columns ?? [])
    words = id.withUnsafeBytes {
      ($0.loadUnaligned(as: UInt64.self), $0.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
    }
    self.catalogVersion = catalogVersion
  }

  /// Whether these bytes of a frame are its id. Costs two comparisons.
  func isNamed(_ name: UnsafeRawBufferPointer) -> Bool {
    name.count == 16 && name.loadUnaligned(as: UInt64.self) == words.0
      && name.loadUnaligned(fromByteOffset: 8, as: UInt64.self) == words.1
  }
}

/// What the sessions of one shard share, and what other shards ask of them. Lives on: its shard.
final class CQLShard {
  unowned let shard: NodeShard
  var settings: CQLSettings
  private var knownCatalog: CQLCatalog?
  private var prepared: [[UInt8]: PreparedStatement] = [:]
  /// Some of them, by the first byte of their ids.
  private var recent = [PreparedStatement?](repeating: nil, count: 256)
  private var preparedBytes = 0
  private var sessions: [Int: CQLSession] = [:]
  private var lastSession = 0
  /// The request that is looked at.
  let frame = ExecuteFrame()
  var place = CQLPlace()
  var rounds = Rounds()
  var tracesUnderWay = 0
  var fills = ViewFills()
  /// How many changes were committed as they were made (decision 54).
  var changesAtOnce = 0
  /// How many requests were answered from where they lay in the input.
  var answersInPlace = 0
  /// How many requests other shards were asked to carry out without a task here.
  var callsElsewhere = 0

  private init(_ shard: NodeShard, _ settings: CQLSettings) {
    self.shard = shard
    self.settings = settings
  }

  static func of(_ shard: NodeShard, _ settings: CQLSettings) -> CQLShard {
    shard.local(CQLShard.self) {
      let made = CQLShard(shard, settings)
      made.listen()
      return made
    }
  }

  /// The newest catalog as CQL's.
  var catalog: CQLCatalog {
    if let knownCatalog, knownCatalog.snapshot.version == shard.catalogVersion {
      return knownCatalog
    }
    let made = CQLCatalog(shard.catalog)
    knownCatalog = made
    return made
  }

  // MARK: Sessions

  func add(_ session: CQLSession) -> Int {
    lastSession += 1
    sessions[lastSession] = session
    return lastSession
  }

  func remove(_ id: Int) { sessions[id] = nil }

  // MARK: Prepared statements

  func find(_ id: [UInt8]) -> PreparedStatement? { prepared[id] }

  /// The same by an id that lies in a frame.
  func find(_ id: UnsafeRawBufferPointer) -> PreparedStatement? {
    guard let first = id.first else { return nil }
    if let known = recent[Int(first)], known.isNamed(id) { return known }
    guard let found = prepared[Array(id)] else { return nil }
    recent[Int(first)] = found
    return found
  }

  func keep(_ statement: PreparedStatement) {
    if prepared.count >= settings.preparedMax || preparedBytes > settings.preparedBytesMax {
      prepared.removeAll()
      preparedBytes = 0
      for place in recent.indices { recent[place] = nil }
    }
    if let first = statement.id.first { recent[Int(first)] = statement }
    if prepared.updateValue(statement, forKey: statement.id) == nil {
      preparedBytes += statement.text.utf8.count
    }
  }

  // MARK: The cluster

  private static let factsName = "cql facts"
  private static let eventName = "cql event"

  private func listen() {
    shard.onMessage(Self.factsName) { [unowned self] _, _ in
      var out = WireEncoder(catalog: CatalogSnapshot())
      shard.place.encode(into: &out)
      (place.port ?? 0).encode(into: &out)
      shard.catalogVersion.encode(into: &out)
      return out.bytes.bytes
    }
    shard.onMessage(Self.eventName) { [unowned self] payload, _ in
      deliver(payload)
      return []
    }
    listenForFills()
  }

  /// Tells every client of the cluster that asked for it.
  func announce(_ change: SchemaChange) {
    var body = BodyWriter()
    body.string("SCHEMA_CHANGE")
    change.write(into: &body)
    noteAnnounced(change)
    shard.tellEvery(Self.eventName, body.bytes)
  }

  func hasListeners(_ events: Set<String>) -> Bool {
    sessions.values.contains { $0.listens(to: events) }
  }

  func deliver(_ event: [UInt8]) {
    for session in sessions.sorted(by: { $0.key < $1.key }) { session.value.push(event) }
  }

  /// What the virtual tables show.
  func systemContext(_ catalog: CQLCatalog) async -> SystemContext {
    let reply = Reply<[[UInt8]?]>()
    shard.askEvery(Self.factsName, []) { reply.fulfill($0) }
    var ports: [UInt32: Int] = [:]
    var versions: [UInt32: UInt64] = [:]
    for answer in await reply.get() {
      guard let answer, !answer.isEmpty, let (place, port, version) = Self.facts(answer) else {
        continue
      }
      let node = place.node.rawValue
      ports[node] = max(ports[node] ?? 0, port)
      versions[node] = min(versions[node] ?? .max, version)
    }
    let status = await shard.clusterStatus()
    let own = shard.place.node.rawValue
    var tokens: [UInt32: [String]] = [:]
    var leaders: [TabletID: UInt32] = [:]
    for tablet in status?.tablets ?? [] { leaders[tablet.tablet] = tablet.leader?.rawValue }
    let firsts = shard.firstBuckets
    for (place, first) in firsts.enumerated() {
      let last = place + 1 < firsts.count ? Int(firsts[place + 1].rawValue) - 1 : Bucket.count - 1
      let node = status == nil ? own : leaders[shard.tablet(of: first)] ?? own
      tokens[node, default: []].append("\(Self.lastToken(of: last))")
    }
    var nodes: [UInt32: NodeFacts] = [:]
    for (node, port) in ports where port > 0 || node == own {
      let host =
        node == own
        ? place.address
        : status?.nodes.first { $0.node.rawValue == node }?.address
          .split(separator: ":").dropLast().joined(separator: ":") ?? ""
      guard let address = Self.inet(host) else { continue }
      nodes[node] = NodeFacts(
        hostID: Self.hostID(node), address: address, port: port,
        schemaVersion: Self.identifier(UInt32(truncatingIfNeeded: versions[node] ?? 0), 0x5C4E),
        tokens: tokens[node] ?? [])
    }
    let local =
      nodes[own]
      ?? NodeFacts(
        hostID: Self.hostID(own),
        address: InetValue(isIPv6: false, prefixLength: 32, high: 0x7F00_0001 << 32, low: 0),
        port: place.port ?? 0, schemaVersion: Self.identifier(0, 0x5C4E), tokens: tokens[own] ?? [])
    let peers = nodes.filter { $0.key != own }.sorted { $0.key < $1.key }.map(\.value)
    return SystemContext(
      keyspaces: catalog.facts(), local: local, peers: peers, roles: Self.roles(catalog.snapshot))
  }

  private static func roles(_ catalog: CatalogSnapshot) -> [RoleFacts] {
    catalog.sortedObjects.compactMap { object in
      guard case .role(let role) = object, !role.name.hasPrefix("pg_") else { return nil }
      return RoleFacts(
        name: role.name, canLogin: role.canLogin, isSuperuser: role.isSuperuser,
        memberOf: role.memberOf.compactMap { catalog.role($0)?.name })
    }
  }

  private static func facts(_ bytes: [UInt8]) -> (ShardPlace, Int, UInt64)? {
    bytes.withUnsafeBytes { buffer in
      var reader = WireDecoder(ByteReader(buffer), catalog: CatalogSnapshot())
      do throws(DecodingFault) {
        return (
          try ShardPlace(from: &reader), try Int(from: &reader), try UInt64(from: &reader)
        )
      } catch {
        // A node with a fault; it is shown as one that cannot be reached.
        return nil
      }
    }
  }

  /// The greatest token of a bucket.
  static func lastToken(of bucket: Int) -> Int64 {
    Int64(bitPattern: (UInt64(bucket) << 50 | (1 << 50 - 1)) ^ 1 << 63)
  }

  static func inet(_ host: String) -> InetValue? {
    let bare = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
    let text = bare == "localhost" || bare.isEmpty || bare == "0.0.0.0" ? "127.0.0.1" : bare
    let parsed = Result<Datum, CQLError> { () throws(CQLError) in try TextForm.parse(text, .inet) }
    if case .success(.scalar(.inet(let inet))) = parsed { return inet }
    return nil
  }

  static func hostID(_ node: UInt32) -> UUIDValue { identifier(node, 0x4051) }

  /// The same UUID for the same number, on every node.
  static func identifier(_ number: UInt32, _ salt: UInt64) -> UUIDValue {
    UUIDValue(
      high: salt << 48 | UInt64(number) << 16 | 0x4000, low: 1 << 63 | UInt64(number))
  }
}

/// Where the front end of a node can be reached.
struct CQLPlace: Sendable {
  var address = ""
  var port: Int?
}

/// What the front end is told once its ports are open.
public enum CQLFrontEnd {
  /// On each shard.
  public static func open(
    on shard: NodeShard, address: String, port: Int?, settings: CQLSettings
  ) {
    let state = CQLShard.of(shard, settings)
    state.place = CQLPlace(address: address, port: port)
    state.startRounds()
  }

  /// Makes the schemas `cql` and `system_traces` in a catalog that lacks them. Whichever node comes first
  /// does it.
  public static func ensureSchema(on shard: NodeShard) async throws(KernelError) {
    func isThere(_ catalog: CatalogSnapshot) -> Bool {
      catalog.schema(named: CQLSchema.name) != nil && TraceTables.areThere(catalog)
    }
    if isThere(shard.catalog) { return }
    let transaction = shard.begin(isolation: .readCommitted)
    do throws(KernelError) {
      try await transaction.changeCatalog { catalog in
        if catalog.schema(named: CQLSchema.name) == nil {
          for object in CQLSchema.objects() { catalog.put(object) }
        }
        TraceTables.make(&catalog)
      }
      try await transaction.commit()
    } catch {
      await transaction.rollback()
      throw error
    }
  }
}
