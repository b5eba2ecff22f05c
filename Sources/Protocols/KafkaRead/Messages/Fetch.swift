import Types

/// Fetch: records of partitions, at once or when there are some.
struct FetchRequest: Equatable {
  struct Partition: Equatable {
    var index: Int32
    /// The leader's term as the client knows it; -1: it does not.
    var epoch: Int32 = -1
    var offset: Int64
    /// The term of the last record that the client has; -1: it does not say.
    var lastEpoch: Int32 = -1
    var bytesMax: Int32
  }
  /// By name until version 12, by id from 13 on.
  struct Topic: Equatable {
    var name: String
    var id: UUIDValue?
    var partitions: [Partition]
  }
  var waitMilliseconds: Int32
  var bytesMin: Int32
  var bytesMax: Int32
  var sessionID: Int32 = 0
  /// -1: no session; 0: a new one.
  var sessionEpoch: Int32 = -1
  var topics: [Topic]
  /// Partitions that leave the session.
  var forgotten: [Topic] = []

  init(_ request: Request) throws(MessageFault) {
    let version = request.version
    var reader = request.body
    if version <= 14 { _ = try reader.int32() }
    waitMilliseconds = try reader.int32()
    bytesMin = try reader.int32()
    bytesMax = try reader.int32()
    // Undecided rows are never shown: both isolation levels see the same.
    _ = try reader.int8()
    if version >= 7 {
      sessionID = try reader.int32()
      sessionEpoch = try reader.int32()
    }
    topics = try reader.array { (reader) throws(MessageFault) in
      try Self.topic(&reader, version) { (reader) throws(MessageFault) in
        var partition = Partition(index: try reader.int32(), offset: 0, bytesMax: 0)
        if version >= 9 { partition.epoch = try reader.int32() }
        partition.offset = try reader.int64()
        if version >= 12 { partition.lastEpoch = try reader.int32() }
        if version >= 5 { _ = try reader.int64() }
        partition.bytesMax = try reader.int32()
        try reader.tags()
        return partition
      }
    }
    if version >= 7 {
      forgotten = try reader.array { (reader) throws(MessageFault) in
        try Self.topic(&reader, version) { (reader) throws(MessageFault) in
          Partition(index: try reader.int32(), offset: 0, bytesMax: 0)
        }
      }
    }
    if version >= 11 { _ = try reader.string() }
    try reader.tags()
  }

  private static func topic(
    _ reader: inout MessageReader, _ version: Int16,
    _ partition: (inout MessageReader) throws(MessageFault) -> Partition
  ) throws(MessageFault) -> Topic {
    var topic = Topic(name: "", partitions: [])
    if version >= 13 { topic.id = try reader.uuid() } else { topic.name = try reader.string() }
    topic.partitions = try reader.array(partition)
    try reader.tags()
    return topic
  }
}

struct FetchResponse {
  struct Partition {
    var index: Int32
    var error = KafkaError.none
    /// The offset behind the last committed record, which is the last stable one too.
    var highWatermark: Int64 = -1
    var logStart: Int64 = -1
    /// Where the client's history ends to be ours: the largest term up to its own, and its end.
    var divergingEpoch: (epoch: Int32, endOffset: Int64)?
    /// Who leads, where the client has come to the wrong node.
    var leader: (id: Int32, epoch: Int32)?
    var records: [UInt8] = []
  }
  struct Topic {
    var name: String
    var id: UUIDValue?
    var partitions: [Partition]
  }
  var error = KafkaError.none
  var throttleMilliseconds: Int32 = 0
  var sessionID: Int32 = 0
  var topics: [Topic] = []
  /// Of leaders that are told of.
  var endpoints: [Broker] = []

  /// Records stay in their own memory, as pieces of the body.
  func body(_ request: Request) -> [[UInt8]] {
    let version = request.version
    var out = request.answer
    out.int32(throttleMilliseconds)
    if version >= 7 {
      out.error(error)
      out.int32(sessionID)
    }
    out.array(topics) { topic, out in
      if version >= 13 {
        out.uuid(topic.id ?? MetadataRequest.zeroID)
      } else {
        out.string(topic.name)
      }
      out.array(topic.partitions) { Self.write($0, version, into: &$1) }
      out.tags()
    }
    out.tags(version >= 16 && !endpoints.isEmpty ? [(0, endpointBytes)] : [])
    return out.allPieces
  }

  private static func write(
    _ partition: Partition, _ version: Int16, into out: inout MessageWriter
  ) {
    out.int32(partition.index)
    out.error(partition.error)
    out.int64(partition.highWatermark)
    out.int64(partition.highWatermark)
    if version >= 5 { out.int64(partition.logStart) }
    // No transaction is ever shown that was aborted.
    out.array([Int64]()) { $1.int64($0) }
    if version >= 11 { out.int32(-1) }
    out.largeData(partition.records)
    var tags: [(tag: Int, bytes: [UInt8])] = []
    if let diverging = partition.divergingEpoch {
      var field = MessageWriter(isFlexible: true)
      field.int32(diverging.epoch)
      field.int64(diverging.endOffset)
      field.tags()
      tags.append((0, field.bytes))
    }
    if let leader = partition.leader {
      var field = MessageWriter(isFlexible: true)
      field.int32(leader.id)
      field.int32(leader.epoch)
      field.tags()
      tags.append((1, field.bytes))
    }
    out.tags(tags)
  }

  private var endpointBytes: [UInt8] {
    var field = MessageWriter(isFlexible: true)
    field.array(endpoints) { broker, out in
      out.int32(broker.id)
      out.string(broker.host)
      out.int32(broker.port)
      out.nullableString(nil)
      out.tags()
    }
    return field.bytes
  }
}
