import Base
import Testing
import Types

@testable import Catalog

private func table(_ name: String, in catalog: inout CatalogSnapshot) -> TableDescriptor {
  let column = ColumnDescriptor(id: ColumnID(rawValue: 1), name: "id", type: .int4)
  var primary = IndexDescriptor(
    id: catalog.allocateObjectID(), name: name + "_pkey", keyspace: catalog.allocateKeyspaceID(),
    columns: [IndexColumn(column: column.id)])
  primary.isPrimary = true
  return TableDescriptor(
    id: catalog.allocateObjectID(), schema: CatalogSnapshot.publicSchema, name: name,
    owner: CatalogSnapshot.bootstrapRole, rowType: catalog.allocateObjectID(), columns: [column],
    indexes: [primary], distribution: .murmur3([column.id]))
}

@Suite struct CatalogSnapshotTests {
  private var base: CatalogSnapshot {
    var catalog = CatalogSnapshot()
    catalog.apply(CatalogSnapshot.bootstrap())
    return catalog
  }

  @Test func `a change leads from one version to the next`() {
    let before = base
    var changed = before
    let made = table("t", in: &changed)
    changed.put(.table(made))
    var after = before
    after.apply(changed.change(from: before))
    #expect(after.version == before.version + 1)
    #expect(after.objects == changed.objects)
    #expect(after.relation(schema: CatalogSnapshot.publicSchema, name: "t") == .table(made))
    #expect(after.index(schema: CatalogSnapshot.publicSchema, name: "t_pkey")?.0 == made)
    #expect(after.nextObjectID == changed.nextObjectID)
  }

  @Test func `names go with their object, and with its old name`() {
    var catalog = base
    var made = table("t", in: &catalog)
    catalog.put(.table(made))
    made.name = "renamed"
    catalog.put(.table(made))
    #expect(!catalog.isRelationNameTaken(schema: made.schema, name: "t"))
    #expect(catalog.isRelationNameTaken(schema: made.schema, name: "renamed"))
    catalog.remove(made.id)
    #expect(!catalog.isRelationNameTaken(schema: made.schema, name: "renamed"))
    #expect(!catalog.isRelationNameTaken(schema: made.schema, name: "t_pkey"))
  }

  @Test func `numbers once given are not given again`() {
    let before = base
    var changed = before
    let made = table("t", in: &changed)
    changed.put(.table(made))
    var dropped = changed
    dropped.remove(made.id)
    #expect(dropped.allocateObjectID() > made.id)
    #expect(dropped.allocateKeyspaceID() > made.keyspace)
  }

  @Test func `an index is read where it is public, at snapshots from its time on`() {
    var catalog = base
    var index = table("t", in: &catalog).indexes[0]
    #expect(index.isReadable(at: .zero))
    index.readableFrom = Timestamp(rawValue: 50)
    #expect(!index.isReadable(at: Timestamp(rawValue: 49)))
    #expect(index.isReadable(at: Timestamp(rawValue: 50)))
    for state in [IndexDescriptor.State.deleteOnly, .writeOnly] {
      index.state = state
      #expect(!index.isReadable(at: .distantFuture))
    }
  }

  @Test func `a catalog that is loaded has no half-built index, and knows what they leave`() {
    var changed = base
    var made = table("t", in: &changed)
    var kept = IndexDescriptor(
      id: changed.allocateObjectID(), name: "t_kept", keyspace: changed.allocateKeyspaceID(),
      columns: [])
    kept.readableFrom = Timestamp(rawValue: 7)
    var half = kept
    half.id = changed.allocateObjectID()
    half.name = "t_half"
    half.keyspace = changed.allocateKeyspaceID()
    half.state = .writeOnly
    made.indexes += [kept, half]
    changed.put(.table(made))
    #expect(changed.index(half.id) != nil)
    var whole = changed.change(from: CatalogSnapshot())
    whole.version = 9
    let loaded = CatalogSnapshot(whole, isAlone: true)
    #expect(loaded.index(kept.id)?.1 == kept)
    #expect(loaded.index(half.id) == nil)
    #expect(!loaded.isRelationNameTaken(schema: made.schema, name: "t_half"))
    #expect(loaded.abandonedKeyspaces == [half.keyspace])
    var next = loaded
    #expect(next.allocateKeyspaceID() > half.keyspace)
  }
}
