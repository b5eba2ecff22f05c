/// What begins every request.
struct RequestHeader: Sendable {
  /// As it came: the kind may be unknown.
  var rawKey: Int16
  var version: Int16
  /// Comes back with the response.
  var correlation: Int32
  var clientID: String?
  /// Nil: no kind of request that is known here.
  var key: APIKey? { APIKey(rawValue: rawKey) }

  /// Reads the first fields, which are the same for all kinds and versions.
  static func peek(_ bytes: [UInt8]) throws(MessageFault) -> RequestHeader {
    var reader = MessageReader(bytes, isFlexible: false)
    return RequestHeader(
      rawKey: try reader.int16(), version: try reader.int16(), correlation: try reader.int32())
  }
}

/// A request that has come whole: its header, and the bytes of its body.
struct Request: Sendable {
  var header: RequestHeader
  var key: APIKey
  var bytes: [UInt8]
  /// Where the body begins.
  var bodyStart: Int

  var version: Int16 { header.version }
  var isFlexible: Bool { key.isFlexible(version) }

  /// The kind and the version are known to be served.
  init(_ bytes: [UInt8], _ peeked: RequestHeader, _ key: APIKey) throws(MessageFault) {
    header = peeked
    self.key = key
    self.bytes = bytes
    var reader = MessageReader(bytes, from: 8, isFlexible: key.isFlexible(peeked.version))
    header.clientID = try reader.plainNullableString()
    try reader.tags()
    bodyStart = reader.offset
  }

  var body: MessageReader { MessageReader(bytes, from: bodyStart, isFlexible: isFlexible) }

  /// A writer for the response's body.
  var answer: MessageWriter { MessageWriter(isFlexible: isFlexible) }
}

/// Puts a response's body into its frame.
enum ResponseFrame {
  /// Of the body's pieces in their order. ApiVersions' header has no tags, in no version: who asks does not
  /// know yet what is understood.
  static func encode(_ body: [[UInt8]], for request: Request) -> [[UInt8]] {
    encode(
      body, correlation: request.header.correlation,
      hasTags: request.isFlexible && request.key != .apiVersions)
  }

  static func encode(_ body: [[UInt8]], correlation: Int32, hasTags: Bool) -> [[UInt8]] {
    let count = body.reduce(0) { $0 + $1.count }
    var out = MessageWriter(isFlexible: hasTags)
    out.bytes.reserveCapacity((body.first?.count ?? 0) + 9)
    out.int32(Int32(count + (hasTags ? 5 : 4)))
    out.int32(correlation)
    out.tags()
    // The first piece is no large one: it begins with the body's own fields.
    if let first = body.first { out.bytes += first }
    return [out.bytes] + body.dropFirst()
  }
}
