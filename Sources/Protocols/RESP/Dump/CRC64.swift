/// The checksum of dumped values: CRC-64 with Jones' polynomial, bits in reflected order.
enum CRC64 {
  private static let table: [UInt64] = (0..<256).map { index in
    var crc = UInt64(index)
    for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0x95AC_9329_AC4B_C9B5 : crc >> 1 }
    return crc
  }

  static func checksum(_ bytes: some Sequence<UInt8>) -> UInt64 {
    table.withUnsafeBufferPointer { table in
      var crc: UInt64 = 0
      for byte in bytes { crc = table[Int(UInt8(truncatingIfNeeded: crc) ^ byte)] ^ crc >> 8 }
      return crc
    }
  }
}
