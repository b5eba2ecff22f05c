public import Base
public import Types

/// A table's change stream as its options say (DESIGN 13, decision 70).
public struct ChangeStreamDescriptor: Sendable, Hashable {
  /// A power of two, fixed when the stream is made: partition n has the n-th part of the buckets.
  public var partitions: Int
  /// Records older than this may go, in seconds; nil: they stay.
  public var retentionSeconds: Int64?
  /// Of each partition: beyond it the oldest records may go; nil: they stay.
  public var retentionBytes: Int64?
  /// Of each key only the newest record need stay.
  public var isCompacted: Bool
  /// Compaction keeps deletions for so long at least, in seconds.
  public var deletionSeconds: Int64

  public static let option = "change_stream"
  public static let retentionOption = "change_retention"
  public static let retentionBytesOption = "change_retention_bytes"
  public static let cleanupOption = "change_cleanup"
  public static let deletionOption = "change_delete_retention"
  public static let partitionsOption = "change_partitions"
  public static func isOption(_ name: String) -> Bool { name.hasPrefix("change_") }

  /// What is kept where the table does not say.
  public static let usualRetentionSeconds: Int64 = 7 * 86_400
  public static let usualDeletionSeconds: Int64 = 86_400

  public init(
    partitions: Int, retentionSeconds: Int64? = usualRetentionSeconds, retentionBytes: Int64? = nil,
    isCompacted: Bool = false, deletionSeconds: Int64 = usualDeletionSeconds
  ) {
    self.partitions = partitions
    self.retentionSeconds = retentionSeconds
    self.retentionBytes = retentionBytes
    self.isCompacted = isCompacted
    self.deletionSeconds = deletionSeconds
  }

  /// The partition of a bucket.
  public func partition(of bucket: Bucket) -> Int {
    Int(bucket.slot) * partitions / Bucket.count
  }

  /// The first bucket of a partition of a table in the tier.
  public func firstBucket(of partition: Int, in tier: TierID) -> Bucket {
    Bucket(tier: tier, slot: UInt16(partition * (Bucket.count / partitions)))
  }
}

extension TableDescriptor {
  /// Of the stream that it has or had: they stay the same, and so do the offsets that were given.
  public var streamPartitions: Int? {
    options[ChangeStreamDescriptor.partitionsOption].flatMap { Int($0) }
  }

  /// Nil: the table has none. SQL writes the options in the form that is read here.
  public var changeStream: ChangeStreamDescriptor? {
    guard options[ChangeStreamDescriptor.option] == "on",
      let partitions = options[ChangeStreamDescriptor.partitionsOption].flatMap({ Int($0) })
    else { return nil }
    var stream = ChangeStreamDescriptor(partitions: distribution == .globally ? 1 : partitions)
    if let text = options[ChangeStreamDescriptor.retentionOption] {
      stream.retentionSeconds = text == "forever" ? nil : Int64(text)
    }
    stream.retentionBytes = options[ChangeStreamDescriptor.retentionBytesOption].flatMap {
      Int64($0)
    }
    stream.isCompacted = options[ChangeStreamDescriptor.cleanupOption] == "compact"
    // What is compacted stays, unless the table says how long.
    if stream.isCompacted, options[ChangeStreamDescriptor.retentionOption] == nil {
      stream.retentionSeconds = nil
    }
    if let seconds = options[ChangeStreamDescriptor.deletionOption].flatMap({ Int64($0) }) {
      stream.deletionSeconds = seconds
    }
    return stream
  }
}

extension CatalogSnapshot {
  /// Throws where a tablet that begins with the bucket would have a part of a stream's partition.
  public func checkStreams(cutAt bucket: Bucket) throws(SQLError) {
    for object in sortedObjects {
      guard case .table(let table) = object, table.tier == bucket.tier,
        table.distribution != .globally, let stream = table.changeStream,
        Int(bucket.slot) % (Bucket.count / stream.partitions) != 0
      else { continue }
      throw SQLError(
        "55000",
        "the tablet cannot be split: it would cut a partition of the change stream of table "
          + "\"\(table.name)\"",
        detail: "The stream has \(stream.partitions) partitions.",
        hint: "Streams that are made with more partitions (change_partitions) can go with splits.")
    }
  }
}

/// What a write to a table with a change stream must know of it.
public struct StreamedTable: Sendable, Hashable {
  public var table: ObjectID
  /// The table's version.
  public var version: UInt64
  public var stream: ChangeStreamDescriptor

  public init(table: ObjectID, version: UInt64, stream: ChangeStreamDescriptor) {
    self.table = table
    self.version = version
    self.stream = stream
  }

  init(_ table: TableDescriptor, _ stream: ChangeStreamDescriptor) {
    self.init(table: table.id, version: table.version, stream: stream)
  }
}
