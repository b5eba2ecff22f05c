/// A client as groups show it.
struct GroupClient: Equatable, Sendable {
  var id: String
  var host: String
}

/// What a group answers to one who waits; `ticket` is what the request was given.
enum GroupAction: Equatable {
  case joined(ticket: Int, JoinGroupResponse)
  case synced(ticket: Int, SyncGroupResponse)
}

/// A group of the classic protocol: members come to each generation anew, one of them shares the partitions
/// out. Nothing but state: times come in as milliseconds, answers go out as `actions`.
///
///     empty → preparing (members join) → completing (the leader shares out) → stable
///        ↑________↓  ↑____________________________↓___________________________↓
///
/// Whoever comes, goes or changes makes the group prepare again.
struct ClassicGroup {
  private(set) var state = State.empty
  /// Never falls, whichever node keeps the group.
  private(set) var generation: Int32
  private(set) var protocolType: String?
  /// How this generation shares out.
  private(set) var strategy: String?
  private(set) var leader: String?
  private(set) var members: [String: Member] = [:]
  /// Static members by their instance.
  private(set) var instances: [String: String] = [:]
  /// Names that were given and not used yet, with the time they count until.
  private var named: [String: Int64] = [:]
  /// When members are no longer waited for.
  private var rebalanceDeadline: Int64 = 0
  /// The first members wait for others, although all are there.
  private var isFirst = false
  private var lastOrder = 0
  private let firstJoin: Int64
  var actions: [GroupAction] = []

  init(generation: Int32, firstJoinMilliseconds: Int) {
    self.generation = generation
    firstJoin = Int64(firstJoinMilliseconds)
  }

  var isEmpty: Bool { members.isEmpty && named.isEmpty }
  var sortedMembers: [Member] { members.values.sorted { $0.order < $1.order } }
  var memberCount: Int { members.count + named.count }

  // MARK: Joining

  /// `freshID`: the name of a member that has none.
  mutating func join(
    _ request: JoinGroupRequest, version: Int16, client: GroupClient, ticket: Int,
    freshID: String, now: Int64
  ) {
    func refuse(_ error: KafkaError, member: String) {
      actions.append(.joined(ticket: ticket, JoinGroupResponse(error: error, member: member)))
    }
    guard fits(request) else { return refuse(.inconsistentGroupProtocol, member: request.member) }
    if let instance = request.instance, let known = instances[instance] {
      if request.member.isEmpty {
        return replace(known, by: freshID, request, client, ticket, now)
      }
      guard request.member == known else {
        return refuse(.fencedInstanceID, member: request.member)
      }
    }
    if members[request.member] != nil { return rejoin(request, client, ticket, now) }
    if request.member.isEmpty {
      if request.instance == nil, version >= 4 {
        named[freshID] = now + Int64(request.sessionTimeoutMilliseconds)
        return refuse(.memberIDRequired, member: freshID)
      }
      return add(freshID, request, client, ticket, now)
    }
    guard named.removeValue(forKey: request.member) != nil else {
      return refuse(.unknownMemberID, member: request.member)
    }
    add(request.member, request, client, ticket, now)
  }

  /// Whether the group and the member have a strategy in common.
  private func fits(_ request: JoinGroupRequest) -> Bool {
    if request.protocolType.isEmpty || request.strategies.isEmpty { return false }
    let others = members.values.filter { member in
      member.id != request.member
        && (request.instance == nil || member.instance != request.instance)
    }
    if others.isEmpty { return true }
    guard request.protocolType == protocolType else { return false }
    return request.strategies.contains { strategy in
      others.allSatisfy { $0.strategies.contains { $0.name == strategy.name } }
    }
  }

  private mutating func add(
    _ id: String, _ request: JoinGroupRequest, _ client: GroupClient, _ ticket: Int, _ now: Int64
  ) {
    lastOrder += 1
    let session = Int64(request.sessionTimeoutMilliseconds)
    members[id] = Member(
      id: id, instance: request.instance, client: client, sessionTimeout: session,
      rebalanceTimeout: Int64(request.rebalanceTimeoutMilliseconds),
      strategies: request.strategies, deadline: now + session, joinTicket: ticket,
      order: lastOrder)
    if let instance = request.instance { instances[instance] = id }
    if state == .empty {
      protocolType = request.protocolType
      state = .preparing
      isFirst = true
      rebalanceDeadline = now + firstJoin
    } else {
      prepare(now)
    }
  }

  /// A member that is known says that it is there. Its place in a generation that it has not missed stays.
  private mutating func rejoin(
    _ request: JoinGroupRequest, _ client: GroupClient, _ ticket: Int, _ now: Int64
  ) {
    guard var member = members[request.member] else { return }
    let isSame = member.strategies == request.strategies
    answerOld(&member)
    member.strategies = request.strategies
    member.client = client
    member.sessionTimeout = Int64(request.sessionTimeoutMilliseconds)
    member.rebalanceTimeout = Int64(request.rebalanceTimeoutMilliseconds)
    member.deadline = now + member.sessionTimeout
    let keepsGeneration =
      isSame && (state == .completing || state == .stable && member.id != leader)
    if !keepsGeneration { member.joinTicket = ticket }
    members[member.id] = member
    if keepsGeneration {
      actions.append(.joined(ticket: ticket, response(for: member)))
    } else {
      prepare(now)
    }
  }

  /// A static member has been started again: it goes on as the one it was, under a new name, and the one
  /// before is shut out. Where nothing else has changed no other member notices.
  private mutating func replace(
    _ old: String, by new: String, _ request: JoinGroupRequest, _ client: GroupClient,
    _ ticket: Int, _ now: Int64
  ) {
    guard var gone = members.removeValue(forKey: old) else { return }
    answerOld(&gone, error: .fencedInstanceID)
    let session = Int64(request.sessionTimeoutMilliseconds)
    var member = Member(
      id: new, instance: gone.instance, client: client, sessionTimeout: session,
      rebalanceTimeout: Int64(request.rebalanceTimeoutMilliseconds),
      strategies: request.strategies, assignment: gone.assignment, deadline: now + session,
      hasSynced: gone.hasSynced, order: gone.order)
    if let instance = gone.instance { instances[instance] = new }
    let wasLeader = leader == old
    if wasLeader { leader = new }
    if state == .stable, gone.strategies == request.strategies {
      members[new] = member
      var answer = response(for: member)
      answer.skipsAssignment = wasLeader
      actions.append(.joined(ticket: ticket, answer))
    } else {
      member.joinTicket = ticket
      members[new] = member
      prepare(now)
    }
  }

  /// Who has asked before and waits has been given up by its client.
  private mutating func answerOld(
    _ member: inout Member, error: KafkaError = .unknownMemberID
  ) {
    if let old = member.joinTicket.take() {
      actions.append(.joined(ticket: old, JoinGroupResponse(error: error, member: member.id)))
    }
    if let old = member.syncTicket.take() {
      actions.append(.synced(ticket: old, SyncGroupResponse(error: error)))
    }
  }

  private func response(for member: Member) -> JoinGroupResponse {
    let isLeader = member.id == leader
    return JoinGroupResponse(
      generation: generation, protocolType: protocolType, strategy: strategy,
      leader: leader ?? "", member: member.id,
      members: isLeader
        ? sortedMembers.map { other in
          JoinGroupResponse.Member(
            id: other.id, instance: other.instance,
            metadata: other.strategies.first { $0.name == strategy }?.metadata ?? [])
        } : [])
  }

  // MARK: Generations

  /// Members are asked to join anew.
  private mutating func prepare(_ now: Int64) {
    if state != .preparing {
      for id in members.keys {
        members[id]?.hasSynced = false
        if let ticket = members[id]?.syncTicket.take() {
          actions.append(.synced(ticket: ticket, SyncGroupResponse(error: .rebalanceInProgress)))
        }
      }
      state = .preparing
      isFirst = false
      rebalanceDeadline = now + longestRebalance
    }
    completeIfAllAreThere(now)
  }

  private var longestRebalance: Int64 { members.values.map(\.rebalanceTimeout).max() ?? 0 }

  private mutating func completeIfAllAreThere(_ now: Int64) {
    guard state == .preparing, !isFirst, named.isEmpty,
      members.values.allSatisfy({ $0.joinTicket != nil })
    else { return }
    complete(now)
  }

  /// The generation begins with those who have come. Static members that have not keep their place.
  private mutating func complete(_ now: Int64) {
    for member in sortedMembers where member.joinTicket == nil && member.instance == nil {
      members[member.id] = nil
    }
    isFirst = false
    generation += 1
    let here = sortedMembers.filter { $0.joinTicket != nil }
    guard let first = here.first else {
      // Nobody can share out: static members have their sessions' time to come.
      strategy = nil
      leader = nil
      if members.isEmpty { state = .empty } else { rebalanceDeadline = now + longestRebalance }
      return
    }
    state = .completing
    strategy = chosenStrategy()
    if !here.contains(where: { $0.id == leader }) { leader = first.id }
    rebalanceDeadline = now + longestRebalance
    for member in here {
      let ticket = members[member.id]?.joinTicket.take()
      members[member.id]?.deadline = now + member.sessionTimeout
      members[member.id]?.assignment = []
      guard let ticket else { continue }
      actions.append(.joined(ticket: ticket, response(for: member)))
    }
  }

  /// Each member votes for the first of its strategies that all know.
  private func chosenStrategy() -> String? {
    var votes: [String: Int] = [:]
    for member in sortedMembers {
      let common = member.strategies.first { strategy in
        members.values.allSatisfy { $0.strategies.contains { $0.name == strategy.name } }
      }
      if let common { votes[common.name, default: 0] += 1 }
    }
    return votes.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.first?.key
  }

  // MARK: Members of a generation

  /// What is wrong with one who says to be a member of the generation.
  private func fault(member: String, instance: String?, generation claimed: Int32) -> KafkaError? {
    if let instance, let known = instances[instance], known != member { return .fencedInstanceID }
    guard members[member] != nil else { return .unknownMemberID }
    return claimed == generation ? nil : .illegalGeneration
  }

  mutating func sync(_ request: SyncGroupRequest, ticket: Int, now: Int64) {
    func answer(_ error: KafkaError) {
      actions.append(.synced(ticket: ticket, SyncGroupResponse(error: error)))
    }
    if let fault = fault(
      member: request.member, instance: request.instance, generation: request.generation)
    {
      return answer(fault)
    }
    guard request.protocolType ?? protocolType == protocolType,
      request.strategy ?? strategy == strategy
    else { return answer(.inconsistentGroupProtocol) }
    touch(request.member, now)
    switch state {
    case .empty: answer(.unknownMemberID)
    case .preparing: answer(.rebalanceInProgress)
    case .stable:
      members[request.member]?.hasSynced = true
      synced(request.member, ticket)
    case .completing:
      if let old = members[request.member]?.syncTicket.take() {
        actions.append(.synced(ticket: old, SyncGroupResponse(error: .unknownMemberID)))
      }
      members[request.member]?.syncTicket = ticket
      members[request.member]?.hasSynced = true
      if request.member == leader { shareOut(request.shares, now) }
    }
  }

  private mutating func shareOut(_ shares: [SyncGroupRequest.Share], _ now: Int64) {
    for share in shares { members[share.member]?.assignment = share.assignment }
    state = .stable
    for member in sortedMembers {
      guard let ticket = members[member.id]?.syncTicket.take() else { continue }
      touch(member.id, now)
      synced(member.id, ticket)
    }
  }

  private mutating func synced(_ member: String, _ ticket: Int) {
    actions.append(
      .synced(
        ticket: ticket,
        SyncGroupResponse(
          protocolType: protocolType, strategy: strategy,
          assignment: members[member]?.assignment ?? [])))
  }

  private mutating func touch(_ member: String, _ now: Int64) {
    guard let timeout = members[member]?.sessionTimeout else { return }
    members[member]?.deadline = now + timeout
  }

  mutating func heartbeat(_ request: HeartbeatRequest, now: Int64) -> KafkaError {
    if let fault = fault(
      member: request.member, instance: request.instance, generation: request.generation)
    {
      return fault
    }
    touch(request.member, now)
    return state == .preparing ? .rebalanceInProgress : .none
  }

  mutating func leave(_ leaving: LeaveGroupRequest.Member, now: Int64) -> KafkaError {
    var id = leaving.id
    if let instance = leaving.instance {
      guard let known = instances[instance] else { return .unknownMemberID }
      if !id.isEmpty && id != known { return .fencedInstanceID }
      id = known
    }
    if named.removeValue(forKey: id) != nil {
      completeIfAllAreThere(now)
      return .none
    }
    guard members[id] != nil else { return .unknownMemberID }
    remove(id, now)
    return .none
  }

  private mutating func remove(_ id: String, _ now: Int64) {
    guard var member = members.removeValue(forKey: id) else { return }
    answerOld(&member)
    if let instance = member.instance, instances[instance] == id { instances[instance] = nil }
    if leader == id { leader = nil }
    if state == .preparing { completeIfAllAreThere(now) } else { prepare(now) }
  }

  /// Whether offsets may be committed. Whoever is no member may while there are none.
  mutating func mayCommit(
    member: String, instance: String?, generation claimed: Int32, now: Int64
  ) -> KafkaError {
    if claimed < 0 && member.isEmpty && instance == nil {
      return members.isEmpty ? .none : .unknownMemberID
    }
    if let fault = fault(member: member, instance: instance, generation: claimed) { return fault }
    touch(member, now)
    return state == .completing ? .rebalanceInProgress : .none
  }

  // MARK: Time

  mutating func tick(now: Int64) {
    named = named.filter { $0.value > now }
    for member in sortedMembers where member.deadline <= now && !member.isWaiting {
      remove(member.id, now)
    }
    completeIfAllAreThere(now)
    guard now >= rebalanceDeadline else { return }
    switch state {
    case .preparing: complete(now)
    case .completing:
      // Who has not come for its share in all that time does not.
      for member in sortedMembers where !member.hasSynced { remove(member.id, now) }
      // The leader was there and has said nothing for others: they join anew.
      if state == .completing { prepare(now) }
    case .empty, .stable: break
    }
  }

  /// The group is kept elsewhere from now on.
  mutating func abandon() {
    for id in members.keys.sorted() {
      guard var member = members[id] else { continue }
      answerOld(&member, error: .notCoordinator)
    }
    members = [:]
    named = [:]
    instances = [:]
    state = .empty
  }
}
