import Foundation

/// A request of HTTP/1.1, with its body.
struct HTTPRequest: Equatable {
  enum Fault: Error, Equatable { case malformed, tooLong }

  var method: String
  /// What stands between slashes, decoded.
  var path: [String]
  /// Behind the question mark, decoded.
  var query: [String: String] = [:]
  var body: [UInt8] = []

  /// Of the request's line and headers.
  static let headBytesMax = 8_192
  static let bodyBytesMax = 1 << 20

  /// Nil: there is more to come.
  init?(_ bytes: [UInt8]) throws(Fault) {
    guard let (head, bodyStart) = Self.head(bytes) else {
      if bytes.count > Self.headBytesMax { throw .tooLong }
      return nil
    }
    let lines = String(decoding: head, as: UTF8.self).split(whereSeparator: \.isNewline)
    let words = lines.first?.split(separator: " ") ?? []
    guard words.count == 3, words[2].hasPrefix("HTTP/1."), words[1].hasPrefix("/") else {
      throw .malformed
    }
    let length = try Self.length(lines.dropFirst())
    guard length <= Self.bodyBytesMax else { throw .tooLong }
    if bytes.count - bodyStart < length { return nil }
    method = String(words[0])
    body = Array(bytes[bodyStart..<bodyStart + length])
    let parts = words[1].split(separator: "?", maxSplits: 1)
    path = try (parts.first ?? "").split(separator: "/").map { (part) throws(Fault) in
      try Self.decoded(part)
    }
    guard parts.count == 2 else { return }
    for pair in parts[1].split(separator: "&") {
      let sides = pair.split(separator: "=", maxSplits: 1)
      guard let name = sides.first else { throw .malformed }
      query[try Self.decoded(name)] = sides.count == 2 ? try Self.decoded(sides[1]) : ""
    }
  }

  /// Up to the empty line, and where the body begins.
  private static func head(_ bytes: [UInt8]) -> (ArraySlice<UInt8>, Int)? {
    for place in bytes.indices where bytes[place] == 10 {
      let rest = bytes[(place + 1)...]
      if rest.first == 10 { return (bytes[..<place], place + 2) }
      if rest.starts(with: [13, 10]) { return (bytes[..<place], place + 3) }
    }
    return nil
  }

  private static func length(_ headers: ArraySlice<Substring>) throws(Fault) -> Int {
    for header in headers {
      let sides = header.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
      guard sides.count == 2 else { throw .malformed }
      switch sides[0].lowercased() {
      case "content-length":
        let text = sides[1].trimmingCharacters(in: .whitespaces)
        guard let length = Int(text), length >= 0 else { throw .malformed }
        return length
      // Nobody needs to send this little in pieces.
      case "transfer-encoding": throw .malformed
      default: break
      }
    }
    return 0
  }

  private static func decoded(_ text: Substring) throws(Fault) -> String {
    guard let decoded = String(text).removingPercentEncoding else { throw .malformed }
    return decoded
  }
}

struct HTTPResponse: Equatable {
  var status: String
  var type = "application/json"
  var body: String

  var bytes: [UInt8] {
    Array(
      ("HTTP/1.1 \(status)\r\nContent-Type: \(type)\r\nContent-Length: \(body.utf8.count)\r\n"
        + "Connection: close\r\n\r\n\(body)").utf8)
  }
}
