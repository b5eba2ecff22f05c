/// The form of a topic's records.
public enum TopicFormat: String, Sendable, Hashable, Codable, CaseIterable {
  /// The row after the change as an object; nothing of a deletion.
  case json
  /// What was before and what is after, in the envelope of Debezium's connectors.
  case debezium
  /// One column's bytes.
  case raw
}

/// What CREATE TOPIC says of a topic. Kept among its table's options, so that it comes and goes with the
/// table, in the same step.
public struct TopicDefinition: Sendable, Hashable, Codable {
  public var name: String
  /// Among the topics that the table has had; 0 is the one that every table with a change stream has.
  public var number: UInt32
  public var format = TopicFormat.json
  /// Nil: the primary key's columns.
  public var key: [ColumnID]?
  /// Nil: all.
  public var columns: [ColumnID]?
  /// What the records have in place of columns, and of which rows there are records.
  public var query: TopicQuery?
  /// How records are packed for consumers: none, gzip, snappy, lz4 or zstd.
  public var compression = "none"

  public static let compressions = ["none", "gzip", "snappy", "lz4", "zstd"]
  /// Kafka's limit on names.
  public static let nameBytesMax = 249

  public init(name: String, number: UInt32) {
    self.name = name
    self.number = number
  }

  /// The names of the options are this and the topic's name.
  static let optionPrefix = "topic:"
  /// The greatest number that a topic of the table has had.
  static let lastNumberOption = "last_topic"
}

/// SELECT … FROM table WHERE …, taken apart; expressions as text, over the table's columns.
public struct TopicQuery: Sendable, Hashable, Codable {
  public struct Field: Sendable, Hashable, Codable {
    public var name: String
    public var expression: String
    public init(name: String, expression: String) {
      self.name = name
      self.expression = expression
    }
  }
  public var fields: [Field]
  /// Nil: all rows.
  public var condition: String?

  public init(fields: [Field], condition: String?) {
    self.fields = fields
    self.condition = condition
  }

  public var expressions: [String] { fields.map(\.expression) + [condition].compactMap { $0 } }
}
