import Base
import Catalog
import Node
import Types

extension RunCommands {
  /// Commands that look at a key without using it.
  private static let unnoted: Set<String> = [
    "object", "type", "ttl", "pttl", "expiretime", "pexpiretime", "memory|usage", "dump",
  ]

  /// Notes which keys the commands use, and makes room for what they may write. False: there is none, and
  /// only scripts are among them, which may do without.
  func watchMemory(_ context: CommandContext) throws(CommandStop) -> Bool {
    guard let keeper = context.rows.keeper else { return true }
    var keys: [[UInt8]] = []
    var used: [[UInt8]] = []
    var needsRoom = false
    var mayNeedRoom = false
    for command in commands {
      guard let spec = CommandTable.find(command.arguments) else { continue }
      for position in spec.keyPositions(command.arguments) ?? [] {
        let key = RowKey.key(db: command.db, command.arguments[position])
        keys.append(key)
        if !Self.unnoted.contains(spec.name) { used.append(key) }
      }
      if spec.flags.contains(.denyOOM) { needsRoom = true }
      if ScriptCommands.runners.contains(spec.name), !spec.isReadOnly { mayNeedRoom = true }
    }
    keeper.note(used, context.configuration)
    guard needsRoom || mayNeedRoom else { return true }
    if try keeper.makeRoom(context, besides: keys) { return true }
    if needsRoom { throw .outOfMemory }
    return false
  }
}

extension CommandStop {
  static let outOfMemory = CommandStop.procedure(
    .user(SQLError(.outOfMemory, "more than maxmemory is used, and no key may be removed")))
}
