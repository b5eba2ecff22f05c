/// Keys one behind the other in one buffer: length (8 bytes) and bytes of each.
struct KeyList {
  private var bytes: [UInt8] = []

  var byteCount: Int { bytes.count }

  mutating func append(_ key: UnsafeRawBufferPointer) {
    withUnsafeBytes(of: key.count) { bytes.append(contentsOf: $0) }
    bytes.append(contentsOf: key)
  }

  /// Calls `body` for each and forgets it.
  mutating func removeAll(_ body: (UnsafeRawBufferPointer) -> Void) {
    bytes.withUnsafeBytes { bytes in
      var position = 0
      while position < bytes.count {
        let start = position + MemoryLayout<Int>.size
        let end = start + bytes.loadUnaligned(fromByteOffset: position, as: Int.self)
        body(UnsafeRawBufferPointer(rebasing: bytes[start..<end]))
        position = end
      }
    }
    bytes.removeAll(keepingCapacity: true)
  }
}
