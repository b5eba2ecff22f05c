import Base

/// KEYS, SCAN and RANDOMKEY.
enum ScanCommands {
  static let all: [CommandSpec] = []
}
