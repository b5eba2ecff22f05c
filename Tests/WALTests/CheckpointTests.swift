import Base
import Reactor
import Testing

@testable import WAL

/// Checkpoint files by themselves: what was written comes back, and damage is found where it is.
@Suite struct CheckpointTests {
  private static let header = CheckpointHeader(
    tablet: TabletID(rawValue: 7), index: LogIndex(rawValue: 300), term: Term(rawValue: 4),
    clock: Timestamp(rawValue: 1_000))
  private static let path = "ck/0000000000000007.checkpoint"
  private static let contents: [(CheckpointBlock, [UInt8])] = [
    (.prepared, [1, 2, 3]), (.decisions, []),
    (.rows, (0..<10_000).map { UInt8(truncatingIfNeeded: $0 / 3) }),
  ]

  private func write(_ disk: MemoryDisk) throws {
    let writer = try CheckpointWriter(fileSystem: disk, directory: "ck", header: Self.header)
    for (kind, content) in Self.contents {
      var result: Result<Void, WALError>?
      writer.write(kind, content) { result = $0 }
      disk.run()
      try #require(result).get()
    }
    var ended: Result<Void, WALError>?
    writer.finish { ended = $0 }
    disk.run()
    try #require(ended).get()
    #expect(disk.files[Self.path] == nil)
    try writer.publish()
    #expect(disk.files[Self.path]?.count == writer.bytes)
  }

  private func read(_ disk: MemoryDisk) throws(WALError) -> [(CheckpointBlock, [UInt8])] {
    var found: [(CheckpointBlock, [UInt8])] = []
    let reader = try CheckpointReader(fileSystem: disk, directory: "ck")
    let header = try reader.read(TabletID(rawValue: 7)) { _, kind, bytes in
      found.append((kind, Array(bytes)))
    }
    #expect(header == Self.header)
    return found
  }

  @Test func `blocks come back, and unfinished files are removed`() throws {
    let disk = MemoryDisk()
    try write(disk)
    disk.files["ck/0000000000000009.checkpoint.new"] = [1]
    disk.files["ck/other"] = [1]
    let reader = try CheckpointReader(fileSystem: disk, directory: "ck")
    #expect(try reader.tablets() == [TabletID(rawValue: 7)])
    #expect(disk.files.keys.sorted() == [Self.path, "ck/other"])
    let found = try read(disk)
    #expect(found.count == Self.contents.count)
    for (block, expected) in zip(found, Self.contents) {
      #expect(block.0 == expected.0 && block.1 == expected.1)
    }
  }

  /// The layout, byte by byte where zstd has no say: files of earlier builds must stay readable.
  @Test func `the format is as documented`() throws {
    let disk = MemoryDisk()
    try write(disk)
    let bytes = try #require(disk.files[Self.path])
    var expected = Array("QTRNCKP1".utf8)
    expected += [3, 0, 0, 0, 0, 0, 0, 0]
    expected += [7, 0, 0, 0, 0, 0, 0, 0, 44, 1, 0, 0, 0, 0, 0, 0]
    expected += [4, 0, 0, 0, 0, 0, 0, 0, 232, 3, 0, 0, 0, 0, 0, 0]
    let checksum = crc32c(expected)
    expected += withUnsafeBytes(of: checksum.littleEndian) { Array($0) }
    #expect(Array(bytes[..<52]) == expected)
    // The first block: kind 2, three bytes of content.
    #expect(Array(bytes[52..<64]) == [0x51, 0x4C, 0x42, 0x4B, 2, 0, 0, 0, 3, 0, 0, 0])
    let stored = Int(bytes[64])
    let frame = Array(bytes[72..<72 + stored])
    // zstd's magic number.
    #expect(Array(frame[..<4]) == [0x28, 0xB5, 0x2F, 0xFD])
    var covered = Array(bytes[52..<68])
    covered += [7, 0, 0, 0, 0, 0, 0, 0, 44, 1, 0, 0, 0, 0, 0, 0, 52, 0, 0, 0, 0, 0, 0, 0]
    let sum = crc32c(covered + frame)
    #expect(Array(bytes[68..<72]) == withUnsafeBytes(of: sum.littleEndian) { Array($0) })
  }

  @Test func `each wrong byte and each cut is found`() throws {
    let disk = MemoryDisk()
    try write(disk)
    let whole = try #require(disk.files[Self.path])
    for position in whole.indices {
      disk.files[Self.path] = whole
      disk.files[Self.path]?[position] ^= 0x10
      #expect(throws: WALError.self, "byte \(position)") { try read(disk) }
      disk.files[Self.path] = Array(whole[..<position])
      #expect(throws: WALError.self, "cut at \(position)") { try read(disk) }
    }
    disk.files[Self.path] = whole + [0]
    #expect(throws: WALError.self) { try read(disk) }
    disk.files[Self.path] = whole
    disk.files[Self.path]?[60] ^= 1
    #expect(throws: WALError.damaged(file: Self.path, offset: 52)) { try read(disk) }
  }

  @Test func `a disk error or a given up attempt leaves the earlier checkpoint`() throws {
    let disk = MemoryDisk()
    try write(disk)
    let whole = disk.files[Self.path]
    for fails in [true, false] {
      let writer = try CheckpointWriter(fileSystem: disk, directory: "ck", header: Self.header)
      disk.failWrites = fails
      var result: Result<Void, WALError>?
      writer.write(.rows, [1, 2, 3]) { result = $0 }
      disk.run()
      if fails {
        #expect(throws: WALError.io(IOFault(errno: 5, operation: "write"))) {
          try result?.get()
        }
      }
      writer.abandon()
      #expect(disk.files == [Self.path: whole])
    }
    #expect(try read(disk).count == Self.contents.count)
  }
}
