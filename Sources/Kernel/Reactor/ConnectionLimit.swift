import Synchronization

/// Counts the clients of a front end of a node. Lives on: any thread.
public final class ConnectionLimit: Sendable {
  public enum Admission {
    case served
    /// Beyond the maximum: told so in its protocol.
    case refused
    /// Beyond those who are told: closed without a word, so that a flood costs no memory.
    case turnedAway
  }

  /// Clients that may be about to hear of their refusal at the same time.
  public static let refusalsMax = 64

  public let maximum: Int
  private let open = Atomic<Int>(0)

  /// Those that are open now, the refused ones included.
  public var count: Int { open.load(ordering: .relaxed) }

  public init(maximum: Int) { self.maximum = maximum }

  /// Whatever the answer, `leave` follows once.
  public func enter() -> Admission {
    let count = open.add(1, ordering: .relaxed).newValue
    if count <= maximum { return .served }
    return count <= maximum + Self.refusalsMax ? .refused : .turnedAway
  }

  public func leave() { open.subtract(1, ordering: .relaxed) }
}
