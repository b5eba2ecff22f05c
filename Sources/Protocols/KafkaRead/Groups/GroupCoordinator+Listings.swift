import Base
import Catalog
import Node
import SQL
import Types

/// What groups there are, and their end.
extension GroupCoordinator {
  /// One of the groups that are asked for.
  func describe(_ asked: GroupRequest) async throws(MessageFault) -> [UInt8]? {
    let request = try DescribeGroupsRequest(asked.request)
    guard let index = asked.index, request.groups.indices.contains(index) else { return nil }
    let name = request.groups[index]
    let outcome = await with(name, asked.role) { group -> DescribedGroup in
      switch group.kind {
      case .classic(let classic): return classic.described(name)
      case .consumer: return Self.missing(name, asked.request.version)
      case .none:
        guard let stored = group.stored else { return Self.missing(name, asked.request.version) }
        return DescribedGroup(name: name, state: "Empty", protocolType: stored.protocolType)
      }
    }
    var out = asked.request.answer
    switch outcome {
    case .success(let group): group.write(asked.request.version, into: &out)
    case .failure(let error):
      DescribedGroup(name: name, error: error).write(asked.request.version, into: &out)
    }
    return out.bytes
  }

  /// Before version 6 a group that is not there is a dead one.
  private static func missing(_ name: String, _ version: Int16) -> DescribedGroup {
    DescribedGroup(
      name: name, error: version >= 6 ? .groupIDNotFound : .none,
      message: "there is no group of the classic protocol \(name)")
  }

  func describeConsumer(_ asked: GroupRequest) async throws(MessageFault) -> [UInt8]? {
    let names = try ConsumerGroupDescribe.groups(asked.request)
    guard let index = asked.index, names.indices.contains(index) else { return nil }
    let name = names[index]
    let topics = state.topics
    let outcome = await with(name, asked.role) { group -> ConsumerGroupDescribe.Group in
      if case .consumer(let consumer) = group.kind {
        return consumer.described(name) { topics[$0]?.name ?? "" }
      }
      if case .none = group.kind, group.stored?.kind == "consumer" {
        return ConsumerGroupDescribe.Group(
          name: name, state: "Empty", epoch: group.generation, assignmentEpoch: group.generation,
          assignor: Assignor.uniform.rawValue)
      }
      return ConsumerGroupDescribe.Group(
        name: name, error: .groupIDNotFound, message: "there is no consumer group \(name)")
    }
    switch outcome {
    case .success(let group): return ConsumerGroupDescribe.element(group, asked.request)
    case .failure(let error):
      return ConsumerGroupDescribe.element(.init(name: name, error: error), asked.request)
    }
  }

  /// One of the groups that are to go.
  func delete(_ asked: GroupRequest) async throws(MessageFault) -> [UInt8]? {
    let names = try DeleteGroups.groups(asked.request)
    guard let index = asked.index, names.indices.contains(index) else { return nil }
    let name = names[index]
    let outcome = await with(name, asked.role) { group -> KafkaError in
      if group.hasMembers { return .nonEmptyGroup }
      if group.stored == nil { return .groupIDNotFound }
      do throws(SQLError) {
        try await store.delete(name)
      } catch {
        return Self.error(error)
      }
      group.kind = .none
      group.stored = nil
      forget(group)
      return .none
    }
    var out = asked.request.answer
    out.string(name)
    out.error(outcome.error ?? .none)
    out.tags()
    return out.bytes
  }

  /// The groups of this shard, in the form of the response's array without its length, each behind its own.
  func list(_ asked: GroupRequest) async throws(MessageFault) -> [UInt8]? {
    let request = try ListGroupsRequest(asked.request)
    let rows: [(name: String, group: StoredGroup)]
    do throws(SQLError) {
      rows = try await store.all()
    } catch {
      return nil
    }
    guard let role = shard.catalog.role(asked.role) else { return nil }
    var out = MessageWriter(isFlexible: false)
    for row in rows {
      let tablet = shard.tablet(of: KafkaSchema.bucket(of: row.name))
      guard shard.layout.shard(of: tablet) == shard.id, shard.leadingTerm(of: tablet) != nil else {
        continue
      }
      guard role.isSuperuser || role.name == row.group.owner else { continue }
      let listed = ListedGroup(
        name: row.name, protocolType: row.group.protocolType, state: stateName(row.name),
        type: row.group.kind)
      guard listed.isWanted(request) else { continue }
      var element = asked.request.answer
      listed.write(asked.request.version, into: &element)
      out.data(element.bytes)
    }
    return out.bytes
  }

  private func stateName(_ name: String) -> String {
    switch groups[name]?.kind {
    case .classic(let classic): classic.state.rawValue
    case .consumer(let consumer): consumer.state
    case .some(.none), nil: "Empty"
    }
  }
}
