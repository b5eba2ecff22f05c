import Types

/// Requests that would write. Topics are tables, which other protocols write and define; who asks here is
/// told so, item by item, in the form that its client shows.
enum RefusedWrites {
  private static let produceText =
    "topics are tables' changes: write the table through SQL, Redis or CQL"
  private static let defineText = "topics are defined by SQL: CREATE TOPIC, ALTER TOPIC, DROP TOPIC"

  /// Nil: the client wants no answer (acks = 0), and hears of it by the end of the connection.
  static func produce(_ request: Request) throws(MessageFault) -> [UInt8]? {
    let version = request.version
    var reader = request.body
    _ = try reader.nullableString()
    let acknowledgements = try reader.int16()
    _ = try reader.int32()
    let topics = try reader.array { (reader) throws(MessageFault) in
      let name = try reader.string()
      let partitions = try reader.array { (reader) throws(MessageFault) in
        let index = try reader.int32()
        _ = try reader.nullableData()
        try reader.tags()
        return index
      }
      try reader.tags()
      return (name, partitions)
    }
    if acknowledgements == 0 { return nil }
    var out = request.answer
    out.array(topics) { topic, out in
      out.string(topic.0)
      out.array(topic.1) { index, out in
        out.int32(index)
        out.error(.topicAuthorizationFailed)
        out.int64(-1)
        out.int64(-1)
        if version >= 5 { out.int64(-1) }
        if version >= 8 {
          out.array([Int32]()) { $1.int32($0) }
          out.nullableString(produceText)
        }
        out.tags()
      }
      out.tags()
    }
    out.int32(0)
    out.tags()
    return out.bytes
  }

  static func initProducerID(_ request: Request) -> [UInt8] {
    var out = request.answer
    out.int32(0)
    out.error(.clusterAuthorizationFailed)
    out.int64(-1)
    out.int16(-1)
    out.tags()
    return out.bytes
  }

  static func createTopics(_ request: Request) throws(MessageFault) -> [UInt8] {
    let version = request.version
    var reader = request.body
    let names = try reader.array { (reader) throws(MessageFault) in
      let name = try reader.string()
      _ = try reader.int32()
      _ = try reader.int16()
      _ = try reader.array { (reader) throws(MessageFault) in
        _ = try reader.int32()
        _ = try reader.int32s()
        try reader.tags()
      }
      _ = try reader.array { (reader) throws(MessageFault) in
        _ = try reader.string()
        _ = try reader.nullableString()
        try reader.tags()
      }
      try reader.tags()
      return name
    }
    var out = request.answer
    out.int32(0)
    out.array(names) { name, out in
      out.string(name)
      if version >= 7 { out.uuid(MetadataRequest.zeroID) }
      out.error(.policyViolation)
      out.nullableString(defineText)
      if version >= 5 {
        out.int32(-1)
        out.int16(-1)
        out.array([String]()) { $1.string($0) }
      }
      out.tags()
    }
    out.tags()
    return out.bytes
  }

  static func deleteTopics(_ request: Request) throws(MessageFault) -> [UInt8] {
    let version = request.version
    var reader = request.body
    let topics = try reader.array { (reader) throws(MessageFault) in
      guard version >= 6 else {
        return MetadataRequest.Topic(id: nil, name: try reader.string())
      }
      let name = try reader.nullableString()
      let topic = MetadataRequest.Topic(id: try reader.uuid(), name: name)
      try reader.tags()
      return topic
    }
    var out = request.answer
    out.int32(0)
    out.array(topics) { topic, out in
      if version >= 6 {
        out.nullableString(topic.name)
        out.uuid(topic.id ?? MetadataRequest.zeroID)
      } else {
        out.string(topic.name ?? "")
      }
      out.error(.policyViolation)
      if version >= 5 { out.nullableString(defineText) }
      out.tags()
    }
    out.tags()
    return out.bytes
  }
}
