import Base

/// SUBSCRIBE, PUBLISH and the like.
enum PubSubCommands {
  static let all: [CommandSpec] = []
}
