import Glibc

/// A key between two children of an inner node: a block of its own, its length (8 bytes) and its bytes.
/// The tree owns it.
struct Separator {
  let block: UnsafeMutableRawPointer

  static func make(_ key: UnsafeRawBufferPointer) -> Separator {
    guard let block = malloc(8 + key.count) else {
      fatalError("out of memory: \(8 + key.count) bytes refused")
    }
    block.storeBytes(of: key.count, as: Int.self)
    if let source = key.baseAddress { memcpy(block + 8, source, key.count) }
    return Separator(block: block)
  }

  var key: UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: block + 8, count: block.load(as: Int.self))
  }

  var allocatedBytes: Int { MemoryAccount.allocated(for: 8 + key.count) }
}
