import Base
import Catalog
import Node
import Syntax
import Types

/// A statement that was parsed and planned before.
struct KnownStatement {
  let statement: Statement
  /// Types of its parameters as they were asked for; of lifted literals, int4.
  let requestedTypes: [ObjectID]
  /// Nil for what is not planned.
  let plan: PlannedStatement?
}

/// Plans by the statements' texts, shared by the sessions of a shard that plan alike: the same
/// catalog, settings and user. A change of any of these leads to another cache, so that what is found
/// here always holds. Bounded; what is not asked for goes first. Lives on: its shard.
final class PlanCache {
  /// A text of the extended protocol, whole.
  struct Key: Hashable {
    var text: [UInt8]
    var types: [ObjectID]
  }
  /// One of the statements that differ in numbers only.
  private struct Variant {
    let shape: StatementShape
    let source: [UInt8]
    let lifted: [LiftedLiteral]
    let known: KnownStatement
  }

  private var exact = GenerationalCache<Key, KnownStatement>(capacity: 256)
  private var shapes = GenerationalCache<[UInt8], [Variant]>(capacity: 256)

  /// Longer texts are hardly ever the same.
  static let textBytesMax = 4_096
  private static let variantsMax = 8

  // MARK: The extended protocol

  func find(_ key: Key) -> KnownStatement? {
    key.text.count <= Self.textBytesMax ? exact.find(key) : nil
  }

  func keep(_ known: KnownStatement, _ key: Key) {
    if key.text.count <= Self.textBytesMax { exact.keep(known, key) }
  }

  // MARK: The simple protocol

  /// The statement of this text, perhaps known with other numbers in the places of its lifted
  /// literals, and the values that these have here.
  func find(_ source: [UInt8], _ shape: StatementShape) -> (KnownStatement, [Value])? {
    guard let variants = shapes.find(shape.text) else { return nil }
    search: for variant in variants {
      var values: [Value] = []
      values.reserveCapacity(variant.lifted.count)
      for (place, run) in shape.runs.enumerated() {
        if values.count < variant.lifted.count, variant.lifted[values.count].run == place {
          guard let number = StatementShape.int4(source[run]) else { continue search }
          values.append(.int(variant.lifted[values.count].isNegative ? -number : number))
        } else if source[run] != variant.source[variant.shape.runs[place]] {
          continue search
        }
      }
      return (variant.known, values)
    }
    return nil
  }

  func keep(
    _ known: KnownStatement, _ source: [UInt8], _ shape: StatementShape, _ lifted: [LiftedLiteral]
  ) {
    var variants = shapes.find(shape.text) ?? []
    if variants.count == Self.variantsMax { variants.removeFirst() }
    variants.append(Variant(shape: shape, source: source, lifted: lifted, known: known))
    shapes.keep(variants, shape.text)
  }
}

/// Keeps what was used lately: a generation that is full becomes the old one, and what is in neither
/// is forgotten.
struct GenerationalCache<Key: Hashable, Value> {
  private var young: [Key: Value] = [:]
  private var old: [Key: Value] = [:]
  private let capacity: Int

  init(capacity: Int) { self.capacity = capacity }

  mutating func find(_ key: Key) -> Value? {
    if let found = young[key] { return found }
    guard let found = old.removeValue(forKey: key) else { return nil }
    keep(found, key)
    return found
  }

  mutating func keep(_ value: Value, _ key: Key) {
    if young.count >= capacity {
      old = young
      young = [:]
    }
    young[key] = value
  }
}

/// The caches of a shard, for the newest catalog. Lives on: its shard.
final class ShardPlans {
  /// All that a plan may depend on besides the catalog and the text.
  struct Profile: Hashable {
    var user: String
    var sessionUser: String
    var database: String
    var settings: [String: String]
  }
  private var catalogVersion: UInt64 = 0
  private var caches: [Profile: PlanCache] = [:]
  private static let profilesMax = 64

  /// The cache of a session; it keeps it until its catalog, settings or user change.
  static func cache(_ shard: NodeShard, _ profile: Profile) -> PlanCache {
    let plans: ShardPlans
    if let found = shard.sharedPlans as? ShardPlans {
      plans = found
    } else {
      plans = ShardPlans()
      shard.sharedPlans = plans
    }
    if plans.catalogVersion != shard.catalogVersion || plans.caches.count >= profilesMax {
      plans.caches = [:]
      plans.catalogVersion = shard.catalogVersion
    }
    if let found = plans.caches[profile] { return found }
    let made = PlanCache()
    plans.caches[profile] = made
    return made
  }
}
