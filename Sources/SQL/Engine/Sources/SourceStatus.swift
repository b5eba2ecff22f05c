public import Catalog
public import Node
public import Types

/// What is known of one partition of a source, or of the source itself (partition -1).
public struct SourceStatus: Sendable, Hashable {
  public var source: Int64
  public var partition: Int32
  /// Nil: no shard reads it now.
  public var place: ShardPlace?
  public var state: String
  public var error: String?
  /// Milliseconds since the Unix epoch.
  public var errorAt: Int64?
  /// The offset of the record that comes next.
  public var next: Int64?
  /// The one behind the last record that the brokers have.
  public var high: Int64?
  /// Since the reader began.
  public var records: Int64 = 0
  public var deadLetters: Int64 = 0

  public init(
    source: Int64, partition: Int32, place: ShardPlace?, state: String, error: String? = nil,
    errorAt: Int64? = nil
  ) {
    self.source = source
    self.partition = partition
    self.place = place
    self.state = state
    self.error = error
    self.errorAt = errorAt
  }

  public var lag: Int64? {
    guard let next, let high else { return nil }
    return max(0, high - next)
  }
}

/// What reads sources, as SQL's statements and views see it.
public struct SourceReading: Sendable {
  /// Throws what is wrong with a definition that CREATE SOURCE has made.
  public var check: @Sendable (SourceDefinition, CatalogSnapshot) throws(SQLError) -> Void
  /// What all shards of the cluster know, and their rows.
  public var statuses: @Sendable (NodeShard) async throws(SQLError) -> [SourceStatus]

  public init(
    check: @escaping @Sendable (SourceDefinition, CatalogSnapshot) throws(SQLError) -> Void,
    statuses: @escaping @Sendable (NodeShard) async throws(SQLError) -> [SourceStatus]
  ) {
    self.check = check
    self.statuses = statuses
  }
}
