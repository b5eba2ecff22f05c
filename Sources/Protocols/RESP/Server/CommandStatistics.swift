import Base
import Node

/// How long things took, in buckets of eight per doubling, from a microsecond to over an hour.
struct DurationHistogram: Sendable {
  private static let octaves = 32
  private static let parts = 8
  private var counts = [UInt64](repeating: 0, count: octaves * parts)
  private(set) var total: UInt64 = 0

  mutating func add(nanoseconds: UInt64) {
    counts[Self.bucket(nanoseconds)] += 1
    total += 1
  }

  mutating func add(_ other: DurationHistogram) {
    for index in counts.indices { counts[index] += other.counts[index] }
    total += other.total
  }

  /// Below 1024 ns everything is in the first octave.
  private static func bucket(_ nanoseconds: UInt64) -> Int {
    guard nanoseconds >= 1_024 else { return Int(nanoseconds / 128) }
    let octave = 63 - nanoseconds.leadingZeroBitCount
    let part = Int(nanoseconds >> UInt64(octave - 3)) & 7
    return min(octaves - 1, octave - 9) * parts + part
  }

  private static func upperNanoseconds(_ bucket: Int) -> UInt64 {
    let (octave, part) = (UInt64(bucket / parts), UInt64(bucket % parts))
    if octave == 0 { return (part + 1) * 128 }
    return (8 + part + 1) << (octave + 6)
  }

  /// In microseconds.
  func percentile(_ percent: Double) -> Double {
    let wanted = max(1, UInt64((percent / 100 * Double(total)).rounded()))
    var seen: UInt64 = 0
    for (bucket, count) in counts.enumerated() {
      seen += count
      if seen >= wanted { return Double(Self.upperNanoseconds(bucket)) / 1_000 }
    }
    return 0
  }

  /// For each doubling, from the first to the last that has something: its end in microseconds, as Redis
  /// rounds it, and how many took at most as long.
  var doublings: [(microseconds: UInt64, count: UInt64)] {
    var found: [(UInt64, UInt64)] = []
    var seen: UInt64 = 0
    for octave in 0..<Self.octaves where seen < total {
      seen += counts[octave * Self.parts..<(octave + 1) * Self.parts].reduce(0, +)
      if seen > 0 { found.append(((1_024 << UInt64(octave)) / 128 * 129 / 1_000, seen)) }
    }
    return found
  }
}

extension DurationHistogram: WireCodable {
  func encode(into out: inout WireEncoder) {
    let used = counts.indices.filter { counts[$0] > 0 }
    out.list(used) { index, out in
      index.encode(into: &out)
      counts[index].encode(into: &out)
    }
  }
  init(from reader: inout WireDecoder) throws(DecodingFault) {
    let entries = try reader.list { (reader) throws(DecodingFault) -> (Int, UInt64) in
      (try Int(from: &reader), try UInt64(from: &reader))
    }
    for (index, count) in entries {
      guard counts.indices.contains(index) else { throw .malformed("bucket \(index)") }
      counts[index] += count
      total += count
    }
  }
}

/// What has become of one command's calls.
struct CommandStatistics: Sendable, WireCodable {
  var calls: UInt64 = 0
  var nanoseconds: UInt64 = 0
  /// Not carried out: wrong arguments, no permission and the like.
  var rejected: UInt64 = 0
  var failed: UInt64 = 0
  var durations: DurationHistogram?

  init() {}
  func encode(into out: inout WireEncoder) {
    calls.encode(into: &out)
    nanoseconds.encode(into: &out)
    rejected.encode(into: &out)
    failed.encode(into: &out)
    durations.encode(into: &out)
  }
  init(from reader: inout WireDecoder) throws(DecodingFault) {
    calls = try UInt64(from: &reader)
    nanoseconds = try UInt64(from: &reader)
    rejected = try UInt64(from: &reader)
    failed = try UInt64(from: &reader)
    durations = try DurationHistogram?(from: &reader)
  }

  mutating func add(_ other: CommandStatistics) {
    calls += other.calls
    nanoseconds += other.nanoseconds
    rejected += other.rejected
    failed += other.failed
    guard let others = other.durations else { return }
    var all = durations ?? DurationHistogram()
    all.add(others)
    durations = all
  }

  var isEmpty: Bool { calls == 0 && rejected == 0 && failed == 0 }
}

/// Counts of everything that INFO reports, of one shard, or added up. Lives on: its shard.
struct ServerStatistics: Sendable {
  /// By the command's number.
  private(set) var commands = [CommandStatistics](
    repeating: CommandStatistics(), count: CommandTable.names.count)
  /// By the first word of the error.
  private(set) var errors: [String: UInt64] = [:]
  var connections: UInt64 = 0
  var refusedConnections: UInt64 = 0
  var inputBytes: UInt64 = 0
  var outputBytes: UInt64 = 0
  /// Keys that were removed to make room.
  var evictedKeys: UInt64 = 0
  var keys = KeyCounts()

  private static let errorsMax = 128

  init() {}

  mutating func called(
    _ command: Int, nanoseconds: UInt64, failed: Bool, tracksDuration: Bool
  ) {
    commands[command].calls += 1
    commands[command].nanoseconds += nanoseconds
    if failed { commands[command].failed += 1 }
    guard tracksDuration else { return }
    if commands[command].durations == nil { commands[command].durations = DurationHistogram() }
    commands[command].durations?.add(nanoseconds: nanoseconds)
  }

  mutating func rejected(_ command: Int) { commands[command].rejected += 1 }

  /// `line`: an error reply, from behind its sign.
  mutating func erred(_ line: ArraySlice<UInt8>) {
    let word = line.prefix { $0 != 32 && $0 != 13 }
    let name = String(decoding: word, as: UTF8.self)
    guard errors[name] != nil || errors.count < Self.errorsMax else { return }
    errors[name, default: 0] += 1
  }

  var callCount: UInt64 { commands.reduce(0) { $0 + $1.calls } }
  var errorCount: UInt64 { errors.values.reduce(0, +) }

  mutating func add(_ other: ServerStatistics) {
    for index in commands.indices { commands[index].add(other.commands[index]) }
    for (name, count) in other.errors { errors[name, default: 0] += count }
    connections += other.connections
    refusedConnections += other.refusedConnections
    inputBytes += other.inputBytes
    outputBytes += other.outputBytes
    evictedKeys += other.evictedKeys
    keys.add(other.keys)
  }
}

extension ServerStatistics: WireCodable {
  func encode(into out: inout WireEncoder) {
    let used = commands.indices.filter { !commands[$0].isEmpty }
    out.list(used) { index, out in
      index.encode(into: &out)
      commands[index].encode(into: &out)
    }
    out.list(errors.sorted { $0.key < $1.key }) { entry, out in
      entry.key.encode(into: &out)
      entry.value.encode(into: &out)
    }
    for count in [connections, refusedConnections, inputBytes, outputBytes, evictedKeys] {
      count.encode(into: &out)
    }
    keys.encode(into: &out)
  }

  init(from reader: inout WireDecoder) throws(DecodingFault) {
    self.init()
    let used = try reader.list { (reader) throws(DecodingFault) -> (Int, CommandStatistics) in
      (try Int(from: &reader), try CommandStatistics(from: &reader))
    }
    for (index, statistics) in used {
      guard commands.indices.contains(index) else { throw .malformed("command \(index)") }
      commands[index] = statistics
    }
    let counts = try reader.list { (reader) throws(DecodingFault) -> (String, UInt64) in
      (try String(from: &reader), try UInt64(from: &reader))
    }
    for (name, count) in counts { errors[name] = count }
    connections = try UInt64(from: &reader)
    refusedConnections = try UInt64(from: &reader)
    inputBytes = try UInt64(from: &reader)
    outputBytes = try UInt64(from: &reader)
    evictedKeys = try UInt64(from: &reader)
    keys = try KeyCounts(from: &reader)
  }
}
