import Types

/// A value of a CQL type, as statements work with it: scalars are the kernel's values.
enum Datum: Sendable, Hashable {
  struct Entry: Sendable, Hashable {
    var key: Datum
    var value: Datum
  }

  case null
  case scalar(Value)
  /// Elements of a list or, in order and once each, of a set; parts of a tuple; fields of a user type.
  case list([Datum])
  /// In the order of the keys, each once.
  case map([Entry])

  var isNull: Bool { if case .null = self { true } else { false } }

  static func text(_ text: String) -> Datum { .scalar(.string(text)) }
  static func int(_ number: Int64) -> Datum { .scalar(.int(number)) }
  static func bool(_ flag: Bool) -> Datum { .scalar(.bool(flag)) }

  var int: Int64? { if case .scalar(.int(let number)) = self { number } else { nil } }
  var text: String? {
    if case .scalar(.text(let bytes)) = self { String(decoding: bytes, as: UTF8.self) } else { nil }
  }

  /// −1, 0 or 1, by the type's order; null is below everything.
  static func compare(_ a: Datum, _ b: Datum, _ type: CQLType) -> Int {
    switch (a, b) {
    case (.null, .null): return 0
    case (.null, _): return -1
    case (_, .null): return 1
    case (.scalar(let left), .scalar(let right)):
      if type.thawed.native == .timeuuid { return TimeUUID.compare(left, right) }
      return Value.compare(left, right).signum()
    case (.list(let left), .list(let right)):
      for (place, (x, y)) in zip(left, right).enumerated() {
        let order = compare(x, y, type.part(place))
        if order != 0 { return order }
      }
      return (left.count - right.count).signum()
    case (.map(let left), .map(let right)):
      guard case .map(let key, let value) = type.thawed else { return 0 }
      for (x, y) in zip(left, right) {
        let order = compare(x.key, y.key, key)
        if order != 0 { return order }
        let inner = compare(x.value, y.value, value)
        if inner != 0 { return inner }
      }
      return (left.count - right.count).signum()
    default: return 0
    }
  }

  /// A set of these, in order.
  static func set(_ elements: [Datum], _ element: CQLType) -> Datum {
    var result: [Datum] = []
    for item in elements.sorted(by: { compare($0, $1, element) < 0 })
    where result.last.map({ compare($0, item, element) != 0 }) ?? true {
      result.append(item)
    }
    return .list(result)
  }

  /// A map of these, in order; of equal keys the last counts.
  static func map(_ entries: [Entry], _ key: CQLType) -> Datum {
    var result: [Entry] = []
    let order = entries.indices.sorted {
      let order = compare(entries[$0].key, entries[$1].key, key)
      return order == 0 ? $0 < $1 : order < 0
    }
    for place in order {
      if let last = result.last, compare(last.key, entries[place].key, key) == 0 {
        result.removeLast()
      }
      result.append(entries[place])
    }
    return .map(result)
  }
}

extension CQLType {
  /// The type of the part of a list, set, tuple or user type at the place.
  func part(_ place: Int) -> CQLType {
    switch thawed {
    case .list(let element), .set(let element): element
    case .tuple(let parts): place < parts.count ? parts[place] : .blob
    case .user(_, _, let fields): place < fields.count ? fields[place].type : .blob
    default: self
    }
  }
}

/// UUIDs of version 1, which hold a time.
///
/// As clustering columns they are stored as version 6: the same fields, the time's high bits first, so
/// that keys lie in the order of time. SQL sees those.
enum TimeUUID {
  static func isVersion1(_ uuid: UUIDValue) -> Bool { isVersion1(high: uuid.high) }
  static func isVersion1(high: UInt64) -> Bool { high >> 12 & 0xF == 1 }

  /// 100 ns since 1582-10-15.
  static func ticks(_ uuid: UUIDValue) -> UInt64 { ticks(high: uuid.high) }
  private static func ticks(high: UInt64) -> UInt64 {
    (high & 0xFFF) << 48 | (high >> 16 & 0xFFFF) << 32 | high >> 32
  }

  static func make(ticks: UInt64, low: UInt64) -> UUIDValue {
    UUIDValue(
      high: (ticks & 0xFFFF_FFFF) << 32 | (ticks >> 32 & 0xFFFF) << 16 | 0x1000
        | ticks >> 48 & 0xFFF,
      low: low)
  }

  static func version6(_ uuid: UUIDValue) -> UUIDValue {
    UUIDValue(high: version6(high: uuid.high), low: uuid.low)
  }
  static func version6(high: UInt64) -> UInt64 {
    let ticks = ticks(high: high)
    return (ticks >> 12) << 16 | 0x6000 | ticks & 0xFFF
  }

  /// What `version6` was made of; others as they are: SQL may have written them.
  static func version1(_ uuid: UUIDValue) -> UUIDValue {
    guard uuid.high >> 12 & 0xF == 6 else { return uuid }
    return make(ticks: (uuid.high >> 16) << 12 | uuid.high & 0xFFF, low: uuid.low)
  }

  static func compare(_ a: Value, _ b: Value) -> Int {
    guard case .uuid(let left) = a, case .uuid(let right) = b else { return 0 }
    let (x, y) = (ticks(left), ticks(right))
    if x != y { return x < y ? -1 : 1 }
    // The rest is compared as signed bytes.
    let (p, q) = (left.low ^ 0x8080_8080_8080_8080, right.low ^ 0x8080_8080_8080_8080)
    return p < q ? -1 : (p == q ? 0 : 1)
  }

  private static let epochTicks: Int64 = 122_192_928_000_000_000

  static func ticks(unixMilliseconds: Int64) -> UInt64 {
    UInt64(bitPattern: (unixMilliseconds &* 10_000 &+ epochTicks) & 0x0FFF_FFFF_FFFF_FFFF)
  }
  static func unixMilliseconds(_ uuid: UUIDValue) -> Int64 {
    (Int64(bitPattern: ticks(uuid)) - epochTicks) / 10_000
  }
}
