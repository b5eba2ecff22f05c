import Raft

/// Mistakes that tests make the node commit, to see that the simulation finds them; never set
/// otherwise.
package enum PlantedBug: Sendable, CaseIterable {
  /// Replies and promises leave when the entry has been appended.
  case acknowledgeBeforeDurable
  /// Recovery takes the last batch without looking at its checksum.
  case tornTailAccepted
  /// A decision is carried out without asking whether the promises that it names are on disk.
  case promisesNotConfirmed
  /// A leader that is not one any more leaves what has not committed in its memory.
  case effectsOfOldLeaderKept
  /// A leader reads without a lease and without asking its followers.
  case staleLeaderReads
  /// A snapshot is taken as if all nodes had one clock.
  case clocksTrusted
  /// A transaction goes on with another leader of its tablet, who does not know its writes.
  case termsNotChecked
  /// The decision of a two-phase commit is carried out, but not written.
  case decisionNotLogged
  /// A decision whose entry may or may not be on disk is taken for an abort.
  case unknownDecisionAborted
  /// ROLLBACK TO SAVEPOINT leaves the effects.
  case undoSkipped
  /// Readers do not wait for prepared intents that may commit below their snapshot.
  case preparedIntentsPassed
  /// SERIALIZABLE commits without looking at what it read.
  case readsNotValidated
  /// A transaction writes over a version that is newer than its snapshot.
  case newerVersionOverwritten
  /// A restart gives up prepared transactions without asking who decided.
  case doubtsAborted
  /// A decision is forgotten when the participants have been told, before they have it on disk.
  case decisionForgottenEarly
  /// A participant told twice answers the second time before it has the first on disk.
  case repeatedResolveTrusted
  /// Checkpoints leave out what is prepared and not decided.
  case preparedLeftOutOfCheckpoint
  /// Each shard goes by its own clock, which stays behind where the log is ahead.
  case clocksApart
  /// A tablet is split whatever else goes on there.
  case splitUnguarded
  /// A tablet takes calls that do not know of its split.
  case rangeUnchecked
  /// What a leader has appended and not committed when it steps down is taken for not done.
  case unknownOutcomeFailed
  /// As `RaftSettings.PlantedBug` says.
  case leaseKeptInTransfer
  /// Tablets carry out calls whatever the schema that they were planned with.
  case fencesIgnored
  /// Tablets are placed on the nodes of any tier.
  case tiersMixed
  /// A leader makes change records when it proposes an entry, whether or not it will commit.
  case changesAtProposal
  /// A checkpoint counts on change records that are not on disk yet.
  case changesNotSynced
  /// Change records are made of a promise, not of the decision.
  case changesAtPrepare
  /// A coordinator of Kafka's groups answers a commit of offsets before they are stored.
  case offsetsAnsweredEarly
  /// A coordinator of Kafka's groups takes commits of whoever sends them.
  case membersNotFenced
}

extension PlantedBug {
  /// What it makes of the node's groups.
  var ofGroup: RaftSettings.PlantedBug? {
    self == .leaseKeptInTransfer ? .leaseKeptInTransfer : nil
  }
}
