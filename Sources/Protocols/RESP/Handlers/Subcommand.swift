import Base

/// A command's second word, where the command is a family: XGROUP CREATE.
struct Subcommand {
  /// In upper case.
  let name: String
  /// With both words; negative: at least so many.
  let arity: Int

  init(_ name: String, _ arity: Int) {
    self.name = name
    self.arity = arity
  }

  /// The name of the one that is meant, in upper case.
  static func find(_ command: CommandArguments, _ all: [Subcommand]) throws(CommandStop) -> String {
    let name = command.text(1).uppercased()
    guard let found = all.first(where: { $0.name == name }) else {
      throw .error(
        "ERR unknown subcommand '\(command.text(1).prefix(128))'. "
          + "Try \(command.text(0).uppercased()) HELP.")
    }
    let isRight =
      found.arity >= 0 ? command.count == found.arity : command.count >= -found.arity
    guard isRight else { throw .wrongArity("\(command.text(0))|\(name)") }
    return name
  }

  static func syntax(_ command: CommandArguments) -> CommandStop {
    .error(
      "ERR unknown subcommand or wrong number of arguments for "
        + "'\(command.text(1).prefix(128))'. Try \(command.text(0).uppercased()) HELP.")
  }

  static func help(_ context: CommandContext, _ command: CommandArguments, _ lines: [String]) {
    let name = command.text(0).uppercased()
    context.reply.array(lines.count + 3)
    context.reply.simple("\(name) <subcommand> [<arg> [value] [opt] ...]. Subcommands are:")
    for line in lines { context.reply.simple(line) }
    context.reply.simple("HELP")
    context.reply.simple("    Prints this help.")
  }
}
