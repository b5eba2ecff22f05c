import Base

/// A member of a sorted set with its score.
struct ZSetElement: Equatable {
  var member: [UInt8]
  var score: Double
}

/// From a score to a score, as ZRANGEBYSCORE's arguments say it: `1.5`, `(1.5`, `-inf`.
struct ScoreRange {
  var min: Double
  var max: Double
  var isMinOpen = false
  var isMaxOpen = false

  init(min: Double, max: Double, isMaxOpen: Bool) {
    self.min = min
    self.max = max
    self.isMaxOpen = isMaxOpen
  }

  init(_ min: ArraySlice<UInt8>, _ max: ArraySlice<UInt8>) throws(CommandStop) {
    (self.min, isMinOpen) = try Self.bound(min)
    (self.max, isMaxOpen) = try Self.bound(max)
  }

  /// As strtod reads it: blanks may stand in front, and of nothing at all it makes 0.
  private static func bound(_ text: ArraySlice<UInt8>) throws(CommandStop) -> (Double, Bool) {
    let isOpen = text.first == UInt8(ascii: "(")
    let number = isOpen ? text.dropFirst() : text
    if number.isEmpty { return (0, isOpen) }
    guard let value = number.drop(while: { $0 == 32 || (9...13).contains($0) }).double() else {
      throw .error("ERR min or max is not a float")
    }
    return (value, isOpen)
  }

  var isEmpty: Bool { min > max || (min == max && (isMinOpen || isMaxOpen)) }

  /// The first key in the index that may be inside; `prefix`: of all the set's.
  func lower(_ prefix: [UInt8]) -> [UInt8] {
    var key = prefix
    RowKey.append(min, to: &key)
    return isMinOpen ? RowKey.end(of: key) ?? key : key
  }

  /// The first behind those.
  func upper(_ prefix: [UInt8]) -> [UInt8] {
    var key = prefix
    RowKey.append(max, to: &key)
    return isMaxOpen ? key : RowKey.end(of: key) ?? key
  }
}

/// From a member to a member, as ZRANGEBYLEX's arguments say it: `[a`, `(a`, `-`, `+`.
struct MemberRange {
  enum Bound: Equatable {
    case first, last
    case open([UInt8])
    case closed([UInt8])

    init(_ text: ArraySlice<UInt8>) throws(CommandStop) {
      switch (text.first, text.count) {
      case (UInt8(ascii: "-"), 1): self = .first
      case (UInt8(ascii: "+"), 1): self = .last
      case (UInt8(ascii: "("), _): self = .open(Array(text.dropFirst()))
      case (UInt8(ascii: "["), _): self = .closed(Array(text.dropFirst()))
      default: throw .error("ERR min or max not valid string range item")
      }
    }
  }
  var min: Bound
  var max: Bound

  init(_ min: ArraySlice<UInt8>, _ max: ArraySlice<UInt8>) throws(CommandStop) {
    self.min = try Bound(min)
    self.max = try Bound(max)
  }

  /// The rows inside, from the first to below the second (nil: to the end); nil where there are none.
  /// `prefix`: of all the set's.
  func keys(_ prefix: [UInt8]) -> (lower: [UInt8], upper: [UInt8]?)? {
    func key(_ member: [UInt8], behind: Bool) -> [UInt8] {
      var key = prefix
      RowKey.append(member, to: &key)
      return behind ? key + [0] : key
    }
    let lower: [UInt8]
    switch min {
    case .first: lower = prefix
    case .last: return nil
    case .closed(let member): lower = key(member, behind: false)
    case .open(let member): lower = key(member, behind: true)
    }
    switch max {
    case .first: return nil
    case .last: return (lower, RowKey.end(of: prefix))
    case .closed(let member): return (lower, key(member, behind: true))
    case .open(let member): return (lower, key(member, behind: false))
    }
  }
}

/// What part of a sorted set a command is about.
enum ZSetRange {
  /// Negative ones count from the end.
  case ranks(Int64, Int64)
  case scores(ScoreRange)
  /// Only sensible where all scores are the same, as in Redis.
  case members(MemberRange)
}
