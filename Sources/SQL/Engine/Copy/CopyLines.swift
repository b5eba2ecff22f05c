import Glibc
import Types

/// Finds the lines of COPY's text and CSV formats in bytes that grow at their end.
///
/// Most lines have nothing but their end to find: those are searched with the C library's vector
/// code and are `isPlain`. The first line, which tells how lines end, and lines with escapes or
/// quotes go byte by byte. No byte is looked at again when more come, except a
/// backslash and up to two behind it.
struct CopyLines {
  struct Line {
    var range: Range<Int>
    /// Neither escapes (text) nor quotes (CSV) are in it.
    var isPlain: Bool
  }

  enum Found {
    case line(Line)
    /// The line is not whole yet; at the end of the data: there is none.
    case none
    /// The end-of-data mark, with what stands before it on its line.
    case end(Line?)
  }

  /// What ends the lines of this data: its first line tells.
  private enum Ending { case unknown, newline, carriageReturn, both }

  private let isCSV: Bool
  private let quote: UInt8
  /// Nil where a doubled quote is the escape.
  private let escape: UInt8?

  /// The first byte that belongs to no found line.
  private(set) var start = 0
  /// The number of the line at `start`, or of the last one found, from 1.
  private(set) var number = 0
  private var ending = Ending.unknown
  private var isBegun = false
  /// The line goes byte by byte, and has been looked at up to `place`.
  private var isSlow = false
  private var place = 0
  private var isQuoted = false
  private var wasEscape = false
  /// No newline is in `start..<searched`.
  private var searched = 0

  private static let newline = UInt8(ascii: "\n")
  private static let carriageReturn = UInt8(ascii: "\r")
  private static let backslash = UInt8(ascii: "\\")

  init(_ options: CopyOptions) {
    isCSV = options.format == .csv
    quote = options.quote
    escape = options.escape == options.quote ? nil : options.escape
  }

  /// The count of lines found.
  var finished: Int { isBegun ? number - 1 : number }
  /// At the end of the data: a quoted field has no end.
  var isInsideQuotes: Bool { isQuoted }

  /// The bytes before `start` are gone.
  mutating func rebase() {
    place -= min(place, start)
    searched -= min(searched, start)
    start = 0
  }

  /// The next line. 22P04 for line ends that differ and broken end-of-data marks.
  mutating func next(_ bytes: UnsafeBufferPointer<UInt8>, isLast: Bool) throws(SQLError) -> Found {
    if !isBegun {
      isBegun = true
      number += 1
      place = start
      isSlow = ending == .unknown || ending == .carriageReturn
      isQuoted = false
      wasEscape = false
    }
    if !isSlow {
      if let line = plainLine(bytes) { return .line(line) }
      if !isSlow && !isLast { return .none }
      isSlow = true
    }
    return try scan(bytes, isLast: isLast)
  }

  private mutating func finish(_ end: Int, next: Int, isPlain: Bool = false) -> Line {
    let line = Line(range: start..<end, isPlain: isPlain)
    start = next
    searched = next
    isBegun = false
    return line
  }

  private func has(_ byte: UInt8, _ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Bool
  {
    guard let base = bytes.baseAddress, !range.isEmpty else { return false }
    return memchr(base + range.lowerBound, Int32(byte), range.count) != nil
  }

  /// A line with nothing to look at; nil where it has no end yet, or needs the slow way.
  private mutating func plainLine(_ bytes: UnsafeBufferPointer<UInt8>) -> Line? {
    let from = max(searched, start)
    guard let base = bytes.baseAddress, from < bytes.count,
      let found = memchr(base + from, Int32(Self.newline), bytes.count - from)
    else {
      searched = max(from, bytes.count)
      return nil
    }
    let newline = UnsafeRawPointer(found) - UnsafeRawPointer(base)
    searched = newline
    var end = newline
    if ending == .both && end > start && bytes[end - 1] == Self.carriageReturn { end -= 1 }
    isSlow =
      (ending == .both && end == newline) || has(Self.carriageReturn, bytes, start..<end)
      || has(isCSV ? quote : Self.backslash, bytes, start..<end)
      || (isCSV && end > start && bytes[start] == Self.backslash)
    return isSlow ? nil : finish(end, next: newline + 1, isPlain: true)
  }
}

// MARK: - Byte by byte

extension CopyLines {
  private mutating func scan(_ bytes: UnsafeBufferPointer<UInt8>, isLast: Bool) throws(SQLError)
    -> Found
  {
    while place < bytes.count {
      let byte = bytes[place]
      let mayMark = byte == Self.backslash && (!isCSV || place == start)
      if !isLast && lacksNext(byte, mayMark: mayMark, bytes) { return .none }
      if isCSV { noteQuotes(byte) }
      if byte == Self.carriageReturn && !isQuoted {
        return .line(try endAtReturn(bytes))
      }
      if byte == Self.newline && !isQuoted {
        if ending == .carriageReturn || ending == .both { throw literal("newline", "\\n") }
        ending = .newline
        return .line(finish(place, next: place + 1))
      }
      if mayMark {
        if let end = try mark(bytes) { return .end(end) }
        // In text a backslash takes the next byte with it, a line's end too.
        if !isCSV && place + 1 < bytes.count { place += 1 }
      }
      place += 1
    }
    guard isLast, start < bytes.count else { return .none }
    return .line(finish(bytes.count, next: bytes.count))
  }

  /// Whether what the byte means hangs on bytes that are not here yet.
  private func lacksNext(_ byte: UInt8, mayMark: Bool, _ bytes: UnsafeBufferPointer<UInt8>) -> Bool
  {
    if byte == Self.carriageReturn { return place + 1 >= bytes.count }
    guard mayMark else { return false }
    if place + 1 >= bytes.count { return true }
    // The mark is as long as the ends of lines are.
    let last = place + (ending == .both ? 3 : 2)
    return bytes[place + 1] == UInt8(ascii: ".") && last >= bytes.count
  }

  private mutating func noteQuotes(_ byte: UInt8) {
    if let escape {
      if isQuoted && byte == escape { wasEscape.toggle() }
      if byte == quote && !wasEscape { isQuoted.toggle() }
      if byte != escape { wasEscape = false }
    } else if byte == quote {
      isQuoted.toggle()
    }
    // PostgreSQL's count: only what ends lines elsewhere counts inside of quotes.
    if isQuoted && byte == (ending == .newline ? Self.newline : Self.carriageReturn) { number += 1 }
  }

  private mutating func endAtReturn(_ bytes: UnsafeBufferPointer<UInt8>) throws(SQLError) -> Line {
    if ending == .newline { throw literal("carriage return", "\\r") }
    if ending != .carriageReturn {
      if place + 1 < bytes.count && bytes[place + 1] == Self.newline {
        ending = .both
        return finish(place, next: place + 2)
      }
      if ending == .both { throw literal("carriage return", "\\r") }
      ending = .carriageReturn
    }
    return finish(place, next: place + 1)
  }

  private func literal(_ name: String, _ written: String) -> SQLError {
    SQLError(
      .badCopyFileFormat, "\(isCSV ? "unquoted" : "literal") \(name) found in data",
      hint: isCSV
        ? "Use quoted CSV field to represent \(name)."
        : "Use \"\(written)\" to represent \(name).")
  }

  /// What stands before an end-of-data mark at `place`; nil where there is none, which in text is
  /// an error for a backslash with a dot.
  private mutating func mark(_ bytes: UnsafeBufferPointer<UInt8>) throws(SQLError) -> Line?? {
    func byte(_ index: Int) -> UInt8? { index < bytes.count ? bytes[index] : nil }
    guard byte(place + 1) == UInt8(ascii: ".") else { return nil }
    let mismatch = SQLError(
      .badCopyFileFormat, "end-of-copy marker does not match previous newline style")
    let corrupt = SQLError(.badCopyFileFormat, "end-of-copy marker corrupt")
    var behind = place + 2
    if ending == .both {
      guard byte(behind) == Self.carriageReturn else {
        if isCSV { return nil }
        throw byte(behind) == Self.newline ? mismatch : corrupt
      }
      behind += 1
    }
    let last = byte(behind)
    guard last == Self.carriageReturn || last == Self.newline else {
      if isCSV { return nil }
      throw corrupt
    }
    switch ending {
    case .newline, .both: if last != Self.newline { throw mismatch }
    case .carriageReturn: if last != Self.carriageReturn { throw mismatch }
    case .unknown: break
    }
    let end = place
    return .some(end > start ? finish(end, next: bytes.count) : nil)
  }
}
