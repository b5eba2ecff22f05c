import Base
import Catalog

/// A field of a hash.
struct HashField: Equatable {
  var name: [UInt8]
  var value: [UInt8]
  /// Milliseconds since the Unix epoch; nil: it stays.
  var expiresAt: Int64?
}

/// A stored field, read in place; valid as long as its row's bytes.
struct HashFieldView {
  var name: UnsafeRawBufferPointer
  var value: UnsafeRawBufferPointer
  var expiresAt: Int64?

  init(_ row: UnsafeRawBufferPointer) throws(DecodingFault) {
    var reader = try ElementReader(row)
    try reader.skipKey()
    name = try reader.text()
    value = try reader.text()
    expiresAt = try reader.optionalInt().map { RowBytes.milliseconds($0) }
  }

  var copy: HashField {
    HashField(name: Array(name), value: Array(value), expiresAt: expiresAt)
  }
}

/// The fields of one hash; the order of a walk is that of their names' bytes. Changes of the key's own
/// row are written by `finish`. Lives on: one shard, while a command runs.
struct HashRows {
  private let context: CommandContext
  private(set) var key: KeyState
  private var isChanged = false
  /// `latest` of the expiry may be too late, and no field stays: the key would outlive its fields.
  private var isLatestUnsure = false
  private var hasRemoved = false

  init(_ context: CommandContext, _ key: KeyState) {
    self.context = context
    self.key = key
  }

  var exists: Bool { key.exists }

  static func encoded(
    db: Int, key: [UInt8], _ name: some Collection<UInt8>, _ value: some Collection<UInt8>,
    expiresAt: Int64?
  ) -> [UInt8] {
    var row = ElementRow(columns: 5, db: db, key: key, reserving: name.count + value.count + 24)
    row.text(name)
    row.text(value)
    row.optionalInt(expiresAt.map { RowBytes.microseconds($0) })
    return row.bytes
  }

  /// When the row of `redis.hash` expires, for those who copy rows as they are.
  static func expires(_ row: UnsafeRawBufferPointer) throws(DecodingFault) -> Timestamp? {
    KeyRow.timestamp(try HashFieldView(row).expiresAt)
  }

  private func rowKey(_ name: some Collection<UInt8>) -> [UInt8] {
    var rowKey = key.rowKey
    RowKey.append(name, to: &rowKey)
    return rowKey
  }

  // MARK: Reading

  /// Whether a field has an expiry of its own. Costs a walk where one had.
  func hasExpiringField() throws(CommandStop) -> Bool {
    guard key.row?.hashExpiry != nil else { return false }
    var found = false
    try visit { field in
      found = field.expiresAt != nil
      return !found
    }
    return found
  }

  func withField<R>(_ name: some Collection<UInt8>, _ body: (HashFieldView) -> R)
    throws(CommandStop) -> R?
  {
    guard exists else { return nil }
    return try context.rows.element(RedisSchema.hash, rowKey(name)) {
      (row) throws(DecodingFault) in body(try HashFieldView(row))
    }
  }

  func get(_ name: some Collection<UInt8>) throws(CommandStop) -> HashField? {
    try withField(name) { $0.copy }
  }

  /// Visits the fields, behind the one named `after`, until `body` returns false.
  func visit(
    after name: [UInt8]? = nil, reverse: Bool = false, _ body: (HashFieldView) -> Bool
  ) throws(CommandStop) {
    guard exists else { return }
    let lower = name.map { rowKey($0) + [0] } ?? key.rowKey
    try context.rows.elements(
      RedisSchema.hash, lower: lower, upper: RowKey.end(of: key.rowKey), reverse: reverse
    ) { (_, row) throws(DecodingFault) in body(try HashFieldView(row)) }
  }

  /// O(1) unless fields have expired.
  func count() throws(CommandStop) -> Int {
    guard let row = key.row else { return 0 }
    guard let expiry = row.hashExpiry, context.now >= expiry.earliest else {
      return Int(row.length)
    }
    return Int(try survey().length)
  }

  /// The fields of the ranks, which are distinct and in order.
  func pick(_ ranks: [Int]) throws(CommandStop) -> [HashField] {
    var picker = RankPicker(ranks)
    var found: [HashField] = []
    if let rank = ranks.first, ranks.count == 1, let length = key.row?.length,
      key.row?.detail == nil
    {
      let behind = Int(length) - 1 - rank
      picker = RankPicker([min(rank, behind)])
      try visit(reverse: behind < rank) { view in
        if picker.takes() { found.append(view.copy) }
        return !picker.isDone
      }
      return found
    }
    if ranks.isEmpty { return [] }
    try visit { view in
      if picker.takes() { found.append(view.copy) }
      return !picker.isDone
    }
    return found
  }

  /// Counts the fields as they are now.
  private func survey() throws(CommandStop) -> (length: Int64, expiry: HashExpiry) {
    var length: Int64 = 0
    var expiry = HashExpiry(permanent: 0)
    try visit { view in
      length += 1
      expiry.add(expiresAt: view.expiresAt)
      return true
    }
    return (length, expiry)
  }

  // MARK: Writing

  /// What there is of a field.
  private enum State {
    case absent, stays
    case expires(Int64)

    init(_ expiresAt: Int64?) { self = expiresAt.map { .expires($0) } ?? .stays }

    var isThere: Bool { if case .absent = self { false } else { true } }
  }

  private func state(_ name: some Collection<UInt8>) throws(CommandStop) -> State {
    try withField(name) { State($0.expiresAt) } ?? .absent
  }

  /// True: there was no such field. What it had of an expiry goes.
  @discardableResult
  mutating func set(
    _ name: some Collection<UInt8>, _ value: some Collection<UInt8>, expiresAt: Int64? = nil
  ) throws(CommandStop) -> Bool {
    let old = try state(name)
    let row = Self.encoded(db: context.db, key: key.name, name, value, expiresAt: expiresAt)
    try context.rows.put(
      RedisSchema.hash, rowKey(name), row, expires: KeyRow.timestamp(expiresAt))
    note(old, State(expiresAt))
    return !old.isThere
  }

  /// False: there is no such field.
  @discardableResult
  mutating func remove(_ name: some Collection<UInt8>) throws(CommandStop) -> Bool {
    let old = try state(name)
    guard old.isThere else { return false }
    try context.rows.delete(RedisSchema.hash, rowKey(name))
    note(old, .absent)
    hasRemoved = true
    return true
  }

  /// Keeps the key's row in step with a field that was `old` and is `new`.
  private mutating func note(_ old: State, _ new: State) {
    var row = key.row ?? KeyRow(.hash)
    let before = row.length
    row.length += (new.isThere ? 1 : 0) - (old.isThere ? 1 : 0)
    isChanged = isChanged || row.length != before
    let expires = if case .expires = new { true } else { false }
    if expires || row.detail != nil {
      noteExpiry(old, new, &row, before)
      isChanged = true
    }
    key.row = row
  }

  private mutating func noteExpiry(
    _ old: State, _ new: State, _ row: inout KeyRow, _ lengthBefore: Int64
  ) {
    var expiry = row.hashExpiry ?? HashExpiry(permanent: lengthBefore)
    switch old {
    case .absent: break
    case .stays:
      expiry.permanent -= 1
      if expiry.permanent == 0 { isLatestUnsure = true }
    case .expires(let time): isLatestUnsure = isLatestUnsure || time >= expiry.latest
    }
    switch new {
    case .absent: break
    case .stays: expiry.add(expiresAt: nil)
    case .expires(let time): expiry.add(expiresAt: time)
    }
    row.hashExpiry = expiry
  }

  /// Writes what has become of the key. True: no field is left, and it was removed.
  @discardableResult
  mutating func finish() throws(CommandStop) -> Bool {
    guard isChanged else { return false }
    if let expiry = key.row?.hashExpiry { try settle(expiry) }
    return try context.saveOrRemoveSilently(key)
  }
  /// Fields that had expired have been removed from the store; the rest as `finish`.
  mutating func finishExpiry() throws(CommandStop) -> Bool {
    isChanged = true
    hasRemoved = true
    return try finish()
  }

  /// Makes the key's row as right as it has to be: see `HashExpiry`.
  private mutating func settle(_ expiry: HashExpiry) throws(CommandStop) {
    let late = context.now - expiry.earliest
    if (isLatestUnsure && expiry.permanent == 0) || late >= HashExpiry.settleAfter {
      let found = try survey()
      key.row?.length = found.length
      key.row?.hashExpiry = found.length == found.expiry.permanent ? nil : found.expiry
    } else if late < 0 {
      if key.row?.length == expiry.permanent { key.row?.hashExpiry = nil }
    } else if hasRemoved, expiry.permanent == 0 {
      var isEmpty = true
      try visit { _ in
        isEmpty = false
        return false
      }
      if isEmpty { key.row?.length = 0 }
    }
  }
}
