import Base
import Catalog
import Node

/// Where topics' records come from: the kernel's `follow`, wherever the partition's leader is.
struct TopicReader {
  let shard: NodeShard

  func position(_ topic: Topic, _ partition: Int) async throws(FollowError) -> StreamPosition {
    try await shard.streamPosition(of: topic.table, partition: partition)
  }

  /// Where it ends; it may begin earlier than this says.
  func head(_ topic: Topic, _ partition: Int) async throws(FollowError) -> StreamPosition {
    try await shard.streamHead(of: topic.table, partition: partition)
  }

  /// What there is now; nothing is waited for.
  func read(_ topic: Topic, _ partition: Int, from offset: Int64, maxBytes: Int)
    async throws(FollowError) -> ChangePage
  {
    try await shard.follow(
      topic.table, partition: partition, from: offset, maxBytes: maxBytes, waitMilliseconds: 0)
  }

  func offset(_ topic: Topic, _ partition: Int, at time: Timestamp) async throws(FollowError)
    -> (offset: Int64, timestamp: Timestamp)?
  {
    try await shard.streamOffset(of: topic.table, partition: partition, at: time)
  }

  func end(_ topic: Topic, _ partition: Int, upTo term: Term) async throws(FollowError) -> (
    term: Term, end: Int64
  )? {
    try await shard.streamEnd(of: topic.table, partition: partition, upTo: term)
  }
}

extension FollowError {
  /// As the protocol has it; clients look for the leader again where asking again may help.
  var kafkaError: KafkaError {
    switch self {
    case .noStream, .noPartition: .unknownTopicOrPartition
    case .outOfRange: .offsetOutOfRange
    case .kernel(.unavailable), .kernel(.leaderChanged), .kernel(.tabletSplit):
      .notLeaderOrFollower
    case .kernel: .unknownServerError
    }
  }
}
