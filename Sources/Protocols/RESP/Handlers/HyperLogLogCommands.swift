import Base

/// PFADD, PFCOUNT, PFMERGE.
enum HyperLogLogCommands {
  static let all: [CommandSpec] = []
}
