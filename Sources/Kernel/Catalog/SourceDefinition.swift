public import Base

/// How the values of a source's records are written.
public enum SourceFormat: String, Sendable, Hashable, Codable, CaseIterable {
  case json
  /// With the header of schema registries.
  case avro
  /// Nothing is decoded: columns come from the key, the value as it is, and what is known of the record.
  case raw
}

/// What becomes of a record whose key is in the table already.
public enum SourceConflict: String, Sendable, Hashable, Codable, CaseIterable {
  case error
  case nothing
  case update
}

/// What becomes of a record without a value.
public enum SourceTombstones: String, Sendable, Hashable, Codable, CaseIterable {
  case skip
  /// The row of its key goes.
  case delete
}

/// Where a column's values come from.
public struct SourceColumn: Sendable, Hashable, Codable {
  public enum Origin: String, Sendable, Hashable, Codable, CaseIterable {
    /// A part of the record's value; `path` nil: the field of the column's name.
    case field
    /// The whole value as it came.
    case value
    /// The key as it came, or by `path` a part of it.
    case key
    /// All headers, or the one that `path` names.
    case headers
    case topic, partition, offset, timestamp
  }
  public var column: ColumnID
  public var origin: Origin
  public var path: String?
  public init(column: ColumnID, origin: Origin, path: String? = nil) {
    self.column = column
    self.origin = origin
    self.path = path
  }
}

/// What CREATE SOURCE says of a source. Kept among its table's options, so that it comes and goes with the
/// table, in the same step.
public struct SourceDefinition: Sendable, Hashable, Codable {
  public var name: String
  /// Never given again: what is kept of a source that was dropped is nobody's.
  public var id: Int64
  /// Who made it, and whose rights its rows are written with.
  public var owner: ObjectID
  public var brokers: String
  public var topic: String
  public var format = SourceFormat.json
  /// Where schemas of format avro are.
  public var registry: String?
  /// Of librdkafka, by their names there.
  public var properties: [String: String] = [:]
  /// Nil: every column from the field of its name.
  public var columns: [SourceColumn]?
  /// The table for records that cannot be written; nil: their partition stops.
  public var deadLetters: ObjectID?
  public var conflict = SourceConflict.error
  public var tombstones = SourceTombstones.skip
  public var isPaused = false
  /// Rises with each ALTER SOURCE, here and in the rows of `kafka.source_offsets`: who reads for an older
  /// one cannot store anything.
  public var epoch: Int64 = 1

  /// PostgreSQL's limit on names.
  public static let nameBytesMax = 63

  public init(name: String, id: Int64, owner: ObjectID, brokers: String, topic: String) {
    self.name = name
    self.id = id
    self.owner = owner
    self.brokers = brokers
    self.topic = topic
  }

  /// The names of the options are this and the source's name.
  static let optionPrefix = "source:"
}
