/// Parse nodes → type names.
enum TypeNameBuilder {
  static func build(_ node: ParseNode?) throws(ParseError) -> QuerySyntax.TypeName {
    guard let node else { throw .unexpectedTree }
    try node.allow(["names", "typmods", "typemod", "arrayBounds"])
    let names = try node.names("names")
    guard let name = names.last, names.count <= 2 else {
      throw .unsupported("cross-database references", location: node.location)
    }
    var modifiers: [Int32] = []
    for modifier in try ExpressionBuilder.list(node.list("typmods")) {
      guard case .literal(.integer(let number), _) = modifier, let small = Int32(exactly: number)
      else {
        throw .syntax(
          message: "type modifiers must be simple constants or identifiers",
          position: node.location + 1)
      }
      modifiers.append(small)
    }
    return QuerySyntax.TypeName(
      name, schema: names.count > 1 ? names[0] : nil, modifiers: modifiers,
      arrayDimensions: node.list("arrayBounds").count, position: node.position)
  }
}

/// The fields of INTERVAL '…' YEAR and its kin, as the grammar writes them: bits in the modifier.
enum IntervalFields {
  private static let units: [Int32: String] = [
    1 << 2: "year", 1 << 1: "month", 1 << 3: "day", 1 << 10: "hour", 1 << 11: "minute",
    1 << 12: "second",
  ]

  static func unit(of modifiers: [Int32]) -> String? { modifiers.first.flatMap { units[$0] } }

  static func isBareNumber(_ text: String) -> Bool {
    let number = text.first == "-" || text.first == "+" ? text.dropFirst() : text[...]
    return !number.isEmpty && number.allSatisfy { $0.isNumber || $0 == "." }
  }
}
