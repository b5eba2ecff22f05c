public import Base

/// Which tablet has which buckets; one object, which comes with the first split. Before, the tablets
/// that the cluster was made with share the buckets equally.
public struct TabletMapDescriptor: Sendable, Hashable, Codable {
  /// A tablet and the buckets that it has.
  public struct Range: Sendable, Hashable, Codable {
    public var tablet: TabletID
    /// The first one; the last is before the next tablet's first.
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

  public private(set) var id = ObjectID(rawValue: 12_001)
  /// Rises by one with each change of this object.
  public var version: UInt64 = 0
  /// In the order of their buckets, the first with bucket 0.
  public var ranges: [Range]
  public var splits: [Split] = []
  /// Numbers of tablets are not given again.
  public var nextTablet: TabletID

  public init(ranges: [Range]) {
    self.ranges = ranges
    let last = ranges.map(\.tablet).max() ?? .catalog
    nextTablet = TabletID(rawValue: last.rawValue + 1)
  }

  /// How many buckets the tablet has, and its first; nil where it has none.
  public func buckets(of tablet: TabletID) -> Swift.Range<Int>? {
    guard let place = ranges.firstIndex(where: { $0.tablet == tablet }) else { return nil }
    let end = place + 1 < ranges.count ? Int(ranges[place + 1].first.rawValue) : Bucket.count
    return Int(ranges[place].first.rawValue)..<end
  }

  /// What the tablet is being split into; nil where it is not.
  public func child(of tablet: TabletID) -> TabletID? {
    splits.first { $0.parent == tablet }?.child
  }

  /// Notes that the tablet is to be split in the middle; false where it has one bucket, or none, or
  /// is being split.
  public mutating func begin(splitting parent: TabletID, home: NodeID) -> Bool {
    guard let buckets = buckets(of: parent), buckets.count > 1,
      !splits.contains(where: { $0.parent == parent })
    else { return false }
    let middle = Bucket(rawValue: UInt16(buckets.lowerBound + buckets.count / 2))
    splits.append(Split(parent: parent, child: nextTablet, at: middle, home: home))
    nextTablet = TabletID(rawValue: nextTablet.rawValue + 1)
    version += 1
    return true
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
