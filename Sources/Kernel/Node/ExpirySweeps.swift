public import Base
import Reactor
import Storage

/// Removes rows that have expired. Nobody sees them from that time on; that they go, with whatever
/// else belongs to them, is for the front end whose table it is: it registers the procedure that does it.
///
/// A shard looks for them on the tablets that it leads, ten times a second: only in keyspaces where
/// something may have expired (`Store.earliestExpiry`), in slices of a bounded number of keys, one
/// slice a turn. Keys that are found go to the procedure in batches, one batch of a keyspace and
/// tablet at a time. Lives on: its shard.
struct ExpirySweeps {
  static let intervalMilliseconds = 100
  /// Keys that one turn looks at.
  static let sliceKeysMax = 1_000
  /// Slices of one interval: what is left waits for the next one.
  static let slicesMax = 50
  /// Keys that one call removes.
  static let batchKeysMax = 100

  /// Removes the keys from the tablet that owns the bucket, and says when that is over.
  typealias Removal = (NodeShard, Bucket, [[UInt8]], @escaping () -> Void) -> Void

  struct Place: Hashable {
    var tablet: TabletID
    var space: KeyspaceID
  }

  private struct Pass {
    /// Nil: none is under way.
    var cursor: [UInt8]?
    /// A batch is.
    var isRemoving = false
  }

  private var removals: [KeyspaceID: Removal] = [:]
  private var passes: [Place: Pass] = [:]
  var isScheduled = false

  /// In order; kept so, since each turn goes through them for each tablet.
  private(set) var spaces: [KeyspaceID] = []

  mutating func set(_ space: KeyspaceID, _ removal: Removal?) {
    removals[space] = removal
    spaces = removals.keys.sorted()
    if removal == nil { passes = passes.filter { $0.key.space != space } }
  }

  func removal(_ space: KeyspaceID) -> Removal? { removals[space] }

  func cursor(_ place: Place) -> [UInt8]? { passes[place]?.cursor }
  func isRemoving(_ place: Place) -> Bool { passes[place]?.isRemoving ?? false }

  mutating func set(_ place: Place, cursor: [UInt8]?) {
    passes[place, default: Pass()].cursor = cursor
  }

  mutating func set(_ place: Place, isRemoving: Bool) {
    guard removals[place.space] != nil else { return }
    passes[place, default: Pass()].isRemoving = isRemoving
  }
}

extension NodeShard {
  /// From now on this shard has expired rows of the keyspace removed, on the tablets that it leads, by
  /// the procedure made of their keys. It must look again whether each has expired; it may be called
  /// for keys that others have removed meanwhile, and for the same ones again where it has failed.
  public func removeExpired<P: Procedure>(
    in space: KeyspaceID, by make: @escaping ([[UInt8]]) -> P,
    _ done: @escaping (Result<P.Output, KernelError>) -> Void
  ) {
    expiry.set(space) { shard, bucket, keys, isOver in
      shard.callAlone(make(keys), bucket: bucket) {
        isOver()
        done($0)
      }
    }
    scheduleExpirySweep()
  }

  /// The keyspace is no more, or its rows do not expire any longer.
  public func stopRemovingExpired(in space: KeyspaceID) { expiry.set(space, nil) }

  private func scheduleExpirySweep() {
    if expiry.isScheduled || expiry.spaces.isEmpty { return }
    expiry.isScheduled = true
    reactor.after(milliseconds: ExpirySweeps.intervalMilliseconds) { [unowned self] in
      expiry.isScheduled = false
      sweepExpired(slices: ExpirySweeps.slicesMax)
      scheduleExpirySweep()
    }
  }

  /// One slice now, and the others in later turns.
  private func sweepExpired(slices: Int) {
    guard slices > 0, !isClockWrong, let place = nextSweep() else { return }
    sweep(place)
    reactor.after(nanoseconds: 0) { [unowned self] in sweepExpired(slices: slices - 1) }
  }

  /// Where there is something to look for; passes under way come first.
  private func nextSweep() -> ExpirySweeps.Place? {
    let now = Timestamp(rawValue: wallNanoseconds())
    var next: ExpirySweeps.Place?
    for id in tabletIDs {
      let tablet = hosted(id)
      guard tablet.replication.isReadable, tablet.replication.failure == nil,
        !tablet.isHandingOver, id != .catalog
      else { continue }
      for space in expiry.spaces {
        let place = ExpirySweeps.Place(tablet: id, space: space)
        if expiry.isRemoving(place) { continue }
        if expiry.cursor(place) != nil { return place }
        if next == nil, tablet.store.earliestExpiry(space) <= now { next = place }
      }
    }
    return next
  }

  private func sweep(_ place: ExpirySweeps.Place) {
    var keys: [[UInt8]] = []
    let cursor = hosted(place.tablet).store.expiredKeys(
      place.space, at: Timestamp(rawValue: wallNanoseconds()), after: expiry.cursor(place),
      budget: ExpirySweeps.sliceKeysMax
    ) { key in
      keys.append(Array(key))
      return keys.count < ExpirySweeps.batchKeysMax
    }
    expiry.set(place, cursor: cursor)
    guard !keys.isEmpty, let removal = expiry.removal(place.space),
      let first = map.firstBucket(of: place.tablet)
    else { return }
    expiry.set(place, isRemoving: true)
    removal(self, first, keys) { [unowned self] in
      expiry.set(place, isRemoving: false)
    }
  }
}
