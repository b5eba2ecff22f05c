import Types

/// OffsetCommit: how far a group has come.
struct OffsetCommitRequest {
  struct Partition {
    var index: Int32
    var offset: Int64
    /// The term of the record before the offset; -1: not told.
    var epoch: Int32 = -1
    var metadata: String?
  }
  var group: String
  /// Of the classic protocol the generation, of the other the member's epoch; -1: no member commits.
  var generation: Int32
  var member: String
  var instance: String?
  var topics: [(name: String, partitions: [Partition])]

  init(_ request: Request) throws(MessageFault) {
    let version = request.version
    var reader = request.body
    group = try reader.string()
    generation = try reader.int32()
    member = try reader.string()
    if version >= 7 { instance = try reader.nullableString() }
    if version <= 4 { _ = try reader.int64() }
    topics = try reader.array { (reader) throws(MessageFault) in
      let name = try reader.string()
      let partitions = try reader.array { (reader) throws(MessageFault) in
        var partition = Partition(index: try reader.int32(), offset: try reader.int64())
        if version >= 6 { partition.epoch = try reader.int32() }
        partition.metadata = try reader.nullableString()
        try reader.tags()
        return partition
      }
      try reader.tags()
      return (name, partitions)
    }
    try reader.tags()
  }

  /// `error` says what became of each partition.
  func body(_ request: Request, _ error: (String, Partition) -> KafkaError) -> [UInt8] {
    var out = request.answer
    if request.version >= 3 { out.int32(0) }
    out.array(topics) { topic, out in
      out.string(topic.name)
      out.array(topic.partitions) { partition, out in
        out.int32(partition.index)
        out.error(error(topic.name, partition))
        out.tags()
      }
      out.tags()
    }
    out.tags()
    return out.bytes
  }
}

/// OffsetFetch: how far groups have come.
struct OffsetFetchRequest {
  struct Group {
    var name: String
    var member: String?
    var memberEpoch: Int32 = -1
    /// Nil: all that there are.
    var topics: [(name: String, partitions: [Int32])]?
  }
  /// One before version 8.
  var groups: [Group]

  init(_ request: Request) throws(MessageFault) {
    let version = request.version
    var reader = request.body
    func topics(_ reader: inout MessageReader) throws(MessageFault) -> [(
      name: String, partitions: [Int32]
    )]? {
      try reader.nullableArray { (reader) throws(MessageFault) in
        let topic = (try reader.string(), try reader.int32s())
        try reader.tags()
        return topic
      }
    }
    if version <= 7 {
      var group = Group(name: try reader.string())
      group.topics = try topics(&reader)
      groups = [group]
    } else {
      groups = try reader.array { (reader) throws(MessageFault) in
        var group = Group(name: try reader.string())
        if version >= 9 {
          group.member = try reader.nullableString()
          group.memberEpoch = try reader.int32()
        }
        group.topics = try topics(&reader)
        try reader.tags()
        return group
      }
    }
    if version >= 7 { _ = try reader.bool() }
    try reader.tags()
  }
}

struct OffsetFetchResponse {
  struct Partition {
    var index: Int32
    var offset: Int64 = -1
    var epoch: Int32 = -1
    var metadata: String? = ""
    var error = KafkaError.none
  }
  struct Group {
    var name: String
    var error = KafkaError.none
    var topics: [(name: String, partitions: [Partition])] = []
  }
  var groups: [Group]

  /// Of versions that have one group.
  func body(_ request: Request) -> [UInt8] {
    var out = request.answer
    if request.version >= 3 { out.int32(0) }
    for group in groups { Self.write(group, request.version, into: &out) }
    out.tags()
    return out.bytes
  }

  /// One group's part of the body, of versions that have several.
  static func element(_ group: Group, _ request: Request) -> [UInt8] {
    var out = request.answer
    out.string(group.name)
    write(group, request.version, into: &out)
    out.tags()
    return out.bytes
  }

  private static func write(_ group: Group, _ version: Int16, into out: inout MessageWriter) {
    out.array(group.topics) { topic, out in
      out.string(topic.name)
      out.array(topic.partitions) { partition, out in
        out.int32(partition.index)
        out.int64(partition.offset)
        if version >= 5 { out.int32(partition.epoch) }
        out.nullableString(partition.metadata)
        out.error(partition.error)
        out.tags()
      }
      out.tags()
    }
    if version >= 2 { out.error(group.error) }
  }
}

/// OffsetDelete: a group forgets partitions.
struct OffsetDeleteRequest {
  var group: String
  var topics: [(name: String, partitions: [Int32])]

  init(_ request: Request) throws(MessageFault) {
    var reader = request.body
    group = try reader.string()
    topics = try reader.array { (reader) throws(MessageFault) in
      (try reader.string(), try reader.int32s())
    }
  }

  func body(_ request: Request, _ error: KafkaError, _ outcome: (String) -> KafkaError) -> [UInt8] {
    var out = request.answer
    out.error(error)
    out.int32(0)
    out.array(error == .none ? topics : []) { topic, out in
      out.string(topic.name)
      out.array(topic.partitions) { index, out in
        out.int32(index)
        out.error(outcome(topic.name))
      }
    }
    return out.bytes
  }
}
