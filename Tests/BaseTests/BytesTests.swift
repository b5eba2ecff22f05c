import Base
import Testing

@Suite struct BytesTests {
  @Test func `CRC32C has its known answer, whole and in parts`() {
    let digits = Array("123456789".utf8)
    #expect(crc32c(digits) == 0xE306_9283)
    #expect(crc32c(Array(digits[4...]), seed: crc32c(Array(digits[..<4]))) == 0xE306_9283)
    // Many bytes, which are summed in stretches, against few at a time, which are not.
    for count in [3_071, 3_072, 3_073, 6_144, 20_000] {
      let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ $0 >> 8) }
      var sum: UInt32 = 7
      for start in stride(from: 0, to: count, by: 100) {
        sum = crc32c(Array(bytes[start..<min(start + 100, count)]), seed: sum)
      }
      #expect(crc32c(bytes, seed: 7) == sum, "\(count) bytes")
    }
  }

  @Test func `what is written is read, and every cut of it is refused`() throws {
    var writer = ByteWriter()
    let numbers: [UInt64] = [0, 1, 127, 128, 300, .max]
    for number in numbers { writer.varint(number) }
    for number in [0, -1, 63, -64, .min, .max] as [Int64] { writer.signedVarint(number) }
    writer.integer(UInt32(0xDEAD_BEEF))
    writer.string("text")
    func read(_ bytes: UnsafeRawBufferPointer) throws -> Bool {
      var reader = ByteReader(bytes)
      for number in numbers where try reader.varint() != number { return false }
      for number in [0, -1, 63, -64, .min, .max] as [Int64]
      where try reader.signedVarint() != number { return false }
      let word: UInt32 = try reader.integer()
      let text = try reader.string()
      return word == 0xDEAD_BEEF && text == "text" && reader.isAtEnd
    }
    #expect(try writer.bytes.withUnsafeBytes(read))
    for count in 0..<writer.count {
      let cut = Array(writer.bytes.prefix(count))
      #expect(throws: DecodingFault.self) { try cut.withUnsafeBytes(read) }
    }
  }

  @Test func `a varint of more than 64 bits and a length beyond the end are refused`() {
    let endless = [UInt8](repeating: 0xFF, count: 11)
    #expect(throws: DecodingFault.self) {
      try endless.withUnsafeBytes { bytes in
        var reader = ByteReader(bytes)
        return try reader.varint()
      }
    }
    let long: [UInt8] = [0xFF, 0xFF, 0xFF, 0xFF, 0x0F, 1]
    #expect(throws: DecodingFault.self) {
      try long.withUnsafeBytes { bytes in
        var reader = ByteReader(bytes)
        return try reader.blob()
      }
    }
  }
}
