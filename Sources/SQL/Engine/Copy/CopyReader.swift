import Types

/// The bytes of COPY FROM as rows of values, in the columns' types. Bytes come in pieces cut
/// anywhere. Lives on: the session's shard.
///
/// One pass over the input: a field without escapes is a piece of the line.
struct CopyReader {
  struct Column {
    var name: String
    var type: SQLType
  }

  let options: CopyOptions
  let columns: [Column]
  let table: String
  let settings: FormatSettings
  private let forcesNotNull: [Bool]
  private let forcesNull: [Bool]

  private var buffer: [UInt8] = []
  private var start = 0
  /// In CSV: how far a line's end was looked for, and whether inside quotes there.
  private var scanned = 0
  private var isQuoted = false
  private(set) var line = 0
  private var isHeaderDone = false
  private var hasSignature = false
  /// The end-of-data mark, or binary's trailer, was met.
  private(set) var isEnded = false

  static let signature: [UInt8] = Array("PGCOPY\n".utf8) + [0xFF, 13, 10, 0]

  init(_ options: CopyOptions, _ columns: [Column], table: String, settings: FormatSettings) {
    self.options = options
    self.columns = columns
    self.table = table
    self.settings = settings
    forcesNotNull = columns.map { options.forceNotNull.contains($0.name) }
    forcesNull = columns.map { options.forceNull.contains($0.name) }
  }

  mutating func append(_ bytes: [UInt8]) {
    if start > 0 {
      buffer.removeFirst(start)
      scanned -= start
      start = 0
    }
    buffer += bytes
  }

  /// The rows that are whole so far. `isLast`: no more bytes come, so the rest must be a row.
  mutating func rows(isLast: Bool) throws(SQLError) -> [[Value]] {
    var rows: [[Value]] = []
    while !isEnded {
      let row: [Value]?
      if options.format == .binary {
        guard let next = try nextTuple(isLast: isLast) else { break }
        row = next
      } else {
        guard let range = lineRange(isLast: isLast) else { break }
        line += 1
        row = try self.row(range)
      }
      if let row { rows.append(row) }
    }
    if isLast && options.format == .csv && isQuoted && !isEnded {
      throw fault("unterminated CSV quoted field", column: nil, value: nil)
    }
    return rows
  }

  func fault(_ message: String, column: Int?, value: [UInt8]?) -> SQLError {
    var error = SQLError(.badCopyFileFormat, message)
    error.context = context(column, value)
    return error
  }

  /// `COPY t, line 3, column a: "x"`.
  private func context(_ column: Int?, _ value: [UInt8]?) -> String {
    var text = "COPY \(table), line \(line)"
    if let column { text += ", column \(columns[column].name)" }
    guard let value else { return text }
    let shown = value.count > 100 ? Array(value.prefix(100)) + Array("...".utf8) : value
    return text + ": \"" + String(decoding: shown, as: UTF8.self) + "\""
  }

  private func parse(_ field: [UInt8]?, _ column: Int) throws(SQLError) -> Value {
    guard let field else { return .null }
    do throws(SQLError) {
      return try TypeIO.parseText(field, as: columns[column].type, settings: settings)
    } catch {
      var error = error
      error.context = context(column, field)
      throw error
    }
  }
}

// MARK: - Lines

extension CopyReader {
  /// The next line without its end; nil where it is not whole yet.
  private mutating func lineRange(isLast: Bool) -> Range<Int>? {
    var place = max(scanned, start)
    let isCSV = options.format == .csv
    while place < buffer.count {
      let byte = buffer[place]
      if isCSV {
        // An escape inside quotes that is not the quote takes the next byte with it.
        if isQuoted && byte == options.escape && options.escape != options.quote {
          if place + 1 >= buffer.count { break }
          place += 2
          continue
        }
        if byte == options.quote { isQuoted.toggle() }
      } else if byte == UInt8(ascii: "\\") {
        // A backslash takes the next byte with it, a line's end too.
        if place + 1 >= buffer.count { break }
        place += 2
        continue
      }
      if byte == 10 && !isQuoted {
        return take(place, next: place + 1)
      }
      place += 1
    }
    scanned = place
    guard isLast, start < buffer.count, !isQuoted else { return nil }
    return take(buffer.count, next: buffer.count)
  }

  private mutating func take(_ end: Int, next: Int) -> Range<Int> {
    var end = end
    if end > start && buffer[end - 1] == 13 { end -= 1 }
    let range = start..<end
    start = next
    scanned = next
    return range
  }

  /// Nil: the line was the header or the end.
  private mutating func row(_ range: Range<Int>) throws(SQLError) -> [Value]? {
    if range.count == 2, buffer[range.lowerBound] == UInt8(ascii: "\\"),
      buffer[range.lowerBound + 1] == UInt8(ascii: ".")
    {
      isEnded = true
      return nil
    }
    if options.header != .none && !isHeaderDone {
      isHeaderDone = true
      if options.header == .match { try matchHeader(range) }
      return nil
    }
    return options.format == .csv ? try csvRow(range) : try textRow(range)
  }

  private func matchHeader(_ range: Range<Int>) throws(SQLError) {
    let fields = options.format == .csv ? try csvFields(range) : textFields(range)
    guard fields.count == columns.count else {
      throw fault(
        "wrong number of fields in header line: got \(fields.count), expected \(columns.count)",
        column: nil, value: Array(buffer[range]))
    }
    for (place, field) in fields.enumerated() {
      let name = field.bytes.map { String(decoding: $0, as: UTF8.self) }
      if name != columns[place].name {
        throw fault(
          "column name mismatch in header line field \(place + 1): got \(name.map { "\"\($0)\"" } ?? "null value (\"\\N\")"), expected \"\(columns[place].name)\"",
          column: nil, value: Array(buffer[range]))
      }
    }
  }

  private func checkWidth(_ count: Int, _ range: Range<Int>) throws(SQLError) {
    if count < columns.count {
      throw fault(
        "missing data for column \"\(columns[count].name)\"", column: nil,
        value: Array(buffer[range]))
    }
    if count > columns.count {
      throw fault(
        "extra data after last expected column", column: nil, value: Array(buffer[range]))
    }
  }
}

// MARK: - Text

extension CopyReader {
  private func textRow(_ range: Range<Int>) throws(SQLError) -> [Value] {
    var row: [Value] = []
    row.reserveCapacity(columns.count)
    var place = range.lowerBound
    if columns.isEmpty {
      try checkWidth(range.isEmpty ? 0 : 1, range)
      return []
    }
    while true {
      let (field, next) = textField(place, range.upperBound)
      if row.count == columns.count { try checkWidth(columns.count + 1, range) }
      row.append(try parse(field, row.count))
      guard let next else { break }
      place = next
    }
    try checkWidth(row.count, range)
    return row
  }

  private func textFields(_ range: Range<Int>) -> [(bytes: [UInt8]?, isQuoted: Bool)] {
    var fields: [(bytes: [UInt8]?, isQuoted: Bool)] = []
    var place: Int? = range.lowerBound
    while let start = place {
      let (field, next) = textField(start, range.upperBound)
      fields.append((field, false))
      place = next
    }
    return fields
  }

  /// The field at `place` (nil: NULL), and where the next one begins, nil at the line's end.
  private func textField(_ place: Int, _ end: Int) -> (field: [UInt8]?, next: Int?) {
    var cut = place
    var hasEscape = false
    buffer.withUnsafeBufferPointer { bytes in
      while cut < end && bytes[cut] != options.delimiter {
        if bytes[cut] == UInt8(ascii: "\\") {
          hasEscape = true
          cut += 1
        }
        cut += 1
      }
    }
    cut = min(cut, end)
    let next = cut < end ? cut + 1 : nil
    let raw = buffer[place..<cut]
    if raw.elementsEqual(options.null) { return (nil, next) }
    return (hasEscape ? Self.unescaped(raw) : Array(raw), next)
  }

  private static func unescaped(_ raw: ArraySlice<UInt8>) -> [UInt8] {
    var text: [UInt8] = []
    text.reserveCapacity(raw.count)
    var place = raw.startIndex
    func digit(_ byte: UInt8, _ base: Int) -> Int? {
      let value: Int
      switch byte {
      case 48...57: value = Int(byte) - 48
      case 65...70: value = Int(byte) - 55
      case 97...102: value = Int(byte) - 87
      default: return nil
      }
      return value < base ? value : nil
    }
    while place < raw.endIndex {
      guard raw[place] == UInt8(ascii: "\\"), place + 1 < raw.endIndex else {
        text.append(raw[place])
        place += 1
        continue
      }
      let letter = raw[place + 1]
      place += 2
      switch letter {
      case UInt8(ascii: "b"): text.append(8)
      case UInt8(ascii: "f"): text.append(12)
      case UInt8(ascii: "n"): text.append(10)
      case UInt8(ascii: "r"): text.append(13)
      case UInt8(ascii: "t"): text.append(9)
      case UInt8(ascii: "v"): text.append(11)
      case 48...55:
        var value = Int(letter) - 48
        var count = 1
        while count < 3, place < raw.endIndex, let next = digit(raw[place], 8) {
          value = value * 8 + next
          place += 1
          count += 1
        }
        text.append(UInt8(truncatingIfNeeded: value))
      case UInt8(ascii: "x"):
        var value = 0
        var count = 0
        while count < 2, place < raw.endIndex, let next = digit(raw[place], 16) {
          value = value * 16 + next
          place += 1
          count += 1
        }
        text.append(count == 0 ? letter : UInt8(truncatingIfNeeded: value))
      default: text.append(letter)
      }
    }
    return text
  }
}

// MARK: - CSV

extension CopyReader {
  private func csvRow(_ range: Range<Int>) throws(SQLError) -> [Value] {
    let fields = try csvFields(range)
    // An empty line of a table of one column is an empty field.
    try checkWidth(range.isEmpty && columns.isEmpty ? 0 : fields.count, range)
    var row: [Value] = []
    row.reserveCapacity(columns.count)
    for (place, field) in fields.enumerated() {
      var bytes = field.bytes
      if let text = bytes {
        if !field.isQuoted && text == options.null && !forcesNotNull[place] { bytes = nil }
        if field.isQuoted && forcesNull[place] && text == options.null { bytes = nil }
      }
      row.append(try parse(bytes, place))
    }
    return row
  }

  private func csvFields(_ range: Range<Int>) throws(SQLError)
    -> [(bytes: [UInt8]?, isQuoted: Bool)]
  {
    var fields: [(bytes: [UInt8]?, isQuoted: Bool)] = []
    var field: [UInt8] = []
    var wasQuoted = false
    var isInside = false
    var place = range.lowerBound
    while place < range.upperBound {
      let byte = buffer[place]
      if isInside {
        let next = place + 1 < range.upperBound ? buffer[place + 1] : 0
        if byte == options.escape, place + 1 < range.upperBound,
          next == options.quote || next == options.escape
        {
          field.append(next)
          place += 2
          continue
        }
        if byte == options.quote { isInside = false } else { field.append(byte) }
      } else if byte == options.quote {
        isInside = true
        wasQuoted = true
      } else if byte == options.delimiter {
        fields.append((field, wasQuoted))
        field = []
        wasQuoted = false
      } else {
        field.append(byte)
      }
      place += 1
    }
    fields.append((field, wasQuoted))
    return fields
  }
}

// MARK: - Binary

extension CopyReader {
  private func integer(_ place: Int, _ width: Int) -> Int {
    var value = 0
    for byte in buffer[place..<place + width] { value = value << 8 | Int(byte) }
    return value
  }

  private func binaryFault(_ message: String) -> SQLError {
    fault(message, column: nil, value: nil)
  }

  private mutating func nextTuple(isLast: Bool) throws(SQLError) -> [Value]? {
    if !hasSignature {
      guard buffer.count - start >= 19 else {
        if isLast { throw binaryFault("COPY file signature not recognized") }
        return nil
      }
      guard buffer[start..<start + 11].elementsEqual(Self.signature) else {
        throw binaryFault("COPY file signature not recognized")
      }
      if integer(start + 11, 4) & 0xFFFF_0000 != 0 {
        throw binaryFault("unrecognized critical flags in COPY file header")
      }
      let extra = integer(start + 15, 4)
      guard extra < 1 << 20 else { throw binaryFault("invalid COPY file header (wrong length)") }
      guard buffer.count - start >= 19 + extra else {
        if isLast { throw binaryFault("invalid COPY file header (wrong length)") }
        return nil
      }
      start += 19 + extra
      hasSignature = true
    }
    guard buffer.count - start >= 2 else {
      if isLast && buffer.count > start { throw binaryFault("unexpected EOF in COPY data") }
      return nil
    }
    let count = integer(start, 2)
    if count == 0xFFFF {
      start += 2
      isEnded = true
      return nil
    }
    guard count == columns.count else {
      line += 1
      throw binaryFault("row field count is \(count), expected \(columns.count)")
    }
    guard let end = try tupleEnd(count, isLast: isLast) else { return nil }
    line += 1
    var place = start + 2
    var row: [Value] = []
    for column in 0..<count {
      let length = Int(Int32(truncatingIfNeeded: integer(place, 4)))
      place += 4
      if length < 0 {
        row.append(.null)
        continue
      }
      do throws(SQLError) {
        row.append(
          try TypeIO.decodeBinary(
            Array(buffer[place..<place + length]), as: columns[column].type))
      } catch {
        var error = error
        error.context = "COPY \(table), line \(line), column \(columns[column].name)"
        throw error
      }
      place += length
    }
    start = end
    return row
  }

  /// Where the tuple at `start` ends; nil where it is not whole yet.
  private func tupleEnd(_ count: Int, isLast: Bool) throws(SQLError) -> Int? {
    var place = start + 2
    for _ in 0..<count {
      if buffer.count - place >= 4 {
        let length = Int(Int32(truncatingIfNeeded: integer(place, 4)))
        if length < -1 { throw binaryFault("invalid field size") }
        place += 4 + max(length, 0)
      } else {
        place = .max
      }
      if place > buffer.count {
        if isLast { throw binaryFault("unexpected EOF in COPY data") }
        return nil
      }
    }
    return place
  }
}
