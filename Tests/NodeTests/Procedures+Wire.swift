import Base
import Node

// The bytes of the tests' procedures, for tablets of other nodes.

extension Get {
  func encode(into out: inout WireEncoder) { key.encode(into: &out) }
  init(from reader: inout WireDecoder) throws(DecodingFault) {
    self.init(key: try Int(from: &reader))
  }
}

extension Put {
  func encode(into out: inout WireEncoder) { [key, value].encode(into: &out) }
  init(from reader: inout WireDecoder) throws(DecodingFault) {
    let numbers = try reader.numbers(2)
    self.init(key: numbers[0], value: numbers[1])
  }
}

extension Add {
  func encode(into out: inout WireEncoder) { [key, amount].encode(into: &out) }
  init(from reader: inout WireDecoder) throws(DecodingFault) {
    let numbers = try reader.numbers(2)
    self.init(key: numbers[0], amount: numbers[1])
  }
}

extension PutLarge {
  func encode(into out: inout WireEncoder) { [key, value, bytes].encode(into: &out) }
  init(from reader: inout WireDecoder) throws(DecodingFault) {
    let numbers = try reader.numbers(3)
    self.init(key: numbers[0], value: numbers[1], bytes: numbers[2])
  }
}

extension Remove {
  func encode(into out: inout WireEncoder) { key.encode(into: &out) }
  init(from reader: inout WireDecoder) throws(DecodingFault) {
    self.init(key: try Int(from: &reader))
  }
}

extension WireDecoder {
  fileprivate mutating func numbers(_ count: Int) throws(DecodingFault) -> [Int] {
    let numbers = try [Int](from: &self)
    guard numbers.count == count else { throw .malformed("\(numbers.count) numbers") }
    return numbers
  }
}
