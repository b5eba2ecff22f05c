import Base
import Node

/// The order that committed transactions must have had: a circle means that there is none.
///
/// Versions say who wrote before whom; what SERIALIZABLE transactions and readers of one snapshot
/// read says whom they came after and before; and whoever was answered before another began comes
/// first. Reads of writers below SERIALIZABLE may be old, so that they say nothing.
struct SerializationGraph {
  /// Attempts first, then a node for each reply, in the order of replies.
  private var next: [[Int]] = []
  private let attempts: [Attempt]

  init(_ all: [Attempt]) {
    attempts = all.filter { $0.outcome == .committed }
    next = Array(repeating: [], count: attempts.count)
  }

  /// Nil: an order exists.
  mutating func fault() -> String? {
    var writers: [Cell: [Int: Int]] = [:]
    for (node, attempt) in attempts.enumerated() {
      for (cell, version) in attempt.writes {
        if let other = writers[cell]?[version] {
          return "\(name(other)) and \(name(node)) both wrote version \(version) of \(cell)"
        }
        writers[cell, default: [:]][version] = node
      }
    }
    for (node, attempt) in attempts.enumerated() {
      for (cell, version) in attempt.writes {
        if let before = writers[cell]?[version - 1] { next[before].append(node) }
      }
      guard attempt.isolation == .serializable || attempt.isSnapshotReader else { continue }
      for (cell, version) in attempt.reads {
        if let writer = writers[cell]?[version], writer != node { next[writer].append(node) }
        if let writer = writers[cell]?[version + 1], writer != node { next[node].append(writer) }
      }
    }
    addTime()
    return circle().map { "no order for \($0.map { name($0) }.joined(separator: " → "))" }
  }

  private func name(_ node: Int) -> String {
    node < attempts.count ? "\(attempts[node].kind) \(attempts[node].id)" : "time"
  }

  /// A chain of moments: each reply leads to its moment, each moment to those that begin after it.
  private mutating func addTime() {
    let replies = attempts.enumerated().compactMap { node, attempt in
      attempt.ended.map { (order: $0, node: node) }
    }.sorted { $0.order < $1.order }
    let first = next.count
    for (position, reply) in replies.enumerated() {
      next.append([])
      if position > 0 { next[first + position - 1].append(first + position) }
      next[reply.node].append(first + position)
    }
    for (node, attempt) in attempts.enumerated() {
      var low = 0
      var high = replies.count
      while low < high {
        let middle = (low + high) / 2
        if replies[middle].order < attempt.began { low = middle + 1 } else { high = middle }
      }
      if low > 0 { next[first + low - 1].append(node) }
    }
  }

  /// Depth first, without recursion.
  private func circle() -> [Int]? {
    var state = [UInt8](repeating: 0, count: next.count)
    for start in next.indices where state[start] == 0 {
      var path: [(node: Int, edge: Int)] = [(start, 0)]
      state[start] = 1
      while let top = path.last {
        guard top.edge < next[top.node].count else {
          state[top.node] = 2
          path.removeLast()
          continue
        }
        path[path.count - 1].edge += 1
        let target = next[top.node][top.edge]
        if state[target] == 1 {
          let nodes = path.map(\.node)
          return Array(nodes[(nodes.firstIndex(of: target) ?? 0)...]) + [target]
        }
        if state[target] == 0 {
          state[target] = 1
          path.append((target, 0))
        }
      }
    }
    return nil
  }
}
