import Base
import Catalog
import Reactor
import Testing
import Types

@testable import Node

/// Calls that were made with a catalog that this shard has not heard of.
@Suite struct CatalogWaitTests {
  @Test func `those whose version comes go on in order, the others can be taken back`() {
    var waiters = CatalogWaiters()
    var heard: [String] = []
    waiters.add(3) { heard.append("a \($0)") }
    let second = waiters.add(5) { heard.append("b \($0)") }
    waiters.add(2) { heard.append("c \($0)") }
    for body in waiters.take(upTo: 3) { body(true) }
    #expect(heard == ["a true", "c true"])
    waiters.take(second)?(false)
    #expect(heard == ["a true", "c true", "b false"])
    #expect(waiters.take(second) == nil)
    #expect(waiters.count == 0)
  }

  @Test func `a call of another node waits for its catalog, but not without end`() async {
    await NodeHarness(tablets: 1).start().session(on: 0) { shard in
      var out = ByteWriter()
      let name = shard.commands.tabletCommands.keys.sorted()[0]
      CommandHead.encode(name, shard.catalogVersion + 1, nil, into: &out)
      var answers: [String] = []
      shard.execute(out.bytes, on: TabletID(rawValue: 1)) {
        if case .refused(let reason) = $0 { answers.append(reason) }
      }
      await shard.reactor.sleep(milliseconds: 50)
      #expect(answers == [])
      await shard.reactor.sleep(milliseconds: NodeShard.catalogWaitMilliseconds + 200)
      #expect(answers == [CommandTable.notHere])
    }
  }

  @Test func `a call that names a version that never comes ends, and the next is served`() async {
    await NodeHarness(tablets: 1).start().session(on: 0) { shard in
      let transaction = shard.begin(isolation: .readCommitted)
      transaction.usedTables = [
        TableUse(table: ObjectID(rawValue: 700), version: shard.catalogVersion + 9)
      ]
      await #expect(throws: KernelError.self) {
        _ = try await transaction.callAndCommit(Add(key: 1, amount: 1), bucket: bucket(1))
      }
      let next = shard.begin(isolation: .readCommitted)
      await #expect(throws: Never.self) {
        let value = try await next.callAndCommit(Add(key: 1, amount: 1), bucket: bucket(1))
        #expect(value == 1)
      }
    }
  }
}
