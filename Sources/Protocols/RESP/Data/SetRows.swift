import Base
import Catalog

/// The members of one set; the order of a walk is that of their bytes. Changes of the key's own row
/// are written by `finish`. Lives on: one shard, while a command runs.
struct SetRows {
  private let context: CommandContext
  private(set) var key: KeyState
  private var isChanged = false

  init(_ context: CommandContext, _ key: KeyState) {
    self.context = context
    self.key = key
  }

  var exists: Bool { key.exists }
  var count: Int { Int(key.row?.length ?? 0) }

  static func encoded(db: Int, key: [UInt8], _ member: some Collection<UInt8>) -> [UInt8] {
    var row = ElementRow(columns: 3, db: db, key: key, reserving: member.count + 8)
    row.text(member)
    return row.bytes
  }

  static func member(_ row: UnsafeRawBufferPointer) throws(DecodingFault) -> UnsafeRawBufferPointer
  {
    var reader = try ElementReader(row)
    try reader.skipKey()
    return try reader.text()
  }

  private func rowKey(_ member: some Collection<UInt8>) -> [UInt8] {
    var rowKey = key.rowKey
    RowKey.append(member, to: &rowKey)
    return rowKey
  }

  // MARK: Reading

  func contains(_ member: some Collection<UInt8>) throws(CommandStop) -> Bool {
    guard exists else { return false }
    return try context.rows.withValue(RedisSchema.set, rowKey(member)) { $0 != nil }
  }

  /// Visits the members, behind `after`, until `body` returns false.
  func visit(
    after member: [UInt8]? = nil, reverse: Bool = false,
    _ body: (UnsafeRawBufferPointer) -> Bool
  ) throws(CommandStop) {
    guard exists else { return }
    let lower = member.map { rowKey($0) + [0] } ?? key.rowKey
    try context.rows.elements(
      RedisSchema.set, lower: lower, upper: RowKey.end(of: key.rowKey), reverse: reverse
    ) { (_, row) throws(DecodingFault) in body(try Self.member(row)) }
  }

  func members() throws(CommandStop) -> [[UInt8]] {
    var members: [[UInt8]] = []
    members.reserveCapacity(count)
    try visit { member in
      members.append(Array(member))
      return true
    }
    return members
  }

  /// The members of the ranks, which are distinct and in order.
  func pick(_ ranks: [Int]) throws(CommandStop) -> [[UInt8]] {
    if ranks.isEmpty { return [] }
    var picker = RankPicker(ranks)
    var isReverse = false
    if ranks.count == 1, ranks[0] > count / 2 {
      isReverse = true
      picker = RankPicker([count - 1 - ranks[0]])
    }
    var found: [[UInt8]] = []
    try visit(reverse: isReverse) { member in
      if picker.takes() { found.append(Array(member)) }
      return !picker.isDone
    }
    return found
  }

  // MARK: Writing

  /// False: it is there already.
  @discardableResult
  mutating func add(_ member: some Collection<UInt8>) throws(CommandStop) -> Bool {
    if try contains(member) { return false }
    try context.rows.put(
      RedisSchema.set, rowKey(member), Self.encoded(db: context.db, key: key.name, member))
    change(by: 1)
    return true
  }

  /// False: there is no such member.
  @discardableResult
  mutating func remove(_ member: some Collection<UInt8>) throws(CommandStop) -> Bool {
    guard try contains(member) else { return false }
    try context.rows.delete(RedisSchema.set, rowKey(member))
    change(by: -1)
    return true
  }

  private mutating func change(by difference: Int64) {
    var row = key.row ?? KeyRow(.set)
    row.length += difference
    key.row = row
    isChanged = true
  }

  /// Writes what has become of the key. True: no member is left, and it was removed.
  @discardableResult
  mutating func finish() throws(CommandStop) -> Bool {
    guard isChanged else { return false }
    return try context.saveOrRemoveSilently(key)
  }
}
