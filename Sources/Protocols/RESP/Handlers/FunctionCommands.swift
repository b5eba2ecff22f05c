import Base

/// FUNCTION and FCALL.
enum FunctionCommands {
  static let all: [CommandSpec] = []
}
