import Types

/// Rows as the bytes of COPY TO.
struct CopyWriter {
  let options: CopyOptions
  let columns: [CopyReader.Column]
  let settings: FormatSettings
  private let forcesQuote: [Bool]

  init(_ options: CopyOptions, _ columns: [CopyReader.Column], settings: FormatSettings) {
    self.options = options
    self.columns = columns
    self.settings = settings
    forcesQuote = columns.map { options.forceQuote.contains($0.name) }
  }

  /// What stands before the first row.
  var start: [UInt8] {
    if options.format == .binary {
      return CopyReader.signature + [UInt8](repeating: 0, count: 8)
    }
    guard options.header != .none else { return [] }
    var line: [UInt8] = []
    for (place, column) in columns.enumerated() {
      if place > 0 { line.append(options.delimiter) }
      append(Array(column.name.utf8), isForced: false, &line)
    }
    return line + [10]
  }

  var end: [UInt8] { options.format == .binary ? [0xFF, 0xFF] : [] }

  func append(_ row: [Value], to output: inout [UInt8]) {
    if options.format == .binary { return appendBinary(row, &output) }
    for (place, value) in row.enumerated() {
      if place > 0 { output.append(options.delimiter) }
      if value.isNull {
        output += options.null
        continue
      }
      var text: [UInt8] = []
      TypeIO.formatText(value, as: columns[place].type, settings: settings, into: &text)
      append(text, isForced: forcesQuote[place], &output, isOnly: row.count == 1)
    }
    output.append(10)
  }

  private func append(
    _ text: [UInt8], isForced: Bool, _ output: inout [UInt8], isOnly: Bool = false
  ) {
    options.format == .csv
      ? appendCSV(text, isForced: isForced, isOnly: isOnly, &output) : appendText(text, &output)
  }

  private func appendText(_ text: [UInt8], _ output: inout [UInt8]) {
    for byte in text {
      switch byte {
      case 8: output += Array("\\b".utf8)
      case 9: output += Array("\\t".utf8)
      case 10: output += Array("\\n".utf8)
      case 11: output += Array("\\v".utf8)
      case 12: output += Array("\\f".utf8)
      case 13: output += Array("\\r".utf8)
      case UInt8(ascii: "\\"): output += Array("\\\\".utf8)
      case options.delimiter: output += [UInt8(ascii: "\\"), byte]
      default: output.append(byte)
      }
    }
  }

  private func appendCSV(
    _ text: [UInt8], isForced: Bool, isOnly: Bool, _ output: inout [UInt8]
  ) {
    // What would read as NULL, or as the end of the data, is quoted.
    let needsQuotes =
      isForced || text == options.null || (isOnly && text.elementsEqual("\\.".utf8))
      || text.contains { $0 == options.delimiter || $0 == options.quote || $0 == 10 || $0 == 13 }
    guard needsQuotes else {
      output += text
      return
    }
    output.append(options.quote)
    for byte in text {
      if byte == options.quote || byte == options.escape { output.append(options.escape) }
      output.append(byte)
    }
    output.append(options.quote)
  }

  private func appendBinary(_ row: [Value], _ output: inout [UInt8]) {
    func integer(_ value: Int, _ width: Int) {
      for place in (0..<width).reversed() {
        output.append(UInt8(truncatingIfNeeded: value >> (8 * place)))
      }
    }
    integer(row.count, 2)
    for (place, value) in row.enumerated() {
      if value.isNull {
        integer(-1, 4)
        continue
      }
      var bytes: [UInt8] = []
      TypeIO.encodeBinary(value, as: columns[place].type, into: &bytes)
      integer(bytes.count, 4)
      output += bytes
    }
  }
}
