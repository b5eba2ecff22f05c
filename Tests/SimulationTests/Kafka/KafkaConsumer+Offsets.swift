import Base
import Reactor

@testable import KafkaRead

/// Where a consumer begins, and how far it has come.
extension KafkaConsumer {
  // MARK: Beginning

  private var unlocated: [Int32] { positions.keys.sorted().filter { positions[$0] == .some(nil) } }

  /// Partitions that are new begin at what the group has committed, and without that at their beginning.
  func locate() async {
    let new = unlocated
    if new.isEmpty { return }
    let began = work.commits.beginReading()
    guard let found = await askForCommitted(new) else { return client.forgetCoordinator() }
    switch found.error {
    case .none: break
    case .staleMemberEpoch, .unknownMemberID:
      // The next heartbeat tells.
      nextBeat = 0
      return
    default:
      if !isAway(found.error) { fault("OffsetFetch: \(found.error)") }
      return
    }
    for partition in new {
      guard let offset = found.offsets[partition] else {
        fault("OffsetFetch says nothing of partition \(partition)")
        continue
      }
      work.commits.read(group, partition, began: began, offset >= 0 ? offset : nil)
      guard offset < 0 else {
        begin(partition, offset)
        committed[partition] = offset
        continue
      }
      if let first = await earliest(partition) { begin(partition, first) }
    }
  }

  private func begin(_ partition: Int32, _ offset: Int64) {
    note("begins \(partition) at \(offset)")
    positions[partition] = .some(offset)
  }

  private func askForCommitted(_ partitions: [Int32]) async
    -> (error: KafkaError, offsets: [Int32: Int64])?
  {
    guard let coordinator = await client.coordinator(of: group) else { return nil }
    return await KafkaOffsets.committed(
      group, partitions, member: isNew ? (member, generation) : nil, coordinator)
  }

  private func earliest(_ partition: Int32) async -> Int64? {
    guard let metadata = await client.metadata(), let leader = metadata.leaders[partition],
      let node = metadata.nodes[leader.node],
      let connection = await client.connection(to: node, for: .records),
      let found = await KafkaOffsets.listed(
        partition, at: ListOffsetsRequest.earliest, epoch: leader.epoch, connection)
    else {
      client.forgetLeaders()
      return nil
    }
    guard found.error == .none else {
      if !isStale(found.error) { fault("ListOffsets: \(found.error)") }
      return nil
    }
    if found.offset != 0 { fault("partition \(partition) begins at \(found.offset)") }
    return found.offset
  }

  // MARK: Commits

  /// What is read and not committed.
  private var uncommitted: [Int32: Int64] {
    var found: [Int32: Int64] = [:]
    for (partition, position) in positions {
      guard let position, position > committed[partition] ?? 0 else { continue }
      found[partition] = position
    }
    return found
  }

  var wantsCommit: Bool { !uncommitted.isEmpty && draw(0...5) == 0 }

  /// Positions are committed; what became of that is noted.
  func commit() async {
    let offsets = uncommitted
    guard !offsets.isEmpty, let coordinator = await client.coordinator(of: group) else { return }
    let ticket = work.commits.begin(group, number, offsets)
    let answer = await KafkaOffsets.commit(
      offsets, group, member, generation, instance, coordinator)
    guard let answer else {
      work.commitsUnknown += 1
      return client.forgetCoordinator()
    }
    var reason = KafkaError.none
    for (partition, error) in answer.sorted(by: { $0.key < $1.key }) {
      if error != .none { reason = error }
      work.commits.end(group, ticket, partition, outcome(of: error))
      if error == .none { committed[partition] = offsets[partition] }
    }
    if answer.count != offsets.count { fault("OffsetCommit answers of \(answer.keys.sorted())") }
    if reason != .none { refused(reason) }
  }

  private func outcome(of error: KafkaError) -> CommitHistory.Outcome {
    switch error {
    case .none: .done
    // It may have been stored before its node failed or lost the group.
    case .coordinatorNotAvailable, .requestTimedOut: .unknown
    default: .refused
    }
  }

  private func refused(_ error: KafkaError) {
    note("cannot commit: \(error)")
    switch error {
    case .illegalGeneration, .unknownMemberID, .rebalanceInProgress, .staleMemberEpoch,
      .fencedInstanceID:
      // The next heartbeat tells why.
      nextBeat = 0
    case .unknownTopicOrPartition: break
    default: if !isAway(error) { fault("OffsetCommit: \(error)") }
    }
  }
}

/// Requests of offsets.
enum KafkaOffsets {
  /// What the group has committed; -1: nothing. `member`: of KIP-848.
  static func committed(
    _ group: String, _ partitions: [Int32], member: (name: String, epoch: Int32)?,
    _ coordinator: KafkaConnection
  ) async -> (error: KafkaError, offsets: [Int32: Int64])? {
    await coordinator.ask(.offsetFetch, 9) { out in
      out.array([group]) { group, out in
        out.string(group)
        out.nullableString(member?.name)
        out.int32(member?.epoch ?? -1)
        out.array([partitions]) { partitions, out in
          out.string(KafkaWork.topic)
          out.int32s(partitions)
          out.tags()
        }
        out.tags()
      }
      out.bool(true)
    } _: { (reader) throws(MessageFault) in
      _ = try reader.int32()
      var offsets: [Int32: Int64] = [:]
      let errors = try reader.array { (reader) throws(MessageFault) in
        _ = try reader.string()
        _ = try reader.array { (reader) throws(MessageFault) in
          _ = try reader.string()
          _ = try reader.array { (reader) throws(MessageFault) in
            let partition = try reader.int32()
            offsets[partition] = try reader.int64()
            _ = (try reader.int32(), try reader.nullableString())
            guard try reader.error() == .none else { throw .malformed("a partition's error") }
            try reader.tags()
          }
          try reader.tags()
        }
        let error = try reader.error()
        try reader.tags()
        return error
      }
      guard let error = errors.first, errors.count == 1 else { throw .malformed("no group") }
      return (error, offsets)
    }
  }

  /// What became of each partition.
  static func commit(
    _ offsets: [Int32: Int64], _ group: String, _ member: String, _ generation: Int32,
    _ instance: String?, _ coordinator: KafkaConnection
  ) async -> [Int32: KafkaError]? {
    await coordinator.ask(.offsetCommit, 9) { out in
      out.string(group)
      out.int32(generation)
      out.string(member)
      out.nullableString(instance)
      out.array([offsets.sorted { $0.key < $1.key }]) { offsets, out in
        out.string(KafkaWork.topic)
        out.array(offsets) { item, out in
          out.int32(item.key)
          out.int64(item.value)
          out.int32(-1)
          out.nullableString(nil)
          out.tags()
        }
        out.tags()
      }
    } _: { (reader) throws(MessageFault) in
      _ = try reader.int32()
      var errors: [Int32: KafkaError] = [:]
      _ = try reader.array { (reader) throws(MessageFault) in
        _ = try reader.string()
        _ = try reader.array { (reader) throws(MessageFault) in
          let partition = try reader.int32()
          errors[partition] = try reader.error()
          try reader.tags()
        }
        try reader.tags()
      }
      return errors
    }
  }

  /// The offset at the time, or at an end. `epoch`: the leader's, as known; -1: it is not.
  static func listed(
    _ partition: Int32, at time: Int64, epoch: Int32, _ leader: KafkaConnection
  ) async -> (error: KafkaError, offset: Int64)? {
    await leader.ask(.listOffsets, 8) { out in
      out.int32(-1)
      out.int8(1)
      out.array([partition]) { partition, out in
        out.string(KafkaWork.topic)
        out.array([partition]) { partition, out in
          out.int32(partition)
          out.int32(epoch)
          out.int64(time)
          out.tags()
        }
        out.tags()
      }
    } _: { (reader) throws(MessageFault) in
      _ = try reader.int32()
      var found: (error: KafkaError, offset: Int64)?
      _ = try reader.array { (reader) throws(MessageFault) in
        _ = try reader.string()
        _ = try reader.array { (reader) throws(MessageFault) in
          guard try reader.int32() == partition else { throw .malformed("another partition") }
          let error = try reader.error()
          _ = try reader.int64()
          found = (error, try reader.int64())
          _ = try reader.int32()
          try reader.tags()
        }
        try reader.tags()
      }
      guard let found else { throw .malformed("no partition") }
      return found
    }
  }
}
