import Base
public import Reactor

/// What the connections of a node share, and the limits of each.
public struct RESPSettings: Sendable {
  public let connections: ConnectionLimit
  /// Nil: TLS is not offered.
  public let tls: TLSContext?
  /// Databases that SELECT knows.
  public var databases = 16
  /// Output that a client leaves unread before it is disconnected, where it is sent without being asked
  /// for (pub/sub).
  public var pushBytesMax = 32 << 20

  public init(connectionsMax: Int = 10_000, tls: TLSContext? = nil) {
    connections = ConnectionLimit(maximum: connectionsMax)
    self.tls = tls
  }
}
