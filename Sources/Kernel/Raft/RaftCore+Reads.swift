import Base

/// A read that waits for proof that this leader led after it was asked for.
struct PendingRead {
  let context: UInt64
  /// Nil: asked here.
  let from: ReplicaID?
  /// The commit index when it was asked; zero until the leader has committed in its own term.
  var index: LogIndex
  /// Proved by answers to this heartbeat round or a later one.
  var round: UInt64

  mutating func restart() {
    index = .zero
    round = 0
  }
}

/// Linearizable reads without log entries (dissertation, section 6.4).
extension RaftCore {
  /// Asks for an index that a read must wait to be applied; it comes in `readStates`, or the
  /// context in `refusedReads`. A follower asks its leader, and the answer may be lost: ask again
  /// after a while. False when no leader is known.
  public mutating func readIndex(context: UInt64, into actions: inout RaftActions) -> Bool {
    if role == .leader {
      beginRead(context, from: nil, into: &actions)
      return true
    }
    guard let leader else { return false }
    send(.readIndexRequest(context: context), to: leader, into: &actions)
    return true
  }

  mutating func takeForwardedRead(
    _ context: UInt64, from peer: ReplicaID, into actions: inout RaftActions
  ) {
    if role == .leader {
      beginRead(context, from: peer, into: &actions)
    } else {
      send(.readIndexResponse(context: context, index: nil), to: peer, into: &actions)
    }
  }

  mutating func takeReadAnswer(
    _ context: UInt64, _ index: LogIndex?, into actions: inout RaftActions
  ) {
    if let index {
      actions.readStates.append(RaftReadState(context: context, index: index))
    } else {
      actions.refusedReads.append(context)
    }
  }

  private mutating func beginRead(
    _ context: UInt64, from peer: ReplicaID?, into actions: inout RaftActions
  ) {
    if !hasOwnTermCommitted() {
      pendingReads.append(PendingRead(context: context, from: peer, index: .zero, round: 0))
    } else if isAlone {
      finishRead(
        PendingRead(context: context, from: peer, index: commitIndex, round: 0), into: &actions)
    } else {
      // One round is on its way at a time; reads that come meanwhile share the next.
      let isRoundOut = pendingReads.contains { $0.round > 0 && $0.round <= heartbeatRound }
      pendingReads.append(
        PendingRead(
          context: context, from: peer, index: commitIndex, round: heartbeatRound + 1))
      if !isRoundOut { broadcastHeartbeat(into: &actions) }
    }
  }

  /// The first commit of the own term: reads that waited for it start.
  mutating func beginWaitingReads(into actions: inout RaftActions) {
    if pendingReads.isEmpty || !hasOwnTermCommitted() { return }
    let waiting = pendingReads
    pendingReads.removeAll(keepingCapacity: true)
    for read in waiting { beginRead(read.context, from: read.from, into: &actions) }
  }

  mutating func confirmReads(into actions: inout RaftActions) {
    if pendingReads.isEmpty || !hasOwnTermCommitted() { return }
    let round = configuration.quorumValue { voter in
      voter == self.id
        ? self.heartbeatRound : self.progress(of: voter)?.acknowledgedRound ?? 0
    }
    guard pendingReads[0].round <= round else { return }
    // Rounds ascend along the queue.
    let count = pendingReads.firstIndex { $0.round > round } ?? pendingReads.count
    for read in pendingReads[..<count] { finishRead(read, into: &actions) }
    pendingReads.removeFirst(count)
    if let next = pendingReads.first, next.round > heartbeatRound {
      broadcastHeartbeat(into: &actions)
    }
  }

  private mutating func finishRead(_ read: PendingRead, into actions: inout RaftActions) {
    if let peer = read.from {
      send(
        .readIndexResponse(context: read.context, index: read.index), to: peer, into: &actions)
    } else {
      actions.readStates.append(RaftReadState(context: read.context, index: read.index))
    }
  }
}
