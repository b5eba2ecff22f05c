/// A kind of request.
enum APIKey: Int16, Sendable, CaseIterable {
  case produce = 0
  case fetch = 1
  case listOffsets = 2
  case metadata = 3
  case offsetCommit = 8
  case offsetFetch = 9
  case findCoordinator = 10
  case joinGroup = 11
  case heartbeat = 12
  case leaveGroup = 13
  case syncGroup = 14
  case describeGroups = 15
  case listGroups = 16
  case saslHandshake = 17
  case apiVersions = 18
  case createTopics = 19
  case deleteTopics = 20
  case initProducerID = 22
  case offsetForLeaderEpoch = 23
  case describeConfigs = 32
  case saslAuthenticate = 36
  case deleteGroups = 42
  case offsetDelete = 47
  case describeCluster = 60
  case consumerGroupHeartbeat = 68
  case consumerGroupDescribe = 69

  /// The versions that are served, and the first one whose fields are flexible; nil: none is.
  ///
  /// Produce is there to be refused: librdkafka takes a server without it for one whose messages have the
  /// old format.
  var versions: (served: ClosedRange<Int16>, firstFlexible: Int16?) {
    switch self {
    case .produce: (3...9, 9)
    case .fetch: (4...16, 12)
    case .listOffsets: (1...8, 6)
    case .metadata: (0...12, 9)
    case .offsetCommit: (2...9, 8)
    case .offsetFetch: (1...9, 6)
    case .findCoordinator: (0...6, 3)
    case .joinGroup: (0...9, 6)
    case .heartbeat: (0...4, 4)
    case .leaveGroup: (0...5, 4)
    case .syncGroup: (0...5, 4)
    case .describeGroups: (0...6, 5)
    case .listGroups: (0...5, 3)
    case .saslHandshake: (0...1, nil)
    case .apiVersions: (0...4, 3)
    case .createTopics: (2...7, 5)
    case .deleteTopics: (1...6, 4)
    case .initProducerID: (0...4, 2)
    case .offsetForLeaderEpoch: (2...4, 4)
    case .describeConfigs: (1...4, 4)
    case .saslAuthenticate: (0...2, 2)
    case .deleteGroups: (0...2, 2)
    case .offsetDelete: (0...0, nil)
    case .describeCluster: (0...1, 0)
    case .consumerGroupHeartbeat: (0...1, 0)
    case .consumerGroupDescribe: (0...1, 0)
    }
  }

  func isFlexible(_ version: Int16) -> Bool {
    versions.firstFlexible.map { version >= $0 } ?? false
  }
}
