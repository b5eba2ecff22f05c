/// FindCoordinator: the node that keeps a group.
struct FindCoordinatorRequest {
  enum KeyType: Int8 {
    case group = 0
    case transaction = 1
    case share = 2
  }
  /// Nil: a kind that is not known.
  var keyType: KeyType?
  /// One before version 4.
  var keys: [String]

  init(_ request: Request) throws(MessageFault) {
    var reader = request.body
    keyType = .group
    keys = []
    if request.version <= 3 { keys = [try reader.string()] }
    if request.version >= 1 { keyType = KeyType(rawValue: try reader.int8()) }
    if request.version >= 4 { keys = try reader.strings() }
    try reader.tags()
  }
}

struct FindCoordinatorResponse {
  struct Coordinator {
    var key: String
    var error = KafkaError.none
    var message: String?
    /// Nil where there is an error.
    var broker: Broker?
  }
  var coordinators: [Coordinator]

  func body(_ request: Request) -> [UInt8] {
    let version = request.version
    var out = request.answer
    if version >= 1 { out.int32(0) }
    func place(_ found: Coordinator, _ out: inout MessageWriter) {
      out.int32(found.broker?.id ?? -1)
      out.string(found.broker?.host ?? "")
      out.int32(found.broker?.port ?? -1)
    }
    if version >= 4 {
      out.array(coordinators) { found, out in
        out.string(found.key)
        place(found, &out)
        out.error(found.error)
        out.nullableString(found.message)
        out.tags()
      }
    } else if let found = coordinators.first {
      out.error(found.error)
      if version >= 1 { out.nullableString(found.message) }
      place(found, &out)
    }
    out.tags()
    return out.bytes
  }
}
