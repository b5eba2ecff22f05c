import Base
import CRdkafka
import Reactor

/// The records of one partition, in order. Lives on: its shard.
final class PartitionFeed {
  let partition: Int32
  private let client: RdkafkaClient
  private let queue: RdkafkaQueue
  private let signal: FeedSignal
  private let reactor: any Reactor
  private let withHeaders: Bool
  private var waiter: UnsafeContinuation<Void, Never>?
  private var isSignalled = false

  /// Of one call: so many records, or somewhat more than so many bytes.
  private static let recordsMax = 512
  private static let bytesMax = 2 << 20
  private static let sliceMax = 64

  /// Begins to fetch.
  init(
    _ client: RdkafkaClient, _ partition: Int32, from offset: Int64, _ reactor: any Reactor,
    withHeaders: Bool
  ) throws(BrokerFault) {
    guard let made = rd_kafka_queue_new(client.kafka) else {
      throw BrokerFault(message: "librdkafka makes no queue")
    }
    self.partition = partition
    self.client = client
    self.reactor = reactor
    self.withHeaders = withHeaders
    queue = RdkafkaQueue(pointer: made)
    signal = FeedSignal(reactor.handle)
    rd_kafka_queue_cb_event_enable(
      made,
      { _, signal in
        guard let signal else { return }
        Unmanaged<FeedSignal>.fromOpaque(signal).takeUnretainedValue().ring()
      }, Unmanaged.passRetained(signal).toOpaque())
    signal.onShard = { [weak self] in self?.wake() }
    guard rd_kafka_consume_start_queue(client.topic, partition, offset, made) == 0 else {
      let fault = BrokerFault(code: rd_kafka_last_error())
      queue.destroy(signal)
      throw fault
    }
  }

  /// What is there now.
  func take() -> SourceBatch {
    var batch = SourceBatch()
    var bytes = 0
    isSignalled = false
    withUnsafeTemporaryAllocation(
      of: UnsafeMutablePointer<rd_kafka_message_t>?.self, capacity: Self.sliceMax
    ) { slice in
      slice.initialize(repeating: nil)
      while batch.records.count < Self.recordsMax, bytes < Self.bytesMax, batch.fault == nil {
        let count = rd_kafka_consume_batch_queue(
          queue.pointer, 0, slice.baseAddress, Self.sliceMax)
        if count <= 0 { break }
        for place in 0..<count {
          guard let message = slice[place] else { continue }
          take(message, into: &batch)
          bytes += message.pointee.len + message.pointee.key_len
          rd_kafka_message_destroy(message)
        }
      }
    }
    return batch
  }

  private func take(
    _ message: UnsafeMutablePointer<rd_kafka_message_t>, into batch: inout SourceBatch
  ) {
    let code = message.pointee.err
    if code == RD_KAFKA_RESP_ERR_NO_ERROR {
      batch.records.append(record(message))
      batch.end = nil
    } else if code == RD_KAFKA_RESP_ERR__PARTITION_EOF {
      batch.end = message.pointee.offset
    } else if batch.fault == nil {
      batch.fault = BrokerFault(
        code: code, rd_kafka_message_errstr(message).map { String(cString: $0) })
    }
  }

  private func record(_ message: UnsafeMutablePointer<rd_kafka_message_t>) -> SourceRecord {
    var kind = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE
    let timestamp = rd_kafka_message_timestamp(message, &kind)
    return SourceRecord(
      offset: message.pointee.offset,
      timestamp: kind == RD_KAFKA_TIMESTAMP_NOT_AVAILABLE ? nil : timestamp,
      key: Self.bytes(message.pointee.key, message.pointee.key_len),
      value: Self.bytes(message.pointee.payload, message.pointee.len),
      headers: withHeaders ? Self.headers(message) : [])
  }

  private static func bytes(_ start: UnsafeRawPointer?, _ count: Int) -> [UInt8]? {
    start.map { Array(UnsafeRawBufferPointer(start: $0, count: count)) }
  }

  private static func headers(_ message: UnsafeMutablePointer<rd_kafka_message_t>)
    -> [SourceRecord.Header]
  {
    var list: OpaquePointer?
    guard rd_kafka_message_headers(message, &list) == RD_KAFKA_RESP_ERR_NO_ERROR, let list else {
      return []
    }
    var found: [SourceRecord.Header] = []
    var name: UnsafePointer<CChar>?
    var value: UnsafeRawPointer?
    var count = 0
    while rd_kafka_header_get_all(list, found.count, &name, &value, &count)
      == RD_KAFKA_RESP_ERR_NO_ERROR, let name
    {
      found.append(SourceRecord.Header(name: String(cString: name), value: bytes(value, count)))
    }
    return found
  }

  // MARK: Waiting

  /// Until there may be something, or the time is up.
  func wait(milliseconds: Int) async {
    if isSignalled { return }
    let timer = reactor.after(milliseconds: milliseconds) { [weak self] in self?.wake() }
    await withUnsafeContinuation { waiter = $0 }
    reactor.cancel(timer)
  }

  func wake() {
    isSignalled = true
    if let waiting = waiter.take() { waiting.resume() }
  }

  /// Ends the fetching, which takes a moment; the feed is of no use after.
  func stop(_ calls: BlockingCalls) async {
    signal.onShard = nil
    let client = client
    let partition = partition
    let queue = queue
    let signal = signal
    await calls.run {
      rd_kafka_consume_stop(client.topic, partition)
      queue.destroy(signal)
    }
  }
}

/// `@unchecked Sendable`: queues of librdkafka may be used by any thread.
struct RdkafkaQueue: @unchecked Sendable {
  let pointer: OpaquePointer

  /// Lets go of the signal too.
  func destroy(_ signal: FeedSignal) {
    // Calls of the function are made under the queue's lock: none is under way afterwards.
    rd_kafka_queue_cb_event_enable(pointer, nil, nil)
    rd_kafka_queue_destroy(pointer)
    Unmanaged.passUnretained(signal).release()
  }
}

extension BrokerFault {
  init(code: rd_kafka_resp_err_t, _ text: String? = nil) {
    let kind: Kind =
      switch code {
      case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET, RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE: .outOfRange
      case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC,
        RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
        .unknownTopic
      default: .other
      }
    self.init(kind: kind, message: text ?? String(cString: rd_kafka_err2str(code)))
  }
}
