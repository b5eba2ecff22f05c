import Base

/// Sets.
enum SetCommands {
  static let all: [CommandSpec] = []
}
