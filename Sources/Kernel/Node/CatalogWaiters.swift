/// Those who wait for a version of the catalog that this shard has not heard of yet, in the order in which
/// they came. Lives on: its shard.
struct CatalogWaiters {
  private struct Waiter {
    var number: UInt64
    var version: UInt64
    /// Whether the version has come.
    var body: (Bool) -> Void
  }
  private var waiters: [Waiter] = []
  private var last: UInt64 = 0

  var count: Int { waiters.count }

  /// Its number, by which it can be taken back.
  @discardableResult
  mutating func add(_ version: UInt64, _ body: @escaping (Bool) -> Void) -> UInt64 {
    last += 1
    waiters.append(Waiter(number: last, version: version, body: body))
    return last
  }

  /// Those whose version has come.
  mutating func take(upTo version: UInt64) -> [(Bool) -> Void] {
    let ready = waiters.filter { $0.version <= version }
    waiters.removeAll { $0.version <= version }
    return ready.map(\.body)
  }

  /// nil: it has been taken.
  mutating func take(_ number: UInt64) -> ((Bool) -> Void)? {
    guard let index = waiters.firstIndex(where: { $0.number == number }) else { return nil }
    return waiters.remove(at: index).body
  }
}
