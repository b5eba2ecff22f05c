import Base
import Node

/// A command as it came: its name and arguments, in one piece of memory. Strings are bytes.
struct CommandArguments: Sendable, Equatable {
  private(set) var bytes: [UInt8] = []
  /// Where each argument ends.
  private var ends: [Int] = []

  init() {}

  init(_ arguments: [[UInt8]]) {
    for argument in arguments { append(argument) }
  }

  init(_ arguments: String...) {
    for argument in arguments { append(argument.utf8) }
  }

  var count: Int { ends.count }

  subscript(_ index: Int) -> ArraySlice<UInt8> {
    bytes[range(index)]
  }

  /// Where an argument is in `bytes`.
  func range(_ index: Int) -> Range<Int> { (index == 0 ? 0 : ends[index - 1])..<ends[index] }

  /// Copies of all.
  var list: [[UInt8]] { (0..<count).map { array($0) } }

  /// A copy.
  func array(_ index: Int) -> [UInt8] { Array(self[index]) }

  /// For messages; what is not UTF-8 is replaced.
  func text(_ index: Int) -> String { String(decoding: self[index], as: UTF8.self) }

  mutating func append(_ argument: some Sequence<UInt8>) {
    bytes.append(contentsOf: argument)
    ends.append(bytes.count)
  }

  mutating func append(_ argument: UnsafeRawBufferPointer) {
    bytes.append(contentsOf: argument)
    ends.append(bytes.count)
  }

  /// Keeps the memory where nobody else has it, unless it is large.
  mutating func removeAll() {
    if bytes.capacity > 1 << 14 { bytes = [] }
    bytes.removeAll(keepingCapacity: true)
    ends.removeAll(keepingCapacity: true)
  }

  mutating func reserve(_ count: Int) { ends.reserveCapacity(count) }

  /// The arguments from `first` on, as a command of their own.
  func suffix(from first: Int) -> CommandArguments {
    var rest = CommandArguments()
    for index in first..<max(first, count) { rest.append(self[index]) }
    return rest
  }

  /// Whether the argument is this word, in whichever case. `word` is in upper case.
  func matches(_ index: Int, _ word: StaticString) -> Bool {
    self[index].matches(word)
  }
}

extension ArraySlice<UInt8> {
  /// Whether the bytes are this word, in whichever case. `word` is in upper case.
  func matches(_ word: StaticString) -> Bool {
    guard count == word.utf8CodeUnitCount else { return false }
    var position = startIndex
    for index in 0..<count {
      var byte = self[position]
      if byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "z") { byte -= 32 }
      if byte != word.utf8Start[index] { return false }
      position += 1
    }
    return true
  }
}

extension CommandArguments: WireCodable {
  func encode(into out: inout WireEncoder) {
    out.bytes.blob(bytes)
    out.bytes.varint(UInt64(ends.count))
    for end in ends { out.bytes.varint(UInt64(end)) }
  }

  init(from reader: inout WireDecoder) throws(DecodingFault) {
    bytes = try reader.bytes.blob()
    ends = try reader.list { (reader) throws(DecodingFault) in
      Int(truncatingIfNeeded: try reader.bytes.varint())
    }
    var last = 0
    for end in ends {
      guard end >= last, end <= bytes.count else { throw .malformed("argument ends at \(end)") }
      last = end
    }
  }
}
