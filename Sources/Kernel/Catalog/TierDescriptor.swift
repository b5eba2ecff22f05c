public import Base

/// A named class of nodes with tablets of its own: other tiers' nodes have no replicas of them. Of the
/// standard tier there is none: what it has is the cluster's (`ClusterDescriptor`).
public struct TierDescriptor: Sendable, Hashable, Codable {
  private static let firstObject: UInt32 = 12_010
  /// What the standard tier is called.
  public static let standardName = "default"
  /// Longer names are refused.
  public static let nameBytesMax = 63

  public let id: ObjectID
  public let tier: TierID
  public var name: String
  public var replicationFactor: Int
  /// That it was made with.
  public var tablets: Int

  public init(tier: TierID, name: String, replicationFactor: Int, tablets: Int) {
    id = ObjectID(rawValue: Self.firstObject + UInt32(tier.rawValue))
    self.tier = tier
    self.name = name
    self.replicationFactor = replicationFactor
    self.tablets = tablets
  }

  /// Names go into paths, command lines and SQL without quotes.
  public static func isValid(name: String) -> Bool {
    let bytes = Array(name.utf8)
    return (1...nameBytesMax).contains(bytes.count)
      && bytes.allSatisfy {
        (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x5F || $0 == 0x2D
      }
  }
}

extension CatalogSnapshot {
  public func tier(_ id: TierID) -> TierDescriptor? { tiers.first { $0.tier == id } }

  /// The standard one included; nil: there is none of the name.
  public func tierID(named name: String) -> TierID? {
    if name == TierDescriptor.standardName { return .standard }
    return tiers.first { $0.name == name }?.tier
  }

  public func name(of tier: TierID) -> String {
    tier == .standard ? TierDescriptor.standardName : self.tier(tier)?.name ?? "tier \(tier)"
  }

  /// How many replicas the tier's tablets should have.
  public func replicationFactor(of tier: TierID) -> Int {
    self.tier(tier)?.replicationFactor ?? cluster?.replicationFactor ?? 1
  }

  /// In the order of their numbers.
  public var tierNames: [String] { [TierDescriptor.standardName] + tiers.map(\.name) }

  /// Nodes that belong to the tier and have not been expelled.
  public func nodes(of tier: TierID) -> [NodeDescriptor] {
    nodes.filter { $0.tier == tier && $0.state != .expelled }
  }
}
