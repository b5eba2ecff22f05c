import Base
import Catalog

@testable import RESP

/// Commands over rows in memory, as `AcrossTablets` runs them.
final class CommandRun {
  let rows: FetchedRows
  var options = RunOptions()
  private(set) var block: BlockRequest?

  /// `keys`: those that commands may use, all of database 0.
  init(keys: [String], time: Timestamp = Timestamp(rawValue: 1_700_000_000_000_000_000)) {
    rows = FetchedRows(time: time, configuration: .standard)
    for key in keys {
      rows.add(
        FetchedKey(
          rowKey: RowKey.key(db: 0, key.utf8), rows: [], expired: nil, hasChanged: false))
    }
  }

  /// The reply's bytes, as text.
  @discardableResult
  func callAsFunction(_ words: String...) throws -> String {
    let command = CommandArguments(words.map { Array($0.utf8) })
    let outcome = try Runner(rows: RowAccess(rows), options: options)
      .run([QueuedCommand(db: 0, arguments: command)], [])
    block = outcome.block
    return String(decoding: outcome.replies.first ?? [], as: UTF8.self)
  }

  /// The rows there are, in order.
  func rows(_ space: KeyspaceID) -> [RowChange] {
    rows.changes.filter { $0.space == space && $0.value != nil }
  }
}
