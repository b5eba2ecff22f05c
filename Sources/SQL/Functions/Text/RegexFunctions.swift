import Types

/// ~ and its kin, and the regexp_… functions.
extension FunctionRegistry {
  static func addRegex(_ table: inout BodyTable) {
    for (suffix, ignoresCase, isNegated) in [
      ("regexeq", false, false), ("regexne", false, true), ("icregexeq", true, false),
      ("icregexne", true, true),
    ] {
      table.binary("text" + suffix, "name" + suffix, "bpchar" + suffix) {
        (text, pattern, _) throws(SQLError) in
        var flags = RegexFlags()
        flags.ignoresCase = ignoresCase
        return .bool(try Regex(pattern.bytes, flags).matches(text.bytes) != isNegated)
      }
    }
    addMatches(&table)
    addReplacing(&table)
    addSplitting(&table)
    table.unary("similar_to_escape_1") { (pattern, _) throws(SQLError) in
      .text(try similarPattern(pattern.bytes, escape: [UInt8(ascii: "\\")]))
    }
    table.binary("similar_to_escape_2") { (pattern, escape, _) throws(SQLError) in
      .text(try similarPattern(pattern.bytes, escape: escape.bytes))
    }
  }

  /// All matches, or the first: each as places of the whole and the groups. `start` in characters.
  private static func found(
    _ regex: Regex, _ text: [Unicode.Scalar], from start: Int = 0, all: Bool
  ) throws(SQLError) -> [[Int]] {
    var result: [[Int]] = []
    var position = start
    while position <= text.count, let match = try regex.firstMatch(text, from: position) {
      result.append(match)
      if !all { break }
      position = match[1] > match[0] ? match[1] : match[1] + 1
    }
    return result
  }

  private static func piece(_ text: [Unicode.Scalar], _ match: [Int], _ group: Int) -> Value {
    let (low, high) = (match[group * 2], match[group * 2 + 1])
    return low < 0 || high < 0 ? .null : .text(Characters.bytes(text[low..<high]))
  }

  private static func groups(_ text: [Unicode.Scalar], _ match: [Int], _ regex: Regex) -> Value {
    let numbers = regex.groupCount == 0 ? [0] : Array(1...regex.groupCount)
    return .array(
      ArrayValue(elementType: .text, elements: numbers.map { piece(text, match, $0) }))
  }

  private static func flags(_ arguments: [Value], _ index: Int, allowsGlobal: Bool = true)
    throws(SQLError) -> RegexFlags
  {
    guard index < arguments.count else { return RegexFlags() }
    return try RegexFlags(arguments[index].bytes, allowsGlobal: allowsGlobal)
  }

  private static func addMatches(_ table: inout BodyTable) {
    table.scalar("regexp_match", "regexp_match_no_flags") { (arguments, _) throws(SQLError) in
      let flags = try flags(arguments, 2)
      if flags.isGlobal {
        throw SQLError(
          .invalidParameterValue, "regexp_match() does not support the \"global\" option",
          hint: "Use the regexp_matches function instead.")
      }
      let regex = try Regex(arguments[1].bytes, flags)
      let text = Characters.scalars(try arguments[0].bytes)
      guard let match = try regex.firstMatch(text) else { return .null }
      return groups(text, match, regex)
    }
    table.set("regexp_matches", "regexp_matches_no_flags") { (arguments, _) throws(SQLError) in
      let flags = try flags(arguments, 2)
      let regex = try Regex(arguments[1].bytes, flags)
      let text = Characters.scalars(try arguments[0].bytes)
      return try found(regex, text, all: flags.isGlobal).map { [groups(text, $0, regex)] }
    }
    table.scalar("regexp_like", "regexp_like_no_flags") { (arguments, _) throws(SQLError) in
      let flags = try flags(arguments, 2, allowsGlobal: false)
      return .bool(try Regex(arguments[1].bytes, flags).matches(arguments[0].bytes))
    }
    table.scalar("regexp_count", "regexp_count_no_flags", "regexp_count_no_start") {
      (arguments, _) throws(SQLError) in
      let regex = try Regex(
        arguments[1].bytes, flags(arguments, 3, allowsGlobal: false))
      let start = arguments.count > 2 ? try startPlace(arguments[2]) : 0
      let text = Characters.scalars(try arguments[0].bytes)
      return .int(Int64(try found(regex, text, from: start, all: true).count))
    }
    table.binary("textregexsubstr") { (text, pattern, _) throws(SQLError) in
      let regex = try Regex(pattern.bytes)
      let scalars = Characters.scalars(try text.bytes)
      guard let match = try regex.firstMatch(scalars) else { return .null }
      return piece(scalars, match, regex.groupCount > 0 ? 1 : 0)
    }
    table.scalar(
      "regexp_substr", "regexp_substr_no_subexpr", "regexp_substr_no_flags", "regexp_substr_no_n",
      "regexp_substr_no_start"
    ) { (arguments, _) throws(SQLError) in
      let regex = try Regex(
        arguments[1].bytes, flags(arguments, 4, allowsGlobal: false))
      let start = arguments.count > 2 ? try startPlace(arguments[2]) : 0
      let number = arguments.count > 3 ? try arguments[3].count : 1
      let group = arguments.count > 5 ? try arguments[5].count : 0
      guard number > 0, group >= 0 else {
        throw Fault.invalid("invalid value for parameter \"n\": \(number)")
      }
      let text = Characters.scalars(try arguments[0].bytes)
      let matches = try found(regex, text, from: start, all: true)
      guard number <= matches.count, group <= regex.groupCount else { return .null }
      return piece(text, matches[number - 1], group)
    }
  }

  private static func startPlace(_ value: Value) throws(SQLError) -> Int {
    let start = try value.count
    guard start > 0 else {
      throw Fault.invalid("invalid value for parameter \"start\": \(start)")
    }
    return start - 1
  }

  private static func addReplacing(_ table: inout BodyTable) {
    table.scalar("textregexreplace", "textregexreplace_noopt") { (arguments, _) throws(SQLError) in
      let flags = try flags(arguments, 3)
      let regex = try Regex(arguments[1].bytes, flags)
      return try replaced(arguments, regex, from: 0, number: flags.isGlobal ? 0 : 1)
    }
    table.scalar(
      "textregexreplace_extended", "textregexreplace_extended_no_flags",
      "textregexreplace_extended_no_n"
    ) { (arguments, _) throws(SQLError) in
      let flags = try flags(arguments, 5)
      let regex = try Regex(arguments[1].bytes, flags)
      var number = flags.isGlobal ? 0 : 1
      if arguments.count > 4 {
        number = try arguments[4].count
        if number < 0 {
          throw Fault.invalid("invalid value for parameter \"n\": \(number)")
        }
      }
      return try replaced(arguments, regex, from: startPlace(arguments[3]), number: number)
    }
  }

  /// `number` 0: all matches.
  private static func replaced(
    _ arguments: [Value], _ regex: Regex, from start: Int, number: Int
  ) throws(SQLError) -> Value {
    let text = Characters.scalars(try arguments[0].bytes)
    let template = Characters.scalars(try arguments[2].bytes)
    var result: [UInt8] = []
    var copied = 0
    let matches = try found(regex, text, from: start, all: number != 1)
    for (index, match) in matches.enumerated() where number == 0 || index == number - 1 {
      result += Characters.bytes(text[copied..<match[0]])
      var place = 0
      while place < template.count {
        let symbol = template[place]
        place += 1
        guard symbol == "\\", place < template.count else {
          Characters.append(symbol, into: &result)
          continue
        }
        let code = template[place]
        if code == "&" || (code.value >= 49 && code.value <= 57) {
          let group = code == "&" ? 0 : Int(code.value - 48)
          if group <= regex.groupCount, case .text(let bytes) = piece(text, match, group) {
            result += bytes
          }
          place += 1
        } else {
          Characters.append("\\", into: &result)
          if code == "\\" { place += 1 }
        }
      }
      copied = match[1]
      if result.count > Fault.lengthMax { throw Fault.tooLong }
    }
    result += Characters.bytes(text[copied...])
    return .text(result)
  }

  private static func addSplitting(_ table: inout BodyTable) {
    table.scalar("regexp_split_to_array", "regexp_split_to_array_no_flags") {
      (arguments, _) throws(SQLError) in
      .array(ArrayValue(elementType: .text, elements: try pieces(arguments)))
    }
    table.set("regexp_split_to_table", "regexp_split_to_table_no_flags") {
      (arguments, _) throws(SQLError) in
      try pieces(arguments).map { [$0] }
    }
  }

  private static func pieces(_ arguments: [Value]) throws(SQLError) -> [Value] {
    let regex = try Regex(arguments[1].bytes, flags(arguments, 2, allowsGlobal: false))
    let text = Characters.scalars(try arguments[0].bytes)
    var result: [Value] = []
    var copied = 0
    for match in try found(regex, text, all: true) {
      // An empty match at either end or right after the one before splits nothing.
      if match[0] == match[1] && (match[0] <= copied || match[0] == text.count) {
        if match[0] == text.count || match[0] == copied { continue }
      }
      result.append(.text(Characters.bytes(text[copied..<match[0]])))
      copied = match[1]
    }
    result.append(.text(Characters.bytes(text[copied...])))
    return result
  }

  /// SIMILAR TO's pattern as an advanced regular expression.
  private static func similarPattern(_ pattern: [UInt8], escape: [UInt8]) throws(SQLError)
    -> [UInt8]
  {
    guard TextEncoding.characterCount(escape) <= 1 else {
      throw SQLError(
        .invalidEscapeSequence, "invalid escape string",
        hint: "Escape string must be empty or one character.")
    }
    let escapeScalar = Characters.scalars(escape).first
    var result = Array("^(?:".utf8)
    var isEscaped = false
    var isBracket = false
    for scalar in Characters.scalars(pattern) {
      if isEscaped {
        if !Characters.isAlphanumeric(scalar) { result.append(UInt8(ascii: "\\")) }
        Characters.append(scalar, into: &result)
        isEscaped = false
      } else if scalar == escapeScalar {
        isEscaped = true
      } else if isBracket {
        if scalar == "]" { isBracket = false }
        Characters.append(scalar, into: &result)
      } else {
        switch scalar {
        case "[":
          isBracket = true
          result.append(UInt8(ascii: "["))
        case "%": result += Array(".*".utf8)
        case "_": result.append(UInt8(ascii: "."))
        case "(": result += Array("(?:".utf8)
        case "\\", ".", "^", "$":
          result.append(UInt8(ascii: "\\"))
          Characters.append(scalar, into: &result)
        default: Characters.append(scalar, into: &result)
        }
      }
    }
    return result + Array(")$".utf8)
  }
}
