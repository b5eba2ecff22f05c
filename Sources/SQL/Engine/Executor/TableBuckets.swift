public import Base
public import Catalog
import Functions
public import Node
public import Types

/// Says in which bucket a stored row or index entry is, by the tables of a catalog: what the kernel asks
/// when it splits a tablet. A table's layout is made when the first of its keys comes.
public struct TableBuckets: BucketReader {
  private enum Keyspace {
    case rows(StoredTable)
    case entries(StoredTable, index: Int)
  }
  private let catalog: CatalogSnapshot
  private var owners: [KeyspaceID: (table: TableDescriptor, index: Int)] = [:]
  private var known: [KeyspaceID: Keyspace] = [:]

  public init(_ catalog: CatalogSnapshot) {
    self.catalog = catalog
    for case .table(let table) in catalog.objects.values {
      for (place, index) in table.indexes.enumerated() { owners[index.keyspace] = (table, place) }
    }
  }

  public mutating func bucket(
    ofKey key: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer, in space: KeyspaceID,
    on tablet: TabletID
  ) throws(SQLError) -> StoredBucket {
    switch try keyspace(space) {
    case nil: .nowhere
    case .rows(let layout): .bucket(layout.bucket(of: try layout.decode(value)))
    case .entries(let layout, let index):
      .bucket(try layout.bucket(ofEntry: key, value: value, index))
    }
  }

  private mutating func keyspace(_ space: KeyspaceID) throws(SQLError) -> Keyspace? {
    if let found = known[space] { return found }
    guard let (table, place) = owners[space] else {
      guard space.rawValue < catalog.nextKeyspaceID else {
        throw SQLError("55000", "keyspace \(space) is newer than the catalog")
      }
      return nil
    }
    let layout = try layout(of: table)
    let found: Keyspace = place == 0 ? .rows(layout) : .entries(layout, index: place - 1)
    known[space] = found
    return found
  }

  /// Index expressions are only needed for their types.
  private func layout(of table: TableDescriptor) throws(SQLError) -> StoredTable {
    try StoredTable.made(of: table, in: catalog)
  }
}

extension StoredTable {
  /// Where an entry of a secondary index is: with its row, or by its own key.
  fileprivate func bucket(
    ofEntry key: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer, _ index: Int
  ) throws(SQLError) -> Bucket {
    let layout = indexes[index]
    guard layout.isGlobal else {
      let primary = try primaryKey(ofEntry: key, value: value, index)
      return try KeyReader.bucket(ofPrimaryKey: primary, self)
    }
    let values = try KeyReader.values(Array(key), layout.parts)
    return bucket(ofEntry: values, layout.parts.map(\.type))
  }
}
