import Base
import Node

/// The scripts that EVALSHA finds, by their hashes; the same on every shard of the cluster, as far as they
/// can be reached. Scripts run from their text, which goes along with the command to wherever its keys
/// are: only sessions look into the cache. Lives on: its shard.
final class ScriptCache {
  /// Of those that came by EVAL; the oldest go first. SCRIPT LOAD's stay.
  private static let evalsMax = 500

  private var scripts: [String: [UInt8]] = [:]
  private var evals: [String] = []

  private static let loaded = "redis.script.load"
  private static let flushed = "redis.script.flush"
  private static let wanted = "redis.script.get"
  private static let killed = "redis.script.kill"

  private init(_ shard: NodeShard) {
    shard.onMessage(Self.loaded) { [unowned self] code, _ in
      add(code, sha: ScriptHash.of(code), isEval: false)
      return []
    }
    shard.onMessage(Self.flushed) { [unowned self] _, _ in
      removeAll()
      return []
    }
    shard.onMessage(Self.wanted) { [unowned self] sha, _ in
      scripts[String(decoding: sha, as: UTF8.self)] ?? []
    }
    shard.onMessage(Self.killed) { [unowned shard] kind, _ in
      [RunningScripts.kill(on: shard.place.node, isEval: kind.first == 1).rawValue]
    }
  }

  static func of(_ shard: NodeShard) -> ScriptCache {
    shard.local(ScriptCache.self) { ScriptCache(shard) }
  }

  private func add(_ code: [UInt8], sha: String, isEval: Bool) {
    if scripts.updateValue(code, forKey: sha) == nil {
      guard isEval else { return }
      evals.append(sha)
      if evals.count > Self.evalsMax { scripts[evals.removeFirst()] = nil }
    } else if !isEval {
      evals.removeAll { $0 == sha }
    }
  }

  private func removeAll() {
    scripts = [:]
    evals = []
  }

  var count: Int { scripts.count }

  func has(_ sha: String) -> Bool { scripts[sha] != nil }

  /// The script, from whichever shard has it. Nil: none has.
  static func find(_ sha: String, _ shard: NodeShard) async -> [UInt8]? {
    let cache = of(shard)
    if let code = cache.scripts[sha] { return code }
    let reply = Reply<[[UInt8]?]>()
    shard.askEvery(wanted, Array(sha.utf8)) { reply.fulfill($0) }
    for answer in await reply.get() {
      // An empty script is not worth keeping.
      guard let code = answer, !code.isEmpty, ScriptHash.of(code) == sha else { continue }
      cache.add(code, sha: sha, isEval: true)
      return code
    }
    return nil
  }

  /// Keeps what EVAL has run here; others ask for it.
  static func note(_ code: [UInt8], sha: String, _ shard: NodeShard) {
    let cache = of(shard)
    if !cache.has(sha) { cache.add(code, sha: sha, isEval: true) }
  }

  /// Keeps the script on every shard that can be reached.
  static func load(_ code: [UInt8], _ shard: NodeShard) async {
    let reply = Reply<[[UInt8]?]>()
    shard.askEvery(loaded, code) { reply.fulfill($0) }
    _ = await reply.get()
  }

  static func flush(_ shard: NodeShard) async {
    let reply = Reply<[[UInt8]?]>()
    shard.askEvery(flushed, []) { reply.fulfill($0) }
    _ = await reply.get()
  }

  /// Ends a script that runs on this node, or on another.
  static func kill(isEval: Bool, _ shard: NodeShard) async -> KillAnswer {
    let here = RunningScripts.kill(on: shard.place.node, isEval: isEval)
    if here == .killed { return here }
    let reply = Reply<[[UInt8]?]>()
    shard.askEvery(killed, [isEval ? 1 : 0]) { reply.fulfill($0) }
    let answers = await reply.get().compactMap { $0?.first.flatMap(KillAnswer.init(rawValue:)) }
    return answers.max { $0.rawValue < $1.rawValue } ?? here
  }
}
