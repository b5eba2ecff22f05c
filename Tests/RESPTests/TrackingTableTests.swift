import Base
import Testing

@testable import RESP

struct TrackingTableTests {
  @Test func itemsAreCounted() {
    var table = TrackingTable()
    table.add(1, prefixes: [])
    table.add(2, prefixes: [[7]])
    let notes: [(key: [UInt8], client: Int64)] = [([1], 1), ([1], 1), ([1], 2), ([2], 2)]
    let areNew = notes.map { table.note($0.key, $0.client) }
    #expect(areNew == [true, false, true, true])
    #expect(table.itemCount == 3)
    table.forget([1], 1)
    table.forget([1], 1)
    table.forget([9], 1)
    #expect(table.itemCount == 2)
    let (taken, again) = (table.take([1]), table.take([1]))
    #expect(taken == [2] && again.isEmpty)
    table.forget([2], 2)
    #expect(table.keys.isEmpty && table.itemCount == 0)
    table.remove(2, prefixes: [[7]])
    #expect(table.prefixes.isEmpty && table.clients == [1])
  }

  @Test func whatIsAboveTheLimitGoes() {
    var table = TrackingTable()
    table.add(1, prefixes: [])
    for key in UInt8(0)..<10 { _ = table.note([key], 1) }
    #expect(table.excess(over: 0, besides: nil).isEmpty)
    #expect(table.excess(over: 10, besides: nil).isEmpty)
    let excess = table.excess(over: 3, besides: [4])
    #expect(Set(excess).count == 7)
    #expect(!excess.contains([4]))
  }

  @Test func writersAreKnownOnEachTablet() {
    let writers = TrackingWriters()
    let (first, second) = (TransactionID(rawValue: 1), TransactionID(rawValue: 2))
    writers.note(first, 10)
    writers.note(first, 10)
    writers.note(second, TrackingWriters.flush)
    #expect(writers.take(first) == 10)
    #expect(writers.take(second) == TrackingWriters.flush)
    #expect(writers.take(first) == 10)
    #expect(writers.take(first) == nil)
    #expect(writers.take(second) == nil)
  }
}
