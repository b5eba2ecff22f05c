import Base

/// Hashes.
enum HashCommands {
  static let all: [CommandSpec] = []
}
