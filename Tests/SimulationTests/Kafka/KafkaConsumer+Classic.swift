import Base
import Reactor

@testable import KafkaRead

/// The classic protocol: JoinGroup, SyncGroup, Heartbeat, LeaveGroup. The leader shares the partitions out.
extension KafkaConsumer {
  private static let sessionMilliseconds: Int32 = 3_000
  private static let rebalanceMilliseconds: Int32 = 2_000
  /// Longer than a rebalance takes.
  private static let joinMilliseconds = 5_000
  private static let strategies = ["range", "roundrobin"]

  private struct Joined {
    var error: KafkaError
    var generation: Int32
    var strategy: String
    var leader: String
    var skipsAssignment: Bool
    var member: String
    var members: [String]
  }

  /// One try.
  func joinClassic() async {
    guard let coordinator = await client.coordinator(of: group) else { return }
    guard let joined = await askToJoin(coordinator) else { return client.forgetCoordinator() }
    switch joined.error {
    case .none: break
    case .memberIDRequired:
      member = joined.member
      return
    case .unknownMemberID:
      member = ""
      return
    case .rebalanceInProgress: return
    case .fencedInstanceID:
      member = ""
      return lose(joined.error)
    default:
      if !isAway(joined.error) { fault("JoinGroup: \(joined.error)") }
      return
    }
    member = joined.member
    generation = joined.generation
    var shares: [String: [Int32]] = [:]
    if joined.leader == member, !joined.skipsAssignment {
      shares = Self.shareOut(joined.members.sorted(), joined.strategy)
    }
    await sync(coordinator, joined.strategy, shares)
  }

  private func askToJoin(_ coordinator: KafkaConnection) async -> Joined? {
    let strategies = number % 2 == 0 ? Self.strategies : Self.strategies.reversed()
    var subscription = MessageWriter(isFlexible: false)
    subscription.int16(0)
    subscription.strings([KafkaWork.topic])
    subscription.nullableData(nil)
    return await coordinator.ask(.joinGroup, 9, within: Self.joinMilliseconds) { out in
      out.string(group)
      out.int32(Self.sessionMilliseconds)
      out.int32(Self.rebalanceMilliseconds)
      out.string(member)
      out.nullableString(instance)
      out.string("consumer")
      out.array(Array(strategies)) { name, out in
        out.string(name)
        out.data(subscription.bytes)
        out.tags()
      }
      out.nullableString(nil)
    } _: { (reader) throws(MessageFault) in
      _ = try reader.int32()
      let error = try reader.error()
      let generation = try reader.int32()
      _ = try reader.nullableString()
      return Joined(
        error: error, generation: generation, strategy: try reader.nullableString() ?? "",
        leader: try reader.string(), skipsAssignment: try reader.bool(),
        member: try reader.string(),
        members: try reader.array { (reader) throws(MessageFault) in
          let id = try reader.string()
          _ = (try reader.nullableString(), try reader.data())
          try reader.tags()
          return id
        })
    }
  }

  private static func shareOut(_ members: [String], _ strategy: String) -> [String: [Int32]] {
    var shares: [String: [Int32]] = [:]
    for partition in 0..<KafkaWork.partitions {
      let place =
        strategy == "range"
        ? partition * members.count / KafkaWork.partitions : partition % members.count
      shares[members[place], default: []].append(Int32(partition))
    }
    return shares
  }

  private func sync(
    _ coordinator: KafkaConnection, _ strategy: String, _ shares: [String: [Int32]]
  ) async {
    let answer: (error: KafkaError, share: [UInt8])? = await coordinator.ask(
      .syncGroup, 5, within: Self.joinMilliseconds
    ) { out in
      out.string(group)
      out.int32(generation)
      out.string(member)
      out.nullableString(instance)
      out.nullableString("consumer")
      out.nullableString(strategy)
      out.array(shares.sorted { $0.key < $1.key }) { share, out in
        out.string(share.key)
        out.data(Self.encoded(share.value))
        out.tags()
      }
    } _: { (reader) throws(MessageFault) in
      _ = try reader.int32()
      let error = try reader.error()
      _ = (try reader.nullableString(), try reader.nullableString())
      return (error, try reader.data())
    }
    guard let answer else { return client.forgetCoordinator() }
    switch answer.error {
    case .none: take(answer.share)
    case .rebalanceInProgress, .illegalGeneration: break
    case .unknownMemberID: member = ""
    case .fencedInstanceID: lose(answer.error)
    default: if !isAway(answer.error) { fault("SyncGroup: \(answer.error)") }
    }
  }

  private static func encoded(_ partitions: [Int32]) -> [UInt8] {
    var out = MessageWriter(isFlexible: false)
    out.int16(0)
    out.array([partitions]) { partitions, out in
      out.string(KafkaWork.topic)
      out.int32s(partitions)
    }
    out.nullableData(nil)
    return out.bytes
  }

  private func take(_ share: [UInt8]) {
    var partitions: Set<Int32> = []
    if !share.isEmpty {
      do throws(MessageFault) {
        var reader = MessageReader(share, isFlexible: false)
        _ = try reader.int16()
        let topics = try reader.array { (reader) throws(MessageFault) in
          (try reader.string(), try reader.int32s())
        }
        partitions = Set(topics.flatMap(\.1))
      } catch {
        return fault("a share that cannot be read: \(error)")
      }
    }
    work.commits.shared(group, generation, partitions, instance ?? "\(number)")
    isMember = true
    nextBeat = reactor.monotonicNanoseconds() + Self.beatNanoseconds
    assign(partitions)
  }

  // MARK: Staying and leaving

  func beatClassic() async {
    guard reactor.monotonicNanoseconds() >= nextBeat else { return }
    nextBeat = reactor.monotonicNanoseconds() + Self.beatNanoseconds
    guard let coordinator = await client.coordinator(of: group) else { return }
    let error = await coordinator.ask(.heartbeat, 4) { out in
      out.string(group)
      out.int32(generation)
      out.string(member)
      out.nullableString(instance)
    } _: { (reader) throws(MessageFault) in
      _ = try reader.int32()
      return try reader.error()
    }
    guard let error else { return client.forgetCoordinator() }
    switch error {
    case .none: break
    case .rebalanceInProgress:
      // What it has it gives back, with or without a commit, and joins again under its name.
      if draw(0...1) == 0 { await commit() }
      lose(error)
    case .illegalGeneration, .fencedInstanceID: lose(error)
    case .unknownMemberID:
      member = ""
      lose(error)
    default: if !isAway(error) { fault("Heartbeat: \(error)") }
    }
  }

  /// A static member leaves nothing but its connection.
  func leaveClassic() async {
    guard instance == nil, let coordinator = await client.coordinator(of: group) else { return }
    let error = await coordinator.ask(.leaveGroup, 5) { out in
      out.string(group)
      out.array([member]) { member, out in
        out.string(member)
        out.nullableString(nil)
        out.nullableString(nil)
        out.tags()
      }
    } _: { (reader) throws(MessageFault) in
      _ = try reader.int32()
      let error = try reader.error()
      _ = try reader.array { (reader) throws(MessageFault) in
        _ = (try reader.string(), try reader.nullableString(), try reader.error())
        try reader.tags()
      }
      return error
    }
    note("leaves: \(error.map { "\($0)" } ?? "unheard")")
  }
}
