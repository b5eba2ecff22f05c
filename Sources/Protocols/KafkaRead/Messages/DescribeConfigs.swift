/// DescribeConfigs: settings of topics and nodes, which clients of administration tools show.
struct DescribeConfigsRequest {
  enum Kind: Int8 {
    case topic = 2
    case broker = 4
  }
  struct Resource {
    var rawKind: Int8
    var name: String
    /// Nil: all settings.
    var keys: [String]?
  }
  var resources: [Resource]

  init(_ request: Request) throws(MessageFault) {
    var reader = request.body
    resources = try reader.array { (reader) throws(MessageFault) in
      var resource = Resource(rawKind: try reader.int8(), name: try reader.string())
      resource.keys = try reader.nullableArray { (reader) throws(MessageFault) in
        try reader.string()
      }
      try reader.tags()
      return resource
    }
    if request.version >= 1 { _ = try reader.bool() }
    if request.version >= 3 { _ = try reader.bool() }
    try reader.tags()
  }
}

struct DescribeConfigsResponse {
  struct Setting {
    var name: String
    var value: String
    /// As a topic's own setting, not the default one.
    var isOwn = false
  }
  struct Resource {
    var error = KafkaError.none
    var message: String?
    var rawKind: Int8
    var name: String
    var settings: [Setting] = []
  }
  var resources: [Resource]

  private static let ownSource: Int8 = 1
  private static let defaultSource: Int8 = 5
  private static let stringType: Int8 = 2

  func body(_ request: Request) -> [UInt8] {
    let version = request.version
    var out = request.answer
    out.int32(0)
    out.array(resources) { resource, out in
      out.error(resource.error)
      out.nullableString(resource.message)
      out.int8(resource.rawKind)
      out.string(resource.name)
      out.array(resource.settings) { setting, out in
        out.string(setting.name)
        out.nullableString(setting.value)
        // Read-only: SQL changes them.
        out.bool(true)
        out.int8(setting.isOwn ? Self.ownSource : Self.defaultSource)
        out.bool(false)
        out.array([String]()) { $1.string($0) }
        if version >= 3 {
          out.int8(Self.stringType)
          out.nullableString(nil)
        }
        out.tags()
      }
      out.tags()
    }
    out.tags()
    return out.bytes
  }
}
