import Base
import Catalog
import Node
import Reactor
import SQL
import Types

/// Keeps the groups whose tablets this shard leads. Members are in memory; the generation and the offsets are
/// rows. A new leader begins with the stored generation and without members: they are told so, join again, and
/// what an old member or an old coordinator still tries is refused by the generation. Lives on: its shard.
final class GroupCoordinator {
  unowned let state: KafkaShard
  let shard: NodeShard
  let store: GroupStore
  private(set) var groups: [String: GroupState] = [:]
  /// The groups' names in order; nil: to be made anew.
  private var sortedNames: [String]?
  private var lastTicket = 0
  private var joins: [Int: Reply<JoinGroupResponse>] = [:]
  private var syncs: [Int: Reply<SyncGroupResponse>] = [:]

  init(_ state: KafkaShard) {
    self.state = state
    shard = state.shard
    store = GroupStore(state.shard, state.settings.environment)
  }

  var settings: KafkaSettings { state.settings }

  // MARK: Groups

  /// As far as this shard knows.
  private func term(of group: String) -> Term? {
    shard.leadingTerm(of: shard.tablet(of: KafkaSchema.bucket(of: group)))
  }

  /// Nobody else keeps the group now. It is asked with the group's turn: waiting may take long.
  private func isKept(_ group: GroupState) async -> Bool {
    let tablet = shard.tablet(of: KafkaSchema.bucket(of: group.name))
    let term = await shard.confirmedTerm(of: tablet)
    return groups[group.name] === group && term == group.term
  }

  /// Runs `body` with the group, one request at a time. The error where this shard does not keep it, or where
  /// the group is another role's. What `body` has changed is stored before anybody hears of it.
  func with<R>(
    _ name: String, _ role: ObjectID, _ body: (GroupState) async -> R
  ) async -> Result<R, KafkaError> {
    if name.isEmpty { return .failure(.invalidGroupID) }
    guard let group = await find(name) else { return .failure(.notCoordinator) }
    await group.turn.enter()
    defer { group.turn.leave() }
    guard await isKept(group) else { return .failure(.notCoordinator) }
    guard mayUse(group, role) else { return .failure(.groupAuthorizationFailed) }
    let result = await body(group)
    guard await settle(group, role) else { return .failure(.coordinatorNotAvailable) }
    return .success(result)
  }

  private func find(_ name: String) async -> GroupState? {
    guard let term = term(of: name) else {
      if let group = groups[name] { abandon(group) }
      return nil
    }
    if let known = groups[name] {
      if known.term == term { return known }
      abandon(known)
    }
    do throws(SQLError) {
      let stored = try await store.load(name)
      if let other = groups[name] { return other }
      let made = GroupState(name: name, term: term, stored: stored)
      groups[name] = made
      sortedNames = nil
      return made
    } catch {
      return nil
    }
  }

  /// A group belongs to the role that began it, to those who are members of that role, and to superusers.
  private func mayUse(_ group: GroupState, _ role: ObjectID) -> Bool {
    guard let owner = group.stored?.owner, let asking = shard.catalog.role(role) else {
      return shard.catalog.role(role) != nil
    }
    if asking.isSuperuser || asking.name == owner { return true }
    guard let owning = shard.catalog.role(named: owner) else { return false }
    return Privileges.isMember(asking, of: owning.id, shard.catalog)
  }

  /// Stores what is new of the group, then lets those hear who wait. False: it cannot be stored, and the
  /// members have to come again.
  private func settle(_ group: GroupState, _ role: ObjectID) async -> Bool {
    let actions =
      group.withClassic { (classic) -> [GroupAction] in
        defer { classic.actions = [] }
        return classic.actions
      } ?? []
    if let wanted = wantedRow(group, role), wanted != group.stored,
      await !save(wanted, of: group)
    {
      deliver(actions, insteadOfThem: .coordinatorNotAvailable)
      abandon(group)
      return false
    }
    deliver(actions, insteadOfThem: nil)
    return true
  }

  /// False: another coordinator has changed the row, or nobody can tell whether it is stored. What is known of the
  /// group does not hold then.
  private func save(_ row: StoredGroup, of group: GroupState) async -> Bool {
    do throws(SQLError) {
      guard try await store.save(group.name, row, insteadOf: group.stored) else { return false }
      group.stored = row
      return true
    } catch {
      return false
    }
  }

  /// Nil: nothing that must last has happened.
  private func wantedRow(_ group: GroupState, _ role: ObjectID) -> StoredGroup? {
    let owner = group.stored?.owner ?? shard.catalog.role(role)?.name ?? ""
    switch group.kind {
    case .none: return nil
    case .classic(let classic):
      return StoredGroup(
        kind: "classic", protocolType: classic.protocolType ?? group.stored?.protocolType ?? "",
        generation: classic.generation, owner: owner)
    case .consumer(let consumer):
      return StoredGroup(
        kind: "consumer", protocolType: "consumer", generation: consumer.epoch, owner: owner)
    }
  }

  /// The row of a group that has none yet: for who commits without members.
  func ensureRow(_ group: GroupState, _ role: ObjectID) async -> Bool {
    if group.stored != nil { return true }
    let row = StoredGroup(
      kind: "classic", protocolType: "", generation: group.generation,
      owner: shard.catalog.role(role)?.name ?? "")
    if await save(row, of: group) { return true }
    abandon(group)
    return false
  }

  func forget(_ group: GroupState) {
    guard groups[group.name] === group else { return }
    groups[group.name] = nil
    sortedNames = nil
  }

  /// Members are told to look for their coordinator again.
  func abandon(_ group: GroupState) {
    forget(group)
    let actions =
      group.withClassic { (classic) -> [GroupAction] in
        classic.abandon()
        return classic.actions
      } ?? []
    deliver(actions, insteadOfThem: nil)
  }

  // MARK: Those who wait

  func joinTicket() -> (Int, Reply<JoinGroupResponse>) {
    lastTicket += 1
    let reply = Reply<JoinGroupResponse>()
    joins[lastTicket] = reply
    return (lastTicket, reply)
  }

  func syncTicket() -> (Int, Reply<SyncGroupResponse>) {
    lastTicket += 1
    let reply = Reply<SyncGroupResponse>()
    syncs[lastTicket] = reply
    return (lastTicket, reply)
  }

  func dropTicket(_ ticket: Int) {
    joins[ticket] = nil
    syncs[ticket] = nil
  }

  private func deliver(_ actions: [GroupAction], insteadOfThem error: KafkaError?) {
    for action in actions {
      switch action {
      case .joined(let ticket, let response):
        let answer = error.map { JoinGroupResponse(error: $0, member: response.member) } ?? response
        joins.removeValue(forKey: ticket)?.fulfill(answer)
      case .synced(let ticket, let response):
        let answer = error.map { SyncGroupResponse(error: $0) } ?? response
        syncs.removeValue(forKey: ticket)?.fulfill(answer)
      }
    }
  }

  // MARK: Time

  private static let roundMilliseconds = 100
  /// While there are more, those without members are read again from their rows when they are asked for.
  private static let idleGroupsMax = 1_000

  func startRounds() {
    shard.reactor.after(milliseconds: Self.roundMilliseconds) { [self] in
      if !groups.isEmpty {
        let names = sortedNames ?? groups.keys.sorted()
        sortedNames = names
        for name in names { round(name) }
      }
      startRounds()
    }
  }

  private func round(_ name: String) {
    guard let group = groups[name] else { return }
    guard term(of: name) == group.term else { return abandon(group) }
    guard group.hasMembers else {
      // Its row has all that is to be remembered.
      if groups.count > Self.idleGroupsMax, !group.turn.isTaken { forget(group) }
      return
    }
    shard.reactor.spawn { [self] in
      await group.turn.enter()
      defer { group.turn.leave() }
      guard await isKept(group) else { return }
      let now = state.now
      _ = group.withClassic { $0.tick(now: now) }
      refreshTopics(group)
      _ = group.withConsumer { $0.tick(now: now) }
      _ = await settle(group, CatalogSnapshot.bootstrapRole)
    }
  }

  private func refreshTopics(_ group: GroupState) {
    guard group.catalogVersion != shard.catalogVersion else { return }
    group.catalogVersion = shard.catalogVersion
    let roles = group.roles
    _ = group.withConsumer { consumer in
      consumer.refresh { resolve($0.names, $0.pattern, roles[$0.id]) }
    }
  }

  /// The topics that a member's names and pattern mean, of those that its role may read.
  func resolve(_ names: [String], _ pattern: String?, _ role: ObjectID?) -> [GroupTopic] {
    let topics = state.topics
    guard let role = role.flatMap({ shard.catalog.role($0) }) else { return [] }
    let matcher = pattern.flatMap { TopicPattern($0) }
    return topics.sorted.filter { topic in
      (names.contains(topic.name) || matcher?.matches(topic.name) ?? false)
        && topics.mayRead(topic, role)
    }.map { GroupTopic(name: $0.name, id: $0.id, partitions: Int32($0.partitions)) }
  }

  /// A name for a member: nobody else's.
  func freshID(_ client: GroupClient) -> String {
    let words = (0..<2).map { _ in shard.reactor.random.next() }
    let text = words.map { word in
      let digits = String(word, radix: 16)
      return String(repeating: "0", count: 16 - digits.count) + digits
    }.joined()
    return client.id.isEmpty ? text : "\(client.id)-\(text)"
  }
}
