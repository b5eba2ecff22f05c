import Base
import Catalog
import Types

/// Something that is asked of a tablet's leader, from any shard of any node: a procedure, or a step of
/// the commit protocol. On the tablet's own shard it is a function call, on another shard of the node
/// a message, on another node a frame with its name and its bytes (`NodeShard+Routing`).
protocol TabletCommand: WireCodable {
  associatedtype Answer: WireCodable
  /// What it goes by between nodes; never given to another command.
  static var name: String { get }
  /// On the tablet's shard; `reply` runs there, once.
  func run(on tablet: Tablet, reply: @escaping (Answer) -> Void)
  /// The answer when the tablet could not be asked, or its answer did not arrive.
  static func failed(_ error: KernelError) -> Answer
  /// The error in an answer, where it is one.
  static func error(in answer: Answer) -> KernelError?
  /// Done twice it is as if done once, so that it may be sent again when its answer is lost.
  var isIdempotent: Bool { get }
  /// Where the leader is not known or does not answer, it is sent again for a while.
  var isPersistent: Bool { get }
  /// What whoever waits hears when the answer is lost and it may not be sent again.
  var errorWhenLost: KernelError { get }
  /// Whose it is, nil for work of the kernel's own.
  var transaction: TransactionID? { get }
  /// The caller's changed catalog, where its transaction has one.
  var privateCatalog: PrivateCatalog? { get }
}

extension TabletCommand {
  var isIdempotent: Bool { false }
  var isPersistent: Bool { true }
  var errorWhenLost: KernelError {
    .serializationFailure("the connection to a tablet's leader was lost")
  }
  var transaction: TransactionID? { nil }
  var privateCatalog: PrivateCatalog? { nil }

  /// Nothing has been done: it may go to another leader.
  static func isRefused(_ answer: Answer) -> Bool {
    if case .leaderChanged = error(in: answer) { true } else { false }
  }
}

extension TabletCommand {
  static func failed<Success>(_ error: KernelError) -> Answer
  where Answer == Result<Success, KernelError> { .failure(error) }

  static func error<Success>(in answer: Answer) -> KernelError?
  where Answer == Result<Success, KernelError> {
    if case .failure(let error) = answer { error } else { nil }
  }
}

/// A transaction's uncommitted catalog, as another node makes it of the committed one.
final class PrivateCatalog: Sendable {
  let snapshot: CatalogSnapshot
  let base: UInt64
  let change: [UInt8]

  init(_ snapshot: CatalogSnapshot, from base: CatalogSnapshot) {
    self.snapshot = snapshot
    self.base = base.version
    change = CatalogRows.encode(snapshot.change(from: base))
  }
}

/// One call of a procedure.
struct ProcedureCall<P: Procedure>: TabletCommand {
  typealias Answer = CallReply<P.Output>
  static var name: String { P.name }
  let procedure: P
  private(set) var header: CallHeader

  init(procedure: P, header: CallHeader) {
    self.procedure = procedure
    self.header = header
  }

  func encode(into out: inout WireEncoder) {
    header.encode(into: &out)
    procedure.encode(into: &out)
  }
  init(from reader: inout WireDecoder) throws(DecodingFault) {
    header = try CallHeader(from: &reader)
    if reader.hasPrivateCatalog { header.tables = TablesOfCall(reader.catalog) }
    procedure = try P(from: &reader)
  }

  func run(on tablet: Tablet, reply: @escaping (CallReply<P.Output>) -> Void) {
    guard header.clockBound > 0, header.snapshot != nil else {
      return submit(header, on: tablet, reply)
    }
    // What its clock says now is said of every commit here so far: only a leader that serves knows them.
    tablet.whenServing { [self] refusal in
      if let refusal { return reply(Self.failed(refusal)) }
      var header = header
      if !header.observed.contains(where: { $0.tablet == tablet.id }) {
        header.observed.append(
          ObservedClock(tablet: tablet.id, timestamp: tablet.shard.nextTimestamp()))
      }
      submit(header, on: tablet, reply)
    }
  }

  private func submit(
    _ header: CallHeader, on tablet: Tablet, _ reply: @escaping (CallReply<P.Output>) -> Void
  ) {
    let id = header.transaction
    let observed = header.observed.first { $0.tablet == tablet.id }?.timestamp ?? .zero
    tablet.submit(procedure, header) {
      reply(
        CallReply(
          result: WireCheck.crossed($0), term: tablet.replication.term,
          touches: tablet.open[id] != nil,
          observed: observed))
    }
  }
  static func failed(_ error: KernelError) -> CallReply<P.Output> {
    CallReply(result: .failure(error), term: .zero, touches: false, observed: .zero)
  }
  static func error(in answer: CallReply<P.Output>) -> KernelError? {
    if case .failure(let error) = answer.result { error } else { nil }
  }
  /// What a serializable transaction reads is noted at the leader that it read from.
  var isIdempotent: Bool {
    procedure.isReadOnly && (header.commits || header.isolation != .serializable)
  }
  var errorWhenLost: KernelError {
    header.commits
      ? .unknownOutcome
      : .serializationFailure("the connection to a tablet's leader was lost")
  }
  var transaction: TransactionID? { header.transaction }
  var privateCatalog: PrivateCatalog? { header.privateCatalog }
}

/// What a call came to, and the term of the leader that carried it out.
struct CallReply<Output: Sendable>: Sendable {
  var result: Result<Output, KernelError>
  var term: Term
  /// The tablet keeps something of the transaction: effects, locks or what it read.
  var touches: Bool
  /// The leader's clock when the statement first came to it; zero where that is of no interest.
  var observed: Timestamp
}
