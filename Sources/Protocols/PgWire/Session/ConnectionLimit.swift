import Synchronization

/// Counts the clients of a node. Lives on: any thread.
public final class ConnectionLimit: Sendable {
  enum Admission {
    case served
    /// Beyond the maximum: told so once it has said who it is, as PostgreSQL does.
    case refused
    /// Beyond those who are told: closed without a word, so that a flood costs no memory.
    case turnedAway
  }

  /// Clients that may be about to hear of their refusal at the same time.
  public static let refusalsMax = 64

  public let maximum: Int
  private let open = Atomic<Int>(0)

  public init(maximum: Int) { self.maximum = maximum }

  /// Whatever the answer, `leave` follows once.
  func enter() -> Admission {
    let count = open.add(1, ordering: .relaxed).newValue
    if count <= maximum { return .served }
    return count <= maximum + Self.refusalsMax ? .refused : .turnedAway
  }

  func leave() { open.subtract(1, ordering: .relaxed) }
}

/// Tells the first of a node's sessions from the others. Lives on: any thread.
final class FirstSession: Sendable {
  private let isTaken = Atomic<Bool>(false)

  /// True once.
  func take() -> Bool { !isTaken.exchange(true, ordering: .acquiringAndReleasing) }
}
