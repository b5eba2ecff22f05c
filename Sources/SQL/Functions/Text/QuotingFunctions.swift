import Types

/// Quoting, concatenation of anything, and format().
extension FunctionRegistry {
  static func addQuoting(_ table: inout BodyTable) {
    table.unary("quote_ident") { (value, _) throws(SQLError) in
      .text(quotedIdentifier(try value.bytes))
    }
    table.unary("quote_literal") { (value, _) throws(SQLError) in
      .text(quotedLiteral(try value.bytes))
    }
    table.unary("quote_nullable") { (value, _) throws(SQLError) in
      value.isNull ? .string("NULL") : .text(quotedLiteral(try value.bytes))
    }
    for name in ["sql quote_literal(anyelement)", "sql quote_nullable(anyelement)"] {
      table.typed(name) { types in
        .unary { (value, context) throws(SQLError) in
          if value.isNull { return .string("NULL") }
          return .text(quotedLiteral(textForm(value, types.arguments[0], context)))
        }
      }
    }
    table.typed("sql anytextcat(anynonarray text)", "sql textanycat(text anynonarray)") { types in
      .binary { (left, right, context) throws(SQLError) in
        .text(
          textForm(left, types.arguments[0], context)
            + textForm(right, types.arguments[1], context))
      }
    }
    addConcatenation(&table)
    table.typed("text_format", "text_format_nv") { types in
      .scalar { (arguments, context) throws(SQLError) in
        guard !arguments[0].isNull else { return .null }
        let (values, valueTypes) = spread(Array(arguments.dropFirst()), types, from: 1)
        return .text(try format(arguments[0].bytes, values, valueTypes, context))
      }
    }
  }

  /// The cast to text of any value.
  static func textForm(_ value: Value, _ type: SQLType, _ context: EvaluationContext) -> [UInt8] {
    if case .bool(let flag) = value { return Array((flag ? "t" : "f").utf8) }
    var text: [UInt8] = []
    TypeIO.formatText(value, as: type, settings: context.settings, into: &text)
    return text
  }

  /// The arguments of a VARIADIC "any" call and their types; of a call with an explicit array, its
  /// elements.
  static func spread(_ arguments: [Value], _ types: CallTypes, from first: Int)
    -> ([Value], [SQLType])
  {
    if types.isExplicitlyVariadic, case .array(let array)? = arguments.last {
      let values = Array(arguments.dropLast()) + array.elements
      let fixed = Array(types.arguments.dropFirst(first).dropLast())
      return (values, fixed + array.elements.map { _ in array.elementType })
    }
    if types.isExplicitlyVariadic, arguments.last?.isNull ?? false {
      return (Array(arguments.dropLast()), Array(types.arguments.dropFirst(first).dropLast()))
    }
    return (arguments, Array(types.arguments.dropFirst(first)))
  }

  private static func addConcatenation(_ table: inout BodyTable) {
    table.typed("text_concat") { types in
      .scalar { (arguments, context) throws(SQLError) in
        let (values, valueTypes) = spread(arguments, types, from: 0)
        var result: [UInt8] = []
        for (value, type) in zip(values, valueTypes) {
          result += textForm(value, type, context)
        }
        return .text(result)
      }
    }
    table.typed("text_concat_ws") { types in
      .scalar { (arguments, context) throws(SQLError) in
        guard !arguments[0].isNull else { return .null }
        let separator = try arguments[0].bytes
        let (values, valueTypes) = spread(Array(arguments.dropFirst()), types, from: 1)
        var result: [UInt8] = []
        var isFirst = true
        for (value, type) in zip(values, valueTypes) where !value.isNull {
          if !isFirst { result += separator }
          isFirst = false
          result += textForm(value, type, context)
        }
        return .text(result)
      }
    }
  }

  static func quotedLiteral(_ bytes: [UInt8]) -> [UInt8] {
    let (quote, backslash) = (UInt8(ascii: "'"), UInt8(ascii: "\\"))
    var result: [UInt8] = bytes.contains(backslash) ? [UInt8(ascii: "E")] : []
    result.append(quote)
    for byte in bytes {
      if byte == quote || byte == backslash { result.append(byte) }
      result.append(byte)
    }
    result.append(quote)
    return result
  }

  static func quotedIdentifier(_ bytes: [UInt8]) -> [UInt8] {
    let quote = UInt8(ascii: "\"")
    var isPlain = !bytes.isEmpty
    for (index, byte) in bytes.enumerated() {
      let isLetter = byte >= 97 && byte <= 122 || byte == 95
      let isDigit = byte >= 48 && byte <= 57
      if !(isLetter || (index > 0 && isDigit)) { isPlain = false }
    }
    if isPlain && !reservedWords.contains(String(decoding: bytes, as: UTF8.self)) { return bytes }
    return [quote] + bytes.flatMap { $0 == quote ? [quote, quote] : [$0] } + [quote]
  }

  /// Keywords that need quotes as a name: all but the unreserved ones.
  private static let reservedWords = Set(
    """
    all analyse analyze and any array as asc asymmetric authorization between bigint binary bit \
    boolean both case cast char character check coalesce collate collation column concurrently \
    constraint create cross current_catalog current_date current_role current_schema current_time \
    current_timestamp current_user dec decimal default deferrable desc distinct do else end except \
    exists extract false fetch float for foreign freeze from full grant greatest group grouping \
    having ilike in initially inner inout int integer intersect interval into is isnull join \
    lateral leading least left like limit localtime localtimestamp national natural nchar none \
    normalize not notnull null nullif numeric offset on only or order out outer overlaps overlay \
    placing position precision primary real references returning right row select session_user \
    setof similar smallint some substring symmetric table tablesample then time timestamp to \
    trailing treat trim true union unique user using values varchar variadic verbose when where \
    window with xmlattributes xmlconcat xmlelement xmlexists xmlforest xmlnamespaces xmlparse \
    xmlpi xmlroot xmlserialize xmltable
    """.split(separator: " ").map(String.init))

  /// `%s`, `%I`, `%L`, `%%`, with positions `%2$s` and widths `%-10s`, `%*s`.
  private static func format(
    _ pattern: [UInt8], _ values: [Value], _ types: [SQLType], _ context: EvaluationContext
  ) throws(SQLError) -> [UInt8] {
    var result: [UInt8] = []
    var index = 0
    var argument = 0
    let unterminated = SQLError(
      .invalidParameterValue, "unterminated format() type specifier",
      hint: "For a single \"%\" use \"%%\".")
    func number() -> Int? {
      var value: Int?
      while index < pattern.count, pattern[index] >= 48, pattern[index] <= 57 {
        value = min((value ?? 0) * 10 + Int(pattern[index] - 48), 1 << 31)
        index += 1
      }
      return value
    }
    func take(_ position: Int?) throws(SQLError) -> Int {
      if let position {
        if position == 0 {
          throw Fault.invalid("format specifies argument 0, but arguments are numbered from 1")
        }
        argument = position - 1
      }
      guard argument < values.count else {
        throw Fault.invalid("too few arguments for format()")
      }
      argument += 1
      return argument - 1
    }
    while index < pattern.count {
      let byte = pattern[index]
      index += 1
      if byte != UInt8(ascii: "%") {
        result.append(byte)
        continue
      }
      guard index < pattern.count else { throw unterminated }
      if pattern[index] == UInt8(ascii: "%") {
        result.append(byte)
        index += 1
        continue
      }
      var position: Int?
      var width = 0
      let start = index
      if let value = number(), index < pattern.count, pattern[index] == UInt8(ascii: "$") {
        position = value
        index += 1
      } else {
        index = start
      }
      var isLeft = false
      while index < pattern.count, pattern[index] == UInt8(ascii: "-") {
        isLeft = true
        index += 1
      }
      if index < pattern.count, pattern[index] == UInt8(ascii: "*") {
        index += 1
        var widthPosition: Int?
        if let value = number() {
          widthPosition = value
          guard index < pattern.count, pattern[index] == UInt8(ascii: "$") else {
            throw Fault.invalid("width argument position must be ended by \"$\"")
          }
          index += 1
        }
        let place = try take(widthPosition)
        if case .int(let value) = values[place] {
          isLeft = isLeft || value < 0
          width = Int(clamping: value.magnitude)
        }
      } else if let value = number() {
        width = value
      }
      guard index < pattern.count else { throw unterminated }
      let kind = pattern[index]
      index += 1
      guard "sIL".utf8.contains(kind) else {
        throw SQLError(
          .invalidParameterValue,
          "unrecognized format() type specifier \"\(Character(Unicode.Scalar(kind)))\"",
          hint: "For a single \"%\" use \"%%\".")
      }
      let place = try take(position)
      var text = textForm(values[place], types[place], context)
      if kind == UInt8(ascii: "I") {
        if values[place].isNull {
          throw SQLError(
            .nullValueNotAllowed, "null values cannot be formatted as an SQL identifier")
        }
        text = quotedIdentifier(text)
      } else if kind == UInt8(ascii: "L") {
        text = values[place].isNull ? Array("NULL".utf8) : quotedLiteral(text)
      }
      if width > Fault.lengthMax / 4 { throw Fault.tooLong }
      let count = TextEncoding.characterCount(text)
      let padding = [UInt8](repeating: 32, count: max(0, width - count))
      result += isLeft ? text + padding : padding + text
    }
    return result
  }
}
