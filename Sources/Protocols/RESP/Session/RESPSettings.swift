import Base
public import Node
public import Reactor

/// What the connections of a node share, and the limits of each.
public struct RESPSettings: Sendable {
  public let connections: ConnectionLimit
  /// Nil: TLS is not offered.
  public let tls: TLSContext?
  /// Databases that SELECT knows.
  public var databases = 16
  /// Ends the node, as a signal would; nil where clients may not.
  public var shutdown: (@Sendable () -> Void)?
  /// A password in the form that its verifier was made of.
  public var preparePassword: @Sendable (String) -> [UInt8] = { Array($0.utf8) }

  /// A session of SQL for a role, on the shard; nil: there is no SQL, and tables have no keys.
  public var makeStatements: (@Sendable (NodeShard, _ role: String) -> any RowStatements)?

  public init(connectionsMax: Int = 10_000, tls: TLSContext? = nil) {
    connections = ConnectionLimit(maximum: connectionsMax)
    self.tls = tls
  }
}
