import Base
import Testing

@testable import Node

/// Which pairs of living nodes have been apart for a while.
@Suite struct ConnectivityTests {
  private func account(_ node: UInt32, _ hears: [UInt32]) -> Connectivity.Account {
    Connectivity.Account(
      node: NodeID(rawValue: node), hears: hears.map { NodeID(rawValue: $0) })
  }

  private func lost(_ connectivity: Connectivity, _ now: UInt64) -> [Int] {
    (1...3).map { connectivity.partners(lostBy: NodeID(rawValue: $0), now: now) }
  }

  private let patience = Connectivity.patienceNanoseconds

  @Test("a pair counts for both once it has been apart for long enough, and no longer than that")
  func pair() {
    var connectivity = Connectivity()
    let halfCut = [account(1, [3]), account(2, [1, 3]), account(3, [1, 2])]
    connectivity.note(halfCut, now: 5)
    #expect(lost(connectivity, 5) == [0, 0, 0])
    connectivity.note(halfCut, now: 5 + patience)
    #expect(lost(connectivity, 4 + patience) == [0, 0, 0])
    #expect(lost(connectivity, 5 + patience) == [1, 1, 0])
    connectivity.note([account(1, [2, 3]), account(2, [1, 3]), account(3, [1, 2])], now: 6)
    #expect(lost(connectivity, 5 + 2 * patience) == [0, 0, 0])
  }

  @Test("who is not heard of here lives if others hear it")
  func hearsay() {
    var connectivity = Connectivity()
    // The first node's own view: the second one's pulses do not come.
    connectivity.note([account(1, [3]), account(3, [1, 2])], now: 0)
    #expect(lost(connectivity, patience) == [1, 1, 0])
    // Nobody hears the second one: it is away.
    connectivity.note([account(1, [3]), account(3, [1])], now: patience)
    #expect(lost(connectivity, 9 * patience) == [0, 0, 0])
  }
}
