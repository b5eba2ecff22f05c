import Base
import Catalog
import Functions
import Node
import Types

/// Reads a table: fragments on its tablets, in rounds of bounded batches.
final class ScanNode: PlanNode {
  let table: StoredTable
  let alias: String
  var access: AccessPlan
  /// Over the table's row.
  var filter: TypedExpression?
  /// Positions of the table's row, in the order of `output`.
  let projection: [Int]
  var lock: RowLock?
  /// At most so many rows are needed.
  var limit: TypedExpression?
  /// Streams of several tablets are merged in this order; it is the access path's.
  var order: [BoundSortKey] = []
  /// Set: rows are groups and partial aggregates instead of `projection`.
  var aggregation: PartialAggregation?

  static let batchRows = 1_024

  init(
    table: StoredTable, alias: String, access: AccessPlan, filter: TypedExpression?,
    projection: [Int], output: [PlanVariable]
  ) {
    self.table = table
    self.alias = alias
    self.access = access
    self.filter = filter
    self.projection = projection
    super.init(output: output)
  }

  override func open(_ execution: Execution, _ environment: EvaluationEnvironment) -> RowSource {
    ScanSource(self, execution, RowEvaluator(externals, execution, environment))
  }

  override var title: String {
    let name =
      alias == table.table.name ? alias : "\(table.table.name) \(alias)"
    let reverse = access.isReverse ? " Backward" : ""
    if let index = access.index {
      let kind = table.indexes[index].isGlobal ? "Global Index" : "Index"
      return
        "\(kind) Scan\(reverse) using \(table.indexes[index].descriptor.name) on \(name)"
    }
    if !access.equalities.isEmpty || access.lower != nil || access.upper != nil || access.isReverse
      || !order.isEmpty
    {
      return "Index Scan\(reverse) using \(table.table.primaryKey.name) on \(name)"
    }
    return "Seq Scan on \(name)"
  }

  override var properties: [String] {
    var lines: [String] = []
    let parts = access.index.map { table.indexes[$0].parts } ?? table.primaryKey
    var conditions: [String] = []
    let printer = ExpressionPrinter(table: table)
    for (part, values) in zip(parts, access.equalities) {
      let name = printer.text(part.expression)
      if values.count == 1 && !values[0].type.isArray {
        conditions.append("(\(name) = \(printer.text(values[0])))")
      } else if values.count == 1 {
        conditions.append("(\(name) = ANY (\(printer.text(values[0]))))")
      } else {
        conditions.append("(\(name) IN (\(values.map(printer.text).joined(separator: ", "))))")
      }
    }
    if access.equalities.count < parts.count {
      let name = printer.text(parts[access.equalities.count].expression)
      if let lower = access.lower {
        conditions.append(
          "(\(name) >\(lower.isInclusive ? "=" : "") \(printer.text(lower.expression)))")
      }
      if let upper = access.upper {
        conditions.append(
          "(\(name) <\(upper.isInclusive ? "=" : "") \(printer.text(upper.expression)))")
      }
    }
    if !conditions.isEmpty { lines.append("Index Cond: " + conditions.joined(separator: " AND ")) }
    if let filter { lines.append("Filter: \(printer.text(filter))") }
    if table.isGlobal {
      lines.append("Buckets: none (global)")
    } else if access.bucketValues != nil {
      lines.append("Buckets: pruned by distribution key")
    } else {
      lines.append("Buckets: all")
      lines.append(order.isEmpty ? "Motion: Gather" : "Motion: Gather Merge")
    }
    if aggregation != nil { lines.append("Partial Aggregate: next to the data") }
    return lines
  }
}

/// The running side of `ScanNode`: one stream per tablet, filled in rounds.
final class ScanSource: RowSource {
  private struct Stream {
    /// All of it is in this bucket, or on this tablet; neither: in group 0.
    var bucket: Bucket?
    var place: TabletPlace?
    var ranges: [KeyRange]
    var resume: ScanResume?
    var buffer: ArraySlice<[Value]> = []
    var isDone = false
  }
  private let node: ScanNode
  private let execution: Execution
  private let evaluator: RowEvaluator
  private var streams: [Stream]?
  private var remaining = Int.max
  private var access: AccessPlan
  /// The access path has another order than the one that is asked for.
  private var needsSort = false

  init(_ node: ScanNode, _ execution: Execution, _ evaluator: RowEvaluator) {
    self.node = node
    self.execution = execution
    self.evaluator = evaluator
    access = node.access
  }

  override func next() async throws(KernelError) -> [[Value]]? {
    if streams == nil { try await begin() }
    if needsSort { return try await sorted() }
    while remaining > 0 {
      if node.order.isEmpty || (streams ?? []).count <= 1 {
        if let rows = takeAll(), !rows.isEmpty { return cut(rows) }
        guard (streams ?? []).contains(where: { !$0.isDone }) else { return nil }
        try await fill { !$0.isDone }
      } else {
        if (streams ?? []).contains(where: { $0.buffer.isEmpty && !$0.isDone }) {
          try await fill { $0.buffer.isEmpty && !$0.isDone }
          continue
        }
        let rows = merge()
        return rows.isEmpty ? nil : cut(rows)
      }
    }
    return nil
  }

  private func sorted() async throws(KernelError) -> [[Value]]? {
    if remaining == 0 { return nil }
    var keyed: [(key: [Value], row: [Value])] = []
    while true {
      for row in takeAll() ?? [] {
        try execution.charge(Execution.size(of: row))
        let key = try asKernel { () throws(SQLError) in
          try TypedExpression.evaluate(
            node.order.map(\.expression), row, &evaluator.environment)
        }
        keyed.append((key, row))
      }
      guard (streams ?? []).contains(where: { !$0.isDone }) else { break }
      try await fill { !$0.isDone }
    }
    let order = RowOrder(node.order)
    keyed.sort { order.compare($0.key, $1.key) < 0 }
    let rows = cut(keyed.map(\.row))
    remaining = 0
    return rows.isEmpty ? nil : rows
  }

  private func cut(_ rows: [[Value]]) -> [[Value]] {
    let kept = rows.count > remaining ? Array(rows[..<remaining]) : rows
    if remaining != .max { remaining -= kept.count }
    return kept
  }

  private func takeAll() -> [[Value]]? {
    guard var list = streams else { return nil }
    var rows: [[Value]] = []
    for index in list.indices {
      rows.append(contentsOf: list[index].buffer)
      list[index].buffer = []
    }
    streams = list
    return rows
  }

  /// Rows in order until one stream's buffer is empty.
  private func merge() -> [[Value]] {
    guard var list = streams else { return [] }
    let order = RowOrder(node.order)
    var rows: [[Value]] = []
    func keys(_ row: [Value]) -> [Value] {
      (try? TypedExpression.evaluate(
        node.order.map(\.expression), row, &evaluator.environment)) ?? []
    }
    while rows.count < ScanNode.batchRows {
      var best: (index: Int, key: [Value])?
      for index in list.indices {
        guard let row = list[index].buffer.first else {
          if !list[index].isDone {
            streams = list
            return rows
          }
          continue
        }
        let key = keys(row)
        if let held = best, order.compare(held.key, key) <= 0 { continue }
        best = (index, key)
      }
      guard let best else { break }
      rows.append(list[best.index].buffer.removeFirst())
    }
    streams = list
    return rows
  }

  /// The key ranges and the tablets of this execution.
  private func begin() async throws(KernelError) {
    try await evaluator.prepare([])
    if let limit = node.limit, case .int(let count) = try evaluator.evaluate(limit, []) {
      remaining = max(0, Int(clamping: count))
    }
    access = node.access.readable(node.table, at: execution.transaction.snapshot)
    needsSort = access.index != node.access.index && !node.order.isEmpty
    let resolved = try asKernel { () throws(SQLError) in
      try access.resolve(node.table, &evaluator.environment)
    }
    if let index = access.index, node.table.indexes[index].isGlobal {
      streams = try await lookUpGlobal(index, resolved.ranges.flatMap(\.ranges))
      return
    }
    var list: [Stream] = []
    for item in resolved.ranges {
      if let bucket = item.bucket {
        list.append(Stream(bucket: bucket, ranges: item.ranges))
      } else if node.table.isGlobal {
        list.append(Stream(bucket: nil, ranges: item.ranges))
      } else {
        // All tablets at once; what is not finished goes on where it began, or not at all.
        let places = execution.transaction.places(of: node.table.tier)
        let outputs = try await execution.transaction.callEach(
          places.map { ($0, fragment(item.ranges, nil)) })
        for (place, output) in zip(places, outputs) {
          list.append(
            Stream(
              place: place, ranges: item.ranges, resume: output.resume,
              buffer: output.rows[...], isDone: output.resume == nil))
        }
      }
    }
    streams = list
  }

  private func fragment(_ ranges: [KeyRange], _ resume: ScanResume?) -> ScanFragment {
    ScanFragment(
      layout: node.table,
      access: ScanAccess(
        index: usesGlobalIndex ? nil : access.index, ranges: ranges,
        isReverse: access.isReverse),
      filter: node.filter, projection: node.projection, environment: evaluator.environment,
      lock: node.lock, limit: min(needsSort ? .max : remaining, ScanNode.batchRows),
      resume: resume,
      aggregation: node.aggregation)
  }

  private var usesGlobalIndex: Bool {
    access.index.map { node.table.indexes[$0].isGlobal } ?? false
  }

  private func fill(_ wanted: (Stream) -> Bool) async throws(KernelError) {
    guard var list = streams else { return }
    var calls: [(TabletPlace, ScanFragment)] = []
    var places: [Int] = []
    for index in list.indices where wanted(list[index]) {
      let call = fragment(list[index].ranges, list[index].resume)
      guard let place = list[index].place ?? list[index].bucket.map(execution.placeOf) else {
        let output = try await execution.transaction.callGlobal(call)
        take(output, into: &list[index])
        continue
      }
      calls.append((place, call))
      places.append(index)
    }
    if calls.count == 1, let bucket = list[places[0]].bucket {
      let output = try await execution.transaction.call(calls[0].1, bucket: bucket)
      take(output, into: &list[places[0]])
    } else if !calls.isEmpty {
      let outputs = try await execution.transaction.callEach(calls)
      for (place, output) in zip(places, outputs) { take(output, into: &list[place]) }
    }
    streams = list
  }

  private func take(_ output: ScanOutput, into stream: inout Stream) {
    stream.buffer.append(contentsOf: output.rows)
    stream.resume = output.resume
    stream.isDone = output.resume == nil
  }

  /// Index tablets first, then the rows by primary key.
  private func lookUpGlobal(_ index: Int, _ ranges: [KeyRange]) async throws(KernelError)
    -> [Stream]
  {
    let layout = node.table
    let parts = layout.indexes[index].parts
    var calls: [(Bucket, IndexLookupFragment)] = []
    for range in ranges {
      let bucket = try asKernel { () throws(SQLError) in
        let values = try KeyReader.values(range.lower, parts)
        return layout.bucket(ofEntry: values, parts.map(\.type))
      }
      calls.append(
        (
          bucket,
          IndexLookupFragment(
            index: layout.indexes[index].descriptor, keys: [range.lower])
        ))
    }
    let found = try await execution.transaction.callEach(calls)
    var list: [Stream] = []
    for key in found.flatMap({ $0 }) {
      guard let key else { continue }
      let bucket = try asKernel { () throws(SQLError) in
        try KeyReader.bucket(ofPrimaryKey: key, layout)
      }
      list.append(
        Stream(
          bucket: layout.isGlobal ? nil : bucket,
          ranges: [KeyRange(lower: key, upper: key + [0], isPoint: true)]))
    }
    return list
  }
}

extension AccessPlan {
  /// The same rows by way of the table's own keys, where the index lacks entries that the snapshot
  /// needs: it was built after the snapshot. Filters are whole, so that they find the rows.
  func readable(_ layout: StoredTable, at snapshot: Timestamp) -> AccessPlan {
    guard let index, !layout.indexes[index].descriptor.isReadable(at: snapshot) else { return self }
    var plan = AccessPlan()
    plan.bucketValues = bucketValues
    return plan
  }
}

/// Values back from keys.
enum KeyReader {
  static func values(_ key: [UInt8], _ parts: [KeyPart]) throws(SQLError) -> [Value] {
    let result: Result<[Value], DecodingFault> = key.withUnsafeBytes { bytes in
      var reader = ByteReader(bytes)
      var values: [Value] = []
      do throws(DecodingFault) {
        for part in parts {
          values.append(
            try KeyCodec.decode(&reader, type: part.type, descending: part.isDescending))
        }
        return .success(values)
      } catch {
        return .failure(error)
      }
    }
    switch result {
    case .success(let values): return values
    case .failure(let fault): throw SQLError(.dataCorrupted, "a key cannot be read: \(fault)")
    }
  }

  /// The bucket of the row with this primary key, which holds its distribution columns.
  static func bucket(ofPrimaryKey key: [UInt8], _ layout: StoredTable) throws(SQLError) -> Bucket {
    guard let distribution = layout.distribution else { return Bucket(slot: 0) }
    let values = try values(key, layout.primaryKey)
    var row = [Value](repeating: .null, count: layout.types.count)
    for (part, value) in zip(layout.primaryKey, values) {
      if let column = part.column { row[column] = value }
    }
    return layout.bucket(of: distribution.map { row[$0] }, distribution)
  }
}
