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

  /// The settings of the `options` parameter: `-c name=value` and `--name=value`, with backslashes
  /// before spaces.
  static func options(_ text: String) -> [(String, String)] {
    var words: [String] = [""]
    var isEscaped = false
    for character in text {
      if isEscaped {
        words[words.count - 1].append(character)
        isEscaped = false
      } else if character == "\\" {
        isEscaped = true
      } else if character == " " {
        if !(words.last ?? "").isEmpty { words.append("") }
      } else {
        words[words.count - 1].append(character)
      }
    }
    var settings: [(String, String)] = []
    var isAfterC = false
    for word in words where !word.isEmpty {
      if word == "-c" {
        isAfterC = true
        continue
      }
      var setting = Substring(word)
      if !isAfterC {
        if word.hasPrefix("--") {
          setting = word.dropFirst(2)
        } else if word.hasPrefix("-c") {
          setting = word.dropFirst(2)
        } else {
          continue
        }
      }
      isAfterC = false
      let parts = setting.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      if parts.count == 2 {
        settings.append((parts[0].map { $0 == "-" ? "_" : String($0) }.joined(), String(parts[1])))
      }
    }
    return settings
  }
}
