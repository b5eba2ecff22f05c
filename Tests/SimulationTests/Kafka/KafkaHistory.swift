/// What writers of a topic's table were told, what consumers of all groups saw, and what must hold of both.
///
/// Writers raise the number `n` of a row and leave their own number `w` in it: the records of a key must have
/// the numbers 1, 2, 3 and so on, each with the writer that says that it wrote it.
struct KafkaHistory {
  enum Outcome { case unknown, acknowledged, refused }

  /// One transaction. Rows are written once in it.
  struct Write {
    var rows: [Int: Int?] = [:]
    var outcome = Outcome.unknown
  }

  /// What one group of consumers has seen.
  private struct Group {
    /// By partition: behind what somebody of the group has seen.
    var ends: [Int32: Int64] = [:]
    /// By key: the newest number.
    var numbers: [Int: Int] = [:]
  }

  private(set) var faults: [String] = []
  private(set) var writes: [Write] = [Write()]
  /// By partition, from offset 0 on.
  private var records: [Int32: [KafkaSighting]] = [:]
  private var groups: [String: Group] = [:]
  /// The records of each write.
  private var seen: [Int: [Int: Int]] = [:]
  private(set) var firstSightings = 0
  private(set) var repeatedSightings = 0

  // MARK: Writers

  mutating func beginWrite() -> Int {
    writes.append(Write())
    return writes.count - 1
  }

  /// The row is about to be written, or was; `number`: what it then has.
  mutating func noteRow(_ write: Int, _ id: Int, _ number: Int?) {
    writes[write].rows[id] = .some(number)
  }

  mutating func endWrite(_ write: Int, _ outcome: Outcome) { writes[write].outcome = outcome }

  var acknowledgedWrites: Int { writes.count { $0.outcome == .acknowledged } }

  // MARK: Consumers

  mutating func see(_ group: String, _ partition: Int32, _ record: KafkaSighting) {
    let place = "\(group) at \(partition)/\(record.offset)"
    guard let row = KafkaRow(record) else {
      return faults.append("\(place): \(record) is no row's change")
    }
    let end = groups[group]?.ends[partition] ?? 0
    if record.offset > end { faults.append("\(place): nobody saw \(end)..<\(record.offset)") }
    compare(record, row, partition, place)
    guard record.offset == end else {
      repeatedSightings += 1
      return
    }
    firstSightings += 1
    let last = groups[group]?.numbers[row.id] ?? 0
    if row.number != last + 1 {
      faults.append("\(place): key \(row.id) has \(row.number) after \(last)")
    }
    groups[group, default: Group()].ends[partition] = end + 1
    groups[group]?.numbers[row.id] = row.number
  }

  /// Whoever reads an offset, whenever, gets the same.
  private mutating func compare(
    _ record: KafkaSighting, _ row: KafkaRow, _ partition: Int32, _ place: String
  ) {
    let known = records[partition] ?? []
    if record.offset < known.count {
      let other = known[Int(record.offset)]
      if other != record { faults.append("\(place): \(record), elsewhere \(other)") }
      return
    }
    if let last = known.last, record.epoch < last.epoch {
      faults.append("\(place): term \(record.epoch) after \(last.epoch)")
    }
    records[partition, default: []].append(record)
    if !writes.indices.contains(row.write) || writes[row.write].rows[row.id] == nil {
      return faults.append("\(place): nobody wrote \(row)")
    }
    if writes[row.write].outcome == .refused { faults.append("\(place): \(row) was refused") }
    if seen[row.write, default: [:]].updateValue(row.number, forKey: row.id) != nil {
      faults.append("\(place): \(row) comes twice")
    }
  }

  /// Behind what the group has seen of the partition.
  func end(_ group: String, _ partition: Int32) -> Int64 { groups[group]?.ends[partition] ?? 0 }

  // MARK: The end

  /// `rows`: the numbers of the table's rows, when all groups have read everything.
  mutating func check(_ rows: [Int: Int]) {
    for (name, group) in groups.sorted(by: { $0.key < $1.key }) {
      for id in Set(rows.keys).union(group.numbers.keys).sorted()
      where rows[id] ?? 0 != group.numbers[id] ?? 0 {
        faults.append(
          "\(name): key \(id) ends with \(group.numbers[id] ?? 0), the row has \(rows[id] ?? 0)")
      }
    }
    for (number, write) in writes.enumerated().dropFirst() {
      let found = seen[number] ?? [:]
      switch write.outcome {
      case .acknowledged where found != write.rows.compactMapValues { $0 }:
        faults.append("write \(number) was acknowledged with \(write.rows), seen is \(found)")
      case .refused where !found.isEmpty:
        faults.append("write \(number) was refused, seen is \(found)")
      case .unknown where !found.isEmpty && found.count != write.rows.count:
        faults.append("write \(number) is half there: \(found) of \(write.rows)")
      default: break
      }
    }
  }
}

/// A record's row: {"id":1,"n":2,"w":3}.
struct KafkaRow: Equatable {
  var id: Int
  var number: Int
  var write: Int

  init?(_ record: KafkaSighting) {
    guard let key = record.key, let value = record.value else { return nil }
    let numbers = value.split { !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
      .compactMap { Int(String(decoding: $0, as: UTF8.self)) }
    guard numbers.count == 3 else { return nil }
    id = numbers[0]
    number = numbers[1]
    write = numbers[2]
    let text = "{\"id\":\(id),\"n\":\(number),\"w\":\(write)}"
    guard value == Array(text.utf8), key == Array("{\"id\":\(id)}".utf8) else { return nil }
  }
}
