import Base

/// EXPIRE, TTL, PERSIST and the like.
enum ExpiryCommands {
  static let all: [CommandSpec] = []
}
