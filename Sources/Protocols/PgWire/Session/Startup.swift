/// The first packet of a connection, which has no type byte.
enum StartupPacket: Hashable {
  case sslRequest
  case gssRequest
  case cancel(process: Int32, secret: Int32)
  case startup(minor: Int, parameters: [String: String])
  case unsupported(version: Int32)

  /// The code that stands where the protocol's version does.
  var version: Int32 {
    switch self {
    case .sslRequest: 80_877_103
    case .gssRequest: 80_877_104
    case .cancel: 80_877_102
    case .startup(let minor, _): 3 << 16 | Int32(minor)
    case .unsupported(let version): version
    }
  }

  /// PostgreSQL's limit on the packet's length.
  static let bytesMax = 10_000

  init(_ body: [UInt8]) throws(MessageFault) {
    var reader = MessageReader(body)
    let code = try reader.int32()
    switch code {
    case 80_877_103: self = .sslRequest
    case 80_877_104: self = .gssRequest
    case 80_877_102:
      self = .cancel(process: try reader.int32(), secret: try reader.int32())
    case let version where version >> 16 == 3:
      var parameters: [String: String] = [:]
      while true {
        let name = try reader.text()
        if name.isEmpty { break }
        parameters[name] = try reader.text()
      }
      guard reader.isAtEnd else { throw .malformed }
      self = .startup(minor: Int(version & 0xFFFF), parameters: parameters)
    default: self = .unsupported(version: code)
    }
  }
}
