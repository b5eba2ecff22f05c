import Base
import SQL
import Types

/// A message's type byte, written as a letter.
struct MessageType: ExpressibleByUnicodeScalarLiteral {
  let byte: UInt8
  init(unicodeScalarLiteral letter: Unicode.Scalar) { byte = UInt8(ascii: letter) }
}

/// Builds what the server sends, message behind message, in one buffer.
struct BackendWriter {
  var bytes: [UInt8] = []

  /// After the bytes have been taken over; the memory is kept for the next ones.
  mutating func clear() { bytes.removeAll(keepingCapacity: bytes.capacity <= 1 << 18) }

  /// One message; its length is filled in behind `body`.
  @inline(__always)
  mutating func message(_ type: MessageType, _ body: (inout BackendWriter) -> Void) {
    bytes.append(type.byte)
    let start = bytes.count
    int32(0)
    body(&self)
    setInt32(bytes.count - start, at: start)
  }

  /// A message without a body.
  mutating func message(_ type: MessageType) {
    bytes.append(type.byte)
    int32(4)
  }

  mutating func int16(_ value: Int) {
    withUnsafeBytes(of: UInt16(truncatingIfNeeded: value).bigEndian) {
      bytes.append(contentsOf: $0)
    }
  }
  mutating func int32(_ value: Int) {
    withUnsafeBytes(of: UInt32(truncatingIfNeeded: value).bigEndian) {
      bytes.append(contentsOf: $0)
    }
  }
  private mutating func setInt32(_ value: Int, at place: Int) {
    let value = UInt32(truncatingIfNeeded: value).bigEndian
    bytes.withUnsafeMutableBytes { $0.storeBytes(of: value, toByteOffset: place, as: UInt32.self) }
  }
  mutating func cString(_ text: String) {
    bytes.append(contentsOf: text.utf8)
    bytes.append(0)
  }

  mutating func authenticationOk() { message("R") { $0.int32(0) } }

  mutating func parameterStatus(_ name: String, _ value: String) {
    message("S") {
      $0.cString(name)
      $0.cString(value)
    }
  }

  mutating func backendKey(process: Int32, secret: Int32) {
    message("K") {
      $0.int32(Int(process))
      $0.int32(Int(secret))
    }
  }

  mutating func ready(_ status: TransactionStatus) {
    message("Z") {
      switch status {
      case .idle: $0.bytes.append(UInt8(ascii: "I"))
      case .active: $0.bytes.append(UInt8(ascii: "T"))
      case .failed: $0.bytes.append(UInt8(ascii: "E"))
      }
    }
  }

  mutating func rowDescription(_ columns: [OutputColumn], formats: [Int16]) {
    message("T") {
      $0.int16(columns.count)
      for (index, column) in columns.enumerated() {
        $0.cString(column.name)
        $0.int32(Int(column.table.rawValue))
        $0.int16(Int(column.column))
        $0.int32(Int(column.type.oid.rawValue))
        $0.int16(TypeInfo.lookup(column.type)?.length ?? -1)
        $0.int32(Int(column.type.modifier))
        $0.int16(Int(format(formats, index)))
      }
    }
  }

  mutating func dataRow(
    _ row: [Value], _ columns: [OutputColumn], formats: [Int16], settings: FormatSettings
  ) {
    message("D") { writer in
      writer.int16(row.count)
      for (index, value) in row.enumerated() {
        if value.isNull {
          writer.int32(-1)
          continue
        }
        let start = writer.bytes.count
        writer.int32(0)
        if format(formats, index) == 1 {
          TypeIO.encodeBinary(value, as: columns[index].type, into: &writer.bytes)
        } else {
          TypeIO.formatText(
            value, as: columns[index].type, settings: settings, into: &writer.bytes)
        }
        if case .text = value { InvalidText.escape(&writer.bytes, from: start + 4) }
        writer.setInt32(writer.bytes.count - start - 4, at: start)
      }
    }
  }

  mutating func parameterDescription(_ types: [SQLType]) {
    message("t") {
      $0.int16(types.count)
      for type in types { $0.int32(Int(type.oid.rawValue)) }
    }
  }

  mutating func commandComplete(_ tag: String) { message("C") { $0.cString(tag) } }

  mutating func commandComplete(_ tag: (word: String, count: Int?)) {
    guard let count = tag.count else { return commandComplete(tag.word) }
    message("C") {
      $0.bytes.append(contentsOf: tag.word.utf8)
      $0.bytes.append(32)
      TypeIO.appendDecimal(Int64(count), into: &$0.bytes)
      $0.bytes.append(0)
    }
  }

  /// ErrorResponse ("E") or NoticeResponse ("N").
  mutating func fault(_ type: MessageType, severity: String, _ error: SQLError) {
    message(type) { writer in
      func field(_ letter: MessageType, _ text: String?) {
        guard let text else { return }
        writer.bytes.append(letter.byte)
        writer.cString(text)
      }
      field("S", severity)
      field("V", severity)
      field("C", error.code.text)
      field("M", error.message)
      field("D", error.detail)
      field("H", error.hint)
      field("P", error.position.map(String.init))
      field("W", error.context)
      field("s", error.schema)
      field("t", error.table)
      field("c", error.column)
      field("d", error.dataType)
      field("n", error.constraint)
      // Drivers know this fault from others of its code by the routine that PostgreSQL has for it.
      if error.message == SQLError.resultTypeChanged.message { field("R", "RevalidateCachedQuery") }
      writer.bytes.append(0)
    }
  }
}

/// No codes: text; one: for all; else one each.
func format(_ formats: [Int16], _ index: Int) -> Int16 {
  if formats.isEmpty { return 0 }
  return formats.count == 1 ? formats[0] : formats[min(index, formats.count - 1)]
}
