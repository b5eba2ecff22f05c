import CPgQuery

/// Turns SQL text into statements with PostgreSQL's own grammar (libpg_query). Runs on the calling
/// shard's thread; about 10 µs for a short statement.
public enum Parser {
  /// A run of this many tokens without a comma or semicolon may nest deeper than the parser's
  /// stack; no real statement has one.
  static let tokensInARowMax = 20_000

  public static func parse(_ sql: [UInt8]) throws(ParseError) -> [Statement] {
    guard String(validating: sql, as: UTF8.self) != nil, !sql.contains(0) else { throw .notUTF8 }
    if let own = try OwnStatements.parse(sql) { return [own] }
    if tokensInARow(sql) > tokensInARowMax { throw .tooDeep }
    let result = (sql + [0]).withUnsafeBufferPointer { text in
      text.withMemoryRebound(to: CChar.self) { pg_query_parse($0.baseAddress) }
    }
    defer { pg_query_free_parse_result(result) }
    if let error = result.error {
      let message = String(cString: error.pointee.message)
      if message.hasPrefix("memory exhausted") { throw .tooDeep }
      throw .syntax(message: message, position: Int(error.pointee.cursorpos))
    }
    guard let tree = result.parse_tree else { throw .unexpectedTree }
    return try statements(tree, source: sql)
  }

  private static func statements(_ json: UnsafeMutablePointer<CChar>, source: [UInt8])
    throws(ParseError) -> [Statement]
  {
    var length = 0
    while json[length] != 0 { length += 1 }
    let raw = UnsafeRawBufferPointer(start: json, count: length)
    var reader = ParseTreeReader(raw.assumingMemoryBound(to: UInt8.self), source: source)
    guard case .object(let root) = try reader.read() else { throw .unexpectedTree }
    var statements: [Statement] = []
    for element in ParseNode(kind: "ParseResult", root).list("stmts") {
      let node = try ParseNode(kind: "RawStmt", body: element)
      if let inner = try node.node("stmt") {
        statements.append(
          Statement(
            body: try StatementBuilder.build(inner), location: node.integer("stmt_location") ?? 0,
            length: node.integer("stmt_len") ?? 0))
      }
    }
    return statements
  }

  /// The longest run of tokens without a comma or semicolon, quoted text counted as one.
  static func tokensInARow(_ sql: [UInt8]) -> Int {
    var longest = 0
    var run = 0
    var quote: UInt8 = 0
    var isInWord = false
    for byte in sql {
      if quote != 0 {
        if byte == quote { quote = 0 }
        continue
      }
      switch byte {
      case UInt8(ascii: "'"), UInt8(ascii: "\""):
        quote = byte
        run += 1
      case UInt8(ascii: ","), UInt8(ascii: ";"): run = 0
      case 9, 10, 13, 32: break
      default:
        let isWord =
          byte >= 128 || byte == 95 || (byte | 32 >= 97 && byte | 32 <= 122)
          || (byte >= 48 && byte <= 57)
        if !isWord || !isInWord { run += 1 }
        isInWord = isWord
        longest = max(longest, run)
        continue
      }
      isInWord = false
      longest = max(longest, run)
    }
    return longest
  }
}
