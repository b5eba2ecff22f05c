import Base
import Catalog
import Node
import Reactor
import SQL
import Types

/// What happens by itself, once a second: rows that have expired are looked for, and clients hear of
/// schemas that others have changed and of nodes that come and go. Views that were left half made are filled.
extension CQLShard {
  private static let roundMilliseconds = 1_000

  func startRounds() {
    shard.reactor.after(milliseconds: Self.roundMilliseconds) { [self] in
      if shard.catalogVersion != rounds.catalog.version {
        sweepExpired()
        tellOfSchema()
        findUnfilledViews()
        rounds.catalog = shard.catalog
      }
      fillUnfilledViews()
      if hasListeners(["TOPOLOGY_CHANGE", "STATUS_CHANGE"]) { tellOfNodes() }
      rounds.announced = []
      startRounds()
    }
  }

  // MARK: Expiry

  /// Registers the keyspaces whose rows may expire, and leaves those that are no more.
  private func sweepExpired() {
    var wanted: [KeyspaceID: ObjectID] = [:]
    for case .table(let table) in shard.catalog.sortedObjects
    where table.cellTimes != nil || table.id == CQLSchema.deletionsTable {
      wanted[table.keyspace] = table.id
    }
    for (space, table) in wanted.sorted(by: { $0.key < $1.key })
    where !rounds.swept.contains(space) {
      let removal: ([[UInt8]]) -> RemoveExpiredRows = {
        RemoveExpiredRows(table: table, space: space, keys: $0)
      }
      // What failed is found again.
      shard.removeExpired(in: space, by: removal) { _ in }
    }
    for space in rounds.swept.sorted() where wanted[space] == nil {
      shard.stopRemovingExpired(in: space)
    }
    rounds.swept = Set(wanted.keys)
  }

  // MARK: Schema

  /// A definition of this node's clients has been announced already.
  func noteAnnounced(_ change: SchemaChange) {
    rounds.announced.insert("\(change.keyspace).\(change.name)")
  }

  private func tellOfSchema() {
    guard hasListeners(["SCHEMA_CHANGE"]) else { return }
    let (old, new) = (rounds.catalog, shard.catalog)
    var changes: [SchemaChange] = []
    for object in new.sortedObjects where old.objects[object.id] != object {
      let isNew = old.objects[object.id] == nil
      if let change = change(object, in: new, isNew ? .created : .updated) {
        changes.append(change)
      }
    }
    for object in old.sortedObjects where new.objects[object.id] == nil {
      if let change = change(object, in: old, .dropped) { changes.append(change) }
    }
    for change in changes where !rounds.announced.contains("\(change.keyspace).\(change.name)") {
      var body = BodyWriter()
      body.string("SCHEMA_CHANGE")
      change.write(into: &body)
      deliver(body.bytes)
    }
  }

  private func change(
    _ object: CatalogObject, in catalog: CatalogSnapshot, _ kind: SchemaChange.Change
  ) -> SchemaChange? {
    func keyspace(_ schema: ObjectID) -> String? {
      catalog.objects[schema].map(\.name).flatMap { CQLCatalog.isKeyspace($0) ? $0 : nil }
    }
    switch object {
    case .schema(let schema):
      guard CQLCatalog.isKeyspace(schema.name) else { return nil }
      return SchemaChange(change: kind, target: .keyspace, keyspace: schema.name)
    case .table(let table):
      guard table.options[CQLTable.staticsOfOption] == nil, let keyspace = keyspace(table.schema)
      else { return nil }
      return SchemaChange(change: kind, target: .table, keyspace: keyspace, name: table.name)
    case .type(let type):
      guard case .composite = type.kind, let keyspace = keyspace(type.schema) else { return nil }
      return SchemaChange(change: kind, target: .type, keyspace: keyspace, name: type.name)
    default: return nil
    }
  }

  // MARK: Nodes

  private func tellOfNodes() {
    guard shard.catalog.nodes.count > 1, !rounds.isAsking else { return }
    rounds.isAsking = true
    shard.reactor.spawn { [self] in
      let context = await systemContext(catalog)
      rounds.isAsking = false
      var now: [UUIDValue: NodeFacts] = [:]
      for node in context.peers { now[node.hostID] = node }
      defer { rounds.peers = now }
      guard let before = rounds.peers else { return }
      for (id, node) in now where before[id] == nil {
        if !rounds.known.contains(id) { tell("TOPOLOGY_CHANGE", "NEW_NODE", node) }
        tell("STATUS_CHANGE", "UP", node)
      }
      for (id, node) in before where now[id] == nil {
        rounds.known.insert(id)
        tell("STATUS_CHANGE", "DOWN", node)
      }
    }
  }

  private func tell(_ event: String, _ change: String, _ node: NodeFacts) {
    var body = BodyWriter()
    body.string(event)
    body.string(change)
    let address = node.address.address
    body.byte(UInt8(address.count))
    body.bytes.append(contentsOf: address)
    body.int(node.port)
    deliver(body.bytes)
  }
}

/// What a shard remembers from one round to the next.
struct Rounds {
  var catalog = CatalogSnapshot()
  var swept: Set<KeyspaceID> = []
  var announced: Set<String> = []
  /// Nil before the first look.
  var peers: [UUIDValue: NodeFacts]?
  /// Nodes that were there once.
  var known: Set<UUIDValue> = []
  var isAsking = false
}

/// Takes rows away that have expired, with their index entries.
struct RemoveExpiredRows: Procedure {
  static let name = "cql remove expired"
  var table: ObjectID
  var space: KeyspaceID
  var keys: [[UInt8]]

  init(table: ObjectID, space: KeyspaceID, keys: [[UInt8]]) {
    self.table = table
    self.space = space
    self.keys = keys
  }

  func run(_ transaction: TabletTransaction) throws(ProcedureError) -> Int {
    // The table may have been dropped or truncated since.
    guard let descriptor = transaction.catalog.table(table), descriptor.keyspace == space else {
      return 0
    }
    let hasIndexes = descriptor.indexes.count > 1
    var rows: TableRows?
    if hasIndexes {
      rows = try asProcedure { () throws(CQLError) in
        do throws(SQLError) {
          return try TableRows(descriptor, in: transaction.catalog)
        } catch {
          throw CQLError(.server, error.message)
        }
      }
    }
    var count = 0
    for key in keys {
      guard let bytes = transaction.expired(space, key) else { continue }
      if let rows {
        try rows.delete(try rows.decode(bytes), transaction)
      } else {
        try transaction.delete(space, key)
      }
      count += 1
    }
    return count
  }

  func encode(into out: inout WireEncoder) {
    table.encode(into: &out)
    space.encode(into: &out)
    out.list(keys)
  }

  init(from reader: inout WireDecoder) throws(DecodingFault) {
    table = try ObjectID(from: &reader)
    space = try KeyspaceID(from: &reader)
    keys = try [[UInt8]](from: &reader)
  }
}
