import Base

/// What commands of two words have in common: XGROUP CREATE.
enum Subcommand {
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
