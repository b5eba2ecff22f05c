import Base
import Catalog
import SQL
import Testing
import Types

@testable import KafkaSources

struct SourceTests {
  private func source(_ properties: [String: String] = [:]) -> SourceDefinition {
    var made = SourceDefinition(
      name: "s", id: 20_000, owner: CatalogSnapshot.bootstrapRole, brokers: "h:1", topic: "t")
    made.properties = properties
    return made
  }

  private func table(_ columns: [(String, SQLType)]) -> TableDescriptor {
    var primary = IndexDescriptor(
      id: ObjectID(rawValue: 20_012), name: "t_pkey", keyspace: KeyspaceID(rawValue: 2_000),
      columns: [IndexColumn(column: ColumnID(rawValue: 1))])
    primary.isUnique = true
    primary.isPrimary = true
    return TableDescriptor(
      id: ObjectID(rawValue: 20_010), schema: CatalogSnapshot.publicSchema, name: "t",
      owner: CatalogSnapshot.bootstrapRole, rowType: ObjectID(rawValue: 20_011),
      columns: columns.enumerated().map {
        ColumnDescriptor(id: ColumnID(rawValue: Int16($0 + 1)), name: $1.0, type: $1.1)
      }, indexes: [primary], distribution: .murmur3([ColumnID(rawValue: 1)]))
  }

  @Test func configurations() throws {
    BrokerConfiguration.discard(try BrokerConfiguration.make(source(["client.id": "me"])))
    for name in ["plugin.library.paths", "group.id", "enable.auto.commit", "test.mock.num.brokers"]
    {
      #expect(throws: SQLError.self) { try BrokerConfiguration.make(source([name: "1"])) }
    }
    do {
      _ = try BrokerConfiguration.make(source(["security.protocol": "magic"]))
      Issue.record("accepted")
    } catch {
      #expect(error.message.contains("security.protocol"))
    }
  }

  @Test func definitionsAreKeptWithTheirTable() throws {
    var made = table([("a", .int4)])
    var source = source(["sasl.password": "secret"])
    source.columns = [SourceColumn(column: ColumnID(rawValue: 1), origin: .key, path: "$.x")]
    made.put(source: source)
    #expect(SourceDefinition.all(of: made) == [source])
    #expect(made.shownOptions.isEmpty)
    source.isPaused = true
    made.put(source: source)
    #expect(SourceDefinition.all(of: made) == [source])
    made.remove(source: "s")
    #expect(SourceDefinition.all(of: made).isEmpty)
  }

  @Test func mappings() throws {
    var made = table([("a", .int4), ("b", .text), ("c", .text)])
    made.columns[1].isDropped = true
    let usual = try RecordMapping(source(), made)
    #expect(usual.columns.map(\.name) == ["a", "c"])
    #expect(usual.needsDocument && !usual.needsKey && !usual.needsHeaders)
    var own = source()
    own.columns = [
      SourceColumn(column: ColumnID(rawValue: 2), origin: .field),
      SourceColumn(column: ColumnID(rawValue: 1), origin: .offset),
      SourceColumn(column: ColumnID(rawValue: 3), origin: .key, path: "$.x"),
    ]
    let mapped = try RecordMapping(own, made)
    #expect(mapped.columns.map(\.name) == ["a", "c"])
    #expect(!mapped.needsDocument && mapped.needsKey)
    own.columns = [SourceColumn(column: ColumnID(rawValue: 2), origin: .field)]
    #expect(throws: SQLError.self) { try RecordMapping(own, made) }
  }

  @Test func updatesNeedTheKey() throws {
    let made = table([("a", .int4), ("b", .text)])
    var source = source()
    source.conflict = .update
    source.columns = [SourceColumn(column: ColumnID(rawValue: 2), origin: .field)]
    let mapping = try RecordMapping(source, made)
    #expect(throws: SQLError.self) { try RowWriter(source, made, schema: "public", mapping) }
    source.conflict = .nothing
    _ = try RowWriter(source, made, schema: "public", mapping)
  }

  @Test func statusesCrossTheWire() {
    var one = SourceStatus(
      source: 7, partition: -1, place: nil, state: "waiting", error: "x", errorAt: 5)
    one.next = 3
    one.high = 9
    one.records = 2
    one.deadLetters = 1
    let other = SourceStatus(source: 8, partition: 2, place: nil, state: "running")
    let bytes = SourceStatus.encoded([one, other])
    #expect(SourceStatus.decoded(bytes) == [one, other])
    #expect(one.lag == 6 && other.lag == nil)
    for cut in 0..<bytes.count { #expect(SourceStatus.decoded(Array(bytes[..<cut])).isEmpty) }
  }

  @Test func theReaderThatIsFurtherIsTheOneThatCounts() {
    func status(_ next: Int64, _ state: String) -> SourceStatus {
      var made = SourceStatus(source: 1, partition: 0, place: nil, state: state)
      made.next = next
      return made
    }
    let merged = KafkaSources.merged(
      [status(5, "old"), status(9, "new"), status(5, "old")], [(1, 0, 9), (1, 1, nil)])
    #expect(merged.map(\.state) == ["new", "starting"])
    #expect(merged.map(\.next) == [9, nil])
  }

  @Test func kindsOfErrors() {
    for (code, kind) in [
      ("22P02", SourceErrorKind.record), ("23505", .record), ("40001", .passing),
      ("08007", .passing),
      ("53200", .passing), ("42501", .lasting), ("XX000", .lasting),
    ] {
      #expect(SourceErrorKind(SQLState(stringLiteral: code)) == kind)
    }
  }

  @Test func times() {
    #expect(SourceTime.text(1_700_000_000_123) == "2023-11-14 22:13:20.123+00")
    #expect(SourceSeek.time("time:12") == 12)
    #expect(SourceSeek.time("earliest") == nil)
  }
}
