public import Reactor
public import SQL

/// What the connections of a node share, and the limits of each.
public struct KafkaSettings: Sendable {
  public let connections: ConnectionLimit
  /// Nil: TLS is not offered.
  public let tls: TLSContext?
  /// For the statements that keep groups and offsets.
  public var environment = SessionEnvironment()
  /// A password in the form that its verifier was made of.
  public var preparePassword: @Sendable (String) -> [UInt8] = { Array($0.utf8) }
  /// Makes the challenges of roles that are not there, so that asking does not tell.
  public var mockSecret: [UInt8] = []
  /// How long a client may take to say who it is.
  public var startupMilliseconds = 60_000
  /// The longest that a request for records waits, whatever the client asks for.
  public var fetchWaitMillisecondsMax = 60_000
  /// Records of one answer, before compression.
  public var fetchBytesMax = 32 << 20
  /// Of roles that have one.
  let quotas = FetchQuotas()
  /// Members that a group may have.
  public var groupMembersMax = 1_000
  /// What a member may tell of itself, for all of its strategies together.
  public var memberBytesMax = 256 << 10
  public var sessionTimeoutMilliseconds = 6_000...1_800_000
  /// How long a member of KIP-848's protocol may be silent: there the server says.
  public var consumerSessionMilliseconds = 45_000
  /// How long the first members of a group wait for others.
  public var firstJoinMilliseconds = 300

  /// A request's bytes, once the client is known and before.
  static let requestBytesMax = 8 << 20
  static let earlyRequestBytesMax = 1 << 16

  public init(connectionsMax: Int = 10_000, tls: TLSContext? = nil) {
    connections = ConnectionLimit(maximum: connectionsMax)
    self.tls = tls
  }
}
