import Base
import Catalog
import Fuzzing
import Raft
import Storage
import Testing
import Types

@testable import Node

@Suite struct NodeFuzzTests {
  @Test func entries() {
    let samples = TabletEntryTests.samples.map { $0.encoded() }
    let failures = fuzz("NodeFuzzTests.entries", iterations: 20_000) { mutator in
      let bytes = mutator.mutate(samples)
      do throws(DecodingFault) {
        let entry = try TabletEntry(decoding: bytes)
        // Flags of any value and long varints are read; what is written is one form.
        return try TabletEntry(decoding: entry.encoded()) == entry
          ? nil : "\(entry) does not come back"
      } catch {
        return nil
      }
    }
    #expect(failures == [])
  }

  @Test func checkpointContents() throws {
    guard case .prepare(let record, let writes) = TabletEntryTests.samples[1] else { return }
    var rows = ByteWriter()
    let store = Store(memory: MemoryAccount())
    for number in UInt8(1)...3 {
      [number, 2].withUnsafeBytes { key in
        [UInt8](repeating: number, count: 20).withUnsafeBytes { value in
          store.put(
            KeyspaceID(rawValue: 300), key, value: value, at: Timestamp(rawValue: UInt64(number)),
            index: LogIndex(rawValue: UInt64(number)), expires: nil)
        }
      }
    }
    let cursor = store.snapshotCursor(at: LogIndex(rawValue: 8), horizon: .zero)
    while cursor.next(budget: 1, { ImageCodec.encode($0, into: &rows) }) {}
    let decisions = ImageCodec.encode([
      DecisionImage(
        transaction: TransactionID(rawValue: 99), isCommitted: true,
        commitTimestamp: Timestamp(rawValue: 8), index: LogIndex(rawValue: 130),
        participants: [
          Participant(
            tablet: TabletID(rawValue: 4),
            place: LogPlace(index: LogIndex(rawValue: 300), term: Term(rawValue: 2)))
        ])
    ])
    let terms = ImageCodec.encode([
      RaftTermRun(first: LogIndex(rawValue: 1), term: Term(rawValue: 1)),
      RaftTermRun(first: LogIndex(rawValue: 300), term: Term(rawValue: 4)),
    ])
    let prepared = ImageCodec.encode(LogIndex(rawValue: 3), record, reserving: 0) {
      $0.writes(writes)
    }
    let samples = [
      rows.bytes, decisions, terms, prepared,
    ]
    let failures = fuzz("NodeFuzzTests.checkpointContents", iterations: 20_000) { mutator in
      let bytes = mutator.mutate(samples)
      bytes.withUnsafeBytes { buffer in
        _ = try? ImageCodec.decisions(buffer)
        _ = try? ImageCodec.prepared(buffer)
        _ = try? ImageCodec.history(buffer)
        var loader = StoreLoader(Store(memory: MemoryAccount()))
        _ = try? ImageCodec.load(buffer, into: &loader)
      }
      return nil
    }
    #expect(failures == [])
  }

  private static func catalogRows() -> [[UInt8]] {
    var objects = CatalogSnapshot.bootstrap().put
    var column = ColumnDescriptor(id: ColumnID(rawValue: 1), name: "id", type: .int4)
    column.defaultExpression = "1 + 1"
    column.identity = .always
    var primary = IndexDescriptor(
      id: ObjectID(rawValue: 16_500), name: "t_pkey", keyspace: KeyspaceID(rawValue: 1_030),
      columns: [IndexColumn(column: column.id)])
    primary.isPrimary = true
    let owner = CatalogSnapshot.bootstrapRole
    let schema = CatalogSnapshot.publicSchema
    func id(_ number: UInt32) -> ObjectID { ObjectID(rawValue: number) }
    objects.append(
      .table(
        TableDescriptor(
          id: id(16_501), schema: schema, name: "t", owner: owner, rowType: id(16_502),
          columns: [column], indexes: [primary], distribution: .murmur3([column.id]))))
    objects.append(
      .view(
        ViewDescriptor(
          id: id(16_503), schema: schema, name: "v", owner: owner, rowType: id(16_504),
          columns: [column], query: "select 1", searchPath: ["public"])))
    objects.append(
      .sequence(
        SequenceDescriptor(
          id: id(16_505), schema: schema, name: "s", owner: owner, generation: 1)))
    objects.append(
      .type(
        TypeDescriptor(
          id: id(16_506), arrayID: id(16_507), schema: schema, name: "e", owner: owner,
          kind: .enumeration(labels: ["a", "b"]))))
    return objects.map { CatalogRows.encode($0) }
  }

  @Test func `catalog rows cut at each byte are refused`() {
    for row in Self.catalogRows() {
      #expect(throws: Never.self) { try CatalogRows.decode(CatalogObject.self, row) }
      for count in row.indices {
        #expect(throws: DecodingFault.self) {
          try CatalogRows.decode(CatalogObject.self, Array(row[..<count]))
        }
      }
    }
  }

  @Test func catalog() {
    let samples = Self.catalogRows()
    let words = [
      "{", "}", "[", "]", "\"", ":", ",", "null", "-1", "1e999", "4294967296", "\\u0000",
    ]
    .map { Array($0.utf8) }
    let failures = fuzz("NodeFuzzTests.catalog", iterations: 4_000) { mutator in
      let bytes = mutator.mutate(samples, words: words)
      do throws(DecodingFault) {
        let object = try CatalogRows.decode(CatalogObject.self, bytes)
        let again = try CatalogRows.decode(CatalogObject.self, CatalogRows.encode(object))
        return again == object ? nil : "\(object) does not come back"
      } catch {
        return nil
      }
    }
    #expect(failures == [])
  }
}
