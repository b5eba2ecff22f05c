import Base
import Catalog
import Node

/// Where in a partition a reader begins.
extension KafkaSession {
  var reader: TopicReader { TopicReader(shard: shard) }

  /// The topic that the role may read, and that has the partition.
  func readable(_ name: String, _ partition: Int32, _ role: RoleDescriptor)
    -> Result<Topic, KafkaError>
  {
    guard let topic = state.topics[name] else { return .failure(.unknownTopicOrPartition) }
    guard state.topics.mayRead(topic, role) else { return .failure(.topicAuthorizationFailed) }
    guard 0..<topic.partitions ~= Int(partition) else {
      return .failure(.unknownTopicOrPartition)
    }
    return .success(topic)
  }

  /// What is wrong with the term that the client takes to be the leader's; nil: nothing.
  static func epochFault(_ claimed: Int32, _ term: Term) -> KafkaError? {
    if claimed == -1 || claimed == KafkaEpoch.of(term) { return nil }
    return claimed < KafkaEpoch.of(term) ? .fencedLeaderEpoch : .unknownLeaderEpoch
  }

  // MARK: ListOffsets

  func listOffsets(_ request: Request, _ role: RoleDescriptor) async throws(MessageFault) -> [UInt8]
  {
    let asked = try ListOffsetsRequest(request)
    var topics: [(name: String, partitions: [ListOffsetsResponse.Partition])] = []
    for topic in asked.topics {
      var partitions: [ListOffsetsResponse.Partition] = []
      for partition in topic.partitions {
        switch readable(topic.name, partition.index, role) {
        case .success(let found): partitions.append(await locate(partition, found))
        case .failure(let error): partitions.append(.init(index: partition.index, error: error))
        }
      }
      topics.append((topic.name, partitions))
    }
    return ListOffsetsResponse(topics: topics).body(request)
  }

  private func locate(_ partition: ListOffsetsRequest.Partition, _ topic: Topic) async
    -> ListOffsetsResponse.Partition
  {
    let index = Int(partition.index)
    var found = ListOffsetsResponse.Partition(index: partition.index)
    do throws(FollowError) {
      let head = try await reader.head(topic, index)
      if let fault = Self.epochFault(partition.epoch, head.term) {
        found.error = fault
        return found
      }
      found.epoch = KafkaEpoch.of(head.term)
      switch partition.timestamp {
      case ListOffsetsRequest.latest: found.offset = head.next
      case ListOffsetsRequest.earliest, ListOffsetsRequest.earliestLocal:
        found.offset = try await reader.position(topic, index).earliest
      case ListOffsetsRequest.maxTimestamp:
        // Commit times rise along a partition but for clocks of leaders: the last record has it.
        let position = try await reader.position(topic, index)
        guard position.next > position.earliest else { break }
        let page = try await reader.read(topic, index, from: position.next - 1, maxBytes: 1)
        guard let last = Array(page.records).first else { break }
        found.offset = last.offset
        found.timestamp = TopicLayout.milliseconds(last.timestamp)
      case let time:
        guard time >= 0 else {
          found.error = .unsupportedVersion
          return found
        }
        let (nanoseconds, isTooLate) = UInt64(time).multipliedReportingOverflow(by: 1_000_000)
        guard !isTooLate,
          let place = try await reader.offset(topic, index, at: Timestamp(rawValue: nanoseconds))
        else { break }
        found.offset = place.offset
        found.timestamp = TopicLayout.milliseconds(place.timestamp)
      }
    } catch {
      found.error = error.kafkaError
    }
    return found
  }

  // MARK: OffsetForLeaderEpoch

  func offsetForLeaderEpoch(_ request: Request, _ role: RoleDescriptor)
    async throws(MessageFault) -> [UInt8]
  {
    let asked = try OffsetForLeaderEpochRequest(request)
    var topics: [(name: String, partitions: [OffsetForLeaderEpochResponse.Partition])] = []
    for topic in asked.topics {
      var partitions: [OffsetForLeaderEpochResponse.Partition] = []
      for partition in topic.partitions {
        switch readable(topic.name, partition.index, role) {
        case .success(let found): partitions.append(await end(partition, found))
        case .failure(let error): partitions.append(.init(error: error, index: partition.index))
        }
      }
      topics.append((topic.name, partitions))
    }
    return OffsetForLeaderEpochResponse(topics: topics).body(request)
  }

  /// Records that consumers have seen are never taken back: of a term that is still current the end is the
  /// stream's.
  private func end(_ partition: OffsetForLeaderEpochRequest.Partition, _ topic: Topic) async
    -> OffsetForLeaderEpochResponse.Partition
  {
    let index = Int(partition.index)
    var found = OffsetForLeaderEpochResponse.Partition(index: partition.index)
    do throws(FollowError) {
      let position = try await reader.head(topic, index)
      if let fault = Self.epochFault(partition.currentEpoch, position.term) {
        found.error = fault
      } else if partition.epoch == KafkaEpoch.of(position.term) {
        found.epoch = partition.epoch
        found.endOffset = position.next
      } else if partition.epoch >= 0,
        let place = try await reader.end(
          topic, index, upTo: Term(rawValue: UInt64(partition.epoch)))
      {
        found.epoch = KafkaEpoch.of(place.term)
        found.endOffset = place.end
      }
    } catch {
      found.error = error.kafkaError
    }
    return found
  }
}
