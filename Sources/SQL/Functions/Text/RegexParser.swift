import Types

/// Reads PostgreSQL's advanced regular expressions. Back references and look-behind are refused
/// (0A000): the matcher's cost stays linear in the text without them.
struct RegexParser {
  static let depthMax = 100
  static let repetitionMax = 255

  private let scalars: [Unicode.Scalar]
  private var position = 0
  private(set) var flags: RegexFlags
  private(set) var groupCount = 0

  init(_ pattern: [UInt8], _ flags: RegexFlags) {
    scalars = Characters.scalars(pattern)
    self.flags = flags
  }

  private func failure(_ reason: String) -> SQLError {
    SQLError("2201B", "invalid regular expression: \(reason)")
  }

  private var next: Unicode.Scalar? { position < scalars.count ? scalars[position] : nil }

  private mutating func take(_ text: String) -> Bool {
    let wanted = Array(text.unicodeScalars)
    guard scalars[position...].starts(with: wanted) else { return false }
    position += wanted.count
    return true
  }

  /// 2201B with PostgreSQL's reason for what is malformed.
  mutating func parse() throws(SQLError) -> RegexNode {
    if take("***=") { flags.isLiteral = true } else if take("***:") {}
    if flags.isLiteral {
      return .sequence(scalars[position...].map { .character($0) })
    }
    if position + 2 < scalars.count, take("(?"), let letter = next, letter.isASCII,
      letter.properties.isAlphabetic
    {
      while let letter = next, letter != ")" {
        guard letter.isASCII, flags.apply(UInt8(letter.value)) else {
          throw failure("invalid embedded option")
        }
        position += 1
      }
      guard take(")") else { throw failure("invalid embedded option") }
    } else {
      position = scalars.starts(with: "***:".unicodeScalars) ? 4 : 0
    }
    let node = try alternatives(depth: 0)
    if position < scalars.count { throw failure("parentheses () not balanced") }
    return node
  }

  private mutating func alternatives(depth: Int) throws(SQLError) -> RegexNode {
    if depth > Self.depthMax { throw failure("regular expression is too complex") }
    var branches: [RegexNode] = []
    while true {
      branches.append(try branch(depth: depth))
      if next == "|" { position += 1 } else { break }
    }
    return branches.count == 1 ? branches[0] : .alternatives(branches)
  }

  private mutating func branch(depth: Int) throws(SQLError) -> RegexNode {
    var nodes: [RegexNode] = []
    while let symbol = next, symbol != "|" {
      if symbol == ")" {
        if depth > 0 { break }
        throw failure("parentheses () not balanced")
      }
      if flags.isExpanded {
        if symbol.properties.isWhitespace {
          position += 1
          continue
        }
        if symbol == "#" {
          while let skipped = next, skipped != "\n" {
            _ = skipped
            position += 1
          }
          continue
        }
      }
      guard let atom = try atom(depth: depth) else { continue }
      nodes.append(try quantified(atom))
    }
    return nodes.isEmpty ? .empty : (nodes.count == 1 ? nodes[0] : .sequence(nodes))
  }

  private mutating func quantified(_ atom: RegexNode) throws(SQLError) -> RegexNode {
    var (low, high): (Int, Int?) = (0, nil)
    switch next {
    case "*": position += 1
    case "+":
      position += 1
      low = 1
    case "?":
      position += 1
      high = 1
    case "{":
      guard position + 1 < scalars.count, Characters.isDigit(scalars[position + 1]) else {
        throw failure("invalid repetition count(s)")
      }
      position += 1
      low = try number()
      if next == "," {
        position += 1
        if let digit = next, Characters.isDigit(digit) { high = try number() }
      } else {
        high = low
      }
      guard take("}"), low <= Self.repetitionMax, (high ?? low) <= Self.repetitionMax,
        (high ?? low) >= low
      else { throw failure("invalid repetition count(s)") }
    default: return atom
    }
    if case .assertion = atom { throw failure("quantifier operand invalid") }
    if case .look = atom { throw failure("quantifier operand invalid") }
    var isGreedy = true
    if next == "?" {
      position += 1
      isGreedy = false
    }
    if next == "*" || next == "+" || next == "?" { throw failure("quantifier operand invalid") }
    return .repeated(atom, low: low, high: high, isGreedy: isGreedy)
  }

  private mutating func number() throws(SQLError) -> Int {
    var value = 0
    while let digit = next, digit.value >= 48, digit.value <= 57 {
      value = min(10_000, value * 10 + Int(digit.value - 48))
      position += 1
    }
    return value
  }

  private mutating func atom(depth: Int) throws(SQLError) -> RegexNode? {
    guard let symbol = next else { return .empty }
    position += 1
    switch symbol {
    case "(": return try group(depth: depth)
    case ".":
      if flags.dotExcludesNewline {
        return .set(RegexSet(ranges: [10...10], isNegated: true))
      }
      return .any
    case "[": return .set(try bracket())
    case "^": return .assertion(flags.anchorsMatchLines ? .lineStart : .textStart)
    case "$": return .assertion(flags.anchorsMatchLines ? .lineEnd : .textEnd)
    case "*", "+", "?": throw failure("quantifier operand invalid")
    case "{":
      if let digit = next, Characters.isDigit(digit) {
        throw failure("quantifier operand invalid")
      }
      return .character(symbol)
    case "\\": return try escape()
    default: return .character(symbol)
    }
  }

  private mutating func group(depth: Int) throws(SQLError) -> RegexNode? {
    if take("?#") {
      while let skipped = next {
        position += 1
        if skipped == ")" { return nil }
      }
      throw failure("parentheses () not balanced")
    }
    var wrap: (RegexNode) -> RegexNode = { $0 }
    if take("?:") {
      wrap = { $0 }
    } else if take("?=") {
      wrap = { .look($0, isNegated: false) }
    } else if take("?!") {
      wrap = { .look($0, isNegated: true) }
    } else if take("?<=") || take("?<!") {
      throw SQLError(
        .featureNotSupported, "lookbehind constraints in regular expressions are not supported")
    } else if next == "?" {
      throw failure("quantifier operand invalid")
    } else {
      groupCount += 1
      let number = groupCount
      wrap = { .group(number, $0) }
    }
    let inner = try alternatives(depth: depth + 1)
    guard take(")") else { throw failure("parentheses () not balanced") }
    return wrap(inner)
  }

  private mutating func bracket() throws(SQLError) -> RegexSet {
    var set = RegexSet(excludesNewline: flags.dotExcludesNewline)
    if next == "^" {
      set.isNegated = true
      position += 1
    }
    var isFirst = true
    while true {
      guard let symbol = next else { throw failure("brackets [] not balanced") }
      if symbol == "]" && !isFirst {
        position += 1
        return set
      }
      isFirst = false
      if take("[:") {
        var name = ""
        while let letter = next, letter != ":" {
          name.unicodeScalars.append(letter)
          position += 1
        }
        guard take(":]"), let kind = RegexSet.Class(rawValue: name) else {
          throw failure("invalid character class")
        }
        set.classes.append((kind, false))
        continue
      }
      guard let low = try bracketCharacter(&set) else { continue }
      if next == "-", position + 1 < scalars.count, scalars[position + 1] != "]" {
        position += 1
        guard let high = try bracketCharacter(&set), high.value >= low.value else {
          throw failure("invalid character range")
        }
        set.ranges.append(low.value...high.value)
      } else {
        set.ranges.append(low.value...low.value)
      }
    }
  }

  /// One character inside brackets; nil when it was a class escape, which is in `set` then.
  private mutating func bracketCharacter(_ set: inout RegexSet) throws(SQLError)
    -> Unicode.Scalar?
  {
    if take("[.") || take("[=") {
      guard let symbol = next else { throw failure("brackets [] not balanced") }
      position += 1
      guard take(".]") || take("=]") else { throw failure("invalid collating element") }
      return symbol
    }
    guard let symbol = next else { throw failure("brackets [] not balanced") }
    position += 1
    guard symbol == "\\" else { return symbol }
    switch try escape() {
    case .character(let scalar): return scalar
    case .set(let inner):
      set.classes += inner.classes
      return nil
    default: throw failure("invalid escape \\ sequence")
    }
  }

  private mutating func escape() throws(SQLError) -> RegexNode {
    guard let symbol = next else { throw failure("invalid escape \\ sequence") }
    position += 1
    func kind(_ kind: RegexSet.Class, _ isNegated: Bool) -> RegexNode {
      .set(RegexSet(classes: [(kind, isNegated)]))
    }
    switch symbol {
    case "d": return kind(.digit, false)
    case "D": return kind(.digit, true)
    case "s": return kind(.space, false)
    case "S": return kind(.space, true)
    case "w": return kind(.word, false)
    case "W": return kind(.word, true)
    case "A": return .assertion(.textStart)
    case "Z": return .assertion(.textEnd)
    case "m": return .assertion(.wordStart)
    case "M": return .assertion(.wordEnd)
    case "y": return .assertion(.wordBoundary)
    case "Y": return .assertion(.notWordBoundary)
    case "a": return .character("\u{7}")
    case "b": return .character("\u{8}")
    case "B": return .character("\\")
    case "e": return .character("\u{1B}")
    case "f": return .character("\u{C}")
    case "n": return .character("\n")
    case "r": return .character("\r")
    case "t": return .character("\t")
    case "v": return .character("\u{B}")
    case "0": return .character("\0")
    case "x": return try hexadecimal(digits: 2)
    case "u": return try hexadecimal(digits: 4)
    case "U": return try hexadecimal(digits: 8)
    case "1"..."9":
      throw SQLError(
        .featureNotSupported, "back references in regular expressions are not supported")
    default:
      if symbol.isASCII && Characters.isAlphanumeric(symbol) {
        throw failure("invalid escape \\ sequence")
      }
      return .character(symbol)
    }
  }

  private mutating func hexadecimal(digits: Int) throws(SQLError) -> RegexNode {
    var value: UInt32 = 0
    for _ in 0..<digits {
      guard let digit = next, let part = Character(digit).hexDigitValue else {
        throw failure("invalid escape \\ sequence")
      }
      value = value << 4 | UInt32(part)
      position += 1
    }
    guard let scalar = Unicode.Scalar(value) else { throw failure("invalid escape \\ sequence") }
    return .character(scalar)
  }
}
