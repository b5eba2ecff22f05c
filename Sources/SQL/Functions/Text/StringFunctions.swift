import Types

/// Functions of text, by characters.
extension FunctionRegistry {
  static func addStrings(_ table: inout BodyTable) {
    addLengths(&table)
    addLike(&table)
    addSlices(&table)
    addPadding(&table)
    addSearch(&table)
    addTextCasts(&table)
  }

  private static func addLengths(_ table: inout BodyTable) {
    table.unary("textlen") { (value, _) throws(SQLError) in
      .int(Int64(TextEncoding.characterCount(try value.bytes)))
    }
    table.unary("bpcharlen") { (value, _) throws(SQLError) in
      .int(Int64(TextEncoding.characterCount(Value.trimmingBlanks(try value.bytes))))
    }
    table.unary("textoctetlen", "byteaoctetlen", "bpcharoctetlen") { (value, _) throws(SQLError) in
      .int(Int64(try value.bytes.count))
    }
    table.unary("sql bit_length(text)", "sql bit_length(bytea)") { (value, _) throws(SQLError) in
      .int(Int64(try value.bytes.count) * 8)
    }
    table.unary("upper") { (value, _) throws(SQLError) in
      .text(Characters.uppercased(try value.bytes))
    }
    table.unary("lower") { (value, _) throws(SQLError) in
      .text(Characters.lowercased(try value.bytes))
    }
    table.unary("initcap") { (value, _) throws(SQLError) in
      .text(Characters.capitalized(try value.bytes))
    }
    table.unary("ascii") { (value, _) throws(SQLError) in
      .int(Int64(Characters.scalars(Array(try value.bytes.prefix(4))).first?.value ?? 0))
    }
    table.unary("chr") { (value, _) throws(SQLError) in
      let code = try value.int
      if code == 0 { throw SQLError(.programLimitExceeded, "null character not permitted") }
      guard code > 0 else {
        throw SQLError(.programLimitExceeded, "character number must be positive")
      }
      guard let scalar = UInt32(exactly: code).flatMap(Unicode.Scalar.init) else {
        throw SQLError(
          .programLimitExceeded, "requested character too large for encoding: \(code)")
      }
      return .text(Characters.bytes([scalar]))
    }
    table.unary("text_reverse") { (value, _) throws(SQLError) in
      .text(Characters.bytes(Characters.scalars(try value.bytes).reversed()))
    }
  }

  private static func addLike(_ table: inout BodyTable) {
    table.binary("textlike", "namelike") { (text, pattern, _) throws(SQLError) in
      .bool(try LikeMatcher.matches(text.bytes, pattern.bytes))
    }
    table.binary("textnlike", "namenlike") { (text, pattern, _) throws(SQLError) in
      .bool(try !LikeMatcher.matches(text.bytes, pattern.bytes))
    }
    table.binary("bytealike") { (text, pattern, _) throws(SQLError) in
      .bool(try LikeMatcher.matches(text.bytes, pattern.bytes, isCharacters: false))
    }
    table.binary("byteanlike") { (text, pattern, _) throws(SQLError) in
      .bool(try !LikeMatcher.matches(text.bytes, pattern.bytes, isCharacters: false))
    }
    table.binary("texticlike", "nameiclike", "bpchariclike") {
      (text, pattern, _) throws(SQLError) in
      .bool(
        try LikeMatcher.matches(
          Characters.lowercased(text.bytes), Characters.lowercased(pattern.bytes)))
    }
    table.binary("texticnlike", "nameicnlike", "bpcharicnlike") {
      (text, pattern, _) throws(SQLError) in
      .bool(
        try !LikeMatcher.matches(
          Characters.lowercased(text.bytes), Characters.lowercased(pattern.bytes)))
    }
    // char(n) matches with its padding, as in PostgreSQL.
    table.alias("bpcharlike", of: "textlike")
    table.alias("bpcharnlike", of: "textnlike")
    table.binary("like_escape") { (pattern, escape, _) throws(SQLError) in
      .text(try LikeMatcher.escaped(pattern.bytes, escape.bytes))
    }
  }

  private static func addSlices(_ table: inout BodyTable) {
    table.binary("textcat") { (left, right, _) throws(SQLError) in
      .text(try left.bytes + right.bytes)
    }
    table.binary("byteacat") { (left, right, _) throws(SQLError) in
      .bytes(try left.bytes + right.bytes)
    }
    table.scalar("text_substr", "text_substr_no_len") { (arguments, _) throws(SQLError) in
      let (low, high) = try substringBounds(arguments)
      return .text(Characters.slice(try arguments[0].bytes, from: low, to: high))
    }
    table.scalar("bytea_substr", "bytea_substr_no_len") { (arguments, _) throws(SQLError) in
      let (low, high) = try substringBounds(arguments)
      let bytes = try arguments[0].bytes
      guard low < min(high, bytes.count) else { return .bytes([]) }
      return .bytes(Array(bytes[max(0, low)..<min(high, bytes.count)]))
    }
    table.binary("text_left") { (text, count, _) throws(SQLError) in
      let bytes = try text.bytes
      let count = try count.count
      let end = count >= 0 ? count : TextEncoding.characterCount(bytes) + count
      return .text(Characters.slice(bytes, from: 0, to: end))
    }
    table.binary("text_right") { (text, count, _) throws(SQLError) in
      let bytes = try text.bytes
      let total = TextEncoding.characterCount(bytes)
      let count = try count.count
      return .text(Characters.slice(bytes, from: count >= 0 ? total - count : -count, to: total))
    }
    table.scalar("textoverlay", "textoverlay_no_len") { (arguments, _) throws(SQLError) in
      let bytes = try arguments[0].bytes
      let replacement = try arguments[1].bytes
      let start = try arguments[2].count
      let length =
        arguments.count > 3 ? try arguments[3].count : TextEncoding.characterCount(replacement)
      guard start > 0 else { throw SQLError("22011", "negative substring length not allowed") }
      let total = TextEncoding.characterCount(bytes)
      return .text(
        Characters.slice(bytes, from: 0, to: start - 1) + replacement
          + Characters.slice(bytes, from: max(0, start - 1 + length), to: total))
    }
    table.scalar("split_text") { (arguments, _) throws(SQLError) in
      let text = try arguments[0].bytes
      let field = try arguments[2].count
      if field == 0 { throw Fault.invalid("field position must not be zero") }
      if text.isEmpty { return .text([]) }
      let parts = Characters.split(text, by: try arguments[1].bytes)
      let index = field > 0 ? field - 1 : parts.count + field
      return .text(parts.indices.contains(index) ? parts[index] : [])
    }
    table.alias("split_part", of: "split_text")
  }

  /// First and end place, from 0. 22011 for a negative length.
  private static func substringBounds(_ arguments: [Value]) throws(SQLError) -> (Int, Int) {
    let start = try arguments[1].count - 1
    guard arguments.count > 2 else { return (start, Int.max) }
    let length = try arguments[2].count
    if length < 0 { throw SQLError("22011", "negative substring length not allowed") }
    return (start, start + length)
  }

  private static func addPadding(_ table: inout BodyTable) {
    for (name, isLeft) in [("lpad", true), ("rpad", false)] {
      let body: ScalarBody = { (arguments, _) throws(SQLError) in
        let bytes = try arguments[0].bytes
        let length = max(0, try arguments[1].count)
        let fill = arguments.count > 2 ? Characters.scalars(try arguments[2].bytes) : [" "]
        let count = TextEncoding.characterCount(bytes)
        if length * 4 > Fault.lengthMax { throw Fault.tooLong }
        if count >= length || fill.isEmpty {
          return .text(Characters.slice(bytes, from: 0, to: length))
        }
        var padding: [UInt8] = []
        for index in 0..<(length - count) {
          Characters.append(fill[index % fill.count], into: &padding)
        }
        return .text(isLeft ? padding + bytes : bytes + padding)
      }
      table.scalar(name, "sql \(name)(text int4)", body: body)
    }
    let trims: [(String, Bool, Bool)] = [
      ("btrim", true, true), ("ltrim", true, false), ("rtrim", false, true),
    ]
    for (name, left, right) in trims {
      table.scalar(name, name + "1") { (arguments, _) throws(SQLError) in
        let bytes = try arguments[0].bytes
        if arguments.count == 1 { return .text(trimmed(bytes, [" "], left: left, right: right)) }
        let set = Set(Characters.scalars(try arguments[1].bytes))
        return .text(trimmed(bytes, set, left: left, right: right))
      }
    }
    for (name, left, right) in [
      ("byteatrim", true, true), ("bytealtrim", true, false), ("byteartrim", false, true),
    ] {
      table.binary(name) { (bytes, set, _) throws(SQLError) in
        var rest = try bytes.bytes[...]
        let set = Set(try set.bytes)
        while left, let first = rest.first, set.contains(first) { rest.removeFirst() }
        while right, let last = rest.last, set.contains(last) { rest.removeLast() }
        return .bytes(Array(rest))
      }
    }
    table.binary("repeat") { (text, count, _) throws(SQLError) in
      let bytes = try text.bytes
      let count = max(0, try count.count)
      let (total, overflow) = bytes.count.multipliedReportingOverflow(by: count)
      if overflow || total > Fault.lengthMax { throw Fault.tooLong }
      var result: [UInt8] = []
      result.reserveCapacity(total)
      if bytes.count == 1 { return .text([UInt8](repeating: bytes[0], count: count)) }
      for _ in 0..<count { result += bytes }
      return .text(result)
    }
  }

  private static func trimmed(
    _ bytes: [UInt8], _ set: Set<Unicode.Scalar>, left: Bool, right: Bool
  ) -> [UInt8] {
    var rest = Characters.scalars(bytes)[...]
    while left, let first = rest.first, set.contains(first) { rest.removeFirst() }
    while right, let last = rest.last, set.contains(last) { rest.removeLast() }
    return Characters.bytes(rest)
  }

  private static func addSearch(_ table: inout BodyTable) {
    table.binary("textpos") { (text, part, _) throws(SQLError) in
      let bytes = try text.bytes
      guard let found = Characters.find(try part.bytes, in: bytes) else { return .int(0) }
      return .int(Int64(TextEncoding.characterCount(Array(bytes[..<found])) + 1))
    }
    table.binary("byteapos") { (bytes, part, _) throws(SQLError) in
      .int(Int64((Characters.find(try part.bytes, in: try bytes.bytes) ?? -1) + 1))
    }
    table.binary("text_starts_with") { (text, prefix, _) throws(SQLError) in
      .bool(try text.bytes.starts(with: prefix.bytes))
    }
    table.scalar("replace_text") { (arguments, _) throws(SQLError) in
      let from = try arguments[1].bytes
      if from.isEmpty { return arguments[0] }
      let parts = Characters.split(try arguments[0].bytes, by: from)
      let to = try arguments[2].bytes
      if (parts.count - 1) * to.count > Fault.lengthMax { throw Fault.tooLong }
      return .text(Array(parts.joined(separator: to)))
    }
    table.scalar("translate") { (arguments, _) throws(SQLError) in
      let from = Characters.scalars(try arguments[1].bytes)
      let to = Characters.scalars(try arguments[2].bytes)
      var map: [Unicode.Scalar: Unicode.Scalar?] = [:]
      for (index, scalar) in from.enumerated() where map[scalar] == nil {
        map[scalar] = .some(index < to.count ? to[index] : nil)
      }
      return .text(
        Characters.bytes(
          Characters.scalars(try arguments[0].bytes).compactMap { scalar in
            if let mapped = map[scalar] { return mapped }
            return scalar
          }))
    }
    table.unary("to_hex32") { (value, _) throws(SQLError) in
      .string(String(UInt32(truncatingIfNeeded: try value.int), radix: 16))
    }
    table.unary("to_hex64") { (value, _) throws(SQLError) in
      .string(String(UInt64(bitPattern: try value.int), radix: 16))
    }
  }

  private static func addTextCasts(_ table: inout BodyTable) {
    table.unary("char_text", "name_text", "xmltotext", "char_bpchar", "name_bpchar") {
      (value, _) throws(SQLError) in value
    }
    table.unary("text_name", "bpchar_name") { (value, _) throws(SQLError) in
      try TypeIO.parseText(Value.trimmingBlanks(try value.bytes), as: .name)
    }
    table.unary("text_char") { (value, _) throws(SQLError) in
      .text(Array(try value.bytes.prefix(1)))
    }
    table.unary("booltext") { (value, _) throws(SQLError) in
      .string(try value.bool ? "true" : "false")
    }
  }
}
