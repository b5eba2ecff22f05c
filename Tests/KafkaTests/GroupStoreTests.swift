import Base
import Catalog
import Fuzzing
import Node
import SQL
import SimulatedServer
import Testing

@testable import KafkaRead

struct GroupStoreTests {
  private static func group(_ kind: String, _ generation: Int32) -> StoredGroup {
    StoredGroup(kind: kind, protocolType: "consumer", generation: generation, owner: "quatrain")
  }

  /// Runs `body` with the groups' tables on a node.
  private static func run(_ body: @escaping @Sendable (GroupStore) async throws -> Void) {
    let server = SimulatedServer(seed: 1, tabletCount: 4)
    defer { server.end() }
    let isDone = server.serve([ScriptedStream(pieces: [])]) { _, shard in
      {
        do {
          try await KafkaFrontEnd.ensureSchema(on: shard)
          try await body(GroupStore(shard, SessionEnvironment()))
        } catch {
          Issue.record("\(error)")
        }
      }
    }
    #expect(isDone)
  }

  @Test("a group's row is stored over the one that is known, and over no other")
  func savesOverKnownRow() {
    Self.run { (store) async throws in
      let (first, second) = (Self.group("classic", 1), Self.group("classic", 2))
      #expect(try await store.save("g", first, insteadOf: nil))
      // Another coordinator that knows of none.
      #expect(try await !store.save("g", Self.group("classic", 9), insteadOf: nil))
      #expect(try await store.load("g") == first)
      #expect(try await store.save("g", second, insteadOf: first))
      // One that has not heard of the second.
      #expect(try await !store.save("g", Self.group("classic", 7), insteadOf: first))
      #expect(
        try await !store.save("g", Self.group("consumer", 3), insteadOf: Self.group("consumer", 2)))
      #expect(try await store.load("g") == second)
      #expect(try await !store.save("other", second, insteadOf: first))
      #expect(try await store.load("other") == nil)
    }
  }

  @Test("offsets are stored for the row's generation alone")
  func commitsForGeneration() {
    Self.run { (store) async throws in
      let group = Self.group("classic", 4)
      let offset = StoredOffset(topic: "t", partition: 0, offset: 17, epoch: nil, metadata: nil)
      #expect(try await !store.commit("g", generation: 4, [offset]))
      #expect(try await store.save("g", group, insteadOf: nil))
      #expect(try await !store.commit("g", generation: 3, [offset]))
      #expect(try await store.offsets("g") == [])
      #expect(try await store.commit("g", generation: 4, [offset]))
      #expect(try await store.offsets("g") == [offset])
    }
  }
}
