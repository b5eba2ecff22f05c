/// The form of a topic's records.
public enum TopicFormat: String, Sendable, Hashable, Codable, CaseIterable {
  /// The row after the change as an object; nothing of a deletion.
  case json
  /// What was before and what is after, in the envelope of Debezium's connectors.
  case debezium
  /// One column's bytes.
  case raw
  /// The row after the change in Avro's binary encoding, behind its schema's number.
  case avro
}

/// A schema that records of a topic have or had. The table's descriptor keeps all of them, so that each
/// number stands for one schema as long as the topic is there, on every node.
public struct TopicSchema: Sendable, Hashable, Codable {
  public enum Part: String, Sendable, Codable { case key, value }
  /// Of the whole cluster, never given again.
  public var id: UInt32
  public var part: Part
  /// As JSON.
  public var text: String
  /// Of records that do not fit the schema before it (a null of before the column was NOT NULL, an infinite
  /// time); no version of its subject.
  public var isLoose: Bool

  public init(id: UInt32, part: Part, text: String, isLoose: Bool) {
    self.id = id
    self.part = part
    self.text = text
    self.isLoose = isLoose
  }
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
  /// Those of a topic that is or was of format avro, the newest last.
  public var schemas: [TopicSchema]?

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

  /// What a schema registry calls the schemas of one part of the records.
  public func subject(_ part: TopicSchema.Part) -> String { "\(name)-\(part.rawValue)" }

  /// The subject's versions, the first one first.
  public func versions(_ part: TopicSchema.Part) -> [TopicSchema] {
    (schemas ?? []).filter { $0.part == part && !$0.isLoose }
  }

  /// What records get now, and where they do not fit. Nil: that part has no schema.
  public func newest(_ part: TopicSchema.Part) -> (fit: TopicSchema, loose: TopicSchema?)? {
    guard let schemas, let place = schemas.lastIndex(where: { $0.part == part && !$0.isLoose })
    else { return nil }
    let next = schemas.dropFirst(place + 1).first
    return (schemas[place], next.flatMap { $0.part == part && $0.isLoose ? $0 : nil })
  }
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
