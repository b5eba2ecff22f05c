public import Base
import Reactor
import Storage

/// Reads of one key, without a procedure: what most statements of most clients are.

extension NodeShard {
  /// What a read that is a transaction of its own finds under the key, where the answer is at hand:
  /// the bucket's tablet is on this shard, nothing keeps the read waiting, and what it finds has
  /// committed. `body` gets nil where the key has no value; its bytes are valid inside only.
  /// Nil, and `body` has not run: the read has to go the usual way.
  ///
  /// It needs no transaction: it is over before anything else happens on the shard, so no change of
  /// a schema and no garbage collection can come in between.
  ///
  /// `arrival`: the monotonic clock when the request was read; nil: now.
  public func readAtOnce<R>(
    _ space: KeyspaceID, _ key: [UInt8], in bucket: Bucket, arrival: UInt64? = nil,
    _ body: (UnsafeRawBufferPointer?) -> R
  ) -> R? {
    // A gate is closed only while a schema changes: then the statement waits in order.
    let place = place(of: bucket)
    guard gates.closed.isEmpty, let tablet = hostedTablet(place.tablet),
      tablet.since == place.since,
      tablet.fences.level <= catalogVersion
    else { return nil }
    return tablet.readAtOnce(
      space, key, at: readTimestamp(arrival: arrival ?? reactor.monotonicNanoseconds()),
      reader: nil, body)
  }
}

extension NodeShard {
  /// The key's value by a transaction of its own, from whoever leads the bucket's tablet. `tables`: as `callAlone`
  /// has them.
  public func readAlone(
    _ space: KeyspaceID, _ key: [UInt8], in bucket: Bucket, of tables: [ObjectID],
    _ done: @escaping (Result<[UInt8]?, KernelError>) -> Void
  ) {
    callAlone(GetValue(space: space, key: key), bucket: bucket, using: tables, done)
  }
}

extension Transaction {
  /// As `NodeShard.readAtOnce`, as a statement of this transaction that uses these tables. What a
  /// serializable one reads is noted, so that it goes the usual way.
  public func readAtOnce<R>(
    _ space: KeyspaceID, _ key: [UInt8], in bucket: Bucket, of tables: some Sequence<ObjectID>,
    _ body: (UnsafeRawBufferPointer?) -> R
  ) -> R? {
    let place = shard.place(of: bucket)
    guard !isEnded, isolation != .serializable, !hasCatalogChanges, !isCancelled,
      shard.gates.closed.isEmpty, let tablet = shard.tablets[place.tablet],
      tablet.since == place.since, tablet.checkTerm(terms) == nil
    else { return nil }
    let version = catalogVersion
    for table in tables where !usedTables.contains(where: { $0.table == table }) {
      usedTables.append(TableUse(table: table, version: version))
    }
    guard tablet.fences.level <= usedTables.first?.version ?? version else { return nil }
    refreshSnapshot()
    return tablet.readAtOnce(space, key, at: snapshot, reader: id, body)
  }
}

extension Tablet {
  fileprivate func readAtOnce<R>(
    _ space: KeyspaceID, _ key: [UInt8], at snapshot: Timestamp, reader: TransactionID?,
    _ body: (UnsafeRawBufferPointer?) -> R
  ) -> R? {
    guard replication.isReadable, replication.failure == nil, snapshot >= store.horizon else {
      return nil
    }
    return key.withUnsafeBytes { bytes in
      store.get(space, bytes, at: snapshot, reader: reader) { found -> R? in
        // Across clocks a version slightly newer may be older than the statement: the usual way tells.
        let isCertain = shard.isAlone || reader == nil
        guard isCertain || found.newestTimestamp <= snapshot,
          found.blocker(at: isCertain ? snapshot : .distantFuture) == nil,
          replication.isReleased(found.logIndex)
        else {
          return nil
        }
        return body(found.value)
      }
    }
  }
}

extension Found {
  /// The transaction that a read at `snapshot` must wait for: a prepared intent may commit at or
  /// below it. Any other will commit above, since the tablet's clock has moved past the snapshot.
  func blocker(at snapshot: Timestamp) -> TransactionID? {
    guard let intent, case .prepared(let time) = intent.state, time <= snapshot else { return nil }
    return intent.transaction
  }
}

/// One key's value.
struct GetValue: Procedure {
  static let name = "get"
  var isReadOnly: Bool { true }
  var space: KeyspaceID
  var key: [UInt8]

  init(space: KeyspaceID, key: [UInt8]) {
    self.space = space
    self.key = key
  }
  func encode(into out: inout WireEncoder) {
    space.encode(into: &out)
    out.bytes.blob(key)
  }
  init(from reader: inout WireDecoder) throws(DecodingFault) {
    space = try KeyspaceID(from: &reader)
    key = try reader.bytes.blob()
  }

  func run(_ transaction: TabletTransaction) throws(ProcedureError) -> [UInt8]? {
    try transaction.get(space, key)
  }
}

extension Transaction {
  /// The key's value at the snapshot, own writes included; nil where it has none.
  public func value(_ space: KeyspaceID, _ key: [UInt8], in bucket: Bucket)
    async throws(KernelError) -> [UInt8]?
  {
    try await call(GetValue(space: space, key: key), bucket: bucket)
  }
}
