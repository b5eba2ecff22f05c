import Base
import Catalog
import Glibc
import Reactor
import Synchronization
import Types

@testable import Node

/// A node of its own in a fresh directory; `restart` starts another one over the same files, as
/// after a kill, since nothing is flushed at the end.
final class NodeHarness: Sendable {
  let directory: String
  private let settings: NodeSettings

  init(
    shards: Int = 2, tablets: Int = 8, directory: String? = nil, segmentBytes: Int = 1 << 20,
    checkpointLogBytes: Int = 256 << 20, durability: Durability = .sync,
    streams: [KeyspaceID: StreamedTable] = [:], streamSegmentBytes: Int = 32 << 20
  ) {
    var random = SystemRandomNumberGenerator()
    self.directory = directory ?? "/tmp/quatrain-node-\(getpid())-\(random.next())"
    var settings = NodeSettings(
      dataDirectory: self.directory, shardCount: shards, memoryLimitBytes: 1 << 30, randomSeed: 1)
    settings.tabletCount = tablets
    settings.segmentBytes = segmentBytes
    settings.checkpointLogBytes = checkpointLogBytes
    settings.durability = durability
    settings.streamsOfTests = streams
    settings.streamSegmentBytes = streamSegmentBytes
    settings.isPinned = false
    settings.bucketReader = { _ in KeyBuckets() }
    self.settings = settings
  }

  /// Runs `body` as a session on the shard and waits for its end.
  func start() -> RunningNode {
    let running = RunningNode(shardCount: settings.shardCount)
    do throws(IOFault) {
      running.started(
        try Node.start(
          settings, onFailure: { fatalError("\($0)") }, onReady: { running.ready($0) }))
    } catch {
      fatalError("\(error)")
    }
    running.waitUntilReady()
    return running
  }

  /// Starts a node that cannot serve; returns what it says.
  func startFailing() -> String {
    let message = Shared("")
    do throws(IOFault) {
      let group = try Node.start(
        settings, onFailure: { text in message.withLock { $0 = text } },
        onReady: { _ in fatalError("the node serves") })
      while message.withLock({ $0.isEmpty }) { usleep(1_000) }
      group.stop()
      group.join()
    } catch {
      fatalError("\(error)")
    }
    return message.withLock { $0 }
  }
}

final class RunningNode: Sendable {
  private struct Member: @unchecked Sendable {
    let shard: NodeShard
    let handle: ReactorHandle
  }
  private let members = Mutex<[Member]>([])
  private let shardCount: Int
  private let group = Mutex<ReactorGroup?>(nil)

  init(shardCount: Int) { self.shardCount = shardCount }

  func started(_ group: ReactorGroup) { self.group.withLock { $0 = group } }

  /// Ends the threads where they are; nothing is flushed.
  func kill() {
    group.withLock { group in
      group?.stop()
      group?.join()
    }
  }

  func ready(_ shard: NodeShard) {
    let member = Member(shard: shard, handle: shard.reactor.handle)
    members.withLock { $0.append(member) }
  }

  func waitUntilReady() {
    while members.withLock({ $0.count }) < shardCount { usleep(1_000) }
  }

  /// Runs the session on shard `number`; returns when it has ended.
  func session(on number: Int, _ body: @escaping @Sendable (NodeShard) async -> Void) async {
    let member = members.withLock { members in
      members.first { Int($0.handle.shard.rawValue) == number }
    }
    guard let member else { fatalError("no shard \(number)") }
    await withCheckedContinuation { (done: CheckedContinuation<Void, Never>) in
      member.handle.post { reactor in
        reactor.spawn {
          await body(member.shard)
          done.resume()
        }
      }
    }
  }
}

/// Where the tests' keys are.
struct KeyBuckets: BucketReader {
  func bucket(
    ofKey key: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer, in space: KeyspaceID,
    on tablet: TabletID
  ) throws(SQLError) -> StoredBucket {
    .bucket(NodeTests.bucket(Int(UInt64(bigEndian: key.loadUnaligned(as: UInt64.self)))))
  }
}

let space = KeyspaceID(rawValue: 5_000)

func bucket(_ key: Int) -> Bucket { Bucket(slot: UInt16(key * 2_654_435 % Bucket.count)) }

func keyBytes(_ key: Int) -> [UInt8] { withUnsafeBytes(of: UInt64(key).bigEndian) { Array($0) } }

struct Get: Procedure, WireDescriptor {
  static let name = "test.get"
  let key: Int
  func run(_ transaction: TabletTransaction) throws(ProcedureError) -> Int? {
    try transaction.get(space, keyBytes(key)).map { $0.withUnsafeBytes { $0.load(as: Int.self) } }
  }
}

struct Put: Procedure, WireDescriptor {
  static let name = "test.put"
  let key: Int
  let value: Int
  func run(_ transaction: TabletTransaction) throws(ProcedureError) -> Bool {
    try transaction.put(space, keyBytes(key), withUnsafeBytes(of: value) { Array($0) })
    return true
  }
}

struct Add: Procedure, WireDescriptor {
  static let name = "test.add"
  let key: Int
  let amount: Int
  func run(_ transaction: TabletTransaction) throws(ProcedureError) -> Int {
    let old = try Get(key: key).run(transaction) ?? 0
    _ = try Put(key: key, value: old + amount).run(transaction)
    return old + amount
  }
}

/// A value that sessions on several threads share.
final class Shared<Value: Sendable>: Sendable {
  private let state: Mutex<Value>
  init(_ value: Value) { state = Mutex(value) }
  func withLock<R: Sendable>(_ body: (inout Value) -> R) -> R { state.withLock { body(&$0) } }
}
