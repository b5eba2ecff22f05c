/// ListOffsets: the offset at a time, or at either end.
struct ListOffsetsRequest: Equatable {
  struct Partition: Equatable {
    var index: Int32
    /// The leader's term as the client knows it; -1: it does not.
    var epoch: Int32 = -1
    /// Milliseconds since the Unix epoch, or one of the special ones.
    var timestamp: Int64
  }
  struct Topic: Equatable {
    var name: String
    var partitions: [Partition]
  }
  static let latest: Int64 = -1
  static let earliest: Int64 = -2
  /// The record with the greatest timestamp.
  static let maxTimestamp: Int64 = -3
  /// The earliest on the node itself; there is no other place here.
  static let earliestLocal: Int64 = -4

  var topics: [Topic]

  init(_ request: Request) throws(MessageFault) {
    let version = request.version
    var reader = request.body
    _ = try reader.int32()
    if version >= 2 { _ = try reader.int8() }
    topics = try reader.array { (reader) throws(MessageFault) in
      let name = try reader.string()
      let partitions = try reader.array { (reader) throws(MessageFault) in
        let index = try reader.int32()
        let epoch = version >= 4 ? try reader.int32() : -1
        let timestamp = try reader.int64()
        try reader.tags()
        return Partition(index: index, epoch: epoch, timestamp: timestamp)
      }
      try reader.tags()
      return Topic(name: name, partitions: partitions)
    }
    try reader.tags()
  }
}

struct ListOffsetsResponse {
  struct Partition {
    var index: Int32
    var error = KafkaError.none
    var timestamp: Int64 = -1
    var offset: Int64 = -1
    var epoch: Int32 = -1
  }
  var topics: [(name: String, partitions: [Partition])]

  func body(_ request: Request) -> [UInt8] {
    let version = request.version
    var out = request.answer
    if version >= 2 { out.int32(0) }
    out.array(topics) { topic, out in
      out.string(topic.name)
      out.array(topic.partitions) { partition, out in
        out.int32(partition.index)
        out.error(partition.error)
        out.int64(partition.timestamp)
        out.int64(partition.offset)
        if version >= 4 { out.int32(partition.epoch) }
        out.tags()
      }
      out.tags()
    }
    out.tags()
    return out.bytes
  }
}
