import Base
import Catalog
import Raft
import Reactor
import Storage
import Types
import WAL

/// Splits the tablet: asked of its leader, once its child has its replicas.
struct SplitTablet: TabletCommand {
  typealias Answer = Result<Timestamp, KernelError>
  static let name = "tablet.split"
  let child: TabletID
  /// The child's first bucket.
  let at: Bucket
  /// Since when the tablet has its buckets, before the split.
  let known: Timestamp
  /// The catalog says of every key where it belongs; while the tablet is split it does not change.
  let catalog: UInt64

  func run(on tablet: Tablet, reply: @escaping (Answer) -> Void) {
    tablet.whenServing { [self] refusal in
      if let refusal { return reply(.failure(refusal)) }
      tablet.split(self, reply: reply)
    }
  }
  var isIdempotent: Bool { true }
  var isPersistent: Bool { false }

  init(child: TabletID, at: Bucket, known: Timestamp, catalog: UInt64) {
    self.catalog = catalog
    self.child = child
    self.at = at
    self.known = known
  }
  func encode(into out: inout WireEncoder) {
    child.encode(into: &out)
    at.encode(into: &out)
    known.encode(into: &out)
    catalog.encode(into: &out)
  }
  init(from reader: inout WireDecoder) throws(DecodingFault) {
    child = try TabletID(from: &reader)
    at = try Bucket(from: &reader)
    known = try Timestamp(from: &reader)
    catalog = try UInt64(from: &reader)
  }
}

/// Some rows for the child; answers when they are in its log for good.
struct FillTablet: TabletCommand {
  typealias Answer = Result<Bool, KernelError>
  static let name = "tablet.fill"
  let part: FillPart

  func run(on tablet: Tablet, reply: @escaping (Answer) -> Void) {
    tablet.whenServing { [self] refusal in
      if let refusal = refusal ?? tablet.fillRefusal(part) { return reply(.failure(refusal)) }
      switch tablet.append(.fill(part)) {
      case .failure(let error): reply(.failure(error))
      case .success(let index):
        tablet.rangeIndex = index
        tablet.replication.whenCommitted(index) {
          if let failed: Answer = $0.failed() { return reply(failed) }
          let isThere =
            tablet.filling.map { $0.attempt == part.attempt && $0.next > part.number } ?? false
          reply(
            isThere
              ? .success(true)
              : .failure(.unavailable("a later attempt fills tablet \(tablet.id)")))
        }
      }
    }
  }
  /// What has come already is passed over.
  var isIdempotent: Bool { true }
  var isPersistent: Bool { false }

  init(part: FillPart) { self.part = part }
  func encode(into out: inout WireEncoder) { out.bytes.part(part) }
  init(from reader: inout WireDecoder) throws(DecodingFault) { part = try reader.bytes.part() }
}

extension Tablet {
  /// Rows that there is no room for are refused before they are in the log.
  fileprivate func fillRefusal(_ part: FillPart) -> KernelError? {
    let bytes = part.rows.reduce(0) { $0 + $1.key.count + $1.value.count }
    if store.memory.hasRoom(for: bytes) { return commitRefusal }
    return .outOfMemory("There is no room for the rows of tablet \(id) on its shard.")
  }
}

/// Makes the first replica of a split's child, or of a new tier's tablet, on the node that the catalog
/// names: a group of one, which grows like any other.
struct MakeTablet: ShardCommand {
  typealias Answer = Bool
  static let name = "tablet.make"
  let child: TabletID
  /// The parent's: the child's terms lie above it (DESIGN 22.13). Zero where there is no parent.
  let term: Term

  func run(on shard: NodeShard, from node: NodeID, reply: @escaping (Bool) -> Void) {
    let home = shard.peers[shard.id]
    let back = ShardBound(reply)
    shard.peers[shard.layout.shard(of: child)].post { [self] there in
      there.makeFirstReplica(child, above: term) { isMade in
        home.post { _ in back.value(isMade) }
      }
    }
  }

  init(child: TabletID, term: Term) {
    self.child = child
    self.term = term
  }
  func encode(into out: inout WireEncoder) {
    child.encode(into: &out)
    term.encode(into: &out)
  }
  init(from reader: inout WireDecoder) throws(DecodingFault) {
    child = try TabletID(from: &reader)
    guard child != .catalog, child.rawValue <= Layout.tabletMax else {
      throw .malformed("tablet \(child)")
    }
    term = try Term(from: &reader)
  }
}

extension NodeShard {
  /// Begins a group of one for a tablet that is made; true when it is on disk. Only while the catalog says
  /// that it is to be made here: nobody else makes one, and nobody may make it again. Its log begins with
  /// the entry that says who belongs to it.
  func makeFirstReplica(_ id: TabletID, above term: Term, _ done: @escaping (Bool) -> Void) {
    guard let log, log.failure == nil else { return done(false) }
    if tablets[id] != nil {
      if log.durable >= log.appended { return done(true) }
      wantFlush()
      return whenDurable(log.appended) { done(true) }
    }
    let descriptor = map.descriptor
    let isWanted =
      descriptor.splits.contains { $0.child == id && !$0.isMade && $0.home == nodeID }
      || descriptor.births.contains { $0.tablet == id && !$0.isMade && $0.home == nodeID }
    guard isWanted, droppedGenerations[id] == nil else { return done(false) }
    let member = ReplicaID(node: replicaNode, generation: 1)
    var members = ByteWriter()
    RaftConfiguration(voters: [member]).encode(into: &members)
    let first = RaftEntry(
      index: LogIndex.zero.next, term: term.next, kind: .configuration, payload: members.bytes)
    let made = makeTablet(
      id, ReplicaIdentity(id: member, configuration: RaftConfiguration(voters: [])))
    guard made.replication.recovered(pending: first) else { return done(false) }
    tablets[id] = made
    log.begin(id)
    appendToLog(.replica(tablet: id, id: member.rawValue))
    appendToLog(
      .configuration(tablet: id, index: first.index, term: first.term, payload: first.payload))
    wantFlush()
    whenDurable(log.appended) { [self] in
      // It may have gone meanwhile, or the log has failed.
      guard tablets[id] === made else { return done(false) }
      made.replication.start()
      done(true)
    }
  }
}
