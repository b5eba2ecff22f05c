public import Base
public import Types

public struct SchemaDescriptor: Sendable, Hashable, Codable {
  public var id: ObjectID
  public var name: String
  public var owner: ObjectID
  public var grants: [Grant] = []
  public var comment: String?
  /// What the front end that the schema belongs to is set to; nil: nothing.
  public var options: [String: String]?
  public init(id: ObjectID, name: String, owner: ObjectID) {
    self.id = id
    self.name = name
    self.owner = owner
  }
}

public struct ViewDescriptor: Sendable, Hashable, Codable {
  public var id: ObjectID
  public var schema: ObjectID
  public var name: String
  public var owner: ObjectID
  public var rowType: ObjectID
  public var columns: [ColumnDescriptor]
  /// The SELECT's text, with names resolved through `searchPath` as it was at creation.
  public var query: String
  public var searchPath: [String]
  public var dependencies: [ObjectID] = []
  public var grants: [Grant] = []
  public var comment: String?
  public init(
    id: ObjectID, schema: ObjectID, name: String, owner: ObjectID, rowType: ObjectID,
    columns: [ColumnDescriptor], query: String, searchPath: [String]
  ) {
    self.id = id
    self.schema = schema
    self.name = name
    self.owner = owner
    self.rowType = rowType
    self.columns = columns
    self.query = query
    self.searchPath = searchPath
  }
}

/// A sequence's definition; its current value is a row of the sequences' keyspace, in the tablet of
/// its id's bucket, by its generation. Values are no part of transactions, so a generation is never
/// used again, not even when the transaction that made it is rolled back.
public struct SequenceDescriptor: Sendable, Hashable, Codable {
  public var id: ObjectID
  public var schema: ObjectID
  public var name: String
  public var owner: ObjectID
  public var type: SQLType = .int8
  public var start: Int64 = 1
  public var increment: Int64 = 1
  public var minimum: Int64 = 1
  public var maximum: Int64 = .max
  public var cache: Int64 = 1
  public var cycles = false
  /// Set by serial, identity and OWNED BY.
  public var ownedByTable: ObjectID?
  public var ownedByColumn: ColumnID?
  /// A new one restarts the sequence (TRUNCATE … RESTART IDENTITY, ALTER … RESTART).
  public var generation: Int64
  public var grants: [Grant] = []
  public var comment: String?
  public init(id: ObjectID, schema: ObjectID, name: String, owner: ObjectID, generation: Int64) {
    self.id = id
    self.schema = schema
    self.name = name
    self.owner = owner
    self.generation = generation
  }
}

/// A user-defined type: an enum, a composite or a domain. Built-in types are in `Types`.
public struct TypeDescriptor: Sendable, Hashable, Codable {
  public enum Kind: Sendable, Hashable, Codable {
    case enumeration(labels: [String])
    case composite(fields: [ColumnDescriptor])
    case domain(
      base: SQLType, isNotNull: Bool, defaultExpression: String?, checks: [CheckConstraint])
  }
  public var id: ObjectID
  /// The type of arrays of it.
  public var arrayID: ObjectID
  public var schema: ObjectID
  public var name: String
  public var owner: ObjectID
  public var kind: Kind
  public var comment: String?
  public init(
    id: ObjectID, arrayID: ObjectID, schema: ObjectID, name: String, owner: ObjectID, kind: Kind
  ) {
    self.id = id
    self.arrayID = arrayID
    self.schema = schema
    self.name = name
    self.owner = owner
    self.kind = kind
  }
}

public struct RoleDescriptor: Sendable, Hashable, Codable {
  /// Microseconds from 1970-01-01 to 2000-01-01.
  private static let epochOffset: Int64 = 946_684_800_000_000

  /// Whether its password counts no more at the time, in nanoseconds from 1970-01-01.
  public func isExpired(at wallNanoseconds: UInt64) -> Bool {
    validUntil.map { $0 < Int64(wallNanoseconds / 1_000) - Self.epochOffset } ?? false
  }

  public var id: ObjectID
  public var name: String
  public var isSuperuser = false
  public var canLogin = false
  public var canCreateRole = false
  public var canCreateDatabase = false
  public var inherits = true
  public var canReplicate = false
  public var bypassesRowSecurity = false
  public var connectionLimit: Int32 = -1
  /// PostgreSQL's form `SCRAM-SHA-256$iterations:salt$StoredKey:ServerKey`; nil: no password set.
  public private(set) var passwordVerifier: String?
  /// The same for SCRAM-SHA-512; nil also where the password was given as a verifier of the other.
  public private(set) var longPasswordVerifier: String?
  /// From when on its password does not count: microseconds from 2000-01-01; nil: it counts for ever.
  public var validUntil: Int64?
  /// Roles that this one is a member of.
  public var memberOf: [ObjectID] = []
  public var settings: [String: String] = [:]
  public var comment: String?
  public init(id: ObjectID, name: String) {
    self.id = id
    self.name = name
  }

  /// Nil: no password is set.
  public var password: PasswordVerifiers? {
    get { passwordVerifier.map { PasswordVerifiers(sha256: $0, sha512: longPasswordVerifier) } }
    set {
      passwordVerifier = newValue?.sha256
      longPasswordVerifier = newValue?.sha512
    }
  }
}

/// What is kept of one password: a verifier for each hash that clients may prove it by.
public struct PasswordVerifiers: Sendable, Equatable {
  public var sha256: String
  public var sha512: String?

  public init(sha256: String, sha512: String?) {
    self.sha256 = sha256
    self.sha512 = sha512
  }
}

/// One entry of an access list; letters are PostgreSQL's (a r w d D x t U C T c X), an upper-case
/// set `withGrantOption` for those that may be passed on. Grantee 0 is PUBLIC.
public struct Grant: Sendable, Hashable, Codable {
  public var grantee: ObjectID
  public var grantor: ObjectID
  public var privileges: String
  public var withGrantOption: String
  public var column: ColumnID?
  public init(
    grantee: ObjectID, grantor: ObjectID, privileges: String, withGrantOption: String = "",
    column: ColumnID? = nil
  ) {
    self.grantee = grantee
    self.grantor = grantor
    self.privileges = privileges
    self.withGrantOption = withGrantOption
    self.column = column
  }
}

/// A cluster for ever: nodes of another one are strangers.
public struct ClusterID: Sendable, Hashable, Codable {
  public var high: UInt64
  public var low: UInt64
  public init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }
  /// Of a node that has not joined yet.
  public static let none = ClusterID(high: 0, low: 0)
}

/// What the operator wants of a node. Whether it can be reached is not kept here.
public enum NodeState: String, Sendable, Hashable, Codable {
  case online
  /// Its leaders and replicas are being moved away.
  case draining
  /// Gone for good; its number is not given again.
  case expelled
}

/// A node of the cluster.
public struct NodeDescriptor: Sendable, Hashable, Codable {
  private static let firstObject: UInt32 = 12_100
  public let id: ObjectID
  public let node: NodeID
  public var name: String
  /// "host:port", where other nodes reach it.
  public var address: String
  public var state = NodeState.online
  /// Failure domains: replicas of a tablet avoid nodes with an equal value of a label.
  public var labels: [String: String] = [:]
  /// Its tier, for good; nil: the standard one, as in catalogs from before there were others.
  public var tierID: TierID?
  public var tier: TierID { tierID ?? .standard }
  /// What the node showed when it joined; 0 of the cluster's first.
  public var token: UInt64 = 0
  public var shards: Int
  /// What the node's program can do; the cluster's level is the least of all.
  public var featureLevel: Int

  public init(
    node: NodeID, name: String, address: String, shards: Int, featureLevel: Int
  ) {
    id = ObjectID(rawValue: Self.firstObject + node.rawValue)
    self.node = node
    self.name = name
    self.address = address
    self.shards = shards
    self.featureLevel = featureLevel
  }
}

/// What holds for the whole cluster; one object.
public struct ClusterDescriptor: Sendable, Hashable, Codable {
  public private(set) var id = ObjectID(rawValue: 12_000)
  public let cluster: ClusterID
  /// Tablets that share the standard tier's buckets.
  public var tablets: Int
  /// Of the standard tier's tablets.
  public var replicationFactor = 3
  /// Every node can do what it stands for; it never falls.
  public var featureLevel: Int
  /// The balancer moves nothing.
  public var isBalancerPaused = false

  public init(cluster: ClusterID, tablets: Int, featureLevel: Int) {
    self.cluster = cluster
    self.tablets = tablets
    self.featureLevel = featureLevel
  }
}
