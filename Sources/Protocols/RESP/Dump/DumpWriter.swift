import Base

/// Writes a value as Redis 7.0 reads it: collections element by element, streams in listpacks.
struct DumpWriter {
  private var out = ByteWriter()

  /// The value, the format's version and the checksum of both.
  static func payload(_ value: DumpedValue) -> [UInt8] {
    var writer = DumpWriter()
    writer.write(value)
    writer.out.integer(DumpKind.version)
    let checksum = CRC64.checksum(writer.out.bytes)
    writer.out.integer(checksum)
    return writer.out.bytes
  }

  private mutating func write(_ value: DumpedValue) {
    switch value {
    case .string(let text):
      kind(.string)
      string(text)
    case .list(let elements):
      kind(.list)
      strings(elements)
    case .set(let elements):
      kind(.set)
      strings(elements)
    case .hash(let fields):
      kind(.hash)
      number(UInt64(fields.count))
      for field in fields {
        string(field.name)
        string(field.value)
      }
    case .zset(let members):
      kind(.zset)
      number(UInt64(members.count))
      for member in members {
        string(member.name)
        out.integer(member.score.bitPattern)
      }
    case .stream(let stream):
      kind(.streamOfListpacks2)
      write(stream)
    }
  }

  private mutating func kind(_ kind: DumpKind) { out.integer(kind.rawValue) }

  private mutating func number(_ number: UInt64) {
    switch number {
    case ..<64: out.integer(UInt8(number))
    case ..<16_384:
      out.integer(0x40 | UInt8(number >> 8))
      out.integer(UInt8(number & 0xFF))
    case ...UInt64(UInt32.max):
      out.integer(UInt8(0x80))
      out.integer(UInt32(number).byteSwapped)
    default:
      out.integer(UInt8(0x81))
      out.integer(number.byteSwapped)
    }
  }

  private mutating func string(_ text: [UInt8]) {
    if text.count <= 11, let number = text.strictInteger() {
      if let byte = Int8(exactly: number) {
        out.integer(UInt8(0xC0))
        return out.integer(byte)
      }
      if let short = Int16(exactly: number) {
        out.integer(UInt8(0xC1))
        return out.integer(short)
      }
      if let word = Int32(exactly: number) {
        out.integer(UInt8(0xC2))
        return out.integer(word)
      }
    }
    number(UInt64(text.count))
    out.raw(text)
  }

  private mutating func strings(_ elements: [[UInt8]]) {
    number(UInt64(elements.count))
    for element in elements { string(element) }
  }

  // MARK: Streams

  /// Entries of one listpack, and about how many bytes it gets.
  private static let pieceEntriesMax = 100
  private static let pieceBytesMax = 4_096

  private mutating func write(_ stream: DumpedStream) {
    let pieces = Self.pieces(stream.entries)
    number(UInt64(pieces.count))
    for piece in pieces {
      let base = piece[piece.startIndex].id
      number(16)
      raw(base)
      let packed = Self.packed(piece, base)
      number(UInt64(packed.count))
      out.raw(packed)
    }
    number(UInt64(stream.entries.count))
    numbers(stream.state.lastID)
    numbers(stream.entries.first?.id ?? .zero)
    numbers(stream.state.maxDeletedID)
    number(stream.state.entriesAdded)
    number(UInt64(stream.groups.count))
    for group in stream.groups { write(group) }
  }

  private mutating func raw(_ id: StreamID) {
    out.integer(id.milliseconds.byteSwapped)
    out.integer(id.sequence.byteSwapped)
  }

  private mutating func numbers(_ id: StreamID) {
    number(id.milliseconds)
    number(id.sequence)
  }

  private static func pieces(_ entries: [DumpedStream.Entry]) -> [ArraySlice<DumpedStream.Entry>] {
    var pieces: [ArraySlice<DumpedStream.Entry>] = []
    var start = 0
    var bytes = 0
    for (index, entry) in entries.enumerated() {
      let size = entry.fields.reduce(16) { $0 + $1.count + 6 }
      // A sequence before the piece's could not be told from the listpack.
      let isFull = index - start >= pieceEntriesMax || bytes + size > pieceBytesMax
      if index > start, isFull || entry.id.sequence < entries[start].id.sequence {
        pieces.append(entries[start..<index])
        (start, bytes) = (index, 0)
      }
      bytes += size
    }
    if start < entries.count { pieces.append(entries[start...]) }
    return pieces
  }

  private static func packed(_ entries: ArraySlice<DumpedStream.Entry>, _ base: StreamID)
    -> [UInt8]
  {
    func names(_ entry: DumpedStream.Entry) -> [[UInt8]] {
      stride(from: 0, to: entry.fields.count, by: 2).map { entry.fields[$0] }
    }
    var pack = ListpackWriter()
    let shared = names(entries[entries.startIndex])
    for number in [entries.count, 0, shared.count] { pack.append(Int64(number)) }
    for name in shared { pack.append(name) }
    pack.append(0)
    for entry in entries {
      let isShared = names(entry) == shared
      pack.append(isShared ? 2 : 0)
      pack.append(Int64(bitPattern: entry.id.milliseconds &- base.milliseconds))
      pack.append(Int64(bitPattern: entry.id.sequence &- base.sequence))
      if isShared {
        for index in stride(from: 1, to: entry.fields.count, by: 2) {
          pack.append(entry.fields[index])
        }
        pack.append(Int64(3 + shared.count))
      } else {
        pack.append(Int64(entry.fields.count / 2))
        for field in entry.fields { pack.append(field) }
        pack.append(Int64(4 + entry.fields.count))
      }
    }
    return pack.finished()
  }

  private mutating func write(_ group: DumpedStream.Group) {
    string(group.group.name)
    numbers(group.group.lastID)
    number(group.group.entriesRead.map { UInt64(clamping: $0) } ?? .max)
    number(UInt64(group.pending.count))
    for entry in group.pending {
      raw(entry.id)
      out.integer(entry.deliveredAt)
      number(UInt64(clamping: entry.deliveries))
    }
    number(UInt64(group.consumers.count))
    for consumer in group.consumers {
      string(consumer.name)
      out.integer(consumer.seenAt)
      let own = group.pending.filter { $0.consumer == consumer.name }
      number(UInt64(own.count))
      for entry in own { raw(entry.id) }
    }
  }
}
