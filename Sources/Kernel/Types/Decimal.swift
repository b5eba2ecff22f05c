/// The arithmetic behind `Numeric`: a finite decimal in base 10,000 digits, most significant first.
/// The value is the sum of digits[i] × 10000^(weight − i). Working values may have leading or
/// trailing zero digits; `strip` removes them.
struct Decimal {
  var isNegative = false
  /// The power of 10,000 of the first digit.
  var weight = 0
  /// How many decimal digits after the point are shown.
  var scale = 0
  var digits: [UInt16] = []

  static let base = 10_000
  /// Decimal digits in one base 10,000 digit.
  static let width = 4

  var isZero: Bool { digits.allSatisfy { $0 == 0 } }
  /// True when no digit lies after the point; needs a stripped value.
  var isInteger: Bool { digits.isEmpty || digits.count <= weight + 1 }

  init() {}

  init(_ value: Int64, scale: Int = 0) {
    isNegative = value < 0
    self.scale = scale
    var rest = value.magnitude
    while rest > 0 {
      digits.append(UInt16(rest % 10_000))
      rest /= 10_000
    }
    digits.reverse()
    weight = max(0, digits.count - 1)
    strip()
  }

  mutating func strip() {
    var leading = 0
    while leading < digits.count && digits[leading] == 0 { leading += 1 }
    if leading > 0 {
      digits.removeFirst(leading)
      weight -= leading
    }
    while digits.last == 0 { digits.removeLast() }
    if digits.isEmpty {
      weight = 0
      isNegative = false
    }
  }

  /// The digit of 10000^power.
  func digit(at power: Int) -> Int {
    let index = weight - power
    return index >= 0 && index < digits.count ? Int(digits[index]) : 0
  }

  // MARK: rounding

  /// Rounds half away from zero to `places` decimal digits after the point (negative: before it).
  mutating func round(to places: Int) {
    scale = max(0, places)
    let kept = (weight + 1) * Self.width + places
    if kept < 0 {
      digits = []
      weight = 0
      isNegative = false
      return
    }
    var count = (kept + Self.width - 1) / Self.width
    let partial = kept % Self.width
    guard count < digits.count || (count == digits.count && partial > 0) else { return }
    var carry = 0
    if partial == 0 {
      carry = digits[count] >= 5_000 ? 1 : 0
      digits.removeSubrange(count...)
    } else {
      digits.removeSubrange(count...)
      let unit = [0, 1_000, 100, 10][partial]
      count -= 1
      let extra = Int(digits[count]) % unit
      var rounded = Int(digits[count]) - extra
      if extra >= unit / 2 {
        rounded += unit
        if rounded >= Self.base {
          rounded -= Self.base
          carry = 1
        }
      }
      digits[count] = UInt16(rounded)
    }
    while carry > 0 && count > 0 {
      count -= 1
      if digits[count] == 9_999 {
        digits[count] = 0
      } else {
        digits[count] += 1
        carry = 0
      }
    }
    if carry > 0 {
      digits.insert(1, at: 0)
      weight += 1
    }
    strip()
  }

  /// Drops what lies beyond `places` decimal digits after the point.
  mutating func truncate(to places: Int) {
    scale = max(0, places)
    let kept = (weight + 1) * Self.width + places
    if kept <= 0 {
      digits = []
      weight = 0
      isNegative = false
      return
    }
    let count = (kept + Self.width - 1) / Self.width
    guard count <= digits.count else { return }
    digits.removeSubrange(count...)
    let partial = kept % Self.width
    if partial > 0 {
      let unit = [0, 1_000, 100, 10][partial]
      digits[count - 1] -= UInt16(Int(digits[count - 1]) % unit)
    }
    strip()
  }

  func rounded(to places: Int) -> Decimal {
    var copy = self
    copy.round(to: places)
    return copy
  }

  func truncated(to places: Int) -> Decimal {
    var copy = self
    copy.truncate(to: places)
    return copy
  }

  // MARK: comparison

  static func compareMagnitudes(_ a: Decimal, _ b: Decimal) -> Int {
    if a.digits.isEmpty || b.digits.isEmpty {
      return (a.digits.isEmpty ? 0 : 1) - (b.digits.isEmpty ? 0 : 1)
    }
    if a.weight != b.weight { return a.weight < b.weight ? -1 : 1 }
    let shared = min(a.digits.count, b.digits.count)
    for index in 0..<shared where a.digits[index] != b.digits[index] {
      return a.digits[index] < b.digits[index] ? -1 : 1
    }
    return a.digits.count == b.digits.count ? 0 : (a.digits.count < b.digits.count ? -1 : 1)
  }

  /// Both stripped.
  static func compare(_ a: Decimal, _ b: Decimal) -> Int {
    if a.isNegative != b.isNegative { return a.isNegative ? -1 : 1 }
    let order = compareMagnitudes(a, b)
    return a.isNegative ? -order : order
  }

  // MARK: addition

  private static func addMagnitudes(_ a: Decimal, _ b: Decimal) -> Decimal {
    if a.digits.isEmpty { return b }
    if b.digits.isEmpty { return a }
    let top = max(a.weight, b.weight)
    let bottom = min(a.weight - a.digits.count, b.weight - b.digits.count) + 1
    var result = Decimal()
    result.weight = top + 1
    result.digits = [UInt16](repeating: 0, count: top - bottom + 2)
    var carry = 0
    var index = result.digits.count - 1
    var power = bottom
    while power <= top {
      let sum = a.digit(at: power) + b.digit(at: power) + carry
      carry = sum >= base ? 1 : 0
      result.digits[index] = UInt16(sum - carry * base)
      index -= 1
      power += 1
    }
    result.digits[0] = UInt16(carry)
    return result
  }

  /// |a| must be at least |b|.
  private static func subtractMagnitudes(_ a: Decimal, _ b: Decimal) -> Decimal {
    if b.digits.isEmpty { return a }
    let top = a.weight
    let bottom = min(a.weight - a.digits.count, b.weight - b.digits.count) + 1
    var result = Decimal()
    result.weight = top
    result.digits = [UInt16](repeating: 0, count: top - bottom + 1)
    var borrow = 0
    var index = result.digits.count - 1
    var power = bottom
    while power <= top {
      var difference = a.digit(at: power) - b.digit(at: power) - borrow
      borrow = difference < 0 ? 1 : 0
      difference += borrow * base
      result.digits[index] = UInt16(difference)
      index -= 1
      power += 1
    }
    return result
  }

  static func add(_ a: Decimal, _ b: Decimal) -> Decimal {
    var result: Decimal
    if a.isNegative == b.isNegative {
      result = addMagnitudes(a, b)
      result.isNegative = a.isNegative
    } else if compareMagnitudes(a, b) >= 0 {
      result = subtractMagnitudes(a, b)
      result.isNegative = a.isNegative
    } else {
      result = subtractMagnitudes(b, a)
      result.isNegative = b.isNegative
    }
    result.scale = max(a.scale, b.scale)
    result.strip()
    return result
  }

  func negated() -> Decimal {
    var copy = self
    copy.isNegative = !digits.isEmpty && !isNegative
    return copy
  }

  static func subtract(_ a: Decimal, _ b: Decimal) -> Decimal { add(a, b.negated()) }

  // MARK: multiplication and division

  /// The exact product; its scale is the sum of the scales.
  static func multiply(_ a: Decimal, _ b: Decimal) -> Decimal {
    var result = Decimal()
    result.scale = a.scale + b.scale
    if a.digits.isEmpty || b.digits.isEmpty { return result }
    var columns = [UInt64](repeating: 0, count: a.digits.count + b.digits.count)
    for i in a.digits.indices {
      let factor = UInt64(a.digits[i])
      if factor == 0 { continue }
      for j in b.digits.indices { columns[i + j + 1] += factor * UInt64(b.digits[j]) }
    }
    result.digits = [UInt16](repeating: 0, count: columns.count)
    var carry: UInt64 = 0
    var index = columns.count - 1
    while index >= 0 {
      let sum = columns[index] + carry
      result.digits[index] = UInt16(sum % 10_000)
      carry = sum / 10_000
      index -= 1
    }
    result.weight = a.weight + b.weight + 1
    result.isNegative = a.isNegative != b.isNegative
    result.strip()
    return result
  }

  static func multiply(_ a: Decimal, _ b: Decimal, scale: Int) -> Decimal {
    multiply(a, b).rounded(to: scale)
  }

  /// The quotient to `scale` digits after the point, rounded half away from zero or truncated.
  /// `b` is not zero; both stripped. Knuth's algorithm D in base 10,000.
  static func divide(_ a: Decimal, _ b: Decimal, scale: Int, rounding: Bool) -> Decimal {
    var result = Decimal()
    result.scale = max(0, scale)
    if a.digits.isEmpty { return result }
    result.isNegative = a.isNegative != b.isNegative
    result.weight = a.weight - b.weight
    // One digit more than the scale asks, for rounding.
    let wanted = result.weight + 1 + (scale + width - 1) / width + 1
    if wanted <= 0 {
      result.isNegative = false
      result.weight = 0
      return result
    }
    let divisorCount = b.digits.count
    var dividend = [Int](repeating: 0, count: wanted + divisorCount + 1)
    for index in 0..<min(a.digits.count, dividend.count - 1) {
      dividend[index + 1] = Int(a.digits[index])
    }
    var divisor = b.digits.map { Int($0) }
    if divisorCount == 1 {
      var remainder = 0
      result.digits = [UInt16](repeating: 0, count: wanted)
      for index in 0..<wanted {
        remainder = remainder * base + dividend[index + 1]
        result.digits[index] = UInt16(remainder / divisor[0])
        remainder %= divisor[0]
      }
    } else {
      let factor = base / (divisor[0] + 1)
      if factor > 1 {
        scaleDigits(&dividend, by: factor)
        scaleDigits(&divisor, by: factor)
      }
      result.digits = [UInt16](repeating: 0, count: wanted)
      for index in 0..<wanted {
        let head = dividend[index] * base + dividend[index + 1]
        var guess = min(head / divisor[0], base - 1)
        while guess > 0
          && guess * divisor[1] > (head - guess * divisor[0]) * base + dividend[index + 2]
        {
          guess -= 1
        }
        if guess == 0 { continue }
        var borrow = 0
        var position = divisorCount - 1
        while position >= 0 {
          var part = dividend[index + position + 1] - guess * divisor[position] - borrow
          borrow = 0
          if part < 0 {
            borrow = (-part + base - 1) / base
            part += borrow * base
          }
          dividend[index + position + 1] = part
          position -= 1
        }
        dividend[index] -= borrow
        if dividend[index] < 0 {
          guess -= 1
          var carry = 0
          position = divisorCount - 1
          while position >= 0 {
            let sum = dividend[index + position + 1] + divisor[position] + carry
            carry = sum >= base ? 1 : 0
            dividend[index + position + 1] = sum - carry * base
            position -= 1
          }
          dividend[index] += carry
        }
        result.digits[index] = UInt16(guess)
      }
    }
    if rounding { result.round(to: scale) } else { result.truncate(to: scale) }
    result.strip()
    return result
  }

  private static func scaleDigits(_ digits: inout [Int], by factor: Int) {
    var carry = 0
    for index in digits.indices.reversed() {
      let product = digits[index] * factor + carry
      digits[index] = product % base
      carry = product / base
    }
  }

  /// The integral part of the quotient, towards zero.
  static func integerQuotient(_ a: Decimal, _ b: Decimal) -> Decimal {
    divide(a, b, scale: 0, rounding: false)
  }
}
