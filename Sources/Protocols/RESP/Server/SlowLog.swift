import Base
import Node

/// A command that took long.
struct SlowCommand: Sendable, Equatable, WireCodable {
  var id: Int64
  /// Seconds since the Unix epoch.
  var time: Int64
  var microseconds: Int64
  /// Shortened: what is left out is counted.
  var arguments: [[UInt8]]
  var peer: String
  var client: [UInt8]

  init(
    id: Int64, time: Int64, microseconds: Int64, arguments: [[UInt8]], peer: String,
    client: [UInt8]
  ) {
    self.id = id
    self.time = time
    self.microseconds = microseconds
    self.arguments = Self.shortened(arguments)
    self.peer = peer
    self.client = client
  }

  private static let argumentsMax = 32
  private static let bytesMax = 128

  private static func shortened(_ arguments: [[UInt8]]) -> [[UInt8]] {
    let isLong = arguments.count > argumentsMax
    var shown = arguments.prefix(isLong ? argumentsMax - 1 : argumentsMax).map { argument in
      guard argument.count > bytesMax else { return argument }
      return argument.prefix(bytesMax)
        + Array("... (\(argument.count - bytesMax) more bytes)".utf8)
    }
    if isLong {
      shown.append(Array("... (\(arguments.count - argumentsMax + 1) more arguments)".utf8))
    }
    return shown
  }

  func encode(into out: inout WireEncoder) {
    id.encode(into: &out)
    time.encode(into: &out)
    microseconds.encode(into: &out)
    arguments.encode(into: &out)
    peer.encode(into: &out)
    out.bytes.blob(client)
  }
  init(from reader: inout WireDecoder) throws(DecodingFault) {
    id = try Int64(from: &reader)
    time = try Int64(from: &reader)
    microseconds = try Int64(from: &reader)
    arguments = try [[UInt8]](from: &reader)
    peer = try String(from: &reader)
    client = try reader.bytes.blob()
  }
}

/// The slow commands of one shard, the newest first. Lives on: its shard.
struct SlowLog {
  private(set) var entries: [SlowCommand] = []
  /// Ids differ between shards: each counts in steps of their number.
  private var nextID: Int64
  private let step: Int64

  init(shard: Int, shardCount: Int) {
    nextID = Int64(shard)
    step = Int64(shardCount)
  }

  mutating func add(_ command: SlowCommand, atMost limit: Int) {
    var command = command
    command.id = nextID
    nextID += step
    entries.insert(command, at: 0)
    trim(atMost: limit)
  }

  mutating func trim(atMost limit: Int) {
    if entries.count > limit { entries.removeLast(entries.count - limit) }
  }

  mutating func clear() { entries = [] }
}

/// The worst of each second in which something took long, by event. Lives on: its shard.
struct LatencyMonitor: Sendable, WireCodable {
  struct Sample: Sendable, Equatable {
    /// Seconds since the Unix epoch.
    var time: Int64
    var milliseconds: Int64
  }
  struct Event: Sendable {
    var samples: [Sample] = []
    var worst: Int64 = 0
  }
  private(set) var events: [String: Event] = [:]
  private static let samplesMax = 160

  init() {}

  mutating func add(_ name: String, time: Int64, milliseconds: Int64) {
    var event = events[name] ?? Event()
    event.worst = max(event.worst, milliseconds)
    if let last = event.samples.last, last.time == time {
      event.samples[event.samples.count - 1].milliseconds = max(last.milliseconds, milliseconds)
    } else {
      event.samples.append(Sample(time: time, milliseconds: milliseconds))
      if event.samples.count > Self.samplesMax { event.samples.removeFirst() }
    }
    events[name] = event
  }

  /// How many were there.
  mutating func reset(_ names: [String]) -> Int {
    let gone = names.isEmpty ? Array(events.keys) : names.filter { events[$0] != nil }
    for name in gone { events[name] = nil }
    return gone.count
  }

  /// What two shards have seen of the same event, as one.
  mutating func add(_ other: LatencyMonitor) {
    for (name, event) in other.events {
      let merged = ((events[name]?.samples ?? []) + event.samples).sorted { $0.time < $1.time }
      let worst = max(events[name]?.worst ?? 0, event.worst)
      events[name] = Event()
      for sample in merged { add(name, time: sample.time, milliseconds: sample.milliseconds) }
      events[name]?.worst = worst
    }
  }

  func encode(into out: inout WireEncoder) {
    out.list(events.sorted { $0.key < $1.key }) { entry, out in
      entry.key.encode(into: &out)
      entry.value.worst.encode(into: &out)
      out.list(entry.value.samples) { sample, out in
        sample.time.encode(into: &out)
        sample.milliseconds.encode(into: &out)
      }
    }
  }
  init(from reader: inout WireDecoder) throws(DecodingFault) {
    let found = try reader.list { (reader) throws(DecodingFault) -> (String, Event) in
      let name = try String(from: &reader)
      var event = Event()
      event.worst = try Int64(from: &reader)
      event.samples = try reader.list { (reader) throws(DecodingFault) in
        Sample(time: try Int64(from: &reader), milliseconds: try Int64(from: &reader))
      }
      return (name, event)
    }
    for (name, event) in found { events[name] = event }
  }
}
