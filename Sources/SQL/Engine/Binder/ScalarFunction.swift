import Types

/// The scalar functions that are there so far.
enum ScalarFunction: String, Sendable {
  case abs, lower, upper, length

  /// The result for the argument's type; nil where there is no such function.
  func result(_ argument: SQLType) -> SQLType? {
    switch self {
    case .abs: isNumber(argument) ? argument : nil
    case .lower, .upper: isText(argument) ? .text : nil
    case .length: isText(argument) ? .int4 : nil
    }
  }

  func apply(_ arguments: [Value]) throws(SQLError) -> Value {
    switch (self, arguments[0]) {
    case (.abs, .int(let number)): return .int(Swift.abs(number))
    case (.abs, .float(let number)): return .float(Swift.abs(number))
    case (.abs, .numeric(let number)):
      return .numeric(number < Numeric(0) ? number.negated() : number)
    case (.lower, .text(let text)):
      return .string(String(decoding: text, as: UTF8.self).lowercased())
    case (.upper, .text(let text)):
      return .string(String(decoding: text, as: UTF8.self).uppercased())
    case (.length, .text(let text)):
      return .int(Int64(String(decoding: text, as: UTF8.self).unicodeScalars.count))
    default: return .null
    }
  }
}
