import Base
import Glibc

/// Numbers as Redis reads and prints them.

extension Collection<UInt8> {
  /// Of its one canonical form: no blanks, no plus, no leading zeros, no "-0" (Redis' string2ll).
  func strictInteger() -> Int64? {
    guard let first, count <= 20 else { return nil }
    if count == 1, first == UInt8(ascii: "0") { return 0 }
    let isNegative = first == UInt8(ascii: "-")
    let digits = dropFirst(isNegative ? 1 : 0)
    guard let lead = digits.first, lead != UInt8(ascii: "0") else { return nil }
    var value: Int64 = 0
    for digit in digits {
      guard digit >= UInt8(ascii: "0"), digit <= UInt8(ascii: "9") else { return nil }
      let (product, isOver) = value.multipliedReportingOverflow(by: 10)
      let step = Int64(digit - UInt8(ascii: "0"))
      let (sum, isOverToo) =
        isNegative
        ? product.subtractingReportingOverflow(step) : product.addingReportingOverflow(step)
      if isOver || isOverToo { return nil }
      value = sum
    }
    return value
  }

  /// A floating-point number in any form that strtod reads, without blanks; never NaN.
  func double() -> Double? {
    if count <= 15, let whole = strictInteger() { return Double(whole) }
    guard let text = numberText(), let value = Double.reading(text), !value.isNaN else {
      return nil
    }
    return value
  }

  private func numberText() -> [CChar]? {
    guard let first, count <= 5 * 1_024 else { return nil }
    if (9...13).contains(first) || first == 32 { return nil }
    var text = map { CChar(bitPattern: $0) }
    if text.contains(0) { return nil }
    text.append(0)
    return text
  }

  /// The same with the host's widest type: what INCRBYFLOAT adds up.
  func longDouble() -> LongDouble? {
    guard let text = numberText() else { return nil }
    return LongDouble.reading(text)
  }
}

extension Double {
  static func reading(_ text: [CChar]) -> Double? {
    text.withUnsafeBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return nil }
      var end: UnsafeMutablePointer<CChar>?
      let value = strtod(base, &end)
      guard let end, end == base + (buffer.count - 1), buffer.count > 1 else { return nil }
      return value
    }
  }

  /// 17 significant digits, as Redis 7.0 prints scores (`%.17g`); whole numbers without a point.
  var redisText: String {
    if isInfinite { return self < 0 ? "-inf" : "inf" }
    if isNaN { return "nan" }
    if self == rounded(.towardZero), magnitude < 1e15 {
      return self == 0 && sign == .minus ? "-0" : String(Int64(self))
    }
    return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { buffer in
      guard let base = buffer.baseAddress else { return "" }
      withVaList([self]) { _ = vsnprintf(base, 64, "%.17g", $0) }
      return String(cString: base)
    }
  }

  /// With at most six decimals, as Redis prints percentages.
  var shortText: String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 400) { buffer in
      guard let base = buffer.baseAddress else { return "" }
      withVaList([self]) { _ = vsnprintf(base, 400, "%f", $0) }
      return String(cString: base).withoutZerosAtEnd
    }
  }
}

extension String {
  /// Less what says nothing behind the point.
  fileprivate var withoutZerosAtEnd: String {
    guard contains(".") else { return self }
    var text = self
    while text.hasSuffix("0") { text.removeLast() }
    if text.hasSuffix(".") { text.removeLast() }
    return text
  }
}

#if arch(x86_64)
  typealias LongDouble = Float80
#else
  typealias LongDouble = Double
#endif

extension LongDouble {
  static func reading(_ text: [CChar]) -> LongDouble? {
    text.withUnsafeBufferPointer { buffer in
      guard let base = buffer.baseAddress, buffer.count > 1 else { return nil }
      var end: UnsafeMutablePointer<CChar>?
      #if arch(x86_64)
        let value = strtold(base, &end)
      #else
        let value = strtod(base, &end)
      #endif
      guard let end, end == base + (buffer.count - 1), !value.isNaN else { return nil }
      // Out of range is no number; infinity is one by its name alone.
      let isNamed = text.contains { $0 | 0x20 == CChar(UInt8(ascii: "i")) }
      return value.isInfinite && !isNamed ? nil : value
    }
  }

  /// With 17 decimals, less the zeros at the end: Redis' form for numbers that people read.
  var redisText: String {
    if isInfinite { return self < 0 ? "-inf" : "inf" }
    return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 5 * 1_024) { buffer in
      guard let base = buffer.baseAddress else { return "" }
      #if arch(x86_64)
        withVaList([self]) { _ = vsnprintf(base, 5 * 1_024, "%.17Lf", $0) }
      #else
        withVaList([self]) { _ = vsnprintf(base, 5 * 1_024, "%.17f", $0) }
      #endif
      let text = String(cString: base).withoutZerosAtEnd
      return text == "-0" ? "0" : text
    }
  }
}
