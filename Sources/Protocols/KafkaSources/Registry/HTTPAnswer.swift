/// An answer of HTTP/1.1, as it comes in.
struct HTTPAnswer {
  enum Fault: Error, Equatable { case malformed, tooLong }

  private var bytes: [UInt8] = []
  private(set) var status = 0
  private var bodyStart: Int?
  private var length: Int?
  private var isChunked = false

  static let headBytesMax = 64 << 10
  static let bodyBytesMax = 4 << 20

  /// Takes the next bytes; none: the stream has ended. The body, when it is whole.
  mutating func take(_ more: [UInt8]) throws(Fault) -> [UInt8]? {
    bytes += more
    if bodyStart == nil { try readHead() }
    guard let start = bodyStart else {
      if more.isEmpty || bytes.count > Self.headBytesMax { throw .malformed }
      return nil
    }
    guard bytes.count - start <= 2 * Self.bodyBytesMax else { throw .tooLong }
    if isChunked {
      if let body = try chunks(from: start) { return body }
    } else if let length {
      if bytes.count - start >= length { return Array(bytes[start..<start + length]) }
    } else if more.isEmpty {
      return Array(bytes[start...])
    }
    if more.isEmpty { throw .malformed }
    return nil
  }

  private mutating func readHead() throws(Fault) {
    guard let end = Self.find("\r\n\r\n", in: bytes, from: 0) else { return }
    bodyStart = end + 4
    let lines = String(decoding: bytes[..<end], as: UTF8.self).split(
      separator: "\r\n", omittingEmptySubsequences: false)
    let words = lines[0].split(separator: " ")
    guard words.count >= 2, words[0].hasPrefix("HTTP/1."), let status = Int(words[1]) else {
      throw .malformed
    }
    self.status = status
    for line in lines.dropFirst() {
      guard let colon = line.firstIndex(of: ":") else { throw .malformed }
      let value = line[line.index(after: colon)...].trimmed
      switch line[..<colon].lowercased() {
      case "content-length":
        guard let count = Int(value), (0...Self.bodyBytesMax).contains(count) else {
          throw .tooLong
        }
        length = count
      case "transfer-encoding": isChunked = value.lowercased() == "chunked"
      default: break
      }
    }
  }

  /// Nil: there is more to come.
  private func chunks(from start: Int) throws(Fault) -> [UInt8]? {
    var body: [UInt8] = []
    var place = start
    while true {
      guard let end = Self.find("\r\n", in: bytes, from: place) else { return nil }
      let size = String(decoding: bytes[place..<end], as: UTF8.self).split(separator: ";").first
      guard let size, let count = Int(size.trimmed, radix: 16), count >= 0 else { throw .malformed }
      guard body.count + count <= Self.bodyBytesMax else { throw .tooLong }
      if count == 0 { return body }
      guard bytes.count >= end + 2 + count + 2 else { return nil }
      body += bytes[end + 2..<end + 2 + count]
      place = end + 2 + count + 2
    }
  }

  private static func find(_ text: StaticString, in bytes: [UInt8], from start: Int) -> Int? {
    let wanted = text.withUTF8Buffer { Array($0) }
    guard bytes.count - start >= wanted.count else { return nil }
    return (start...bytes.count - wanted.count).first {
      bytes[$0..<$0 + wanted.count].elementsEqual(wanted)
    }
  }
}

extension Substring {
  fileprivate var trimmed: String {
    let isBlank = { (character: Character) in character == " " || character == "\t" }
    return String(drop(while: isBlank).reversed().drop(while: isBlank).reversed())
  }
}
