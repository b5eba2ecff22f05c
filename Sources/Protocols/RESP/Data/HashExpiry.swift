import Base
import Catalog

/// What a hash some of whose fields expire keeps in the `detail` of its key's row. Each such field's row
/// expires by itself, in the store, and nothing tells the key's row. So
///
/// - `length` is exact before `earliest`; from then on it may count fields that are gone, and whoever
///   wants the number counts the rows. A write counts them anew at most every `settleAfter`;
/// - where no field is left that stays, the key's own row expires when the last field does: a hash
///   whose fields have all expired is not there, for commands of every type.
///
/// SQL leaves `uncounted` where it has written a field that expires: the next write counts.
///
/// Nil where all fields stay: their hashes cost nothing. Times are milliseconds since the Unix epoch.
struct HashExpiry: Equatable, Sendable {
  /// No field expires before.
  var earliest: Int64
  /// No field that expires does so later.
  var latest: Int64
  /// Fields that stay.
  var permanent: Int64

  static let byteCount = 24
  static let settleAfter: Int64 = 1_000
  static let uncounted = HashExpiry(RedisSchema.uncountedExpiry)

  /// When the last field has expired; nil where some stay.
  var end: Int64? { permanent > 0 ? nil : latest }

  init(permanent: Int64) {
    earliest = .max
    latest = .min
    self.permanent = permanent
  }

  /// `bytes`: `byteCount` of them.
  init(_ bytes: [UInt8]) {
    func number(_ index: Int) -> Int64 {
      bytes[index * 8..<index * 8 + 8].reduce(0) { $0 << 8 | Int64($1) }
    }
    earliest = number(0)
    latest = number(1)
    permanent = number(2)
  }

  var encoded: [UInt8] {
    var out: [UInt8] = []
    for number in [earliest, latest, permanent] {
      withUnsafeBytes(of: number.bigEndian) { out.append(contentsOf: $0) }
    }
    return out
  }

  mutating func add(expiresAt: Int64?) {
    guard let expiresAt else {
      permanent += 1
      return
    }
    earliest = min(earliest, expiresAt)
    latest = max(latest, expiresAt)
  }
}

extension KeyRow {
  /// Of a hash.
  var hashExpiry: HashExpiry? {
    get { type == .hash ? detail.map { HashExpiry($0) } : nil }
    set { detail = newValue?.encoded }
  }
}
