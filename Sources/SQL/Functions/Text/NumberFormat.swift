import Types

/// to_char of numbers and to_number: 9 0 . , D G FM S MI PL SG PR L TH and literals. V, EEEE and RN
/// are refused (0A000).
struct NumberFormat {
  enum Token {
    case digit(isZero: Bool)
    case point, group, sign, minus, plus, signed, bracket, currency
    case ordinal(isUpper: Bool)
    case literal([UInt8])
  }
  private(set) var tokens: [Token] = []
  private(set) var isFilled = true
  private(set) var integerPlaces = 0
  private(set) var fractionPlaces = 0

  init(_ pattern: [UInt8]) throws(SQLError) {
    var index = 0
    var hasPoint = false
    func has(_ text: String) -> Bool {
      let rest = pattern[index...].prefix(text.utf8.count)
      return rest.map { $0 >= 97 && $0 <= 122 ? $0 & 0xDF : $0 }.elementsEqual(text.utf8)
    }
    while index < pattern.count {
      if pattern[index] == UInt8(ascii: "\"") {
        let end = pattern[(index + 1)...].firstIndex(of: UInt8(ascii: "\"")) ?? pattern.count
        tokens.append(.literal(Array(pattern[(index + 1)..<end])))
        index = end + 1
        continue
      }
      for word in ["EEEE", "RN", "V"] where has(word) {
        throw SQLError(
          .featureNotSupported, "number format \"\(word)\" is not supported")
      }
      if has("FM") {
        isFilled = false
        index += 1
      } else if has("MI") || has("PL") || has("SG") || has("PR") || has("TH") {
        switch (has("MI"), has("PL"), has("SG"), has("PR")) {
        case (true, _, _, _): tokens.append(.minus)
        case (_, true, _, _): tokens.append(.plus)
        case (_, _, true, _): tokens.append(.signed)
        case (_, _, _, true): tokens.append(.bracket)
        default: tokens.append(.ordinal(isUpper: pattern[index] == UInt8(ascii: "T")))
        }
        index += 1
      } else {
        switch pattern[index] {
        case UInt8(ascii: "9"), UInt8(ascii: "0"):
          tokens.append(.digit(isZero: pattern[index] == UInt8(ascii: "0")))
          if hasPoint { fractionPlaces += 1 } else { integerPlaces += 1 }
        case UInt8(ascii: "."), UInt8(ascii: "D"), UInt8(ascii: "d"):
          if hasPoint {
            throw SQLError(.syntaxError, "multiple decimal points")
          }
          hasPoint = true
          tokens.append(.point)
        case UInt8(ascii: ","), UInt8(ascii: "G"), UInt8(ascii: "g"): tokens.append(.group)
        case UInt8(ascii: "S"), UInt8(ascii: "s"): tokens.append(.sign)
        case UInt8(ascii: "L"), UInt8(ascii: "l"): tokens.append(.currency)
        default: tokens.append(.literal([pattern[index]]))
        }
      }
      index += 1
    }
  }

  private var hasOwnSign: Bool {
    tokens.contains {
      switch $0 {
      case .sign, .minus, .plus, .signed, .bracket: true
      default: false
      }
    }
  }

  func text(_ number: Numeric) -> [UInt8] {
    let rounded = number.rounded(to: fractionPlaces)
    let isNegative = rounded.isNegative && !rounded.isZero
    let parts = rounded.magnitude.withScale(fractionPlaces).description
      .split(separator: ".", omittingEmptySubsequences: false)
    var whole = Array((parts.first ?? "0").utf8)
    var fraction = parts.count > 1 ? Array(parts[1].utf8) : []
    let isTooLong = !number.isFinite || (whole != [48] && whole.count > integerPlaces)
    if whole == [48] { whole = integerPlaces > 0 ? whole : [] }
    if isTooLong {
      whole = Array(repeating: UInt8(ascii: "#"), count: integerPlaces)
      fraction = Array(repeating: UInt8(ascii: "#"), count: fractionPlaces)
    }
    var kept = fractionPlaces
    if !isFilled && !isTooLong {
      // Zeros at the end go, as far as the pattern has 9 there.
      let places = tokens.drop { if case .point = $0 { false } else { true } }
        .compactMap { token -> Bool? in
          if case .digit(let isZero) = token { return isZero }
          return nil
        }
      while kept > 0, fraction[kept - 1] == 48, !places[kept - 1] { kept -= 1 }
    }
    return assemble(whole, fraction, kept: kept, isNegative: isNegative)
  }

  private func assemble(_ whole: [UInt8], _ fraction: [UInt8], kept: Int, isNegative: Bool)
    -> [UInt8]
  {
    var result: [UInt8] = []
    var place = 0
    var hasStarted = false
    var isFraction = false
    var signAt: Int?
    var leading = tokens.contains { if case .sign = $0 { true } else { false } }
    var trailing: [UInt8] = []
    var sawDigit = false
    func start() {
      if !hasStarted {
        hasStarted = true
        signAt = result.count
      }
    }
    for token in tokens {
      switch token {
      case .digit(let isZero):
        sawDigit = true
        if isFraction {
          if place < kept { result.append(fraction[place]) }
          place += 1
          continue
        }
        let index = place - (integerPlaces - whole.count)
        place += 1
        let isLastZero = whole == [48] && index == 0 && fractionPlaces > 0
        if isZero || hasStarted || (index >= 0 && !isLastZero) {
          start()
          result.append(index >= 0 ? whole[index] : 48)
        } else if isFilled {
          result.append(32)
        }
      case .point:
        start()
        isFraction = true
        place = 0
        result.append(UInt8(ascii: "."))
      case .group:
        if hasStarted { result.append(UInt8(ascii: ",")) } else if isFilled { result.append(32) }
      case .sign:
        if sawDigit {
          leading = false
          trailing = [UInt8(ascii: isNegative ? "-" : "+")]
        }
      case .minus:
        if isNegative { result.append(45) } else if isFilled { result.append(32) }
      case .plus:
        if !isNegative { result.append(43) } else if isFilled { result.append(32) }
      case .signed: result.append(isNegative ? 45 : 43)
      case .bracket: continue
      case .currency: result.append(UInt8(ascii: "$"))
      case .ordinal(let isUpper):
        guard !isNegative, let last = whole.last else { continue }
        let isTeen = whole.count > 1 && whole[whole.count - 2] == 49
        let ending = isTeen ? "th" : [49: "st", 50: "nd", 51: "rd"][last] ?? "th"
        result += Array((isUpper ? ending.uppercased() : ending).utf8)
      case .literal(let bytes): result += bytes
      }
    }
    let at = signAt ?? result.count
    let isBracketed = tokens.contains { if case .bracket = $0 { true } else { false } }
    if isBracketed {
      if isNegative {
        result.insert(UInt8(ascii: "<"), at: at)
        result.append(UInt8(ascii: ">"))
      } else if isFilled {
        result.insert(32, at: at)
        result.append(32)
      }
    } else if leading {
      result.insert(isNegative ? 45 : 43, at: at)
    } else if !hasOwnSign {
      if isNegative { result.insert(45, at: at) } else if isFilled { result.insert(32, at: at) }
    }
    return result + trailing
  }
}

extension FunctionRegistry {
  static func addNumberFormats(_ table: inout BodyTable) {
    table.binary("numeric_to_char", "int4_to_char", "int8_to_char") {
      (number, pattern, _) throws(SQLError) in
      .text(try NumberFormat(pattern.bytes).text(number.numeric))
    }
    table.binary("float4_to_char", "float8_to_char") { (number, pattern, _) throws(SQLError) in
      .text(try NumberFormat(pattern.bytes).text(Numeric(number.float)))
    }
    table.binary("numeric_to_number") { (text, pattern, _) throws(SQLError) in
      let format = try NumberFormat(pattern.bytes)
      var digits = ""
      var isNegative = false
      for byte in try text.bytes {
        switch byte {
        case 48...57, 46: digits.unicodeScalars.append(Unicode.Scalar(byte))
        case UInt8(ascii: "-"), UInt8(ascii: "<"): isNegative = true
        default: continue
        }
      }
      let number = try Numeric.parse((isNegative ? "-" : "") + digits)
      return .numeric(
        number.scale > format.fractionPlaces
          ? number.truncated(to: format.fractionPlaces) : number)
    }
  }
}
