import Types

/// An advanced regular expression, parsed. Groups nest at most `RegexParser.depthMax` deep, so that
/// walking the tree needs little stack.
indirect enum RegexNode {
  case empty
  case character(Unicode.Scalar)
  case any
  case set(RegexSet)
  case assertion(RegexAssertion)
  case sequence([RegexNode])
  case alternatives([RegexNode])
  case group(Int, RegexNode)
  case look(RegexNode, isNegated: Bool)
  case repeated(RegexNode, low: Int, high: Int?, isGreedy: Bool)

  /// Nil when nothing in it prefers long or short matches; else whether it prefers short ones.
  var prefersShort: Bool? {
    switch self {
    case .sequence(let nodes):
      for node in nodes {
        if let preference = node.prefersShort { return preference }
      }
      return nil
    case .alternatives: return false
    case .group(_, let node): return node.prefersShort
    case .repeated(let node, let low, let high, let isGreedy):
      return low == high ? node.prefersShort : !isGreedy
    default: return nil
    }
  }
}

enum RegexAssertion: Sendable {
  case textStart, textEnd, lineStart, lineEnd
  case wordStart, wordEnd, wordBoundary, notWordBoundary
}

/// A bracket expression or class escape.
struct RegexSet: Sendable {
  enum Class: String, Sendable {
    case alnum, alpha, blank, cntrl, digit, graph, lower, print, punct, space, upper, xdigit, word
  }
  var ranges: [ClosedRange<UInt32>] = []
  var classes: [(kind: Class, isNegated: Bool)] = []
  var isNegated = false
  var excludesNewline = false

  func contains(_ scalar: Unicode.Scalar, ignoresCase: Bool) -> Bool {
    if excludesNewline && isNegated && scalar == "\n" { return false }
    var found = containsExactly(scalar)
    if !found && ignoresCase {
      found =
        containsExactly(Characters.lowered(scalar)) || containsExactly(Characters.raised(scalar))
    }
    return found != isNegated
  }

  private func containsExactly(_ scalar: Unicode.Scalar) -> Bool {
    for range in ranges where range.contains(scalar.value) { return true }
    for (kind, isNegated) in classes where Self.matches(scalar, kind) != isNegated { return true }
    return false
  }

  private static func matches(_ scalar: Unicode.Scalar, _ kind: Class) -> Bool {
    let properties = scalar.properties
    return switch kind {
    case .alnum: Characters.isAlphanumeric(scalar)
    case .alpha: properties.isAlphabetic
    case .blank: scalar == " " || scalar == "\t"
    case .cntrl: properties.generalCategory == .control
    case .digit: Characters.isDigit(scalar)
    case .graph: !properties.isWhitespace && properties.generalCategory != .control
    case .lower: properties.isLowercase
    case .print: properties.generalCategory != .control
    case .punct:
      scalar.isASCII
        ? scalar.value > 32 && scalar.value < 127 && !Characters.isAlphanumeric(scalar)
        : !properties.isAlphabetic && !properties.isWhitespace && !Characters.isDigit(scalar)
    case .space: properties.isWhitespace
    case .upper: properties.isUppercase
    case .xdigit: scalar.properties.isASCIIHexDigit
    case .word: Characters.isAlphanumeric(scalar) || scalar == "_"
    }
  }
}

/// The letters after a pattern: `i`, `g`, `n` and so on.
struct RegexFlags {
  var ignoresCase = false
  var isGlobal = false
  var dotExcludesNewline = false
  var anchorsMatchLines = false
  var isLiteral = false
  var isExpanded = false

  init() {}

  /// 22023 for an unknown letter, or for `g` where it has no meaning.
  init(_ letters: [UInt8], allowsGlobal: Bool = true) throws(SQLError) {
    for letter in letters {
      if letter == UInt8(ascii: "g") {
        isGlobal = true
      } else if !apply(letter) {
        let shown = Character(Unicode.Scalar(letter))
        throw Fault.invalid("invalid regular expression option: \"\(shown)\"")
      }
    }
    if isGlobal && !allowsGlobal {
      throw Fault.invalid("regexp function does not support the \"global\" option")
    }
  }

  mutating func apply(_ letter: UInt8) -> Bool {
    switch letter {
    case UInt8(ascii: "i"): ignoresCase = true
    case UInt8(ascii: "c"): ignoresCase = false
    case UInt8(ascii: "n"), UInt8(ascii: "m"):
      dotExcludesNewline = true
      anchorsMatchLines = true
    case UInt8(ascii: "p"): dotExcludesNewline = true
    case UInt8(ascii: "w"): anchorsMatchLines = true
    case UInt8(ascii: "s"):
      dotExcludesNewline = false
      anchorsMatchLines = false
    case UInt8(ascii: "q"): isLiteral = true
    case UInt8(ascii: "x"): isExpanded = true
    case UInt8(ascii: "t"): isExpanded = false
    case UInt8(ascii: "e"), UInt8(ascii: "b"): break
    default: return false
    }
    return true
  }
}
