import Base
import Reactor
import Testing

@testable import WAL

/// One row of `docs/wal-recovery.md`: a damage, done to a log of six batches of one block in the
/// first segment, and what recovery makes of it.
struct Damage: CustomTestStringConvertible, Sendable {
  enum Verdict: Sendable {
    case reads(entries: Int)
    case stops
  }
  let testDescription: String
  let verdict: Verdict
  let apply: @Sendable (MemoryDisk) -> Void

  init(_ name: String, _ verdict: Verdict, _ apply: @escaping @Sendable (MemoryDisk) -> Void) {
    testDescription = name
    self.verdict = verdict
    self.apply = apply
  }
}

private let first = "log/0000000000000001.wal"
private let second = "log/0000000000000002.wal"
private let block = 4_096

private func flip(_ disk: MemoryDisk, _ file: String, _ offset: Int) {
  disk.files[file]?[offset] ^= 0x40
}

private func zero(_ disk: MemoryDisk, _ file: String, _ range: Range<Int>) {
  disk.files[file]?.replaceSubrange(range, with: [UInt8](repeating: 0, count: range.count))
}

private let table: [Damage] = [
  Damage("nothing", .reads(entries: 6)) { _ in },
  Damage("the last batch is missing", .reads(entries: 5)) {
    zero($0, first, 6 * block..<7 * block)
  },
  Damage("the last batch has a wrong bit", .reads(entries: 5)) { flip($0, first, 6 * block + 40) },
  Damage("the last batch's header has a wrong bit", .reads(entries: 5)) {
    flip($0, first, 6 * block + 9)
  },
  Damage("a batch in the middle has a wrong bit", .stops) { flip($0, first, 3 * block + 40) },
  Damage("a batch in the middle is missing", .stops) { zero($0, first, 3 * block..<4 * block) },
  Damage("the first batch is missing", .stops) { zero($0, first, block..<2 * block) },
  Damage("the last two batches have wrong bits in their records", .stops) { disk in
    flip(disk, first, 5 * block + 40)
    flip(disk, first, 6 * block + 40)
  },
  Damage("no file", .reads(entries: 0)) { $0.files = [:] },
  Damage("the header's magic is wrong", .stops) { flip($0, first, 0) },
  Damage("the header's version is newer", .stops) { flip($0, first, 8) },
  Damage("the header belongs to another shard", .stops) { flip($0, first, 12) },
  Damage("the file is short", .stops) { $0.files[first]?.removeLast(block) },
  Damage("the file is empty", .stops) { $0.files[first] = [] },
  Damage("the file has another's name", .stops) { disk in
    disk.files["log/0000000000000005.wal"] = disk.files.removeValue(forKey: first)
  },
  Damage("a segment is missing", .stops) { disk in
    disk.files["log/0000000000000003.wal"] = disk.files[first]
  },
  Damage("the next segment does not follow on a lost batch", .stops) { disk in
    let block4096 = AlignedBuffer(capacity: block)
    LogFormat.write(
      LogFormat.SegmentHeader(
        shard: 0, generation: 2, segmentBytes: UInt64(disk.files[first]?.count ?? 0),
        firstSequence: 7), into: block4096.bytes)
    var bytes = [UInt8](repeating: 0, count: disk.files[first]?.count ?? 0)
    bytes.replaceSubrange(0..<block, with: Array(block4096.bytes))
    disk.files[second] = bytes
    zero(disk, first, 6 * block..<7 * block)
  },
  Damage("an unused spare is left", .reads(entries: 6)) { $0.files["log/next.spare"] = [1, 2, 3] },
  Damage("a foreign file is there", .reads(entries: 6)) { $0.files["log/notes.txt"] = [1] },
]

@Suite struct RecoveryTableTests {
  private let settings = WALSettings(segmentBytes: 16 * block, batchBytesMax: 4 * block)

  @Test(arguments: table) func `recovery decides by the table`(damage: Damage) throws {
    let disk = MemoryDisk()
    let (log, _) = try openLog(disk, settings)
    for number in 1...6 {
      log.append(entry(UInt64(number)))
      log.flush()
      disk.run()
    }
    disk.files["log/next.spare"] = nil
    damage.apply(disk)
    switch damage.verdict {
    case .reads(let count):
      #expect(try openLog(disk, settings).1 == (0..<count).map { entry(UInt64($0 + 1)) })
    case .stops:
      #expect(throws: WALError.self) { try openLog(disk, settings) }
    }
  }

  @Test func `every cut of every record is refused without a trap`() throws {
    var out = ByteWriter()
    entry(5).encodeHead(into: &out)
    out.raw(entry(5).payload)
    for count in 0..<out.count {
      Array(out.bytes.prefix(count)).withUnsafeBytes { bytes in
        var reader = ByteReader(bytes)
        #expect(throws: DecodingFault.self) { _ = try LogRecord(decoding: &reader) }
      }
    }
  }

  @Test func `a segment with seeded random damage reads a prefix or stops`() throws {
    for seed in UInt64(1)...300 {
      var random = Xoshiro256(seed: seed)
      let disk = MemoryDisk()
      let (log, _) = try openLog(disk, settings)
      let written = (1...6).map { entry($0) }
      for record in written {
        log.append(record)
        log.flush()
        disk.run()
      }
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        disk.files[first]?[Int.random(in: 0..<7 * block, using: &random)] ^= UInt8.random(
          in: 1...255, using: &random)
      }
      do {
        let records = try openLog(disk, settings).1
        #expect(records == Array(written.prefix(records.count)), "seed \(seed)")
      } catch is WALError {
        continue
      }
    }
  }
}
