import Base

/// The id of a stream's entry: milliseconds and a number among those of the same time. In SQL a uuid.
struct StreamID: Comparable, Hashable {
  var milliseconds: UInt64
  var sequence: UInt64

  static let zero = StreamID(milliseconds: 0, sequence: 0)
  static let max = StreamID(milliseconds: .max, sequence: .max)

  static func < (a: StreamID, b: StreamID) -> Bool {
    (a.milliseconds, a.sequence) < (b.milliseconds, b.sequence)
  }

  /// Nil behind the last.
  var next: StreamID? {
    if sequence < .max { return StreamID(milliseconds: milliseconds, sequence: sequence + 1) }
    if milliseconds < .max { return StreamID(milliseconds: milliseconds + 1, sequence: 0) }
    return nil
  }

  var previous: StreamID? {
    if sequence > 0 { return StreamID(milliseconds: milliseconds, sequence: sequence - 1) }
    if milliseconds > 0 { return StreamID(milliseconds: milliseconds - 1, sequence: .max) }
    return nil
  }

  var text: String { "\(milliseconds)-\(sequence)" }
}

extension StreamID {
  /// `ms-seq` or `ms`, whose sequence is then `missing`. Nil: neither.
  init?(_ text: ArraySlice<UInt8>, missing: UInt64) {
    guard let parts = Self.parts(text), parts.sequence != nil || !parts.hasSequence else {
      return nil
    }
    self.init(milliseconds: parts.milliseconds, sequence: parts.sequence ?? missing)
  }

  /// The two numbers; a sequence that is no number is nil.
  static func parts(_ text: ArraySlice<UInt8>) -> (
    milliseconds: UInt64, hasSequence: Bool, sequence: UInt64?
  )? {
    guard text.count < 128 else { return nil }
    let dash = text.firstIndex(of: UInt8(ascii: "-"))
    guard let milliseconds = number(text[..<(dash ?? text.endIndex)]) else { return nil }
    guard let dash else { return (milliseconds, false, nil) }
    return (milliseconds, true, number(text[(dash + 1)...]))
  }

  private static func number(_ digits: ArraySlice<UInt8>) -> UInt64? {
    guard !digits.isEmpty else { return nil }
    var value: UInt64 = 0
    for digit in digits {
      guard digit >= UInt8(ascii: "0"), digit <= UInt8(ascii: "9") else { return nil }
      let (product, isOver) = value.multipliedReportingOverflow(by: 10)
      let (sum, isOverToo) = product.addingReportingOverflow(UInt64(digit - UInt8(ascii: "0")))
      if isOver || isOverToo { return nil }
      value = sum
    }
    return value
  }
}

extension StreamID {
  private static let invalid = CommandStop.error(
    "ERR Invalid stream ID specified as stream command argument")

  /// An id that a command names; `-` and `+` are none.
  static func strict(_ argument: ArraySlice<UInt8>, missing: UInt64 = 0) throws(CommandStop)
    -> StreamID
  {
    guard let id = StreamID(argument, missing: missing) else { throw invalid }
    return id
  }

  /// An id, or `-` or `+` for the first and the last there can be.
  static func any(_ argument: ArraySlice<UInt8>, missing: UInt64 = 0) throws(CommandStop)
    -> StreamID
  {
    if argument.elementsEqual("-".utf8) { return .zero }
    if argument.elementsEqual("+".utf8) { return .max }
    return try strict(argument, missing: missing)
  }

  /// The start of a range; behind `(` stands one that is not in it.
  static func start(_ argument: ArraySlice<UInt8>) throws(CommandStop) -> StreamID {
    guard argument.count > 1, argument.first == UInt8(ascii: "(") else { return try any(argument) }
    guard let next = try strict(argument.dropFirst()).next else {
      throw .error("ERR invalid start ID for the interval")
    }
    return next
  }

  static func end(_ argument: ArraySlice<UInt8>) throws(CommandStop) -> StreamID {
    guard argument.count > 1, argument.first == UInt8(ascii: "(") else {
      return try any(argument, missing: .max)
    }
    guard let previous = try strict(argument.dropFirst(), missing: .max).previous else {
      throw .error("ERR invalid end ID for the interval")
    }
    return previous
  }
}

extension ReplyWriter {
  mutating func id(_ id: StreamID) { bulk(id.text) }
}
