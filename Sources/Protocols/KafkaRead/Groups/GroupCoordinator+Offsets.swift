import Base
import Catalog
import Node
import Reactor
import SQL
import Types

/// How far groups have come.
extension GroupCoordinator {
  private static let metadataBytesMax = 4_096

  /// What the kernel did not do, as clients try again; what may have been done they do again too.
  static func error(_ fault: SQLError) -> KafkaError {
    switch fault.code {
    case .insufficientPrivilege: .groupAuthorizationFailed
    case .statementCompletionUnknown: .requestTimedOut
    default: .coordinatorNotAvailable
    }
  }

  private func attempt<R>(_ body: () async throws(SQLError) -> R) async -> Result<R, KafkaError> {
    do throws(SQLError) {
      return .success(try await body())
    } catch {
      return .failure(Self.error(error))
    }
  }

  private func mayCommit(_ request: OffsetCommitRequest, _ group: GroupState) -> KafkaError {
    if shard.plantedBug == .membersNotFenced { return .none }
    if let found = group.withClassic({
      $0.mayCommit(
        member: request.member, instance: request.instance, generation: request.generation,
        now: state.now)
    }) {
      return found
    }
    if let found = group.withConsumer({
      $0.mayCommit(member: request.member, epoch: request.generation)
    }) {
      return found
    }
    return request.generation < 0 && request.member.isEmpty ? .none : .unknownMemberID
  }

  func commit(_ asked: GroupRequest) async throws(MessageFault) -> [UInt8] {
    let request = try OffsetCommitRequest(asked.request)
    var isStored: Set<String> = []
    var offsets: [StoredOffset] = []
    for topic in request.topics where state.topics[topic.name] != nil {
      for partition in topic.partitions {
        guard partition.metadata?.utf8.count ?? 0 <= Self.metadataBytesMax,
          isStored.insert("\(topic.name)/\(partition.index)").inserted
        else { continue }
        offsets.append(
          StoredOffset(
            topic: topic.name, partition: partition.index, offset: partition.offset,
            epoch: partition.epoch >= 0 ? partition.epoch : nil, metadata: partition.metadata))
      }
    }
    let outcome = await with(request.group, asked.role) { group -> KafkaError in
      let fault = mayCommit(request, group)
      if fault != .none { return fault }
      guard await ensureRow(group, asked.role), let stored = group.stored else {
        return .coordinatorNotAvailable
      }
      if shard.plantedBug == .offsetsAnsweredEarly {
        storeLater(request.group, stored.generation, offsets)
        return .none
      }
      switch await attempt({ () async throws(SQLError) in
        try await store.commit(request.group, generation: stored.generation, offsets)
      }) {
      case .success(true): return .none
      case .success(false):
        // Another node has taken the group over.
        abandon(group)
        return .notCoordinator
      case .failure(let error): return error
      }
    }
    let error = outcome.error ?? .none
    return request.body(asked.request) { topic, partition in
      if error != .none { return error }
      if state.topics[topic] == nil { return .unknownTopicOrPartition }
      return partition.metadata?.utf8.count ?? 0 <= Self.metadataBytesMax
        ? .none : .offsetMetadataTooLarge
    }
  }

  /// What `offsetsAnsweredEarly` does: nobody hears what becomes of it.
  private func storeLater(_ group: String, _ generation: Int32, _ offsets: [StoredOffset]) {
    shard.reactor.spawn { [self] in
      _ = await attempt { () async throws(SQLError) in
        try await store.commit(group, generation: generation, offsets)
      }
    }
  }

  /// One of the groups that are asked for.
  func fetch(_ asked: GroupRequest) async throws(MessageFault) -> [UInt8]? {
    let request = try OffsetFetchRequest(asked.request)
    guard let index = asked.index, request.groups.indices.contains(index) else { return nil }
    let wanted = request.groups[index]
    var answer = OffsetFetchResponse.Group(name: wanted.name)
    let outcome = await with(wanted.name, asked.role) {
      group -> Result<[StoredOffset], KafkaError> in
      if let fault = staleness(wanted, group) { return .failure(fault) }
      return await attempt { () async throws(SQLError) in try await store.offsets(wanted.name) }
    }
    switch outcome.flatMap({ $0 }) {
    case .success(let offsets): answer.topics = Self.listed(offsets, wanted)
    case .failure(let error): answer.error = error
    }
    if asked.request.version <= 7 {
      // The oldest versions have errors with partitions only.
      if asked.request.version == 1, answer.error != .none {
        let error = answer.error
        answer.topics = (wanted.topics ?? []).map { topic in
          (topic.name, topic.partitions.map { .init(index: $0, error: error) })
        }
      }
      return OffsetFetchResponse(groups: [answer]).body(asked.request)
    }
    return OffsetFetchResponse.element(answer, asked.request)
  }

  private func staleness(_ wanted: OffsetFetchRequest.Group, _ group: GroupState) -> KafkaError? {
    guard let member = wanted.member, wanted.memberEpoch >= 0,
      case .consumer(let consumer) = group.kind
    else { return nil }
    let fault = consumer.mayCommit(member: member, epoch: wanted.memberEpoch)
    return fault == .none ? nil : fault
  }

  private static func listed(_ offsets: [StoredOffset], _ wanted: OffsetFetchRequest.Group)
    -> [(name: String, partitions: [OffsetFetchResponse.Partition])]
  {
    func partition(_ found: StoredOffset) -> OffsetFetchResponse.Partition {
      .init(
        index: found.partition, offset: found.offset, epoch: found.epoch ?? -1,
        metadata: found.metadata ?? "")
    }
    if let topics = wanted.topics {
      return topics.map { topic in
        (
          topic.name,
          topic.partitions.map { index in
            offsets.first { $0.topic == topic.name && $0.partition == index }.map(partition)
              ?? .init(index: index)
          }
        )
      }
    }
    var result: [(name: String, partitions: [OffsetFetchResponse.Partition])] = []
    for found in offsets {
      if result.last?.name != found.topic { result.append((found.topic, [])) }
      result[result.count - 1].partitions.append(partition(found))
    }
    return result
  }

  func deleteOffsets(_ asked: GroupRequest) async throws(MessageFault) -> [UInt8] {
    let request = try OffsetDeleteRequest(asked.request)
    var refused: Set<String> = []
    let outcome = await with(request.group, asked.role) { group -> KafkaError in
      if group.stored == nil { return .groupIDNotFound }
      // What members read is not taken from under them.
      if case .consumer(let consumer) = group.kind {
        refused = Set(consumer.members.values.flatMap { $0.topics.map(\.name) })
      } else if group.hasMembers {
        return .nonEmptyGroup
      }
      let places = request.topics.filter { !refused.contains($0.name) }.flatMap { topic in
        topic.partitions.map { (topic: topic.name, partition: $0) }
      }
      let done = await attempt { () async throws(SQLError) in
        try await store.deleteOffsets(request.group, places)
      }
      if case .failure(let error) = done { return error }
      return .none
    }
    return request.body(asked.request, outcome.error ?? .none) {
      refused.contains($0) ? .groupSubscribedToTopic : .none
    }
  }
}
