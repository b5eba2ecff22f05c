import Base
import Catalog
import Functions
import Node
import Reactor
import Syntax
import Types

/// `quatrain.changes(…)` in FROM: the records of a table's change stream as rows.
final class ChangesNode: PlanNode {
  let call: ChangesCall
  init(call: ChangesCall, output: [PlanVariable]) {
    self.call = call
    super.init(output: output)
    estimatedRows = 10_000
  }
  override var title: String { "Change Stream Scan" }

  override func open(_ execution: Execution, _ environment: EvaluationEnvironment) -> RowSource {
    let evaluator = RowEvaluator(externals, execution, environment)
    var feed: ChangesFeed?
    return GeneratedSource(execution) { [call] () async throws(KernelError) in
      if let open = feed { return try await open.next() }
      try await evaluator.prepare([])
      let values = try evaluator.evaluate(call.arguments, [])
      let made = try ChangesFeed(values, call, execution, evaluator.environment.context)
      try await made.begin()
      feed = made
      return try await made.next()
    }
  }

  /// Whether rows come straight from a change stream: a cursor over it may go on after it has given nothing.
  static func isSource(of root: PlanNode) -> Bool {
    switch root {
    case is ChangesNode: true
    case let node as FilterNode: isSource(of: node.input)
    case let node as ProjectNode: isSource(of: node.input)
    default: false
    }
  }
}

/// The arguments of `quatrain.changes`, in order: the table, from where, the partition, how long to wait.
struct ChangesCall {
  static let schema = "quatrain"
  static let name = "changes"
  static let parameters: [(name: String, type: SQLType)] = [
    ("table", .text), ("from", .text), ("partition", .int4), ("wait", .interval),
  ]
  static let columns: [(name: String, type: SQLType)] = [
    ("partition", .int4), ("offset", .int8), ("operation", .text), ("key", .jsonb),
    ("before", .jsonb), ("after", .jsonb), ("committed_at", .timestamptz),
    ("transaction", .int8),
  ]
  var arguments: [TypedExpression]
  /// Where the table's name is looked for.
  var searchPath: [String]
  var temporarySchema: String?
}

/// One reading of a stream. Lives on: the session's shard.
///
/// Without `wait` it ends at what was there when it began. With it, it waits so long for more, and
/// where a cursor reads it, it goes on with the next FETCH.
final class ChangesFeed {
  private enum Start {
    case earliest
    case latest
    case offset(Int64)
    case time(Timestamp)
  }

  private let execution: Execution
  private let context: EvaluationContext
  private let table: TableDescriptor
  private let rows: ChangedRows
  private let start: Start
  private let wanted: Int?
  /// Nil: it does not wait.
  private let waitNanoseconds: UInt64?
  private var partitions: [Partition] = []
  private var turn = 0
  /// Something has been given since the cursor was last told to pause.
  private var hasGiven = false
  /// Ends the wait for records.
  private var signal: Reply<Void>?

  private final class Partition {
    let number: Int
    var next: Int64
    /// Nil: it has none.
    var end: Int64?
    /// Read and not given yet.
    var page: Result<ChangePage, FollowError>?
    var isAsked = false
    init(_ number: Int, next: Int64, end: Int64?) {
      self.number = number
      self.next = next
      self.end = end
    }
  }

  private static let pageBytes = 1 << 20
  private static let followMilliseconds = 2_000

  init(
    _ arguments: [Value], _ call: ChangesCall, _ execution: Execution,
    _ context: EvaluationContext
  ) throws(KernelError) {
    self.execution = execution
    self.context = context
    do throws(SQLError) {
      let catalog = execution.transaction.catalog
      guard case .text(let name) = arguments[0] else {
        throw SQLError(.nullValueNotAllowed, "the table of quatrain.changes must not be null")
      }
      table = try CatalogNames(
        catalog: catalog, searchPath: call.searchPath, temporarySchema: call.temporarySchema
      ).table(Self.relation(String(decoding: name, as: UTF8.self)))
      let role =
        catalog.role(named: context.currentUser)
        ?? RoleDescriptor(id: ObjectID(rawValue: 0), name: context.currentUser)
      guard Privileges.has("r", role, owner: table.owner, grants: table.grants, catalog) else {
        throw Privileges.denied("table", table.name)
      }
      rows = try ChangedRows(table, in: catalog)
      start = try Self.start(arguments[1], context)
      if case .int(let number) = arguments[2] { wanted = Int(number) } else { wanted = nil }
      waitNanoseconds = try Self.wait(arguments[3])
      if case .offset = start, wanted == nil {
        throw SQLError(
          .invalidParameterValue, "an offset needs a partition",
          hint: "quatrain.changes('\(table.name)', \"from\" => '…', partition => 0)")
      }
    } catch {
      throw .user(error)
    }
  }

  /// `a.b`, with quotes.
  private static func relation(_ text: String) -> QuerySyntax.RelationName {
    var parts = [""]
    var isQuoted = false
    for character in text {
      switch character {
      case "\"": isQuoted.toggle()
      case "." where !isQuoted: parts.append("")
      default: parts[parts.count - 1] += isQuoted ? String(character) : character.lowercased()
      }
    }
    return QuerySyntax.RelationName(
      parts[parts.count - 1], schema: parts.count > 1 ? parts[parts.count - 2] : nil)
  }

  private static func start(_ value: Value, _ context: EvaluationContext) throws(SQLError)
    -> Start
  {
    guard case .text(let bytes) = value else { return .earliest }
    let text = String(decoding: bytes, as: UTF8.self)
    switch text {
    case "earliest": return .earliest
    case "latest": return .latest
    default: break
    }
    if let offset = Int64(text) { return .offset(offset) }
    let time = try TypeIO.parseText(text, as: .timestamptz, settings: context.settings)
    return .time(StoredTable.timestamp(time) ?? .distantFuture)
  }

  private static func wait(_ value: Value) throws(SQLError) -> UInt64? {
    guard case .interval(let span) = value else { return nil }
    let days = Int64(span.months) * 30 + Int64(span.days)
    let (total, isOver) = days.multipliedReportingOverflow(by: 86_400_000_000)
    let (microseconds, overflows) = total.addingReportingOverflow(span.microseconds)
    guard !isOver, !overflows, microseconds >= 0 else {
      throw SQLError(.invalidParameterValue, "the time to wait must not be negative")
    }
    return UInt64(microseconds).multipliedReportingOverflow(by: 1_000).partialValue
  }
}

// MARK: - Reading

extension ChangesFeed {
  private var shard: NodeShard { execution.transaction.home }

  /// Finds out where to begin and, without `wait`, where to end.
  func begin() async throws(KernelError) {
    guard let count = shard.streamPartitions(of: table.id) else {
      throw Self.user(.noStream, table)
    }
    if let wanted, !(0..<count).contains(wanted) { throw Self.user(.noPartition, table) }
    for number in wanted.map({ $0...$0 }) ?? 0...(count - 1) {
      try execution.transaction.checkCancelled()
      do throws(FollowError) {
        let end = try await shard.streamHead(of: table.id, partition: number).next
        let next =
          switch start {
          case .earliest:
            try await shard.streamPosition(of: table.id, partition: number).earliest
          case .latest: end
          case .offset(let offset): offset
          case .time(let time):
            try await shard.streamOffset(of: table.id, partition: number, at: time)?.offset ?? end
          }
        partitions.append(Partition(number, next: next, end: waitNanoseconds == nil ? end : nil))
      } catch {
        throw Self.user(error, table)
      }
    }
  }

  /// Nil: at the end, or where a cursor is to come again.
  func next() async throws(KernelError) -> [[Value]]? {
    guard let wait = waitNanoseconds else { return try await nextStored() }
    let deadline = execution.clock() &+ Int64(clamping: wait / 1_000)
    while true {
      for partition in partitions where partition.page == nil && !partition.isAsked {
        ask(partition)
      }
      if let batch = try take() {
        hasGiven = true
        return batch
      }
      let left = deadline - execution.clock()
      if (execution.mayPause && hasGiven) || left <= 0 {
        // What has come so far goes out; the next FETCH waits.
        hasGiven = false
        execution.isPaused = execution.mayPause
        return nil
      }
      let signal = Reply<Void>()
      self.signal = signal
      try await execution.transaction.wait(for: signal, nanoseconds: UInt64(left) * 1_000)
    }
  }

  /// A page that has come, from each partition in turn.
  private func take() throws(KernelError) -> [[Value]]? {
    for _ in partitions.indices {
      let partition = partitions[turn]
      turn = (turn + 1) % partitions.count
      guard let result = partition.page else { continue }
      partition.page = nil
      switch result {
      case .failure(let error): throw Self.user(error, table)
      case .success(let page):
        if let last = page.records.lastOffset { partition.next = last + 1 }
        if !page.records.isEmpty { return try values(Array(page.records), partition.number) }
        ask(partition)
      }
    }
    return nil
  }

  /// The answer comes by itself; one page of each partition is held at most.
  private func ask(_ partition: Partition) {
    partition.isAsked = true
    let (shard, table) = (shard, table.id)
    let (number, next) = (partition.number, partition.next)
    shard.reactor.spawn { [weak self, weak partition] in
      let result: Result<ChangePage, FollowError>
      do throws(FollowError) {
        result = .success(
          try await shard.follow(
            table, partition: number, from: next, maxBytes: Self.pageBytes,
            waitMilliseconds: Self.followMilliseconds))
      } catch {
        result = .failure(error)
      }
      partition?.isAsked = false
      partition?.page = result
      self?.signal?.fulfill(())
    }
  }

  private func nextStored() async throws(KernelError) -> [[Value]]? {
    while turn < partitions.count {
      let partition = partitions[turn]
      guard let end = partition.end, partition.next < end else {
        turn += 1
        continue
      }
      try execution.transaction.checkCancelled()
      let page: ChangePage
      do throws(FollowError) {
        page = try await shard.follow(
          table.id, partition: partition.number, from: partition.next, maxBytes: Self.pageBytes,
          waitMilliseconds: 0)
      } catch {
        throw Self.user(error, table)
      }
      let records = page.records.filter { $0.offset < end }
      guard let last = records.last else {
        turn += 1
        continue
      }
      partition.next = last.offset + 1
      return try values(records, partition.number)
    }
    return nil
  }

  private func values(_ records: [ChangeRecord], _ partition: Int) throws(KernelError) -> [[Value]]
  {
    do throws(SQLError) {
      var found: [[Value]] = []
      found.reserveCapacity(records.count)
      for record in records { found.append(try values(record, partition)) }
      return found
    } catch {
      throw .user(error)
    }
  }

  private func values(_ record: ChangeRecord, _ partition: Int) throws(SQLError) -> [Value] {
    let before = try record.before.map { (image) throws(SQLError) in try rows.row(image) }
    let after = try record.after.map { (image) throws(SQLError) in try rows.row(image) }
    let names = rows.columns.map(\.name)
    let types = rows.types
    func object(_ row: [Value]?, _ places: [Int]? = nil) throws(SQLError) -> Value {
      guard let row else { return .null }
      guard let places else {
        return .jsonb(try RowJSON.object(row, types, names: names, context))
      }
      return .jsonb(
        try RowJSON.object(
          places.map { row[$0] }, places.map { types[$0] }, names: places.map { names[$0] },
          context))
    }
    return [
      .int(Int64(partition)), .int(record.offset), .string(Self.word(record.operation)),
      try object(after ?? before, rows.keyPlaces), try object(before), try object(after),
      .int(Int64(record.timestamp.rawValue / 1_000) - Calendar.epochOffsetSeconds * 1_000_000),
      .int(Int64(bitPattern: record.transaction.rawValue)),
    ]
  }

  private static func word(_ operation: ChangeOperation) -> String {
    switch operation {
    case .insert: "insert"
    case .update: "update"
    case .delete: "delete"
    case .truncate: "truncate"
    }
  }

  private static func user(_ error: FollowError, _ table: TableDescriptor) -> KernelError {
    switch error {
    case .noStream:
      .user(
        SQLError(
          .objectNotInPrerequisiteState, "table \"\(table.name)\" has no change stream",
          hint: "ALTER TABLE … SET (change_stream = on) gives it one."))
    case .noPartition:
      .user(
        SQLError(
          .invalidParameterValue,
          "the change stream of table \"\(table.name)\" has no such partition"))
    case .outOfRange(let position):
      .user(
        SQLError(
          .invalidParameterValue, "the offset is out of range",
          detail: "Kept are \(position.earliest) to \(position.next) (exclusive)."))
    case .kernel(let error): error
    }
  }
}
