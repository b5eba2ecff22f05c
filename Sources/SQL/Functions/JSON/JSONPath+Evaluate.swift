import Types

/// One evaluation of a jsonpath. In lax mode what the structure does not have is empty.
struct JSONPathRun {
  let path: JSONPath
  let root: JSONValue
  let variables: JSONValue
  private var current: JSONValue
  /// The array whose subscripts are evaluated.
  private var array: Int?
  /// Items visited by `.**`: several of them multiply, whatever the size of the document.
  private var descents = 0
  private static let descentsMax = 2_000_000

  init(_ path: JSONPath, _ root: JSONValue, variables: JSONValue) {
    self.path = path
    self.root = root
    self.variables = variables
    current = root
  }

  private static func fault(_ code: SQLState, _ message: String) -> SQLError {
    SQLError(code, message)
  }

  mutating func items() throws(SQLError) -> [JSONValue] { try items(path.root) }

  private mutating func items(_ node: JSONPath.Node) throws(SQLError) -> [JSONValue] {
    switch node {
    case .root: return [root]
    case .current: return [current]
    case .literal(let value): return [value]
    case .last:
      guard let array else {
        throw Self.fault(.syntaxError, "LAST is allowed only in array subscripts")
      }
      return [.number(Numeric(Int64(array - 1)))]
    case .variable(let name):
      if case .object(let members) = variables.kind,
        let found = members.first(where: { $0.key == name })
      {
        return [found.value]
      }
      throw Self.fault(
        .undefinedObject,
        "could not find jsonpath variable \"\(String(decoding: name, as: UTF8.self))\"")
    case .member(let inner, let key): return try member(inner, key)
    case .anyMember(let inner): return try anyMember(inner)
    case .descendants(let inner, let from, let to):
      var found: [JSONValue] = []
      for item in try items(inner) { try descend(item, 0, from, to, &found) }
      return found
    case .anyElement(let inner):
      var found: [JSONValue] = []
      for item in try items(inner) {
        if case .array(let elements) = item.kind {
          found += elements
        } else if path.isStrict {
          throw Self.fault(
            "22039",
            "jsonpath wildcard array accessor can only be applied to an array")
        } else {
          found.append(item)
        }
      }
      return found
    case .elements(let inner, let ranges): return try elements(inner, ranges)
    case .filter(let inner, let test):
      var kept: [JSONValue] = []
      let outer = current
      defer { current = outer }
      for item in unwrapped(try items(inner)) {
        current = item
        if try holds(test) == true { kept.append(item) }
      }
      return kept
    case .method(let inner, let method): return try apply(method, inner)
    case .unary(let isMinus, let inner):
      var found: [JSONValue] = []
      for item in unwrapped(try items(inner)) {
        guard case .number(let number) = item.kind else {
          throw Self.fault(
            "22038",
            "operand of unary jsonpath operator \(isMinus ? "-" : "+") is not a numeric value")
        }
        found.append(.number(isMinus ? number.negated() : number))
      }
      return found
    case .arithmetic(let sign, let left, let right):
      return [.number(try arithmetic(sign, left, right))]
    default:
      return [try holds(node).map { JSONValue.bool($0) } ?? .null]
    }
  }

  /// Lax mode looks into arrays by itself.
  private func unwrapped(_ items: [JSONValue]) -> [JSONValue] {
    if path.isStrict { return items }
    return items.flatMap { item in
      if case .array(let elements) = item.kind { elements } else { [item] }
    }
  }

  private mutating func member(_ inner: JSONPath.Node, _ key: [UInt8]) throws(SQLError)
    -> [JSONValue]
  {
    var found: [JSONValue] = []
    for item in unwrapped(try items(inner)) {
      guard case .object(let members) = item.kind else {
        if path.isStrict {
          throw Self.fault(
            "2203A", "jsonpath member accessor can only be applied to an object")
        }
        continue
      }
      if let member = members.first(where: { $0.key == key }) {
        found.append(member.value)
      } else if path.isStrict {
        throw Self.fault(
          "2203A",
          "JSON object does not contain key \"\(String(decoding: key, as: UTF8.self))\"")
      }
    }
    return found
  }

  private mutating func anyMember(_ inner: JSONPath.Node) throws(SQLError) -> [JSONValue] {
    var found: [JSONValue] = []
    for item in unwrapped(try items(inner)) {
      if case .object(let members) = item.kind {
        found += members.map(\.value)
      } else if path.isStrict {
        throw Self.fault(
          "2203C", "jsonpath wildcard member accessor can only be applied to an object")
      }
    }
    return found
  }

  private mutating func descend(
    _ item: JSONValue, _ level: Int, _ from: Int, _ to: Int?, _ found: inout [JSONValue]
  ) throws(SQLError) {
    descents += 1
    guard descents <= Self.descentsMax else {
      throw Self.fault(.programLimitExceeded, "jsonpath wildcard .** visits too many items")
    }
    let children: [JSONValue] =
      switch item.kind {
      case .array(let elements): elements
      case .object(let members): members.map(\.value)
      default: []
      }
    let isLeaf = children.isEmpty
    if from < 0 ? isLeaf : level >= from && level <= to ?? Int.max { found.append(item) }
    if let to, level >= to { return }
    for child in children { try descend(child, level + 1, from, to, &found) }
  }

  private mutating func elements(
    _ inner: JSONPath.Node, _ ranges: [(JSONPath.Node, JSONPath.Node?)]
  ) throws(SQLError) -> [JSONValue] {
    var found: [JSONValue] = []
    let outer = array
    defer { array = outer }
    for item in try items(inner) {
      let elements: [JSONValue]
      if case .array(let own) = item.kind {
        elements = own
      } else if path.isStrict {
        throw Self.fault("22039", "jsonpath array accessor can only be applied to an array")
      } else {
        elements = [item]
      }
      array = elements.count
      for (first, last) in ranges {
        let from = try index(first)
        let to = try last.map { (node) throws(SQLError) in try index(node) } ?? from
        if path.isStrict, from < 0 || from > to || to >= elements.count {
          throw Self.fault("22033", "jsonpath array subscript is out of bounds")
        }
        let low = max(from, 0)
        let high = min(to, elements.count - 1)
        if low <= high { found += elements[low...high] }
      }
    }
    return found
  }

  private mutating func index(_ node: JSONPath.Node) throws(SQLError) -> Int {
    let values = try items(node)
    guard values.count == 1, case .number(let number) = values[0].kind else {
      throw Self.fault("22033", "jsonpath array subscript is not a single numeric value")
    }
    guard let value = try? number.truncated(to: 0).toInteger(.int4) else {
      throw Self.fault("22033", "jsonpath array subscript is out of integer range")
    }
    return Int(value)
  }

  private mutating func arithmetic(
    _ sign: UInt8, _ left: JSONPath.Node, _ right: JSONPath.Node
  ) throws(SQLError) -> Numeric {
    let name = String(decoding: [sign], as: UTF8.self)
    func single(_ items: [JSONValue], _ side: String) throws(SQLError) -> Numeric {
      guard items.count == 1, case .number(let number) = items[0].kind else {
        throw Self.fault(
          "22038", "\(side) operand of jsonpath operator \(name) is not a single numeric value")
      }
      return number
    }
    let a = try single(unwrapped(try items(left)), "left")
    let b = try single(unwrapped(try items(right)), "right")
    return switch sign {
    case 43: try a.adding(b)
    case 45: try a.subtracting(b)
    case 42: try a.multiplied(by: b)
    case 47: try a.divided(by: b)
    default: try a.modulo(b)
    }
  }

  private mutating func apply(_ method: JSONPath.Method, _ inner: JSONPath.Node)
    throws(SQLError) -> [JSONValue]
  {
    var found: [JSONValue] = []
    let values = try items(inner)
    switch method {
    case .type: return values.map { .string(Self.typeName($0)) }
    case .size:
      for value in values {
        if case .array(let elements) = value.kind {
          found.append(.number(Numeric(Int64(elements.count))))
        } else if path.isStrict {
          throw Self.fault(
            "22039", "jsonpath item method .size() can only be applied to an array")
        } else {
          found.append(.number(Numeric(1)))
        }
      }
    case .double:
      for value in unwrapped(values) {
        switch value.kind {
        case .number(let number):
          _ = try number.toDouble()
          found.append(value)
        case .string(let text):
          guard case .float(let double)? = try? TypeIO.parseText(text, as: .float8),
            double.isFinite
          else {
            throw Self.fault(
              "22036",
              "string argument of jsonpath item method .double() is not a valid representation of a double precision number"
            )
          }
          found.append(
            .number(try Numeric.parse(TypeIO.formatText(.float(double), as: .float8))))
        default:
          throw Self.fault(
            "22036",
            "jsonpath item method .double() can only be applied to a string or numeric value")
        }
      }
    case .ceiling, .floor, .abs:
      for value in unwrapped(values) {
        guard case .number(let number) = value.kind else {
          throw Self.fault(
            "22036",
            "jsonpath item method .\(method.rawValue)() can only be applied to a numeric value")
        }
        found.append(
          .number(
            method == .ceiling
              ? try number.ceiling()
              : method == .floor
                ? try number.floor() : number.isNegative ? number.negated() : number))
      }
    case .keyvalue:
      for (place, value) in unwrapped(values).enumerated() {
        guard case .object(let members) = value.kind else {
          throw Self.fault(
            "2203C", "jsonpath item method .keyvalue() can only be applied to an object")
        }
        for member in members {
          found.append(
            .object([
              .init(key: Array("key".utf8), value: .string(member.key)),
              .init(key: Array("value".utf8), value: member.value),
              .init(key: Array("id".utf8), value: .number(Numeric(Int64(place)))),
            ]))
        }
      }
    }
    return found
  }

  private static func typeName(_ value: JSONValue) -> String {
    switch value.kind {
    case .null: "null"
    case .bool: "boolean"
    case .number: "number"
    case .string: "string"
    case .array: "array"
    case .object: "object"
    }
  }

  // MARK: Predicates; nil is unknown

  private mutating func holds(_ node: JSONPath.Node) throws(SQLError) -> Bool? {
    switch node {
    case .and(let left, let right):
      let a = try holds(left)
      if a == false { return false }
      let b = try holds(right)
      return b == false ? false : a == nil || b == nil ? nil : true
    case .or(let left, let right):
      let a = try holds(left)
      if a == true { return true }
      let b = try holds(right)
      return b == true ? true : a == nil || b == nil ? nil : false
    case .not(let inner): return try holds(inner).map { !$0 }
    case .isUnknown(let inner): return try holds(inner) == nil
    case .exists(let inner): return evaluated(inner).map { !$0.isEmpty }
    case .compare(let comparison, let left, let right):
      return pairs(left, right) { Self.compare($0, $1, comparison) }
    case .startsWith(let left, let right):
      return pairs(left, right) { whole, start in
        guard case .string(let a) = whole.kind, case .string(let b) = start.kind else {
          return nil
        }
        return a.starts(with: b)
      }
    case .matches(let inner, let pattern, let flags, let isLiteral):
      let regex = isLiteral ? nil : try Regex(pattern, flags)
      return pairs(inner, .literal(.null)) { value, _ in
        guard case .string(let text) = value.kind else { return nil }
        if let regex { return try? regex.matches(text) }
        return Self.contains(text, pattern, ignoresCase: flags.ignoresCase)
      }
    default:
      let values = try items(node)
      if values.count == 1, case .bool(let flag) = values[0].kind { return flag }
      return nil
    }
  }

  private static func contains(_ text: [UInt8], _ part: [UInt8], ignoresCase: Bool) -> Bool {
    let (a, b) = ignoresCase ? (lowered(text), lowered(part)) : (text, part)
    if b.isEmpty { return true }
    guard b.count <= a.count else { return false }
    return (0...(a.count - b.count)).contains { a[$0...].starts(with: b) }
  }

  private static func lowered(_ text: [UInt8]) -> [UInt8] {
    Array(String(decoding: text, as: UTF8.self).lowercased().utf8)
  }

  /// Nil where the items cannot be computed.
  private mutating func evaluated(_ node: JSONPath.Node) -> [JSONValue]? {
    do throws(SQLError) { return try items(node) } catch { return nil }
  }

  /// Whether the test holds for some pair of items. Strict mode looks at all of them: one that
  /// cannot be tested makes the whole unknown.
  private mutating func pairs(
    _ left: JSONPath.Node, _ right: JSONPath.Node, _ test: (JSONValue, JSONValue) -> Bool?
  ) -> Bool? {
    guard let a = evaluated(left), let b = evaluated(right) else { return nil }
    var isUnknown = false
    var isFound = false
    for x in unwrapped(a) {
      for y in unwrapped(b) {
        switch test(x, y) {
        case nil:
          if path.isStrict { return nil }
          isUnknown = true
        case true:
          if !path.isStrict { return true }
          isFound = true
        default: break
        }
      }
    }
    return isFound ? true : isUnknown ? nil : false
  }

  private static func compare(
    _ a: JSONValue, _ b: JSONValue, _ comparison: JSONPath.Comparison
  ) -> Bool? {
    let order: Int
    switch (a.kind, b.kind) {
    case (.null, .null): order = 0
    case (.bool(let x), .bool(let y)): order = (x ? 1 : 0) - (y ? 1 : 0)
    case (.number(let x), .number(let y)): order = Numeric.compare(x, y)
    case (.string(let x), .string(let y)): order = compareBytes(x, y)
    case (.null, _), (_, .null): return comparison == .notEqual
    default: return nil
    }
    return switch comparison {
    case .equal: order == 0
    case .notEqual: order != 0
    case .less: order < 0
    case .lessOrEqual: order <= 0
    case .greater: order > 0
    case .greaterOrEqual: order >= 0
    }
  }
}
