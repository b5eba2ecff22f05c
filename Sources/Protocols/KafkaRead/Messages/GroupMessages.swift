/// SyncGroup: the leader's shares go to all members.
struct SyncGroupRequest: Equatable {
  var group: String
  var generation: Int32
  var member: String
  var instance: String?
  var protocolType: String?
  var strategy: String?
  /// The leader's alone.
  var shares: [Share] = []

  struct Share: Equatable {
    var member: String
    var assignment: [UInt8]
  }

  init(_ request: Request) throws(MessageFault) {
    let version = request.version
    var reader = request.body
    group = try reader.string()
    generation = try reader.int32()
    member = try reader.string()
    if version >= 3 { instance = try reader.nullableString() }
    if version >= 5 {
      protocolType = try reader.nullableString()
      strategy = try reader.nullableString()
    }
    shares = try reader.array { (reader) throws(MessageFault) in
      let share = Share(member: try reader.string(), assignment: try reader.data())
      try reader.tags()
      return share
    }
    try reader.tags()
  }
}

struct SyncGroupResponse: Equatable, Sendable {
  var error = KafkaError.none
  var protocolType: String?
  var strategy: String?
  var assignment: [UInt8] = []

  func body(_ request: Request) -> [UInt8] {
    var out = request.answer
    if request.version >= 1 { out.int32(0) }
    out.error(error)
    if request.version >= 5 {
      out.nullableString(protocolType)
      out.nullableString(strategy)
    }
    out.data(assignment)
    out.tags()
    return out.bytes
  }
}

/// Heartbeat: the member lives, and asks whether its generation does.
struct HeartbeatRequest: Equatable {
  var group: String
  var generation: Int32
  var member: String
  var instance: String?

  init(_ request: Request) throws(MessageFault) {
    var reader = request.body
    group = try reader.string()
    generation = try reader.int32()
    member = try reader.string()
    if request.version >= 3 { instance = try reader.nullableString() }
    try reader.tags()
  }

  static func body(_ request: Request, _ error: KafkaError) -> [UInt8] {
    var out = request.answer
    if request.version >= 1 { out.int32(0) }
    out.error(error)
    out.tags()
    return out.bytes
  }
}

/// LeaveGroup: members go; before version 3 only who asks.
struct LeaveGroupRequest: Equatable {
  struct Member: Equatable {
    var id: String
    var instance: String?
  }
  var group: String
  var members: [Member]

  init(_ request: Request) throws(MessageFault) {
    let version = request.version
    var reader = request.body
    group = try reader.string()
    if version <= 2 {
      members = [Member(id: try reader.string())]
    } else {
      members = try reader.array { (reader) throws(MessageFault) in
        let member = Member(id: try reader.string(), instance: try reader.nullableString())
        if version >= 5 { _ = try reader.nullableString() }
        try reader.tags()
        return member
      }
    }
    try reader.tags()
  }

  /// `outcomes` are in the order of the members.
  func body(_ request: Request, _ error: KafkaError, outcomes: [KafkaError]) -> [UInt8] {
    let version = request.version
    var out = request.answer
    if version >= 1 { out.int32(0) }
    out.error(version <= 2 && error == .none ? outcomes.first ?? .none : error)
    if version >= 3 {
      out.array(error == .none ? Array(zip(members, outcomes)) : []) { item, out in
        out.string(item.0.id)
        out.nullableString(item.0.instance)
        out.error(item.1)
        out.tags()
      }
    }
    out.tags()
    return out.bytes
  }
}
