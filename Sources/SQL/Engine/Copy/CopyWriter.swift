import Types

/// Rows as the bytes of COPY TO.
struct CopyWriter {
  let options: CopyOptions
  let columns: [CopyReader.Column]
  let settings: FormatSettings
  private let forcesQuote: [Bool]
  /// What text escapes, or what makes CSV quote, by byte.
  private let isSpecial: [Bool]

  init(_ options: CopyOptions, _ columns: [CopyReader.Column], settings: FormatSettings) {
    self.options = options
    self.columns = columns
    self.settings = settings
    forcesQuote = columns.map { options.forceQuote.contains($0.name) }
    let special: [UInt8] =
      options.format == .csv
      ? [options.delimiter, options.quote, 10, 13]
      : [8, 9, 10, 11, 12, 13, UInt8(ascii: "\\"), options.delimiter]
    isSpecial = (0...255).map { special.contains($0) }
  }

  /// What stands before the first row.
  var start: [UInt8] {
    if options.format == .binary {
      return CopyTuples.signature + [UInt8](repeating: 0, count: 8)
    }
    guard options.header != .none else { return [] }
    var line: [UInt8] = []
    for (place, column) in columns.enumerated() {
      if place > 0 { line.append(options.delimiter) }
      let start = line.count
      line += column.name.utf8
      finish(start, isForced: false, &line)
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
      let start = output.count
      TypeIO.formatText(value, as: columns[place].type, settings: settings, into: &output)
      finish(start, isForced: forcesQuote[place], &output)
    }
    output.append(10)
  }

  /// Escapes or quotes the text from `start` on, which mostly has nothing to do.
  private func finish(_ start: Int, isForced: Bool, _ output: inout [UInt8]) {
    let hasSpecial = output.withUnsafeBufferPointer { bytes in
      isSpecial.withUnsafeBufferPointer { special in
        bytes[start...].contains { special[Int($0)] }
      }
    }
    if options.format == .csv {
      let text = output[start...]
      // What would read as NULL, or as the end of the data, is quoted.
      guard
        hasSpecial || isForced || text.elementsEqual(options.null)
          || (columns.count == 1 && text.elementsEqual("\\.".utf8))
      else { return }
      let copy = Array(text)
      output.removeSubrange(start...)
      quote(copy, &output)
    } else if hasSpecial {
      let copy = Array(output[start...])
      output.removeSubrange(start...)
      escape(copy, &output)
    }
  }

  private func escape(_ text: [UInt8], _ output: inout [UInt8]) {
    for byte in text {
      guard isSpecial[Int(byte)] else {
        output.append(byte)
        continue
      }
      output.append(UInt8(ascii: "\\"))
      switch byte {
      case 8: output.append(UInt8(ascii: "b"))
      case 9: output.append(UInt8(ascii: "t"))
      case 10: output.append(UInt8(ascii: "n"))
      case 11: output.append(UInt8(ascii: "v"))
      case 12: output.append(UInt8(ascii: "f"))
      case 13: output.append(UInt8(ascii: "r"))
      default: output.append(byte)
      }
    }
  }

  private func quote(_ text: [UInt8], _ output: inout [UInt8]) {
    output.append(options.quote)
    for byte in text {
      if byte == options.quote || byte == options.escape { output.append(options.escape) }
      output.append(byte)
    }
    output.append(options.quote)
  }

  private func appendBinary(_ row: [Value], _ output: inout [UInt8]) {
    output.append(UInt8(truncatingIfNeeded: row.count >> 8))
    output.append(UInt8(truncatingIfNeeded: row.count))
    for (place, value) in row.enumerated() {
      let start = output.count
      output += [0xFF, 0xFF, 0xFF, 0xFF]
      if value.isNull { continue }
      TypeIO.encodeBinary(value, as: columns[place].type, into: &output)
      let length = output.count - start - 4
      for byte in 0..<4 {
        output[start + byte] = UInt8(truncatingIfNeeded: length >> (24 - 8 * byte))
      }
    }
  }
}
