import Base
import Catalog
import Functions
import Types

/// How rows of one table are found: chosen by the planner, turned into key ranges and buckets when
/// the parameters and outer values are known.
struct AccessPlan: Sendable {
  struct Bound: Sendable {
    var expression: TypedExpression
    var isInclusive: Bool
  }
  /// A secondary index by its place in the layout; nil: the primary key.
  var index: Int?
  /// For each of the first key parts, the values it may have; more than one for IN. An expression
  /// of an array type stands for its elements.
  var equalities: [[TypedExpression]] = []
  /// On the key part after them.
  var lower: Bound?
  var upper: Bound?
  /// For each distribution column, in order, the values it may have; nil: all buckets.
  var bucketValues: [[TypedExpression]]?
  var isReverse = false

  /// Combinations of IN lists beyond it are not enumerated.
  static let combinationsMax = 10_000
}

/// Key ranges by bucket; a nil bucket means all tablets.
struct ResolvedAccess {
  var ranges: [(bucket: Bucket?, ranges: [KeyRange])]
}

extension AccessPlan {
  /// The ranges for these values; empty when nothing can match.
  func resolve(_ layout: StoredTable, _ environment: inout EvaluationEnvironment) throws(SQLError)
    -> ResolvedAccess
  {
    let parts = index.map { layout.indexes[$0].parts } ?? layout.primaryKey
    var prefixes: [[Value]] = [[]]
    for alternatives in equalities {
      let values = try Self.values(alternatives, &environment)
      prefixes = prefixes.flatMap { prefix in values.map { prefix + [$0] } }
      if prefixes.isEmpty { return ResolvedAccess(ranges: []) }
    }
    let isPoint =
      equalities.count == parts.count
      && (index.map { layout.indexes[$0].descriptor.isUnique } ?? true)
    var ranges: [(prefix: [Value], range: KeyRange)] = []
    for prefix in prefixes {
      var key: [UInt8] = []
      for (part, value) in zip(parts, prefix) { part.encode(value, into: &key) }
      if isPoint && index == nil {
        ranges.append((prefix, KeyRange(lower: key, upper: key + [0], isPoint: true)))
        continue
      }
      var range = KeyRange(lower: key, upper: key.isEmpty ? nil : key + [0xFF])
      if equalities.count < parts.count {
        guard try narrow(&range, key, parts[equalities.count], &environment) else { continue }
      }
      ranges.append((prefix, range))
    }
    ranges.sort { compareBytes($0.range.lower, $1.range.lower) < 0 }
    if isReverse { ranges.reverse() }
    return try byBucket(ranges, parts, layout, &environment)
  }

  /// The values of an equality list: each once, no nulls.
  private static func values(
    _ alternatives: [TypedExpression], _ environment: inout EvaluationEnvironment
  ) throws(SQLError) -> [Value] {
    var values: [Value] = []
    var seen: Set<Value> = []
    for alternative in alternatives {
      let value = try alternative.evaluate([], &environment)
      if case .array(let array) = value, alternative.type.isArray {
        for element in array.elements where !element.isNull && seen.insert(element).inserted {
          values.append(element)
        }
      } else if !value.isNull && seen.insert(value).inserted {
        values.append(value)
      }
    }
    return values
  }

  /// Applies `lower` and `upper`; false when a bound is null, which nothing satisfies.
  private func narrow(
    _ range: inout KeyRange, _ prefix: [UInt8], _ part: KeyPart,
    _ environment: inout EvaluationEnvironment
  ) throws(SQLError) -> Bool {
    func edge(_ bound: Bound?) throws(SQLError) -> (key: [UInt8], isInclusive: Bool)? {
      guard let bound else { return nil }
      let value = try bound.expression.evaluate([], &environment)
      if value.isNull { return ([], false) }
      var key = prefix
      part.encode(value, into: &key)
      return (key, bound.isInclusive)
    }
    let low = try edge(part.isDescending ? upper : lower)
    let high = try edge(part.isDescending ? lower : upper)
    if let low {
      if low.key.isEmpty { return false }
      range.lower = low.isInclusive ? low.key : low.key + [0xFF]
    }
    if let high {
      if high.key.isEmpty { return false }
      range.upper = high.isInclusive ? high.key + [0xFF] : high.key
    }
    return true
  }

  private func byBucket(
    _ ranges: [(prefix: [Value], range: KeyRange)], _ parts: [KeyPart], _ layout: StoredTable,
    _ environment: inout EvaluationEnvironment
  ) throws(SQLError) -> ResolvedAccess {
    if ranges.isEmpty { return ResolvedAccess(ranges: []) }
    let everything = ranges.map(\.range)
    guard let distribution = layout.distribution, let bucketValues else {
      return ResolvedAccess(ranges: [(nil, everything)])
    }
    // Where the key's prefix holds the distribution columns, each range has its own bucket.
    let places = distribution.map { position in
      parts.prefix(equalities.count).firstIndex { $0.column == position }
    }
    var byBucket: [(bucket: Bucket?, ranges: [KeyRange])] = []
    var placeOf: [Bucket: Int] = [:]
    func add(_ bucket: Bucket, _ range: KeyRange) {
      if let place = placeOf[bucket] {
        byBucket[place].ranges.append(range)
      } else {
        placeOf[bucket] = byBucket.count
        byBucket.append((bucket, [range]))
      }
    }
    if !places.contains(nil) {
      for item in ranges {
        let values = places.map { item.prefix[$0 ?? 0] }
        add(layout.bucket(of: values, distribution), item.range)
      }
      return ResolvedAccess(ranges: byBucket)
    }
    var combinations: [[Value]] = [[]]
    for alternatives in bucketValues {
      let values = try Self.values(alternatives, &environment)
      combinations = combinations.flatMap { head in values.map { head + [$0] } }
      if combinations.count > Self.combinationsMax {
        return ResolvedAccess(ranges: [(nil, everything)])
      }
    }
    var seen: Set<Bucket> = []
    for values in combinations {
      let bucket = layout.bucket(of: values, distribution)
      if seen.insert(bucket).inserted { for range in everything { add(bucket, range) } }
    }
    return ResolvedAccess(ranges: byBucket)
  }
}
