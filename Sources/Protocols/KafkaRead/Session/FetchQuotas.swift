import Base
import Catalog
import Synchronization

/// How many bytes of records a role may be given each second, by one node, over all of its connections: who has had more
/// waits before the next request is read, and is told so (KIP-219). Shared by the shards; only fetches of roles with
/// a quota take its lock.
public final class FetchQuotas: Sendable {
  /// A role's: `ALTER ROLE … SET`. 0: no quota.
  static let setting = "quatrain.kafka_fetch_bytes_per_second"

  private struct Account {
    /// Bytes that have been given and not been waited for, at the time.
    var debt: Int64
    var at: Int64
  }
  private let accounts = Mutex<[ObjectID: Account]>([:])

  init() {}

  /// Nil: the role has none.
  static func rate(of role: RoleDescriptor) -> Int? {
    role.settings[setting].flatMap { Int($0) }.flatMap { $0 > 0 ? $0 : nil }
  }

  /// The role is given so many bytes now: how many milliseconds it then waits.
  func charge(_ role: ObjectID, bytes: Int, rate: Int, now: Int64) -> Int64 {
    accounts.withLock { accounts in
      var account = accounts[role] ?? Account(debt: 0, at: now)
      let passed = max(0, now - account.at)
      let paid = passed.multipliedReportingOverflow(by: Int64(rate))
      account.debt = paid.overflow ? 0 : max(0, account.debt - paid.partialValue / 1_000)
      account.debt += Int64(bytes)
      account.at = now
      accounts[role] = account
      return account.debt * 1_000 / Int64(rate)
    }
  }
}
