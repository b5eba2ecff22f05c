import Glibc
import Types

/// Lines of text and CSV into fields.
extension CopyReader {
  private mutating func add(_ field: Field) {
    fieldCount += 1
    if fields.count < columns.count { fields.append(field) }
  }

  private func isNull(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Bool {
    range.count == options.null.count && bytes[range].elementsEqual(options.null)
  }

  /// Nothing but delimiters means anything.
  mutating func splitPlain(_ range: Range<Int>, _ bytes: UnsafeBufferPointer<UInt8>) {
    var start = range.lowerBound
    while let base = bytes.baseAddress,
      let found = memchr(base + start, Int32(options.delimiter), range.upperBound - start)
    {
      let end = UnsafeRawPointer(found) - UnsafeRawPointer(base)
      add(Field(range: start..<end, isNull: isNull(bytes, start..<end)))
      start = end + 1
    }
    let last = start..<range.upperBound
    add(Field(range: last, isNull: isNull(bytes, last)))
  }

  mutating func splitText(_ range: Range<Int>, _ bytes: UnsafeBufferPointer<UInt8>)
    throws(SQLError)
  {
    let backslash = UInt8(ascii: "\\")
    var start = range.lowerBound
    var place = start
    var hasEscape = false
    while true {
      if place < range.upperBound && bytes[place] != options.delimiter {
        if bytes[place] == backslash {
          hasEscape = true
          place += 1
        }
        place += 1
        continue
      }
      let end = min(place, range.upperBound)
      var field = Field(range: start..<end, isNull: isNull(bytes, start..<end))
      if hasEscape && !field.isNull && fields.count < columns.count {
        field.unescaped = try unescaped(bytes[start..<end], line: bytes[range])
      }
      add(field)
      if place >= range.upperBound { return }
      place += 1
      start = place
      hasEscape = false
    }
  }

  private func unescaped(
    _ raw: Slice<UnsafeBufferPointer<UInt8>>, line: Slice<UnsafeBufferPointer<UInt8>>
  ) throws(SQLError) -> [UInt8] {
    var text: [UInt8] = []
    text.reserveCapacity(raw.count)
    var place = raw.startIndex
    var mustCheck = false
    /// The value of up to `limit` digits at `place`; nil for none.
    func number(base: Int, limit: Int) -> UInt8? {
      var value = 0
      let first = place
      while place < raw.endIndex, place - first < limit,
        let digit = Character(Unicode.Scalar(raw[place])).hexDigitValue, digit < base
      {
        value = value * base + digit
        place += 1
      }
      return place > first ? UInt8(truncatingIfNeeded: value) : nil
    }
    while place < raw.endIndex {
      let byte = raw[place]
      place += 1
      guard byte == UInt8(ascii: "\\") else {
        text.append(byte)
        continue
      }
      // A backslash at the end of the data stands for nothing.
      guard place < raw.endIndex else { break }
      let letter = raw[place]
      place += 1
      switch letter {
      case UInt8(ascii: "b"): text.append(8)
      case UInt8(ascii: "f"): text.append(12)
      case UInt8(ascii: "n"): text.append(10)
      case UInt8(ascii: "r"): text.append(13)
      case UInt8(ascii: "t"): text.append(9)
      case UInt8(ascii: "v"): text.append(11)
      case 48...55:
        place -= 1
        text.append(number(base: 8, limit: 3) ?? letter)
        mustCheck = true
      case UInt8(ascii: "x"):
        text.append(number(base: 16, limit: 2) ?? letter)
        mustCheck = true
      default: text.append(letter)
      }
    }
    if mustCheck {
      do throws(SQLError) {
        try TextEncoding.validate(text)
      } catch {
        throw fault(error, column: nil, value: line)
      }
    }
    return text
  }

  mutating func splitCSV(_ range: Range<Int>, _ bytes: UnsafeBufferPointer<UInt8>)
    throws(SQLError)
  {
    var start = range.lowerBound
    var place = start
    var text: [UInt8] = []
    var wasQuoted = false
    var isInside = false
    while place < range.upperBound {
      let byte = bytes[place]
      place += 1
      if isInside {
        if byte == options.escape, place < range.upperBound,
          bytes[place] == options.quote || bytes[place] == options.escape
        {
          text.append(bytes[place])
          place += 1
        } else if byte == options.quote {
          isInside = false
        } else {
          text.append(byte)
        }
      } else if byte == options.delimiter {
        addCSV(start..<place - 1, bytes, wasQuoted ? text : nil)
        text.removeAll(keepingCapacity: true)
        wasQuoted = false
        start = place
      } else if byte == options.quote {
        if !wasQuoted { text = Array(bytes[start..<place - 1]) }
        isInside = true
        wasQuoted = true
      } else if wasQuoted {
        text.append(byte)
      }
    }
    if isInside { throw fault("unterminated CSV quoted field", line: bytes[range]) }
    addCSV(start..<range.upperBound, bytes, wasQuoted ? text : nil)
  }

  /// `text`: what a field with quotes holds, which is NULL only by FORCE_NULL.
  private mutating func addCSV(
    _ range: Range<Int>, _ bytes: UnsafeBufferPointer<UInt8>, _ text: [UInt8]?
  ) {
    add(
      Field(range: range, isNull: text == nil && isNull(bytes, range), unescaped: text))
  }
}
