import Types

/// Metadata: nodes, and topics with their partitions' leaders.
struct MetadataRequest: Equatable {
  struct Topic: Equatable {
    var id: UUIDValue?
    var name: String?
  }
  /// Nil: all.
  var topics: [Topic]?

  static let zeroID = UUIDValue(high: 0, low: 0)

  init(_ request: Request) throws(MessageFault) {
    var reader = request.body
    let version = request.version
    let asked = try reader.nullableArray { (reader) throws(MessageFault) in
      var topic = Topic()
      if version >= 10 {
        let id = try reader.uuid()
        topic.id = id == Self.zeroID ? nil : id
        topic.name = try reader.nullableString()
      } else {
        topic.name = try reader.string()
      }
      try reader.tags()
      return topic
    }
    // An empty list is all topics in version 0, and none after that.
    topics = version == 0 && asked?.isEmpty ?? true ? nil : asked
    if version >= 4 { _ = try reader.bool() }
    if (8...10).contains(version) { _ = try reader.bool() }
    if version >= 8 { _ = try reader.bool() }
    try reader.tags()
  }
}

/// A node as clients reach it.
struct Broker: Equatable, Sendable {
  var id: Int32
  var host: String
  var port: Int32
}

struct MetadataResponse {
  struct Partition {
    var error = KafkaError.none
    var index: Int32
    /// -1: none is known.
    var leader: Int32
    var epoch: Int32
    var replicas: [Int32]
  }
  struct Topic {
    var error = KafkaError.none
    var name: String?
    var id: UUIDValue
    var partitions: [Partition] = []
  }
  var brokers: [Broker]
  var clusterID: String
  var controller: Int32
  var topics: [Topic]

  private static let noOperations = Int32.min

  func body(_ request: Request) -> [UInt8] {
    var out = request.answer
    let version = request.version
    if version >= 3 { out.int32(0) }
    out.array(brokers) { broker, out in
      out.int32(broker.id)
      out.string(broker.host)
      out.int32(broker.port)
      if version >= 1 { out.nullableString(nil) }
      out.tags()
    }
    if version >= 2 { out.nullableString(clusterID) }
    if version >= 1 { out.int32(controller) }
    out.array(topics) { topic, out in Self.write(topic, version, into: &out) }
    if (8...10).contains(version) { out.int32(Self.noOperations) }
    out.tags()
    return out.bytes
  }

  private static func write(_ topic: Topic, _ version: Int16, into out: inout MessageWriter) {
    out.error(topic.error)
    if version >= 12 { out.nullableString(topic.name) } else { out.string(topic.name ?? "") }
    if version >= 10 { out.uuid(topic.id) }
    if version >= 1 { out.bool(false) }
    out.array(topic.partitions) { partition, out in
      out.error(partition.error)
      out.int32(partition.index)
      out.int32(partition.leader)
      if version >= 7 { out.int32(partition.epoch) }
      out.int32s(partition.replicas)
      out.int32s(partition.replicas)
      if version >= 5 { out.int32s([]) }
      out.tags()
    }
    if version >= 8 { out.int32(noOperations) }
    out.tags()
  }
}

/// DescribeCluster: the nodes alone.
enum DescribeCluster {
  private static let brokersEndpoint: Int8 = 1

  static func body(
    _ request: Request, brokers: [Broker], clusterID: String, controller: Int32
  ) throws(MessageFault) -> [UInt8] {
    var reader = request.body
    _ = try reader.bool()
    let endpoint = request.version >= 1 ? try reader.int8() : brokersEndpoint
    try reader.tags()
    let isServed = endpoint == brokersEndpoint
    var out = request.answer
    out.int32(0)
    out.error(isServed ? .none : .invalidRequest)
    out.nullableString(isServed ? nil : "only nodes that serve clients can be described")
    if request.version >= 1 { out.int8(endpoint) }
    out.string(clusterID)
    out.int32(controller)
    out.array(isServed ? brokers : []) { broker, out in
      out.int32(broker.id)
      out.string(broker.host)
      out.int32(broker.port)
      out.nullableString(nil)
      out.tags()
    }
    out.int32(.min)
    out.tags()
    return out.bytes
  }
}
