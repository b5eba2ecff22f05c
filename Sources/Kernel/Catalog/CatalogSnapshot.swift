public import Base

/// One object of the catalog, as it is stored in group 0: one row each, keyed by its id.
public enum CatalogObject: Sendable, Hashable, Codable {
  case schema(SchemaDescriptor)
  case table(TableDescriptor)
  case view(ViewDescriptor)
  case sequence(SequenceDescriptor)
  case type(TypeDescriptor)
  case role(RoleDescriptor)
  case node(NodeDescriptor)
  case cluster(ClusterDescriptor)
  case tabletMap(TabletMapDescriptor)
  case tier(TierDescriptor)

  public var id: ObjectID {
    switch self {
    case .schema(let x): x.id
    case .table(let x): x.id
    case .view(let x): x.id
    case .sequence(let x): x.id
    case .type(let x): x.id
    case .role(let x): x.id
    case .node(let x): x.id
    case .cluster(let x): x.id
    case .tabletMap(let x): x.id
    case .tier(let x): x.id
    }
  }
  public var name: String {
    switch self {
    case .schema(let x): x.name
    case .table(let x): x.name
    case .view(let x): x.name
    case .sequence(let x): x.name
    case .type(let x): x.name
    case .role(let x): x.name
    case .node(let x): x.name
    case .cluster: "cluster"
    case .tabletMap: "tablets"
    case .tier(let x): x.name
    }
  }
  /// The schema it is in; nil for what is in none.
  public var schema: ObjectID? {
    switch self {
    case .schema, .role, .node, .cluster, .tabletMap, .tier: nil
    case .table(let x): x.schema
    case .view(let x): x.schema
    case .sequence(let x): x.schema
    case .type(let x): x.schema
    }
  }
}

/// The catalog at one version: immutable, shared by every shard. A transaction with DDL works on
/// its own changed copy until COMMIT.
public struct CatalogSnapshot: Sendable {
  /// Rises by one with each committed change; 0 is the empty catalog before bootstrap.
  public private(set) var version: UInt64 = 0
  public private(set) var objects: [ObjectID: CatalogObject] = [:]
  /// Tables, views, sequences and indexes share a name space, as in PostgreSQL.
  private var relationsByName: [QualifiedName: ObjectID] = [:]
  private var typesByName: [QualifiedName: ObjectID] = [:]
  private var schemasByName: [String: ObjectID] = [:]
  private var rolesByName: [String: ObjectID] = [:]
  private var indexOwners: [ObjectID: ObjectID] = [:]
  /// The tables that have a change stream, by the keyspace of their rows.
  public private(set) var streams: [KeyspaceID: StreamedTable] = [:]
  /// The next object id and keyspace number; they only rise.
  public private(set) var nextObjectID = ObjectID.firstUser.rawValue
  public private(set) var nextKeyspaceID: UInt32 = 1_024
  /// Of indexes whose building ended with the process: their entries are of no use.
  public private(set) var abandonedKeyspaces: [KeyspaceID] = []
  /// By number, those that are expelled included.
  public private(set) var nodes: [NodeDescriptor] = []
  /// Nil in a catalog from before there were clusters, until its node has started again.
  public private(set) var cluster: ClusterDescriptor?
  /// Nil before the first tablet was split and the first tier made.
  public private(set) var tabletMap: TabletMapDescriptor?
  /// By number, without the standard one.
  public private(set) var tiers: [TierDescriptor] = []

  private struct QualifiedName: Hashable, Sendable {
    let schema: ObjectID
    let name: String
  }

  public init() {}
}

extension CatalogSnapshot {
  public static let pgCatalogSchema = ObjectID(rawValue: 11)
  public static let publicSchema = ObjectID(rawValue: 2200)
  public static let informationSchema = ObjectID(rawValue: 13_200)
  public static let bootstrapRole = ObjectID(rawValue: 10)
  public static let database = ObjectID(rawValue: 5)

  public func schema(named name: String) -> SchemaDescriptor? {
    guard let id = schemasByName[name], case .schema(let found) = objects[id] else { return nil }
    return found
  }
  public func role(named name: String) -> RoleDescriptor? {
    guard let id = rolesByName[name], case .role(let found) = objects[id] else { return nil }
    return found
  }
  public func role(_ id: ObjectID) -> RoleDescriptor? {
    if case .role(let found) = objects[id] { found } else { nil }
  }
  public func table(_ id: ObjectID) -> TableDescriptor? {
    if case .table(let found) = objects[id] { found } else { nil }
  }
  public func sequence(_ id: ObjectID) -> SequenceDescriptor? {
    if case .sequence(let found) = objects[id] { found } else { nil }
  }
  /// A table, view or sequence; an index is found as the table that owns it through `indexOwner`.
  public func relation(schema: ObjectID, name: String) -> CatalogObject? {
    relationsByName[QualifiedName(schema: schema, name: name)].flatMap { objects[$0] }
  }
  public func index(schema: ObjectID, name: String) -> (TableDescriptor, IndexDescriptor)? {
    guard let id = relationsByName[QualifiedName(schema: schema, name: name)] else { return nil }
    return index(id)
  }
  public func index(_ id: ObjectID) -> (TableDescriptor, IndexDescriptor)? {
    guard let owner = indexOwners[id], let table = table(owner),
      let index = table.indexes.first(where: { $0.id == id })
    else { return nil }
    return (table, index)
  }
  /// Whether any relation, index included, has the name.
  public func isRelationNameTaken(schema: ObjectID, name: String) -> Bool {
    relationsByName[QualifiedName(schema: schema, name: name)] != nil
  }
  public func node(_ id: NodeID) -> NodeDescriptor? { nodes.first { $0.node == id } }

  public func type(schema: ObjectID, name: String) -> TypeDescriptor? {
    guard let id = typesByName[QualifiedName(schema: schema, name: name)],
      case .type(let found) = objects[id]
    else { return nil }
    return found
  }
  /// Objects in the order of their ids: the only order in which the catalog is walked.
  public var sortedObjects: [CatalogObject] {
    objects.values.sorted { $0.id < $1.id }
  }
}

extension CatalogSnapshot {
  public mutating func allocateObjectID() -> ObjectID {
    defer { nextObjectID += 1 }
    return ObjectID(rawValue: nextObjectID)
  }
  public mutating func allocateKeyspaceID() -> KeyspaceID {
    defer { nextKeyspaceID += 1 }
    return KeyspaceID(rawValue: nextKeyspaceID)
  }

  /// Adds the object or replaces the one with its id. Names must have been checked before.
  public mutating func put(_ object: CatalogObject) {
    remove(object.id)
    objects[object.id] = object
    forEachName(of: object) { key, id in relationsByName[key] = id }
    switch object {
    case .schema(let x): schemasByName[x.name] = x.id
    case .role(let x): rolesByName[x.name] = x.id
    case .type(let x): typesByName[QualifiedName(schema: x.schema, name: x.name)] = x.id
    case .table(let x):
      for index in x.indexes { indexOwners[index.id] = x.id }
      if let stream = x.changeStream { streams[x.keyspace] = StreamedTable(x, stream) }
    case .node(let x):
      nodes.append(x)
      nodes.sort { $0.node < $1.node }
    case .cluster(let x): cluster = x
    case .tabletMap(let x): tabletMap = x
    case .tier(let x):
      tiers.append(x)
      tiers.sort { $0.tier < $1.tier }
    case .view, .sequence: break
    }
    noteUsed(object)
  }

  /// Removes the object and its names; nothing happens when there is none.
  public mutating func remove(_ id: ObjectID) {
    guard let old = objects.removeValue(forKey: id) else { return }
    forEachName(of: old) { key, _ in relationsByName[key] = nil }
    switch old {
    case .schema(let x): schemasByName[x.name] = nil
    case .role(let x): rolesByName[x.name] = nil
    case .type(let x): typesByName[QualifiedName(schema: x.schema, name: x.name)] = nil
    case .table(let x):
      for index in x.indexes { indexOwners[index.id] = nil }
      streams[x.keyspace] = nil
    case .node(let x): nodes.removeAll { $0.node == x.node }
    case .cluster: cluster = nil
    case .tabletMap: tabletMap = nil
    case .tier(let x): tiers.removeAll { $0.tier == x.tier }
    case .view, .sequence: break
    }
  }

  /// Applies one committed change; `version` must be the next.
  public mutating func apply(_ change: CatalogChange) {
    invariant(change.version == version + 1, "catalog \(version) cannot take \(change.version)")
    for id in change.removed { remove(id) }
    for object in change.put { put(object) }
    nextObjectID = max(nextObjectID, change.nextObjectID)
    nextKeyspaceID = max(nextKeyspaceID, change.nextKeyspaceID)
    version = change.version
  }

  /// A whole catalog, as one change from nothing: what a node starts with. `isAlone`: nobody else builds
  /// the indexes that are not public any more, so they are left out.
  public init(_ whole: CatalogChange, isAlone: Bool) {
    self.init()
    for object in whole.put {
      guard isAlone, case .table(var table) = object else {
        put(object)
        continue
      }
      abandonedKeyspaces += table.indexes.filter { $0.state != .public }.map(\.keyspace)
      table.indexes.removeAll { $0.state != .public }
      put(.table(table))
    }
    nextObjectID = max(nextObjectID, whole.nextObjectID)
    nextKeyspaceID = max(nextKeyspaceID, whole.nextKeyspaceID)
    version = whole.version
  }

  /// What leads from `base` to this private copy, as the next version after `base`'s.
  public func change(from base: CatalogSnapshot) -> CatalogChange {
    var put: [CatalogObject] = []
    var removed: [ObjectID] = []
    for object in sortedObjects where base.objects[object.id] != object { put.append(object) }
    for object in base.sortedObjects where objects[object.id] == nil { removed.append(object.id) }
    return CatalogChange(
      version: base.version + 1, put: put, removed: removed, nextObjectID: nextObjectID,
      nextKeyspaceID: nextKeyspaceID)
  }

  private func forEachName(of object: CatalogObject, _ body: (QualifiedName, ObjectID) -> Void) {
    switch object {
    case .table(let x):
      body(QualifiedName(schema: x.schema, name: x.name), x.id)
      for index in x.indexes where !isHiddenPrimaryKey(index, of: x) {
        body(QualifiedName(schema: x.schema, name: index.name), index.id)
      }
    case .view(let x): body(QualifiedName(schema: x.schema, name: x.name), x.id)
    case .sequence(let x): body(QualifiedName(schema: x.schema, name: x.name), x.id)
    case .schema, .type, .role, .node, .cluster, .tabletMap, .tier: break
    }
  }

  private func isHiddenPrimaryKey(_ index: IndexDescriptor, of table: TableDescriptor) -> Bool {
    guard index.isPrimary, let column = index.columns.first?.column else { return false }
    return table.column(column).isHidden
  }

  private mutating func noteUsed(_ object: CatalogObject) {
    nextObjectID = max(nextObjectID, object.id.rawValue + 1)
    if case .table(let table) = object {
      for index in table.indexes {
        nextObjectID = max(nextObjectID, index.id.rawValue + 1)
        nextKeyspaceID = max(nextKeyspaceID, index.keyspace.rawValue + 1)
      }
    }
  }
}

/// One committed step of the catalog: the payload of `define`. Compare-and-set on `version`.
public struct CatalogChange: Sendable, Hashable, Codable {
  public var version: UInt64
  public var put: [CatalogObject]
  public var removed: [ObjectID]
  public var nextObjectID: UInt32
  public var nextKeyspaceID: UInt32
  public init(
    version: UInt64, put: [CatalogObject], removed: [ObjectID], nextObjectID: UInt32,
    nextKeyspaceID: UInt32
  ) {
    self.version = version
    self.put = put
    self.removed = removed
    self.nextObjectID = nextObjectID
    self.nextKeyspaceID = nextKeyspaceID
  }
}
