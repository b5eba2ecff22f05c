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

/// A class of nodes with tablets of its own. 0 is the one that every cluster has.
public struct TierID: Identifier {
  public let rawValue: UInt16
  public init(rawValue: UInt16) { self.rawValue = rawValue }
  public static let standard = TierID(rawValue: 0)
  /// The last number that is given: a shard's map of the buckets has 32 KiB for each.
  public static let maximum = TierID(rawValue: 63)
}

/// One of the 16,384 hash slots of a tier's key space: the slot in the 14 lower bits, the tier above,
/// so that the buckets of the standard tier are their slots and a bucket says alone where it is.
public struct Bucket: Identifier {
  public let rawValue: UInt32
  public init(rawValue: UInt32) { self.rawValue = rawValue }
  /// Of one tier.
  public static let count = 16_384

  public init(tier: TierID = .standard, slot: UInt16) {
    invariant(slot < Self.count, "slot \(slot)")
    rawValue = UInt32(tier.rawValue) << 14 | UInt32(slot)
  }
  public var tier: TierID { TierID(rawValue: UInt16(truncatingIfNeeded: rawValue >> 14)) }
  public var slot: UInt16 { UInt16(truncatingIfNeeded: rawValue & 0x3FFF) }
  /// The same slot of another tier.
  public func of(_ tier: TierID) -> Bucket { Bucket(tier: tier, slot: slot) }
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
