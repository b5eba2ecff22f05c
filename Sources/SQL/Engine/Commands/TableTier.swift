import Base
import Catalog
import Node
import Syntax
import Types

/// WITH (tier = …) of CREATE TABLE.
extension SQLSession {
  /// A tier's tablets are made when its first node has joined: that may be just now.
  private static let pollsMax = 500
  private static let pollNanoseconds: UInt64 = 20_000_000

  /// Returns when the tier that the options name has tablets; at once where they name none.
  func awaitTier(_ options: [DefinitionOption]) async throws(SQLError) {
    guard let option = options.first(where: { $0.name == TableDescriptor.tierOption }) else {
      return
    }
    let tier = try Self.tier(option, shard.catalog)
    if tier == .standard { return }
    for _ in 0..<Self.pollsMax {
      if shard.hasTablets(tier) { return }
      if shard.catalog.nodes(of: tier).isEmpty { break }
      do throws(KernelError) {
        try await current().sleep(nanoseconds: Self.pollNanoseconds)
      } catch {
        throw sqlError(from: error)
      }
    }
    throw SQLError(
      "55000", "tier \"\(Self.text(option.value))\" has no tablets yet",
      detail: "They are made on the first of its nodes.", hint: "Start nodes with --tier.",
      position: option.position)
  }

  /// Nil: the standard one, or none is named.
  static func tier(
    _ options: [DefinitionOption], _ distribution: Distribution, _ catalog: CatalogSnapshot
  ) throws(SQLError) -> TierID? {
    guard let option = options.first(where: { $0.name == TableDescriptor.tierOption }) else {
      return nil
    }
    let tier = try tier(option, catalog)
    if distribution == .globally {
      throw SQLError(
        .invalidTableDefinition, "a table that is distributed globally is in no tier",
        position: option.position)
    }
    return tier == .standard ? nil : tier
  }

  private static func tier(_ option: DefinitionOption, _ catalog: CatalogSnapshot)
    throws(SQLError) -> TierID
  {
    let name = text(option.value)
    guard let tier = catalog.tierID(named: name) else {
      throw SQLError(
        .undefinedObject, "tier \"\(name)\" does not exist",
        hint: "There are: \(catalog.tierNames.joined(separator: ", ")).", position: option.position)
    }
    return tier
  }

  /// ALTER TABLE … SET or RESET (tier).
  static func refuseTier(_ options: [DefinitionOption]) throws(SQLError) {
    guard let option = options.first(where: { $0.name == TableDescriptor.tierOption }) else {
      return
    }
    throw SQLError(
      .featureNotSupported, "moving a table to another tier is not supported",
      position: option.position)
  }
}
