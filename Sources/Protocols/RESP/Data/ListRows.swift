import Base
import Catalog

/// A list: its elements are the rows at positions `row.first ..< row.first + row.length`, without gaps, so
/// that an index is one lookup and a push writes two rows. Lives on: one shard, within one command.
struct ListRows {
  private let context: CommandContext
  private(set) var key: KeyState
  private var row: KeyRow

  /// `key` holds a list, or nothing.
  init(_ context: CommandContext, _ key: KeyState) {
    self.context = context
    self.key = key
    row = key.row ?? KeyRow(.list)
  }

  enum End { case head, tail }

  var count: Int64 { row.length }

  /// Writes the key's row, after the elements' changes; an empty list is removed. True: it was.
  @discardableResult
  mutating func save() throws(CommandStop) -> Bool {
    key.row = row
    return try context.saveOrRemove(key)
  }

  // MARK: Reading

  func get(_ index: Int64) throws(CommandStop) -> [UInt8]? {
    guard index >= 0, index < count else { return nil }
    let value = try context.rows.read(RedisSchema.list, rowKey(index)) {
      (bytes) throws(CommandStop) in Array(try Self.value(bytes))
    }
    guard let value else { throw gap(index) }
    return value
  }

  /// Visits the elements of `range` in order, or from its end; `body` returns false to stop.
  func scan(
    _ range: Range<Int64>, reverse: Bool = false,
    _ body: (_ index: Int64, _ value: UnsafeRawBufferPointer) -> Bool
  ) throws(CommandStop) {
    guard !range.isEmpty else { return }
    var index = reverse ? range.upperBound - 1 : range.lowerBound
    var isStopped = false
    try context.rows.visit(
      RedisSchema.list, lower: rowKey(range.lowerBound), upper: rowKey(range.upperBound),
      reverse: reverse
    ) { (_, bytes) throws(CommandStop) in
      isStopped = !body(index, try Self.value(bytes))
      index += reverse ? -1 : 1
      return !isStopped
    }
    let end = reverse ? range.lowerBound - 1 : range.upperBound
    if !isStopped, index != end { throw gap(index) }
  }

  private static func value(_ bytes: UnsafeRawBufferPointer) throws(CommandStop)
    -> UnsafeRawBufferPointer
  {
    do throws(DecodingFault) {
      var reader = try ElementReader(bytes)
      try reader.skipKey()
      _ = try reader.int()
      return try reader.text()
    } catch {
      throw .damaged(error)
    }
  }

  private func gap(_ index: Int64) -> CommandStop {
    .damaged(.malformed("a list of \(count) has no element \(index)"))
  }

  private func rowKey(_ index: Int64) -> [UInt8] {
    var bytes = key.rowKey
    bytes.reserveCapacity(bytes.count + RowKey.numberBytes)
    RowKey.append(row.first &+ index, to: &bytes)
    return bytes
  }

  // MARK: Writing

  mutating func push(_ value: some Collection<UInt8>, at end: End) throws(CommandStop) {
    if end == .head { row.first -= 1 }
    row.length += 1
    try put(end == .head ? 0 : count - 1, value)
  }

  /// Of a list that has one.
  mutating func pop(_ end: End) throws(CommandStop) -> [UInt8] {
    let index = end == .head ? 0 : count - 1
    guard let value = try get(index) else { throw gap(index) }
    try removeEnds(head: end == .head ? 1 : 0, tail: end == .tail ? 1 : 0)
    return value
  }

  mutating func set(_ index: Int64, _ value: some Collection<UInt8>) throws(CommandStop) {
    try put(index, value)
  }

  /// Removes so many elements at each end.
  mutating func removeEnds(head: Int64, tail: Int64) throws(CommandStop) {
    for index in 0..<head { try context.rows.delete(RedisSchema.list, rowKey(index)) }
    for index in (count - tail)..<count {
      try context.rows.delete(RedisSchema.list, rowKey(index))
    }
    row.first += head
    row.length -= head + tail
  }

  /// The element gets `index`; those of the shorter side move.
  mutating func insert(_ value: some Collection<UInt8>, at index: Int64) throws(CommandStop) {
    if index < count - index {
      let moved = try values(0..<index)
      row.first -= 1
      row.length += 1
      for (place, value) in moved.enumerated() { try put(Int64(place), value) }
    } else {
      let moved = try values(index..<count)
      row.length += 1
      for (place, value) in moved.enumerated() { try put(index + 1 + Int64(place), value) }
    }
    try put(index, value)
  }

  /// Removes the elements at the indexes, which are in ascending order; those of the shorter side move
  /// together.
  mutating func remove(_ indexes: [Int64]) throws(CommandStop) {
    guard let first = indexes.first, let last = indexes.last else { return }
    let removed = Set(indexes)
    let shift = Int64(indexes.count)
    if last + 1 < count - first {
      let moved = try values(0..<(last + 1)).enumerated().filter {
        !removed.contains(Int64($0.offset))
      }
      for (place, value) in moved.enumerated() {
        try put(shift + Int64(place), value.element)
      }
      try removeEnds(head: shift, tail: 0)
    } else {
      let moved = try values(first..<count).enumerated().filter {
        !removed.contains(first + Int64($0.offset))
      }
      for (place, value) in moved.enumerated() {
        try put(first + Int64(place), value.element)
      }
      try removeEnds(head: 0, tail: shift)
    }
  }

  private func values(_ range: Range<Int64>) throws(CommandStop) -> [[UInt8]] {
    var values: [[UInt8]] = []
    try scan(range) { _, value in
      values.append(Array(value))
      return true
    }
    return values
  }

  private func put(_ index: Int64, _ value: some Collection<UInt8>) throws(CommandStop) {
    try context.rows.put(
      RedisSchema.list, rowKey(index),
      Self.encoded(
        db: context.db, key: key.name, position: row.first + index, value: value))
  }

  static func encoded(
    db: Int, key: some Collection<UInt8>, position: Int64, value: some Collection<UInt8>
  ) -> [UInt8] {
    var row = ElementRow(columns: 4, db: db, key: key, reserving: 16 + value.count)
    row.int(position)
    row.text(value)
    return row.bytes
  }
}
