import Base
import CRdkafka
import Catalog
import Types

/// What of librdkafka a source may set, and what it always sets.
enum BrokerConfiguration {
  /// Those that say who asks, and how connections are made. Others would change what is read, or run code.
  static let allowed: Set<String> = [
    "api.version.request", "broker.address.family", "client.dns.lookup", "client.id", "client.rack",
    "enable.ssl.certificate.verification", "fetch.max.bytes", "fetch.message.max.bytes",
    "fetch.min.bytes", "fetch.wait.max.ms", "isolation.level", "message.max.bytes",
    "receive.message.max.bytes", "sasl.kerberos.keytab", "sasl.kerberos.principal",
    "sasl.kerberos.service.name", "sasl.mechanism", "sasl.mechanisms", "sasl.password",
    "sasl.username", "security.protocol", "socket.connection.setup.timeout.ms",
    "socket.keepalive.enable", "socket.timeout.ms", "ssl.ca.location", "ssl.ca.pem",
    "ssl.certificate.location", "ssl.certificate.pem", "ssl.cipher.suites", "ssl.curves.list",
    "ssl.endpoint.identification.algorithm", "ssl.key.location", "ssl.key.password", "ssl.key.pem",
    "ssl.sigalgs.list",
  ]

  /// Offsets are stored by us, with the rows; a record that is not there any more is an error; the end of a
  /// partition is told, since offsets of control records are passed over there.
  private static let own: [(String, String)] = [
    ("enable.auto.commit", "false"), ("auto.offset.reset", "error"),
    ("enable.partition.eof", "true"), ("allow.auto.create.topics", "false"),
    ("queued.min.messages", "10000"), ("queued.max.messages.kbytes", "8192"),
    ("reconnect.backoff.max.ms", "2000"), ("log_level", "0"),
  ]

  /// librdkafka's object, which `rd_kafka_new` takes over.
  static func make(_ source: SourceDefinition) throws(SQLError) -> OpaquePointer {
    guard let made = rd_kafka_conf_new() else {
      throw SQLError(.internalError, "librdkafka makes no configuration")
    }
    do throws(SQLError) {
      try set("client.id", "quatrain", made)
      for (name, value) in source.properties.sorted(by: { $0.key < $1.key }) {
        guard allowed.contains(name) else {
          throw SQLError(
            .invalidParameterValue, "unrecognized parameter \"\(name)\"",
            hint: "Of librdkafka there are: \(allowed.sorted().joined(separator: ", ")).")
        }
        try set(name, value, made)
      }
      for (name, value) in own { try set(name, value, made) }
      try set("bootstrap.servers", source.brokers, made)
    } catch {
      rd_kafka_conf_destroy(made)
      throw error
    }
    // Errors come as events; nothing is for the process' standard error.
    rd_kafka_conf_set_events(made, RD_KAFKA_EVENT_ERROR)
    rd_kafka_conf_set_log_cb(made) { _, _, _, _ in }
    return made
  }

  private static func set(_ name: String, _ value: String, _ configuration: OpaquePointer)
    throws(SQLError)
  {
    var text = [CChar](repeating: 0, count: 512)
    let result = rd_kafka_conf_set(configuration, name, value, &text, text.count)
    guard result == RD_KAFKA_CONF_OK else {
      // The text may have the value in it.
      let reason = name.hasPrefix("sasl.") || name.hasPrefix("ssl.") ? "" : ": \(string(text))"
      throw SQLError(.invalidParameterValue, "invalid value for parameter \"\(name)\"\(reason)")
    }
  }

  static func string(_ text: [CChar]) -> String {
    String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}

extension BrokerConfiguration {
  /// One that no client has taken over.
  static func discard(_ configuration: OpaquePointer) { rd_kafka_conf_destroy(configuration) }
}
