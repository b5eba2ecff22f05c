import Base

/// What MIGRATE is asked for.
struct MigrateRequest {
  let host: String
  let port: Int
  let keys: [[UInt8]]
  /// The database there.
  let database: Int64
  /// How long each answer may take.
  let milliseconds: Int
  /// The keys stay here as well.
  private(set) var isCopy = false
  /// What has the same name there is replaced.
  private(set) var replaces = false
  /// The arguments of AUTH there; empty: none is sent.
  private(set) var login: [[UInt8]] = []

  private static let millisecondsStandard = 1_000

  init(_ command: CommandArguments) throws(CommandStop) {
    var keys = [command.array(3)]
    var index = 6
    while index < command.count {
      let left = command.count - index - 1
      if command.matches(index, "COPY") {
        isCopy = true
      } else if command.matches(index, "REPLACE") {
        replaces = true
      } else if command.matches(index, "AUTH"), left >= 1 {
        login = [command.array(index + 1)]
        index += 1
      } else if command.matches(index, "AUTH2"), left >= 2 {
        login = [command.array(index + 1), command.array(index + 2)]
        index += 2
      } else if command.matches(index, "KEYS") {
        guard command[3].isEmpty else {
          throw .error(
            "ERR When using MIGRATE KEYS option, the key argument must be set to the empty string")
        }
        keys = (index + 1..<command.count).map { command.array($0) }
        break
      } else {
        throw .syntax
      }
      index += 1
    }
    guard let timeout = command[5].strictInteger(), let database = command[4].strictInteger(),
      let port = command[2].strictInteger()
    else { throw .notInteger }
    self.keys = keys
    self.database = database
    self.port = Int(clamping: port)
    host = command.text(1)
    milliseconds = timeout > 0 ? Int(clamping: timeout) : Self.millisecondsStandard
  }

  /// The places of the keys.
  @Sendable static func keyPositions(_ command: CommandArguments) -> [Int]? {
    guard command.count >= 6 else { return nil }
    var index = 6
    while index < command.count {
      if command.matches(index, "KEYS") {
        return command[3].isEmpty ? Array(index + 1..<command.count) : nil
      }
      if command.matches(index, "AUTH") {
        index += 1
      } else if command.matches(index, "AUTH2") {
        index += 2
      }
      index += 1
    }
    return [3]
  }
}
