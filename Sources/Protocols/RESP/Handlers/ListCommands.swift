import Base

/// Lists, and waiting for their elements.
enum ListCommands {
  static let all: [CommandSpec] = []
}
