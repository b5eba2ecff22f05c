/// JoinGroup: a member comes or stays, and learns which generation it is of.
struct JoinGroupRequest: Equatable {
  struct Strategy: Equatable {
    var name: String
    var metadata: [UInt8]
  }
  var group: String
  var sessionTimeoutMilliseconds: Int32
  var rebalanceTimeoutMilliseconds: Int32
  /// Empty: not named yet.
  var member: String
  /// Of a static member.
  var instance: String?
  var protocolType: String
  /// Ways to share the partitions out that the member knows, the best first.
  var strategies: [Strategy]

  init(_ request: Request) throws(MessageFault) {
    let version = request.version
    var reader = request.body
    group = try reader.string()
    sessionTimeoutMilliseconds = try reader.int32()
    rebalanceTimeoutMilliseconds =
      version >= 1 ? try reader.int32() : sessionTimeoutMilliseconds
    member = try reader.string()
    if version >= 5 { instance = try reader.nullableString() }
    protocolType = try reader.string()
    strategies = try reader.array { (reader) throws(MessageFault) in
      let strategy = Strategy(name: try reader.string(), metadata: try reader.data())
      try reader.tags()
      return strategy
    }
    if version >= 8 { _ = try reader.nullableString() }
    try reader.tags()
  }
}

struct JoinGroupResponse: Equatable, Sendable {
  struct Member: Equatable, Sendable {
    var id: String
    var instance: String?
    var metadata: [UInt8]
  }
  var error = KafkaError.none
  var generation: Int32 = -1
  var protocolType: String?
  var strategy: String?
  var leader = ""
  /// The leader has nothing to share out: its generation stays as it is.
  var skipsAssignment = false
  var member: String
  /// For the leader alone.
  var members: [Member] = []

  func body(_ request: Request) -> [UInt8] {
    let version = request.version
    var out = request.answer
    if version >= 2 { out.int32(0) }
    out.error(error)
    out.int32(generation)
    if version >= 7 {
      out.nullableString(protocolType)
      out.nullableString(strategy)
    } else {
      out.string(strategy ?? "")
    }
    out.string(leader)
    if version >= 9 { out.bool(skipsAssignment) }
    out.string(member)
    out.array(members) { member, out in
      out.string(member.id)
      if version >= 5 { out.nullableString(member.instance) }
      out.data(member.metadata)
      out.tags()
    }
    out.tags()
    return out.bytes
  }
}
