import Base

/// INFO, CONFIG, MEMORY, SLOWLOG, LATENCY and the like.
enum ServerCommands {
  static let all: [CommandSpec] = []
}
