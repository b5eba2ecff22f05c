import Security

/// SaslHandshake and SaslAuthenticate: who the client is.
enum SASLMechanism: String, CaseIterable, Sendable {
  case plain = "PLAIN"
  case scramSHA256 = "SCRAM-SHA-256"
  case scramSHA512 = "SCRAM-SHA-512"

  /// Nil: none of SCRAM's.
  var hash: SCRAMHash? { SCRAMHash(rawValue: rawValue) }
}

enum SaslHandshake {
  static func mechanism(_ request: Request) throws(MessageFault) -> String {
    var reader = request.body
    return try reader.string()
  }

  static func body(_ request: Request, _ error: KafkaError) -> [UInt8] {
    var out = request.answer
    out.error(error)
    out.strings(SASLMechanism.allCases.map(\.rawValue))
    return out.bytes
  }
}

enum SaslAuthenticate {
  static func token(_ request: Request) throws(MessageFault) -> [UInt8] {
    var reader = request.body
    let token = try reader.data()
    try reader.tags()
    return token
  }

  static func body(_ request: Request, _ error: KafkaError, _ message: String?, _ token: [UInt8])
    -> [UInt8]
  {
    var out = request.answer
    out.error(error)
    out.nullableString(message)
    out.data(token)
    if request.version >= 1 { out.int64(0) }
    out.tags()
    return out.bytes
  }
}
