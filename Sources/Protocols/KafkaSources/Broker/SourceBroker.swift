import Base
import CRdkafka
import Catalog
import Reactor
import Types

/// `@unchecked Sendable`: clients and topics of librdkafka may be used by any thread.
struct RdkafkaClient: @unchecked Sendable {
  let kafka: OpaquePointer
  let topic: OpaquePointer
}

/// A source's consumer on one shard: which partitions it reads is said by us, and where it begins. What
/// waits for the network runs on threads of its own. Lives on: its shard.
final class SourceBroker {
  let calls: BlockingCalls
  private let client: RdkafkaClient
  private let topic: String
  private let events: OpaquePointer?
  /// The last one that librdkafka has told of, while nothing has come since.
  private(set) var fault: BrokerFault?

  private static let timeoutMilliseconds: Int32 = 5_000

  /// Connects to nothing yet, but may take a moment.
  static func open(_ source: SourceDefinition) async throws(BrokerFault) -> SourceBroker {
    let calls = BlockingCalls(threads: 2)
    let made: Result<RdkafkaClient, BrokerFault> = await calls.run {
      Result { () throws(BrokerFault) in try client(source) }
    }
    return SourceBroker(try made.get(), source.topic, calls)
  }

  private static func client(_ source: SourceDefinition) throws(BrokerFault) -> RdkafkaClient {
    let configuration: OpaquePointer
    do throws(SQLError) {
      configuration = try BrokerConfiguration.make(source)
    } catch {
      throw BrokerFault(message: error.message)
    }
    var text = [CChar](repeating: 0, count: 512)
    guard let kafka = rd_kafka_new(RD_KAFKA_CONSUMER, configuration, &text, text.count) else {
      rd_kafka_conf_destroy(configuration)
      throw BrokerFault(message: BrokerConfiguration.string(text))
    }
    guard let topic = rd_kafka_topic_new(kafka, source.topic, nil) else {
      let fault = BrokerFault(code: rd_kafka_last_error())
      rd_kafka_destroy(kafka)
      throw fault
    }
    return RdkafkaClient(kafka: kafka, topic: topic)
  }

  private init(_ client: RdkafkaClient, _ topic: String, _ calls: BlockingCalls) {
    self.client = client
    self.topic = topic
    self.calls = calls
    events = rd_kafka_queue_get_main(client.kafka)
  }

  /// Takes what librdkafka has to tell of its connections.
  func lookForFaults() {
    while let event = rd_kafka_queue_poll(events, 0) {
      if rd_kafka_event_type(event) == RD_KAFKA_EVENT_ERROR {
        let text = rd_kafka_event_error_string(event).map { String(cString: $0) }
        fault = BrokerFault(code: rd_kafka_event_error(event), text)
      }
      rd_kafka_event_destroy(event)
    }
  }

  func noteSuccess() { fault = nil }

  // MARK: Questions

  func partitionCount() async throws(BrokerFault) -> Int {
    let client = client
    let found: Result<Int, BrokerFault> = await calls.run {
      Result { () throws(BrokerFault) in
        var metadata: UnsafePointer<rd_kafka_metadata>?
        try Self.check(
          rd_kafka_metadata(client.kafka, 0, client.topic, &metadata, Self.timeoutMilliseconds))
        defer { rd_kafka_metadata_destroy(metadata) }
        guard let metadata, metadata.pointee.topic_cnt > 0 else {
          throw BrokerFault(kind: .unknownTopic, message: "the brokers do not know the topic")
        }
        try Self.check(metadata.pointee.topics[0].err)
        return Int(metadata.pointee.topics[0].partition_cnt)
      }
    }
    return try found.get()
  }

  /// The offsets of the first record, and of the next one to come.
  func bounds(_ partition: Int32) async throws(BrokerFault) -> (low: Int64, high: Int64) {
    let (client, topic) = (client, topic)
    let found: Result<(Int64, Int64), BrokerFault> = await calls.run {
      Result { () throws(BrokerFault) in
        var low: Int64 = 0
        var high: Int64 = 0
        try Self.check(
          rd_kafka_query_watermark_offsets(
            client.kafka, topic, partition, &low, &high, Self.timeoutMilliseconds))
        return (low, high)
      }
    }
    return try found.get()
  }

  /// The first record of that time (milliseconds since the Unix epoch) or later; nil: none yet.
  func offset(_ partition: Int32, at time: Int64) async throws(BrokerFault) -> Int64? {
    let (client, topic) = (client, topic)
    let found: Result<Int64, BrokerFault> = await calls.run {
      Result { () throws(BrokerFault) in
        guard let list = rd_kafka_topic_partition_list_new(1),
          let item = rd_kafka_topic_partition_list_add(list, topic, partition)
        else { throw BrokerFault(message: "librdkafka makes no list") }
        defer { rd_kafka_topic_partition_list_destroy(list) }
        item.pointee.offset = time
        try Self.check(
          rd_kafka_offsets_for_times(client.kafka, list, Self.timeoutMilliseconds))
        try Self.check(item.pointee.err)
        return item.pointee.offset
      }
    }
    let offset = try found.get()
    return offset >= 0 ? offset : nil
  }

  private static func check(_ code: rd_kafka_resp_err_t) throws(BrokerFault) {
    if code != RD_KAFKA_RESP_ERR_NO_ERROR { throw BrokerFault(code: code) }
  }

  // MARK: Reading

  func feed(_ partition: Int32, from offset: Int64, on reactor: any Reactor, withHeaders: Bool)
    throws(BrokerFault) -> PartitionFeed
  {
    try PartitionFeed(client, partition, from: offset, reactor, withHeaders: withHeaders)
  }

  /// As of the last answer to a fetch; nil before.
  func highWatermark(_ partition: Int32) -> Int64? {
    var low: Int64 = 0
    var high: Int64 = 0
    guard
      rd_kafka_get_watermark_offsets(client.kafka, topic, partition, &low, &high)
        == RD_KAFKA_RESP_ERR_NO_ERROR, high >= 0
    else { return nil }
    return high
  }

  /// When all feeds have stopped.
  func close() {
    let client = client
    if let events { rd_kafka_queue_destroy(events) }
    calls.start { [calls] in
      rd_kafka_topic_destroy(client.topic)
      rd_kafka_destroy(client.kafka)
      // Until here the threads must be there.
      withExtendedLifetime(calls) {}
    }
  }
}
