/// A jsonb value: a tree whose objects hold each key once, ordered by length, then by bytes, as
/// PostgreSQL stores and prints them.
public final class JSONValue: Sendable {
  public struct Member: Sendable, Hashable {
    public var key: [UInt8]
    public var value: JSONValue
    public init(key: [UInt8], value: JSONValue) {
      self.key = key
      self.value = value
    }
  }

  public enum Kind: Sendable, Hashable {
    case null
    case bool(Bool)
    case number(Numeric)
    /// UTF-8, unescaped.
    case string([UInt8])
    case array([JSONValue])
    /// Sorted by key; `JSONValue.object(_:)` sorts and drops all but the last of equal keys.
    case object([Member])
  }

  public let kind: Kind
  /// Nesting: 1 for scalars and empty containers.
  public let depth: Int
  /// Deeper trees are refused by parser and decoders; builders should refuse them too, since
  /// walking and freeing a tree uses the stack.
  public static let depthMax = 1_000

  private init(_ kind: Kind, depth: Int) {
    self.kind = kind
    self.depth = depth
  }

  public static let null = JSONValue(.null, depth: 1)
  public static let `true` = JSONValue(.bool(true), depth: 1)
  public static let `false` = JSONValue(.bool(false), depth: 1)
  public static func bool(_ value: Bool) -> JSONValue { value ? .true : .false }
  public static func number(_ value: Numeric) -> JSONValue { JSONValue(.number(value), depth: 1) }
  public static func string(_ value: [UInt8]) -> JSONValue { JSONValue(.string(value), depth: 1) }
  public static func string(_ value: String) -> JSONValue { .string(Array(value.utf8)) }
  public static func array(_ elements: [JSONValue]) -> JSONValue {
    JSONValue(.array(elements), depth: 1 + (elements.lazy.map(\.depth).max() ?? 0))
  }

  /// Members in any order; of equal keys the last wins.
  public static func object(_ members: [Member]) -> JSONValue {
    var unique: [Member] = []
    unique.reserveCapacity(members.count)
    let order = members.indices.sorted { first, second in
      let order = compareKeys(members[first].key, members[second].key)
      return order == 0 ? first < second : order < 0
    }
    for index in order {
      if let last = unique.last, last.key == members[index].key { unique.removeLast() }
      unique.append(members[index])
    }
    return JSONValue(.object(unique), depth: 1 + (unique.lazy.map(\.value.depth).max() ?? 0))
  }

  /// The order of keys inside an object: shorter first, then by bytes.
  public static func compareKeys(_ a: [UInt8], _ b: [UInt8]) -> Int {
    if a.count != b.count { return a.count < b.count ? -1 : 1 }
    return compareBytes(a, b)
  }

  /// The member with this key; nil when there is none or this is no object.
  public func member(_ key: [UInt8]) -> JSONValue? {
    guard case .object(let members) = kind else { return nil }
    var (low, high) = (0, members.count)
    while low < high {
      let middle = (low + high) / 2
      let order = Self.compareKeys(members[middle].key, key)
      if order == 0 { return members[middle].value }
      if order < 0 { low = middle + 1 } else { high = middle }
    }
    return nil
  }

  public func member(_ key: String) -> JSONValue? { member(Array(key.utf8)) }

  public var isScalar: Bool {
    switch kind {
    case .array, .object: false
    default: true
    }
  }
}

extension JSONValue: Hashable, Comparable {
  private var rank: Int {
    switch kind {
    case .null: 0
    case .string: 1
    case .number: 2
    case .bool: 3
    case .array: 4
    case .object: 5
    }
  }

  /// PostgreSQL's btree order: null, strings, numbers, booleans, arrays, objects; containers by
  /// count first. At the top level an empty array is below everything.
  public static func compare(_ a: JSONValue, _ b: JSONValue) -> Int {
    let emptyA = a.isEmptyArray
    if emptyA != b.isEmptyArray { return emptyA ? -1 : 1 }
    return compareNested(a, b)
  }

  var isEmptyArray: Bool {
    if case .array(let elements) = kind { return elements.isEmpty }
    return false
  }

  private static func compareNested(_ a: JSONValue, _ b: JSONValue) -> Int {
    switch (a.kind, b.kind) {
    case (.string(let left), .string(let right)): return compareBytes(left, right)
    case (.number(let left), .number(let right)): return Numeric.compare(left, right)
    case (.bool(let left), .bool(let right)): return (left ? 1 : 0) - (right ? 1 : 0)
    case (.array(let left), .array(let right)):
      if left.count != right.count { return left.count < right.count ? -1 : 1 }
      for index in left.indices {
        let order = compareNested(left[index], right[index])
        if order != 0 { return order }
      }
      return 0
    case (.object(let left), .object(let right)):
      if left.count != right.count { return left.count < right.count ? -1 : 1 }
      for index in left.indices {
        let keys = compareBytes(left[index].key, right[index].key)
        if keys != 0 { return keys }
        let order = compareNested(left[index].value, right[index].value)
        if order != 0 { return order }
      }
      return 0
    default:
      return a.rank < b.rank ? -1 : (a.rank == b.rank ? 0 : 1)
    }
  }

  public static func == (a: JSONValue, b: JSONValue) -> Bool { a === b || compare(a, b) == 0 }
  public static func < (a: JSONValue, b: JSONValue) -> Bool { compare(a, b) < 0 }
  public func hash(into hasher: inout Hasher) { kind.hash(into: &hasher) }
}
