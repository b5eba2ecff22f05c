import Base

/// Strings as rows of bits: bit 0 is the highest of the first byte.
enum BitmapCommands {
  static let all: [CommandSpec] = [
    .data("setbit", 4, [.write, .denyOOM], .first, set),
    .data("getbit", 3, [.readOnly, .fast]) { (context, command) throws(CommandStop) in
      let offset = try offset(command[2])
      let value = try context.key(command[1], .string).row?.value ?? []
      context.reply.integer(Bits.isSet(value, offset) ? 1 : 0)
    },
    .data("bitcount", -2, [.readOnly], .first, count),
    .data("bitpos", -3, [.readOnly], .first, position),
    .data(
      "bitop", -4, [.write, .denyOOM],
      .found { command in command.count < 4 ? nil : Array(2..<command.count) }, combine),
    .data("bitfield", -2, [.write, .denyOOM], .first) { (context, command) throws(CommandStop) in
      try BitField(command).run(context, command[1])
    },
    .data("bitfield_ro", -2, [.readOnly, .fast], .first) {
      (context, command) throws(CommandStop) in
      let field = try BitField(command)
      guard field.isReadOnly else {
        throw .error("ERR BITFIELD_RO only supports the GET subcommand")
      }
      try field.run(context, command[1])
    },
  ]

  /// `width`: what `#n` counts in; nil: it may not be used.
  static func offset(_ argument: ArraySlice<UInt8>, width: Int? = nil) throws(CommandStop) -> Int {
    let wrong = CommandStop.error("ERR bit offset is not an integer or out of range")
    let isCounted = width != nil && argument.first == UInt8(ascii: "#")
    guard let number = argument.dropFirst(isCounted ? 1 : 0).strictInteger() else { throw wrong }
    let (offset, isOver) = number.multipliedReportingOverflow(
      by: isCounted ? Int64(width ?? 1) : 1)
    guard !isOver, offset >= 0, offset >> 3 < Int64(StringRanges.bytesMax) else { throw wrong }
    return Int(offset)
  }

  private static func set(_ context: CommandContext, _ command: CommandArguments)
    throws(CommandStop)
  {
    let offset = try offset(command[2])
    guard let bit = command[3].strictInteger(), bit == 0 || bit == 1 else {
      throw .error("ERR bit is not an integer or out of range")
    }
    var string = try BitString(context, command[1], lastBit: offset)
    let old = Bits.isSet(string.bytes, offset)
    if old != (bit == 1) || string.hasGrown {
      Bits.set(&string.bytes, offset, to: bit == 1)
      try string.save(context, hasChanged: true)
    }
    context.reply.integer(old ? 1 : 0)
  }

  /// The bits that a range of bytes or bits means; nil: none.
  private static func range(
    _ first: Int64, _ last: Int64, isBits: Bool, bytes count: Int
  ) -> Range<Int>? {
    let unit = isBits ? 1 : 8
    guard let range = StringRanges.range(first, last, count: count * 8 / unit) else { return nil }
    return range.lowerBound * unit..<range.upperBound * unit
  }

  private static func isBits(_ argument: ArraySlice<UInt8>) throws(CommandStop) -> Bool {
    if argument.matches("BIT") { return true }
    if argument.matches("BYTE") { return false }
    throw .syntax
  }

  private static func count(_ context: CommandContext, _ command: CommandArguments)
    throws(CommandStop)
  {
    let key = try context.key(command[1], .string)
    guard let value = key.row?.value else { return context.reply.integer(0) }
    switch command.count {
    case 2: context.reply.integer(Bits.count(value, 0..<value.count * 8))
    case 4, 5:
      guard let first = command[2].strictInteger(), let last = command[3].strictInteger() else {
        throw .notInteger
      }
      if first < 0, last < 0, first > last { return context.reply.integer(0) }
      let isBits = command.count == 5 ? try isBits(command[4]) : false
      let range = range(first, last, isBits: isBits, bytes: value.count)
      context.reply.integer(range.map { Bits.count(value, $0) } ?? 0)
    default: throw .syntax
    }
  }

  private static func position(_ context: CommandContext, _ command: CommandArguments)
    throws(CommandStop)
  {
    guard let bit = command[2].strictInteger() else { throw .notInteger }
    guard bit == 0 || bit == 1 else { throw .error("ERR The bit argument must be 1 or 0.") }
    let key = try context.key(command[1], .string)
    guard let value = key.row?.value else { return context.reply.integer(bit == 1 ? -1 : 0) }
    guard command.count <= 6 else { throw .syntax }
    var (first, last): (Int64, Int64) = (0, -1)
    var isBits = false
    if command.count > 3 {
      guard let number = command[3].strictInteger() else { throw .notInteger }
      first = number
      if command.count == 6 { isBits = try self.isBits(command[5]) }
      if command.count > 4 {
        guard let number = command[4].strictInteger() else { throw .notInteger }
        last = number
      }
    }
    guard let range = range(first, last, isBits: isBits, bytes: value.count) else {
      return context.reply.integer(-1)
    }
    if let found = Bits.first(value, bit == 1, range) { return context.reply.integer(found) }
    // Behind the string, where its end was not named, there are zeros.
    context.reply.integer(bit == 0 && command.count < 5 ? value.count * 8 : -1)
  }

  // MARK: BITOP

  private static func combine(_ context: CommandContext, _ command: CommandArguments)
    throws(CommandStop)
  {
    let operation: (UInt8, UInt8) -> UInt8
    let isNot = command.matches(1, "NOT")
    if command.matches(1, "AND") {
      operation = { $0 & $1 }
    } else if command.matches(1, "OR") {
      operation = { $0 | $1 }
    } else if command.matches(1, "XOR") {
      operation = { $0 ^ $1 }
    } else if isNot {
      operation = { byte, _ in ~byte }
    } else {
      throw .syntax
    }
    if isNot, command.count != 4 {
      throw .error("ERR BITOP NOT must be called with a single source key.")
    }
    var sources: [[UInt8]] = []
    for index in 3..<command.count {
      sources.append(try context.key(command[index], .string).row?.value ?? [])
    }
    var target = try context.keyToWrite(command[2])
    let length = sources.map(\.count).max() ?? 0
    guard length > 0 else {
      if target.exists {
        try context.remove(target)
        context.notify(.generic, "del", target)
      }
      return context.reply.integer(0)
    }
    var result = padded(sources[0], to: length)
    if isNot { for index in 0..<length { result[index] = ~result[index] } }
    for source in sources.dropFirst() {
      let other = padded(source, to: length)
      for index in 0..<length { result[index] = operation(result[index], other[index]) }
    }
    try context.removeElements(target)
    target.row = KeyRow(string: result)
    target.row?.isChangedInPlace = true
    try context.save(target)
    context.notify(.string, "set", target)
    context.reply.integer(length)
  }

  private static func padded(_ bytes: [UInt8], to count: Int) -> [UInt8] {
    bytes + repeatElement(0, count: count - bytes.count)
  }
}

/// A string whose bits are to be written, made long enough for it.
struct BitString {
  private var key: KeyState
  var bytes: [UInt8]
  let hasGrown: Bool

  init(_ context: CommandContext, _ name: ArraySlice<UInt8>, lastBit: Int) throws(CommandStop) {
    key = try context.keyToWrite(name, .string)
    bytes = key.row?.value ?? []
    let count = lastBit / 8 + 1
    hasGrown = bytes.count < count
    if hasGrown { bytes.append(contentsOf: repeatElement(0, count: count - bytes.count)) }
  }

  mutating func save(_ context: CommandContext, hasChanged: Bool) throws(CommandStop) {
    guard hasChanged || hasGrown else { return }
    var row = key.row ?? KeyRow(.string)
    row.value = bytes
    row.isChangedInPlace = true
    key.row = row
    try context.save(key)
    if hasChanged { context.notify(.string, "setbit", key) }
  }
}
