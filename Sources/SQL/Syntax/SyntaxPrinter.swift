/// Writes syntax as SQL again, in the form in which the catalog keeps it and `pg_get_expr` shows
/// it: every operation in parentheses, names quoted where they must be.
public struct SyntaxPrinter {
  /// The name that a bare column gets (ALTER TABLE … RENAME COLUMN).
  private let columnName: (String) -> String
  /// Columns of this relation lose its name.
  private let relation: String?

  public init(
    omitting relation: String? = nil, columnName: @escaping (String) -> String = { $0 }
  ) {
    self.relation = relation
    self.columnName = columnName
  }

  public static func text(_ expression: QuerySyntax.Expression) -> String {
    SyntaxPrinter().text(expression)
  }

  public static func quoted(_ name: String) -> String {
    let isPlain =
      name.first.map { $0 == "_" || ($0.isASCII && $0.isLowercase) } ?? false
      && name.utf8.allSatisfy {
        $0 == 95 || $0 == 36 || (97...122).contains($0) || (48...57).contains($0)
      }
    if isPlain && !Keywords.reserved.contains(name) { return name }
    return "\"" + doubled(name, "\"") + "\""
  }

  public static func literal(_ text: String) -> String {
    text.contains("\\")
      ? " E'" + doubled(doubled(text, "'"), "\\") + "'" : "'" + doubled(text, "'") + "'"
  }

  private static func doubled(_ text: String, _ mark: Character) -> String {
    var result = ""
    for character in text {
      if character == mark { result.append(mark) }
      result.append(character)
    }
    return result
  }

  private func list(_ items: [QuerySyntax.Expression]) -> String {
    items.map(text).joined(separator: ", ")
  }

  public func text(_ expression: QuerySyntax.Expression) -> String {
    switch expression {
    case .literal(let literal, _): return text(literal)
    case .parameter(let number, _): return "$\(number)"
    case .column(let names, _): return column(names)
    case .binary(let name, let left, let right, _):
      return "(\(text(left)) \(name) \(text(right)))"
    case .prefix(let name, let inner, _): return "(\(name) \(text(inner)))"
    case .and(let items): return "(" + items.map(text).joined(separator: " AND ") + ")"
    case .or(let items): return "(" + items.map(text).joined(separator: " OR ") + ")"
    case .not(let inner): return "(NOT \(text(inner)))"
    case .isNull(let inner, let negated):
      return "(\(text(inner)) IS \(negated ? "NOT " : "")NULL)"
    case .booleanTest(let inner, let value, let negated):
      let word = value.map { $0 ? "TRUE" : "FALSE" } ?? "UNKNOWN"
      return "(\(text(inner)) IS \(negated ? "NOT " : "")\(word))"
    case .distinct(let left, let right, let negated, _):
      return "(\(text(left)) IS \(negated ? "NOT " : "")DISTINCT FROM \(text(right)))"
    case .inList(let left, let items, let negated, _):
      return "(\(text(left)) \(negated ? "NOT " : "")IN (\(list(items))))"
    case .between(let inner, let low, let high, let negated, let isSymmetric, _):
      let words = (negated ? "NOT " : "") + "BETWEEN " + (isSymmetric ? "SYMMETRIC " : "")
      return "(\(text(inner)) \(words)\(text(low)) AND \(text(high)))"
    case .anyArray(let left, let name, let array, let isAll, _):
      return "(\(text(left)) \(name) \(isAll ? "ALL" : "ANY") (\(text(array))))"
    case .call(let call): return text(call)
    case .cast(let inner, let type, _): return cast(inner, type)
    case .conditional(let operand, let arms, let otherwise, _):
      var result = "CASE"
      if let operand { result += " " + text(operand) }
      for arm in arms { result += " WHEN \(text(arm.condition)) THEN \(text(arm.result))" }
      if let otherwise { result += " ELSE " + text(otherwise) }
      return result + " END"
    case .coalesce(let items, _): return "COALESCE(\(list(items)))"
    case .nullIf(let left, let right, _): return "NULLIF(\(text(left)), \(text(right)))"
    case .extremum(let items, let isGreatest, _):
      return "\(isGreatest ? "GREATEST" : "LEAST")(\(list(items)))"
    case .row(let items, _): return "ROW(\(list(items)))"
    case .field(let base, let name, _):
      return "(\(text(base))).\(name == "*" ? "*" : Self.quoted(name))"
    case .element(let base, let subscripts, _): return element(base, subscripts)
    case .array(let items, _): return "ARRAY[\(list(items))]"
    case .subquery(let kind, let left, let query, _): return subquery(kind, left, query)
    case .grouping(let items, _): return "GROUPING(\(list(items)))"
    case .defaultValue: return "DEFAULT"
    }
  }

  private func text(_ literal: QuerySyntax.Literal) -> String {
    switch literal {
    case .null: "NULL"
    case .bool(let flag): flag ? "true" : "false"
    case .integer(let number): number < 0 ? "'\(number)'::integer" : String(number)
    case .number(let text): text.hasPrefix("-") ? "'\(text)'::numeric" : text
    case .string(let text): Self.literal(text)
    case .bits(let text): text.hasPrefix("x") ? "X'\(text.dropFirst())'" : "B'\(text.dropFirst())'"
    }
  }

  private func column(_ names: [String]) -> String {
    if names.count == 1, names[0] != "*" { return Self.quoted(columnName(names[0])) }
    if names.count == 2, names[0] == relation { return column([names[1]]) }
    return names.map { $0 == "*" ? "*" : Self.quoted($0) }.joined(separator: ".")
  }

  private func cast(_ inner: QuerySyntax.Expression, _ type: QuerySyntax.TypeName) -> String {
    if case .literal(.string, _) = inner { return "\(text(inner))::\(text(type))" }
    if case .literal(.null, _) = inner { return "\(text(inner))::\(text(type))" }
    return "(\(text(inner)))::\(text(type))"
  }

  private func element(_ base: QuerySyntax.Expression, _ subscripts: [QuerySyntax.Subscript])
    -> String
  {
    var result = "(\(text(base)))"
    for item in subscripts {
      let lower = item.lower.map(text) ?? ""
      let upper = item.upper.map(text) ?? ""
      result += item.isSlice ? "[\(lower):\(upper)]" : "[\(upper)]"
    }
    return result
  }

  private func text(_ call: QuerySyntax.Call) -> String {
    var arguments = call.isStar ? "*" : list(call.arguments)
    if !call.argumentNames.isEmpty {
      arguments = zip(call.arguments, call.argumentNames).map { argument, name in
        (name.map { Self.quoted($0) + " => " } ?? "") + text(argument)
      }.joined(separator: ", ")
    }
    if call.isVariadic, let last = call.arguments.last {
      arguments = (call.arguments.dropLast().map(text) + ["VARIADIC " + text(last)])
        .joined(separator: ", ")
    }
    if call.isDistinct { arguments = "DISTINCT " + arguments }
    if !call.order.isEmpty { arguments += " ORDER BY " + keys(call.order) }
    // The grammar's own functions (extract, position, …) are called through their schema.
    var result = call.schema.map { $0 == "pg_catalog" ? "" : Self.quoted($0) + "." } ?? ""
    if Keywords.reserved.contains(call.name) { result = "pg_catalog." }
    result += Self.quoted(call.name) + "(\(arguments))"
    if let filter = call.filter { result += " FILTER (WHERE \(text(filter)))" }
    if let window = call.window { result += " OVER (" + text(window) + ")" }
    return result
  }

  private func subquery(
    _ kind: QuerySyntax.SubqueryKind, _ left: QuerySyntax.Expression?, _ query: QuerySyntax.Query
  ) -> String {
    let inner = "(" + text(query) + ")"
    switch kind {
    case .scalar: return inner
    case .exists: return "(EXISTS \(inner))"
    case .array: return "ARRAY\(inner)"
    case .any(let name): return "(\(left.map(text) ?? "") \(name) ANY \(inner))"
    case .all(let name): return "(\(left.map(text) ?? "") \(name) ALL \(inner))"
    }
  }

  /// A type's name as `format_type` shows it.
  public func text(_ type: QuerySyntax.TypeName) -> String {
    let known = [
      "int2": "smallint", "int4": "integer", "int8": "bigint", "bool": "boolean",
      "float4": "real", "float8": "double precision", "varchar": "character varying",
      "bpchar": "character", "timestamptz": "timestamp with time zone",
      "timestamp": "timestamp without time zone", "timetz": "time with time zone",
      "time": "time without time zone",
    ]
    var name: String
    let modifiers =
      type.modifiers.isEmpty
      ? "" : "(" + type.modifiers.map(String.init).joined(separator: ",") + ")"
    if type.schema == nil || type.schema == "pg_catalog", let shown = known[type.name] {
      // The modifier stands behind the first word: timestamp(3) with time zone.
      let words = shown.split(separator: " ", maxSplits: 1)
      let isTime = type.name.hasPrefix("time")
      name =
        isTime && words.count == 2 ? "\(words[0])\(modifiers) \(words[1])" : shown + modifiers
    } else {
      let schema = type.schema.map { $0 == "pg_catalog" ? "" : Self.quoted($0) + "." } ?? ""
      name = schema + Self.quoted(type.name) + modifiers
    }
    for _ in 0..<type.arrayDimensions { name += "[]" }
    return name
  }
}

extension SyntaxPrinter {
  /// The bare column names that the catalog's text of an expression reads.
  public static func columns(in text: String) -> Set<String> {
    guard let statements = try? Parser.parse(Array("SELECT \(text)".utf8)),
      case .query(.query(let query))? = statements.first?.body
    else { return [] }
    let found = Collected()
    _ = SyntaxPrinter { name in
      found.names.insert(name)
      return name
    }.text(query)
    return found.names
  }

  private final class Collected { var names: Set<String> = [] }
}
