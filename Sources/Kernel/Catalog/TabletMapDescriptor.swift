public import Base

/// Which tablet has which buckets of all tiers; one object, which comes with the first split or the
/// first tier. Before, the tablets that the cluster was made with share the buckets equally.
public struct TabletMapDescriptor: Sendable, Hashable, Codable {
  /// A tablet and the buckets that it has.
  public struct Range: Sendable, Hashable, Codable {
    public var tablet: TabletID
    /// The first one; the last is before the next tablet's first, or the tier's last.
    public var first: Bucket
    /// When it got this range; zero: it was made with it. Calls carry it, so that a tablet knows the
    /// callers that do not know of its last split. Nothing older can be read there.
    public var since: Timestamp

    public init(tablet: TabletID, first: Bucket, since: Timestamp) {
      self.tablet = tablet
      self.first = first
      self.since = since
    }
  }

  /// A split under way.
  public struct Split: Sendable, Hashable, Codable {
    public var parent: TabletID
    public var child: TabletID
    /// The child's first bucket.
    public var at: Bucket
    /// Where the child's first replica is made, there alone and once.
    public var home: NodeID
    /// It has been made: the child is a group like any other.
    public var isMade = false

    public init(parent: TabletID, child: TabletID, at: Bucket, home: NodeID) {
      self.parent = parent
      self.child = child
      self.at = at
      self.home = home
    }
  }

  /// A tablet of a new tier, before all of the tier's tablets are there.
  public struct Birth: Sendable, Hashable, Codable {
    public var tablet: TabletID
    public var first: Bucket
    /// Where its first replica is made, there alone and once; nil: the tier has no node yet.
    public var home: NodeID?
    public var isMade = false

    public init(tablet: TabletID, first: Bucket) {
      self.tablet = tablet
      self.first = first
    }
  }

  public private(set) var id = ObjectID(rawValue: 12_001)
  /// Rises by one with each change of this object.
  public var version: UInt64 = 0
  /// In the order of their buckets, the first with bucket 0. Tiers whose tablets are not all there have none.
  public var ranges: [Range]
  public var splits: [Split] = []
  /// Nil in objects from before there were tiers.
  private var tabletBirths: [Birth]?
  /// The last tier's number; like tablets' it is not given again.
  private var lastTier: TierID?
  /// Numbers of tablets are not given again.
  public var nextTablet: TabletID

  public init(ranges: [Range]) {
    self.ranges = ranges
    let last = ranges.map(\.tablet).max() ?? .catalog
    nextTablet = TabletID(rawValue: last.rawValue + 1)
  }

  /// The tablet's slots of its tier's buckets; nil where it has none. Costs a walk over the ranges.
  public func buckets(of tablet: TabletID) -> Swift.Range<Int>? {
    ranges.firstIndex { $0.tablet == tablet }.map { buckets(at: $0) }
  }

  /// The same of a position in `ranges`.
  public func buckets(at place: Int) -> Swift.Range<Int> {
    let first = ranges[place].first
    let isLast = place + 1 == ranges.count || ranges[place + 1].first.tier != first.tier
    return Int(first.slot)..<(isLast ? Bucket.count : Int(ranges[place + 1].first.slot))
  }

  /// Also of tablets that have no buckets yet; nil of those that are not known.
  public func tier(of tablet: TabletID) -> TierID? {
    let first =
      ranges.first { $0.tablet == tablet }?.first ?? births.first { $0.tablet == tablet }?.first
      ?? splits.first { $0.child == tablet }?.at
    return first?.tier
  }

  /// What the tablet is being split into; nil where it is not.
  public func child(of tablet: TabletID) -> TabletID? {
    splits.first { $0.parent == tablet }?.child
  }

  /// Notes that the tablet is to be split in the middle; false where it has one bucket, or none, or
  /// is being split.
  public mutating func begin(splitting parent: TabletID, home: NodeID) -> Bool {
    guard !splits.contains(where: { $0.parent == parent }), let middle = middle(of: parent) else {
      return false
    }
    splits.append(Split(parent: parent, child: nextTablet, at: middle, home: home))
    nextTablet = TabletID(rawValue: nextTablet.rawValue + 1)
    version += 1
    return true
  }

  /// Where the tablet would be split; nil: it has one bucket or none.
  public func middle(of tablet: TabletID) -> Bucket? {
    guard let place = ranges.firstIndex(where: { $0.tablet == tablet }) else { return nil }
    let buckets = buckets(at: place)
    guard buckets.count > 1 else { return nil }
    return Bucket(
      tier: ranges[place].first.tier, slot: UInt16(buckets.lowerBound + buckets.count / 2))
  }

  /// The least number of parts of the tier's buckets of which every tablet has whole ones, also when
  /// splits under way are done.
  public func partitionsMin(of tier: TierID) -> Int {
    var width = Bucket.count
    for (place, range) in ranges.enumerated() where range.first.tier == tier {
      let isSplit = splits.contains { $0.parent == range.tablet }
      width = min(width, buckets(at: place).count / (isSplit ? 2 : 1))
    }
    return Bucket.count / width
  }

  public mutating func noteMade(_ child: TabletID) {
    guard let place = splits.firstIndex(where: { $0.child == child }) else { return }
    splits[place].isMade = true
    version += 1
  }

  /// Another node makes the child's first replica.
  public mutating func move(_ child: TabletID, to home: NodeID) {
    guard let place = splits.firstIndex(where: { $0.child == child }) else { return }
    splits[place].home = home
    version += 1
  }

  /// The parent has given the child its buckets.
  public mutating func finish(_ child: TabletID, since: Timestamp) {
    guard let place = splits.firstIndex(where: { $0.child == child }),
      let parent = ranges.firstIndex(where: { $0.tablet == splits[place].parent })
    else { return }
    let split = splits.remove(at: place)
    ranges[parent].since = since
    ranges.insert(Range(tablet: child, first: split.at, since: since), at: parent + 1)
    version += 1
  }
}

// MARK: - Tiers

extension TabletMapDescriptor {
  public var births: [Birth] { tabletBirths ?? [] }

  /// Tablets are being made or split, or wait for that.
  public var isChanging: Bool { !(splits.isEmpty && births.isEmpty) }

  public func hasTablets(_ tier: TierID) -> Bool { ranges.contains { $0.first.tier == tier } }

  /// Notes a new tier's tablets, which are to be made; nil where there have been too many tiers. `count`
  /// divides the buckets.
  public mutating func beginTier(tablets count: Int) -> TierID? {
    let last = lastTier ?? .standard
    guard last < .maximum else { return nil }
    let tier = TierID(rawValue: last.rawValue + 1)
    let width = Bucket.count / count
    for number in 0..<count {
      tabletBirths =
        births + [
          Birth(tablet: nextTablet, first: Bucket(tier: tier, slot: UInt16(number * width)))
        ]
      nextTablet = TabletID(rawValue: nextTablet.rawValue + 1)
    }
    lastTier = tier
    version += 1
    return tier
  }

  /// Another node makes the tablet's first replica.
  public mutating func place(_ births: [(tablet: TabletID, home: NodeID)]) {
    for birth in births {
      guard let place = tabletBirths?.firstIndex(where: { $0.tablet == birth.tablet }) else {
        continue
      }
      tabletBirths?[place].home = birth.home
    }
    version += 1
  }

  /// The tablets' first replicas are there. Where that is so of all of a tier's, it has its buckets.
  public mutating func noteBorn(_ tablets: [TabletID]) {
    for place in births.indices where tablets.contains(births[place].tablet) {
      tabletBirths?[place].isMade = true
    }
    let waiting = Set(births.filter { !$0.isMade }.map(\.first.tier))
    let ready = births.filter { !waiting.contains($0.first.tier) }
    tabletBirths = births.filter { waiting.contains($0.first.tier) }
    ranges += ready.map { Range(tablet: $0.tablet, first: $0.first, since: .zero) }
    ranges.sort { $0.first < $1.first }
    version += 1
  }

  /// The tier is no more, and its tablets with it.
  public mutating func remove(_ tier: TierID) {
    tabletBirths = births.filter { $0.first.tier != tier }
    splits.removeAll { $0.at.tier == tier }
    ranges.removeAll { $0.first.tier == tier }
    version += 1
  }
}
