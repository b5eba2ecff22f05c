import Base
import Catalog

/// Reading elements' rows; one that cannot be read ends the command with an error.
extension RowAccess {
  /// What `body` makes of the row; nil where there is none.
  func element<R>(
    _ space: KeyspaceID, _ key: [UInt8],
    _ body: (UnsafeRawBufferPointer) throws(DecodingFault) -> R
  ) throws(CommandStop) -> R? {
    let found = try withValue(space, key) { value -> Result<R, DecodingFault>? in
      guard let value else { return nil }
      do throws(DecodingFault) {
        return .success(try body(value))
      } catch {
        return .failure(error)
      }
    }
    switch found {
    case nil: return nil
    case .success(let element): return element
    case .failure(let fault): throw .damaged(fault)
    }
  }

  /// Visits the rows from `lower` to below `upper` (nil: to the end), in order or from the end, until
  /// `body` returns false.
  func elements(
    _ space: KeyspaceID, lower: [UInt8], upper: [UInt8]?, reverse: Bool = false,
    _ body: (_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) throws(DecodingFault)
      -> Bool
  ) throws(CommandStop) {
    var fault: DecodingFault?
    try scan(space, lower: lower, upper: upper, reverse: reverse) { key, value in
      do throws(DecodingFault) {
        return try body(key, value)
      } catch {
        fault = error
        return false
      }
    }
    if let fault { throw .damaged(fault) }
  }
}

/// Takes the elements of some ranks out of a walk over all.
struct RankPicker {
  /// Distinct, in order.
  private let ranks: [Int]
  private var next = 0
  private var rank = 0

  init(_ ranks: [Int]) { self.ranks = ranks }

  var isDone: Bool { next == ranks.count }

  /// Whether the element that the walk has reached is wanted.
  mutating func takes() -> Bool {
    defer { rank += 1 }
    guard next < ranks.count, ranks[next] == rank else { return false }
    next += 1
    return true
  }
}

/// Random elements of a collection, as ranks in the order of its rows. Every choice is uniform.
/// Finding a rank costs a walk to it (from the nearer end for a single one).
enum RandomRanks {
  /// Longer replies are refused: they would take the node's memory.
  static let countMax: Int64 = 1 << 24

  /// Different ones, in order (Floyd's choice of a subset).
  static func distinct(_ count: Int, of size: Int, _ random: inout Xoshiro256) -> [Int] {
    if count >= size { return Array(0..<size) }
    var chosen: Set<Int> = []
    var ranks: [Int] = []
    for last in size - count..<size {
      let candidate = Int.random(in: 0...last, using: &random)
      let rank = chosen.contains(candidate) ? last : candidate
      chosen.insert(rank)
      ranks.append(rank)
    }
    ranks.sort()
    return ranks
  }

  /// In the order in which they were drawn; the same may come again.
  static func independent(_ count: Int, of size: Int, _ random: inout Xoshiro256) -> [Int] {
    (0..<count).map { _ in Int.random(in: 0..<size, using: &random) }
  }

  /// Draws as `HRANDFIELD`, `SRANDMEMBER` and `ZRANDMEMBER` do: different elements where `count` is
  /// positive, independent ones where it is negative. `pick` finds the elements of ranks in order.
  static func draw<Element>(
    _ count: Int64, of size: Int, _ random: inout Xoshiro256,
    _ pick: ([Int]) throws(CommandStop) -> [Element]
  ) throws(CommandStop) -> [Element] {
    if count >= 0 {
      let count = Int(min(count, Int64(size)))
      return try pick(distinct(count, of: size, &random))
    }
    guard count >= -countMax else {
      throw .error("ERR value is out of range, more than \(countMax) elements in one reply")
    }
    if size == 0 { return [] }
    let drawn = independent(Int(-count), of: size, &random)
    let ranks = Set(drawn).sorted()
    let found = try pick(ranks)
    var places: [Int: Int] = [:]
    for (place, rank) in ranks.enumerated() { places[rank] = place }
    return drawn.compactMap { rank in
      places[rank].flatMap { $0 < found.count ? found[$0] : nil }
    }
  }
}
