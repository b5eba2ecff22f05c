import Base
import Catalog
import Node
import Testing

@testable import RESP

/// Who is woken for a key, and in which order.
struct WaitingListTests {
  private let a: [UInt8] = [1]
  private let b: [UInt8] = [2]

  private func waiter(_ number: Int64) throws -> WaiterID {
    var writer = ByteWriter()
    for byte in [UInt8](repeating: 0, count: 16) { writer.integer(byte) }
    let place = try writer.bytes.withUnsafeBytes { bytes in
      var reader = WireDecoder(ByteReader(bytes), catalog: CatalogSnapshot())
      return try ShardPlace(from: &reader)
    }
    return WaiterID(place: place, number: number)
  }

  @Test func firstComeFirstServed() throws {
    var list = WaitingList()
    let (one, two, three) = (try waiter(1), try waiter(2), try waiter(3))
    list.join(one, [a, b], isReader: false, now: 0)
    list.join(two, [a], isReader: false, now: 0)
    list.join(three, [b], isReader: false, now: 0)
    #expect(list.wake(a, now: 1) == [one])
    #expect(list.wake(a, now: 1) == [two])
    #expect(list.wake(a, now: 1) == [])
    // Woken for nothing, it is the first again.
    list.join(one, [a, b], isReader: false, now: 2)
    #expect(list.wake(a, now: 3) == [one])
    #expect(list.wake(b, now: 3) == [one])
    #expect(list.wake(b, now: 3) == [three])
  }

  @Test func whoeverLeavesHandsOn() throws {
    var list = WaitingList()
    let (one, two) = (try waiter(1), try waiter(2))
    list.join(one, [a, b], isReader: false, now: 0)
    list.join(two, [a], isReader: false, now: 0)
    #expect(list.wake(a, now: 1) == [one])
    #expect(list.leave(one) == [a])
    #expect(list.wake(b, now: 1) == [])
    #expect(list.leave(two) == [])
    #expect(list.isEmpty)
    #expect(list.leave(two) == [])
  }

  @Test func latecomersYieldForAWhile() throws {
    var list = WaitingList()
    let (one, two) = (try waiter(1), try waiter(2))
    #expect(!list.mustYield(two, a, now: 0))
    list.join(one, [a, b], isReader: false, now: 0)
    #expect(!list.mustYield(two, a, now: 0))
    _ = list.wake(a, now: 1)
    #expect(list.mustYield(two, a, now: 2))
    #expect(!list.mustYield(two, b, now: 2))
    #expect(!list.mustYield(one, a, now: 2))
    #expect(!list.mustYield(two, a, now: 1 + WaitingList.patienceNanoseconds))
    list.join(one, [a], isReader: false, now: 3)
    #expect(!list.mustYield(two, a, now: 3))
  }

  @Test func readersAreWokenTogether() throws {
    var list = WaitingList()
    let (one, two, three) = (try waiter(1), try waiter(2), try waiter(3))
    list.join(one, [a], isReader: true, now: 0)
    list.join(two, [a], isReader: false, now: 0)
    list.join(three, [a], isReader: true, now: 0)
    #expect(list.wake(a, now: 1) == [one, two, three])
    #expect(list.leave(one) == [])
  }

  @Test func theSilentHaveGone() throws {
    var list = WaitingList()
    let (one, two) = (try waiter(1), try waiter(2))
    let late = WaitingList.silenceNanoseconds + 1
    list.join(one, [a], isReader: false, now: 0)
    list.join(two, [a], isReader: false, now: late)
    #expect(list.silent(now: late) == [one])
    #expect(list.wake(a, now: late) == [two])
  }
}
