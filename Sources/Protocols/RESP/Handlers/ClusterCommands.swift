import Base

/// CLUSTER: slots and nodes, for clients of a Redis Cluster.
enum ClusterCommands {
  static let all: [CommandSpec] = []
}
