import Base
import Node

/// What a blocking command waits for: any of the keys to get elements.
struct BlockRequest: WireCodable, Equatable {
  var keys: [[UInt8]]
  /// 0: for ever.
  var milliseconds: Int64
  /// The reply when the time is up.
  var emptyReply: [UInt8]
  /// The command takes nothing away: all that wait like this are woken together.
  var isReader = false
  /// What runs then, where it is not the same command: XREAD's `$` means the end as it was at first.
  var next: CommandArguments?

  init(keys: [[UInt8]], milliseconds: Int64, emptyReply: [UInt8]) {
    self.keys = keys
    self.milliseconds = milliseconds
    self.emptyReply = emptyReply
  }
  func encode(into out: inout WireEncoder) {
    keys.encode(into: &out)
    milliseconds.encode(into: &out)
    out.bytes.blob(emptyReply)
    isReader.encode(into: &out)
    next.encode(into: &out)
  }
  init(from reader: inout WireDecoder) throws(DecodingFault) {
    keys = try [[UInt8]](from: &reader)
    milliseconds = try Int64(from: &reader)
    emptyReply = try reader.bytes.blob()
    isReader = try Bool(from: &reader)
    next = try CommandArguments?(from: &reader)
  }
}

extension CommandContext {
  /// The command has found nothing in the keys, and would wait. Where nothing waits (MULTI, scripts) it
  /// answers as if the time were up.
  func wait(
    for keys: [[UInt8]], milliseconds: Int64, isReader: Bool = false, next: CommandArguments? = nil
  ) {
    var empty = ReplyWriter(version: options.version)
    empty.nullArray()
    guard mayBlock else {
      reply.bytes.append(contentsOf: empty.bytes)
      return
    }
    var request = BlockRequest(
      keys: keys, milliseconds: milliseconds, emptyReply: empty.bytes)
    request.isReader = isReader
    request.next = next
    block = request
  }

  /// The command has waited and runs again: what is an error to a new one means waiting on.
  var hasWaited: Bool { options.hasWaited }

  /// A key that a blocking command would take elements from. While it waits, a key of another type
  /// counts as none, and so does one whose elements are left to somebody who came before.
  func keyToTake(_ name: ArraySlice<UInt8>, _ type: KeyType) throws(CommandStop) -> KeyState {
    let found = try key(name)
    guard let row = found.row else { return found }
    if row.type != type {
      if hasWaited { return KeyState(name: found.name, rowKey: found.rowKey, row: nil) }
      throw .wrongType
    }
    if yielded.contains(found.rowKey) {
      return KeyState(name: found.name, rowKey: found.rowKey, row: nil)
    }
    return try keyToWrite(name, type)
  }

  /// Seconds with a fraction, in milliseconds; 0: for ever.
  func blockingSeconds(_ argument: ArraySlice<UInt8>) throws(CommandStop) -> Int64 {
    let outOfRange = CommandStop.error("ERR timeout is not a float or out of range")
    guard let seconds = argument.longDouble() else { throw outOfRange }
    // What does not fit counts as less than nothing.
    return try blockingTimeout(Int64(exactly: (seconds * 1_000).rounded(.up)) ?? -1)
  }

  func blockingMilliseconds(_ argument: ArraySlice<UInt8>) throws(CommandStop) -> Int64 {
    guard let whole = argument.strictInteger() else {
      throw .error("ERR timeout is not an integer or out of range")
    }
    return try blockingTimeout(whole)
  }

  private func blockingTimeout(_ milliseconds: Int64) throws(CommandStop) -> Int64 {
    if milliseconds < 0 { throw .error("ERR timeout is negative") }
    return milliseconds
  }
}
