import Glibc

/// Puts keys together whose parts lie apart. Lives on: one store; a walk takes one for its time, since a
/// walk may happen within another.
final class KeyBuffer {
  private var memory: UnsafeMutableRawPointer
  private var capacity: Int

  init() {
    capacity = 256
    memory = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 8)
  }

  deinit { memory.deallocate() }

  /// The version's key: valid until the next call, and as long as the version is.
  func key(of version: Version) -> UnsafeRawBufferPointer {
    let shared = version.sharedKey
    let own = version.ownKey
    if shared.isEmpty { return own }
    let count = shared.count + own.count
    if count > capacity { grow(to: count) }
    if let source = shared.baseAddress { memcpy(memory, source, shared.count) }
    if let source = own.baseAddress { memcpy(memory + shared.count, source, own.count) }
    return UnsafeRawBufferPointer(start: memory, count: count)
  }

  private func grow(to count: Int) {
    memory.deallocate()
    capacity = max(count, capacity * 2)
    memory = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 8)
  }
}

/// The spare ones of a store.
final class KeyBuffers {
  private var spare: [KeyBuffer] = []

  func take() -> KeyBuffer { spare.popLast() ?? KeyBuffer() }
  func giveBack(_ buffer: KeyBuffer) { spare.append(buffer) }
}
