import Types

/// Walks the text of a json value, which is valid, without building a tree: json keeps its spaces,
/// the order of keys and duplicates.
struct JSONScanner {
  let bytes: [UInt8]

  enum Kind { case object, array, string, number, bool, null }

  private func skipSpace(_ from: Int) -> Int {
    var index = from
    while index < bytes.count, bytes[index] <= 32 { index += 1 }
    return index
  }

  /// The end of the value that begins at `start`.
  private func end(_ start: Int) -> Int {
    var index = start
    var depth = 0
    while index < bytes.count {
      switch bytes[index] {
      case UInt8(ascii: "\""):
        index += 1
        while index < bytes.count, bytes[index] != UInt8(ascii: "\"") {
          index += bytes[index] == UInt8(ascii: "\\") ? 2 : 1
        }
        index = min(index + 1, bytes.count)
        if depth == 0 { return index }
      case UInt8(ascii: "{"), UInt8(ascii: "["):
        depth += 1
        index += 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        if depth == 0 { return index }
        depth -= 1
        index += 1
        if depth == 0 { return index }
      case UInt8(ascii: ","), UInt8(ascii: ":"), 0...32:
        if depth == 0 && index > start { return index }
        index += 1
      default: index += 1
      }
    }
    return index
  }

  var kind: Kind {
    switch skipSpace(0) < bytes.count ? bytes[skipSpace(0)] : 0 {
    case UInt8(ascii: "{"): .object
    case UInt8(ascii: "["): .array
    case UInt8(ascii: "\""): .string
    case UInt8(ascii: "t"), UInt8(ascii: "f"): .bool
    case UInt8(ascii: "n"): .null
    default: .number
    }
  }

  /// Values of an array; empty for others.
  var elements: [[UInt8]] {
    guard kind == .array else { return [] }
    return items.map { Array(bytes[$0]) }
  }

  private var items: [Range<Int>] {
    var result: [Range<Int>] = []
    var index = skipSpace(skipSpace(0) + 1)
    while index < bytes.count, bytes[index] != UInt8(ascii: "]"), bytes[index] != UInt8(ascii: "}")
    {
      let stop = end(index)
      result.append(index..<stop)
      index = skipSpace(stop)
      if index < bytes.count, bytes[index] == UInt8(ascii: ",") || bytes[index] == UInt8(ascii: ":")
      {
        index = skipSpace(index + 1)
      }
      if stop == index && index >= bytes.count { break }
    }
    return result
  }

  /// Members of an object in their order; keys without escapes.
  func members() throws(SQLError) -> [(key: [UInt8], value: [UInt8])] {
    guard kind == .object else { return [] }
    let parts = items
    var result: [(key: [UInt8], value: [UInt8])] = []
    for index in stride(from: 0, to: parts.count - 1, by: 2) {
      result.append(
        (try Self.unquoted(Array(bytes[parts[index]])), Array(bytes[parts[index + 1]])))
    }
    return result
  }

  static func unquoted(_ bytes: [UInt8]) throws(SQLError) -> [UInt8] {
    guard case .string(let text) = try JSONText.parse(bytes, isStored: false).kind else {
      return bytes
    }
    return text
  }

  /// The text that ->> gives; null for JSON's null.
  static func text(_ bytes: [UInt8]) throws(SQLError) -> Value {
    switch JSONScanner(bytes: bytes).kind {
    case .null: .null
    case .string: .text(try unquoted(bytes))
    default: .text(bytes)
    }
  }

  func member(_ key: [UInt8]) throws(SQLError) -> [UInt8]? {
    try members().last { $0.key == key }?.value
  }

  /// Negative places count from the end.
  func element(_ place: Int) -> [UInt8]? {
    guard kind == .array else { return nil }
    let all = items
    let index = place < 0 ? all.count + place : place
    return all.indices.contains(index) ? Array(bytes[all[index]]) : nil
  }
}
