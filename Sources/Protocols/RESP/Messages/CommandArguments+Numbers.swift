import Base

/// Arguments that have to be numbers, with Redis' errors.
extension CommandArguments {
  func integer(_ index: Int, or message: String? = nil) throws(CommandStop) -> Int64 {
    guard let value = self[index].strictInteger() else {
      throw message.map { .error("ERR \($0)") } ?? .notInteger
    }
    return value
  }

  /// One of the range; `message` is also for what is no number.
  func integer(_ index: Int, atLeast least: Int64, or message: String) throws(CommandStop) -> Int64
  {
    let value = try integer(index, or: message)
    guard value >= least else { throw .error("ERR \(message)") }
    return value
  }

  /// 0 or more.
  func count(_ index: Int) throws(CommandStop) -> Int64 {
    try integer(index, atLeast: 0, or: "value is out of range, must be positive")
  }

  /// How many random elements are wanted, negative where they may repeat. `isPaired`: each is two
  /// elements of the reply.
  func randomCount(_ index: Int, isPaired: Bool) throws(CommandStop) -> Int64 {
    let value = try integer(index)
    guard value > .min else {
      let limit = Int64.max
      throw .error("ERR value is out of range, value must between \(-limit) and \(limit)")
    }
    if isPaired, value.magnitude > Int64.max.magnitude / 2 {
      throw .error("ERR value is out of range")
    }
    return value
  }

  func double(_ index: Int, or message: String? = nil) throws(CommandStop) -> Double {
    // What is too large for a number is no infinity: that has to be spelt out.
    guard let value = self[index].double(),
      value.isFinite || self[index].contains(where: { $0 | 32 == UInt8(ascii: "i") })
    else { throw message.map { .error("ERR \($0)") } ?? .notFloat }
    return value
  }
}
