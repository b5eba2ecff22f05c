import Types

/// The bytes of COPY FROM as rows of values, in the columns' types. Bytes come in pieces cut
/// anywhere. Lives on: the session's shard.
///
/// A field without escapes is made into its value where it lies in the input.
struct CopyReader {
  struct Column {
    var name: String
    var type: SQLType
  }

  /// A field of the line at hand.
  struct Field {
    var range: Range<Int>
    var isNull = false
    /// The bytes are not the text itself: it is in `unescaped`.
    var unescaped: [UInt8]?
  }

  /// A row that is not whole when so many bytes are there is refused.
  static let rowBytesMax = 256 << 20

  let options: CopyOptions
  let columns: [Column]
  let table: String
  let settings: FormatSettings
  let parsers: [CopyFieldParser]
  let forcesNotNull: [Bool]
  let forcesNull: [Bool]

  private var buffer: [UInt8] = []
  /// Where the rows of the last call of `rows` come from: their lines, and what of `source` these
  /// are (nil in binary).
  private(set) var origins: [(line: Int, range: Range<Int>?)] = []
  var source: [UInt8] { buffer }
  var lines: CopyLines
  var tuples = CopyTuples()
  /// Fields of the line at hand, no more than there are columns; `fieldCount` counts all.
  var fields: [Field] = []
  var fieldCount = 0
  private var isHeaderDone = false
  /// The end-of-data mark, or binary's trailer, was met.
  private(set) var isEnded = false

  init(_ options: CopyOptions, _ columns: [Column], table: String, settings: FormatSettings) {
    self.options = options
    self.columns = columns
    self.table = table
    self.settings = settings
    parsers = columns.map { CopyFieldParser($0.type) }
    forcesNotNull = columns.map { options.forceNotNull.contains($0.name) }
    forcesNull = columns.map { options.forceNull.contains($0.name) }
    lines = CopyLines(options)
  }

  /// The count of lines, or of binary's tuples, that have been read.
  var line: Int { options.format == .binary ? tuples.finished : lines.finished }

  mutating func append(_ bytes: [UInt8]) {
    // What follows the end-of-data mark is ignored; behind binary's trailer it is an error.
    if isEnded && options.format != .binary { return }
    let start = options.format == .binary ? tuples.start : lines.start
    if start >= buffer.count {
      buffer = bytes
    } else {
      if start > 0 { buffer.removeFirst(start) }
      buffer += bytes
    }
    lines.rebase()
    tuples.start = 0
  }

  /// The rows that are whole so far. `isLast`: no more bytes come, so the rest must be a row.
  mutating func rows(isLast: Bool) throws(SQLError) -> [[Value]] {
    var rows: [[Value]] = []
    try self.rows(isLast: isLast, into: &rows)
    return rows
  }

  /// After an error `rows` has those before it.
  mutating func rows(isLast: Bool, into rows: inout [[Value]]) throws(SQLError) {
    let bytes = buffer
    origins.removeAll(keepingCapacity: true)
    try bytes.withUnsafeBufferPointer { (bytes) throws(SQLError) in
      if options.format == .binary {
        isEnded = try tuples(bytes, isLast: isLast, into: &rows)
      } else {
        try lines(bytes, isLast: isLast, into: &rows)
      }
      let rest = bytes.count - (options.format == .binary ? tuples.start : lines.start)
      if rest > Self.rowBytesMax && !isEnded { throw fault(Self.tooLong, column: nil) }
    }
  }

  /// The tuple at hand has become a row.
  mutating func noteTuple() { origins.append((tuples.number, nil)) }

  static let tooLong = SQLError(
    .programLimitExceeded, "a row of COPY is longer than \(rowBytesMax) bytes")
}

// MARK: - Errors

extension CopyReader {
  /// `COPY t, line 3, column a: "x"`.
  func fault(_ error: SQLError, column: Int?, value: (some Collection<UInt8>)?) -> SQLError {
    var error = error
    let number = options.format == .binary ? tuples.number : lines.number
    var text = "COPY \(table), line \(number)"
    if let column { text += ", column \(columns[column].name)" }
    if let value { text += ": \"" + Self.shortened(Array(value)) + "\"" }
    error.context = text
    return error
  }

  func fault(_ error: SQLError, column: Int?) -> SQLError {
    fault(error, column: column, value: [UInt8]?.none)
  }

  func fault(_ message: String, line: some Collection<UInt8>) -> SQLError {
    fault(SQLError(.badCopyFileFormat, message), column: nil, value: line)
  }

  /// At most 100 bytes of whole characters.
  static func shortened(_ value: [UInt8]) -> String {
    guard value.count > 100 else { return String(decoding: value, as: UTF8.self) }
    var end = 100
    while end > 0 && value[end] & 0xC0 == 0x80 { end -= 1 }
    return String(decoding: value[..<end], as: UTF8.self) + "..."
  }
}

// MARK: - Lines

extension CopyReader {
  private mutating func lines(
    _ bytes: UnsafeBufferPointer<UInt8>, isLast: Bool, into rows: inout [[Value]]
  ) throws(SQLError) {
    while !isEnded {
      let found: CopyLines.Found
      do throws(SQLError) {
        found = try lines.next(bytes, isLast: isLast)
      } catch {
        throw fault(error, column: nil)
      }
      switch found {
      case .line(let line): try take(line, bytes, &rows)
      case .end(let line):
        isEnded = true
        if let line { try take(line, bytes, &rows) }
      case .none:
        if isLast && options.header == .match && !isHeaderDone {
          isHeaderDone = true
          try matchHeader(CopyLines.Line(range: 0..<0, isPlain: true), bytes)
        }
        return
      }
    }
  }

  private mutating func take(
    _ line: CopyLines.Line, _ bytes: UnsafeBufferPointer<UInt8>, _ rows: inout [[Value]]
  ) throws(SQLError) {
    try checkEncoding(bytes, line.range)
    if options.header != .none && !isHeaderDone {
      isHeaderDone = true
      if options.header == .match { try matchHeader(line, bytes) }
      return
    }
    try split(line, bytes)
    if fieldCount > columns.count {
      throw fault("extra data after last expected column", line: bytes[line.range])
    }
    var row: [Value] = []
    row.reserveCapacity(columns.count)
    for place in 0..<fieldCount {
      row.append(try value(place, bytes))
    }
    if fieldCount < columns.count {
      throw fault(
        "missing data for column \"\(columns[fieldCount].name)\"", line: bytes[line.range])
    }
    rows.append(row)
    origins.append((lines.number, line.range))
  }

  private func checkEncoding(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>)
    throws(SQLError)
  {
    if CopyFieldParser.isPlainASCII(bytes, range) { return }
    do throws(SQLError) {
      // A character that the line's end cuts is shown with it.
      try TextEncoding.validate(
        Array(bytes[range.lowerBound..<min(range.upperBound + 1, bytes.count)]))
    } catch {
      throw fault(error, column: nil)
    }
  }

  private mutating func split(_ line: CopyLines.Line, _ bytes: UnsafeBufferPointer<UInt8>)
    throws(SQLError)
  {
    fields.removeAll(keepingCapacity: true)
    fieldCount = 0
    if columns.isEmpty {
      // A row without columns is an empty line.
      fieldCount = line.range.isEmpty ? 0 : 1
    } else if line.isPlain {
      splitPlain(line.range, bytes)
    } else if options.format == .csv {
      try splitCSV(line.range, bytes)
    } else {
      try splitText(line.range, bytes)
    }
  }

  private func value(_ place: Int, _ bytes: UnsafeBufferPointer<UInt8>) throws(SQLError) -> Value {
    let field = fields[place]
    if field.isNull {
      if !forcesNotNull[place] { return .null }
      return try parse(options.null, place)
    }
    if let text = field.unescaped {
      if forcesNull[place] && text == options.null { return .null }
      return try parse(text, place)
    }
    if let value = parsers[place].value(bytes, field.range) { return value }
    return try parse(Array(bytes[field.range]), place)
  }

  private func parse(_ text: [UInt8], _ column: Int) throws(SQLError) -> Value {
    do throws(SQLError) {
      return try TypeIO.parseText(text, as: columns[column].type, settings: settings)
    } catch {
      throw fault(error, column: column, value: text)
    }
  }

  private mutating func matchHeader(
    _ line: CopyLines.Line, _ bytes: UnsafeBufferPointer<UInt8>
  ) throws(SQLError) {
    try split(line, bytes)
    let whole = bytes[line.range]
    if columns.isEmpty && fieldCount > 0 {
      throw fault("extra data after last expected column", line: whole)
    }
    guard fieldCount == columns.count else {
      throw fault(
        "wrong number of fields in header line: got \(fieldCount), expected \(columns.count)",
        line: whole)
    }
    for (place, field) in fields.enumerated() {
      let name = String(decoding: field.unescaped ?? Array(bytes[field.range]), as: UTF8.self)
      if !field.isNull && name == columns[place].name { continue }
      let mark = String(decoding: options.null, as: UTF8.self)
      let got = field.isNull ? "null value (\"\(mark)\")" : "\"\(name)\""
      throw fault(
        "column name mismatch in header line field \(place + 1): got \(got), expected \"\(columns[place].name)\"",
        line: whole)
    }
  }
}
