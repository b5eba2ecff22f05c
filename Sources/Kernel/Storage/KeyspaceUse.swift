/// What one keyspace of one tablet has.
public struct KeyspaceUse: Sendable, Equatable {
  /// With a version, a tombstone or an intent.
  public var keys: Int
  /// Committed ones, those that nobody can read any more until they are collected included.
  public var versions: Int
  public var intents: Int
  /// Of the keys and values of versions and intents.
  public var contentBytes: Int
  /// Of everything, as the allocator rounds it: what `MemoryAccount` is charged.
  public var memoryBytes: Int

  public init(keys: Int, versions: Int, intents: Int, contentBytes: Int, memoryBytes: Int) {
    self.keys = keys
    self.versions = versions
    self.intents = intents
    self.contentBytes = contentBytes
    self.memoryBytes = memoryBytes
  }
}
