import Types

/// The text form of rows, `(1,"a b",)`, taken apart.
enum CompositeText {
  /// The fields' texts without quotes; nil is NULL. 22P02 for what is no row of so many fields.
  static func fields(_ bytes: [UInt8], count: Int) throws(SQLError) -> [[UInt8]?] {
    func malformed(_ detail: String) -> SQLError {
      SQLError(
        .invalidTextRepresentation,
        "malformed record literal: \"\(String(decoding: bytes, as: UTF8.self))\"", detail: detail)
    }
    func isSpace(_ byte: UInt8) -> Bool { byte == 32 || (9...13).contains(byte) }
    var place = 0
    while place < bytes.count, isSpace(bytes[place]) { place += 1 }
    guard place < bytes.count, bytes[place] == UInt8(ascii: "(") else {
      throw malformed("Missing left parenthesis.")
    }
    place += 1
    var fields: [[UInt8]?] = []
    for number in 0..<count {
      if number > 0 {
        guard place < bytes.count, bytes[place] == UInt8(ascii: ",") else {
          throw malformed("Too few columns.")
        }
        place += 1
      }
      var field: [UInt8] = []
      var isQuoted = false
      let start = place
      while place < bytes.count {
        let byte = bytes[place]
        if !isQuoted, byte == UInt8(ascii: ",") || byte == UInt8(ascii: ")") { break }
        place += 1
        switch byte {
        case UInt8(ascii: "\\"):
          guard place < bytes.count else { throw malformed("Unexpected end of input.") }
          field.append(bytes[place])
          place += 1
        case UInt8(ascii: "\""):
          if isQuoted, place < bytes.count, bytes[place] == UInt8(ascii: "\"") {
            field.append(byte)
            place += 1
          } else {
            isQuoted.toggle()
          }
        default: field.append(byte)
        }
      }
      guard place < bytes.count else { throw malformed("Unexpected end of input.") }
      fields.append(place == start ? nil : field)
    }
    guard place < bytes.count, bytes[place] == UInt8(ascii: ")") else {
      throw malformed("Too many columns.")
    }
    place += 1
    while place < bytes.count, isSpace(bytes[place]) { place += 1 }
    if place < bytes.count { throw malformed("Junk after right parenthesis.") }
    return fields
  }
}
