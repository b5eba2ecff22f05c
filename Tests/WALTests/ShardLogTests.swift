import Base
import Reactor
import Testing

@testable import WAL

private let settings = WALSettings(segmentBytes: 64 * 4_096, batchBytesMax: 4 * 4_096)

func entry(_ number: UInt64, bytes: Int = 100) -> LogRecord {
  .entry(
    tablet: TabletID(rawValue: number % 3), index: LogIndex(rawValue: number),
    term: Term(rawValue: 1),
    payload: [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: bytes))
}

func openLog(_ disk: MemoryDisk, _ settings: WALSettings = settings) throws -> (
  ShardLog, [LogRecord]
) {
  var records: [LogRecord] = []
  let log = try ShardLog.open(
    fileSystem: disk, directory: "log", shard: ShardID(rawValue: 0), settings: settings
  ) { records.append($0) }
  return (log, records)
}

/// The entries among the records: copied hard states may stand between them.
func entries(_ records: [LogRecord]) -> [LogRecord] {
  records.filter { if case .entry = $0 { true } else { false } }
}

@Suite struct ShardLogTests {
  @Test func `what was written comes back in order`() throws {
    let disk = MemoryDisk()
    let written: [LogRecord] =
      [
        .hardState(tablet: TabletID(rawValue: 1), term: Term(rawValue: 3), vote: 7),
        .truncated(tablet: TabletID(rawValue: 2), from: LogIndex(rawValue: 9)),
        .installed(tablet: TabletID(rawValue: 2), index: LogIndex(rawValue: 8)),
      ] + (1...20).map { entry($0) }
    let (log, nothing) = try openLog(disk)
    #expect(nothing.isEmpty)
    for record in written { log.append(record) }
    log.flush()
    disk.run()
    #expect(log.durable == log.appended)
    #expect(try openLog(disk).1 == written)
  }

  @Test func `what arrives during a write is one next batch`() throws {
    let disk = MemoryDisk()
    let (log, _) = try openLog(disk)
    var durable: [UInt64] = []
    log.onDurable = { durable.append($0.rawValue) }
    log.append(entry(1))
    log.flush()
    for number in 2...9 { log.append(entry(UInt64(number))) }
    log.flush()
    #expect(durable.isEmpty)
    disk.run()
    #expect(durable == [1, 9])
  }

  @Test func `a batch that is larger than the limit is cut between records`() throws {
    let disk = MemoryDisk()
    let (log, _) = try openLog(disk)
    var durable: [UInt64] = []
    log.onDurable = { durable.append($0.rawValue) }
    let written = (1...12).map { entry($0, bytes: 3_000) }
    for record in written { log.append(record) }
    log.flush()
    disk.run()
    #expect(durable.count > 1 && durable.last == 12)
    #expect(try openLog(disk).1 == written)
  }

  @Test func `segments follow one another, standing records are carried forward, old ones go`()
    throws
  {
    let disk = MemoryDisk()
    let (log, _) = try openLog(disk)
    let state = LogRecord.hardState(tablet: TabletID(rawValue: 1), term: Term(rawValue: 5), vote: 2)
    let installed = LogRecord.installed(
      tablet: TabletID(rawValue: 1), index: LogIndex(rawValue: 0))
    log.append(state)
    log.append(installed)
    let written = (1...400).map { entry($0, bytes: 3_000) }
    for record in written {
      log.append(record)
      log.flush()
      disk.run()
    }
    #expect(log.durable == log.appended)
    #expect(entries(try openLog(disk).1) == written)
    #expect(disk.files.count > 4)
    for tablet in 0..<3 {
      try log.release(TabletID(rawValue: UInt64(tablet)), upTo: LogIndex(rawValue: 390))
    }
    let (_, rest) = try openLog(disk)
    #expect(rest.contains(state))
    // Whoever takes what follows for a part of what a snapshot has replaced loses it.
    #expect(rest.contains(installed))
    #expect(entries(rest).suffix(10) == written.suffix(10))
    #expect(entries(rest).count < 100)
  }

  @Test func `a copy of a standing record stands behind what came before the original`() throws {
    let disk = MemoryDisk()
    let (log, _) = try openLog(disk)
    var written: [LogRecord] = []
    // All of it waits while the first write is under way, and goes over several segments.
    for number in UInt64(1)...200 { written.append(entry(number, bytes: 3_000)) }
    let installed = LogRecord.installed(
      tablet: TabletID(rawValue: 1), index: LogIndex(rawValue: 200))
    written.append(installed)
    for record in written { log.append(record) }
    log.flush()
    disk.run()
    let read = try openLog(disk).1
    #expect(read.firstIndex(of: installed) == read.count - 1)
    #expect(entries(read).count == 200)
  }

  @Test func `without room for a segment what was appended is written, and the log goes on later`()
    throws
  {
    let disk = MemoryDisk()
    let (log, _) = try openLog(disk)
    var complaints = 0
    log.onOutOfSpace = { complaints += 1 }
    disk.isFull = true
    var number: UInt64 = 0
    func write() {
      number += 1
      log.append(entry(number, bytes: 3_000))
      log.flush()
      disk.run()
    }
    while !log.isOutOfSpace { write() }
    #expect(log.failure == nil && complaints == 1 && log.durable == log.appended)
    // Looked for in vain, it is not taken for found meanwhile.
    log.retrySpare()
    #expect(log.isOutOfSpace)
    disk.run()
    #expect(log.isOutOfSpace && complaints == 2)
    #expect(!disk.list("log").contains("next.spare"))
    // More than the segment has room for waits, and is not lost.
    for _ in 0..<64 { write() }
    #expect(log.failure == nil && log.durable < log.appended)
    disk.isFull = false
    log.retrySpare()
    disk.run()
    #expect(!log.isOutOfSpace && log.durable == log.appended)
    #expect(entries(try openLog(disk).1) == (1...number).map { entry($0, bytes: 3_000) })
  }

  @Test func `a recycled segment's old batches never pass`() throws {
    let disk = MemoryDisk()
    let (log, _) = try openLog(disk)
    for number in 1...200 {
      log.append(entry(UInt64(number), bytes: 3_000))
      log.flush()
      disk.run()
      for tablet in 0..<3 {
        try log.release(
          TabletID(rawValue: UInt64(tablet)), upTo: LogIndex(rawValue: UInt64(number)))
      }
    }
    let (_, records) = try openLog(disk)
    let indexes = entries(records).compactMap { record -> UInt64? in
      if case .entry(_, let index, _, _) = record { index.rawValue } else { nil }
    }
    #expect(indexes == indexes.sorted() && indexes.last == 200)
    #expect(Set(indexes).count == indexes.count)
  }

  @Test func `a disk error refuses everything after it and acknowledges none of it`() throws {
    let disk = MemoryDisk()
    let (log, _) = try openLog(disk)
    var failures: [WALError] = []
    log.onFailure = { failures.append($0) }
    log.append(entry(1))
    log.flush()
    disk.run()
    disk.failWrites = true
    log.append(entry(2))
    log.flush()
    disk.run()
    disk.failWrites = false
    log.append(entry(3))
    log.flush()
    disk.run()
    #expect(failures == [.io(IOFault(errno: 5, operation: "write"))])
    #expect(log.durable == LogPosition(rawValue: 1))
    #expect(try openLog(disk).1 == [entry(1)])
  }

  @Test(arguments: 0..<64)
  func `a torn batch ends the log cleanly, whichever sectors arrived`(mask: Int) throws {
    let disk = MemoryDisk()
    let (log, _) = try openLog(disk)
    let acknowledged = (1...3).map { entry($0, bytes: 2_000) }
    for record in acknowledged {
      log.append(record)
      log.flush()
      disk.run()
    }
    let torn = (4...10).map { entry($0, bytes: 2_000) }
    for record in torn { log.append(record) }
    log.flush()
    disk.crash { sector in mask >> sector & 1 == 1 }
    let (again, records) = try openLog(disk)
    let isWhole = mask & 0b1111 == 0b1111
    #expect(records == (isWhole ? acknowledged + torn : acknowledged))
    // And the log goes on from there.
    let next = entry(11)
    again.append(next)
    again.flush()
    disk.run()
    #expect(try openLog(disk).1 == records + [next])
  }
}
