import Base

/// Sorted sets.
enum SortedSetCommands {
  static let all: [CommandSpec] = []
}
