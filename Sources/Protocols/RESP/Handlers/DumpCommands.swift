import Base

/// DUMP and RESTORE.
enum DumpCommands {
  static let all: [CommandSpec] = []
}
