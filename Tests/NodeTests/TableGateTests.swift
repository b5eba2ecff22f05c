import Base
import Reactor
import Testing
import Types

@testable import Node

@Suite struct TableGateTests {
  private static let table = ObjectID(rawValue: 700)
  private static let other = ObjectID(rawValue: 701)

  @Test func `only those who use the table now are waited for, and nobody is kept out`() async {
    await NodeHarness().start().session(on: 0) { shard in
      let user = shard.begin(isolation: .readCommitted)
      let stranger = shard.begin(isolation: .readCommitted)
      await #expect(throws: Never.self) {
        let hasWaited = try await user.use([Self.table])
        #expect(!hasWaited)
        _ = try await stranger.use([Self.other])
      }
      var isDone = false
      shard.reactor.spawn {
        let waiter = shard.begin(isolation: .readCommitted)
        await #expect(throws: Never.self) { try await waiter.awaitUsers(of: [Self.table]) }
        isDone = true
        waiter.finishReading()
      }
      let late = shard.begin(isolation: .readCommitted)
      await #expect(throws: Never.self) {
        try await late.sleep(nanoseconds: 30_000_000)
        #expect(!isDone)
        let hasWaited = try await late.use([Self.table])
        #expect(!hasWaited)
      }
      await user.rollback()
      await #expect(throws: Never.self) { try await late.sleep(nanoseconds: 30_000_000) }
      #expect(isDone)
      await late.rollback()
      await stranger.rollback()
    }
  }

  @Test func `waiting for users ends at its time limit, and when it is cancelled`() async {
    await NodeHarness().start().session(on: 0) { shard in
      let user = shard.begin(isolation: .readCommitted)
      await #expect(throws: Never.self) { _ = try await user.use([Self.table]) }
      let waiter = shard.begin(isolation: .readCommitted)
      waiter.lockTimeoutMilliseconds = 20
      do throws(KernelError) {
        try await waiter.awaitUsers(of: [Self.table])
        Issue.record("nobody was waited for")
      } catch {
        #expect(Ending(error) == .lockTimeout)
      }
      waiter.lockTimeoutMilliseconds = 0
      shard.reactor.after(milliseconds: 20) { waiter.cancel("enough") }
      do throws(KernelError) {
        try await waiter.awaitUsers(of: [Self.table])
        Issue.record("nobody was waited for")
      } catch {
        #expect(Ending(error) == .cancelled)
      }
      waiter.finishReading()
      await user.rollback()
    }
  }
}
