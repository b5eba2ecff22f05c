import Base
import Reactor
import Storage

/// Two-phase commit (DESIGN 9, 22.3) with one write to the logs before the reply:
///
///     coordinator            participants                     decider
///     prepare ──────────────▶ prepare record proposed
///              ◀── promised ─ (not durable yet): its place
///     decide ─────────────────────────────────────────────▶ decision record proposed, with the
///                                                             places of all prepare records
///                             all these records become durable side by side
///                             confirm ◀──────────────────── is the record at this place?
///              ◀───────────────────────────── committed ─── yes, everywhere, and its own: it counts
///                             resolve ◀──────────────────── rows visible, locks gone
///
/// A decision counts if and only if it and every prepare record that it names are in their logs. So
/// nothing depends on who remembers what: after a crash the decider asks again. A place names one
/// entry for ever (Raft's log matching), and a tablet that serves knows which entries it will have.
extension Tablet {
  typealias Outcome = Result<Timestamp, KernelError>

  /// Proposes the promise to commit when told so. Replies at once: the promise holds when the record
  /// is durable, for which `confirm` waits.
  func prepare(
    _ transaction: TransactionID, decider: TabletID, isolation: IsolationLevel,
    snapshot: Timestamp
  ) -> Result<Promise, KernelError> {
    guard let state = open[transaction] else {
      return .failure(.serializationFailure("the transaction is not known here any more"))
    }
    if let error = commitRefusal ?? validate(state, isolation, snapshot) {
      abandon(transaction)
      return .failure(error)
    }
    let record = prepareRecord(of: state, decider: decider, isolation: isolation)
    switch append(.prepare(record), of: state) {
    case .failure(let error):
      abandon(transaction)
      return .failure(error)
    case .success(let index):
      enterPrepared(state, record, index: index)
      return .success(Promise(timestamp: record.timestamp, place: replication.lastPlace))
    }
  }

  /// Whether the prepare record is in the log for good; replies when that is known.
  func confirm(_ place: LogPlace, reply: @escaping (Result<Bool, KernelError>) -> Void) {
    whenServing { [self] refusal in
      if let refusal { return reply(.failure(refusal)) }
      guard let isHeld = replication.holds(place) else { return reply(.failure(.unknownOutcome)) }
      guard isHeld else { return reply(.success(false)) }
      replication.whenCommitted(place.index) { reply($0.failed() ?? .success(true)) }
    }
  }

  /// Decides to commit, with its own writes in the same record; all others have promised, none later
  /// than `floor`. Replies with the commit time once the decision counts, or, with durability
  /// `relaxed`, is proposed.
  func decide(
    _ transaction: TransactionID, participants: [Participant], floor: Timestamp,
    isolation: IsolationLevel, snapshot: Timestamp, reply: @escaping (Outcome) -> Void
  ) {
    let proposed = propose(
      transaction, participants: participants, floor: floor, isolation: isolation,
      snapshot: snapshot)
    guard case .success = proposed else { return reply(proposed) }
    if replication.isReleasedAtOnce {
      reply(proposed)
      settle(transaction) { _ in }
    } else {
      settle(transaction, reply)
    }
  }

  func propose(
    _ transaction: TransactionID, participants: [Participant], floor: Timestamp,
    isolation: IsolationLevel, snapshot: Timestamp
  ) -> Outcome {
    guard decisions[transaction] == nil, let state = open[transaction] else {
      return .failure(.serializationFailure("the transaction was aborted meanwhile"))
    }
    shard.clock.observe(floor)
    if let error = commitRefusal ?? validate(state, isolation, snapshot) {
      abandon(transaction)
      return .failure(error)
    }
    let own = prepareRecord(of: state, decider: id, isolation: isolation)
    let record = DecisionRecord(prepare: own, participants: participants)
    let isUnlogged = shard.plantedBug == .decisionNotLogged
    switch isUnlogged ? .success(replication.commitIndex) : append(.decision(record), of: state) {
    case .failure(let error):
      abandon(transaction)
      return .failure(error)
    case .success(let index):
      enterPrepared(state, own, index: index)
      decisions[transaction] = DecisionState(
        stage: .proposed, commitTimestamp: own.timestamp, index: index,
        participants: participants)
      return .success(own.timestamp)
    }
  }
}

// MARK: - Whether a decision counts

extension Tablet {
  /// Finds out whether the decision counts and carries it out; `done` hears the commit time.
  func settle(_ transaction: TransactionID, _ done: @escaping (Outcome) -> Void) {
    guard let decision = decisions[transaction] else { return done(.failure(.unknownOutcome)) }
    if decision.stage == .committed { return done(.success(decision.commitTimestamp)) }
    decisions[transaction]?.waiters.append(done)
    guard decision.waiters.isEmpty else { return }
    let gather = Gather<Result<Bool, KernelError>>(count: 2) { [self] in
      conclude(transaction, $0)
    }
    replication.whenCommitted(decision.index) {
      gather.add($0.failed() ?? .success(true), at: 0)
    }
    if shard.plantedBug == .promisesNotConfirmed { return gather.add(.success(true), at: 1) }
    let participants = decision.participants
    shard.ask(participants.map { ($0.tablet, Confirm(place: $0.place)) }) {
      gather.add(Self.all($0), at: 1)
    }
  }

  /// A promise that is missing decides alone: the transaction can never commit.
  private static func all(_ answers: [Result<Bool, KernelError>]) -> Result<Bool, KernelError> {
    var all: Result<Bool, KernelError> = .success(true)
    for answer in answers {
      switch answer {
      case .success(true): break
      case .success(false): return .success(false)
      case .failure: all = answer
      }
    }
    return all
  }

  private func conclude(_ transaction: TransactionID, _ answers: [Result<Bool, KernelError>]) {
    // Asked before this replica led last and again since, it may have been found out already.
    guard decisions[transaction]?.stage == .proposed else { return }
    let told: Outcome
    switch Self.all(answers) {
    case .success(true): told = commitDecided(transaction)
    case .success(false): told = abortDecided(transaction)
    case .failure(let error): told = .failure(error)
    }
    let waiters = decisions[transaction]?.waiters ?? []
    decisions[transaction]?.waiters = []
    if case .failure = told, decisions[transaction]?.stage == .aborted {
      decisions[transaction] = nil
    }
    for waiter in waiters { waiter(told) }
    if case .success = told { publish(transaction) }
  }

  private func commitDecided(_ transaction: TransactionID) -> Outcome {
    guard let decision = decisions[transaction], let state = open[transaction],
      state.prepared != nil
    else { fatalError("invariant: \(id): a proposed decision of \(transaction) has its writes") }
    // Where the log fails now, the next start comes to the same end.
    _ = append(.resolve(transaction: transaction, commitTimestamp: decision.commitTimestamp))
    install(state, at: decision.commitTimestamp, index: state.preparedIndex)
    decisions[transaction]?.stage = .committed
    end(transaction)
    return .success(decision.commitTimestamp)
  }

  private func abortDecided(_ transaction: TransactionID) -> Outcome {
    _ = append(.resolve(transaction: transaction, commitTimestamp: nil))
    undo(transaction, downTo: 0)
    end(transaction)
    decisions[transaction]?.stage = .aborted
    return .failure(
      .serializationFailure("a participant's promise was lost: the transaction is aborted"))
  }

  /// Tells the participants of a commit; when all have it durably, it may be forgotten.
  func publish(_ transaction: TransactionID) {
    guard let decision = decisions[transaction] else { return }
    let timestamp = decision.commitTimestamp
    if shard.plantedBug == .decisionForgottenEarly {
      _ = append(.forget(transaction: transaction))
    }
    shard.ask(
      each: decision.participants.map(\.tablet),
      ResolveCommitted(id: transaction, timestamp: timestamp)
    ) { [self] outcomes in
      let isDone = outcomes.allSatisfy { if case .success = $0 { true } else { false } }
      guard decisions[transaction] != nil, replication.isServing else { return }
      if isDone, case .success = append(.forget(transaction: transaction)) {
        decisions[transaction] = nil
      } else if replication.failure == nil {
        // A participant could not be reached: it stays prepared until it hears.
        shard.reactor.after(milliseconds: Self.publishAgainMilliseconds) { [weak self] in
          self?.publish(transaction)
        }
      }
    }
  }

  private static let publishAgainMilliseconds = 500
}

// MARK: - The participant's end

extension Tablet {
  /// Carries out the decision for a transaction that has prepared here, or gives up one that has not.
  /// Told twice, it does nothing the second time. A commit is acknowledged once that is durable; an
  /// abort at once, since whoever finds no decision aborts.
  func resolve(
    _ transaction: TransactionID, commitTimestamp: Timestamp?, reply: @escaping (Outcome) -> Void
  ) {
    guard let state = open[transaction], state.prepared != nil else {
      guard let commitTimestamp else {
        abandon(transaction)
        return reply(.success(.zero))
      }
      // The first telling's entry may not be on disk yet, and with this answer the decider forgets.
      let isTrusted = shard.plantedBug == .repeatedResolveTrusted
      return replication.whenCommitted(
        isTrusted ? .zero : replication.lastIndex, isPatient: true
      ) { reply($0.failed() ?? .success(commitTimestamp)) }
    }
    if let commitTimestamp { shard.clock.observe(commitTimestamp) }
    switch append(.resolve(transaction: transaction, commitTimestamp: commitTimestamp)) {
    case .failure(let error): reply(.failure(error))
    case .success(let index):
      guard let commitTimestamp else {
        decisions[transaction] = nil
        undo(transaction, downTo: 0)
        end(transaction)
        return reply(.success(.zero))
      }
      // The decision is durable, so readers need not wait for this entry as well.
      install(state, at: commitTimestamp, index: state.preparedIndex)
      end(transaction)
      replication.whenCommitted(index, isPatient: true) {
        reply($0.failed() ?? .success(commitTimestamp))
      }
    }
  }

  /// A participant asks how its prepared transaction ended. Where no decision is found, ABORT is
  /// written first, and none can come later: what the transaction had here is gone.
  func outcome(
    of transaction: TransactionID, reply: @escaping (Result<Timestamp?, KernelError>) -> Void
  ) {
    whenServing { [self] refusal in
      if let refusal { return reply(.failure(refusal)) }
      settleOutcome(of: transaction, reply)
    }
  }

  private func settleOutcome(
    of transaction: TransactionID, _ reply: @escaping (Result<Timestamp?, KernelError>) -> Void
  ) {
    if decisions[transaction] != nil {
      return settle(transaction) { outcome in
        switch outcome {
        case .success(let timestamp): reply(.success(timestamp))
        case .failure(.serializationFailure): reply(.success(nil))
        case .failure(let error): reply(.failure(error))
        }
      }
    }
    switch append(.abort(transaction: transaction)) {
    case .failure(let error): reply(.failure(error))
    case .success(let index):
      abandon(transaction)
      replication.whenCommitted(index) { reply($0.failed() ?? .success(nil)) }
    }
  }
}
