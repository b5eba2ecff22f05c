import Base

extension DumpReader {
  private static let bad = DecodingFault.malformed("dumped stream")

  /// Pieces of entries in listpacks, then what else the stream keeps, then its groups.
  mutating func stream(isFirstVersion: Bool) throws(DecodingFault) -> DumpedStream {
    var stream = DumpedStream()
    let pieces = try count()
    for _ in 0..<pieces {
      let key = try string()
      guard key.count == 16 else { throw Self.bad }
      let base = try key.read { (reader) throws(DecodingFault) in try Self.id(&reader) }
      stream.entries += try entries(try PackedElements.listpack(try string()), base)
    }
    for (before, after) in zip(stream.entries, stream.entries.dropFirst()) {
      guard before.id < after.id else { throw Self.bad }
    }
    guard try number() == UInt64(stream.entries.count) else { throw Self.bad }
    stream.state.lastID = try idOfNumbers()
    stream.state.entriesAdded = UInt64(stream.entries.count)
    if let last = stream.entries.last, last.id > stream.state.lastID { throw Self.bad }
    if !isFirstVersion {
      // The first id is that of the first entry.
      _ = try idOfNumbers()
      stream.state.maxDeletedID = try idOfNumbers()
      stream.state.entriesAdded = try number()
    }
    let groups = try count()
    var names: Set<[UInt8]> = []
    for _ in 0..<groups {
      let group = try group(stream.state, isFirstVersion: isFirstVersion)
      guard names.insert(group.group.name).inserted else { throw Self.bad }
      stream.groups.append(group)
    }
    return stream
  }

  private mutating func idOfNumbers() throws(DecodingFault) -> StreamID {
    StreamID(milliseconds: try number(), sequence: try number())
  }

  private static func id(_ reader: inout ByteReader) throws(DecodingFault) -> StreamID {
    StreamID(
      milliseconds: try reader.integer(UInt64.self).byteSwapped,
      sequence: try reader.integer(UInt64.self).byteSwapped)
  }

  // MARK: Entries

  /// The first elements are about all: how many entries, how many of them are deleted, and the fields
  /// that most have. Of an entry: flags, the distance from the piece's id, fields, and how many elements
  /// that were.
  private func entries(_ elements: [[UInt8]], _ base: StreamID) throws(DecodingFault)
    -> [DumpedStream.Entry]
  {
    var walk = ElementWalk(elements: elements)
    let (count, deleted, shared) = (try walk.count(), try walk.count(), try walk.count())
    let names = try walk.take(shared)
    guard try walk.integer() == 0 else { throw Self.bad }
    var entries: [DumpedStream.Entry] = []
    var found = 0
    while !walk.isAtEnd {
      let start = walk.place
      let flags = try walk.integer()
      guard (0...3).contains(flags) else { throw Self.bad }
      let id = StreamID(
        milliseconds: base.milliseconds &+ UInt64(bitPattern: try walk.integer()),
        sequence: base.sequence &+ UInt64(bitPattern: try walk.integer()))
      var fields: [[UInt8]] = []
      if flags & 2 != 0 {
        for name in names { fields += [name, try walk.take(1)[0]] }
      } else {
        fields = try walk.take(2 * (try walk.count()))
      }
      guard Int64(walk.place - start) == (try walk.integer()), id >= base else { throw Self.bad }
      found += 1
      if flags & 1 == 0 { entries.append(DumpedStream.Entry(id: id, fields: fields)) }
    }
    guard entries.count == count, found == count + deleted else { throw Self.bad }
    return entries
  }

  private struct ElementWalk {
    let elements: [[UInt8]]
    var place = 0

    init(elements: [[UInt8]]) { self.elements = elements }

    var isAtEnd: Bool { place == elements.count }

    mutating func take(_ count: Int) throws(DecodingFault) -> [[UInt8]] {
      guard count <= elements.count - place else { throw bad }
      defer { place += count }
      return Array(elements[place..<place + count])
    }

    mutating func integer() throws(DecodingFault) -> Int64 {
      guard let number = try take(1)[0].strictInteger() else { throw bad }
      return number
    }

    mutating func count() throws(DecodingFault) -> Int {
      let number = try integer()
      guard number >= 0, number <= Int64(elements.count) else { throw bad }
      return Int(number)
    }
  }

  // MARK: Groups

  private mutating func group(_ state: StreamState, isFirstVersion: Bool) throws(DecodingFault)
    -> DumpedStream.Group
  {
    let name = try string()
    let lastID = try idOfNumbers()
    var entriesRead: Int64?
    if isFirstVersion {
      if lastID >= state.lastID { entriesRead = Int64(clamping: state.entriesAdded) }
    } else {
      // All bits: not known.
      let read = Int64(bitPattern: try number())
      if read >= 0 { entriesRead = read }
    }
    var pending: [StreamID: PendingEntry] = [:]
    let count = try count()
    for _ in 0..<count {
      let id = try Self.id(&bytes)
      let time: Int64 = try bytes.integer()
      let deliveries = Int64(clamping: try number())
      let entry = PendingEntry(id: id, consumer: [], deliveredAt: time, deliveries: deliveries)
      guard pending.updateValue(entry, forKey: id) == nil else { throw Self.bad }
    }
    var consumers: [StreamConsumer] = []
    var owned: [PendingEntry] = []
    let consumerCount = try self.count()
    for _ in 0..<consumerCount {
      let name = try string()
      consumers.append(StreamConsumer(name: name, seenAt: try bytes.integer()))
      let count = try self.count()
      for _ in 0..<count {
        // Each is one consumer's.
        guard var entry = pending.removeValue(forKey: try Self.id(&bytes)) else { throw Self.bad }
        entry.consumer = name
        owned.append(entry)
      }
    }
    guard pending.isEmpty, Set(consumers.map(\.name)).count == consumers.count else {
      throw Self.bad
    }
    return DumpedStream.Group(
      group: StreamGroup(name: name, lastID: lastID, entriesRead: entriesRead),
      consumers: consumers, pending: owned.sorted { $0.id < $1.id })
  }
}
