#if canImport(Glibc)
  import Glibc
#endif

/// −1, 0 or 1 in the order of unsigned bytes; a prefix is below what it begins.
public func compareBytes(_ a: [UInt8], _ b: [UInt8]) -> Int {
  let order = a.withUnsafeBytes { left in
    b.withUnsafeBytes { right -> Int in
      let shared = min(left.count, right.count)
      guard shared > 0, let first = left.baseAddress, let second = right.baseAddress else {
        return 0
      }
      return Int(memcmp(first, second, shared))
    }
  }
  if order != 0 { return order < 0 ? -1 : 1 }
  return a.count < b.count ? -1 : (a.count == b.count ? 0 : 1)
}

extension Value: Hashable {
  /// Equality as GROUP BY and DISTINCT have it: by value, NaN equal to NaN, null equal to null.
  public static func == (a: Value, b: Value) -> Bool {
    switch (a, b) {
    case (.null, .null): true
    case (.bool(let left), .bool(let right)): left == right
    case (.int(let left), .int(let right)): left == right
    case (.float(let left), .float(let right)): left == right || (left.isNaN && right.isNaN)
    case (.numeric(let left), .numeric(let right)): left == right
    case (.text(let left), .text(let right)): left == right
    case (.bytes(let left), .bytes(let right)): left == right
    case (.interval(let left), .interval(let right)): left == right
    case (.timetz(let left), .timetz(let right)): left == right
    case (.uuid(let left), .uuid(let right)): left == right
    case (.jsonb(let left), .jsonb(let right)): left == right
    case (.inet(let left), .inet(let right)): left == right
    case (.array(let left), .array(let right)): left == right
    case (.record(let left), .record(let right)): left == right
    default: false
    }
  }

  public func hash(into hasher: inout Hasher) {
    switch self {
    case .null: hasher.combine(0)
    case .bool(let value): hasher.combine(value)
    case .int(let value): hasher.combine(value)
    case .float(let value): hasher.combine(value.isNaN ? Double.nan : value)
    case .numeric(let value): hasher.combine(value)
    case .text(let value), .bytes(let value): hasher.combine(value)
    case .interval(let value): hasher.combine(value)
    case .timetz(let value): hasher.combine(value)
    case .uuid(let value): hasher.combine(value)
    case .jsonb(let value): hasher.combine(value)
    case .inet(let value): hasher.combine(value)
    case .array(let value): hasher.combine(value)
    case .record(let value): hasher.combine(value)
    }
  }
}

extension Value {
  private var rank: Int {
    switch self {
    case .null: 100
    case .bool: 0
    case .int: 1
    case .float: 2
    case .numeric: 3
    case .text: 4
    case .bytes: 5
    case .interval: 6
    case .timetz: 7
    case .uuid: 8
    case .jsonb: 9
    case .inet: 10
    case .array: 11
    case .record: 12
    }
  }

  /// −1, 0 or 1 in the order of PostgreSQL's btree operator class, collation C. Nulls are equal to
  /// each other and above the rest, as inside arrays and records; elsewhere the caller handles them.
  /// Numbers of different kinds compare by value.
  public static func compare(_ a: Value, _ b: Value) -> Int {
    switch (a, b) {
    case (.bool(let left), .bool(let right)): return (left ? 1 : 0) - (right ? 1 : 0)
    case (.int(let left), .int(let right)): return left < right ? -1 : (left == right ? 0 : 1)
    case (.float(let left), .float(let right)): return compareDoubles(left, right)
    case (.numeric(let left), .numeric(let right)): return Numeric.compare(left, right)
    case (.text(let left), .text(let right)), (.bytes(let left), .bytes(let right)):
      return compareBytes(left, right)
    case (.interval(let left), .interval(let right)): return IntervalValue.compare(left, right)
    case (.timetz(let left), .timetz(let right)): return TimeTZValue.compare(left, right)
    case (.uuid(let left), .uuid(let right)): return UUIDValue.compare(left, right)
    case (.jsonb(let left), .jsonb(let right)): return JSONValue.compare(left, right)
    case (.inet(let left), .inet(let right)): return InetValue.compare(left, right)
    case (.array(let left), .array(let right)): return compareArrays(left, right)
    case (.record(let left), .record(let right)): return compareRecords(left, right)
    case (.int(let left), .numeric(let right)): return Numeric.compare(Numeric(left), right)
    case (.numeric(let left), .int(let right)): return Numeric.compare(left, Numeric(right))
    case (.int(let left), .float(let right)): return compareDoubles(Double(left), right)
    case (.float(let left), .int(let right)): return compareDoubles(left, Double(right))
    default: return a.rank < b.rank ? -1 : (a.rank == b.rank ? 0 : 1)
    }
  }

  /// As `compare(_:_:)`, with the type's rule: char(n) ignores trailing blanks.
  public static func compare(_ a: Value, _ b: Value, as type: SQLType) -> Int {
    if type.oid == SQLType.bpchar.oid, case .text(let left) = a, case .text(let right) = b {
      return compareBytes(trimmingBlanks(left), trimmingBlanks(right))
    }
    return compare(a, b)
  }

  /// Without blanks at the end: what char(n) compares and hashes.
  public static func trimmingBlanks(_ text: [UInt8]) -> [UInt8] {
    guard text.last == 0x20 else { return text }
    var end = text.count
    while end > 0 && text[end - 1] == 0x20 { end -= 1 }
    return Array(text[..<end])
  }

  static func compareDoubles(_ a: Double, _ b: Double) -> Int {
    if a < b { return -1 }
    if a == b { return 0 }
    if a > b { return 1 }
    return (a.isNaN ? 1 : 0) - (b.isNaN ? 1 : 0)
  }

  private static func compareArrays(_ a: ArrayValue, _ b: ArrayValue) -> Int {
    for index in 0..<min(a.elements.count, b.elements.count) {
      let order = compare(a.elements[index], b.elements[index], as: a.elementType)
      if order != 0 { return order }
    }
    func sign(_ left: Int, _ right: Int) -> Int { left < right ? -1 : (left == right ? 0 : 1) }
    var order = sign(a.elements.count, b.elements.count)
    if order == 0 { order = sign(a.dimensions.count, b.dimensions.count) }
    if order != 0 { return order }
    for (left, right) in zip(a.dimensions, b.dimensions) where order == 0 {
      order = sign(left.count, right.count)
    }
    for (left, right) in zip(a.dimensions, b.dimensions) where order == 0 {
      order = sign(left.lowerBound, right.lowerBound)
    }
    return order
  }

  private static func compareRecords(_ a: RecordValue, _ b: RecordValue) -> Int {
    for index in 0..<min(a.fields.count, b.fields.count) {
      let type = index < a.types.count ? a.types[index] : .text
      let order = compare(a.fields[index], b.fields[index], as: type)
      if order != 0 { return order }
    }
    let (left, right) = (a.fields.count, b.fields.count)
    return left < right ? -1 : (left == right ? 0 : 1)
  }
}

/// −1, 0 or 1 in PostgreSQL's btree order; see `Value.compare(_:_:)`.
public func compare(_ a: Value, _ b: Value) -> Int { Value.compare(a, b) }

/// With the type's rule, as char(n)'s trailing blanks; see `Value.compare(_:_:as:)`.
public func compare(_ a: Value, _ b: Value, as type: SQLType) -> Int {
  Value.compare(a, b, as: type)
}
