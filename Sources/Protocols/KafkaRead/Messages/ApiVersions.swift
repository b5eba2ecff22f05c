/// ApiVersions: which requests are served in which versions.
enum ApiVersions {
  /// Of version 3 on the client tells its name and version, which nothing depends on.
  static func check(_ request: Request) throws(MessageFault) {
    guard request.version >= 3 else { return }
    var reader = request.body
    _ = try reader.string()
    _ = try reader.string()
    try reader.tags()
  }

  static func body(version: Int16, error: KafkaError = .none) -> [UInt8] {
    var out = MessageWriter(isFlexible: APIKey.apiVersions.isFlexible(version))
    out.error(error)
    out.array(APIKey.allCases) { key, out in
      let served = key.versions.served
      out.int16(key.rawValue)
      out.int16(served.lowerBound)
      out.int16(served.upperBound)
      out.tags()
    }
    if version >= 1 { out.int32(0) }
    out.tags()
    return out.bytes
  }

  /// For a version that is not known here: in the layout of version 0, which every client reads, with what
  /// is served, so that the client asks again in a version that both know.
  static var unknownVersionBody: [UInt8] { body(version: 0, error: .unsupportedVersion) }
}
