import Base
import Catalog
import Node
import Reactor
import Types

/// Records for consumers.
extension KafkaSession {
  func fetch(_ request: Request, _ role: RoleDescriptor) async throws(MessageFault)
    -> [[UInt8]]
  {
    let asked = try FetchRequest(request)
    if let fault = prepareSession(asked) {
      return FetchResponse(error: fault).body(request)
    }
    let isIncremental = asked.sessionEpoch > 0
    let wanted =
      fetchSession?.places.map { ($0.place, $0.wanted) } ?? FetchSession.places(asked.topics)
    let round = FetchRound(
      session: self, role: role, version: request.version, request: asked, wanted: wanted)
    let results = await round.run()
    var response = FetchResponse(sessionID: fetchSession?.id ?? 0)
    response.throttleMilliseconds = throttle(role, results.reduce(0) { $0 + $1.1.records.count })
    var served: Set<FetchPlace> = []
    for (place, partition) in results {
      let isNews = fetchSession?.isNews(partition, at: place) ?? true
      if !partition.records.isEmpty { served.insert(place) }
      if isIncremental && !isNews { continue }
      response.add(partition, place)
    }
    fetchSession?.rotate(served)
    return response.body(request)
  }

  /// How long the client waits for its quota; the connection's next request does.
  private func throttle(_ role: RoleDescriptor, _ bytes: Int) -> Int32 {
    guard bytes > 0, let rate = FetchQuotas.rate(of: role) else { return 0 }
    let wait = settings.quotas.charge(role.id, bytes: bytes, rate: rate, now: state.now)
    throttledUntil = state.now + wait
    return Int32(clamping: wait)
  }

  /// Begins, goes on with or ends the session of fetches; what is wrong with it otherwise.
  private func prepareSession(_ asked: FetchRequest) -> KafkaError? {
    switch asked.sessionEpoch {
    case -1:
      fetchSession = nil
    case 0:
      let id = Int32(truncatingIfNeeded: shard.reactor.random.next() >> 33) | 1
      var made = FetchSession(id: id)
      made.update(asked.topics, forgotten: [])
      fetchSession = made
    case let epoch:
      guard let known = fetchSession, known.id == asked.sessionID else {
        return .fetchSessionIDNotFound
      }
      guard known.epoch == epoch else { return .invalidFetchSessionEpoch }
      fetchSession?.update(asked.topics, forgotten: asked.forgotten)
      fetchSession?.advance()
    }
    return nil
  }
}

extension FetchResponse {
  /// Partitions of one topic go together.
  mutating func add(_ partition: Partition, _ place: FetchPlace) {
    if let found = topics.lastIndex(where: { $0.name == place.name && $0.id == place.id }) {
      topics[found].partitions.append(partition)
    } else {
      topics.append(Topic(name: place.name, id: place.id, partitions: [partition]))
    }
  }
}

/// One request for records: reads, and where there are too few waits and reads again.
struct FetchRound {
  let session: KafkaSession
  let role: RoleDescriptor
  let version: Int16
  let request: FetchRequest
  let wanted: [(FetchPlace, FetchRequest.Partition)]

  private var state: KafkaShard { session.state }

  func run() async -> [(FetchPlace, FetchResponse.Partition)] {
    let wait = min(max(0, Int(request.waitMilliseconds)), session.settings.fetchWaitMillisecondsMax)
    let deadline = state.now + Int64(wait)
    while true {
      let (results, bytes, ends) = await readAll()
      let isDone =
        bytes >= max(0, Int(request.bytesMin)) || results.contains { $0.1.error != .none }
        || ends.isEmpty
      let rest = deadline - state.now
      if isDone || rest <= 0 { return results }
      await pause(at: ends, milliseconds: Int(rest))
    }
  }

  private func pause(at places: [StreamWaiters.Place], milliseconds: Int) async {
    let reply = Reply<Void>()
    let timer = session.shard.reactor.after(milliseconds: milliseconds) { reply.fulfill(()) }
    let number = state.waiters.join(places, reply)
    await reply.get()
    state.waiters.leave(places, number)
    session.shard.reactor.cancel(timer)
  }

  private typealias Results = (
    results: [(FetchPlace, FetchResponse.Partition)], bytes: Int, ends: [StreamWaiters.Place]
  )

  /// All partitions in their order, within the request's bytes; the first that has a record gives one,
  /// however large it is. `ends`: where the next record can be waited for.
  private func readAll() async -> Results {
    var found: Results = ([], 0, [])
    // With a quota a second's worth at most, so that waits are short.
    let limit = min(
      max(0, Int(request.bytesMax)), session.settings.fetchBytesMax,
      FetchQuotas.rate(of: role) ?? .max)
    var next = 0
    while next < wanted.count {
      let wave = self.wave(from: next, room: limit - found.bytes, found.bytes == 0)
      for (place, (answer, end)) in zip(wanted[next...], await read(wave, from: next)) {
        var partition = answer
        // Those before it had larger records than they were given room for.
        if found.bytes > 0, found.bytes >= limit { partition.records = [] }
        found.bytes += partition.records.count
        if let end { found.ends.append(end) }
        found.results.append((place.0, partition))
      }
      next += wave.count
    }
    return found
  }

  /// Partitions that are read at one time: their leaders may be other nodes.
  private static let waveMax = 16

  /// What the next partitions may give: as many as fit the room together, whatever they have. None: only where
  /// their streams are is asked for.
  private func wave(from start: Int, room: Int, _ isFirst: Bool) -> [Int?] {
    var wave: [Int?] = []
    var left = room
    for (_, wanted) in wanted[start...].prefix(Self.waveMax) {
      let bytes = min(room, Int(wanted.bytesMax), Self.batchBytesMax)
      let isAlone = isFirst && wave.isEmpty
      if !wave.isEmpty, bytes > left || isFirst && bytes <= 0 { break }
      left -= max(0, bytes)
      wave.append(bytes > 0 || isAlone ? max(1, bytes) : nil)
    }
    return wave
  }

  private typealias PartitionResult = (FetchResponse.Partition, StreamWaiters.Place?)

  /// All of a wave at the same time; the results are in its order.
  private func read(_ wave: [Int?], from start: Int) async -> [PartitionResult] {
    if wave.count == 1 { return [await read(wanted[start].0, wanted[start].1, bytes: wave[0])] }
    let gathering = Gathering(wave.count)
    for (place, bytes) in wave.enumerated() {
      let (partition, asked) = wanted[start + place]
      session.shard.reactor.spawn {
        gathering.put(await read(partition, asked, bytes: bytes), place)
      }
    }
    await gathering.isWhole.get()
    return gathering.results.compactMap { $0 }
  }

  private final class Gathering {
    private(set) var results: [PartitionResult?]
    private var missing: Int
    let isWhole = Reply<Void>()

    init(_ count: Int) {
      results = Array(repeating: nil, count: count)
      missing = count
    }

    func put(_ result: PartitionResult, _ place: Int) {
      results[place] = result
      missing -= 1
      if missing == 0 { isWhole.fulfill(()) }
    }
  }

  private func topic(_ place: FetchPlace) -> Result<Topic, KafkaError> {
    guard let id = place.id else { return session.readable(place.name, place.partition, role) }
    guard let topic = state.topics[id] else { return .failure(.unknownTopicID) }
    return session.readable(topic.name, place.partition, role)
  }

  /// Records of one read before compression: a batch is made, packed and kept whole.
  private static let batchBytesMax = 1 << 20

  /// `bytes` nil: none are wanted, only where the stream begins and ends.
  private func read(_ place: FetchPlace, _ wanted: FetchRequest.Partition, bytes: Int?) async
    -> PartitionResult
  {
    var answer = FetchResponse.Partition(index: place.partition)
    let topic: Topic
    switch self.topic(place) {
    case .success(let found): topic = found
    case .failure(let error):
      answer.error = error
      return (answer, nil)
    }
    let index = Int(place.partition)
    do throws(FollowError) {
      guard let bytes else {
        let position = try await session.reader.head(topic, index)
        answer.highWatermark = position.next
        answer.logStart = position.earliest
        return (answer, nil)
      }
      let page = try await session.reader.read(
        topic, index, from: wanted.offset, maxBytes: bytes)
      answer.highWatermark = page.position.next
      answer.logStart = page.position.earliest
      if let fault = KafkaSession.epochFault(wanted.epoch, page.position.term) {
        answer.error = fault
        return (answer, nil)
      }
      answer.records = try encode(page, topic)
      let end = StreamWaiters.Place(table: topic.table, partition: index, offset: wanted.offset)
      return (answer, page.records.isEmpty ? end : nil)
    } catch {
      if case .outOfRange(let position) = error {
        answer.highWatermark = position.next
        answer.logStart = position.earliest
      }
      answer.error = error.kafkaError
      return (answer, nil)
    }
  }

  private func encode(_ page: ChangePage, _ topic: Topic) throws(FollowError) -> [UInt8] {
    if page.records.isEmpty { return [] }
    do throws(SQLError) {
      let layout = try state.topics.layout(of: topic)
      let wanted = RecordCompression(named: topic.definition.compression) ?? .none
      var encoder = PageEncoder(
        page.records, layout, version >= wanted.firstFetchVersion ? wanted : .none)
      try page.records.forEach(view: { (change) throws(SQLError) in try encoder.add(change) })
      return encoder.finish()
    } catch {
      throw .kernel(.user(error))
    }
  }
}

/// Makes batches of a page's changes. One batch has one term: it ends where the term changes.
private struct PageEncoder {
  private let layout: TopicLayout
  private let compression: RecordCompression
  /// About what the records take.
  private let capacity: Int
  private var done: [UInt8] = []
  private var batch: (made: RecordBatch, term: Term)?
  private var draft = RecordDraft()

  init(_ records: ChangeRecords, _ layout: TopicLayout, _ compression: RecordCompression) {
    self.layout = layout
    self.compression = compression
    capacity = records.bytes + records.count * Self.bytesPerRecord
  }

  /// Of lengths, time and offset.
  private static let bytesPerRecord = 16

  mutating func add(_ change: RecordView) throws(SQLError) {
    if batch?.term != change.term {
      endBatch()
      batch = (
        RecordBatch(base: change.offset, epoch: KafkaEpoch.of(change.term), capacity: capacity),
        change.term
      )
    }
    if try layout.make(change, &draft) {
      batch?.made.append(draft)
    } else {
      batch?.made.skip(change.offset)
    }
  }

  private mutating func endBatch() {
    guard var ended = batch?.made else { return }
    batch = nil
    let encoded = ended.encoded(compression)
    if done.isEmpty { done = encoded } else { done += encoded }
  }

  mutating func finish() -> [UInt8] {
    endBatch()
    return done
  }
}
