import Types

/// ConsumerGroupHeartbeat (KIP-848): a member lives, says what has changed with it, and hears what it has.
struct ConsumerGroupHeartbeatRequest: Equatable {
  struct Partitions: Equatable {
    var topic: UUIDValue
    var partitions: [Int32]
  }
  /// The member leaves; -2: a static one that will come back.
  static let leaves: Int32 = -1
  static let leavesForNow: Int32 = -2

  var group: String
  var member: String
  /// 0: it joins.
  var epoch: Int32
  var instance: String?
  /// -1: as before.
  var rebalanceTimeoutMilliseconds: Int32
  /// Nil: as before.
  var topics: [String]?
  /// A regular expression of topics' names.
  var pattern: String?
  var assignor: String?
  /// What the member has; nil: as before.
  var owned: [Partitions]?

  init(_ request: Request) throws(MessageFault) {
    var reader = request.body
    group = try reader.string()
    member = try reader.string()
    epoch = try reader.int32()
    instance = try reader.nullableString()
    _ = try reader.nullableString()
    rebalanceTimeoutMilliseconds = try reader.int32()
    topics = try reader.nullableArray { (reader) throws(MessageFault) in try reader.string() }
    if request.version >= 1 { pattern = try reader.nullableString() }
    assignor = try reader.nullableString()
    owned = try reader.nullableArray { (reader) throws(MessageFault) in
      let item = Partitions(topic: try reader.uuid(), partitions: try reader.int32s())
      try reader.tags()
      return item
    }
    try reader.tags()
  }
}

struct ConsumerGroupHeartbeatResponse: Equatable {
  var error = KafkaError.none
  var message: String?
  var member: String?
  var epoch: Int32 = 0
  var intervalMilliseconds: Int32 = 0
  /// Nil: as before.
  var assignment: [ConsumerGroupHeartbeatRequest.Partitions]?

  func body(_ request: Request) -> [UInt8] {
    var out = request.answer
    out.int32(0)
    out.error(error)
    out.nullableString(message)
    out.nullableString(member)
    out.int32(epoch)
    out.int32(intervalMilliseconds)
    // A structure that may be null: one byte says which.
    if let assignment {
      out.int8(1)
      out.array(assignment) { item, out in
        out.uuid(item.topic)
        out.int32s(item.partitions)
        out.tags()
      }
      out.tags()
    } else {
      out.int8(-1)
    }
    out.tags()
    return out.bytes
  }
}

/// ConsumerGroupDescribe: groups of KIP-848's protocol.
enum ConsumerGroupDescribe {
  struct Partitions: Sendable {
    var topic: UUIDValue
    var name: String
    var partitions: [Int32]
  }
  struct Member: Sendable {
    var id: String
    var instance: String?
    var epoch: Int32
    var clientID: String
    var clientHost: String
    var topics: [String]
    var pattern: String?
    var assignment: [Partitions]
    var target: [Partitions]
  }
  struct Group: Sendable {
    var name: String
    var error = KafkaError.none
    var message: String?
    var state = "Dead"
    var epoch: Int32 = 0
    var assignmentEpoch: Int32 = 0
    var assignor = ""
    var members: [Member] = []
  }

  static func groups(_ request: Request) throws(MessageFault) -> [String] {
    var reader = request.body
    let groups = try reader.strings()
    _ = try reader.bool()
    try reader.tags()
    return groups
  }

  private static let consumerType: Int8 = 1

  /// One group's part of the body.
  static func element(_ group: Group, _ request: Request) -> [UInt8] {
    var out = request.answer
    out.error(group.error)
    out.nullableString(group.message)
    out.string(group.name)
    out.string(group.state)
    out.int32(group.epoch)
    out.int32(group.assignmentEpoch)
    out.string(group.assignor)
    out.array(group.members) { write($0, request.version, into: &$1) }
    out.int32(.min)
    out.tags()
    return out.bytes
  }

  private static func write(_ member: Member, _ version: Int16, into out: inout MessageWriter) {
    out.string(member.id)
    out.nullableString(member.instance)
    out.nullableString(nil)
    out.int32(member.epoch)
    out.string(member.clientID)
    out.string(member.clientHost)
    out.strings(member.topics)
    out.nullableString(member.pattern)
    for part in [member.assignment, member.target] {
      out.array(part) { item, out in
        out.uuid(item.topic)
        out.string(item.name)
        out.int32s(item.partitions)
        out.tags()
      }
      out.tags()
    }
    if version >= 1 { out.int8(consumerType) }
    out.tags()
  }
}
