import Base
import Catalog
import Node

/// Which handler answers which request.
extension KafkaSession {
  /// The response's body, in pieces; nil: the connection ends.
  func handle(_ request: Request) async throws(MessageFault) -> [[UInt8]]? {
    if request.key == .fetch {
      // A role that has been dropped since has no more business here.
      guard let role = currentRole else { return nil }
      return try await fetch(request, role)
    }
    return try await handleSmall(request).map { [$0] }
  }

  /// Those whose responses are one piece.
  private func handleSmall(_ request: Request) async throws(MessageFault) -> [UInt8]? {
    switch request.key {
    case .apiVersions:
      try ApiVersions.check(request)
      return ApiVersions.body(version: request.version)
    case .saslHandshake: return try handshake(request)
    case .saslAuthenticate: return try await authenticate(request)
    case .produce: return try RefusedWrites.produce(request)
    case .initProducerID: return RefusedWrites.initProducerID(request)
    case .createTopics: return try RefusedWrites.createTopics(request)
    case .deleteTopics: return try RefusedWrites.deleteTopics(request)
    default: break
    }
    guard let role = currentRole else { return nil }
    switch request.key {
    case .metadata: return try await metadata(request, role)
    case .describeCluster: return try await describeCluster(request)
    case .listOffsets: return try await listOffsets(request, role)
    case .offsetForLeaderEpoch: return try await offsetForLeaderEpoch(request, role)
    case .describeConfigs: return try describeConfigs(request, role)
    case .findCoordinator: return try await findCoordinator(request)
    default: return try await group(request, role)
    }
  }
}
