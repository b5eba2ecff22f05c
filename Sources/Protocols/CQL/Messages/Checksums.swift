/// The two checksums of version 5's segments.
enum Checksums {
  private static let crc24Start: UInt32 = 0x87_5060
  private static let crc24Polynomial: UInt32 = 0x197_4F0B

  /// Over a segment's header: 24 bits, most significant bit first.
  static func crc24(_ bytes: some Sequence<UInt8>) -> UInt32 {
    var crc = crc24Start
    for byte in bytes {
      crc ^= UInt32(byte) << 16
      for _ in 0..<8 {
        crc <<= 1
        if crc & 0x100_0000 != 0 { crc ^= crc24Polynomial }
      }
    }
    return crc
  }

  private static let table: [UInt32] = (0..<256).map { byte in
    (0..<8).reduce(UInt32(byte)) { crc, _ in
      crc & 1 == 1 ? crc >> 1 ^ 0xEDB8_8320 : crc >> 1
    }
  }

  /// Over a segment's payload: zlib's CRC32, begun with four bytes that the protocol fixes, so that
  /// zeros are not their own checksum.
  static func crc32(_ bytes: some Sequence<UInt8>) -> UInt32 {
    var crc: UInt32 = 0xFFFF_FFFF
    func add(_ byte: UInt8) { crc = table[Int((crc ^ UInt32(byte)) & 0xFF)] ^ crc >> 8 }
    for byte: UInt8 in [0xFA, 0x2D, 0x55, 0xCA] { add(byte) }
    for byte in bytes { add(byte) }
    return ~crc
  }
}
