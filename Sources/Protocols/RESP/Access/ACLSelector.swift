import Base

/// Why a rule is none, as Redis says it.
struct ACLFault: Error {
  let reason: String
  static let unknown = ACLFault(reason: "Unknown command or category name in ACL")
  static let syntax = ACLFault(reason: "Syntax error")
}

/// What is not allowed.
enum ACLDenial {
  case command
  case key([UInt8])
  case channel([UInt8])
  /// SQL's, on the tables of Redis' keys.
  case privilege(String)

  /// As ACL LOG names it.
  var reason: String {
    switch self {
    case .command, .privilege: "command"
    case .key: "key"
    case .channel: "channel"
    }
  }

  /// What ACL LOG shows.
  func object(_ spec: CommandSpec) -> [UInt8] {
    switch self {
    case .command, .privilege: Array(spec.name.utf8)
    case .key(let name), .channel(let name): name
    }
  }

  func reply(_ spec: CommandSpec) -> String {
    switch self {
    case .command: "NOPERM this user has no permissions to run the '\(spec.name)' command"
    case .key: "NOPERM this user has no permissions to access one of the keys used as arguments"
    case .channel:
      "NOPERM this user has no permissions to access one of the channels used as arguments"
    case .privilege(let privilege):
      "NOPERM this user lacks the privilege \(privilege) on the table redis.keys"
    }
  }

  var reasonAtExec: String {
    switch self {
    case .command: "no permission to execute the command or subcommand"
    case .key: "no permission to touch the specified keys"
    case .channel:
      "no permission to access one of the channels used as arguments to the command"
    case .privilege(let privilege):
      "no privilege \(privilege) on the table redis.keys"
    }
  }

  /// What a script is told that calls the command.
  var textInScript: String {
    let what =
      switch self {
      case .command: "can't run this command or subcommand"
      case .key:
        "can't access at least one of the keys mentioned in the command arguments"
      case .channel: "can't publish to the channel mentioned in the command"
      case .privilege(let privilege): "lacks the privilege \(privilege) on the table redis.keys"
      }
    return "The user executing the script \(what)"
  }
}

/// One set of rules: which commands, on which keys, on which channels.
struct ACLSelector: Sendable {
  struct KeyPattern: Sendable {
    let text: String
    let reads: Bool
    let writes: Bool
    let glob: GlobPattern

    var rule: String {
      if reads && writes { return "~" + text }
      return "%" + (reads ? "R" : "") + (writes ? "W" : "") + "~" + text
    }
  }

  /// By the command's number.
  private var allowed = [Bool](repeating: false, count: CommandTable.names.count)
  /// What made it so, from the last rule on that meant all commands.
  private var commandRules = ["-@all"]
  private(set) var keys: [KeyPattern] = []
  private(set) var channels: [(text: String, glob: GlobPattern)] = []

  var allowsEverything: Bool {
    commandRules == ["+@all"] && allowsAllKeys && allowsAllChannels
  }
  var allowsAllKeys: Bool { keys.contains { $0.text == "*" && $0.reads && $0.writes } }
  var allowsAllChannels: Bool { channels.contains { $0.text == "*" } }

  var commandsText: String { commandRules.joined(separator: " ") }
  var keysText: String { keys.map(\.rule).joined(separator: " ") }
  var channelsText: String { channels.map { "&" + $0.text }.joined(separator: " ") }
  /// As in ACL LIST.
  var text: String {
    let channels = self.channels.isEmpty ? "resetchannels" : channelsText
    return [keysText, channels, commandsText].filter { !$0.isEmpty }.joined(separator: " ")
  }

  // MARK: Rules

  mutating func apply(_ rule: String) throws(ACLFault) {
    switch rule.lowercased() {
    case "allkeys": allowAllKeys()
    case "resetkeys": keys = []
    case "allchannels": allowAllChannels()
    case "resetchannels": channels = []
    case "allcommands", "+@all": setAll(true)
    case "nocommands", "-@all": setAll(false)
    default:
      switch rule.first {
      case "~": try addKeys(String(rule.dropFirst()), reads: true, writes: true)
      case "%": try addLimitedKeys(rule.dropFirst())
      case "&": try addChannels(String(rule.dropFirst()))
      case "+": try setCommands(rule.dropFirst().lowercased(), true)
      case "-": try setCommands(rule.dropFirst().lowercased(), false)
      default: throw .syntax
      }
    }
  }

  mutating func allowAllKeys() {
    keys = [KeyPattern(text: "*", reads: true, writes: true, glob: GlobPattern(Array("*".utf8)))]
  }

  mutating func allowAllChannels() { channels = [("*", GlobPattern(Array("*".utf8)))] }

  mutating func allowEverything() {
    allowAllKeys()
    allowAllChannels()
    setAll(true)
  }

  private mutating func addLimitedKeys(_ rule: Substring) throws(ACLFault) {
    guard let split = rule.firstIndex(of: "~") else { throw .syntax }
    let letters = rule[..<split].uppercased()
    guard !letters.isEmpty, letters.allSatisfy({ $0 == "R" || $0 == "W" }) else { throw .syntax }
    try addKeys(
      String(rule[rule.index(after: split)...]), reads: letters.contains("R"),
      writes: letters.contains("W"))
  }

  private mutating func addKeys(_ text: String, reads: Bool, writes: Bool) throws(ACLFault) {
    if text.contains(" ") { throw .syntax }
    if allowsAllKeys, text != "*" {
      throw ACLFault(
        reason:
          "Adding a pattern after the * pattern (or the 'allkeys' flag) is not valid and does not have any effect. Try 'resetkeys' to start with an empty list of patterns"
      )
    }
    if text == "*", reads, writes { return allowAllKeys() }
    if keys.contains(where: { $0.text == text && $0.reads == reads && $0.writes == writes }) {
      return
    }
    keys.append(
      KeyPattern(text: text, reads: reads, writes: writes, glob: GlobPattern(Array(text.utf8))))
  }

  private mutating func addChannels(_ text: String) throws(ACLFault) {
    if text.contains(" ") { throw .syntax }
    if allowsAllChannels, text != "*" {
      throw ACLFault(
        reason:
          "Adding a pattern after the * pattern (or the 'allchannels' flag) is not valid and does not have any effect. Try 'resetchannels' to start with an empty list of channels"
      )
    }
    if text == "*" { return allowAllChannels() }
    if channels.contains(where: { $0.text == text }) { return }
    channels.append((text, GlobPattern(Array(text.utf8))))
  }

  private mutating func setAll(_ isAllowed: Bool) {
    allowed = allowed.map { _ in isAllowed }
    commandRules = [isAllowed ? "+@all" : "-@all"]
  }

  /// SCRIPT and FUNCTION are one command each, in the categories of what they are the first word of.
  private static func first(of name: String) -> CommandSpec? {
    guard let word = name.split(separator: "|").first,
      let spec = CommandTable.find(named: String(word)), spec.subcommands.isEmpty
    else { return nil }
    return spec
  }

  private mutating func setCommands(_ word: String, _ isAllowed: Bool) throws(ACLFault) {
    let rule = (isAllowed ? "+" : "-") + word
    if word.hasPrefix("@") {
      let category = String(word.dropFirst())
      guard CommandCategories.all.contains(category) else { throw .unknown }
      for name in CommandCategories.commands(in: category) {
        guard let spec = CommandTable.find(named: name) ?? Self.first(of: name) else { continue }
        allowed[spec.number] = isAllowed
      }
    } else {
      guard let spec = CommandTable.find(named: word) else { throw .unknown }
      allowed[spec.number] = isAllowed
      for part in spec.subcommands { allowed[part.number] = isAllowed }
    }
    commandRules.removeAll { $0.dropFirst() == rule.dropFirst() }
    commandRules.append(rule)
  }

  // MARK: Checks

  /// Nil: it is allowed.
  func denial(
    _ spec: CommandSpec, _ command: CommandArguments, positions: [Int], facts: CommandFacts?
  ) -> ACLDenial? {
    guard allowed[spec.number] else { return .command }
    if !allowsAllKeys {
      for position in positions {
        if !mayUse(command.array(position), at: position, command, facts) {
          return .key(command.array(position))
        }
      }
    }
    if !allowsAllChannels, let denied = deniedChannel(spec, command) { return .channel(denied) }
    return nil
  }

  private func mayUse(
    _ key: [UInt8], at position: Int, _ command: CommandArguments, _ facts: CommandFacts?
  ) -> Bool {
    let flags =
      facts?.keys.first { $0.places(command).contains(position) }?.flags ?? ["access", "update"]
    let reads = flags.contains("access")
    let writes = flags.contains { ["insert", "update", "delete"].contains($0) }
    return keys.contains {
      (!reads || $0.reads) && (!writes || $0.writes) && $0.glob.matches(key)
    }
  }

  private func deniedChannel(_ spec: CommandSpec, _ command: CommandArguments) -> [UInt8]? {
    let places: Range<Int>
    var isPattern = false
    switch spec.name {
    case "publish", "spublish": places = 1..<2
    case "subscribe", "ssubscribe": places = 1..<command.count
    case "psubscribe":
      places = 1..<command.count
      isPattern = true
    default: return nil
    }
    for place in places {
      let name = command.array(place)
      let isAllowed = channels.contains { channel in
        isPattern ? Array(channel.text.utf8) == name : channel.glob.matches(name)
      }
      if !isAllowed { return name }
    }
    return nil
  }
}
