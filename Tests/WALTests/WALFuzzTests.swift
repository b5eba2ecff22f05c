import Base
import Fuzzing
import Reactor
import Testing

@testable import WAL

private let block = 4_096
private let settings = WALSettings(segmentBytes: 20 * block, batchBytesMax: 2 * block)

@Suite struct WALFuzzTests {
  /// Three segments of a log, and what was written to it.
  private func log() throws -> (disk: MemoryDisk, written: [LogRecord]) {
    let disk = MemoryDisk()
    let (log, _) = try openLog(disk, settings)
    let written = (1...36).map { entry($0, bytes: 300 + Int($0 % 3) * 2_500) }
    for record in written {
      log.append(record)
      log.flush()
      disk.run()
    }
    return (disk, written)
  }

  /// Blocks moved and repeated, as lost and misplaced writes leave them, and bytes changed.
  private func damage(_ file: [UInt8], _ others: [[UInt8]], _ mutator: inout Mutator) -> [UInt8] {
    var file = file
    for _ in 0...mutator.below(3) {
      let from = mutator.pick(others + [file])
      switch mutator.below(4) {
      case 0:
        guard file.count >= block, from.count >= block else { continue }
        let target = mutator.below(file.count / block) * block
        let source = mutator.below(from.count / block) * block
        file.replaceSubrange(target..<target + block, with: from[source..<source + block])
      case 1:
        guard file.count >= block else { continue }
        let target = mutator.below(file.count / block) * block
        let bytes = Array(file[target..<target + block])
        let changed = mutator.mutate([bytes])
        file.replaceSubrange(target..<target + block, with: changed)
      case 2:
        // The first bytes of a block: headers.
        guard file.count >= block else { continue }
        let target = mutator.below(file.count / block) * block
        let changed = mutator.mutate([Array(file[target..<target + 48])])
        file.replaceSubrange(target..<min(target + changed.count, file.count), with: changed)
      default: file = mutator.mutate([file] + others)
      }
    }
    return file
  }

  /// A clean end or an error; never a record that was not written.
  @Test func segments() throws {
    let (whole, written) = try log()
    let names = whole.files.keys.filter { $0.hasSuffix(".wal") }.sorted()
    #expect(names.count > 2)
    let contents = names.compactMap { whole.files[$0] }
    let failures = fuzz("WALFuzzTests.segments", iterations: 1_500) { mutator in
      let disk = MemoryDisk()
      disk.files = whole.files
      let name = mutator.pick(names)
      let changed = damage(disk.files[name] ?? [], contents, &mutator)
      // Segments have the size they were made with; with another they are refused at once.
      let size = whole.files[name]?.count ?? 0
      let isCut = mutator.oneIn(8)
      disk.files[name] =
        isCut
        ? changed
        : Array(changed.prefix(size)) + [UInt8](repeating: 0, count: max(0, size - changed.count))
      if mutator.oneIn(16) { disk.files[mutator.pick(names)] = nil }
      do {
        let records = entries(try openLog(disk, settings).1)
        // The oldest segment may be missing: it could have been released.
        let start = records.first.flatMap { written.firstIndex(of: $0) } ?? 0
        if records != Array(written[start...].prefix(records.count)) {
          return "read \(records.count) records that are not what was written"
        }
      } catch is WALError {}
      return nil
    }
    #expect(failures == [])
  }

  /// Behind a right checksum too: what a newer or broken build may have written.
  @Test func records() {
    var samples: [[UInt8]] = []
    for record in [
      entry(5), .hardState(tablet: TabletID(rawValue: 1), term: Term(rawValue: 3), vote: .max),
      .truncated(tablet: TabletID(rawValue: .max), from: LogIndex(rawValue: 9)),
      .installed(tablet: TabletID(rawValue: 5), index: LogIndex(rawValue: 300)),
    ] {
      var out = ByteWriter()
      record.encodeHead(into: &out)
      out.raw(record.payload)
      samples.append(out.bytes)
    }
    for sample in samples {
      for count in sample.indices {
        #expect(throws: DecodingFault.self) {
          try Array(sample[..<count]).withUnsafeBytes { bytes in
            var reader = ByteReader(bytes)
            _ = try LogRecord(decoding: &reader)
          }
        }
      }
    }
    let failures = fuzz("WALFuzzTests.records", iterations: 20_000) { mutator in
      mutator.mutate(samples).withUnsafeBytes { bytes in
        var reader = ByteReader(bytes)
        do throws(DecodingFault) {
          while !reader.isAtEnd {
            let record = try LogRecord(decoding: &reader)
            var out = ByteWriter()
            record.encodeHead(into: &out)
            out.raw(record.payload)
            if out.bytes.count > bytes.count { return "a record longer than its bytes" }
          }
        } catch {}
        return nil
      }
    }
    #expect(failures == [])
  }

  /// The whole file or an error, also when checksums are made right again.
  @Test func checkpoints() throws {
    let disk = MemoryDisk()
    let header = CheckpointHeader(
      tablet: TabletID(rawValue: 7), index: LogIndex(rawValue: 300), term: Term(rawValue: 4),
      clock: Timestamp(rawValue: 1_000))
    let path = "ck/0000000000000007.checkpoint"
    let writer = try CheckpointWriter(fileSystem: disk, directory: "ck", header: header)
    let contents = [[UInt8](repeating: 5, count: 2_000), [], (0..<500).map { UInt8($0 % 7) }]
    for content in contents {
      writer.write(.rows, content) { _ in }
      disk.run()
    }
    writer.finish { _ in }
    disk.run()
    try writer.publish()
    let whole = try #require(disk.files[path])
    let failures = fuzz("WALFuzzTests.checkpoints", iterations: 8_000) { mutator in
      var bytes = mutator.mutate([whole])
      let isSealed = mutator.oneIn(2)
      if isSealed { reseal(&bytes, header) }
      disk.files[path] = bytes
      var found: [[UInt8]] = []
      do {
        let reader = try CheckpointReader(fileSystem: disk, directory: "ck")
        _ = try reader.read(TabletID(rawValue: 7)) { _, _, content in found.append(Array(content)) }
      } catch is WALError {
        return nil
      }
      return isSealed || bytes == whole && found == contents ? nil : "a changed file was read"
    }
    #expect(failures == [])
  }

  /// Gives the header and the first block the checksums of what is there now.
  private func reseal(_ bytes: inout [UInt8], _ header: CheckpointHeader) {
    guard bytes.count >= 72 else { return }
    func put(_ checksum: UInt32, at offset: Int) {
      for place in 0..<4 {
        bytes[offset + place] = UInt8(truncatingIfNeeded: checksum >> UInt32(8 * place))
      }
    }
    put(crc32c(Array(bytes[..<48])), at: 48)
    let stored = bytes.withUnsafeBytes {
      Int(UInt32(littleEndian: $0.loadUnaligned(fromByteOffset: 64, as: UInt32.self)))
    }
    guard stored <= bytes.count - 72 else { return }
    let head = Array(bytes[52..<68])
    let checksum = bytes[72..<72 + stored].withUnsafeBytes {
      CheckpointFormat.checksum(head, header, offset: 52, stored: $0)
    }
    put(checksum, at: 68)
  }
}
