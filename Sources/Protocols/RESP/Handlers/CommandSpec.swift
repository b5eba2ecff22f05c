import Base

/// What a command is to routing, transactions and COMMAND INFO.
struct CommandFlags: OptionSet, Sendable {
  var rawValue: UInt32
  static let write = CommandFlags(rawValue: 1 << 0)
  static let readOnly = CommandFlags(rawValue: 1 << 1)
  static let denyOOM = CommandFlags(rawValue: 1 << 2)
  static let admin = CommandFlags(rawValue: 1 << 3)
  static let pubsub = CommandFlags(rawValue: 1 << 4)
  static let noScript = CommandFlags(rawValue: 1 << 5)
  static let blocking = CommandFlags(rawValue: 1 << 6)
  static let fast = CommandFlags(rawValue: 1 << 7)
  static let noAuth = CommandFlags(rawValue: 1 << 8)
  static let noMulti = CommandFlags(rawValue: 1 << 9)
  static let movableKeys = CommandFlags(rawValue: 1 << 10)
  static let loading = CommandFlags(rawValue: 1 << 11)
  static let stale = CommandFlags(rawValue: 1 << 12)
  /// Of a command that only reads, but may keep what it has found out with the key.
  static let mayReplicate = CommandFlags(rawValue: 1 << 13)
}

/// Where a command's keys are among its arguments.
enum KeyPositions: Sendable {
  case none
  /// From `first` to `last` (negative: from the end), every `step`.
  case range(first: Int, last: Int, step: Int)
  /// At the argument is how many follow behind it.
  case counted(at: Int, before: [Int] = [])
  /// Nil: the arguments are wrong, and the handler says how.
  case found(@Sendable (CommandArguments) -> [Int]?)

  static let first = KeyPositions.range(first: 1, last: 1, step: 1)
  /// Behind a command of two words.
  static let second = KeyPositions.range(first: 2, last: 2, step: 1)
  static let firstTwo = KeyPositions.range(first: 1, last: 2, step: 1)
  static let all = KeyPositions.range(first: 1, last: -1, step: 1)
}

/// Runs where the keys' rows are, to completion.
typealias DataHandler =
  @Sendable (CommandContext, CommandArguments) throws(CommandStop) -> Void
/// Runs in the session: it may wait, and writes its reply to the session's output.
typealias SessionHandler = @Sendable (RESPSession, CommandArguments) async -> Void

enum CommandBody: Sendable {
  case data(DataHandler)
  case session(SessionHandler)
}

/// One command of Redis.
final class CommandSpec: Sendable {
  /// In lower case.
  let name: String
  /// With the name itself; negative: at least so many.
  let arity: Int
  let flags: CommandFlags
  let keys: KeyPositions
  let body: CommandBody
  /// Of a command that is only the first word of others, "config" say: those, as "config|get".
  let subcommands: [CommandSpec]
  /// Its place in `CommandTable.names`.
  let number: Int
  /// Where its key is, of a command for data that has exactly one and never waits; else 0.
  let onlyKey: Int
  let isGet: Bool

  private init(
    _ name: String, _ arity: Int, _ flags: CommandFlags, _ keys: KeyPositions, _ body: CommandBody,
    _ subcommands: [CommandSpec] = [], number: Int = 0
  ) {
    self.name = name
    self.arity = arity
    self.flags = flags
    self.keys = keys
    self.body = body
    self.subcommands = subcommands
    self.number = number
    isGet = name == "get"
    if case .data = body, case .range(let first, let last, _) = keys, first == last,
      !flags.contains(.blocking)
    {
      onlyKey = first
    } else {
      onlyKey = 0
    }
  }

  func with(_ subcommands: [CommandSpec]) -> CommandSpec {
    CommandSpec(name, arity, flags, keys, body, subcommands, number: number)
  }

  /// With its subcommands' numbers behind its own.
  fileprivate func numbered(from number: Int) -> CommandSpec {
    let numbered = subcommands.enumerated().map { $1.numbered(from: number + 1 + $0) }
    return CommandSpec(name, arity, flags, keys, body, numbered, number: number)
  }

  /// The first word of several commands.
  static func container(
    _ name: String, _ subcommands: [CommandSpec]
  ) -> CommandSpec {
    session(name, -2, []) { session, command in
      session.output.error(CommandTable.unknownSubcommand(name, command))
    }.with(subcommands)
  }

  static func data(
    _ name: String, _ arity: Int, _ flags: CommandFlags, _ keys: KeyPositions = .first,
    _ handler: @escaping DataHandler
  ) -> CommandSpec {
    CommandSpec(name, arity, flags, keys, .data(handler))
  }

  static func session(
    _ name: String, _ arity: Int, _ flags: CommandFlags, _ keys: KeyPositions = .none,
    _ handler: @escaping SessionHandler
  ) -> CommandSpec {
    CommandSpec(name, arity, flags, keys, .session(handler))
  }

  /// It writes nothing, and may run again when its answer is lost.
  var isReadOnly: Bool { flags.contains(.readOnly) && !flags.contains(.mayReplicate) }

  func accepts(count: Int) -> Bool { arity >= 0 ? count == arity : count >= -arity }

  /// The places of the keys; nil where the arguments are wrong.
  func keyPositions(_ arguments: CommandArguments) -> [Int]? {
    switch keys {
    case .none: return []
    case .range(let first, let last, let step):
      let end = last < 0 ? arguments.count + last : last
      guard first < arguments.count, end < arguments.count, first <= end else { return nil }
      return Array(stride(from: first, through: end, by: step))
    case .counted(let place, let before):
      guard place < arguments.count, let count = arguments[place].strictInteger(), count > 0,
        count <= Int64(arguments.count - place - 1)
      else { return nil }
      return before + Array(place + 1...place + Int(count))
    case .found(let find): return find(arguments)
    }
  }
}

/// All commands, by name in whichever case.
enum CommandTable {
  static let all: [CommandSpec] = numbered(
    [
      StringCommands.all, BitmapCommands.all, HyperLogLogCommands.all, KeyCommands.all,
      ExpiryCommands.all, ScanCommands.all, SortCommands.all, DumpCommands.all, HashCommands.all,
      SetCommands.all, SortedSetCommands.all, GeoCommands.all, ListCommands.all,
      StreamCommands.all, ScriptCommands.all, FunctionCommands.all, TransactionCommands.all,
      PubSubCommands.all, ConnectionCommands.all, ClientCommands.all, ACLCommands.all,
      CommandCommands.all, ServerCommands.all, ClusterCommands.all, KeyspaceCommands.all,
    ].flatMap { $0 })

  /// Of all commands, with those that have two words, by their numbers.
  static let names: [String] = all.flatMap { [$0.name] + $0.subcommands.map(\.name) }

  private static func numbered(_ commands: [CommandSpec]) -> [CommandSpec] {
    var number = 0
    return commands.map { command in
      defer { number += 1 + command.subcommands.count }
      return command.numbered(from: number)
    }
  }

  private static let index = CommandIndex(all)

  static func find(_ arguments: CommandArguments) -> CommandSpec? {
    guard arguments.count > 0, let spec = find(arguments[0]) else { return nil }
    guard !spec.subcommands.isEmpty, arguments.count > 1 else { return spec }
    let name = spec.name + "|" + arguments.text(1).lowercased()
    return spec.subcommands.first { $0.name == name } ?? spec
  }

  static func find(_ name: ArraySlice<UInt8>) -> CommandSpec? {
    index.place(of: name).map { all[$0] }
  }

  /// A command of two words by its full name, "config|get", or one of one word.
  static func find(named name: String) -> CommandSpec? {
    let parts = name.lowercased().split(separator: "|", maxSplits: 1).map(String.init)
    guard let first = parts.first, let spec = find(Array(first.utf8)[...]) else { return nil }
    if parts.count == 1 { return spec }
    return spec.subcommands.first { $0.name == parts.joined(separator: "|") }
  }

  static func unknownSubcommand(_ name: String, _ command: CommandArguments) -> String {
    let word = String(decoding: command[1].prefix(128), as: UTF8.self)
    return "ERR unknown subcommand '\(word)'. Try \(name.uppercased()) HELP."
  }

  /// The error for a name that is no command's, as the original words it.
  static func unknown(_ arguments: CommandArguments) -> String {
    func shown(_ index: Int, atMost count: Int) -> String {
      String(decoding: arguments[index].prefix(count), as: UTF8.self)
    }
    var text = "ERR unknown command '\(shown(0, atMost: 128))', with args beginning with: "
    var index = 1
    var length = 0
    while index < arguments.count, length < 128 {
      let part = "'\(shown(index, atMost: 128 - length))' "
      text += part
      length += part.utf8.count
      index += 1
    }
    return text
  }
}

/// Finds a command by its name without making a string of it: a hash table with open addresses.
private struct CommandIndex: Sendable {
  private var slots: [Int16]
  /// One behind the other.
  private let letters: [UInt8]
  private let ends: [Int]

  init(_ commands: [CommandSpec]) {
    let names = commands.map { Array($0.name.utf8) }
    letters = names.flatMap { $0 }
    ends = names.reduce(into: [0]) { $0.append(($0.last ?? 0) + $1.count) }
    slots = Array(repeating: -1, count: 2_048)
    for (place, name) in names.enumerated() {
      var slot = name.withUnsafeBufferPointer { Self.hash($0) } & (slots.count - 1)
      while slots[slot] >= 0 {
        invariant(names[Int(slots[slot])] != name, "command \(commands[place].name) is there twice")
        slot = (slot + 1) & (slots.count - 1)
      }
      slots[slot] = Int16(place)
    }
  }

  /// FNV-1a over the lower-case letters.
  private static func hash(_ name: UnsafeBufferPointer<UInt8>) -> Int {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in name { hash = (hash ^ UInt64(lower(byte))) &* 0x100_0000_01B3 }
    return Int(truncatingIfNeeded: hash ^ hash >> 32)
  }

  private static func lower(_ byte: UInt8) -> UInt8 {
    byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") ? byte + 32 : byte
  }

  func place(of name: ArraySlice<UInt8>) -> Int? {
    name.withUnsafeBufferPointer { name in
      var slot = Self.hash(name) & (slots.count - 1)
      while slots[slot] >= 0 {
        if isName(Int(slots[slot]), name) { return Int(slots[slot]) }
        slot = (slot + 1) & (slots.count - 1)
      }
      return nil
    }
  }

  private func isName(_ place: Int, _ name: UnsafeBufferPointer<UInt8>) -> Bool {
    let start = ends[place]
    guard ends[place + 1] - start == name.count else { return false }
    for position in 0..<name.count where letters[start + position] != Self.lower(name[position]) {
      return false
    }
    return true
  }
}
