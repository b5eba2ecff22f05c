import Catalog

/// What a program can do, as one number. The cluster uses what the programs of all of its nodes can: its
/// level rises by itself when the last of them can, and never falls. Before it has risen, programs of two
/// adjacent levels work together, each node may go back to the older one, and nothing is written
/// that the older one could not read. What only newer programs understand, on the wire between any two
/// nodes or on disks, asks `NodeShard.featureLevel` first; what two nodes say to one another alone asks
/// for their connection's protocol version.
public enum FeatureLevel {
  /// 1: the first. 2: nodes say their level when they connect (protocol 2), and a node whose program
  /// is below the cluster's level is let in by nobody; tablets can be split and have fences; values of rows may expire; there can be tiers; tables can
  /// have change streams.
  public static let newest = 2
  /// From it on tablets can be split.
  static let splits = 2
  /// From it on replicas ask whether their group has left them out.
  static let leavingReplicas = 2
  /// From it on there can be other tiers than the standard one.
  static let tiers = 2
  /// From it on nodes tell whom they hear.
  static let connectivity = 2
  /// From it on tables can have change streams.
  public static let changeStreams = 2
  /// From it on there can be sources.
  public static let sources = 2
  /// Those that this program can have.
  public static let known = oldest...newest
  /// Of nodes that do not say theirs, too.
  static let oldest = 1

  /// The protocol versions that a program of the level speaks between nodes: its own and the one before.
  static func protocolVersions(at level: Int) -> ClosedRange<UInt16> {
    level == oldest ? 1...1 : 1...2
  }
}

extension NodeShard {
  /// What all nodes of the cluster can do; as far as is known here.
  public var featureLevel: Int {
    max(catalog.cluster?.featureLevel ?? FeatureLevel.oldest, cluster?.identity.levelReached ?? 0)
  }
}
