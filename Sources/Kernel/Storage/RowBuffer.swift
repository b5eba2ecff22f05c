import Glibc

/// Puts keys and values together whose parts lie apart. Lives on: one store; a read or a walk takes one for its time,
/// since one may happen within another.
final class RowBuffer {
  private var keyMemory = Memory()
  private var valueMemory = Memory()

  /// The version's key: valid until the next call, and as long as the version is.
  func key(of version: Version) -> UnsafeRawBufferPointer {
    let shared = version.sharedKey
    return shared.isEmpty ? version.ownKey : keyMemory.join(shared, version.ownKey)
  }

  /// The version's value: valid until the next call, and as long as the version is.
  func value(of version: Version) -> UnsafeRawBufferPointer {
    version.isSplit ? valueMemory.join(version.sharedValue, version.ownValue) : version.ownValue
  }

  deinit {
    keyMemory.bytes?.deallocate()
    valueMemory.bytes?.deallocate()
  }

  private struct Memory {
    var bytes: UnsafeMutableRawPointer?
    var capacity = 0

    mutating func join(_ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer)
      -> UnsafeRawBufferPointer
    {
      let count = first.count + second.count
      let memory = room(count)
      if let source = first.baseAddress { memcpy(memory, source, first.count) }
      if let source = second.baseAddress { memcpy(memory + first.count, source, second.count) }
      return UnsafeRawBufferPointer(start: memory, count: count)
    }

    private mutating func room(_ count: Int) -> UnsafeMutableRawPointer {
      if let bytes, count <= capacity { return bytes }
      bytes?.deallocate()
      capacity = max(count, capacity * 2, 256)
      let made = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 8)
      bytes = made
      return made
    }
  }
}

/// The spare ones of a store.
final class RowBuffers {
  private var spare: [RowBuffer] = []

  func take() -> RowBuffer { spare.popLast() ?? RowBuffer() }
  func giveBack(_ buffer: RowBuffer) { spare.append(buffer) }
}
