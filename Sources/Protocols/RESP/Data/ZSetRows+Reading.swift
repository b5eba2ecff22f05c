import Base
import Catalog

extension ZSetRows {
  func score(_ member: some Collection<UInt8>) throws(CommandStop) -> Double? {
    guard exists else { return nil }
    return try context.rows.element(RedisSchema.zset, memberKey(member)) {
      (row) throws(DecodingFault) in try Self.score(of: row)
    }
  }

  /// Visits the members by their bytes, behind `after`, until `body` returns false.
  func visit(after member: [UInt8]? = nil, reverse: Bool = false, _ body: (ZSetElement) -> Bool)
    throws(CommandStop)
  {
    guard exists else { return }
    let lower = member.map { memberKey($0) + [0] } ?? key.rowKey
    try context.rows.elements(
      RedisSchema.zset, lower: lower, upper: RowKey.end(of: key.rowKey), reverse: reverse
    ) { (_, row) throws(DecodingFault) in body(try Self.element(row)) }
  }

  /// Visits the members by their scores until `body` returns false.
  func visit(scores range: ScoreRange, _ body: (ZSetElement) -> Bool) throws(CommandStop) {
    guard exists, let keys = keys(.scores(range)) else { return }
    try context.rows.elements(keys.space, lower: keys.lower, upper: keys.upper) {
      (entry, _) throws(DecodingFault) in body(try Self.element(entry: entry, key.rowKey))
    }
  }

  /// How many have a lower score, or the same and a name before; `reverse`: how many come behind.
  func rank(_ element: ZSetElement, reverse: Bool) throws(CommandStop) -> Int {
    let entry = Self.entry(key.rowKey, element.member, element.score)
    var rank = 0
    try context.rows.scan(
      RedisSchema.zsetByScore, lower: reverse ? entry + [0] : key.rowKey,
      upper: reverse ? RowKey.end(of: key.rowKey) : entry
    ) { _, _ in
      rank += 1
      return true
    }
    return rank
  }

  /// How many are in the range.
  func count(_ range: ZSetRange) throws(CommandStop) -> Int {
    if case .ranks(let first, let last) = range { return ranks(first, last)?.count ?? 0 }
    guard exists, let keys = keys(range) else { return 0 }
    var count = 0
    try context.rows.scan(keys.space, lower: keys.lower, upper: keys.upper) { _, _ in
      count += 1
      return true
    }
    return count
  }

  /// The elements of the range in order, or from its end; of those that come behind the first `skipped`
  /// at most `limit` (nil: all).
  func elements(
    _ range: ZSetRange, reverse: Bool = false, skipping skipped: Int = 0, limit: Int? = nil
  ) throws(CommandStop) -> [ZSetElement] {
    guard exists, limit != 0 else { return [] }
    if case .ranks(let first, let last) = range {
      guard let ranks = ranks(first, last) else { return [] }
      return try elements(ranks: ranks, reverse: reverse)
    }
    guard let keys = keys(range) else { return [] }
    var isByMember = false
    if case .members = range { isByMember = true }
    var toSkip = skipped
    var found: [ZSetElement] = []
    try context.rows.elements(
      keys.space, lower: keys.lower, upper: keys.upper, reverse: reverse
    ) { (entry, row) throws(DecodingFault) in
      if toSkip > 0 {
        toSkip -= 1
        return true
      }
      found.append(
        try isByMember ? Self.element(row) : Self.element(entry: entry, key.rowKey))
      return limit.map { found.count < $0 } ?? true
    }
    return found
  }

  /// The elements of the first or the last ranks.
  func ends(_ limit: Int, last: Bool) throws(CommandStop) -> [ZSetElement] {
    if limit == 0 || !exists { return [] }
    return try elements(ranks: 0..<min(limit, count), reverse: last)
  }

  /// The elements of ranks in the order of members, which are distinct and in order.
  func pick(_ ranks: [Int]) throws(CommandStop) -> [ZSetElement] {
    if ranks.isEmpty { return [] }
    var picker = RankPicker(ranks)
    var isReverse = false
    if ranks.count == 1, ranks[0] > count / 2 {
      isReverse = true
      picker = RankPicker([count - 1 - ranks[0]])
    }
    var found: [ZSetElement] = []
    try visit(reverse: isReverse) { element in
      if picker.takes() { found.append(element) }
      return !picker.isDone
    }
    return found
  }

  /// Ranks in the order of the walk: `reverse` counts them from the end. The walk begins at the end
  /// that is nearer.
  private func elements(ranks: Range<Int>, reverse: Bool) throws(CommandStop) -> [ZSetElement] {
    let behind = count - ranks.upperBound
    let isFlipped = behind < ranks.lowerBound
    var toSkip = isFlipped ? behind : ranks.lowerBound
    var found: [ZSetElement] = []
    found.reserveCapacity(ranks.count)
    try context.rows.elements(
      RedisSchema.zsetByScore, lower: key.rowKey, upper: RowKey.end(of: key.rowKey),
      reverse: isFlipped != reverse
    ) { (entry, _) throws(DecodingFault) in
      if toSkip > 0 {
        toSkip -= 1
        return true
      }
      found.append(try Self.element(entry: entry, key.rowKey))
      return found.count < ranks.count
    }
    return isFlipped ? found.reversed() : found
  }

  /// Nil: none.
  private func ranks(_ first: Int64, _ last: Int64) -> Range<Int>? {
    let length = Int64(count)
    let start = max(first < 0 ? first + length : first, 0)
    let end = min(last < 0 ? last + length : last, length - 1)
    return start > end || start >= length ? nil : Int(start)..<Int(end) + 1
  }

  /// Where the rows of a range are; nil where there are none.
  private func keys(_ range: ZSetRange) -> (space: KeyspaceID, lower: [UInt8], upper: [UInt8]?)? {
    let space: KeyspaceID
    let keys: (lower: [UInt8], upper: [UInt8]?)
    switch range {
    case .ranks: return nil
    case .scores(let range):
      if range.isEmpty { return nil }
      space = RedisSchema.zsetByScore
      keys = (range.lower(key.rowKey), range.upper(key.rowKey))
    case .members(let range):
      guard let found = range.keys(key.rowKey) else { return nil }
      space = RedisSchema.zset
      keys = found
    }
    if let upper = keys.upper, !keys.lower.lexicographicallyPrecedes(upper) { return nil }
    return (space, keys.lower, keys.upper)
  }
}
