import Syntax

/// A text with its numbers taken out: statements that a client makes by putting numbers into a text
/// have the same shape.
///
/// A run is a maximal row of digits that begins a token, or stands in a literal or comment: where two
/// texts have the same shape and differ in one run only, which in one of them is an integer
/// constant, they are the same tokens but for that constant's value.
struct StatementShape {
  /// With a zero byte, which no statement has, for each run.
  private(set) var text: [UInt8] = []
  /// Where the runs are in the source.
  private(set) var runs: [Range<Int>] = []

  init(_ source: [UInt8]) {
    text.reserveCapacity(source.count)
    source.withUnsafeBufferPointer { bytes in
      var place = 0
      var continuesWord = false
      while place < bytes.count {
        let byte = bytes[place]
        guard Self.isDigit(byte), !continuesWord else {
          continuesWord = Self.isWord(byte)
          text.append(byte)
          place += 1
          continue
        }
        let start = place
        while place < bytes.count, Self.isDigit(bytes[place]) { place += 1 }
        runs.append(start..<place)
        text.append(0)
        continuesWord = true
      }
    }
  }

  static func isDigit(_ byte: UInt8) -> Bool { byte &- 48 < 10 }

  /// After such a byte a digit goes on with a name, a number or a parameter.
  private static func isWord(_ byte: UInt8) -> Bool {
    (byte | 0x20) &- 97 < 26 || isDigit(byte) || byte == UInt8(ascii: "_")
      || byte == UInt8(ascii: "$") || byte == UInt8(ascii: ".") || byte >= 128
  }

  /// The digits as an integer constant of type int4; nil for what the grammar takes for another type.
  static func int4(_ digits: ArraySlice<UInt8>) -> Int64? {
    guard digits.count <= 10 else { return nil }
    var number: Int64 = 0
    for digit in digits { number = number * 10 + Int64(digit - 48) }
    return number <= Int64(Int32.max) ? number : nil
  }
}

/// An integer constant that a known statement has as a parameter.
struct LiftedLiteral {
  /// Its place among the shape's runs.
  var run: Int
  var isNegative: Bool
}

/// Makes parameters of integer constants, only where that changes neither a type nor a meaning: as an
/// operand of a comparison with a column in WHERE, as a value that an INSERT or UPDATE assigns, or
/// that an UPDATE adds to a column or subtracts. A constant's number never decides there how the
/// statement is planned. Others stay: ORDER BY 1, LIMIT 5, char(3), groups that must match targets.
struct LiteralLifting {
  private let source: [UInt8]
  /// By the offset where it begins.
  private var runAt: [Int: Int] = [:]
  /// What has been found, in the order of visiting.
  private var lifted: [LiftedLiteral] = []
  /// Of each lifted run, the parameter that it becomes.
  private var numbers: [Int: Int] = [:]

  init(_ source: [UInt8], _ shape: StatementShape) {
    self.source = source
    for (place, run) in shape.runs.enumerated() { runAt[run.lowerBound] = place }
  }

  /// The statement with its parameters in the order of the text; nil where nothing can be lifted.
  static func lift(
    _ statement: QuerySyntax.Statement, _ source: [UInt8], _ shape: StatementShape
  ) -> (statement: QuerySyntax.Statement, lifted: [LiftedLiteral])? {
    // Clauses may be visited in another order than they are written in: the first pass finds the
    // literals, the second gives them their numbers.
    var first = LiteralLifting(source, shape)
    _ = first.lift(statement)
    guard !first.lifted.isEmpty else { return nil }
    var second = LiteralLifting(source, shape)
    let found = first.lifted.sorted { $0.run < $1.run }
    for (number, literal) in found.enumerated() { second.numbers[literal.run] = number + 1 }
    return (second.lift(statement), found)
  }

  private mutating func lift(_ statement: QuerySyntax.Statement) -> QuerySyntax.Statement {
    switch statement {
    case .query(var query):
      guard case .select(var select) = query.body else { return statement }
      select.filter = select.filter.map { condition($0) }
      query.body = .select(select)
      return .query(query)
    case .insert(var insert):
      guard var query = insert.source, case .values(let rows) = query.body else { return statement }
      query.body = .values(rows.map { row in row.map { literal($0) } })
      insert.source = query
      return .insert(insert)
    case .update(var update):
      update.filter = update.filter.map { condition($0) }
      for place in update.assignments.indices {
        let value = update.assignments[place].value
        if case .binary(let name, let left, let right, let position) = value,
          name == "+" || name == "-", case .column = left
        {
          update.assignments[place].value = .binary(name, left, literal(right), position: position)
        } else {
          update.assignments[place].value = literal(value)
        }
      }
      return .update(update)
    case .delete(var delete):
      delete.filter = delete.filter.map { condition($0) }
      return .delete(delete)
    case .explain: return statement
    }
  }

  private mutating func condition(_ expression: QuerySyntax.Expression) -> QuerySyntax.Expression {
    switch expression {
    case .and(let items): return .and(items.map { condition($0) })
    case .or(let items): return .or(items.map { condition($0) })
    case .binary(let name, let left, let right, let position):
      guard ["=", "<", ">", "<=", ">=", "<>"].contains(name) else { return expression }
      if case .column = left { return .binary(name, left, literal(right), position: position) }
      if case .column = right { return .binary(name, literal(left), right, position: position) }
      return expression
    case .between(let value, let low, let high, let negated, let isSymmetric, let position):
      guard case .column = value else { return expression }
      return .between(
        value, literal(low), literal(high), negated: negated, isSymmetric: isSymmetric,
        position: position)
    case .inList(let value, let items, let negated, let position):
      guard case .column = value else { return expression }
      return .inList(value, items.map { literal($0) }, negated: negated, position: position)
    default: return expression
    }
  }

  /// The integer constant as a parameter; anything else as it is.
  private mutating func literal(_ expression: QuerySyntax.Expression) -> QuerySyntax.Expression {
    guard case .literal(.integer(let value), let position?) = expression else { return expression }
    var start = position - 1
    guard source.indices.contains(start) else { return expression }
    let isNegative = source[start] == UInt8(ascii: "-")
    if isNegative {
      start += 1
      while start < source.count, source[start] == 32 { start += 1 }
    }
    guard let run = runAt[start], !lifted.contains(where: { $0.run == run }) else {
      return expression
    }
    let end = source[start...].firstIndex { !StatementShape.isDigit($0) } ?? source.count
    guard let number = StatementShape.int4(source[start..<end]),
      (isNegative ? -number : number) == value
    else { return expression }
    lifted.append(LiftedLiteral(run: run, isNegative: isNegative))
    return .parameter(numbers[run] ?? lifted.count, position: position)
  }
}
