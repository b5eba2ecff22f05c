/// Owns memory that starts at a multiple of 4096, as direct I/O wants it. Lives on: one shard.
///
/// Unsafe inside: the memory is allocated here, freed in deinit and never handed out longer than
/// its owner lives.
public final class AlignedBuffer {
  public static let blockBytes = 4_096

  public let bytes: UnsafeMutableRawBufferPointer

  /// `capacity` is rounded up to whole blocks; the memory is zero.
  public init(capacity: Int) {
    let rounded = Self.roundedUp(max(capacity, 1))
    bytes = .allocate(byteCount: rounded, alignment: Self.blockBytes)
    bytes.initializeMemory(as: UInt8.self, repeating: 0)
  }

  deinit { bytes.deallocate() }

  public var capacity: Int { bytes.count }

  public static func roundedUp(_ count: Int) -> Int {
    (count + blockBytes - 1) / blockBytes * blockBytes
  }
}
