/// DescribeGroups: groups of the classic protocol, with their members.
struct DescribeGroupsRequest {
  var groups: [String]

  init(_ request: Request) throws(MessageFault) {
    var reader = request.body
    groups = try reader.strings()
    if request.version >= 3 { _ = try reader.bool() }
    try reader.tags()
  }
}

struct DescribedGroup: Sendable {
  struct Member: Sendable {
    var id: String
    var instance: String?
    var clientID: String
    var clientHost: String
    var metadata: [UInt8]
    var assignment: [UInt8]
  }
  var name: String
  var error = KafkaError.none
  var message: String?
  var state = "Dead"
  var protocolType = ""
  var strategy = ""
  var members: [Member] = []

  func write(_ version: Int16, into out: inout MessageWriter) {
    out.error(error)
    if version >= 6 { out.nullableString(message) }
    out.string(name)
    out.string(state)
    out.string(protocolType)
    out.string(strategy)
    out.array(members) { member, out in
      out.string(member.id)
      if version >= 4 { out.nullableString(member.instance) }
      out.string(member.clientID)
      out.string(member.clientHost)
      out.data(member.metadata)
      out.data(member.assignment)
      out.tags()
    }
    if version >= 3 { out.int32(.min) }
    out.tags()
  }
}

/// ListGroups: the groups that this node keeps.
struct ListGroupsRequest {
  /// Empty: all.
  var states: [String] = []
  var types: [String] = []

  init(_ request: Request) throws(MessageFault) {
    var reader = request.body
    if request.version >= 4 { states = try reader.strings() }
    if request.version >= 5 { types = try reader.strings() }
    try reader.tags()
  }
}

struct ListedGroup: Sendable {
  var name: String
  var protocolType: String
  var state: String
  /// "classic" or "consumer".
  var type: String

  func isWanted(_ request: ListGroupsRequest) -> Bool {
    func has(_ wanted: [String], _ word: String) -> Bool {
      wanted.isEmpty || wanted.contains { $0.lowercased() == word.lowercased() }
    }
    return has(request.states, state) && has(request.types, type)
  }

  func write(_ version: Int16, into out: inout MessageWriter) {
    out.string(name)
    out.string(protocolType)
    if version >= 4 { out.string(state) }
    if version >= 5 { out.string(type) }
    out.tags()
  }
}

/// DeleteGroups: groups without members go, with their offsets.
enum DeleteGroups {
  static func groups(_ request: Request) throws(MessageFault) -> [String] {
    var reader = request.body
    let groups = try reader.strings()
    try reader.tags()
    return groups
  }
}
