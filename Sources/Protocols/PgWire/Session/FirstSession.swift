import Synchronization

/// Tells the first of a node's sessions from the others. Lives on: any thread.
final class FirstSession: Sendable {
  private let isTaken = Atomic<Bool>(false)

  /// True once.
  func take() -> Bool { !isTaken.exchange(true, ordering: .acquiringAndReleasing) }
}
