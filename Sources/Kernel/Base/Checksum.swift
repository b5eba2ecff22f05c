import CLinux

/// CRC32C (Castagnoli) of `bytes`, continuing from `seed` (0 to start). Cost: 8 bytes a cycle or so,
/// a third of that below 3 KiB.
public func crc32c(_ bytes: UnsafeRawBufferPointer, seed: UInt32 = 0) -> UInt32 {
  ql_crc32c(seed, bytes.baseAddress, bytes.count)
}

public func crc32c(_ bytes: [UInt8], seed: UInt32 = 0) -> UInt32 {
  bytes.withUnsafeBytes { crc32c($0, seed: seed) }
}
