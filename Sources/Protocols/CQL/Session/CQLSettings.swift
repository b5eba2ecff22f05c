import Base
public import Reactor
public import SQL
import Synchronization

/// What the connections of a node share, and the limits of each.
public struct CQLSettings: Sendable {
  public let connections: ConnectionLimit
  /// Nil: TLS is not offered.
  public let tls: TLSContext?
  /// For statements of SQL that definitions become.
  public var environment = SessionEnvironment()
  /// A password in the form that its verifier was made of.
  public var preparePassword: @Sendable (String) -> [UInt8] = { Array($0.utf8) }
  /// Requests of one connection that are under way; while there are so many nothing more is read.
  public var requestsMax = 1_024
  /// Prepared statements that a shard keeps, and the bytes of their texts.
  public var preparedMax = 10_000
  public var preparedBytesMax = 16 << 20
  let texts = PreparedTexts()

  public init(connectionsMax: Int = 10_000, tls: TLSContext? = nil) {
    connections = ConnectionLimit(maximum: connectionsMax)
    self.tls = tls
  }
}

/// The texts of statements that were prepared on any shard of the node: a driver prepares over one
/// connection and executes over others. Lives on: any thread; looked at when a shard does not know an id.
final class PreparedTexts: Sendable {
  struct Source: Sendable {
    var keyspace: String?
    var text: String
  }
  private struct State {
    var texts: [[UInt8]: Source] = [:]
    var bytes = 0
  }
  private let state = Mutex(State())
  private static let countMax = 50_000
  private static let bytesMax = 64 << 20

  /// Where there is no room all go: drivers prepare again what is told to be unknown.
  func keep(_ id: [UInt8], _ source: Source) {
    state.withLock { state in
      if state.texts[id] != nil { return }
      if state.texts.count >= Self.countMax || state.bytes > Self.bytesMax { state = State() }
      state.texts[id] = source
      state.bytes += source.text.utf8.count
    }
  }

  subscript(id: [UInt8]) -> Source? { state.withLock { $0.texts[id] } }
}
