import Testing

@testable import KafkaRead

/// Members of one group, by their requests.
private struct Play {
  var group = ClassicGroup(generation: 4, firstJoinMilliseconds: 300)
  var now: Int64 = 0
  private var lastTicket = 0
  static let client = GroupClient(id: "c", host: "h")

  mutating func join(
    _ member: String, instance: String? = nil, version: Int16 = 5, strategies: [String] = ["range"],
    fresh: String = "fresh"
  ) throws -> Int {
    lastTicket += 1
    let ticket = lastTicket
    let request = try ClientRequest.request(.joinGroup, 5) { out in
      out.string("g")
      out.int32(10_000)
      out.int32(60_000)
      out.string(member)
      out.nullableString(instance)
      out.string("consumer")
      out.array(strategies) { name, out in
        out.string(name)
        out.data(Array(member.utf8))
      }
    }
    group.join(
      try JoinGroupRequest(request), version: version, client: Self.client, ticket: ticket,
      freshID: fresh, now: now)
    return ticket
  }

  mutating func sync(
    _ member: String, _ generation: Int32, shares: [String: String] = [:]
  ) throws -> Int {
    lastTicket += 1
    let ticket = lastTicket
    let request = try ClientRequest.request(.syncGroup, 3) { out in
      out.string("g")
      out.int32(generation)
      out.string(member)
      out.nullableString(nil)
      out.array(shares.sorted { $0.key < $1.key }) { share, out in
        out.string(share.key)
        out.data(Array(share.value.utf8))
      }
    }
    group.sync(try SyncGroupRequest(request), ticket: ticket, now: now)
    return ticket
  }

  mutating func heartbeat(_ member: String, _ generation: Int32) throws -> KafkaError {
    let request = try ClientRequest.request(.heartbeat, 1) { out in
      out.string("g")
      out.int32(generation)
      out.string(member)
    }
    return group.heartbeat(try HeartbeatRequest(request), now: now)
  }

  /// What has been answered since.
  mutating func answers() -> [GroupAction] {
    defer { group.actions = [] }
    return group.actions
  }

  mutating func joined(_ ticket: Int) -> JoinGroupResponse? {
    for case .joined(ticket, let response) in group.actions { return response }
    return nil
  }

  mutating func synced(_ ticket: Int) -> SyncGroupResponse? {
    for case .synced(ticket, let response) in group.actions { return response }
    return nil
  }

  mutating func pass(_ milliseconds: Int64) {
    now += milliseconds
    group.tick(now: now)
  }

  /// Two members of generation 5: a leads.
  static func ofTwo() throws -> Play {
    var play = Play()
    _ = try play.join("", version: 3, fresh: "a")
    _ = try play.join("", version: 3, fresh: "b")
    play.pass(300)
    _ = try play.sync("b", 5)
    _ = try play.sync("a", 5, shares: ["a": "x", "b": "y"])
    _ = play.answers()
    return play
  }
}

struct ClassicGroupTests {
  @Test func firstMembersWaitForOthers() throws {
    var play = Play()
    let a = try play.join("", version: 3, fresh: "a")
    play.pass(200)
    let b = try play.join("", version: 3, fresh: "b")
    #expect(play.answers().isEmpty)
    play.pass(100)
    #expect(play.group.generation == 5 && play.group.state == .completing)
    #expect(play.joined(a)?.members.map(\.id) == ["a", "b"])
    #expect(play.joined(b)?.leader == "a" && play.joined(b)?.members == [])
    let shareOfB = try play.sync("b", 5)
    #expect(play.synced(shareOfB) == nil)
    let shareOfA = try play.sync("a", 5, shares: ["a": "x", "b": "y"])
    #expect(play.synced(shareOfA)?.assignment == Array("x".utf8))
    #expect(play.synced(shareOfB)?.assignment == Array("y".utf8))
    #expect(play.group.state == .stable)
  }

  @Test func membersAreNamedFirst() throws {
    var play = Play()
    let first = try play.join("", fresh: "a")
    #expect(play.joined(first)?.error == .memberIDRequired)
    #expect(play.joined(first)?.member == "a")
    let second = try play.join("a")
    play.pass(300)
    #expect(play.joined(second)?.generation == 5)
    let stranger = try play.join("nobody")
    #expect(play.joined(stranger)?.error == .unknownMemberID)
  }

  @Test func whoComesMakesAllJoinAnew() throws {
    var play = try Play.ofTwo()
    let c = try play.join("", version: 3, fresh: "c")
    #expect(try play.heartbeat("a", 5) == .rebalanceInProgress)
    let a = try play.join("a")
    #expect(play.joined(a) == nil)
    let b = try play.join("b")
    for ticket in [a, b, c] { #expect(play.joined(ticket)?.generation == 6) }
    #expect(try play.heartbeat("a", 5) == .illegalGeneration)
    #expect(try play.heartbeat("a", 6) == .none)
  }

  @Test func whoDoesNotJoinAnewIsLeftOut() throws {
    var play = try Play.ofTwo()
    _ = try play.join("", version: 3, fresh: "c")
    _ = try play.join("a")
    for _ in 0..<7 {
      play.pass(9_000)
      // It says that it lives, and does not come.
      if play.now < 60_000 { _ = try play.heartbeat("b", 5) }
    }
    #expect(play.group.generation == 6)
    #expect(play.group.members.keys.sorted() == ["a", "c"])
  }

  @Test func silenceEndsAMember() throws {
    var play = try Play.ofTwo()
    play.pass(9_000)
    _ = try play.heartbeat("a", 5)
    play.pass(1_500)
    #expect(play.group.members.keys.sorted() == ["a"])
    #expect(try play.heartbeat("b", 5) == .unknownMemberID)
    #expect(try play.heartbeat("a", 5) == .rebalanceInProgress)
  }

  @Test func aStaticMemberGoesOn() throws {
    var play = Play()
    _ = try play.join("", instance: "i", fresh: "a")
    _ = try play.join("", instance: "j", fresh: "b")
    play.pass(300)
    _ = try play.sync("b", 5)
    _ = try play.sync("a", 5, shares: ["a": "x", "b": "y"])
    _ = play.answers()
    let again = try play.join("", instance: "j", fresh: "b2")
    #expect(play.joined(again)?.generation == 5 && play.group.state == .stable)
    let share = try play.sync("b2", 5)
    #expect(play.synced(share)?.assignment == Array("y".utf8))
    let old = try play.join("b", instance: "j")
    #expect(play.joined(old)?.error == .fencedInstanceID)
  }

  @Test func strategiesMustMeet() throws {
    var play = try Play.ofTwo()
    let odd = try play.join("", version: 3, strategies: ["other"], fresh: "c")
    #expect(play.joined(odd)?.error == .inconsistentGroupProtocol)
  }

  @Test func aLeaderThatSaysNothingHoldsNobodyForEver() throws {
    var play = Play()
    _ = try play.join("", version: 3, fresh: "a")
    _ = try play.join("", version: 3, fresh: "b")
    play.pass(300)
    let waiting = try play.sync("b", 5)
    play.pass(10_001)
    #expect(play.synced(waiting)?.error == .rebalanceInProgress)
    #expect(play.group.members.keys.sorted() == ["b"])
  }

  @Test func commits() throws {
    var play = Play()
    #expect(play.group.mayCommit(member: "", instance: nil, generation: -1, now: 0) == .none)
    play = try Play.ofTwo()
    func may(_ member: String, _ generation: Int32) -> KafkaError {
      var copy = play.group
      return copy.mayCommit(member: member, instance: nil, generation: generation, now: play.now)
    }
    #expect(may("a", 5) == .none)
    #expect(may("a", 4) == .illegalGeneration)
    #expect(may("z", 5) == .unknownMemberID)
    #expect(may("", -1) == .unknownMemberID)
  }

  @Test func abandonedOnesAreTold() throws {
    var play = try Play.ofTwo()
    let waiting = try play.join("", version: 3, fresh: "c")
    play.group.abandon()
    #expect(play.joined(waiting)?.error == .notCoordinator)
    #expect(play.group.isEmpty)
  }
}
