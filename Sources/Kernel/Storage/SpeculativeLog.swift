import Base

/// The keys that were written by entries which have not committed yet, in the order of writing: index,
/// keyspace, key length and key, one behind the other in one buffer, so that noting a key costs a copy
/// and no allocation.
struct SpeculativeLog {
  private var bytes: [UInt8] = []
  /// Where the first entry that counts begins.
  private var start = 0

  var isEmpty: Bool { start == bytes.count }
  private static let headerBytes = 16

  mutating func append(_ index: LogIndex, _ space: KeyspaceID, _ key: UnsafeRawBufferPointer) {
    withUnsafeBytes(of: index.rawValue) { bytes.append(contentsOf: $0) }
    withUnsafeBytes(of: space.rawValue) { bytes.append(contentsOf: $0) }
    withUnsafeBytes(of: UInt32(key.count)) { bytes.append(contentsOf: $0) }
    bytes.append(contentsOf: key)
  }

  private func entry(
    at position: Int, in buffer: UnsafeRawBufferPointer
  ) -> (index: LogIndex, space: KeyspaceID, key: UnsafeRawBufferPointer) {
    let index = buffer.loadUnaligned(fromByteOffset: position, as: UInt64.self)
    let space = buffer.loadUnaligned(fromByteOffset: position + 8, as: UInt32.self)
    let count = Int(buffer.loadUnaligned(fromByteOffset: position + 12, as: UInt32.self))
    let begin = position + SpeculativeLog.headerBytes
    return (
      LogIndex(rawValue: index), KeyspaceID(rawValue: space),
      UnsafeRawBufferPointer(rebasing: buffer[begin..<begin + count])
    )
  }

  /// Forgets the leading entries up to `index`.
  mutating func settle(upTo index: LogIndex) {
    start = bytes.withUnsafeBytes { buffer in
      var position = start
      while position < buffer.count {
        let entry = entry(at: position, in: buffer)
        if entry.index > index { break }
        position += SpeculativeLog.headerBytes + entry.key.count
      }
      return position
    }
    if start == bytes.count {
      bytes.removeAll(keepingCapacity: bytes.capacity <= 1 << 16)
      start = 0
    } else if start > 1 << 16 && start > bytes.count / 2 {
      bytes.removeFirst(start)
      start = 0
    }
  }

  /// Calls `body` for each entry above `index` and forgets it. The closure must not write.
  mutating func undo(
    above index: LogIndex, _ body: (KeyspaceID, UnsafeRawBufferPointer) -> Void
  ) {
    var kept: [UInt8] = []
    bytes.withUnsafeBytes { buffer in
      var position = start
      while position < buffer.count {
        let entry = entry(at: position, in: buffer)
        let end = position + SpeculativeLog.headerBytes + entry.key.count
        if entry.index > index {
          body(entry.space, entry.key)
        } else {
          kept.append(contentsOf: buffer[position..<end])
        }
        position = end
      }
    }
    bytes = kept
    start = 0
  }
}
