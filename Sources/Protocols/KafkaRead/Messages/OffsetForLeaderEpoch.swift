/// OffsetForLeaderEpoch: where the records of a leader's term end.
struct OffsetForLeaderEpochRequest {
  struct Partition {
    var index: Int32
    var currentEpoch: Int32
    var epoch: Int32
  }
  var topics: [(name: String, partitions: [Partition])]

  init(_ request: Request) throws(MessageFault) {
    var reader = request.body
    if request.version >= 3 { _ = try reader.int32() }
    topics = try reader.array { (reader) throws(MessageFault) in
      let name = try reader.string()
      let partitions = try reader.array { (reader) throws(MessageFault) in
        let partition = Partition(
          index: try reader.int32(), currentEpoch: try reader.int32(), epoch: try reader.int32())
        try reader.tags()
        return partition
      }
      try reader.tags()
      return (name, partitions)
    }
    try reader.tags()
  }
}

struct OffsetForLeaderEpochResponse {
  struct Partition {
    var error = KafkaError.none
    var index: Int32
    var epoch: Int32 = -1
    var endOffset: Int64 = -1
  }
  var topics: [(name: String, partitions: [Partition])]

  func body(_ request: Request) -> [UInt8] {
    var out = request.answer
    out.int32(0)
    out.array(topics) { topic, out in
      out.string(topic.name)
      out.array(topic.partitions) { partition, out in
        out.error(partition.error)
        out.int32(partition.index)
        out.int32(partition.epoch)
        out.int64(partition.endOffset)
        out.tags()
      }
      out.tags()
    }
    out.tags()
    return out.bytes
  }
}
