import Types

/// A group of KIP-848's protocol: the server shares the partitions out, and leads each member step by step
/// from what it has to what it shall have. Nothing but state: times come in as milliseconds.
///
/// Each change makes a new epoch of the group with a new target. A member first gives back what is not its
/// any more; when it has said that it has, it is of the new epoch and gets what others have given back. So
/// no partition ever has two members.
struct ConsumerGroup {
  struct Member {
    let id: String
    var instance: String?
    var client: GroupClient
    /// Of the group, as far as the member has come; `leavesForNow`: a static one is away.
    var epoch: Int32 = 0
    var previousEpoch: Int32 = 0
    var rebalanceTimeout: Int64
    var names: [String] = []
    var pattern: String?
    var assignor: String?
    /// What the names and the pattern mean now.
    var topics: [GroupTopic] = []
    var target: Set<TopicPartition> = []
    var assigned: Set<TopicPartition> = []
    /// Taken away and not yet given back.
    var revoking: Set<TopicPartition> = []
    var revokeDeadline: Int64 = 0
    /// What it was told last; nil: nothing yet.
    var told: Set<TopicPartition>?
    var deadline: Int64
    var order: Int

    var isAway: Bool { epoch == ConsumerGroupHeartbeatRequest.leavesForNow }
  }

  /// Rises with each change; never falls, whichever node keeps the group.
  private(set) var epoch: Int32
  private(set) var members: [String: Member] = [:]
  private(set) var instances: [String: String] = [:]
  /// Who has each partition, or has still to give it back.
  private var holders: [TopicPartition: String] = [:]
  private var lastOrder = 0
  private let membersMax: Int
  /// Who says nothing for so long is a member no more.
  private let sessionMilliseconds: Int64

  static let sessionMillisecondsUsual: Int64 = 45_000
  private static let calmIntervalMilliseconds: Int32 = 3_000
  private static let busyIntervalMilliseconds: Int32 = 500
  private static let rebalanceMillisecondsUsual: Int64 = 300_000

  init(
    epoch: Int32, membersMax: Int, sessionMilliseconds: Int64 = Self.sessionMillisecondsUsual
  ) {
    self.epoch = epoch
    self.membersMax = membersMax
    self.sessionMilliseconds = sessionMilliseconds
  }

  var isEmpty: Bool { members.isEmpty }
  var sortedMembers: [Member] { members.values.sorted { $0.order < $1.order } }

  /// All have what they shall have.
  var isStable: Bool {
    members.values.allSatisfy { $0.epoch == epoch && $0.assigned == $0.target || $0.isAway }
  }
  var state: String { members.isEmpty ? "Empty" : isStable ? "Stable" : "Reconciling" }

  // MARK: Heartbeats

  /// `resolve`: the topics that names and a pattern mean, for the member's role.
  mutating func heartbeat(
    _ request: ConsumerGroupHeartbeatRequest, client: GroupClient, freshID: String, now: Int64,
    resolve: (_ names: [String], _ pattern: String?) -> [GroupTopic]
  ) -> ConsumerGroupHeartbeatResponse {
    switch request.epoch {
    case ConsumerGroupHeartbeatRequest.leaves, ConsumerGroupHeartbeatRequest.leavesForNow:
      return leave(request, now)
    case 0: return join(request, client, freshID, now, resolve)
    default: return stay(request, client, now, resolve)
    }
  }

  private static func refusal(_ error: KafkaError, _ message: String)
    -> ConsumerGroupHeartbeatResponse
  {
    ConsumerGroupHeartbeatResponse(error: error, message: message)
  }

  private mutating func join(
    _ request: ConsumerGroupHeartbeatRequest, _ client: GroupClient, _ freshID: String,
    _ now: Int64, _ resolve: ([String], String?) -> [GroupTopic]
  ) -> ConsumerGroupHeartbeatResponse {
    guard request.topics != nil || request.pattern != nil else {
      return Self.refusal(.invalidRequest, "a member that joins tells its topics")
    }
    let id = request.member.isEmpty ? freshID : request.member
    if let instance = request.instance, let known = instances[instance], known != id {
      guard members[known]?.isAway ?? true else {
        return Self.refusal(.unreleasedInstanceID, "the instance is still a member of the group")
      }
      takeOver(known, by: id, request, client, now)
    }
    if members[id] == nil {
      guard members.count < membersMax else {
        return Self.refusal(.groupMaxSizeReached, "the group has \(membersMax) members")
      }
      lastOrder += 1
      members[id] = Member(
        id: id, instance: request.instance, client: client,
        rebalanceTimeout: Self.rebalanceMillisecondsUsual, deadline: 0, order: lastOrder)
      if let instance = request.instance { instances[instance] = id }
      change(id, request, client, resolve)
      newEpoch()
    } else {
      // It knows nothing of what it had.
      release(id)
      if change(id, request, client, resolve) { newEpoch() }
    }
    members[id]?.told = nil
    return settle(id, owned: nil, isFull: true, now)
  }

  /// A static member is back under another name: what it had is its again.
  private mutating func takeOver(
    _ old: String, by new: String, _ request: ConsumerGroupHeartbeatRequest,
    _ client: GroupClient, _ now: Int64
  ) {
    release(old)
    guard let gone = members.removeValue(forKey: old) else { return }
    var member = Member(
      id: new, instance: gone.instance, client: client, rebalanceTimeout: gone.rebalanceTimeout,
      deadline: now, order: gone.order)
    member.names = gone.names
    member.pattern = gone.pattern
    member.assignor = gone.assignor
    member.topics = gone.topics
    member.target = gone.target
    members[new] = member
    if let instance = gone.instance { instances[instance] = new }
  }

  private mutating func stay(
    _ request: ConsumerGroupHeartbeatRequest, _ client: GroupClient, _ now: Int64,
    _ resolve: ([String], String?) -> [GroupTopic]
  ) -> ConsumerGroupHeartbeatResponse {
    if let instance = request.instance, let known = instances[instance], known != request.member {
      return Self.refusal(.fencedInstanceID, "another member has taken the instance over")
    }
    guard let member = members[request.member] else {
      return Self.refusal(.unknownMemberID, "there is no such member")
    }
    let owned = request.owned.map(Self.set)
    if request.epoch != member.epoch {
      // The answer that told of the newer epoch may have been lost.
      guard request.epoch == member.previousEpoch, request.epoch < member.epoch,
        owned?.isSubset(of: member.assigned.union(member.revoking)) ?? false
      else {
        return Self.refusal(
          .fencedMemberEpoch, "the member is of epoch \(member.epoch), not \(request.epoch)")
      }
    }
    if change(request.member, request, client, resolve) { newEpoch() }
    return settle(
      request.member, owned: owned,
      isFull: request.topics != nil || request.epoch != member.epoch, now)
  }

  private mutating func leave(_ request: ConsumerGroupHeartbeatRequest, _ now: Int64)
    -> ConsumerGroupHeartbeatResponse
  {
    if let instance = request.instance, let known = instances[instance], known != request.member {
      return Self.refusal(.fencedInstanceID, "another member has taken the instance over")
    }
    guard members[request.member] != nil else {
      return Self.refusal(.unknownMemberID, "there is no such member")
    }
    if request.epoch == ConsumerGroupHeartbeatRequest.leavesForNow {
      members[request.member]?.epoch = request.epoch
      members[request.member]?.deadline = now + sessionMilliseconds
    } else {
      remove(request.member)
    }
    return ConsumerGroupHeartbeatResponse(member: request.member, epoch: request.epoch)
  }

  /// True when the partitions must be shared out anew.
  @discardableResult
  private mutating func change(
    _ id: String, _ request: ConsumerGroupHeartbeatRequest, _ client: GroupClient,
    _ resolve: ([String], String?) -> [GroupTopic]
  ) -> Bool {
    guard var member = members[id] else { return false }
    let assignor = member.assignor
    member.client = client
    if let names = request.topics { member.names = names.sorted() }
    if let pattern = request.pattern { member.pattern = pattern.isEmpty ? nil : pattern }
    if let wanted = request.assignor { member.assignor = wanted }
    if request.rebalanceTimeoutMilliseconds > 0 {
      member.rebalanceTimeout = Int64(request.rebalanceTimeoutMilliseconds)
    }
    let topics = resolve(member.names, member.pattern)
    let isNew = topics != member.topics || member.assignor != assignor
    member.topics = topics
    members[id] = member
    return isNew
  }

  // MARK: Sharing out

  private mutating func newEpoch() {
    epoch += 1
    let assignor = chosenAssignor
    let inputs = sortedMembers.map { member in
      Assignor.Input(id: member.id, topics: member.topics, current: member.target)
    }
    for (id, target) in assignor.assign(inputs) { members[id]?.target = target }
    for id in members.keys where !inputs.contains(where: { $0.id == id }) {
      members[id]?.target = []
    }
  }

  /// What most members want.
  var chosenAssignor: Assignor {
    let votes = members.values.compactMap { $0.assignor.flatMap { Assignor(rawValue: $0) } }
    return votes.filter { $0 == .range }.count * 2 > votes.count ? .range : .uniform
  }

  /// One step of the member towards its target, and what it is told.
  private mutating func settle(
    _ id: String, owned: Set<TopicPartition>?, isFull: Bool, _ now: Int64
  ) -> ConsumerGroupHeartbeatResponse {
    step(id, owned, now)
    guard var member = members[id] else {
      return Self.refusal(.unknownMemberID, "there is no such member")
    }
    member.deadline = now + sessionMilliseconds
    let isTold = !isFull && member.told == member.assigned
    member.told = member.assigned
    members[id] = member
    return ConsumerGroupHeartbeatResponse(
      member: id, epoch: member.epoch,
      intervalMilliseconds: isStable
        ? Self.calmIntervalMilliseconds : Self.busyIntervalMilliseconds,
      assignment: isTold ? nil : Self.listed(member.assigned))
  }

  private mutating func step(_ id: String, _ owned: Set<TopicPartition>?, _ now: Int64) {
    guard var member = members[id] else { return }
    if let owned, owned.isDisjoint(with: member.revoking) {
      for partition in member.revoking where holders[partition] == id { holders[partition] = nil }
      member.revoking = []
    }
    let extra = member.assigned.subtracting(member.target)
    if !extra.isEmpty {
      if member.revoking.isEmpty { member.revokeDeadline = now + member.rebalanceTimeout }
      member.assigned.subtract(extra)
      member.revoking.formUnion(extra)
    }
    if member.revoking.isEmpty {
      if member.epoch != epoch {
        member.previousEpoch = member.epoch
        member.epoch = epoch
      }
      for partition in member.target.subtracting(member.assigned) where holders[partition] == nil {
        holders[partition] = id
        member.assigned.insert(partition)
      }
    }
    members[id] = member
  }

  private mutating func release(_ id: String) {
    guard var member = members[id] else { return }
    for partition in member.assigned.union(member.revoking) where holders[partition] == id {
      holders[partition] = nil
    }
    member.assigned = []
    member.revoking = []
    member.epoch = 0
    member.previousEpoch = 0
    members[id] = member
  }

  private mutating func remove(_ id: String) {
    release(id)
    guard let member = members.removeValue(forKey: id) else { return }
    if let instance = member.instance, instances[instance] == id { instances[instance] = nil }
    newEpoch()
  }

  // MARK: Time and commits

  mutating func tick(now: Int64) {
    for member in sortedMembers {
      let isLate = !member.revoking.isEmpty && member.revokeDeadline <= now
      if member.deadline <= now || isLate { remove(member.id) }
    }
  }

  /// Topics have come, gone or grown.
  mutating func refresh(_ resolve: (Member) -> [GroupTopic]) {
    var isNew = false
    for member in sortedMembers {
      let topics = resolve(member)
      if topics != member.topics {
        members[member.id]?.topics = topics
        isNew = true
      }
    }
    if isNew { newEpoch() }
  }

  func mayCommit(member: String, epoch claimed: Int32) -> KafkaError {
    if claimed < 0 && member.isEmpty { return members.isEmpty ? .none : .unknownMemberID }
    guard let known = members[member] else { return .unknownMemberID }
    return known.epoch == claimed ? .none : .staleMemberEpoch
  }

  // MARK: Listings

  private static func set(_ partitions: [ConsumerGroupHeartbeatRequest.Partitions])
    -> Set<TopicPartition>
  {
    Set(
      partitions.flatMap { item in
        item.partitions.map { TopicPartition(topic: item.topic, partition: $0) }
      })
  }

  private static func listed(_ partitions: Set<TopicPartition>)
    -> [ConsumerGroupHeartbeatRequest.Partitions]
  {
    var result: [ConsumerGroupHeartbeatRequest.Partitions] = []
    for partition in partitions.sorted() {
      if result.last?.topic == partition.topic {
        result[result.count - 1].partitions.append(partition.partition)
      } else {
        result.append(.init(topic: partition.topic, partitions: [partition.partition]))
      }
    }
    return result
  }

  func described(_ name: String, topicName: (UUIDValue) -> String) -> ConsumerGroupDescribe.Group {
    func parts(_ partitions: Set<TopicPartition>) -> [ConsumerGroupDescribe.Partitions] {
      Self.listed(partitions).map {
        .init(topic: $0.topic, name: topicName($0.topic), partitions: $0.partitions)
      }
    }
    return ConsumerGroupDescribe.Group(
      name: name, state: state, epoch: epoch, assignmentEpoch: epoch,
      assignor: chosenAssignor.rawValue,
      members: sortedMembers.map { member in
        ConsumerGroupDescribe.Member(
          id: member.id, instance: member.instance, epoch: member.epoch,
          clientID: member.client.id, clientHost: "/" + member.client.host, topics: member.names,
          pattern: member.pattern, assignment: parts(member.assigned), target: parts(member.target))
      })
  }
}
