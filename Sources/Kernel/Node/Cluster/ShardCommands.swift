import Base
import Types

/// What shards ask of shards, on this node and on others.

extension CommandTable {
  mutating func addShardCommands() {
    add(CloseGate.self)
    add(AwaitUsers.self)
    add(FailGate.self)
    add(OpenGates.self)
    add(TellNotification.self)
    add(ReportWaits.self)
    add(BreakDeadlock.self)
    add(AwaitCatalog.self)
    add(AreActive.self)
    add(SignalSession.self)
    add(SessionUser.self)
    add(ShardMessage.self)
    add(Pulse.self)
    add(MakeTablet.self)
    add(JoinRequest.self)
    add(ReportKeyspaces.self)
  }
}

/// Closes the gates of tables; answers when nobody else uses them there, or with an error.
struct CloseGate: ShardCommand {
  typealias Answer = KernelError?
  static let name = "gate.close"
  let tables: [ObjectID]
  let transaction: TransactionID
  let isNoWait: Bool

  func run(on shard: NodeShard, from node: NodeID, reply: @escaping (KernelError?) -> Void) {
    if isNoWait && shard.isInUse(tables, besides: transaction) {
      return reply(.lockNotAvailable("could not obtain lock on relation"))
    }
    shard.closeGate(tables, transaction, reply)
  }

  init(tables: [ObjectID], transaction: TransactionID, isNoWait: Bool) {
    self.tables = tables
    self.transaction = transaction
    self.isNoWait = isNoWait
  }
  func encode(into out: inout WireEncoder) {
    tables.encode(into: &out)
    transaction.encode(into: &out)
    isNoWait.encode(into: &out)
  }
  init(from reader: inout WireDecoder) throws(DecodingFault) {
    tables = try [ObjectID](from: &reader)
    transaction = try TransactionID(from: &reader)
    isNoWait = try reader.bool()
  }
}

/// Answers when the transactions that use the tables there now have ended.
struct AwaitUsers: ShardCommand {
  typealias Answer = KernelError?
  static let name = "gate.users"
  let tables: [ObjectID]
  let transaction: TransactionID

  func run(on shard: NodeShard, from node: NodeID, reply: @escaping (KernelError?) -> Void) {
    shard.awaitUsers(of: tables, transaction, reply)
  }

  init(tables: [ObjectID], transaction: TransactionID) {
    self.tables = tables
    self.transaction = transaction
  }
  func encode(into out: inout WireEncoder) {
    tables.encode(into: &out)
    transaction.encode(into: &out)
  }
  init(from reader: inout WireDecoder) throws(DecodingFault) {
    tables = try [ObjectID](from: &reader)
    transaction = try TransactionID(from: &reader)
  }
}

/// Ends a transaction's waiting at gates there.
struct FailGate: ShardCommand {
  typealias Answer = Bool
  static let name = "gate.fail"
  let transaction: TransactionID
  let error: KernelError

  func run(on shard: NodeShard, from node: NodeID, reply: @escaping (Bool) -> Void) {
    shard.failGate(transaction, error)
    reply(true)
  }

  init(transaction: TransactionID, error: KernelError) {
    self.transaction = transaction
    self.error = error
  }
  func encode(into out: inout WireEncoder) {
    transaction.encode(into: &out)
    error.encode(into: &out)
  }
  init(from reader: inout WireDecoder) throws(DecodingFault) {
    transaction = try TransactionID(from: &reader)
    error = try KernelError(from: &reader)
  }
}

/// The gates that a transaction closed there open.
struct OpenGates: ShardCommand {
  typealias Answer = Bool
  static let name = "gate.open"
  let transaction: TransactionID

  func run(on shard: NodeShard, from node: NodeID, reply: @escaping (Bool) -> Void) {
    shard.openGates(of: transaction)
    reply(true)
  }

  init(transaction: TransactionID) { self.transaction = transaction }
  func encode(into out: inout WireEncoder) { transaction.encode(into: &out) }
  init(from reader: inout WireDecoder) throws(DecodingFault) {
    transaction = try TransactionID(from: &reader)
  }
}

/// NOTIFY, for the listeners there.
struct TellNotification: ShardCommand {
  typealias Answer = Bool
  static let name = "notify"
  let channel: String
  let payload: String
  let process: Int32

  func run(on shard: NodeShard, from node: NodeID, reply: @escaping (Bool) -> Void) {
    shard.notifications.tell(channel, payload, process: process)
    reply(true)
  }

  init(channel: String, payload: String, process: Int32) {
    self.channel = channel
    self.payload = payload
    self.process = process
  }
  func encode(into out: inout WireEncoder) {
    channel.encode(into: &out)
    payload.encode(into: &out)
    Int(process).encode(into: &out)
  }
  init(from reader: inout WireDecoder) throws(DecodingFault) {
    channel = try String(from: &reader)
    payload = try String(from: &reader)
    process = Int32(truncatingIfNeeded: try Int(from: &reader))
  }
}

/// Which transactions wait for which on a shard; to the shard that looks for circles.
struct ReportWaits: ShardCommand {
  typealias Answer = Bool
  static let name = "waits"
  let shard: ShardID
  let edges: [WaitEdge]

  func run(on target: NodeShard, from node: NodeID, reply: @escaping (Bool) -> Void) {
    target.updateDeadlocks(ShardPlace(node: node, shard: shard), edges)
    reply(true)
  }

  init(shard: ShardID, edges: [WaitEdge]) {
    self.shard = shard
    self.edges = edges
  }
  func encode(into out: inout WireEncoder) {
    shard.encode(into: &out)
    out.list(edges) {
      $0.waiter.encode(into: &$1)
      $0.blocker.encode(into: &$1)
    }
  }
  init(from reader: inout WireDecoder) throws(DecodingFault) {
    shard = try ShardID(from: &reader)
    edges = try reader.list { (reader) throws(DecodingFault) in
      WaitEdge(
        waiter: try TransactionID(from: &reader), blocker: try TransactionID(from: &reader))
    }
  }
}

/// Ends a transaction's waiting there with 40P01.
struct BreakDeadlock: ShardCommand {
  typealias Answer = Bool
  static let name = "deadlock"
  let victim: TransactionID

  func run(on shard: NodeShard, from node: NodeID, reply: @escaping (Bool) -> Void) {
    shard.breakDeadlock(victim)
    reply(true)
  }

  init(victim: TransactionID) { self.victim = victim }
  func encode(into out: inout WireEncoder) { victim.encode(into: &out) }
  init(from reader: inout WireDecoder) throws(DecodingFault) {
    victim = try TransactionID(from: &reader)
  }
}

/// Answers when the shard has the catalog's version: statements that begin there later see it.
struct AwaitCatalog: ShardCommand {
  typealias Answer = Bool
  static let name = "catalog.await"
  let version: UInt64

  func run(on shard: NodeShard, from node: NodeID, reply: @escaping (Bool) -> Void) {
    shard.whenCatalog(version) { reply(true) }
  }

  init(version: UInt64) { self.version = version }
  func encode(into out: inout WireEncoder) { version.encode(into: &out) }
  init(from reader: inout WireDecoder) throws(DecodingFault) {
    version = try UInt64(from: &reader)
  }
}

/// Which of the transactions, whose coordinators are there, have not ended.
struct AreActive: ShardCommand {
  typealias Answer = [Bool]
  static let name = "active"
  let transactions: [TransactionID]

  func run(on shard: NodeShard, from node: NodeID, reply: @escaping ([Bool]) -> Void) {
    reply(transactions.map { shard.isActive($0) })
  }

  init(transactions: [TransactionID]) { self.transactions = transactions }
  func encode(into out: inout WireEncoder) { transactions.encode(into: &out) }
  init(from reader: inout WireDecoder) throws(DecodingFault) {
    transactions = try [TransactionID](from: &reader)
  }
}

/// A signal to a session there.
struct SignalSession: ShardCommand {
  typealias Answer = Bool
  static let name = "session.signal"
  let process: Int32
  /// What a client has to show; nil: the right was checked.
  let secret: Int32?
  let terminates: Bool

  func run(on shard: NodeShard, from node: NodeID, reply: @escaping (Bool) -> Void) {
    shard.deliver(terminates ? .terminate : .cancel, to: process, secret: secret)
    reply(true)
  }

  init(process: Int32, secret: Int32?, terminates: Bool) {
    self.process = process
    self.secret = secret
    self.terminates = terminates
  }
  func encode(into out: inout WireEncoder) {
    Int(process).encode(into: &out)
    secret.map { Int($0) }.encode(into: &out)
    terminates.encode(into: &out)
  }
  init(from reader: inout WireDecoder) throws(DecodingFault) {
    process = Int32(truncatingIfNeeded: try Int(from: &reader))
    secret = try Int?(from: &reader).map { Int32(truncatingIfNeeded: $0) }
    terminates = try reader.bool()
  }
}
