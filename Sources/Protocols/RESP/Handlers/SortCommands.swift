import Base

/// SORT and SORT_RO.
enum SortCommands {
  static let all: [CommandSpec] = []
}
