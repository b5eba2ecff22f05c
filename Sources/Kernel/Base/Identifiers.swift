/// An integer with a name, so that mixing two kinds is a compile error.
public protocol Identifier: RawRepresentable, Hashable, Comparable, Sendable, Codable,
  CustomStringConvertible
where RawValue: FixedWidthInteger & Sendable & Codable {
  init(rawValue: RawValue)
}

extension Identifier {
  public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
  public var description: String { String(rawValue) }
  public init(from decoder: any Decoder) throws {
    self.init(rawValue: try decoder.singleValueContainer().decode(RawValue.self))
  }
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(rawValue)
  }
}

/// A node of the cluster, unique for the cluster's life; 0 is no node.
public struct NodeID: Identifier {
  public let rawValue: UInt32
  public init(rawValue: UInt32) { self.rawValue = rawValue }
}

/// One core of a node, counted from 0.
public struct ShardID: Identifier {
  public let rawValue: UInt16
  public init(rawValue: UInt16) { self.rawValue = rawValue }
}

/// One Raft group. Tablet 0 is group 0: the catalog.
public struct TabletID: Identifier {
  public let rawValue: UInt64
  public init(rawValue: UInt64) { self.rawValue = rawValue }
  public static let catalog = TabletID(rawValue: 0)
}

/// One of the 16,384 hash slots of the key space.
public struct Bucket: Identifier {
  public let rawValue: UInt16
  public init(rawValue: UInt16) { self.rawValue = rawValue }
  public static let count = 16_384
}

/// A schema object (table, index, type, role, …): PostgreSQL's oid.
public struct ObjectID: Identifier {
  public let rawValue: UInt32
  public init(rawValue: UInt32) { self.rawValue = rawValue }
  /// Objects below are built in, as in PostgreSQL.
  public static let firstUser = ObjectID(rawValue: 16_384)
}

/// An ordered key space of a tablet: one B+tree. A table has one for its rows and one for each
/// index; TRUNCATE gives the table new ones.
public struct KeyspaceID: Identifier {
  public let rawValue: UInt32
  public init(rawValue: UInt32) { self.rawValue = rawValue }
}

/// A position in a Raft log; the first entry has 1, 0 is before the log.
public struct LogIndex: Identifier {
  public let rawValue: UInt64
  public init(rawValue: UInt64) { self.rawValue = rawValue }
  public static let zero = LogIndex(rawValue: 0)
  public var next: LogIndex { LogIndex(rawValue: rawValue + 1) }
  /// The index before; `zero` has none and traps.
  public var previous: LogIndex { LogIndex(rawValue: rawValue - 1) }
  public func distance(to other: LogIndex) -> Int { Int(other.rawValue) - Int(rawValue) }
}

/// A Raft term; 0 is before the first election.
public struct Term: Identifier {
  public let rawValue: UInt64
  public init(rawValue: UInt64) { self.rawValue = rawValue }
  public static let zero = Term(rawValue: 0)
  public var next: Term { Term(rawValue: rawValue + 1) }
}

/// A transaction, unique in the cluster: 52 bits that rise with time, 12 bits of the shard that
/// began it.
public struct TransactionID: Identifier {
  public let rawValue: UInt64
  public init(rawValue: UInt64) { self.rawValue = rawValue }
}

/// A hybrid logical time: nanoseconds since the Unix epoch, moved forward by at least one for each
/// event, so that later events have larger stamps (Kulkarni et al., "Logical Physical Clocks").
public struct Timestamp: Identifier {
  public let rawValue: UInt64
  public init(rawValue: UInt64) { self.rawValue = rawValue }
  public static let zero = Timestamp(rawValue: 0)
  public static let distantFuture = Timestamp(rawValue: .max)
  public var next: Timestamp { Timestamp(rawValue: rawValue + 1) }
  public var previous: Timestamp { Timestamp(rawValue: rawValue - 1) }
}
