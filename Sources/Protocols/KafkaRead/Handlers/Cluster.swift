import Base
import Catalog
import Node
import Types

/// Nodes, topics and their leaders.
extension KafkaSession {
  var clusterID: String {
    let id = shard.catalog.cluster?.cluster
    return UUIDText.base64(UUIDValue(high: id?.high ?? 0, low: id?.low ?? 0))
  }

  private var ownID: Int32 { Int32(shard.place.node.rawValue) }

  func metadata(_ request: Request, _ role: RoleDescriptor) async throws(MessageFault) -> [UInt8] {
    let asked = try MetadataRequest(request)
    let places = await state.places()
    let brokers = places.brokers(isTLS: startsTLS)
    let topics = state.topics
    let found: [MetadataResponse.Topic]
    if let wanted = asked.topics {
      found = wanted.map { describe($0, topics, role, places) }
    } else {
      found = topics.sorted.filter { topics.mayRead($0, role) }.map { describe($0, places) }
    }
    let response = MetadataResponse(
      brokers: brokers, clusterID: clusterID, controller: brokers.first?.id ?? ownID, topics: found)
    return response.body(request)
  }

  private func describe(
    _ wanted: MetadataRequest.Topic, _ topics: TopicCatalog, _ role: RoleDescriptor,
    _ places: ClusterPlaces
  ) -> MetadataResponse.Topic {
    let found = wanted.id.map { topics[$0] } ?? wanted.name.flatMap { topics[$0] }
    guard let topic = found else {
      return MetadataResponse.Topic(
        error: wanted.id == nil ? .unknownTopicOrPartition : .unknownTopicID, name: wanted.name,
        id: wanted.id ?? MetadataRequest.zeroID)
    }
    guard topics.mayRead(topic, role) else {
      return MetadataResponse.Topic(
        error: .topicAuthorizationFailed, name: topic.name, id: wanted.id ?? MetadataRequest.zeroID)
    }
    return describe(topic, places)
  }

  private func describe(_ topic: Topic, _ places: ClusterPlaces) -> MetadataResponse.Topic {
    MetadataResponse.Topic(
      name: topic.name, id: topic.id,
      partitions: (0..<topic.partitions).map { index in
        let tablet = topic.tablet(of: index, on: shard)
        guard let leader = places.leader(of: tablet) else {
          return MetadataResponse.Partition(
            error: .leaderNotAvailable, index: Int32(index), leader: -1, epoch: -1, replicas: [])
        }
        return MetadataResponse.Partition(
          index: Int32(index), leader: leader.node, epoch: leader.term, replicas: [leader.node])
      })
  }

  func describeCluster(_ request: Request) async throws(MessageFault) -> [UInt8] {
    let brokers = await state.places().brokers(isTLS: startsTLS)
    return try DescribeCluster.body(
      request, brokers: brokers, clusterID: clusterID, controller: brokers.first?.id ?? ownID)
  }

  /// The node that leads the bucket of the group's name.
  func findCoordinator(_ request: Request) async throws(MessageFault) -> [UInt8] {
    let asked = try FindCoordinatorRequest(request)
    let places = await state.places()
    let brokers = places.brokers(isTLS: startsTLS)
    let found = asked.keys.map { key -> FindCoordinatorResponse.Coordinator in
      guard asked.keyType == .group else {
        return .init(
          key: key, error: .invalidRequest, message: "only groups have coordinators here")
      }
      let tablet = shard.tablet(of: KafkaSchema.bucket(of: key))
      guard let leader = places.leader(of: tablet),
        let broker = brokers.first(where: { $0.id == leader.node })
      else {
        return .init(
          key: key, error: .coordinatorNotAvailable, message: "the group has no leader right now")
      }
      return .init(key: key, broker: broker)
    }
    return FindCoordinatorResponse(coordinators: found).body(request)
  }

  func describeConfigs(_ request: Request, _ role: RoleDescriptor) throws(MessageFault) -> [UInt8] {
    let asked = try DescribeConfigsRequest(request)
    let found = asked.resources.map { resource -> DescribeConfigsResponse.Resource in
      var answer = DescribeConfigsResponse.Resource(rawKind: resource.rawKind, name: resource.name)
      switch DescribeConfigsRequest.Kind(rawValue: resource.rawKind) {
      case .topic:
        guard let topic = state.topics[resource.name], state.topics.mayRead(topic, role) else {
          answer.error = .unknownTopicOrPartition
          return answer
        }
        answer.settings = settings(of: topic)
      case .broker: break
      case nil:
        answer.error = .invalidRequest
        answer.message = "only topics and nodes have settings here"
      }
      if let keys = resource.keys {
        answer.settings = answer.settings.filter { keys.contains($0.name) }
      }
      return answer
    }
    return DescribeConfigsResponse(resources: found).body(request)
  }

  private func settings(of topic: Topic) -> [DescribeConfigsResponse.Setting] {
    let options = shard.catalog.table(topic.table)?.options ?? [:]
    let cleanup = options[ChangeStreamDescriptor.cleanupOption]
    let isLimited = [
      ChangeStreamDescriptor.retentionOption, ChangeStreamDescriptor.retentionBytesOption,
    ].contains { options[$0] != nil && options[$0] != "forever" }
    let policy =
      cleanup == "compact" ? isLimited ? "compact,delete" : "compact" : cleanup ?? "delete"
    return [
      .init(name: "cleanup.policy", value: policy, isOwn: cleanup != nil),
      .init(
        name: "compression.type", value: topic.definition.compression,
        isOwn: topic.definition.number > 0),
      .init(name: "message.timestamp.type", value: "CreateTime"),
      .init(name: "quatrain.format", value: topic.definition.format.rawValue, isOwn: true),
    ]
  }
}

/// UUIDs as Kafka's tools write them: base64 for addresses, without padding.
enum UUIDText {
  private static let letters = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

  static func base64(_ id: UUIDValue) -> String {
    var out: [UInt8] = []
    let bytes = id.bytes + [0, 0]
    for start in stride(from: 0, to: 18, by: 3) {
      let group = bytes[start..<start + 3].reduce(0) { $0 << 8 | Int($1) }
      for shift in [18, 12, 6, 0] { out.append(letters[group >> shift & 63]) }
    }
    return String(decoding: out.prefix(22), as: UTF8.self)
  }
}
