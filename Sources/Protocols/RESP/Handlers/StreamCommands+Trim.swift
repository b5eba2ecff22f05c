import Base

/// The id that XADD is to give.
enum NewStreamID {
  case next
  /// The time; the sequence is the next one.
  case at(milliseconds: UInt64)
  case given(StreamID)

  /// Nil: there is none left.
  func id(after last: StreamID, now: Int64) -> StreamID? {
    switch self {
    case .given(let id): return id
    case .at(let milliseconds):
      return milliseconds == last.milliseconds
        ? (last.sequence < .max ? last.next : nil)
        : StreamID(milliseconds: milliseconds, sequence: 0)
    case .next:
      let time = UInt64(clamping: now)
      return time > last.milliseconds ? StreamID(milliseconds: time, sequence: 0) : last.next
    }
  }
}

/// The options of XADD and XTRIM.
struct AddRequest {
  var id = NewStreamID.next
  /// Where XADD's id is among the arguments.
  var idPlace = 0
  var isOnlyOld = false
  var trim: StreamTrim?

  init(_ command: CommandArguments, _ context: CommandContext, isTrim: Bool) throws(CommandStop) {
    var limit: Int64?
    var index = 2
    options: while index < command.count {
      let hasMore = index + 1 < command.count
      if !isTrim, command[index].elementsEqual("*".utf8) {
        break
      } else if command.matches(index, "MAXLEN"), hasMore {
        index = try takeTrim(command, index) { (argument) throws(CommandStop) in
          let length = try StreamCommands.integer(argument)
          if length < 0 { throw .error("ERR The MAXLEN argument must be >= 0.") }
          return .length(length)
        }
      } else if command.matches(index, "MINID"), hasMore {
        index = try takeTrim(command, index) { (argument) throws(CommandStop) in
          .id(try .strict(argument))
        }
      } else if command.matches(index, "LIMIT"), hasMore {
        let value = try StreamCommands.integer(command[index + 1])
        if value < 0 { throw .error("ERR The LIMIT argument must be >= 0.") }
        limit = value
        index += 2
      } else if isTrim {
        throw .syntax
      } else if command.matches(index, "NOMKSTREAM") {
        isOnlyOld = true
        index += 1
      } else {
        id = try Self.newID(command[index])
        break options
      }
    }
    idPlace = index
    try check(limit, context, isTrim: isTrim)
  }

  /// The place behind the option.
  private mutating func takeTrim(
    _ command: CommandArguments, _ place: Int,
    _ read: (ArraySlice<UInt8>) throws(CommandStop) -> StreamTrim.Goal
  ) throws(CommandStop) -> Int {
    if trim != nil {
      throw .error(
        "ERR syntax error, MAXLEN and MINID options at the same time are not compatible")
    }
    var index = place + 1
    var isApproximate = false
    if index + 1 < command.count, command[index].count == 1 {
      isApproximate = command[index].first == UInt8(ascii: "~")
      if isApproximate || command[index].first == UInt8(ascii: "=") { index += 1 }
    }
    trim = StreamTrim(goal: try read(command[index]), isApproximate: isApproximate)
    return index + 1
  }

  private mutating func check(_ limit: Int64?, _ context: CommandContext, isTrim: Bool)
    throws(CommandStop)
  {
    guard let trim else {
      if let limit, limit > 0 {
        throw .error(
          "ERR syntax error, LIMIT cannot be used without specifying a trimming strategy")
      }
      if isTrim {
        throw .error("ERR syntax error, XTRIM must be called with a trimming strategy")
      }
      return
    }
    if limit != nil, !trim.isApproximate {
      throw .error("ERR syntax error, LIMIT cannot be used without the special ~ option")
    }
    if trim.isApproximate {
      let most = limit ?? min(100 * min(Int64(context.streamBlockEntries), 10_000), 1_000_000)
      self.trim?.limit = most > 0 ? most : nil
    }
  }

  private static func newID(_ argument: ArraySlice<UInt8>) throws(CommandStop) -> NewStreamID {
    if argument.suffix(2).elementsEqual("-*".utf8),
      let milliseconds = StreamID(argument.dropLast(2), missing: 0), argument.count < 128,
      StreamID.parts(argument.dropLast(2))?.hasSequence == false
    {
      return .at(milliseconds: milliseconds.milliseconds)
    }
    return .given(try .strict(argument))
  }
}

/// Removes a stream's oldest entries.
struct StreamTrim {
  enum Goal {
    /// So many are left.
    case length(Int64)
    /// None is left before it.
    case id(StreamID)
  }
  var goal: Goal
  /// Only whole blocks go: the entries that the original would have stored together.
  var isApproximate: Bool
  /// Entries to remove at most; nil: all.
  var limit: Int64?

  init(goal: Goal, isApproximate: Bool) {
    self.goal = goal
    self.isApproximate = isApproximate
  }

  /// How many entries were removed.
  func apply(to stream: inout StreamRows) throws(CommandStop) -> Int {
    let most: Int64
    let last: StreamID
    switch goal {
    case .length(let length):
      most = min(stream.count - length, limit ?? .max)
      last = .max
    case .id(let id):
      guard let previous = id.previous else { return 0 }
      most = limit ?? .max
      last = previous
    }
    guard most > 0 else { return 0 }
    var ids: [StreamID] = []
    try stream.ids(.zero, last) { id in
      ids.append(id)
      return ids.count < most
    }
    if isApproximate { ids.removeLast(ids.count - wholeBlocks(ids.count, of: stream)) }
    for id in ids { try stream.remove(id) }
    return ids.count
  }
  /// How many of the first `count` entries are in blocks without any other. A block begins with every so
  /// many entries that were added, and what has gone from the start was in the blocks before.
  private func wholeBlocks(_ count: Int, of stream: StreamRows) -> Int {
    let size = stream.context.streamBlockEntries
    let gone = Int(clamping: stream.state.entriesAdded) - Int(stream.count)
    var block = size - max(0, gone) % size
    var whole = 0
    while whole < count {
      let next = whole + min(block, Int(stream.count) - whole)
      if next > count { break }
      whole = next
      block = size
    }
    return whole
  }
}

extension CommandContext {
  /// Entries of a stream that count as stored together (`stream-node-max-entries`).
  var streamBlockEntries: Int {
    let entries = configuration.streamNodeMaxEntries
    return entries > 0 ? entries : .max
  }
}
