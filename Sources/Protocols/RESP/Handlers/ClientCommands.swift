import Base

/// HELLO, AUTH, CLIENT, RESET.
enum ClientCommands {
  static let all: [CommandSpec] = []
}
