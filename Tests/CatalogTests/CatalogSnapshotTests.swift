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
}
