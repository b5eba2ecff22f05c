import Base

/// Streams and their consumer groups.
enum StreamCommands {
  static let all: [CommandSpec] = []
}
