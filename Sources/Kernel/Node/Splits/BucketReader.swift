public import Base
import Catalog
public import Types

/// Where a stored key belongs, for a tablet that is being split.
public enum StoredBucket: Equatable, Sendable {
  case bucket(Bucket)
  /// To nothing that exists any more: it stays where it is until it is removed.
  case nowhere
  /// To both tablets, or it cannot be said yet: then the one that nobody asks keeps it in vain.
  case anywhere
}

/// Says of keys in the stores in which bucket they are, by the catalog: the stores do not keep that, and
/// the kernel does not know how tables make their keys.
public protocol BucketReader {
  /// Throws where the catalog is too old for the key, or the key cannot be read.
  mutating func bucket(
    ofKey key: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer, in space: KeyspaceID,
    on tablet: TabletID
  ) throws(SQLError) -> StoredBucket
}

/// The kernel's own keyspaces, and behind them those of `BucketReader`.
struct StoredBuckets {
  private var sequences: [Int64: Bucket] = [:]
  private var tables: any BucketReader

  init(_ catalog: CatalogSnapshot, tables: any BucketReader) {
    self.tables = tables
    for case .sequence(let sequence) in catalog.objects.values {
      sequences[sequence.generation] = sequence.bucket
    }
  }

  mutating func bucket(
    ofKey key: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer, in space: KeyspaceID,
    on tablet: TabletID
  ) throws(SQLError) -> StoredBucket {
    // Of every table's fence each tablet has its own.
    if space == TableFences.space { return .anywhere }
    // The child gets rows of its own; these say what was.
    if space == ChangeStreams.space { return .nowhere }
    guard space == Sequences.space else {
      return try tables.bucket(ofKey: key, value: value, in: space, on: tablet)
    }
    guard key.count == 8 else { throw SQLError(.dataCorrupted, "a sequence's key cannot be read") }
    // Of a sequence that a transaction has made and not committed the values are there already.
    let generation = Int64(bigEndian: key.loadUnaligned(as: Int64.self))
    return sequences[generation].map { .bucket($0) } ?? .anywhere
  }
}
