import Base

/// What a leader knows about one follower.
///
///              rejection, or a gap                  log too short for us
///            ┌─────────────────────── replicate ◀─┐        ┌──────▶ snapshot
///            ▼                                    │        │            │
///          probe ── acknowledged ─────────────────┘  probe ┘            │
///            ▲                                                          │
///            └──────── snapshot acknowledged, failed or timed out ──────┘
///
/// *Probe* finds out where the logs agree with one message at a time; *replicate* sends ahead
/// without waiting (dissertation, section 10.2.1), up to a window of messages; *snapshot* waits.
struct RaftProgress {
  enum State: Equatable { case probe, replicate, snapshot }

  let id: ReplicaID
  /// Equal to our log and durable there, up to here. Never falls in a term.
  var match: LogIndex = .zero
  /// The next entry to send; match < next <= lastIndex + 1.
  var next: LogIndex
  var state: State = .probe
  /// Probe: one message is out. An answer or the next heartbeat's answer clears it.
  var isPaused = false
  /// Replicate: the last index of each append message on its way, ascending.
  var inflight: [LogIndex] = []
  /// The first entry asked of the owner for this follower; zero when none is.
  var fetching: LogIndex = .zero
  /// Ticks since the snapshot state began.
  var snapshotAgeTicks = 0
  /// Heard from since the last quorum check.
  var isActive = false
  /// The largest of each that came back in heartbeat answers of this term.
  var acknowledgedRound: UInt64 = 0
  var acknowledgedTick: UInt64 = 0
  /// The commit index that was last sent.
  var sentCommit: LogIndex = .zero
  /// Send an append even if it is empty: it uncovers a lost one.
  var wantsAppend = false

  init(id: ReplicaID, next: LogIndex) {
    self.id = id
    self.next = next
  }

  mutating func becomeProbe(next: LogIndex) {
    state = .probe
    self.next = max(next, match.next)
    isPaused = false
    inflight.removeAll(keepingCapacity: true)
    fetching = .zero
  }

  mutating func becomeReplicate() {
    state = .replicate
    next = match.next
    isPaused = false
    inflight.removeAll(keepingCapacity: true)
    fetching = .zero
  }

  mutating func becomeSnapshot() {
    state = .snapshot
    snapshotAgeTicks = 0
    inflight.removeAll(keepingCapacity: true)
    fetching = .zero
  }

  /// Whether there may be something to send to it.
  func wantsAnything(upTo lastIndex: LogIndex, _ commitIndex: LogIndex) -> Bool {
    state != .replicate || wantsAppend || next <= lastIndex || sentCommit < commitIndex
  }

  /// Messages up to `index` have arrived.
  mutating func freeInflight(upTo index: LogIndex) {
    var count = 0
    while count < inflight.count && inflight[count] <= index { count += 1 }
    if count > 0 { inflight.removeFirst(count) }
  }
}
