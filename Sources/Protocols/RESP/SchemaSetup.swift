import Base
import Catalog
public import Node

/// Makes the schema `redis` in a catalog that lacks it: a new cluster's, or one from before it existed.
public enum RESPSchema {
  /// Whichever node comes first does it. Any shard may ask.
  public static func ensure(on shard: NodeShard) async throws(KernelError) {
    if isThere(shard.catalog) { return }
    let transaction = shard.begin(isolation: .readCommitted)
    do throws(KernelError) {
      try await transaction.changeCatalog { catalog in
        if isThere(catalog) { return }
        for object in RedisSchema.objects() { catalog.put(object) }
      }
      try await transaction.commit()
    } catch {
      await transaction.rollback()
      throw error
    }
  }

  private static func isThere(_ catalog: CatalogSnapshot) -> Bool {
    catalog.schema(named: "redis") != nil
  }
}
