import Base

/// Arguments that are secrets, and so are shown neither by MONITOR nor by SLOWLOG.
enum Redaction {
  private static let shown = Array("(redacted)".utf8)

  static func shown(_ command: CommandArguments, _ spec: CommandSpec) -> [[UInt8]] {
    var arguments = (0..<command.count).map { command.array($0) }
    for index in secrets(command, spec) where index < arguments.count { arguments[index] = shown }
    return arguments
  }

  private static func secrets(_ command: CommandArguments, _ spec: CommandSpec) -> [Int] {
    switch spec.name {
    case "auth": Array(1..<max(1, command.count))
    case "acl|setuser", "acl|deluser", "acl|getuser": Array(2..<max(2, command.count))
    case "hello":
      (1..<command.count).first { command.matches($0, "AUTH") }.map { [$0 + 1, $0 + 2] } ?? []
    case "config|set":
      stride(from: 2, to: command.count - 1, by: 2).filter {
        ConfigParameter.named(command.text($0))?.access == .secret
      }.map { $0 + 1 }
    case "migrate":
      (6..<max(6, command.count)).flatMap { index -> [Int] in
        if command.matches(index, "AUTH") { return [index + 1] }
        return command.matches(index, "AUTH2") ? [index + 1, index + 2] : []
      }
    default: []
    }
  }
}
