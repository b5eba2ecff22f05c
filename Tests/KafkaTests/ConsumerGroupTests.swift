import Base
import Fuzzing
import Testing
import Types

@testable import KafkaRead

private let shapes = ["t", "u", "v"].enumerated().map { place, name in
  GroupTopic(name: name, id: UUIDValue(high: 1, low: UInt64(place) + 1), partitions: 4)
}

/// A client of KIP-848's protocol: it has what it was told, and says so.
private struct Client {
  var id: String
  var epoch: Int32 = 0
  var topics: [String]
  var owned: Set<TopicPartition> = []
  var isChanged = true

  mutating func beat(_ group: inout ConsumerGroup, now: Int64, leaves: Bool = false) throws
    -> ConsumerGroupHeartbeatResponse
  {
    let names = epoch == 0 || isChanged ? topics : nil
    let claimed = leaves ? -1 : epoch
    let listed = owned.sorted()
    let request = try ClientRequest.request(.consumerGroupHeartbeat, 1) { out in
      out.string("g")
      out.string(id)
      out.int32(claimed)
      out.nullableString(nil)
      out.nullableString(nil)
      out.int32(5_000)
      out.array(names) { $1.string($0) }
      out.nullableString(nil)
      out.nullableString(nil)
      out.array(claimed == 0 ? [] : listed) { item, out in
        out.uuid(item.topic)
        out.int32s([item.partition])
        out.tags()
      }
    }
    let response = group.heartbeat(
      try ConsumerGroupHeartbeatRequest(request), client: GroupClient(id: "c", host: "h"),
      freshID: "fresh", now: now
    ) { names, _ in shapes.filter { names.contains($0.name) } }
    if response.error == .none, !leaves {
      isChanged = false
      epoch = response.epoch
      if let told = response.assignment {
        owned = Set(
          told.flatMap { item in
            item.partitions.map { TopicPartition(topic: item.topic, partition: $0) }
          })
      }
    }
    return response
  }
}

struct ConsumerGroupTests {
  @Test func twoMembersShare() throws {
    var group = ConsumerGroup(epoch: 7, membersMax: 10)
    var a = Client(id: "a", topics: ["t"])
    var b = Client(id: "b", topics: ["t"])
    #expect(try a.beat(&group, now: 0).epoch == 8)
    #expect(a.owned.count == 4)
    #expect(try b.beat(&group, now: 0).epoch == 9)
    // Nothing before the other has given back.
    #expect(b.owned.isEmpty)
    #expect(try a.beat(&group, now: 1).epoch == 8)
    #expect(a.owned.count == 2)
    #expect(try a.beat(&group, now: 2).epoch == 9)
    _ = try b.beat(&group, now: 3)
    #expect(b.owned.count == 2 && b.owned.isDisjoint(with: a.owned))
    #expect(group.state == "Stable")
    _ = try b.beat(&group, now: 4, leaves: true)
    _ = try a.beat(&group, now: 5)
    #expect(a.owned.count == 4 && a.epoch == 10)
  }

  @Test func oldEpochsAreFenced() throws {
    var group = ConsumerGroup(epoch: 0, membersMax: 10)
    var a = Client(id: "a", topics: ["t"])
    _ = try a.beat(&group, now: 0)
    var ahead = a
    ahead.epoch += 1
    #expect(try ahead.beat(&group, now: 0).error == .fencedMemberEpoch)
    var stranger = Client(id: "x", epoch: 3, topics: ["t"])
    #expect(try stranger.beat(&group, now: 0).error == .unknownMemberID)
    #expect(group.mayCommit(member: "a", epoch: a.epoch) == .none)
    #expect(group.mayCommit(member: "a", epoch: a.epoch - 1) == .staleMemberEpoch)
  }

  @Test func silenceEndsAMember() throws {
    var group = ConsumerGroup(epoch: 0, membersMax: 10)
    var a = Client(id: "a", topics: ["t"])
    _ = try a.beat(&group, now: 0)
    group.tick(now: ConsumerGroup.sessionMillisecondsUsual)
    #expect(group.isEmpty)
    // It comes back as the one it was.
    #expect(try a.beat(&group, now: 50_000).error == .unknownMemberID)
  }

  @Test func whoGivesNothingBackIsLeftOut() throws {
    var group = ConsumerGroup(epoch: 0, membersMax: 10)
    var a = Client(id: "a", topics: ["t"])
    var b = Client(id: "b", topics: ["t"])
    _ = try a.beat(&group, now: 0)
    _ = try b.beat(&group, now: 0)
    let before = a.owned
    _ = try a.beat(&group, now: 1)
    a.owned = before
    _ = try a.beat(&group, now: 2)
    #expect(group.members["a"] != nil)
    group.tick(now: 5_001)
    #expect(group.members["a"] == nil)
  }

  /// Members come, go, fall silent and change their minds, and beats are lost: no partition ever has two
  /// members by what the group has told, and in the end all is shared out evenly.
  @Test func noPartitionHasTwoMembers() {
    let failures = fuzz("KafkaTests.ConsumerGroupTests", iterations: 60) { mutator in
      var group = ConsumerGroup(epoch: 0, membersMax: 10)
      var clients: [Client] = []
      var now: Int64 = 0
      var made = 0
      for _ in 0..<60 {
        now += Int64(mutator.below(300))
        group.tick(now: now)
        switch mutator.below(8) {
        case 0 where clients.count < 6:
          made += 1
          clients.append(
            Client(id: "m\(made)", topics: Self.topics(&mutator)))
        case 1 where !clients.isEmpty:
          var gone = clients.remove(at: mutator.below(clients.count))
          if mutator.oneIn(2) { _ = try gone.beat(&group, now: now, leaves: true) }
        case 2 where !clients.isEmpty:
          let place = mutator.below(clients.count)
          clients[place].topics = Self.topics(&mutator)
          clients[place].isChanged = true
        case _ where !clients.isEmpty:
          let place = mutator.below(clients.count)
          // Some answers never arrive: the client then tells all again.
          var client = clients[place]
          let response = try client.beat(&group, now: now)
          clients[place].isChanged = true
          if mutator.below(10) > 0 { clients[place] = client }
          if response.error != .none {
            clients[place].epoch = 0
            clients[place].owned = []
          }
        default: break
        }
        if let fault = Self.overlap(group) { return fault }
      }
      for round in 0..<40 {
        now += 1_000
        group.tick(now: now)
        for place in clients.indices {
          let response = try clients[place].beat(&group, now: now)
          if response.error != .none {
            clients[place].epoch = 0
            clients[place].owned = []
          }
        }
        if let fault = Self.overlap(group) { return fault }
        // Those that went without a word stay until their session ends.
        if round == 20 { now += ConsumerGroup.sessionMillisecondsUsual - 1_000 }
      }
      return Self.unshared(clients)
    }
    #expect(failures == [])
  }

  private static func topics(_ mutator: inout Mutator) -> [String] {
    shapes.map(\.name).filter { _ in mutator.oneIn(2) }
  }

  private static func overlap(_ group: ConsumerGroup) -> String? {
    var seen: Set<TopicPartition> = []
    for member in group.sortedMembers {
      for partition in member.assigned.union(member.revoking)
      where !seen.insert(partition).inserted {
        return "\(partition) has two members"
      }
    }
    return nil
  }

  private static func unshared(_ clients: [Client]) -> String? {
    for shape in shapes {
      let wanting = clients.filter { $0.topics.contains(shape.name) }
      for partition in shape.all where !wanting.isEmpty {
        let count = wanting.count { $0.owned.contains(partition) }
        if count != 1 { return "\(partition) is with \(count) members" }
      }
    }
    return nil
  }
}

struct AssignorTests {
  private func inputs(_ count: Int, _ current: [String: Set<TopicPartition>] = [:])
    -> [Assignor.Input]
  {
    (0..<count).map { number in
      let id = "m\(number)"
      return Assignor.Input(id: id, topics: shapes, current: current[id] ?? [])
    }
  }

  @Test(arguments: Assignor.allCases) func allAreGivenOnce(assignor: Assignor) {
    for count in 1...13 {
      let given = assignor.assign(inputs(count))
      let all = given.values.flatMap { $0 }
      #expect(all.count == 12 && Set(all).count == 12)
      if assignor == .uniform {
        let sizes = (0..<count).map { given["m\($0)"]?.count ?? 0 }
        #expect((sizes.max() ?? 0) - (sizes.min() ?? 0) <= 1)
      }
    }
  }

  @Test func fewMove() {
    let before = Assignor.uniform.assign(inputs(3))
    let after = Assignor.uniform.assign(inputs(4, before))
    let moved = before.reduce(0) { $0 + $1.value.subtracting(after[$1.key] ?? []).count }
    #expect(moved == 3)
  }

  @Test func rangesAreContiguous() {
    let given = Assignor.range.assign(inputs(2))
    #expect(given["m0"]?.filter { $0.topic == shapes[0].id }.map(\.partition).sorted() == [0, 1])
  }
}
