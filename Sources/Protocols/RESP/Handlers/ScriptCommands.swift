import Base

/// EVAL and SCRIPT.
enum ScriptCommands {
  static let all: [CommandSpec] = []
}
