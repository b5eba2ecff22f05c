import ArgumentParser
import Foundation
import Node

/// The options that say how the node takes part in a cluster.
extension Run {
  private static let usualRPCPort = 4_400

  func validateCluster() throws {
    guard (0...65_535).contains(rpcPort ?? 0) else {
      throw ValidationError("--rpc-port \(rpcPort ?? 0): 0 to 65535")
    }
    guard FeatureLevel.known.contains(compatibilityLevel) else {
      throw ValidationError(
        "--compatibility-level \(compatibilityLevel): this program has \(FeatureLevel.known)")
    }
    _ = try clusterSettings()
  }

  func clusterSettings() throws -> ClusterSettings {
    let seeds = try (join ?? "").split(separator: ",").map { text in
      let name = String(text).trimmingCharacters(in: .whitespaces)
      guard let address = NodeAddress(name) else {
        throw ValidationError("--join \(name): host:port is wanted")
      }
      return address
    }
    var cluster = ClusterSettings(
      name: name ?? ProcessInfo.processInfo.hostName,
      listen: NodeAddress(host: rpcListen ?? listen, port: rpcPort ?? Self.usualRPCPort),
      seeds: seeds)
    cluster.picksPortWhenTaken = rpcPort == nil
    cluster.hostName = ProcessInfo.processInfo.hostName
    cluster.featureLevel = compatibilityLevel
    cluster.tier = tier
    if let advertise {
      guard NodeAddress(advertise) != nil else {
        throw ValidationError("--advertise \(advertise): host:port is wanted")
      }
      cluster.advertised = advertise
    }
    for pair in (labels ?? "").split(separator: ",") {
      let parts = pair.split(separator: "=", maxSplits: 1).map(String.init)
      guard parts.count == 2 else {
        throw ValidationError("--labels \(pair): name=value is wanted")
      }
      cluster.labels[parts[0]] = parts[1]
    }
    cluster.notice = { Messages.write($0) }
    return cluster
  }
}
