import Base
import Catalog
import Node
import Reactor
import SQL
import Types

/// Which materialized views this shard puts the rows of their tables into, and which ones of the catalog
/// nobody may be filling: their node has died.
struct ViewFills {
  /// `keyspace.name`. The name is noted before the catalog has the view.
  private(set) var underWay: Set<String> = []
  /// Of the newest catalog.
  fileprivate var unfilled: [UnfilledView] = []
  fileprivate var isAsking = false

  static func name(_ keyspace: String, _ view: String) -> String { "\(keyspace).\(view)" }

  mutating func begin(_ keyspace: String, _ view: String) {
    underWay.insert(Self.name(keyspace, view))
  }
  mutating func end(_ keyspace: String, _ view: String) {
    underWay.remove(Self.name(keyspace, view))
  }
}

private struct UnfilledView {
  var keyspace: String
  var name: String
  var base: String
  /// Whoever leads it looks after the view.
  var bucket: Bucket
}

/// A view that is not filled is found by the leader of a bucket that the view's number names. It asks every shard
/// whether it is at work on it: where none says so the leader fills the view. Shards that do not answer may be
/// at work all the same; filling a view twice does no harm.
extension CQLShard {
  private static let fillsName = "cql view fills"

  func listenForFills() {
    shard.onMessage(Self.fillsName) { [unowned self] _, _ in
      var out = WireEncoder(catalog: CatalogSnapshot())
      out.list(fills.underWay.sorted())
      return out.bytes.bytes
    }
  }

  func findUnfilledViews() {
    let catalog = shard.catalog
    fills.unfilled = catalog.sortedObjects.compactMap { object in
      guard case .table(let view) = object, view.options[ViewOptions.building] != nil,
        let base = view.options[TableDescriptor.viewOfOption].flatMap({ UInt32($0) }),
        let table = catalog.table(ObjectID(rawValue: base)),
        let keyspace = catalog.objects[view.schema]?.name
      else { return nil }
      let bucket = Bucket(slot: UInt16(view.id.rawValue % UInt32(Bucket.count)))
      return UnfilledView(keyspace: keyspace, name: view.name, base: table.name, bucket: bucket)
    }
  }

  func fillUnfilledViews() {
    guard !fills.isAsking else { return }
    let own = fills.unfilled.filter { view in
      shard.leads(view.bucket) && !isFilling(view)
    }
    guard !own.isEmpty else { return }
    fills.isAsking = true
    shard.askEvery(Self.fillsName, []) { [self] answers in
      fills.isAsking = false
      var busy: Set<String> = []
      for answer in answers { busy.formUnion(answer.map(Self.names) ?? []) }
      for view in own where !busy.contains(ViewFills.name(view.keyspace, view.name)) {
        fill(view)
      }
    }
  }

  private func isFilling(_ view: UnfilledView) -> Bool {
    fills.underWay.contains(ViewFills.name(view.keyspace, view.name))
  }

  private static func names(_ bytes: [UInt8]) -> [String] {
    let read = bytes.withUnsafeBytes { buffer in
      Result<[String], DecodingFault> { () throws(DecodingFault) in
        var reader = WireDecoder(ByteReader(buffer), catalog: CatalogSnapshot())
        return try [String](from: &reader)
      }
    }
    // A node with a fault is as one that does not answer.
    if case .success(let names) = read { return names }
    return []
  }

  private func fill(_ view: UnfilledView) {
    let catalog = shard.catalog
    guard let schema = catalog.schema(named: view.keyspace),
      case .table(let table)? = catalog.relation(schema: schema.id, name: view.name),
      table.options[ViewOptions.building] != nil, !isFilling(view),
      let role = catalog.sortedObjects.lazy.compactMap({ $0.superuser }).first
    else { return }
    fills.begin(view.keyspace, view.name)
    shard.reactor.spawn { [self] in
      let runner = StatementRunner(
        shard: shard, state: self, role: role, keyspace: view.keyspace,
        parameters: QueryParameters())
      await runner.fillAgain(view.keyspace, view.base, view.name)
      fills.end(view.keyspace, view.name)
    }
  }
}

extension CatalogObject {
  fileprivate var superuser: RoleDescriptor? {
    if case .role(let role) = self, role.isSuperuser { role } else { nil }
  }
}

extension StatementRunner {
  private static let rowsOfStep = 128

  /// As CREATE does it: a view that cannot have all rows is dropped.
  fileprivate func fillAgain(_ keyspace: String, _ base: String, _ name: String) async {
    do throws(CQLError) {
      try await fillView(keyspace, base, name)
    } catch {
      // What failed for the cluster's sake is tried again in the next round.
      guard error.code == .invalid else { return }
      do throws(CQLError) {
        try await sql(["DROP TABLE IF EXISTS \(quoted(keyspace, name))"])
      } catch {
        // The next round finds it again.
      }
    }
  }

  /// With the newest catalog, which has the view.
  func fillView(_ keyspace: String, _ base: String, _ name: String) async throws(CQLError) {
    var runner = StatementRunner(
      shard: shard, state: state, role: role, keyspace: keyspace, parameters: QueryParameters())
    runner.isInternal = true
    try await runner.fillViews(of: try runner.catalog.table(keyspace, base))
    try await sql([]) { (catalog) throws(SQLError) in
      guard let schema = catalog.schema(named: keyspace),
        case .table(var view)? = catalog.relation(schema: schema.id, name: name)
      else { throw SQLError(.undefinedTable, "materialized view \(name) does not exist") }
      view.options[ViewOptions.building] = nil
      catalog.put(.table(view))
    }
  }

  /// Puts the rows that are there into the views: each is written as it is, which brings it along.
  private func fillViews(of table: CQLTable) async throws(CQLError) {
    guard let stored = table.stored else { return }
    let selectors = table.columns[..<(table.partitionCount + table.clusteringCount)].map {
      Select.Item(selector: .column($0.name))
    }
    var select = Select(table: ObjectName(keyspace: table.keyspace, name: table.name))
    select.items = selectors
    var reading = SelectReading(runner: self, bound: try bind(select, []))
    while !reading.isDone {
      let rows = try await reading.next(Self.rowsOfStep)
      var planned = PlannedChanges()
      let place = planned.table(stored.rows)
      planned.views[place] = try catalog.views(of: table)
      for row in rows {
        var key: [Value] = []
        var isWhole = true
        for (datum, column) in zip(row.columns, table.columns.prefix(selectors.count)) {
          // A partition with static columns alone has no row.
          if datum.isNull { isWhole = false } else { key.append(try column.store(datum)) }
        }
        guard isWhole else { continue }
        planned.changes.append(
          (
            stored.rows.bucket(Array(key.prefix(table.partitionCount))),
            ChangeRows.Change(table: place, kind: .update, key: key)
          ))
      }
      _ = try await carryOut(planned)
    }
  }
}
