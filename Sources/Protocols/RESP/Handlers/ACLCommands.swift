import Base

/// ACL over the catalog's users.
enum ACLCommands {
  static let all: [CommandSpec] = []
}
