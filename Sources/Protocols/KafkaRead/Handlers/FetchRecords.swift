import Base
import Catalog
import Node
import Reactor
import Types

/// Records for consumers.
extension KafkaSession {
  func fetch(_ request: Request, _ role: RoleDescriptor) async throws(MessageFault) -> [UInt8] {
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
    for (place, wanted) in wanted {
      let (partition, end) = await read(place, wanted, room: limit - found.bytes, found.bytes == 0)
      found.bytes += partition.records.count
      if let end { found.ends.append(end) }
      found.results.append((place, partition))
    }
    return found
  }

  private func topic(_ place: FetchPlace) -> Result<Topic, KafkaError> {
    guard let id = place.id else { return session.readable(place.name, place.partition, role) }
    guard let topic = state.topics[id] else { return .failure(.unknownTopicID) }
    return session.readable(topic.name, place.partition, role)
  }

  /// Records of one read before compression: a batch is made, packed and kept whole.
  private static let batchBytesMax = 1 << 20

  private func read(
    _ place: FetchPlace, _ wanted: FetchRequest.Partition, room: Int, _ isFirst: Bool
  ) async -> (FetchResponse.Partition, StreamWaiters.Place?) {
    var answer = FetchResponse.Partition(index: place.partition)
    let topic: Topic
    switch self.topic(place) {
    case .success(let found): topic = found
    case .failure(let error):
      answer.error = error
      return (answer, nil)
    }
    let index = Int(place.partition)
    let bytes = min(room, Int(wanted.bytesMax), Self.batchBytesMax)
    do throws(FollowError) {
      guard bytes > 0 || isFirst else {
        let position = try await session.reader.position(topic, index)
        answer.highWatermark = position.next
        answer.logStart = position.earliest
        return (answer, nil)
      }
      let page = try await session.reader.read(
        topic, index, from: wanted.offset, maxBytes: max(1, bytes))
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
    guard let first = page.records.first else { return [] }
    // One batch has one term: the first record's. A batch ends where the term changes.
    var batches: [RecordBatch] = []
    var batch = RecordBatch(base: first.offset, epoch: KafkaEpoch.of(first.term))
    var term = first.term
    do throws(SQLError) {
      let layout = try state.topics.layout(of: topic)
      for change in page.records {
        if change.term != term {
          batches.append(batch)
          batch = RecordBatch(base: change.offset, epoch: KafkaEpoch.of(change.term))
          term = change.term
        }
        if let record = try layout.record(change) {
          batch.append(record)
        } else {
          batch.skip(change.offset)
        }
      }
    } catch {
      throw .kernel(.user(error))
    }
    batches.append(batch)
    let wanted = RecordCompression(named: topic.definition.compression) ?? .none
    let compression = version >= wanted.firstFetchVersion ? wanted : .none
    return batches.flatMap { $0.encoded(compression) }
  }
}
