import Base

/// COMMAND: what commands there are.
enum CommandCommands {
  static let all: [CommandSpec] = []
}
